"""What staff hears once a day: how its classes stand, in numbers alone, and what it is asked to see to.

There is no name of a person in it, and nothing of a student: names are opened on demand, by right.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from scheduler.calendar import working_day
from scheduler.campaigns import Campaign, Owner, Progress, Stage, together
from scheduler.evidence import Head
from scheduler.ladder import Rung
from scheduler.letters import Letter, deadline_words
from scheduler.messages import Action, Phrase, Verb, joined
from scheduler.seats import Seat

MOST_LINES = 12
"""More classes than this are not listed one by one: the whole list opens with a button."""

_GIVEN_UP = timedelta(days=14)
"""After its last deadline a campaign that nobody closed is spoken of this long."""

_BY_CLASS = frozenset({Rung.MONITOR, Rung.COUNSELLOR})
"""Who hears of each class by itself; a college and the registrar hear of all together."""


Part = tuple[Campaign, Sequence[Seat]]
"""A campaign with the classes somebody looks after."""


def spoken_of(campaign: Campaign, now: datetime) -> bool:
    """Whether staff hears of a campaign on this day: from the day of its first reminder until well after its end."""
    first = min(stage.deadline.aim - max(stage.waves, default=timedelta()) for stage in campaign.stages)
    last = max(stage.deadline.instant for stage in campaign.stages)
    zone = campaign.stages[0].deadline.zone
    return first.astimezone(zone).date() <= now.astimezone(zone).date() and now < last + _GIVEN_UP


def is_day_for_staff(campaign: Campaign, now: datetime) -> bool:
    """Whether staff is written to on this day: a working day, or the last day of one of the deadlines."""
    days_left = [stage.deadline.days_left(now) for stage in campaign.stages]
    today = now.astimezone(campaign.stages[0].deadline.zone).date()
    return working_day(today).works or 0 in days_left


def digest_letter(
    parts: Sequence[Part],
    now: datetime,
    *,
    head: Head | None = None,
    claims: int = 0,
    corrections: Mapping[Rung, int] = MappingProxyType({}),
    to_chat: bool = False,
) -> Letter | None:
    """The digest of one of the staff, or of a chat of the office; None: nothing is open in any of their classes,
    nobody (`claims`) waits for them to say whose an account is, no reported item (`corrections`, by the rung it waits
    on) waits for them either, and no head is to be told."""
    said = [_part(campaign, seats, now) for campaign, seats in parts if _is_open(seats)]
    if claims:
        said.append(Phrase(key="digest.claims", values={"count": claims}))
    said += [
        Phrase(key=f"digest.corrections.{rung}", values={"count": count})
        for rung, count in corrections.items()
        if count
    ]
    begun = bool(said)
    if not said and head is None:
        return None
    if head is not None:
        said.append(Phrase(key="digest.head", values={"head": str(head)}))
    key = "digest.begin-office" if to_chat else "digest.begin"
    if not begun:
        key = "digest.nothing-open"
    body = Phrase(key=key, values={"parts": joined("digest.line", said)})
    return Letter(body=body, choices=_choices(parts))


def standing_words(progress: Progress) -> dict[str, str | int | Phrase]:
    """The numbers of a class or of several, as phrases call them."""
    return {
        "total": progress.total,
        "done": progress.done,
        "owing": progress.owing,
        "office": progress.with_office,
    }


def _is_open(seats: Sequence[Seat]) -> bool:
    return any(seat.progress.owing or seat.asked for seat in seats)


def _part(campaign: Campaign, seats: Sequence[Seat], now: datetime) -> Phrase:
    return joined("digest.line", [_heading(campaign, now), *_standing(seats), *_asked(seats, now)])


def _heading(campaign: Campaign, now: datetime) -> Phrase:
    """The campaign with the deadline that comes next, or with the last one."""
    coming = [stage for stage in campaign.stages if now < stage.deadline.instant]
    if not coming:
        over = deadline_words(campaign.stages[-1].deadline)
        return Phrase(key="digest.over", values={"title": campaign.title, "deadline": over})
    stage = coming[0]
    key = "digest.last-day" if stage.deadline.days_left(now) <= 0 else "digest.coming"
    values: dict[str, str | int | Phrase] = {
        "title": campaign.title,
        "deadline": deadline_words(stage.deadline),
        "what": Phrase(key=f"digest.what.{stage.owner}"),
    }
    return Phrase(key=key, values=values)


def _standing(seats: Sequence[Seat]) -> Iterator[Phrase]:
    own = [seat for seat in seats if seat.rung in _BY_CLASS]
    others = [seat for seat in seats if seat.rung not in _BY_CLASS]
    owing = [seat for seat in own if seat.progress.owing or seat.progress.with_office]
    listed = owing if len(owing) <= MOST_LINES else owing[: MOST_LINES - 1]
    for seat in listed:
        yield Phrase(key="digest.class", values={"class_name": seat.found.name, **standing_words(seat.progress)})
    unlisted = owing[len(listed) :]
    if unlisted:
        count = together([seat.progress for seat in unlisted]).owing
        yield Phrase(key="digest.more-classes", values={"count": len(unlisted), "owing": count})
    if len(own) > len(owing):
        yield Phrase(key="digest.all-done", values={"count": len(own) - len(owing)})
    if others:
        numbers = standing_words(together([seat.progress for seat in others]))
        yield Phrase(key="digest.classes", values={"count": len(others), **numbers})


def _asked(seats: Sequence[Seat], now: datetime) -> Iterator[Phrase]:
    """What somebody is asked to see to, once for each stage and rung."""
    stages = {stage.id: stage for seat in seats for stage in seat.asked}
    for stage in stages.values():
        for rung in Rung:
            asked = [seat for seat in seats if seat.rung is rung and stage in seat.asked]
            if asked:
                yield Phrase(
                    key=f"digest.ask.{_ask(stage, now)}.{rung}",
                    values={"classes": _classes(asked, stage), "deadline": deadline_words(stage.deadline)},
                )


def _ask(stage: Stage, now: datetime) -> str:
    if stage.owner is Owner.STUDENT:
        return "owing"
    return "papers-late" if now >= stage.deadline.instant else "papers"


def _classes(asked: Sequence[Seat], stage: Stage) -> Phrase:
    if stage.owner is Owner.COLLEGE:  # it hands in for all of them together
        return Phrase(key="digest.count-classes", values={"count": len(asked)})
    counted = stage.owner is Owner.STUDENT
    listed = asked if len(asked) <= MOST_LINES else asked[: MOST_LINES - 1]
    names = [
        Phrase(key="digest.class-owing", values={"class_name": seat.found.name, "owing": seat.progress.owing})
        if counted
        else Phrase(key="digest.class-name", values={"class_name": seat.found.name})
        for seat in listed
    ]
    if len(listed) < len(asked):
        names.append(Phrase(key="digest.other-classes", values={"count": len(asked) - len(listed)}))
    return joined("digest.names", names)


def _choices(parts: Sequence[Part]) -> tuple[tuple[Phrase, Action], ...]:
    """The ways on: for one class straight to its names, for several by way of a list."""
    owing = [(campaign.id, seat.found.id) for campaign, seats in parts for seat in seats if seat.progress.owing]
    if not owing:
        return ((Phrase(key="button.progress"), Action(verb=Verb.PROGRESS)),) if parts else ()
    subject, detail = owing[0] if len(owing) == 1 else ("", "")
    return (
        (Phrase(key="button.progress"), Action(verb=Verb.PROGRESS)),
        (Phrase(key="button.show-names"), Action(verb=Verb.NAMES, subject=subject, detail=detail)),
        (Phrase(key="button.nudge"), Action(verb=Verb.NUDGE, subject=subject, detail=detail)),
    )
