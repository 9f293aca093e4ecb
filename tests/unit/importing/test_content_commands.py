"""What a clerk types: `xueji content import`, `export`, `sheet` and `diff`."""

import json
from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from bot.cli.content import app
from knowledge.loading import load
from knowledge.search.artefact import artefact_is_fresh, folder_of
from tests.unit.importing.offices import content_folder, yaml_files


def xueji(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


@pytest.fixture
def content(tmp_path: Path) -> Path:
    return content_folder(tmp_path / "content")


def test_a_document_becomes_drafts_and_is_summed_up(tmp_path: Path) -> None:
    (tmp_path / "faq.txt").write_text("前言\n问：怎么注册？\n答：打开网站。", "utf-8")
    done = xueji("import", tmp_path / "faq.txt", "--out", tmp_path / "drafts")
    assert done.exit_code == 0
    assert "faq.txt：1 份草稿" in done.stdout
    assert done.stdout == (tmp_path / "drafts/summary.txt").read_text("utf-8")
    again = xueji("import", tmp_path / "faq.txt", "--out", tmp_path / "drafts")
    assert (again.exit_code, again.stdout) == (1, "")
    assert "已经有草稿" in again.stderr


def test_a_file_that_cannot_be_read_is_one_line_on_the_error_stream(tmp_path: Path) -> None:
    (tmp_path / "faq.docx").write_text("<html>")
    done = xueji("import", tmp_path / "faq.docx", "--out", tmp_path / "drafts")
    assert done.exit_code == 1
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "drafts").exists()


def test_topics_go_out_and_come_back_edited(content: Path, tmp_path: Path) -> None:
    file = tmp_path / "topics.xlsx"
    out = xueji("export", file, "--content", content)
    assert (out.exit_code, out.stdout) == (0, f"{file}：2 个话题，6 段答案，52 句相似问法\n")
    assert xueji("sheet", file, "--content", content).stdout == "没有改动\n"
    book = load_workbook(file)
    book["话题"]["B2"] = "新标题"
    book.save(file)
    before = yaml_files(content)
    rehearsed = xueji("sheet", file, "--content", content, "--dry-run")
    assert rehearsed.stdout == "修改 lost\n只是预演，没有写入\n"
    assert yaml_files(content) == before
    done = xueji("sheet", file, "--content", content)
    assert "已写入 1 个文件" in done.stdout
    assert "title: 新标题" in (content / "topics/lost.yaml").read_text("utf-8")


def test_wrong_cells_are_lines_on_the_error_stream(content: Path, tmp_path: Path) -> None:
    file = tmp_path / "topics.xlsx"
    xueji("export", file, "--content", content)
    book = load_workbook(file)
    book["话题"]["B2"] = "这个标题实在是写得太长太长了"
    book["答案"]["E2"] = "乱写"
    book.save(file)
    before = yaml_files(content)
    done = xueji("sheet", file, "--content", content)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "答案!E2：" in done.stderr
    assert yaml_files(content) == before


def test_the_change_gate_is_a_table_or_an_object(content: Path, tmp_path: Path) -> None:
    old = content_folder(tmp_path / "old")
    file = content / "topics/lost.yaml"
    file.write_text(file.read_text("utf-8").replace("前做完", "前完成"), "utf-8")
    (tmp_path / "asked.jsonl").write_text('{"q": "查不到学籍啊", "topic": "lost"}\n\n', "utf-8")
    table = xueji("diff", old, content, "--questions", tmp_path / "asked.jsonl")
    assert table.exit_code == 1
    assert "answers changed: lost school student dated" in table.stdout
    assert " of 55 questions are answered otherwise" in table.stdout
    assert "lost (sure); text for school" in table.stdout
    found = json.loads(xueji("diff", old, content, "--json").stdout)
    assert len(found["questions"]) == 27
    assert found["questions"][0]["scopes"] == ["school"]


def test_equal_contents_pass_the_gate(content: Path, tmp_path: Path) -> None:
    done = xueji("diff", content_folder(tmp_path / "old"), content)
    assert (done.exit_code, done.stdout) == (0, "0 of 54 questions are answered otherwise\n")


def test_a_bad_line_of_questions_is_named(content: Path, tmp_path: Path) -> None:
    (tmp_path / "asked.jsonl").write_text('{"q": "1"}\n[]\n', "utf-8")
    done = xueji("diff", content, content, "--questions", tmp_path / "asked.jsonl")
    assert done.exit_code == 2
    assert "jsonl:2" in "".join(done.stderr.split())


def test_a_broken_content_is_told_and_not_exported(content: Path, tmp_path: Path) -> None:
    (content / "topics/lost.yaml").write_text("title: 1\n", "utf-8")
    done = xueji("export", tmp_path / "topics.xlsx", "--content", content)
    assert done.exit_code == 1
    assert "topics/lost.yaml:1:" in done.stderr
    assert not (tmp_path / "topics.xlsx").exists()


def test_what_the_search_needs_is_built_into_the_folder_by_one_command(content: Path) -> None:
    with (content / "chatter.yaml").open("a", encoding="utf-8") as chatter:
        chatter.writelines(f"- 今天第{number}节课好困\n" for number in range(30))
    stale = xueji("check", "--content", content)
    assert stale.exit_code == 1
    trained = xueji("train", "--content", content)
    assert trained.exit_code == 0
    assert json.loads(trained.stdout)["topics"] == 2
    assert artefact_is_fresh(load(content), folder_of(content))
    (content / "topics/lost.yaml").write_text("title: 1\n", "utf-8")
    refused = xueji("train", "--content", content)
    assert refused.exit_code == 1
    assert "topics/lost.yaml:1:" in refused.stderr
