"""The files of the content fit together, or each misfit is named with file and line."""

from pathlib import Path

import pytest

from knowledge.linting import lint, load_checked
from knowledge.loading import ContentFaults, load
from tests.unit import content_folder
from tests.unit.content_folder import CAMPAIGN, FILES, GUIDE

LOST = FILES["topics/lost.yaml"]


def _faults(folder: Path) -> list[str]:
    return [str(fault) for fault in lint(load(folder))]


def test_the_small_content_is_right(tmp_path: Path) -> None:
    assert _faults(content_folder.write(tmp_path)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("scope: school", "scope: mars", "unknown scope 'mars'"),
        ("{doc: book, item: 问题2}", "{doc: letter, item: 1}", "unknown source 'letter'"),
        ("sources: [{doc: book, item: 问题2}]", "sources: []", "no source is cited"),
        ("kind: rule", "kind: mechanics", None),
        (
            "scope: school\n    kind: dated",
            "scope: school\n    kind: mechanics",
            "mechanics hold for the whole country",
        ),
        ('    ends: "2019-12-22"\n', "", "a dated answer has 'ends'"),
        ("2019年的安排", "当年的安排", "the text does not name its year 2019"),
        ("先核对姓名", "去 http://evil.example.com 看", "the link http://evil.example.com is not on the list"),
        ("先核对姓名", "去 https://www.chsi.com.cn/xlcx 看", None),
        ("先核对姓名", "问 somebody@qq.com ", "the link somebody@qq.com is not on the list"),
        ("先核对姓名", "核" * 351, "of 350"),
        ("label: 去哪问", "label: 去哪里才能问到这件事情的详细说明", "the label has"),
        ("title: 查不到学籍", "title: 学信网上面查不到本人的学籍", "the title has 13 characters of 12"),
        ('review_by: "2027-08-31"', 'review_by: "2026-01-01"', "the next review is not after the last"),
        ('as_of: "2025"', "as_of: lately", "'as_of' is 'lately'"),
        ("answers:", "see: [nothing]\nanswers:", "'see' names no other topic: 'nothing'"),
        ("answers:", "guide: nothing\nanswers:", "unknown guide 'nothing'"),
        ("answers:", "family: nothing\nanswers:", "unknown family 'nothing'"),
        ("answers:", "not_this: [{ask: 别的, goes_to: lost}]\nanswers:", "'goes_to' names no other topic: 'lost'"),
        ("answers:", "not_this: [{ask: 学籍第1次查不到了, goes_to: wrong}]\nanswers:", "of this very topic"),
        ("  - 学籍第3次查不到了\n", "", "24 similar questions of at least 25"),
        ("第3次", "第4次", "the question stands twice"),
        ("学籍第3次查不到了", "信息第3项写错了", "the same question stands in 'lost'"),
    ],
)
def test_a_topic_keeps_its_rules(tmp_path: Path, old: str, new: str, fault: str | None) -> None:
    assert old in LOST
    faults = _faults(content_folder.write(tmp_path, topics__lost=LOST.replace(old, new, 1)))
    assert any(fault in found for found in faults) if fault else faults == []


