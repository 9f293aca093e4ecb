"""A clerk edits topics in a spreadsheet: untouched ones stay as they are, wrong cells are named, all or nothing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from knowledge.importing.placing import place, put
from knowledge.importing.refusals import Refusal
from knowledge.importing.sheet_edits import Edits, edits
from knowledge.importing.sheets import export
from knowledge.loading import load
from knowledge.topics import Topic
from tests.unit.importing.offices import content_folder, yaml_files
from tests.unit.importing.test_house_yaml import topics as any_topics

TOPICS, ANSWERS, SIMILAR, NOT_THIS = "话题", "答案", "相似问法", "易混问法"


class Desk:
    """A content folder, and its spreadsheet on the clerk's desk."""

    def __init__(self, folder: Path) -> None:
        self.folder = content_folder(folder / "content")
        self.file = folder / "topics.xlsx"
        export(load(self.folder), self.file)

    def edit(self, change: Callable[[Workbook], object]) -> None:
        book = load_workbook(self.file)
        change(book)
        book.save(self.file)

    def set(self, sheet: str, cell: str, value: str | None) -> None:
        self.edit(lambda book: book[sheet].__setitem__(cell, value))

    def read(self) -> Edits | Refusal:
        return edits(load(self.folder), self.file)

    def taken(self) -> Edits:
        found = self.read()
        assert isinstance(found, Edits), str(found)
        assert place(found.files, self.folder) is None
        return found

    def faults(self) -> tuple[str, ...]:
        before = yaml_files(self.folder)
        found = self.read()
        assert isinstance(found, Refusal)
        assert yaml_files(self.folder) == before
        return found.lines


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_spreadsheet_without_edits_changes_no_file(desk: Desk) -> None:
    before = yaml_files(desk.folder)
    assert desk.taken() == Edits(added=(), changed=(), files={})
    assert yaml_files(desk.folder) == before


def test_only_the_edited_topic_is_written_anew(desk: Desk) -> None:
    before = yaml_files(desk.folder)
    desk.set(ANSWERS, "H2", "改过的第一行。\n=1+1 也只是字")
    assert desk.taken().changed == ("lost",)
    after = yaml_files(desk.folder)
    assert {name for name in after if after[name] != before[name]} == {"topics/lost.yaml"}
    assert load(desk.folder).topics["lost"].answers[0].parts[0].text == "改过的第一行。\n=1+1 也只是字"


def test_every_kind_of_edit_arrives(desk: Desk) -> None:
    def change(book: Workbook) -> None:
        book[TOPICS]["B2"] = "新标题"
        book[TOPICS]["D2"] = None
        book[TOPICS]["G2"] = "交表"
        book[SIMILAR]["B2"] = "新的一句"
        book[SIMILAR].delete_rows(3)
        book[NOT_THIS].append(["lost", "另一句", "phone"])
        book[ANSWERS]["F2"] = "班主任"
        book[ANSWERS]["I2"] = "guide | 问题9\nguide｜三"
        book[ANSWERS]["N2"] = date(2028, 1, 31)
        book[ANSWERS].append(["lost", "1", 3, *[None] * 3, "第三段", "补一段"])

    desk.edit(change)
    before = load(desk.folder).topics["lost"]
    desk.taken()
    topic = load(desk.folder).topics["lost"]
    assert (topic.title, topic.see, topic.from_campaign) == ("新标题", (), "hand-in")
    assert topic.similar == ("新的一句", *before.similar[2:])
    assert topic.not_this[-1].ask == "另一句"
    answer = topic.answers[0]
    assert (answer.audience, [c.item for c in answer.sources]) == ("teacher", ["问题9", "三"])
    assert str(answer.review_by) == "2028-01-31"
    assert [part.label for part in answer.parts] == [None, "更多", "第三段"]


def test_a_new_row_of_topics_is_a_new_file(desk: Desk) -> None:
    def change(book: Workbook) -> None:
        book[TOPICS].append(["new-one", "新话题", "这是新的吗？"])
        for number in range(25):
            book[SIMILAR].append(["new-one", f"新问法{number}号"])
        row = ["new-one", 1, 1, "national", "规定", None, None, "是新的。", "guide｜一", 2025]
        book[ANSWERS].append([*row, None, None, "2026-11-22", "2027-08-31"])

    desk.edit(change)
    assert desk.taken().added == ("new-one",)
    assert load(desk.folder).topics["new-one"].answers[0].as_of == "2025"


