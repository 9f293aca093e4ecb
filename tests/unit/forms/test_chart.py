"""The picture of a campaign's progress: what it shows, and that it can be read on a machine without Chinese fonts."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.figures import render
from scheduler.campaigns import Progress
from scheduler.evidence import BEGINNING
from scheduler.forms.chart import Course, chart
from tests.samples import CAMPAIGN, school_class

OPENED = datetime(2019, 12, 14, 1, 0, tzinfo=UTC)
MADE_AT = datetime(2019, 12, 21, 1, 30, tzinfo=UTC)
OPEN = replace(CAMPAIGN, opened_at=OPENED)
SVG = "{http://www.w3.org/2000/svg}"


def stood(done: int, total: int = 40, with_office: int = 0) -> Progress:
    return Progress(total=total, done=done, with_office=with_office, owing=total - done - with_office)


def drawn(
    names: Mapping[str, Progress], done_at: Sequence[datetime] = (), waves: Sequence[datetime] = (), college: str = ""
) -> bytes:
    """The picture of classes by their names."""
    classes = {
        name: replace(school_class(name, name), college=college.format(number) if college else "信息学院")
        for number, name in enumerate(names)
    }
    return chart(OPEN, classes, names, Course(done_at=done_at, waves=waves), made_at=MADE_AT, head=BEGINNING)


def parsed(svg: bytes) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own picture


def texts(svg: bytes) -> list[str]:
    return [element.text or "" for element in parsed(svg).iter(f"{SVG}text")]


def paths(svg: bytes) -> list[ET.Element]:
    return list(parsed(svg).iter(f"{SVG}path"))


def test_it_says_what_it_is_of_how_many_are_done_and_that_it_is_internal() -> None:
    said = texts(drawn({"计科1901班": stood(10), "计科1902班": stood(5, with_office=1)}))
    assert said[0] == "新生学籍核对"
    assert "已登记 15 / 80 人（18%）" in said
    assert said.count("内部") > 3  # wherever it is cut out
    assert f"内部资料，勿拍照、勿外传　登记情况截至2019年12月21日09:30　存证 {BEGINNING}" in said


def test_a_bar_for_each_class_in_the_order_of_names_and_never_of_figures() -> None:
    said = texts(drawn({"乙班": stood(40), "丙班": stood(1), "甲班": stood(20)}))
    classes = [text for text in said if text.endswith("班")]
    assert classes == sorted(["甲班", "乙班", "丙班"])
    assert [said[said.index(name) + 1] for name in classes] == ["1/40", "40/40", "20/40"]


def test_with_very_many_classes_the_bars_are_of_colleges() -> None:
    several = {f"{number}班": stood(1) for number in range(121)}
    said = texts(drawn(several, college="学院{0}"))
    assert "各学院（班级太多，合在一起）" in said
    one = texts(drawn(several, college="同一学院"))
    assert one[one.index("同一学院") + 1] == "121/4840"


def test_the_waves_and_the_deadline_are_marked() -> None:
    waves = [OPENED + timedelta(days=day) for day in (1, 5, 7)]
    marks = paths(drawn({"计科1901班": stood(10)}, waves=waves))
    dashed = [mark for mark in marks if "stroke-dasharray" in mark.attrib]
    places = [float(re.findall(r"M([\d.]+)", mark.attrib["d"])[0]) for mark in dashed]
    assert len(places) == 3
    assert places == sorted(places)
    assert "截止" in texts(drawn({"计科1901班": stood(10)}))


def test_the_axis_begins_with_the_opening_whatever_was_on_record_before() -> None:
    early = drawn({"计科1901班": stood(10)}, done_at=[OPENED - timedelta(days=30), OPENED + timedelta(days=1)])
    plain = drawn({"计科1901班": stood(10)}, done_at=[OPENED + timedelta(days=1)])
    days = [text for text in texts(early) if re.fullmatch(r"\d+月\d+日", text)]
    assert days == [text for text in texts(plain) if re.fullmatch(r"\d+月\d+日", text)]


@settings(max_examples=40)
@given(
    hours=st.lists(st.integers(-300, 1_200), max_size=30),
    total=st.integers(0, 60),
    name=st.text(max_size=30),
)
def test_the_curve_never_falls_and_any_name_can_be_drawn(hours: list[int], total: int, name: str) -> None:
    done_at = [OPENED + timedelta(hours=hour) for hour in hours]
    svg = drawn({name: stood(min(total, 3), total)}, done_at=done_at)
    (curve,) = [path for path in paths(svg) if path.attrib["stroke-width"] == "4"]
    across = [float(x) for x in re.findall(r"H(-?[\d.]+)", curve.attrib["d"])]
    up = [float(y) for y in re.findall(r"V(-?[\d.]+)", curve.attrib["d"])]
    assert across[:-1] == sorted(across[:-1])
    assert up == sorted(up, reverse=True)  # the picture counts from above
    assert len(up) == len(done_at)


def test_of_a_long_name_the_end_is_kept() -> None:
    said = texts(drawn({"计算机科学与技术（中外合作办学）1901班": stood(1)}))
    (name,) = [text for text in said if text.endswith("班")]
    assert name.startswith("计")
    assert name.endswith("…）1901班"[-6:])
    assert "…" in name


def test_it_is_read_without_the_fonts_of_the_machine() -> None:
    one, other = (render(drawn({name: stood(1)})) for name in ("甲班", "乙班"))
    assert one.startswith(b"\x89PNG")
    assert one != other  # boxes in the place of characters would be the same


def test_the_same_course_gives_the_same_picture() -> None:
    first, second = (render(drawn({"计科1901班": stood(7)}, [OPENED + timedelta(days=2)])) for _ in range(2))
    assert first == second
