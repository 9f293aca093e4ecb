"""Questions and answers are found however an office numbers them."""

from pathlib import Path

import pytest

from knowledge.importing.documents import Drafts, drafts
from knowledge.importing.mending import mend
from tests.unit.importing.offices import pdf_file, table_file, word_file

NOTATIONS = {
    "sections": "一、怎么注册？\n打开网站。\n1.点注册。\n二、忘了密码怎么办？\n点找回。",
    "problems": "1.怎么注册？\n2.忘了密码怎么办？\n"
    "问题1.怎么注册？\n答：打开网站。\n1.点注册。\n问题2.忘了密码怎么办？\n答：点找回。",
    "numbers": "1. 怎么注册？\n打开网站。\n（1）点注册。\n2、忘了密码怎么办？\n点找回。",
    "latin": "Q1: 怎么注册\nA1: 打开网站。\n点注册。\nQ2: 忘了密码怎么办\nA2: 点找回。",
    "said": "问：怎么注册\n答：打开网站。\n点注册。\n问：忘了密码怎么办\n答：点找回。",
    "inline": "1.怎么注册？答：打开网站。点注册。\n2.忘了密码怎么办？答：点找回。",
    "bare": "怎么注册？\n打开网站。\n点注册。\n忘了密码怎么办？\n点找回。",
}
"""The same two questions, each as some office writes them."""


def drafts_of(path: Path) -> Drafts:
    found = drafts(path)
    assert isinstance(found, Drafts), str(found)
    return found


def text_file(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def asked(found: Drafts) -> list[str]:
    return [draft.pair.question.rstrip("？") for draft in found.drafts]


@pytest.mark.parametrize("notation", NOTATIONS)
def test_every_notation_gives_the_same_two_questions(tmp_path: Path, notation: str) -> None:
    found = drafts_of(text_file(tmp_path / "a.txt", NOTATIONS[notation]))
    assert asked(found) == ["怎么注册", "忘了密码怎么办"]
    first, second = (draft.pair.answer for draft in found.drafts)
    assert first.startswith("打开网站。")
    assert "点注册。" in first
    assert second == "点找回。"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_text_is_read_in_the_encodings_that_offices_use(tmp_path: Path, encoding: str) -> None:
    assert len(drafts_of(text_file(tmp_path / "a.txt", NOTATIONS["said"] + "䶮", encoding)).drafts) == 2


@pytest.mark.parametrize("notation", ["sections", "problems", "said"])
def test_a_word_file_gives_what_its_text_gives(tmp_path: Path, notation: str) -> None:
    text = NOTATIONS[notation]
    as_text = drafts_of(text_file(tmp_path / "a.txt", text))
    as_word = drafts_of(word_file(tmp_path / "a.docx", *text.splitlines()))
    assert as_word.drafts == as_text.drafts


def test_a_pdf_gives_what_its_text_gives(tmp_path: Path) -> None:
    text = NOTATIONS["sections"]
    as_pdf = drafts_of(pdf_file(tmp_path / "a.pdf", *text.splitlines()))
    assert as_pdf.drafts == drafts_of(text_file(tmp_path / "a.txt", text)).drafts


def test_the_lines_of_a_pdf_are_joined_where_the_paper_ended(tmp_path: Path) -> None:
    found = drafts_of(
        pdf_file(tmp_path / "a.pdf", "1.怎么注册？", "打开学信", "网。", "2.忘了密码", "怎么办？", "点找回。")
    )
    assert [draft.pair.answer for draft in found.drafts] == ["打开学信网。", "点找回。"]
    assert asked(found)[1] == "忘了密码怎么办"


def test_a_heading_of_word_asks_without_a_number(tmp_path: Path) -> None:
    heading: list[str | tuple[str, str]] = [
        ("怎么注册？", "Heading 2"),
        "打开网站。",
        ("忘了密码怎么办？", "Heading 2"),
        "点找回。",
    ]
    assert asked(drafts_of(word_file(tmp_path / "a.docx", *heading))) == ["怎么注册", "忘了密码怎么办"]


def test_a_question_that_word_numbers_needs_no_number_in_its_text(tmp_path: Path) -> None:
    listed: list[str | tuple[str, str]] = [
        ("怎么注册？", "List Number"),
        "打开网站。",
        ("忘了密码怎么办？", "List Number"),
        "点找回。",
    ]
    assert asked(drafts_of(word_file(tmp_path / "a.docx", *listed))) == ["怎么注册", "忘了密码怎么办"]


ROWS = (("序号", "问题", "答案"), ("1", "怎么注册？", "打开网站。"), ("2", "忘了密码怎么办？", "点找回。"))


@pytest.mark.parametrize("rows", [ROWS, tuple(row[1:] for row in ROWS), tuple(row[1:] for row in ROWS[1:])])
def test_a_table_gives_its_rows_with_or_without_headings(tmp_path: Path, rows: tuple[tuple[str, ...], ...]) -> None:
    of_sheet = drafts_of(table_file(tmp_path / "a.xlsx", *rows))
    of_word = drafts_of(word_file(tmp_path / "a.docx", rows=rows))
    assert asked(of_sheet) == asked(of_word) == ["怎么注册", "忘了密码怎么办"]
    assert [draft.pair.answer for draft in of_sheet.drafts] == ["打开网站。", "点找回。"]


def test_a_table_of_signatures_is_no_table_of_questions(tmp_path: Path) -> None:
    rows = (("序号", "签名"), ("1", ""), ("2", ""))
    found = drafts_of(word_file(tmp_path / "a.docx", *NOTATIONS["said"].splitlines(), rows=rows))
    assert len(found.drafts) == 2


def test_a_list_of_contents_gives_no_question_twice(tmp_path: Path) -> None:
    found = drafts_of(text_file(tmp_path / "a.txt", NOTATIONS["problems"]))
    assert [draft.pair.item for draft in found.drafts] == ["问题1", "问题2"]
    assert found.outside == ("1.怎么注册？", "2.忘了密码怎么办？")


def test_an_item_is_numbered_as_in_the_document(tmp_path: Path) -> None:
    text = "5. 常见问题\n(1) 注册不了？\n换电脑。\n(2) 登不上？\n找回密码。\n三、别的\n"
    assert [draft.pair.item for draft in drafts_of(text_file(tmp_path / "a.txt", text)).drafts] == ["5(1)", "5(2)"]


def test_no_line_is_lost(tmp_path: Path) -> None:
    text = "标题\n前言。\n" + NOTATIONS["sections"] + "\n附件\n一张表"
    found = drafts_of(text_file(tmp_path / "a.txt", text))
    kept = "".join([*found.outside, *(f"{draft.pair.question}{draft.pair.answer}" for draft in found.drafts)])
    assert all(line.lstrip("一二、") in kept for line in text.splitlines())


def test_a_notice_without_questions_is_cut_at_its_headings(tmp_path: Path) -> None:
    text = "一、材料\n登录教务平台核对并补充个人信息，共八项。\n二、上交\n请在规定的时间以前交到各学院的办公室。"
    found = drafts_of(text_file(tmp_path / "a.txt", text))
    assert [(draft.pair.item, draft.pair.question) for draft in found.drafts] == [("一", "材料"), ("二", "上交")]
    assert all("问句" in draft.warnings[0] for draft in found.drafts)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("请在12月22日前完成。", "日期"),
        ("2019级新生都要核对。", "某一年"),
        ("拨打010-82199588。", "电话"),
        ("到行政楼202室。", "房间"),
        ("找蓝老师。", "姓"),
        ("看 http://www.example.com 。", "网址"),
        ("由学籍科来核实。", "老师"),
        ("号码是110101199001011234。", "身份证号"),
        ("长" * 351, "351 字"),
    ],
)
def test_what_a_person_must_look_at_is_said(tmp_path: Path, answer: str, said: str) -> None:
    found = drafts_of(text_file(tmp_path / "a.txt", f"问：怎么办？\n答：{answer}"))
    assert any(said in warning for warning in found.drafts[0].warnings)


