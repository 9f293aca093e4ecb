"""Drafts go to a folder of their own and cannot be served until a person has completed them."""

import shutil
from pathlib import Path

import pytest

from knowledge.faults import ContentFaults
from knowledge.importing.documents import SUMMARY, Drafts, drafts, write
from knowledge.loading import CONTENT, load
from tests.unit.importing.offices import content_folder

TEXT = '标题\n一、到哪里交表？\n到行政楼202室："黄老师" #收\n- 12月22日前。\n二、怎么注册？\n打开网站。\n'


@pytest.fixture
def found(tmp_path: Path) -> Drafts:
    (tmp_path / "faq.txt").write_text(TEXT, "utf-8")
    found = drafts(tmp_path / "faq.txt")
    assert isinstance(found, Drafts)
    return found


def test_each_pair_is_a_file_and_the_summary_names_them_all(found: Drafts, tmp_path: Path) -> None:
    folder = tmp_path / "drafts"
    assert write(found, folder) is None
    assert sorted(path.name for path in folder.iterdir()) == ["draft-001.yaml", "draft-002.yaml", SUMMARY]
    summary = (folder / SUMMARY).read_text("utf-8")
    assert "2 份草稿" in summary
    assert "draft-002.yaml  二  怎么注册？" in summary
    assert summary.endswith("标题\n")


def test_a_draft_among_the_topics_is_refused_for_what_is_missing(found: Drafts, tmp_path: Path) -> None:
    folder = content_folder(tmp_path / "content")
    write(found, tmp_path / "drafts")
    shutil.copy(tmp_path / "drafts/draft-001.yaml", folder / "topics/where.yaml")
    with pytest.raises(ContentFaults) as refused:
        load(folder)
    messages = {fault.message for fault in refused.value.faults}
    assert {fault.file for fault in refused.value.faults} == {"topics/where.yaml"}
    assert {"unknown key 'draft'", "unknown key 'warnings'", "'title' is empty", "'scope' is empty"} <= messages
    assert not any("no YAML" in message for message in messages)


def test_a_completed_draft_is_a_topic_with_the_document_s_own_words(found: Drafts, tmp_path: Path) -> None:
    folder = content_folder(tmp_path / "content")
    write(found, tmp_path / "drafts")
    text = (tmp_path / "drafts/draft-001.yaml").read_text("utf-8")
    kept = [line for line in text.splitlines() if not line.startswith(("draft:", "warnings:", "  - 含", "  - 可能"))]
    filled = "\n".join(kept)
    for empty, value in [
        ('title: ""', "title: 交表"),
        ('scope: ""', "scope: school"),
        ('kind: ""', "kind: rule"),
        ('doc: ""', "doc: guide"),
        ('as_of: ""', "as_of: undated"),
        ('reviewed: ""', "reviewed: 2026-11-22"),
        ('review_by: ""', "review_by: 2027-08-31"),
    ]:
        filled = filled.replace(empty, value)
    (folder / "topics/where.yaml").write_text(filled, "utf-8")
    topic = load(folder).topics["where"]
    assert topic.question == "到哪里交表？"
    assert topic.answers[0].parts[0].text == '到行政楼202室："黄老师" #收\n- 12月22日前。'
    assert topic.answers[0].sources[0].item == "一"


def test_drafts_are_never_written_over(found: Drafts, tmp_path: Path) -> None:
    folder = tmp_path / "drafts"
    write(found, folder)
    (folder / "draft-001.yaml").write_text("改了一半", "utf-8")
    refused = write(found, folder)
    assert refused is not None
    assert "已经有草稿" in str(refused)
    assert (folder / "draft-001.yaml").read_text("utf-8") == "改了一半"


def test_drafts_are_never_written_into_content(found: Drafts, tmp_path: Path) -> None:
    folder = content_folder(tmp_path / "content")
    for inside in (CONTENT / "new-drafts", folder, folder / "topics"):
        refused = write(found, inside)
        assert refused is not None
        assert "正式内容" in str(refused)
    assert not (CONTENT / "new-drafts").exists()
