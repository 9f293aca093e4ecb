"""The change gate tells which questions are answered otherwise, for whom, and what was edited."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from knowledge.importing.changes import Change, Differences, Recorded, differences
from knowledge.loading import load
from tests.unit.importing.offices import content_folder

TODAY = date(2026, 11, 22)
LINE = "查不到学籍零七"


def compared(
    folder: Path, edit: Callable[[str], str], *recorded: Recorded, file: str = "topics/lost.yaml"
) -> Differences:
    old, new = content_folder(folder / "old"), content_folder(folder / "new")
    text = (new / file).read_text("utf-8")
    assert edit(text) != text
    (new / file).write_text(edit(text), "utf-8")
    return differences(load(old), load(new), recorded, today=TODAY)


def of(found: Differences, question: str) -> Change | None:
    return next((change for change in found.questions if change.question.text == question), None)


def test_equal_contents_differ_in_nothing(tmp_path: Path) -> None:
    old, new = content_folder(tmp_path / "old"), content_folder(tmp_path / "new")
    found = differences(load(old), load(new), [], today=TODAY)
    assert not found
    assert found.asked == 2 * 27


def test_a_changed_answer_is_told_for_the_scopes_that_read_it(tmp_path: Path) -> None:
    national = compared(tmp_path / "a", lambda text: text.replace("第二行", "第二句"))
    school = compared(tmp_path / "b", lambda text: text.replace("前做完", "前完成"))
    assert {change.scopes for change in national.questions} == {("national", "school")}
    assert {change.scopes for change in school.questions} == {("school",)}
    assert len(national.questions) == 27
    assert national.topics.changed == ("lost",)
    assert national.answers.changed == ("lost national student rule",)
    assert school.answers.changed == ("lost school student dated",)


def test_a_question_that_moves_to_another_topic_is_told_with_both(tmp_path: Path) -> None:
    old, new = content_folder(tmp_path / "old"), content_folder(tmp_path / "new")
    for topic, edit in (("lost", ("  - 查不到学籍零七\n", "")), ("phone", ("similar:\n", f"similar:\n  - {LINE}\n"))):
        file = new / f"topics/{topic}.yaml"
        file.write_text(file.read_text("utf-8").replace(*edit), "utf-8")
    found = differences(load(old), load(new), [Recorded(text=LINE, topic="lost")], today=TODAY)
    change = of(found, LINE)
    assert change is not None
    assert (change.old.topic, change.new.topic, change.worse) == ("lost", "phone", True)
    assert found.topics.changed == ("lost", "phone")


def test_a_recorded_question_of_nobody_s_is_asked_too(tmp_path: Path) -> None:
    asked = Recorded(text="我的手机号怎么换成新的")
    found = compared(tmp_path, lambda text: text.replace("similar:\n", f"similar:\n  - {asked.text}\n"), asked)
    change = of(found, asked.text)
    assert change is not None
    assert change.new.topic == "lost"
    assert not change.worse


def test_a_question_nobody_answers_is_no_change_however_the_texts_change(tmp_path: Path) -> None:
    asked = Recorded(text="今天中午食堂有没有红烧肉", topic="none")
    found = compared(tmp_path, lambda text: text.replace("第二行", "第二句"), asked)
    assert of(found, asked.text) is None


def test_added_and_removed_things_are_named(tmp_path: Path) -> None:
    old, new = content_folder(tmp_path / "old"), content_folder(tmp_path / "new")
    (new / "topics/lost.yaml").rename(new / "topics/gone.yaml")
    phrases = new / "phrases.yaml"
    phrases.write_text(phrases.read_text("utf-8").replace("往年", "以往") + 'hello: "好"\n', "utf-8")
    found = differences(load(old), load(new), [], today=TODAY)
    assert (found.topics.added, found.topics.removed) == (("gone",), ("lost",))
    assert found.answers.removed == ("lost national student rule", "lost school student dated")
    assert (found.phrases.added, found.phrases.changed) == (("hello",), ("answer.calendar",))


def test_the_answer_told_is_that_of_the_day(tmp_path: Path) -> None:
    found = compared(tmp_path, lambda text: text.replace('ends: "2025-12-22"', 'ends: "2027-12-22"'))
    assert {change.scopes for change in found.questions} == {("school",)}