def test_a_harmless_answer_has_no_warning(tmp_path: Path) -> None:
    assert all(not draft.warnings for draft in drafts_of(text_file(tmp_path / "a.txt", NOTATIONS["said"])).drafts)


DAMAGED = (
    "主要内容:主要内容:一、学生基本信息管理一、学生基本信息管理(重点重点)"
    "市校在新新生生数数据据下下发发前前完成学籍异动学籍异动。"
    "时间要求:时间要求:春季:5 5月月1 1日前日前 秋季:1111月月2525日前日前"
)


def test_doublings_of_damaged_slides_are_collapsed_and_told() -> None:
    mended = mend(DAMAGED)
    assert mended is not None
    assert mended.text == (
        "主要内容:一、学生基本信息管理(重点)市校在新生数据下发前完成学籍异动。时间要求:春季:5月1日前 秋季:11月25日前"
    )
    assert mended.count >= 10
    assert any("11" in sample for sample in mended.samples)


@pytest.mark.parametrize(
    "text", [*NOTATIONS.values(), "好好学习，天天向上。有人说高高兴兴，谢谢谢谢，这些都是正常的话，不是坏了。"]
)
def test_sound_text_is_left_alone(text: str) -> None:
    assert mend(text) is None


def test_pages_that_break_in_mid_sentence_are_joined() -> None:
    mended = mend("1、" + DAMAGED + "新生基本信息核对\n2、更正工作\n3、完成。完成。")
    assert mended is not None
    assert "新生基本信息核对更正工作完成。" in mended.text


def test_every_draft_of_a_damaged_document_says_so(tmp_path: Path) -> None:
    text = f"一、时间是什么？\n{DAMAGED}\n二、注意什么？\n注意事项注意事项。"
    found = drafts_of(text_file(tmp_path / "a.txt", text))
    assert found.mended
    assert all(any("对照原件" in warning for warning in draft.warnings) for draft in found.drafts)
