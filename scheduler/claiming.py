"""A due wave to all its classes: claimed part by part, so that a big school takes longer, not more memory.

A part is as many classes as one script claims while others hardly notice that they wait. Each is read, decided and
claimed by itself; what has to be decided for a whole wave at once is only which classes share a group.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.campaigns import Campaign, Owner
from scheduler.deliveries import Attempt, Delivery, slot_id
from scheduler.messages import Address
from scheduler.planner import Wave
from scheduler.ports import BindingStore, CampaignStore, Outbox, ReachStore, RosterStore, StaffStore
from scheduler.recipients import MOST_A_WEEK, Audience, mailing, outgoing
from scheduler.roster import Group, reached
from scheduler.staffing import monitors
from scheduler.stages import announces

_STUDENTS = 400
"""Of about so many students classes are claimed together: a script of as many messages takes 10 ms."""

_AT_ONCE = 2
"""While one part is with the server the next one is decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A wave that is to be claimed for these classes.

    `went` are those to which it went before, `in_doubt` whether it may have gone to the others as well.
    """

    campaign: Campaign
    wave: Wave
    classes: Sequence[str]
    went: Collection[str]
    in_doubt: bool = False

    def slots(self, classes: Iterable[str]) -> list[str]:
        """The slots of the wave to these classes."""
        return [slot_id(self.campaign.id, self.wave.stage, self.wave.id, class_id) for class_id in classes]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What every part of a wave has to know: who cannot be written to, and for news who heard what was said before."""

    lost: Collection[Address]
    attempts: Sequence[Attempt]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some classes, and all groups of any of them."""

    classes: tuple[str, ...]
    groups: tuple[Group, ...]


def parts(sizes: Mapping[str, int], groups: Iterable[Group], most: int = _STUDENTS) -> Iterator[Part]:
    """Classes (by id, with how many students each has) in parts of at most `most` students.

    What shares a group is never parted, however many they are: the group hears of all its classes in one message.
    """
    classes: list[str] = []
    tied: list[Group] = []
    room = most
    for own, theirs in _tied(sizes, groups):
        size = sum(sizes[class_id] for class_id in own)
        if classes and size > room:
            yield Part(classes=tuple(classes), groups=tuple(tied))
            classes, tied, room = [], [], most
        classes += own
        tied += theirs
        room -= size
    if classes:
        yield Part(classes=tuple(classes), groups=tuple(tied))


def _tied(classes: Iterable[str], groups: Iterable[Group]) -> Iterable[tuple[list[str], list[Group]]]:
    """The smallest sets of these classes that no group crosses, with their groups."""
    leader = {class_id: class_id for class_id in classes}

    def lead(class_id: str) -> str:
        while leader[class_id] != class_id:
            leader[class_id] = class_id = leader[leader[class_id]]
        return class_id

    ties = [(group, own) for group in groups if (own := [one for one in group.classes if one in leader])]
    for _, (first, *others) in ties:
        for other in others:
            leader[lead(other)] = lead(first)
    found: defaultdict[str, tuple[list[str], list[Group]]] = defaultdict(lambda: ([], []))
    for class_id in leader:
        found[lead(class_id)][0].append(class_id)
    for group, (first, *_) in ties:
        found[lead(first)][1].append(group)
    return found.values()


class Claiming:
    """Claims what is due. Any number of processes may do so at once."""

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        rosters: RosterStore,
        bindings: BindingStore,
        reach: ReachStore,
        staff: StaffStore,
        outbox: Outbox,
        most_a_week: int = MOST_A_WEEK,
    ) -> None:
        self._campaigns = campaigns
        self._rosters = rosters
        self._bindings = bindings
        self._reach = reach
        self._staff = staff
        self._outbox = outbox
        self._most_a_week = most_a_week

    async def claim(self, due: Due, now: datetime) -> int:
        """Claim the wave's slots with what it sends; how many messages were queued.

        StoreAway: some parts may have been claimed, each of them whole; the others are still free.
        """
        campaign = due.campaign
        groups, progress, lost = await asyncio.gather(
            self._bindings.groups_of(due.classes),
            self._campaigns.progress_of_each(campaign.id, due.classes),
            self._reach.unreachable(),
        )
        attempts = await self._outbox.ledger(campaign.id) if announces(due.wave.id) else ()
        common = _Common(lost=lost.keys(), attempts=attempts)
        left = parts({class_id: progress[class_id].total for class_id in due.classes}, groups)

        async def work() -> int:
            return sum([await self._claim(due, part, common, now) for part in left])

        hands = [asyncio.create_task(work()) for _ in range(_AT_ONCE)]
        try:
            return sum(await asyncio.gather(*hands))
        finally:
            for hand in hands:
                hand.cancel()

    async def _claim(self, due: Due, part: Part, common: _Common, now: datetime) -> int:
        campaign, wave = due.campaign, due.wave
        found = mailing(campaign, wave, await self._audience(due, part, common, now), most_a_week=self._most_a_week)
        spared = dict(zip(due.slots(found.spared), found.spared.values(), strict=True))
        await self._outbox.spare(campaign.id, spared)
        deliveries: Sequence[Delivery] = outgoing(campaign, wave, found.deliveries, common.attempts)
        if due.in_doubt:
            deliveries = [replace(one, repeat=True) for one in deliveries]
        _, queued = await self._outbox.claim(campaign.id, due.slots(part.classes), deliveries, now)
        return queued

    async def _audience(self, due: Due, part: Part, common: _Common, now: datetime) -> Audience:
        members = await self._rosters.members_of(part.classes)
        sids = [student.sid for students in members.values() for student in students]
        if due.campaign.stage(due.wave.stage).owner is not Owner.STUDENT:
            words = await self._staff.monitor_words(sids)
            own = [one.sid for students in members.values() for one in monitors(students, words, due.wave.at)]
            bound = await self._bindings.of_students(own)
            bindings = reached(bound, common.lost)
            return Audience(members=members, states={}, groups=(), bindings=bindings, words=words)
        states, bound, burdens = await asyncio.gather(
            self._campaigns.states_of(due.campaign.id, part.classes),
            self._bindings.of_people(sids),
            self._outbox.burdens(sids, now),
        )
        found = Audience(
            members=members,
            states=states,
            groups=part.groups,
            bindings=reached(bound, common.lost),
            burdens=burdens,
        )
        others = sorted(bound.keys() - set(sids))
        return await self._with_other_records(due, found, others, now) if others else found

    async def _with_other_records(self, due: Due, found: Audience, sids: Sequence[str], now: datetime) -> Audience:
        """Together with the records that people of a part have in classes of other parts."""
        reaches = {*due.classes, *due.went} - found.members.keys()
        students = await asyncio.gather(*(self._rosters.student(sid) for sid in sids))
        elsewhere = [one for one in students if one is not None and one.class_id in reaches]
        states = await asyncio.gather(
            *(self._campaigns.state(due.campaign.id, one.class_id, one.sid) for one in elsewhere)
        )
        burdens = await self._outbox.burdens([one.sid for one in elsewhere], now)
        return replace(
            found,
            elsewhere=elsewhere,
            states={**found.states, **{one.sid: state for one, state in zip(elsewhere, states, strict=True)}},
            burdens={**found.burdens, **burdens},
        )
