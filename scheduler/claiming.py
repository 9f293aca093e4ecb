"""Due waves to all their classes: claimed part by part, so that a big school takes longer, not more memory.

A part is as many classes as one script claims while others hardly notice that they wait. Each is read, decided and
claimed by itself; what has to be decided for a whole wave at once is only which classes share a group.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.campaigns import Owner
from scheduler.deliveries import Delivery
from scheduler.meeting import Due, going_along, merged, sharing_messages
from scheduler.messages import Address
from scheduler.ports import BindingStore, CampaignStore, Imported, Outbox, ReachStore, RosterStore, StaffStore
from scheduler.recipients import MOST_A_WEEK, Audience, heard_of, mailing, outgoing
from scheduler.roster import Group, reached
from scheduler.staffing import monitors
from scheduler.stages import announces

_STUDENTS = 400
"""Of about so many students classes are claimed together: a script of as many messages takes 10 ms."""

_AT_ONCE = 2
"""While one part is with the server the next one is decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Common:
    """What every part has to know: who cannot be written to, and who heard the old deadline where one moved.

    All read the roster that was there before the first of them was claimed: whom an import moves meanwhile is in one
    class, not in two or none.
    """

    roster: Imported
    lost: Collection[Address]
    heard: Collection[tuple[str, str]]


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
        self._one_with_the_server = asyncio.Lock()

    async def claim(self, due: Sequence[Due], coming: Sequence[Due], now: datetime) -> int:
        """Claim the slots of what is due, and of what of the `coming` goes out with it; how many messages were queued.

        StoreAway: some parts may have been claimed, each of them whole; the others are still free.
        """
        classes = sorted({class_id for one in (*due, *coming) for class_id in one.classes})
        groups = await self._bindings.groups_of(classes) if due else ()
        going = [*due, *going_along(due, coming, groups, now)]
        return sum([await self._claim_all(some, groups, now) for some in sharing_messages(going)])

    async def _claim_all(self, due: Sequence[Due], groups: Sequence[Group], now: datetime) -> int:
        """Claim waves that share their messages."""
        progress, lost, roster = await asyncio.gather(
            asyncio.gather(*(self._campaigns.progress_of_each(one.campaign.id, sorted(one.classes)) for one in due)),
            self._reach.unreachable(),
            self._rosters.as_imported(),
        )
        sizes = Counter[str]()
        for of_each in progress:
            sizes.update({class_id: found.total for class_id, found in of_each.items()})
        heard: set[tuple[str, str]] = set()
        for one in due:
            if announces(one.wave.id):
                heard |= heard_of(await self._outbox.ledger(one.campaign.id), groups)
        common = _Common(roster=roster, lost=lost.keys(), heard=heard)
        left = parts(sizes, groups)

        async def work() -> int:
            return sum([await self._claim(due, part, common, now) for part in left])

        hands = [asyncio.create_task(work()) for _ in range(_AT_ONCE)]
        try:
            return sum(await asyncio.gather(*hands))
        finally:
            for hand in hands:
                hand.cancel()

    async def _claim(self, due: Sequence[Due], part: Part, common: _Common, now: datetime) -> int:
        slots: list[str] = []
        deliveries: list[Delivery] = []
        for one in due:
            classes = tuple(class_id for class_id in part.classes if class_id in one.classes)
            if classes:
                slots += one.slots(classes)
                deliveries += await self._deliveries(one, replace(part, classes=classes), common, now)
        async with self._one_with_the_server:  # what others ask for goes in between
            _, queued = await self._outbox.claim(slots, merged(deliveries) if len(due) > 1 else deliveries, now)
        return queued

    async def _deliveries(self, due: Due, part: Part, common: _Common, now: datetime) -> Sequence[Delivery]:
        """What one of the waves would say by itself."""
        campaign, wave = due.campaign, due.wave
        found = mailing(campaign, wave, await self._audience(due, part, common, now), most_a_week=self._most_a_week)
        spared = dict(zip(due.slots(found.spared), found.spared.values(), strict=True))
        await self._outbox.spare(campaign.id, spared)
        deliveries = outgoing(campaign, wave, found.deliveries, common.heard)
        return [replace(one, repeat=True) for one in deliveries] if due.in_doubt else deliveries

    async def _audience(self, due: Due, part: Part, common: _Common, now: datetime) -> Audience:
        members = await common.roster.members_of(part.classes)
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
        return await self._with_other_records(due, found, common.roster, others, now) if others else found

    async def _with_other_records(
        self, due: Due, found: Audience, roster: Imported, sids: Sequence[str], now: datetime
    ) -> Audience:
        """Together with the records that people of a part have in classes of other parts."""
        reaches = {*due.classes, *due.went} - found.members.keys()
        elsewhere = [one for one in (await roster.students(sids)).values() if one.class_id in reaches]
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