def test_a_removed_row_of_topics_leaves_the_topic_as_it_is(desk: Desk) -> None:
    def change(book: Workbook) -> None:
        for sheet in book.worksheets[1:]:
            for number in range(sheet.max_row, 1, -1):
                if sheet.cell(number, 1).value == "lost":
                    sheet.delete_rows(number)

    desk.edit(change)
    assert desk.taken().files == {}
    assert "lost" in load(desk.folder).topics


def test_a_topic_that_somebody_else_changed_is_not_written_over(desk: Desk) -> None:
    file = desk.folder / "topics/lost.yaml"
    file.write_text(file.read_text("utf-8").replace("更多的话", "别人改的话"), "utf-8")
    assert desk.taken().files == {}
    desk.set(TOPICS, "B2", "我的标题")
    assert desk.faults() == ("话题!H2：导出以后，话题“lost”被别人改过：请重新导出，在新表里改",)


def test_an_edit_taken_twice_changes_nothing_the_second_time(desk: Desk) -> None:
    desk.set(TOPICS, "B2", "新标题")
    assert desk.taken().changed == ("lost",)
    assert desk.taken().files == {}


FAULTS: list[tuple[str, str, str | None, str]] = [
    (ANSWERS, "H2", "长" * 351, "正文 351 字"),
    (ANSWERS, "H2", "看 www.example.com", "links.yaml"),
    (ANSWERS, "H2", "=SUM(1)", "公式"),
    (ANSWERS, "E2", "乱写", "不在可选的值里"),
    (ANSWERS, "D2", "nowhere", "没有范围"),
    (ANSWERS, "N2", "明年", "不是日期"),
    (ANSWERS, "N2", "2020-01-01", "审核日期之后"),
    (ANSWERS, "I2", "问题1", "文件｜第几项"),
    (ANSWERS, "I2", "nothing｜1", "没有依据文件"),
    (ANSWERS, "J2", "去年", "不是年份"),
    (ANSWERS, "B2", "一", "不是序号"),
    (ANSWERS, "C3", "1", "已经有第 1 段"),
    (ANSWERS, "G3", None, "段名"),
    (ANSWERS, "D3", "school", "只写在答案的第一段"),
    (ANSWERS, "A2", "nobody", "没有编号“nobody”"),
    (TOPICS, "B2", "这个标题实在是写得太长太长了", "标题 14 字"),
    (TOPICS, "C2", None, "不能空着"),
    (TOPICS, "D2", "phone、nobody", "另见里的“nobody”"),
    (TOPICS, "A3", "lost", "出现两次"),
    (TOPICS, "A3", "../lost", "不能当编号"),
    (TOPICS, "A3", None, "没有编号"),
    (SIMILAR, "B3", "查不到学籍零零", "写了两遍"),
    (SIMILAR, "B28", "查不到学籍零零", "已经有这一句"),
    (NOT_THIS, "B2", None, "不能空着"),
]


@pytest.mark.parametrize(("sheet", "cell", "value", "said"), FAULTS)
def test_a_wrong_cell_is_named_and_nothing_is_written(
    desk: Desk, sheet: str, cell: str, value: str | None, said: str
) -> None:
    desk.set(sheet, cell, value)
    faults = desk.faults()
    assert any(fault.startswith(f"{sheet}!{cell}：") and said in fault for fault in faults), faults


def test_all_wrong_cells_are_named_at_once(desk: Desk) -> None:
    for sheet, cell, value in [(ANSWERS, "H2", "长" * 351), (NOT_THIS, "C3", "nobody"), (TOPICS, "D3", "nobody")]:
        desk.set(sheet, cell, value)
    assert {fault.split("：")[0] for fault in desk.faults()} == {"答案!H2", "易混问法!B3", "话题!D3"}


def test_a_fault_outside_the_spreadsheet_is_told_by_its_file(desk: Desk) -> None:
    (desk.folder / "chatter.yaml").write_text("- 新的一句\n", "utf-8")
    desk.set(SIMILAR, "B2", "新的一句")
    assert desk.faults()[0].startswith("chatter.yaml:1：")


def test_missing_and_foreign_sheets_and_columns_are_told(desk: Desk) -> None:
    def change(book: Workbook) -> None:
        del book[NOT_THIS]
        book[TOPICS]["B1"] = "题目"

    desk.edit(change)
    assert desk.faults() == (
        "话题!B1：不认识的列“题目”",
        "话题：缺少列“标题（12字内）”",
        "易混问法：缺少工作表“易混问法”",
    )


def test_columns_may_be_moved(desk: Desk) -> None:
    def change(book: Workbook) -> None:
        for row in book[SIMILAR].iter_rows():
            row[0].value, row[1].value = row[1].value, row[0].value

    desk.edit(change)
    assert desk.taken().files == {}


