"""Who of a class stands where, by name: in three columns for its monitor, with reasons for counsellor and office."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from scheduler.campaigns import DONE, NOTHING_YET, OWING, Campaign, Grade, State, StudentState, is_exempt
from scheduler.messages import Phrase, joined
from scheduler.roster import Student

MOST_NAMES = 60
"""So many names stand in one message; a longer list goes on in the next."""


class Column(StrEnum):
    """Where somebody stands, as far as it is anybody's business."""

    OWING = "owing"
    OFFICE = "office"
    """The office is on it."""
    DONE = "done"
    EXEMPT = "exempt"
    """Need not take part: for counsellor and office alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Somebody in a column; `why` is said to those alone who may hear it."""

    name: str
    why: Phrase | None = None


Page = tuple[tuple[Column, Sequence[Entry]], ...]
"""What stands in one message: columns, or the next part of one."""


def columns(
    campaign: Campaign, members: Iterable[Student], states: Mapping[str, StudentState], *, reasons: bool
) -> dict[Column, list[Entry]]:
    """The members in the order they come. Without `reasons` nobody exempt is in any column, and there is no why."""
    found: dict[Column, list[Entry]] = {column: [] for column in Column}
    for student in members:
        state = states.get(student.sid, NOTHING_YET)
        column = _column(campaign, student, state)
        why = _why(campaign, student, state) if reasons else None
        found[column].append(Entry(name=student.name, why=why))
    if not reasons:
        del found[Column.EXEMPT]
    return found


def pages(found: Mapping[Column, Sequence[Entry]], most: int = MOST_NAMES) -> tuple[Page, ...]:
    """The columns cut into messages of at most `most` names; an empty column is said once."""
    cut: list[list[tuple[Column, Sequence[Entry]]]] = [[]]
    room = most
    for column, entries in found.items():
        rest = entries
        while True:
            part, rest = rest[:room], rest[room:]
            cut[-1].append((column, part))
            room -= len(part)
            if not rest:
                break
            cut.append([])
            room = most
    return tuple(tuple(page) for page in cut)


def page_words(page: Page, counts: Mapping[Column, int]) -> Phrase:
    """A page as phrases: each column with how many are in it altogether."""
    return joined("names.line", list(_lines(page, counts)))


def _lines(page: Page, counts: Mapping[Column, int]) -> Iterator[Phrase]:
    for column, entries in page:
        listed = joined("names.pair", [_entry(entry) for entry in entries] or [Phrase(key="list.nobody")])
        heading = Phrase(key=f"names.column.{column}")
        yield Phrase(key="names.column", values={"column": heading, "count": counts[column], "names": listed})


def _entry(entry: Entry) -> Phrase:
    if entry.why is None:
        return Phrase(key="names.one", values={"name": entry.name})
    return Phrase(key="names.one-why", values={"name": entry.name, "why": entry.why})


def _column(campaign: Campaign, student: Student, state: StudentState) -> Column:
    if is_exempt(campaign, student.status, state):
        return Column.EXEMPT
    if state.counted in OWING:
        return Column.OWING
    return Column.DONE if state.counted in DONE else Column.OFFICE


def _why(campaign: Campaign, student: Student, state: StudentState) -> Phrase | None:
    """What counsellor and office hear beside the name; nothing where there is nothing to say."""
    if is_exempt(campaign, student.status, state):
        if student.status in campaign.exempt:
            return Phrase(key="names.why.status", values={"status": student.status})
        return Phrase(key="names.why.exempt")
    if state.grade is Grade.CLAIMED:
        return Phrase(key="names.why.claimed")
    match state.state:
        case State.WRONG:
            labels = [item.label for item_id in state.items if (item := campaign.item(item_id))]
            items = [Phrase(key="names.one", values={"name": label}) for label in labels]
            return joined("names.pair", items) if items else None
        case State.NOT_FOUND | State.NO_LOGIN | State.PROXY:
            return Phrase(key=f"names.why.{state.state}")
        case _:
            return None
