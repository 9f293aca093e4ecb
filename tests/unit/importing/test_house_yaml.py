"""A topic written in the style of the house reads back as itself, whatever its texts are."""

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from knowledge import parsing
from knowledge.importing.house import topic_yaml
from knowledge.strictyaml import read
from knowledge.topics import Answer, Audience, CampaignFact, Citation, Kind, Lookalike, Part, Topic

_AWKWARD = st.sampled_from(
    [
        *("no", "2025", "2025-12-22", "null", "~", "=1+1", "- a", "a: b", "a #b", "'", '"', "{x}", "[x]", "&a", "*a"),
        *("!a", "%", "@", "`", "|", ">", "?", "？", "，", "：", "…", "𠮷", "a, b", "a\n  b", " b\n\na", "\tb", "a\\n"),
        *("\u2028a", "a\x85b", "\ufeffa"),
    ]
)
lines = st.lists(_AWKWARD | st.text(max_size=6), min_size=1, max_size=4).map("".join)
texts = lines.map(lambda text: " ".join(text.split())).filter(bool)
blocks = st.lists(lines, min_size=1, max_size=4).map("\n".join).map(str.strip).filter(bool)
ids = st.from_regex(r"[a-z0-9]{1,8}(-[a-z0-9]{1,4})?", fullmatch=True)
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2099, 12, 31))
answers = st.builds(
    Answer,
    scope=ids,
    kind=st.sampled_from(Kind),
    audience=st.sampled_from(Audience),
    parts=st.tuples(st.builds(Part, text=blocks))
    | st.tuples(st.builds(Part, text=blocks), st.builds(Part, text=blocks, label=texts)),
    sources=st.lists(st.builds(Citation, doc=ids, item=texts), min_size=1, max_size=3).map(tuple),
    as_of=st.sampled_from(["2019", "2025", "undated"]),
    reviewed=days,
    review_by=days,
    ends=st.none() | days,
    with_wider=st.booleans(),
)
topics = st.builds(
    Topic,
    id=ids,
    title=texts,
    question=texts,
    similar=st.lists(texts, max_size=4).map(tuple),
    answers=st.lists(answers, min_size=1, max_size=3).map(tuple),
    not_this=st.lists(st.builds(Lookalike, ask=texts, goes_to=ids), max_size=3).map(tuple),
    see=st.lists(ids, max_size=3).map(tuple),
    guide=st.none() | ids,
    family=st.none() | ids,
    from_campaign=st.none() | st.sampled_from(CampaignFact),
)


@given(topic=topics)
def test_a_topic_written_and_read_is_the_same_topic(topic: Topic) -> None:
    with TemporaryDirectory() as folder:
        Path(folder, "a.yaml").write_text(topic_yaml(topic), "utf-8", newline="")
        root = read(Path(folder), "a.yaml")
        again = parsing.topic(topic.id, root)
    assert root.sheet.faults == []
    assert again == topic


def test_quotes_stand_only_where_they_are_needed() -> None:
    topic = Topic(
        id="a",
        title="查不到",
        question="怎么办？",
        similar=("真的：查不到", "no", "a: b"),
        not_this=(Lookalike(ask="甲,乙", goes_to="b"),),
        answers=(),
    )
    assert topic_yaml(topic) == (
        'title: 查不到\nquestion: 怎么办？\nsimilar:\n  - 真的：查不到\n  - "no"\n  - "a: b"\n'
        'not_this:\n  - {ask: "甲,乙", goes_to: b}\nanswers: []\n'
    )
