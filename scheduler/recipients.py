"""Whom a wave reaches, and what is queued for them: pure rules over values. Names and words come at send time."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from scheduler.campaigns import NOTHING_YET, Campaign, Owner, StudentState
from scheduler.deliveries import Attempt, Delivery, Kind, slot_id, stages_in, wave_delivery_id
from scheduler.letters import SILENT_UP_TO
from scheduler.messages import Accepted, Address, OutboundMessage, Phrase, Purpose, Unknown
from scheduler.planner import CATCH_UP, Wave, owes, plan, progress_of
from scheduler.roster import Binding, Group, Student, private_address
from scheduler.staffing import MonitorWord, monitors
from scheduler.stages import announces

LASTS = 2 * CATCH_UP
"""How long after its moment a reminder is still worth sending: caught up at the latest moment, then queued."""


MOST_A_WEEK = 5
"""How many reminders one person gets in private within a week, over all campaigns, before a deadline's last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """What a wave has to know of a school.

    `members` are the students of the classes it is to reach, by class id; `states`, `bindings` and `burdens` are by
    sid, and what is missing has stated nothing, cannot be reached in private, or was not reminded within a week.
    `words` is what was said of monitors since the roster, by sid. `elsewhere` are other records of the same people, in
    classes that the wave reaches as well, with what is known of them.
    """

    members: Mapping[str, Sequence[Student]]
    states: Mapping[str, StudentState]
    groups: Sequence[Group]
    bindings: Mapping[str, Sequence[Binding]]
    burdens: Mapping[str, int] = field(default_factory=dict)
    words: Mapping[str, MonitorWord] = field(default_factory=dict)
    elsewhere: Sequence[Student] = ()

    def students(self) -> Iterator[Student]:
        """Every record, class by class."""
        for class_id in sorted(self.members):
            yield from self.members[class_id]
        yield from self.elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """What a wave sends, in the order of addresses; no names and no words, those come at send time.

    `spared` is how many students of a class, by its id, it leaves out because they were reminded often enough.
    """

    deliveries: tuple[Delivery, ...]
    spared: Mapping[str, int]


class _Post:
    """Makes the deliveries of one wave."""

    def __init__(self, campaign: Campaign, wave: Wave) -> None:
        self._campaign = campaign
        self._wave = wave
        self._expires_at = campaign.quiet.last_before(wave.at + LASTS)
        self._bodies = {kind: Phrase(key=f"wave.{kind}") for kind in Kind}

    def to(self, to: Address, kind: Kind, classes: Sequence[str], *, sid: str = "") -> Delivery:
        """One delivery; its id is made of the slots and the address."""
        slot = slot_id(self._campaign.id, self._wave.stage, self._wave.id, "+".join(classes))
        return Delivery(
            id=wave_delivery_id([slot], to),
            kind=kind,
            message=OutboundMessage(
                to=to, body=self._bodies[kind], purpose=Purpose.DEADLINE, expires_at=self._expires_at
            ),
            campaign=self._campaign.id,
            stage=self._wave.stage,
            wave=self._wave.id,
            classes=tuple(classes),
            sid=sid,
        )


def mailing(campaign: Campaign, wave: Wave, audience: Audience, *, most_a_week: int = MOST_A_WEEK) -> Mailing:
    """A student stage goes to every group with more than two who owe, and to each person who owes. A monitor stage
    goes to the monitors alone. A college has no address yet and gets nothing.

    Before the deadline's last day a person who has got `most_a_week` reminders already is left out. Who has records in
    several classes is written to with the first of them: a part of a school gives its part of what the whole gives, as
    long as the classes of a group stay together.
    """
    post = _Post(campaign, wave)
    match campaign.stage(wave.stage).owner:
        case Owner.STUDENT:
            own = _owing(campaign, wave, audience)
            enough = Counter[str]()
            if not _to_all(campaign, wave):
                own, enough = _with_room(own, audience, most_a_week)
            to_groups = _to_groups(campaign, post, audience)
            return Mailing(deliveries=(*to_groups, *_to_students(post, own, audience)), spared=enough)
        case Owner.MONITOR:
            return Mailing(deliveries=tuple(_to_monitors(post, audience, wave.at)), spared={})
        case Owner.COLLEGE:
            return Mailing(deliveries=(), spared={})


def _to_groups(campaign: Campaign, post: _Post, audience: Audience) -> Iterator[Delivery]:
    """One message a group, over all its classes that the wave reaches."""
    for group in sorted(audience.groups, key=lambda group: str(group.address)):
        classes = sorted(set(group.classes) & audience.members.keys())
        students = [student for class_id in classes for student in audience.members[class_id]]
        if progress_of(campaign, students, audience.states).owing > SILENT_UP_TO:
            yield post.to(group.address, Kind.GROUP_WAVE, classes)


def _owing(campaign: Campaign, wave: Wave, audience: Audience) -> dict[Address, list[Student]]:
    """Who owes something by where they are written to: several accounts of a student are one person, and so are
    several records of an account.

    Who asked, by any account, to be reminded on the last day only hears nothing before it.
    """
    owing: dict[Address, list[Student]] = {}
    to_all = _to_all(campaign, wave)
    for student in audience.students():
        own = audience.bindings.get(student.sid, ())
        to = private_address(own)
        if to is None or (not to_all and any(binding.last_day_only for binding in own)):
            continue
        if owes(campaign, student, audience.states.get(student.sid, NOTHING_YET)):
            owing.setdefault(to, []).append(student)
    return owing


def _with_room(
    owing: Mapping[Address, list[Student]], audience: Audience, most: int
) -> tuple[dict[Address, list[Student]], Counter[str]]:
    """Those who may be reminded once more within the week, and how many of each class may not."""
    room: dict[Address, list[Student]] = {}
    enough: Counter[str] = Counter()
    for to, own in owing.items():
        if sum(audience.burdens.get(student.sid, 0) for student in own) < most:
            room[to] = own
        else:
            enough.update(student.class_id for student in own if student.class_id in audience.members)
    return room, enough


def _to_students(post: _Post, owing: Mapping[Address, Sequence[Student]], audience: Audience) -> Iterator[Delivery]:
    """One message a person. With several records the delivery's `sid` is of the first of its classes; that one is
    looked at again at send time."""
    for to in sorted(owing, key=str):
        classes = sorted({student.class_id for student in owing[to]})
        if classes[0] not in audience.members:
            continue
        sid = min(one.sid for one in owing[to] if one.class_id == classes[0])
        yield post.to(to, Kind.PRIVATE_WAVE, classes, sid=sid)


def outgoing(
    campaign: Campaign, wave: Wave, deliveries: Sequence[Delivery], heard: Collection[tuple[str, str]]
) -> tuple[Delivery, ...]:
    """What of a wave goes out: news of a moved deadline to those who heard the old one (`heard_of`), a trial to its
    chat."""
    if announces(wave.id):
        deliveries = tuple(to_those_who_heard(deliveries, heard))
    if campaign.pilot is not None and campaign.pilot.chat is not None:
        deliveries = tuple(on_trial(deliveries, campaign.pilot.chat))
    return tuple(deliveries)


def on_trial(deliveries: Iterable[Delivery], chat: Address) -> Iterator[Delivery]:
    """The same deliveries to a chat of staff, each kind once a class: the others would say the same."""
    seen: set[tuple[Kind, tuple[str, ...]]] = set()
    for delivery in deliveries:
        what = delivery.kind, delivery.classes
        if what not in seen:
            seen.add(what)
            message = replace(delivery.message, to=chat)
            yield replace(delivery, id=f"{delivery.id}>{chat}", message=message)


def to_those_who_heard(deliveries: Iterable[Delivery], heard: Collection[tuple[str, str]]) -> Iterator[Delivery]:
    """Of some deliveries those to where a reminder of the same stage arrived, or may have arrived, before."""
    for delivery in deliveries:
        if (str(delivery.message.to), f"{delivery.campaign}:{delivery.stage}") in heard:
            yield delivery


def heard_of(attempts: Iterable[Attempt], groups: Iterable[Group] = ()) -> set[tuple[str, str]]:
    """Where reminders arrived, or may have arrived, each with the stage (`campaign:stage`) it was about; of these
    groups those that moved since are where they are now."""
    moved = {group.name: str(group.address) for group in groups}
    return {
        (moved.get(attempt.address, attempt.address), stage)
        for attempt in attempts
        if isinstance(attempt.outcome, Accepted | Unknown)
        for stage in stages_in(attempt.delivery)
    }


def _to_all(campaign: Campaign, wave: Wave) -> bool:
    """Whether nobody is spared a wave: on the last day, and where a deadline they were told holds no longer."""
    return announces(wave.id) or _on_last_day(campaign, wave)


def _on_last_day(campaign: Campaign, wave: Wave) -> bool:
    """Whether no wave of its stage comes on a later day, seen from the deadline."""
    deadline = campaign.stage(wave.stage).deadline
    planned = plan(campaign, wave.at)
    moments = [one.at for one in (*planned.missed, *planned.due, *planned.coming) if one.stage == wave.stage]
    return deadline.days_left(wave.at) <= min(map(deadline.days_left, moments), default=0)


def _to_monitors(post: _Post, audience: Audience, at: datetime) -> Iterator[Delivery]:
    """One message a class and monitor. It carries no sid: what a monitor owes is the class's paper, not a statement."""
    for class_id in sorted(audience.members):
        own = monitors(audience.members[class_id], audience.words, at)
        addresses = {private_address(audience.bindings.get(one.sid, ())) for one in own}
        for to in sorted((to for to in addresses if to is not None), key=str):
            yield post.to(to, Kind.STAFF_WAVE, [class_id])
