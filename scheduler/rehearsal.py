"""A whole campaign on paper: which reminder would go out when, to whom, in which words, and which would not, and why.

Other open campaigns of the same classes go on meanwhile: what they send is part of it, and some of it is one message
with the campaign's own. Pure: the same campaigns, school and moment give the same lines. Nothing is stored and nothing
is sent; who answers is assumed. Names of students are in no line.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from scheduler.calendar import ZONE
from scheduler.campaigns import NOTHING_YET, Campaign, CampaignStatus, Owner, State, StudentState
from scheduler.deliveries import Delivery, Kind, Section
from scheduler.letters import Letter, group_letter, monitor_letter, private_letter, together
from scheduler.meeting import Due, going_along, merged, sharing_messages
from scheduler.messages import Address, Phrase
from scheduler.pace_ahead import Budgets, PaceAhead
from scheduler.planner import Moved, Plan, Wave, owes, plan, progress_of
from scheduler.recipients import MOST_A_WEEK, Audience, Mailing, heard_of, mailing, outgoing
from scheduler.rehearsed import DIGEST, Line, School, Underway, Why
from scheduler.roster import Student, private_address, reached
from scheduler.seats import View, seating
from scheduler.staff_days import CLOSES, OPENS, Desk, desks_of, goes_out, running, told_anyway
from scheduler.staff_letters import digest_letter

_WEEK = timedelta(days=7)
_NOTICEABLE = timedelta(seconds=1)


_OF_MOVES = {Moved.HOURS: Why.HOURS, Moved.DAY_OFF: Why.DAY_OFF, Moved.NEW_YEAR: Why.NEW_YEAR}


Words = Callable[[Phrase], str]
"""A phrase in words."""


def rehearse(
    own: Underway,
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
    opened, begin = _opened(own.campaign, now)
    own = replace(own, campaign=opened)
    yield from _not_sent(own, plan(opened, begin), school.members)
    pace = PaceAhead(budgets)
    run = _Run(own, school, begin, words=words, pace=pace, confirming=confirming, most_a_week=most_a_week)
    yield from run.through()


def _opened(campaign: Campaign, now: datetime) -> tuple[Campaign, datetime]:
    if campaign.status is CampaignStatus.OPEN:
        return campaign, now
    begin = max(now, campaign.opens_at or now)
    return replace(campaign, status=CampaignStatus.OPEN, opened_at=begin), begin


def _not_sent(own: Underway, planned: Plan, members: Collection[str]) -> Iterator[Line]:
    for why, waves in ((Why.PAST, planned.missed), (Why.LEFT_TO_NEXT, planned.merged)):
        for wave in waves:
            if classes := own.free(wave, members):
                yield _line(own.campaign, wave, classes, why=(*_moved(wave), why))


def _moved(wave: Wave) -> tuple[Why, ...]:
    return (_OF_MOVES[wave.moved],) if wave.moved else ()


def _line(campaign: Campaign, wave: Wave, classes: Sequence[str], *, why: tuple[Why, ...], students: int = 0) -> Line:
    """Of something that is not sent to anybody in particular."""
    return Line(
        at=wave.at,
        campaign=campaign.id,
        wave=f"{wave.stage}:{wave.id}",
        classes=tuple(classes),
        to=None,
        kind=None,
        text="",
        why=why,
        students=students,
    )


def _parted(due: Due, slots: Collection[str]) -> tuple[Due, Due]:
    """What of it is of these slots, and what is not."""
    named = list(zip(due.classes, due.slots(due.classes), strict=True))
    taken = [class_id for class_id, slot in named if slot in slots]
    return replace(due, classes=taken), replace(due, classes=[one for one, slot in named if slot not in slots])


def _local(day: date, at: time) -> datetime:
    return datetime.combine(day, at, ZONE).astimezone(UTC)


class _Run:
    """What has happened so far in one rehearsal."""

    def __init__(
        self,
        own: Underway,
        school: School,
        begin: datetime,
        *,
        words: Words,
        pace: PaceAhead,
        confirming: float,
        most_a_week: int,
    ) -> None:
        self._own = own.campaign
        self._underway = {one.campaign.id: one for one in (own, *school.others)}
        self._school = school
        self._begin = begin
        self._words = words
        self._pace = pace
        self._confirming = confirming
        self._most_a_week = most_a_week
        self._bindings = reached(school.bindings, school.lost)
        self._states = {name: dict(one.states) for name, one in self._underway.items()}
        self._told = {name: Counter(one.told) for name, one in self._underway.items()}
        self._reminded: defaultdict[str, list[datetime]] = defaultdict(list)
        self._asked = {name: dict(one.claimed) for name, one in self._underway.items()}
        self._left = list(self._planned())

    def through(self) -> Iterator[Line]:
        """Moment by moment, with what the staff is told in the mornings."""
        for morning in self._mornings():
            yield from self._waves(until=morning)
            yield from self._digests(morning)
        yield from self._waves(until=None)

    def _waves(self, *, until: datetime | None) -> Iterator[Line]:
        """As the service claims what is due with what soon follows it."""
        while self._left:
            now = min(one.wave.at for one in self._left)
            if until is not None and now >= until:
                return
            due = [one for one in self._left if one.wave.at == now]
            coming = [one for one in self._left if one.wave.at > now]
            going = [*due, *going_along(due, coming, self._school.groups, now)]
            self._take({slot for one in going for slot in one.slots(one.classes)})
            for some in sharing_messages(going):
                yield from self._together(some, now)

    def _take(self, slots: Collection[str]) -> list[Due]:
        """What of these slots was left; it is not any more."""
        parted = [_parted(one, slots) for one in self._left]
        self._left = [left for _, left in parted if left.classes]
        return [taken for taken, _ in parted if taken.classes]

    def _mornings(self) -> Iterator[datetime]:
        """When the staff is told, until the last deadline has passed."""
        end = max(stage.deadline.instant for stage in self._own.stages)
        day = self._begin.astimezone(ZONE).date()
        while (self._school.staff or self._school.offices) and (opens := _local(day, OPENS)) < end:
            if self._begin < _local(day, CLOSES):
                yield max(opens, self._begin)
            day += timedelta(days=1)

    def _digests(self, now: datetime) -> Iterator[Line]:
        """What each of the staff is told on a day, of all campaigns together."""
        heard_of = running((one.campaign for one in self._underway.values()), now)
        seatings = {one.id: seating(one, self._view(one), now) for one in heard_of}
        for name, found in seatings.items():
            self._asked[name].update(dict.fromkeys(found.fresh, now))
        offices = {str(chat) for chat in self._school.offices}
        told: dict[str, tuple[Desk, Letter]] = {}
        for account, desk in desks_of(heard_of, seatings, self._school.offices).items():
            if letter := digest_letter(desk.parts, now, to_chat=account in offices):
                told[account] = desk, letter
        day = now.astimezone(ZONE).date()
        for at, account in sorted((max(now, goes_out(day, account)), account) for account in told):
            yield self._digest(*told[account], at)
        for one in self._take({slot for own in heard_of for slot in told_anyway(own, seatings[own.id], told, now)}):
            if one.campaign.id == self._own.id:
                yield _line(one.campaign, one.wave, [*one.classes], why=(Why.IN_DIGEST,), students=len(one.classes))

    def _view(self, campaign: Campaign) -> View:
        own = [class_id for class_id in campaign.classes if class_id in self._school.members]
        states = self._states[campaign.id]
        return View(
            classes={class_id: self._school.classes[class_id] for class_id in own},
            staff=self._school.staff,
            progress={one: progress_of(campaign, self._school.members[one], states) for one in own},
            handed_in=self._underway[campaign.id].handed_in,
            asked=self._asked[campaign.id],
            seen=self._school.seen,
        )

    def _digest(self, desk: Desk, letter: Letter, at: datetime) -> Line:
        ((_, leaves),) = self._pace.send([(desk.holder.private, bool(letter.choices))], at)
        return Line(
            at=leaves,
            campaign=self._own.id,
            wave=DIGEST,
            classes=(),
            to=desk.holder.private,
            kind=Kind.DIGEST,
            text=self._words(letter.body),
            why=(Why.PACE,) if leaves - at >= _NOTICEABLE else (),
            students=0,
        )

    def _planned(self) -> Iterator[Due]:
        for one in self._underway.values():
            planned = plan(one.campaign, self._begin)
            for wave in (*planned.due, *planned.coming):
                if classes := one.free(wave, self._school.members):
                    at = max(wave.at, self._begin)
                    yield Due(campaign=one.campaign, wave=replace(wave, at=at), classes=classes)

    def _together(self, due: Sequence[Due], now: datetime) -> Iterator[Line]:
        """What waves that share their messages send, and what the campaign's own among them does not."""
        mailed = [(one, self._mailing(one)) for one in due]
        deliveries = [delivery for one, found in mailed for delivery in self._outgoing(one, found)]
        worded = [self._worded(one, now) for one in (merged(deliveries) if len(due) > 1 else deliveries)]
        going = [one for one in worded if one is not None]
        waves = {(one.campaign.id, one.wave.stage, one.wave.id): one.wave for one in due}
        queue = [(delivery.message.to, bool(letter.choices)) for delivery, letter in going]
        for number, leaves in self._pace.send(queue, now):
            yield self._sent(*going[number], waves, now, leaves)
        for one, found in mailed:
            if one.campaign.id == self._own.id:
                at_this_moment = replace(one, wave=replace(one.wave, at=now))
                yield from self._left_out(at_this_moment, found, [delivery for delivery, _ in going])
            self._confirm(one, now)

    def _worded(self, delivery: Delivery, now: datetime) -> tuple[Delivery, Letter] | None:
        """What is left to be said; None: nothing is, or nobody can be written to there."""
        letters = [(section, self._letter(delivery, section, now)) for section in delivery.sections]
        said = [(section, letter) for section, letter in letters if letter is not None]
        if not said or delivery.message.to in self._school.lost:
            return None
        if len(said) < len(letters):
            delivery = delivery.saying([section for section, _ in said])
        return delivery, together([letter for _, letter in said])

    def _mailing(self, due: Due) -> Mailing:
        return mailing(due.campaign, due.wave, self._audience(due), most_a_week=self._most_a_week)

    def _outgoing(self, due: Due, found: Mailing) -> Sequence[Delivery]:
        heard = heard_of(self._underway[due.campaign.id].attempts, self._school.groups)
        return outgoing(due.campaign, due.wave, found.deliveries, heard)

    def _audience(self, due: Due) -> Audience:
        burdens = Counter(self._school.burdens if due.wave.at < self._begin + _WEEK else {})
        for sid, moments in self._reminded.items():
            burdens[sid] += sum(at > due.wave.at - _WEEK for at in moments)
        return Audience(
            members={class_id: self._school.members[class_id] for class_id in due.classes},
            states=self._states[due.campaign.id],
            groups=self._school.groups,
            bindings=self._bindings,
            burdens=burdens,
        )

    def _letter(self, delivery: Delivery, section: Section, now: datetime) -> Letter | None:
        campaign, stage, wave = self._underway[section.campaign].campaign, section.stage, section.wave
        states, told = self._states[campaign.id], self._told[campaign.id]
        if delivery.kind is Kind.PRIVATE_WAVE:
            state = states.get(section.sid, NOTHING_YET)
            return private_letter(campaign, stage, wave, state, told_before=told[section.sid], now=now)
        students = [one for class_id in section.classes for one in self._school.members[class_id]]
        progress = progress_of(campaign, students, states)
        if delivery.kind is Kind.GROUP_WAVE:
            before = told[str(delivery.message.to)]
            return group_letter(campaign, stage, wave, progress, told_before=before, now=now)
        found = self._school.classes[section.classes[0]]
        return monitor_letter(campaign, stage, progress, class_id=found.id, class_name=found.name, now=now)

    def _sent(
        self,
        delivery: Delivery,
        letter: Letter,
        waves: Mapping[tuple[str, str, str], Wave],
        now: datetime,
        leaves: datetime,
    ) -> Line:
        self._note_told(delivery, now)
        sections = sorted(delivery.sections, key=lambda one: one.campaign != self._own.id)
        first, *others = sections
        wave = waves[first.campaign, first.stage, first.wave]
        classes = tuple(dict.fromkeys(class_id for one in sections for class_id in one.classes))
        in_group = delivery.kind is Kind.GROUP_WAVE and not self._underway[first.campaign].campaign.in_trial
        reasons = {
            Why.ALONG: now < wave.at,
            Why.PACE: leaves - now >= _NOTICEABLE,
            Why.TOGETHER: len(classes) > 1,
            Why.WITH_OTHERS: bool(others),
        }
        return Line(
            at=leaves,
            campaign=first.campaign,
            wave=f"{first.stage}:{first.wave}",
            classes=classes,
            to=delivery.message.to,
            kind=delivery.kind,
            text=self._words(letter.body),
            why=(*_moved(wave), *(why for why, holds in reasons.items() if holds)),
            students=sum(len(self._school.members[class_id]) for class_id in classes) if in_group else 1,
            also=tuple(one.campaign for one in others),
        )

    def _note_told(self, delivery: Delivery, now: datetime) -> None:
        if self._underway[delivery.campaign].campaign.in_trial:
            return
        for section in delivery.sections:
            if delivery.kind is Kind.GROUP_WAVE:
                self._told[section.campaign][str(delivery.message.to)] += 1
            elif delivery.kind is Kind.PRIVATE_WAVE:
                self._told[section.campaign][section.sid] += 1
        if delivery.kind is Kind.PRIVATE_WAVE:
            self._reminded[delivery.sid].append(now)

    def _left_out(self, due: Due, found: Mailing, going: Sequence[Delivery]) -> Iterator[Line]:
        """Whom a wave of the campaign does not reach, and why."""
        campaign, wave = due.campaign, due.wave
        if campaign.stage(wave.stage).owner is Owner.STUDENT:
            yield from self._few(due, {one.message.to for one in found.deliveries})
            yield from self._unreachable(due)
        else:
            told = {class_id for one in going for class_id in one.classes}
            for class_id in sorted({*due.classes} - told):
                yield _line(campaign, wave, [class_id], why=(Why.UNREACHABLE,), students=1)
        for class_id, number in sorted(found.spared.items()):
            yield _line(campaign, wave, [class_id], why=(Why.ENOUGH,), students=number)

    def _few(self, due: Due, meant: Collection[Address]) -> Iterator[Line]:
        """Groups in which nothing is said."""
        for group in sorted(self._school.groups, key=lambda group: str(group.address)):
            classes = sorted({*group.classes} & {*due.classes})
            lost = group.address in self._school.lost
            if classes and (lost or group.address not in meant):
                why = Why.UNREACHABLE if lost else Why.FEW
                line = _line(due.campaign, due.wave, classes, why=(why,))
                yield replace(line, to=group.address, kind=Kind.GROUP_WAVE)

    def _unreachable(self, due: Due) -> Iterator[Line]:
        """How many of each class owe and are not reached in private."""
        for class_id in sorted(due.classes):
            lost = sum(private_address(self._bindings.get(one.sid, ())) is None for one in self._owing(due, class_id))
            if lost:
                yield _line(due.campaign, due.wave, [class_id], why=(Why.UNREACHABLE,), students=lost)

    def _owing(self, due: Due, class_id: str) -> list[Student]:
        states, members = self._states[due.campaign.id], self._school.members[class_id]
        return [one for one in members if owes(due.campaign, one, states.get(one.sid, NOTHING_YET))]

    def _confirm(self, due: Due, now: datetime) -> None:
        if due.campaign.stage(due.wave.stage).owner is not Owner.STUDENT:
            return
        states = self._states[due.campaign.id]
        for student in (one for class_id in due.classes for one in self._owing(due, class_id)):
            drawn = hashlib.sha256(f"{due.campaign.id}:{due.wave.id}:{student.sid}".encode()).digest()[:4]
            if int.from_bytes(drawn) < self._confirming * 2**32:
                count = states.get(student.sid, NOTHING_YET).count + 1
                states[student.sid] = StudentState(state=State.CONFIRMED, count=count, at=now)
