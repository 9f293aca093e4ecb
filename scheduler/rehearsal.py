"""A whole campaign on paper: which reminder would go out when, to whom, in which words, and which would not, and why.

Pure: the same campaign, school and moment give the same lines. Nothing is stored and nothing is sent; who answers is
assumed. Names of students are in no line.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from scheduler.campaigns import NOTHING_YET, Campaign, CampaignStatus, Owner, State, StudentState
from scheduler.deliveries import Attempt, Delivery, Kind
from scheduler.letters import Letter, group_letter, monitor_letter, private_letter
from scheduler.messages import Address, Phrase
from scheduler.pace_ahead import Budgets, PaceAhead
from scheduler.planner import Moved, Plan, Wave, owes, plan, progress_of
from scheduler.recipients import MOST_A_WEEK, Audience, mailing, outgoing
from scheduler.roster import Binding, Group, SchoolClass, Student, private_address, reached

_WEEK = timedelta(days=7)
_NOTICEABLE = timedelta(seconds=1)


class Why(StrEnum):
    """What there is to say of a line."""

    HOURS = "hours"
    """Moved out of the quiet hours, or into those in which its people read best."""
    DAY_OFF = "day-off"
    """Moved to a working day of staff."""
    NEW_YEAR = "new-year"
    """Moved before the Spring Festival."""
    PACE = "pace"
    """It leaves later than its wave, because the platform takes only so many at a time."""
    TOGETHER = "together"
    """One message for several classes of a group, or several records of a person."""
    LEFT_TO_NEXT = "left-to-next"
    """Not sent: another wave to the same people comes soon after, or there are too many."""
    PAST = "past"
    """Not sent: its moment has passed already."""
    ENOUGH = "enough"
    """Not sent: these were reminded often enough within a week."""
    FEW = "few"
    """Not sent: so few in the group still owe that a message would point at them."""
    UNREACHABLE = "unreachable"
    """Not sent in private: no account is bound, or it cannot be written to."""


_OF_MOVES = {Moved.HOURS: Why.HOURS, Moved.DAY_OFF: Why.DAY_OFF, Moved.NEW_YEAR: Why.NEW_YEAR}


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """Everybody of the campaign's classes, as the stores know them; a missing sid has nothing of its kind.

    `told` counts reminders so far, those of a group by its address, and `burdens` those of the last week over all
    campaigns; `attempts` are what was sent so far. `lost` cannot be written to, `fired` are the waves (`stage:wave`)
    that went out already.
    """

    classes: Mapping[str, SchoolClass]
    members: Mapping[str, Sequence[Student]]
    groups: Sequence[Group]
    bindings: Mapping[str, Sequence[Binding]]
    states: Mapping[str, StudentState] = field(default_factory=dict)
    told: Mapping[str, int] = field(default_factory=dict)
    burdens: Mapping[str, int] = field(default_factory=dict)
    lost: Collection[Address] = ()
    attempts: Sequence[Attempt] = ()
    fired: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message, or one that is not sent. `at` is when it leaves (UTC); `wave` is `stage:wave`.

    `kind` None: a whole wave that does not go out. `to` None: nobody in particular. `students` is how many it is
    meant for, `text` its words, empty where nothing is sent.
    """

    at: datetime
    wave: str
    classes: tuple[str, ...]
    to: Address | None
    kind: Kind | None
    text: str
    why: tuple[Why, ...]
    students: int


Words = Callable[[Phrase], str]
"""A phrase in words."""


def rehearse(
    campaign: Campaign,
    school: School,
    now: datetime,
    *,
    words: Words,
    budgets: Budgets = lambda to: (),
    confirming: float = 0.0,
    most_a_week: int = MOST_A_WEEK,
) -> Iterator[Line]:
    """The campaign from `now` on, in the order of its waves; one that is not open is opened at once, or as scheduled.

    After each wave to students the share `confirming` of those who still owe confirms: always the same ones.
    """
    opened, begin = _opened(campaign, now)
    planned = plan(opened, begin)
    yield from _not_sent(opened, planned, school.fired)
    pace = PaceAhead(budgets)
    run = _Run(opened, school, begin, words=words, pace=pace, confirming=confirming, most_a_week=most_a_week)
    for wave in (*planned.due, *planned.coming):
        if _name(wave) not in school.fired:
            yield from run.wave(replace(wave, at=max(wave.at, begin)))


def _opened(campaign: Campaign, now: datetime) -> tuple[Campaign, datetime]:
    if campaign.status is CampaignStatus.OPEN:
        return campaign, now
    begin = max(now, campaign.opens_at or now)
    return replace(campaign, status=CampaignStatus.OPEN, opened_at=begin), begin


def _not_sent(campaign: Campaign, planned: Plan, fired: Collection[str]) -> Iterator[Line]:
    for why, waves in ((Why.PAST, planned.missed), (Why.LEFT_TO_NEXT, planned.merged)):
        for wave in waves:
            if _name(wave) not in fired:
                yield _line(wave, campaign.classes, why=(*_moved(wave), why))


def _name(wave: Wave) -> str:
    return f"{wave.stage}:{wave.id}"


def _moved(wave: Wave) -> tuple[Why, ...]:
    return (_OF_MOVES[wave.moved],) if wave.moved else ()


def _line(wave: Wave, classes: Sequence[str], *, why: tuple[Why, ...], students: int = 0) -> Line:
    """Of something that is not sent to anybody in particular."""
    return Line(
        at=wave.at,
        wave=_name(wave),
        classes=tuple(classes),
        to=None,
        kind=None,
        text="",
        why=why,
        students=students,
    )