def test_a_place_without_a_year_says_that_its_document_carries_none(tmp_path: Path) -> None:
    place = LOST.replace("kind: dated", "kind: place").replace('    ends: "2019-12-22"\n', "")
    undated = place.replace('as_of: "2019"', "as_of: undated")
    assert any("carries no date" in found for found in _faults(content_folder.write(tmp_path, topics__lost=undated)))
    cited = undated.replace("doc: notice", "doc: old")
    assert _faults(content_folder.write(tmp_path, topics__lost=cited)) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("to: look", "to: nowhere", "leads to a step that is missing: 'nowhere'"),
        ("to: look", "to: end", "nothing leads to the step 'look'"),
        (
            "choices: [{label: 好了, to: open}]",
            "choices: [{label: 好了, to: help}]",
            "the detour 'help' does not lead back",
        ),
        ("choices: [{label: 看完了, to: end}]", "choices: []", "the step has no choice"),
        ("id: look", "id: look-at-it-all", "is no step id"),
        ("text: 打开学信网。", f"text: {'打' * 301}", "the step has 301 characters of 300"),
        ("text: 打开学信网。", "text: 打开。\n    figure: screen", "the figure 'screen' has no SVG or no PNG"),
        ("label: 看到了", "label: 看到了那个很长很长的蓝色的按钮", "the label has"),
        ("id: look", "id: open", "the step 'open' appears twice"),
        ("doc: book", "doc: letter", "unknown source 'letter'"),
        ("scope: national", "scope: mars", "unknown scope 'mars'"),
    ],
)
def test_a_guide_leads_on_from_every_step(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in GUIDE
    faults = _faults(content_folder.write(tmp_path, guides__check=GUIDE.replace(old, new, 1)))
    assert any(fault in found for found in faults)


def test_a_figure_needs_both_its_drawing_and_its_picture(tmp_path: Path) -> None:
    text = GUIDE.replace("text: 打开学信网。", "text: 打开。\n    figure: screen")
    folder = content_folder.write(tmp_path, guides__check=text)
    (folder / "figures").mkdir()
    (folder / "figures/screen.svg").touch()
    assert len(_faults(folder)) == 1
    (folder / "figures/screen.png").touch()
    assert _faults(folder) == []


@pytest.mark.parametrize(
    ("phrase", "fault"),
    [
        ("greeting: 你好{0}", "a placeholder '{0}'"),
        ("greeting: 你好{}", "a placeholder '{}'"),
        ("greeting: 你好{name!r}", "a placeholder '{name}'"),
        ("greeting: 你好{name:>5}", "a placeholder '{name}'"),
        ("greeting: 你好{a.b}", "a placeholder '{a.b}'"),
        ("greeting: 你好{", "a brace that belongs to no value"),
        ("greeting: 看 www.example.com", "the link www.example.com"),
    ],
)
def test_a_phrase_names_its_values_plainly(tmp_path: Path, phrase: str, fault: str) -> None:
    faults = _faults(content_folder.write(tmp_path, phrases=FILES["phrases.yaml"] + phrase + "\n"))
    assert any(fault in found for found in faults)


def test_the_phrases_of_an_answer_have_just_its_values(tmp_path: Path) -> None:
    spoiled = FILES["phrases.yaml"].replace("{sources}", "{source}").replace("answer.item-join: 、\n", "")
    assert _faults(content_folder.write(tmp_path, phrases=spoiled)) == [
        "phrases.yaml:1: 'answer.source' is given sources",
        "phrases.yaml:1: missing key 'answer.item-join'",
    ]


def test_families_asked_lines_chatter_and_templates_are_held_to_the_rest(tmp_path: Path) -> None:
    folder = content_folder.write(
        tmp_path,
        families=FILES["families.yaml"].replace("topic: wrong", "topic: gone"),
        asked__nobody="- 没有的话题\n",
        chatter="- 哈哈哈\n- 学信往上查不到学籍咋办\n",
        sources=FILES["sources.yaml"].replace("dated: 2019年", "dated: 前年"),
        campaigns__drive=CAMPAIGN.replace("[7d, 3h]", "[3h, 7d]").replace("scope: school", "scope: mars"),
    )
    assert _faults(folder) == [
        "asked/nobody.yaml:1: there is no topic 'nobody'",
        "campaigns/drive.yaml:2: unknown scope 'mars'",
        "campaigns/drive.yaml:5: the waves are not in order, the longest before the deadline first",
        "chatter.yaml:2: is a line of topic 'lost': 学信往上查不到学籍咋办",
        "families.yaml:5: unknown topic 'gone'",
        "sources.yaml:2: 'dated' does not name the year 2019",
    ]


def test_what_only_the_office_may_know_of_takes_no_value_in_the_chat(tmp_path: Path) -> None:
    faults = []
    for value in ("text", "none"):
        secret = f"checklist:\n  - {{id: face, label: 照片, value: {value}, office_only: true}}\n"
        faults.append(
            _faults(content_folder.write(tmp_path, campaigns__drive=CAMPAIGN.replace("checklist:\n", secret)))
        )
    (found,), none = faults
    assert "takes no value in the chat" in found
    assert none == []


def test_content_with_faults_is_refused_whole(tmp_path: Path) -> None:
    folder = content_folder.write(tmp_path, links="- https://www.chsi.com.cn\n", families="{}\n")
    assert load_checked(folder).families == {}
    content_folder.write(tmp_path, asked__nobody="- 没有的话题\n")
    with pytest.raises(ContentFaults):
        load_checked(folder)
