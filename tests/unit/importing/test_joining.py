"""What was asked in vain becomes questions of a topic, or the draft of one."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from knowledge.clustering import Cluster, Near, Question
from knowledge.importing.joining import draft, joined
from knowledge.importing.placing import place
from knowledge.importing.refusals import Refusal
from knowledge.linting import load_checked
from knowledge.loading import Content, load
from knowledge.topics import Lookalike
from tests.unit import content_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return content_folder.write(tmp_path / "content")


@pytest.fixture
def content(folder: Path) -> Content:
    return load(folder)


def asked(folder: Path, topic: str) -> str | None:
    file = folder / "asked" / f"{topic}.yaml"
    return file.read_text("utf-8") if file.is_file() else None


def test_joined_questions_are_the_topics_own_afterwards_and_what_stood_there_stays(
    folder: Path, content: Content
) -> None:
    files = joined(content, ["学籍哪儿去了", "我的学籍\n不见了: #1", "no"], "lost", asked(folder, "lost"))
    assert not isinstance(files, Refusal)
    assert place(files, folder) is None
    assert load_checked(folder).asked["lost"] == ("搜不到我的学籍", "学籍哪儿去了", "我的学籍 不见了: #1", "no")


def test_the_first_questions_of_a_topic_make_its_file(folder: Path, content: Content) -> None:
    files = joined(content, ["出生日期错了一天"], "wrong", asked(folder, "wrong"))
    assert not isinstance(files, Refusal)
    assert place(files, folder) is None
    assert load_checked(folder).asked["wrong"] == ("出生日期错了一天",)


def test_what_the_topic_knows_already_is_not_written_again(content: Content) -> None:
    assert joined(content, ["你好，搜不到我的学籍！", "？？"], "lost", "- 搜不到我的学籍\n") == {}


def test_the_same_question_in_other_dress_is_written_once(content: Content) -> None:
    files = joined(content, ["学籍哪儿去了", "请问学籍哪儿去了？"], "lost", None)
    assert not isinstance(files, Refusal)
    assert [line for line in files["asked/lost.yaml"].splitlines() if line.startswith("-")] == ["- 学籍哪儿去了"]


def test_a_question_of_another_topic_is_refused_by_name(content: Content) -> None:
    refused = joined(content, ["学籍哪儿去了", "信息第3项写错了"], "lost", None)
    assert isinstance(refused, Refusal)
    (line,) = refused.lines
    assert "信息第3项写错了" in line
    assert "wrong" in line


def test_what_must_not_hit_a_topic_is_refused(content: Content) -> None:
    lost = replace(content.topics["lost"], not_this=(Lookalike(ask="学籍上的名字不对", goes_to="wrong"),))
    content = replace(content, topics={**content.topics, "lost": lost})
    refused = joined(content, ["学籍上的名字不对呀", "学籍上的名字不对"], "lost", None)
    assert isinstance(refused, Refusal)
    assert len(refused.lines) == 1


def test_what_the_lint_finds_leaves_everything_as_it_was(folder: Path, content: Content) -> None:
    files = joined(content, ["今晚吃什么"], "lost", asked(folder, "lost"))
    assert not isinstance(files, Refusal)
    refused = place(files, folder)
    assert isinstance(refused, Refusal)
    assert "chatter.yaml:2" in str(refused)
    assert asked(folder, "lost") == "- 搜不到我的学籍\n"


def test_there_is_no_joining_a_topic_that_there_is_not(content: Content) -> None:
    refused = joined(content, ["学籍哪儿去了"], "nothing", None)
    assert isinstance(refused, Refusal)
    assert "nothing" in str(refused)


def test_a_draft_has_what_was_asked_and_is_no_content_yet(folder: Path, content: Content) -> None:
    cluster = Cluster(
        number=7,
        questions=(Question(text="宿舍: 能换吗", times=4), Question(text="换寝室", times=1)),
        nearest=(Near(topic="lost", confidence=0.2), Near(topic="gone", confidence=0.1)),
    )
    text = draft(cluster, content.topics)
    written = yaml.safe_load(text)
    assert (written["draft"], written["question"], written["similar"]) == (True, "宿舍: 能换吗", ["换寝室"])
    assert len(written["warnings"]) == 2
    refused = place({"topics/rooms.yaml": text}, folder)
    assert isinstance(refused, Refusal)
    assert any("没有“draft”这一项" in line for line in refused.lines)
