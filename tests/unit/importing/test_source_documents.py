"""The five documents that the content was first written from, where they are at hand."""

from pathlib import Path

import pytest

from knowledge.importing.documents import Drafts, drafts

SOURCES = Path(__file__).parents[4] / "shared/sources"
pytestmark = pytest.mark.skipif(not SOURCES.is_dir(), reason="the source documents are not at hand")


def of(start: str) -> Drafts:
    found = drafts(next(SOURCES.glob(f"{start}_*.txt")))
    assert isinstance(found, Drafts)
    return found


def items(found: Drafts) -> list[str]:
    return [draft.pair.item for draft in found.drafts]


def test_all_eleven_questions_of_the_open_university_are_found() -> None:
    found = of("000")
    assert items(found) == ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一"]
    assert found.outside == ("学籍常见问题解答汇总",)
    assert "CPS" in found.drafts[6].pair.answer


def test_all_twelve_questions_of_jilin_are_found_once_though_its_contents_list_them_too() -> None:
    found = of("001")
    assert items(found) == [f"问题{n}" for n in range(1, 13)]
    assert all(not draft.pair.answer.startswith("答") for draft in found.drafts)


def test_the_notice_of_dongguan_is_cut_at_its_headings() -> None:
    assert items(of("002"))[:4] == ["一", "二", "三", "四"]


def test_the_questions_of_guilin_are_numbered_as_the_content_cites_them() -> None:
    assert [item for item in items(of("003")) if item.startswith("5")] == ["5(1)", "5(2)", "5(3)", "5(4)"]


def test_the_slides_of_yueyang_are_mended_and_keep_their_dates() -> None:
    found = of("004")
    assert found.mended
    assert found.mended.count > 100
    told = "".join(draft.pair.answer for draft in found.drafts)
    for date in ("5月1日", "11月1日", "4月中旬、10月中旬", "6月5日", "11月25日", "5月20日、11月20日", "八年"):
        assert date in told
    assert "开学后3周内" in told
    assert "新新生生" not in told
