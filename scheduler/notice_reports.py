"""How a notice stands, said to staff: phrases, one a line."""

from collections.abc import Iterable, Iterator

from scheduler.announcing import Outlook, Standing
from scheduler.letters import moment_words
from scheduler.messages import Phrase
from scheduler.notices import (
    FAILED,
    RECALL_ASKED,
    Arrival,
    Notice,
    NoticeStatus,
    ReadLevel,
    Recipient,
    Result,
)
from scheduler.roster import Roster

_MOST_NAMED = 12
"""So many classes without a group are named; of more, the first ones."""


def outlook_lines(outlook: Outlook, roster: Roster) -> Iterator[Phrase]:
    """Whom it would reach, and whom not, and which files go along."""
    yield Phrase(key="notice.report.reach", values={"groups": outlook.groups, "persons": outlook.persons})
    classes = [class_id for one in outlook.unreached if one.in_group for class_id in one.classes]
    persons = sum(not one.in_group for one in outlook.unreached)
    if classes:
        names = class_names(classes[:_MOST_NAMED], roster)
        shown = " ".join([*names, "\u2026"] if len(classes) > _MOST_NAMED else names)
        yield Phrase(key="notice.report.no-group", values={"count": len(classes), "names": shown})
    if persons:
        yield Phrase(key="notice.report.no-account", values={"count": persons})
    if files := outlook.notice.files:
        yield Phrase(key="notice.report.files", values={"names": " ".join(file.name for file in files)})


def head_line(notice: Notice) -> Phrase:
    """Which notice it is, and its status."""
    status = Phrase(key=f"notice.status.{notice.status}")
    return Phrase(key="notice.report.head", values={"number": notice.number, "title": notice.title, "status": status})


def standing_lines(standing: Standing) -> Iterator[Phrase]:
    """How far it is, who has read it, and what can still be taken back."""
    notice = standing.notice
    yield head_line(notice)
    if notice.status is NoticeStatus.APPROVED and notice.scheduled_for is not None:
        yield Phrase(key="notice.report.moment", values={"at": moment_words(notice.scheduled_for)})
    if not standing.results:
        return
    counts: dict[str, str | int | Phrase] = {
        "accepted": standing.number(Arrival.ACCEPTED),
        "waiting": standing.number(Arrival.WAITING),
        "failed": standing.number(*FAILED),
    }
    yield Phrase(key="notice.report.counts", values=counts)
    if notice.addresses and notice.addresses != notice.count:
        changed: dict[str, str | int | Phrase] = {"count": notice.count, "addresses": notice.addresses}
        yield Phrase(key="notice.report.changed", values=changed)
    for state in (Arrival.UNKNOWN, Arrival.BY_HAND, Arrival.RECALLED, Arrival.ERASED):
        if standing.number(state):
            yield Phrase(key=f"notice.report.{state}", values={"count": standing.number(state)})
    if notice.level is not ReadLevel.TELL:
        read = sum(reading.is_whole(notice) for reading in standing.readings.values())
        yield Phrase(key=f"notice.read.{notice.level}", values={"read": read, "unread": len(standing.unread)})
    yield from recall_lines(standing)


def recall_lines(standing: Standing) -> Iterator[Phrase]:
    """What can be taken back until when, and what cannot, in numbers."""
    recall = standing.recall
    if recall.first_end is not None:
        yield Phrase(
            key="notice.report.recall-open",
            values={"open": len(recall.open), "until": moment_words(recall.first_end)},
        )
    if recall.closed:
        yield Phrase(key="notice.report.recall-closed", values={"closed": len(recall.closed)})


def more_of(result: Result) -> Phrase | None:
    """What is said of one recipient beyond the numbers: why it did not arrive, and what came of taking it back."""
    if result.recall:
        return Phrase(key="notice.why.recalling" if result.recall == RECALL_ASKED else "notice.why.recall-refused")
    if result.state is Arrival.RECALLED:
        return Phrase(key="notice.why.recalled")
    if result.why or result.to is None:
        return Phrase(key=f"notice.why.{result.why if result.why in _SAID else result.state}")
    return None


_SAID = frozenset({"unreachable", "no-right", "bad-content", "expired", "not-owed"})
"""Reasons of a refusal that have words; what else is kept is for the log."""


def where(one: Recipient | Result, roster: Roster) -> str:
    """Who a recipient is, in names: its classes, a person with their number, or the account."""
    student = roster.students.get(one.sid)
    if student is not None:
        return f"{student.number} {student.name}"
    return " ".join(class_names(one.classes, roster)) or one.target


def class_names(classes: Iterable[str], roster: Roster) -> list[str]:
    """The names of classes; one that is gone keeps its id."""
    return [roster.classes[one].name if one in roster.classes else one for one in classes]
