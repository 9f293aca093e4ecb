"""The progress of a campaign as one picture: a curve over the days with the waves marked, and a bar for each class.

It is drawn as SVG; whoever renders it brings the font. 内部 stands in the picture itself, because chats of staff leak.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from xml.sax.saxutils import escape

from scheduler.calendar import ZONE, local_moment
from scheduler.campaigns import Campaign, Progress, together
from scheduler.evidence import Head
from scheduler.forms.writing import as_of, clean, words_of
from scheduler.roster import SchoolClass

_WIDTH, _EDGE = 1200, 50
_CURVE_TOP, _CURVE_HEIGHT = 170, 330
_BARS_TOP, _BAR_ROW = 610, 28
_COLUMNS, _FEW_ROWS = 3, 12
_MOST_BARS = 120
"""More bars than this cannot be read: the classes of a college are put together."""

_DONE, _OFFICE, _OWING = "#2563a8", "#e0a030", "#d9dde2"
_INK, _PALE, _RED = "#1f2937", "#8a93a0", "#c02020"
_LABEL_WIDTH = 18
"""Room for a bar's name, in half characters."""
_LABEL_END = 6
"""So many characters of its end are kept when there is no room for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a campaign went: when each of those who are done said so, and when the waves went out (UTC)."""

    done_at: Sequence[datetime]
    waves: Sequence[datetime]


def chart(
    campaign: Campaign,
    classes: Mapping[str, SchoolClass],
    progress: Mapping[str, Progress],
    course: Course,
    *,
    made_at: datetime,
    head: Head | None = None,
) -> bytes:
    """The picture as SVG, 1200 wide. `classes` and `progress` by class id; the exempt are in no figure."""
    bars, heading = _grouped(classes, progress)
    rows = max(ceil(len(bars) / _COLUMNS), min(_FEW_ROWS, len(bars)), 1)
    height = _BARS_TOP + rows * _BAR_ROW + 80
    everybody = together(progress.values())
    inner = [
        *_heading(campaign, everybody),
        *_curve(campaign, course, everybody.total, made_at),
        _text(_EDGE, _BARS_TOP - 30, words_of("chart")[heading], size=22),
        *_legend(),
        *(part for place, (label, one) in enumerate(bars) for part in _bar(label, one, *divmod(place, rows))),
        _text(_EDGE, height - 25, as_of(made_at, head), size=16, colour=_PALE),
        _watermark(height),
    ]
    size = f'width="{_WIDTH}" height="{height}"'
    sheet = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif">'
    return "\n".join([sheet, f'<rect {size} fill="#ffffff"/>', *inner, "</svg>\n"]).encode()


def _grouped(
    classes: Mapping[str, SchoolClass], progress: Mapping[str, Progress]
) -> tuple[list[tuple[str, Progress]], str]:
    """The bars with their names, in the order of the names and never of the figures, and the word that heads them."""
    if len(progress) <= _MOST_BARS:
        ordered = sorted(progress, key=lambda one: classes[one].order)
        return [(classes[one].name, progress[one]) for one in ordered], "by_class"
    colleges: dict[str, list[Progress]] = {}
    for class_id, one in progress.items():
        colleges.setdefault(classes[class_id].college, []).append(one)
    return [(name, together(colleges[name])) for name in sorted(colleges)], "by_college"


def _heading(campaign: Campaign, everybody: Progress) -> Iterator[str]:
    words = words_of("chart")
    percent = everybody.done * 100 // everybody.total if everybody.total else 0
    yield _text(_EDGE, 70, campaign.title, size=36)
    said = words["total"].format(done=everybody.done, total=everybody.total, percent=percent)
    yield _text(_EDGE, 112, said, size=24, colour=_DONE)
    right = _WIDTH - _EDGE
    yield f'<rect x="{right - 120}" y="28" width="120" height="54" fill="none" stroke="{_RED}" stroke-width="4"/>'
    yield _text(right - 60, 67, words["internal"], size=34, colour=_RED, anchor="middle")


