"""A content folder small enough to be read at once, right in every rule, for tests to spoil."""

from pathlib import Path

TOPIC = """\
title: 查不到学籍
question: 学信网上查不到学籍怎么办
similar:
{similar}
answers:
  - scope: national
    kind: rule
    parts:
      - text: 先核对姓名和证件号，再问学校。
    sources: [{{doc: book, item: 问题2}}]
    as_of: "2025"
    reviewed: "2026-11-22"
    review_by: "2027-08-31"
  - scope: school
    kind: dated
    with_wider: true
    parts:
      - text: 2019年的安排是12月22日前核对。
      - {{label: 去哪问, text: 到教务处问。}}
    sources: [{{doc: notice, item: 三}}]
    as_of: "2019"
    ends: "2019-12-22"
    reviewed: "2026-11-22"
    review_by: "2027-02-28"
"""

GUIDE = """\
title: 核对学籍
scope: national
as_of: "2025"
reviewed: "2026-11-22"
review_by: "2027-08-31"
sources: [{doc: book, item: 问题1}]
steps:
  - id: open
    text: 打开学信网。
    choices:
      - {label: 看到了, to: look}
      - {label: 找不到, to: help}
  - id: look
    text: 逐项看一遍。
    choices: [{label: 看完了, to: end}]
  - id: help
    detour: true
    text: 换个浏览器再试。
    choices: [{label: 好了, to: open}]
end: 核对完了。
"""

CAMPAIGN = """\
title: 新生学籍核对
scope: school
sources: [{doc: notice, item: 三}]
stages:
  - {id: student, owner: student, words: 12月22日完成, day: "12-22", time: "24:00", waves: [7d, 3h]}
quiet: {from: "22:00", to: "08:00"}
expected_status: 在籍（注册学籍）
checklist:
  - {id: name, label: 姓名, value: text}
  - {id: photo, label: 照片, value: none}
exempt: [休学]
remarks: []
"""

FILES = {
    "scopes.yaml": """\
national: {name: 全国, address: 你, office: 学校}
school: {name: 某校, parent: national, address: 你, office: 教务处}
other: {name: 别校, parent: national, address: 您, office: 教学点}
""",
    "sources.yaml": """\
book: {title: 一本通, publisher: 某省, year: "2025", dated: 2025年, scope: national}
notice: {title: 核对通知, publisher: 某校, year: "2019", dated: 2019年, scope: school}
old: {title: 讲义, publisher: 别校, year: undated, dated: 原件未注明日期, scope: other}
""",
    "links.yaml": "- https://www.chsi.com.cn\n- kefu@chsi.com.cn\n",
    "families.yaml": """\
not-found:
  ask: 哪一种？
  options:
    - {label: 查不到, topic: lost}
    - {label: 有错, topic: wrong}
""",
    "phrases.yaml": """\
answer.source: 依据：{sources}
answer.source-join: ；
answer.citation: "{publisher}《{title}》{items}（{dated}）"
answer.item-join: 、
answer.calendar: "往年是：{text}"
answer.history: "{scope}当年的安排，已结束：{text}"
answer.joined: "{text} 全国：{wider}"
""",
    "lexicon.yaml": """\
aliases: {学信网: [xxw, 学信往], 怎么: [咋]}
concepts: {查不到: [查不到, 搜不到]}
calls: [小助手]
greetings: [你好, 请问, 急]
thanks: [谢谢]
people: [老师]
fillers: [我想问一下]
asking: [怎么, 吗, "?"]
anchors: [学籍]
elsewhere: [驾照]
telling: [谢谢]
trouble: [查不到]
undated: [未注明日期]
""",
    "chatter.yaml": "- 哈哈哈\n- 今晚吃什么\n- 驾照怎么考\n",
    "topics/lost.yaml": TOPIC.format(similar="\n".join(f"  - 学籍第{number}次查不到了" for number in range(25))),
    "topics/wrong.yaml": TOPIC.format(similar="\n".join(f"  - 信息第{number}项写错了" for number in range(25)))
    .replace("title: 查不到学籍", "title: 信息有误")
    .replace("question: 学信网上查不到学籍怎么办", "question: 学籍信息写错了怎么改"),
    "guides/check.yaml": GUIDE,
    "campaigns/drive.yaml": CAMPAIGN,
    "asked/lost.yaml": "- 搜不到我的学籍\n",
}


def write(folder: Path, **changed: str) -> Path:
    """The folder with these files; `changed` replaces a file's text, by its path with / as __ and no ending."""
    texts = FILES | {f"{name.replace('__', '/')}.yaml": text for name, text in changed.items()}
    for name, text in texts.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