class _Run:
    """What has happened so far in one rehearsal."""

    def __init__(
        self,
        campaign: Campaign,
        school: School,
        begin: datetime,
        *,
        words: Words,
        pace: PaceAhead,
        confirming: float,
        most_a_week: int,
    ) -> None:
        self._campaign = campaign
        self._school = school
        self._begin = begin
        self._words = words
        self._pace = pace
        self._confirming = confirming
        self._most_a_week = most_a_week
        self._bindings = reached(school.bindings, school.lost)
        self._states = dict(school.states)
        self._told = Counter(school.told)
        self._reminded: defaultdict[str, list[datetime]] = defaultdict(list)

    def wave(self, wave: Wave) -> Iterator[Line]:
        """What one wave sends, and what it does not."""
        found = mailing(self._campaign, wave, self._audience(wave), most_a_week=self._most_a_week)
        deliveries = outgoing(self._campaign, wave, found.deliveries, self._school.attempts)
        to_students = self._campaign.stage(wave.stage).owner is Owner.STUDENT
        worded = [(one, letter) for one in deliveries if (letter := self._letter(one, wave.at))]
        going = [(one, letter) for one, letter in worded if one.message.to not in self._school.lost]
        queue = [(one.message.to, bool(letter.choices)) for one, letter in going]
        for number, leaves in self._pace.send(queue, wave.at):
            delivery, letter = going[number]
            yield self._sent(wave, delivery, letter, leaves)
        if to_students:
            yield from self._few(wave, {one.message.to for one in found.deliveries})
            yield from self._unreachable(wave)
        else:
            told = {class_id for one, _ in going for class_id in one.classes}
            for class_id in sorted(self._school.members.keys() - told):
                yield _line(wave, [class_id], why=(Why.UNREACHABLE,), students=1)
        for class_id, number in sorted(found.spared.items()):
            yield _line(wave, [class_id], why=(Why.ENOUGH,), students=number)
        if to_students:
            self._confirm(wave)

    def _audience(self, wave: Wave) -> Audience:
        burdens = Counter(self._school.burdens if wave.at < self._begin + _WEEK else {})
        for sid, moments in self._reminded.items():
            burdens[sid] += sum(at > wave.at - _WEEK for at in moments)
        school = self._school
        return Audience(
            members=school.members,
            states=self._states,
            groups=school.groups,
            bindings=self._bindings,
            burdens=burdens,
        )

    def _letter(self, delivery: Delivery, now: datetime) -> Letter | None:
        campaign, stage, wave = self._campaign, delivery.stage, delivery.wave
        if delivery.kind is Kind.PRIVATE_WAVE:
            state = self._states.get(delivery.sid, NOTHING_YET)
            return private_letter(campaign, stage, wave, state, told_before=self._told[delivery.sid], now=now)
        students = [one for class_id in delivery.classes for one in self._school.members[class_id]]
        progress = progress_of(campaign, students, self._states)
        if delivery.kind is Kind.GROUP_WAVE:
            told = self._told[str(delivery.message.to)]
            return group_letter(campaign, stage, wave, progress, told_before=told, now=now)
        found = self._school.classes[delivery.classes[0]]
        return monitor_letter(campaign, stage, progress, class_id=found.id, class_name=found.name, now=now)

    def _sent(self, wave: Wave, delivery: Delivery, letter: Letter, leaves: datetime) -> Line:
        if delivery.kind is Kind.PRIVATE_WAVE and not self._campaign.in_trial:
            self._told[delivery.sid] += 1
            self._reminded[delivery.sid].append(wave.at)
        why = list(_moved(wave))
        if leaves - wave.at >= _NOTICEABLE:
            why.append(Why.PACE)
        if len(delivery.classes) > 1:
            why.append(Why.TOGETHER)
        students = 1
        if delivery.kind is Kind.GROUP_WAVE and not self._campaign.in_trial:
            self._told[str(delivery.message.to)] += 1
            students = sum(len(self._school.members[class_id]) for class_id in delivery.classes)
        return Line(
            at=leaves,
            wave=_name(wave),
            classes=delivery.classes,
            to=delivery.message.to,
            kind=delivery.kind,
            text=self._words(letter.body),
            why=tuple(why),
            students=students,
        )

    def _few(self, wave: Wave, meant: Collection[Address]) -> Iterator[Line]:
        """Groups in which nothing is said."""
        for group in sorted(self._school.groups, key=lambda group: str(group.address)):
            classes = sorted(set(group.classes) & self._school.members.keys())
            lost = group.address in self._school.lost
            if classes and (lost or group.address not in meant):
                why = Why.UNREACHABLE if lost else Why.FEW
                yield replace(_line(wave, classes, why=(why,)), to=group.address, kind=Kind.GROUP_WAVE)

    def _unreachable(self, wave: Wave) -> Iterator[Line]:
        """How many of each class owe and are not reached in private."""
        for class_id, members in sorted(self._school.members.items()):
            owing = [one for one in members if owes(self._campaign, one, self._states.get(one.sid, NOTHING_YET))]
            lost = sum(private_address(self._bindings.get(one.sid, ())) is None for one in owing)
            if lost:
                yield _line(wave, [class_id], why=(Why.UNREACHABLE,), students=lost)

    def _confirm(self, wave: Wave) -> None:
        for members in self._school.members.values():
            for student in members:
                state = self._states.get(student.sid, NOTHING_YET)
                drawn = hashlib.sha256(f"{wave.id}:{student.sid}".encode()).digest()[:4]
                confirms = int.from_bytes(drawn) < self._confirming * 2**32
                if confirms and owes(self._campaign, student, state):
                    self._states[student.sid] = StudentState(state=State.CONFIRMED, count=state.count + 1, at=wave.at)