def _curve(campaign: Campaign, course: Course, total: int, made_at: datetime) -> Iterator[str]:
    """How many had said so by which day, the waves as dashed lines, the students' deadline as a red one."""
    words = words_of("chart")
    deadline = campaign.stages[0].deadline.instant
    moments = [*course.done_at, *course.waves]
    first = campaign.opened_at or min([*moments, made_at])  # what was on record before the opening stands at it
    last = max([*moments, deadline, made_at])
    span = (last - first) / timedelta(seconds=1) or 1.0
    bottom, right = _CURVE_TOP + _CURVE_HEIGHT, _WIDTH - _EDGE

    def x(at: datetime) -> float:
        return round(_EDGE + (right - _EDGE) * ((max(at, first) - first) / timedelta(seconds=1)) / span, 1)

    def y(count: int) -> float:
        return round(bottom - _CURVE_HEIGHT * count / max(total, 1), 1)

    yield _text(_EDGE, _CURVE_TOP - 14, f"{words['curve']}　{words['waves']}", size=18, colour=_PALE)
    yield f'<path d="M{_EDGE} {_CURVE_TOP}H{right}M{_EDGE} {bottom}H{right}" stroke="{_OWING}" stroke-width="2"/>'
    yield _text(_EDGE - 8, _CURVE_TOP + 6, str(total), size=15, colour=_PALE, anchor="end")
    for day in _days(first, last):
        yield _text(x(day), bottom + 24, _day(day), size=15, colour=_PALE, anchor="middle")
    for wave in sorted(set(course.waves)):
        yield _upright(x(wave), colour=_PALE, dashes="6 6")
    yield _upright(x(deadline), colour=_RED, dashes="")
    yield _text(x(deadline) - 6, _CURVE_TOP + 20, words["deadline"], size=16, colour=_RED, anchor="end")
    steps = "".join(f"H{x(at)}V{y(count)}" for count, at in enumerate(sorted(course.done_at), start=1))
    end = x(min(max(made_at, first), last))
    yield f'<path d="M{_EDGE} {bottom}{steps}H{end}" fill="none" stroke="{_DONE}" stroke-width="4"/>'


def _days(first: datetime, last: datetime) -> Iterator[datetime]:
    """At most nine midnights between the two, evenly apart."""
    begins = first.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    step = timedelta(days=max(1, ceil((last - begins) / timedelta(days=9))))
    while begins <= last:
        yield begins
        begins += step


def _day(at: datetime) -> str:
    local = local_moment(at)
    return str(words_of("chart")["day"].format(month=local.month, day=local.day))


def _legend() -> Iterator[str]:
    words = words_of("chart")
    for place, (name, colour) in enumerate((("done", _DONE), ("with_office", _OFFICE), ("owing", _OWING))):
        left = _WIDTH - _EDGE - (3 - place) * 150
        yield f'<rect x="{left}" y="{_BARS_TOP - 46}" width="18" height="18" fill="{colour}"/>'
        yield _text(left + 26, _BARS_TOP - 31, words[name], size=17, colour=_PALE)


def _bar(label: str, one: Progress, column: int, row: int) -> Iterator[str]:
    """Name, bar and figures of a class."""
    room = (_WIDTH - 2 * _EDGE) / _COLUMNS
    left, top = _EDGE + column * room, _BARS_TOP + row * _BAR_ROW
    yield _text(left, top + 17, _shortened(label), size=15)
    begin, full = left + 150, room - 225
    for count, colour in ((one.total, _OWING), (one.done + one.with_office, _OFFICE), (one.done, _DONE)):
        width = round(full * min(count, one.total) / max(one.total, 1), 1)
        yield f'<rect x="{begin:.1f}" y="{top + 3}" width="{width}" height="18" fill="{colour}"/>'
    yield _text(begin + full + 8, top + 17, f"{one.done}/{one.total}", size=15)


def _shortened(label: str) -> str:
    """A name for which there is room; of a longer one the end is kept, because there classes differ."""
    if _halves(label) <= _LABEL_WIDTH:
        return label
    begin, end = label, label[-_LABEL_END:]
    while begin and _halves(f"{begin}…{end}") > _LABEL_WIDTH:
        begin = begin[:-1]
    return f"{begin}…{end}"


def _halves(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def _watermark(height: int) -> str:
    """内部 over the whole picture, so that no part of it can be cut out without."""
    words = words_of("chart")
    marks = "".join(
        _text(x, y, words["internal"], size=90, colour=_RED, anchor="middle")
        for y in range(330, height, 320)
        for x in (250, 600, 950)
    )
    return f'<g opacity="0.06">{marks}</g>'


def _upright(x: float, *, colour: str, dashes: str) -> str:
    bottom = _CURVE_TOP + _CURVE_HEIGHT
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<path d="M{x} {_CURVE_TOP}V{bottom}" stroke="{colour}" stroke-width="2"{dashed}/>'


def _text(x: float, y: float, text: str, *, size: int, colour: str = _INK, anchor: str = "start") -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"'
    return f"<text {place}>{escape(clean(text))}</text>"