@pytest.mark.parametrize("name", ["topics.xls", "topics.csv"])
def test_a_file_that_is_no_spreadsheet_is_refused(desk: Desk, name: str) -> None:
    desk.file = desk.file.with_name(name)
    desk.file.write_bytes(b"1")
    assert len(desk.faults()) == 1


def test_no_cell_is_a_formula_and_every_one_is_text(desk: Desk) -> None:
    file = desk.folder / "topics/lost.yaml"
    dangerous = ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "2019-12-22"]
    text = file.read_text("utf-8")
    for number, line in enumerate(dangerous):
        text = text.replace(f"  - 查不到学籍零{'零一二三四'[number]}\n", f'  - "{line}"\n')
    file.write_text(text, "utf-8")
    export(load(desk.folder), desk.file)
    cells = [cell for sheet in load_workbook(desk.file).worksheets for row in sheet.iter_rows() for cell in row]
    assert set(dangerous) <= {cell.value for cell in cells}
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert all(cell.quotePrefix for cell in cells if cell.value is not None)
    assert desk.taken().files == {}


def test_a_file_that_cannot_be_written_leaves_the_others_as_they_were(desk: Desk) -> None:
    before = yaml_files(desk.folder)
    in_the_way = desk.folder / "zz.yaml.d"
    in_the_way.mkdir()
    refused = put({desk.folder / "topics/lost.yaml": "1", desk.folder / "topics/new.yaml": "2", in_the_way: "3"})
    assert refused is not None
    assert "已恢复原样" in str(refused)
    assert yaml_files(desk.folder) == before
    assert sorted(path.name for path in (desk.folder / "topics").iterdir()) == ["lost.yaml", "phone.yaml"]


def test_files_that_make_the_content_unfit_are_not_put_in_place(desk: Desk) -> None:
    before = yaml_files(desk.folder)
    refused = place({"topics/lost.yaml": "title: 只有标题\n", "topics/new.yaml": "title: 新\n"}, desk.folder)
    assert refused is not None
    assert any(line.startswith("topics/new.yaml:1：") for line in refused.lines)
    assert yaml_files(desk.folder) == before


def _texts(topic: Topic) -> Iterator[str]:
    yield from (topic.title, topic.question, *topic.similar, *(other.ask for other in topic.not_this))
    for answer in topic.answers:
        yield from (cited.item for cited in answer.sources)
        for part in answer.parts:
            yield from (part.text, part.label or "")


def _fits_a_cell(topic: Topic) -> bool:
    """Whether a spreadsheet can hold the topic's texts: no control characters, lone returns, non-characters."""
    return not any(ILLEGAL_CHARACTERS_RE.search(text) or set(text) & set("\r\ufffe\uffff") for text in _texts(topic))


printable_topics = any_topics.filter(_fits_a_cell)
typed = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=40).map(str.strip)


@settings(max_examples=40, deadline=None)
@given(topics=st.lists(printable_topics, max_size=4, unique_by=lambda topic: topic.id))
def test_topics_with_whatever_text_come_back_unchanged(
    tmp_path_factory: pytest.TempPathFactory, topics: list[Topic]
) -> None:
    folder = tmp_path_factory.mktemp("desk")
    content = replace(load(content_folder(folder / "content")), topics={topic.id: topic for topic in topics})
    export(content, folder / "topics.xlsx")
    assert edits(content, folder / "topics.xlsx") == Edits(added=(), changed=(), files={})


@settings(max_examples=20, deadline=None)
@given(title=typed.map(lambda text: text[:12].strip()), text=st.lists(typed, min_size=1, max_size=5), line=typed)
def test_whatever_is_typed_comes_back_as_typed_from_the_next_spreadsheet(
    tmp_path_factory: pytest.TempPathFactory, title: str, text: list[str], line: str
) -> None:
    desk = Desk(tmp_path_factory.mktemp("desk"))
    cells = {(TOPICS, "B2"): title, (ANSWERS, "H2"): "\n".join(text).strip(), (SIMILAR, "B2"): line}
    book = load_workbook(desk.file)
    for (sheet, cell), value in cells.items():
        book[sheet][cell].value = value
        book[sheet][cell].data_type = "s"
    book.save(desk.file)
    found = desk.read()
    if isinstance(found, Refusal):
        assert all("!" in fault.split("：")[0] or ".yaml:" in fault for fault in found.lines)
        return
    assert place(found.files, desk.folder) is None
    topic = load(desk.folder).topics["lost"]
    assert (topic.title, topic.answers[0].parts[0].text, topic.similar[0]) == tuple(cells.values())
    export(load(desk.folder), desk.file)
    assert desk.taken().files == {}
