"""Which answers an asker is told, and in which words an old or a recurring fact is put."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge.composing import compose
from knowledge.loading import Content, load
from knowledge.topics import Answer, Audience, Citation, Kind, Part, Topic, answers_in_reach
from tests.unit import content_folder

TODAY = date(2026, 11, 22)


def _answer(scope: str = "national", kind: Kind = Kind.RULE, text: str = "规定", **more: object) -> Answer:
    answer = Answer(
        scope=scope,
        kind=kind,
        audience=Audience.STUDENT,
        parts=(Part(text=text),),
        sources=(Citation(doc="book", item="一"),),
        as_of="2025",
        reviewed=date(2026, 1, 1),
        review_by=date(2027, 1, 1),
    )
    return replace(answer, **more)  # type: ignore[arg-type]


def _topic(*answers: Answer) -> Topic:
    return Topic(id="t", title="t", question="t", similar=(), answers=answers)


@pytest.fixture
def content(tmp_path: Path) -> Content:
    return load(content_folder.write(tmp_path))


def _told(content: Content, topic: Topic, scope: str, audience: Audience = Audience.STUDENT) -> list[str]:
    return [answer.parts[0].text for answer in answers_in_reach(topic, scope, content.tree, audience)]


def test_the_nearest_scope_wins_and_a_siblings_is_never_told(content: Content) -> None:
    topic = _topic(_answer(text="全国"), _answer("school", text="本校"), _answer("other", text="别校"))
    assert _told(content, topic, "school") == ["本校"]
    assert _told(content, topic, "national") == ["全国"]
    assert _told(content, _topic(_answer("other")), "school") == []


def test_an_answer_may_be_followed_by_the_wider_one(content: Content) -> None:
    topic = _topic(_answer(text="全国"), _answer("school", text="本校", with_wider=True))
    assert _told(content, topic, "school") == ["本校", "全国"]


def test_of_mechanics_the_newest_wins_whatever_its_scope(content: Content) -> None:
    topic = _topic(
        _answer(kind=Kind.MECHANICS, text="今天这样"),
        _answer("school", kind=Kind.MECHANICS, text="当年那样", as_of="2016"),
    )
    assert _told(content, topic, "school") == ["今天这样"]


def test_staff_are_told_what_was_written_for_them_else_what_students_are_told(content: Content) -> None:
    topic = _topic(_answer(text="学生"), _answer(text="老师", audience=Audience.TEACHER))
    assert _told(content, topic, "school", Audience.TEACHER) == ["老师"]
    assert _told(content, topic, "school", Audience.REGISTRAR) == ["学生"]
    assert _told(content, _topic(_answer(audience=Audience.TEACHER)), "school") == []


def test_an_ended_answer_is_told_as_history_with_its_complement_and_its_own_source(content: Content) -> None:
    said = compose(content, content.topics["lost"], "school", today=TODAY)
    assert said is not None
    first = "某校当年的安排，已结束：2019年的安排是12月22日前核对。"
    assert said.parts[0].text == first + " 全国：先核对姓名和证件号，再问学校。"
    assert [part.label for part in said.parts] == [None, "去哪问"]
    assert said.source_line == "依据：某校《核对通知》三（2019年）；某省《一本通》问题2（2025年）"
    assert (said.scope, said.kind) == ("school", Kind.DATED)
    assert said.whole == "\n\n".join([said.parts[0].text, "到教务处问。", said.source_line])


def test_on_its_last_day_a_dated_answer_is_no_history(content: Content) -> None:
    said = compose(content, content.topics["lost"], "school", today=date(2019, 12, 22))
    assert said is not None
    assert said.parts[0].text.startswith("2019年的安排")


def test_a_calendar_answer_says_that_it_was_so_before(content: Content) -> None:
    said = compose(content, _topic(_answer(kind=Kind.CALENDAR, text="5月1日前")), "school", today=TODAY)
    assert said is not None
    assert said.parts[0].text == "往年是：5月1日前"


def test_another_schools_document_is_not_cited_beside_the_askers_own(content: Content) -> None:
    sources = (Citation(doc="old", item="九"), Citation(doc="notice", item="三"), Citation(doc="notice", item="四"))
    topic = _topic(_answer(sources=sources, as_of="2019"))
    at_school = compose(content, topic, "school", today=TODAY)
    elsewhere = compose(content, topic, "national", today=TODAY)
    assert at_school is not None
    assert elsewhere is not None
    assert at_school.source_line == "依据：某校《核对通知》三、四（2019年）"
    assert elsewhere.source_line == "依据：别校《讲义》九（原件未注明日期）"


def test_an_older_document_of_ones_own_is_not_cited_for_a_newer_fact(content: Content) -> None:
    sources = (Citation(doc="book", item="一"), Citation(doc="notice", item="三"))
    said = compose(content, _topic(_answer(sources=sources, as_of="2025")), "school", today=TODAY)
    assert said is not None
    assert "2019" not in said.source_line


def test_where_no_answer_is_in_reach_nothing_is_composed(content: Content) -> None:
    assert compose(content, _topic(_answer("other")), "school", today=TODAY) is None
