"""A school of five classes with a group each, and the way of notices in it."""

from dataclasses import dataclass

from scheduler.announcing import Announcing
from scheduler.calendar import QuietHours
from scheduler.clocks import VirtualClock
from scheduler.disk import ElsewhereSpace
from scheduler.notices import QUIET, Arrival, Audience, Notice, Step, approve, schedule
from scheduler.ports import Clock
from scheduler.roster import Group
from scheduler.storage.database import Database
from scheduler.storage.notices import RedisNoticeResults, RedisNoticeStore
from scheduler.storage.outbox import RedisOutbox
from scheduler.storage.people import RedisBindingStore
from scheduler.storage.roster import RedisRosterStore
from tests.integration.school import (
    PlainWords,
    Platform,
    addressing,
    broadcasts,
    for_a_day,
    group,
    import_students,
    relay,
    student,
)

CLASSES = tuple(f"c{number}" for number in range(5))
ALL = [f"g-{class_id}" for class_id in CLASSES]


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A school of five classes with a group each, and the way of notices in it."""

    database: Database
    clock: VirtualClock
    platform: Platform

    @property
    def notices(self) -> RedisNoticeStore:
        return RedisNoticeStore(self.database)

    @property
    def results(self) -> RedisNoticeResults:
        return RedisNoticeResults(self.database)

    async def draft(self, audience: Audience | None = None, **more: object) -> Notice:
        number = await self.notices.new_number()
        notice = Notice(
            number=number,
            title="t",
            text=f"notice {number}",
            author="office:a",
            audience=audience or Audience(everybody=True),
            created_at=self.clock.now(),
            **more,  # type: ignore[arg-type]
        )
        assert await self.save(notice, 0)
        return notice

    async def save(self, notice: Notice, seen: int, by: str = "office:b") -> bool:
        return await self.notices.save(notice, seen_revision=seen, by=by, now=self.clock.now())

    async def take(self, number: int, step: object) -> Notice:
        """A step of its life from where it is now."""
        notice = await self.notices.get(number)
        assert notice is not None
        moved: Step = step(notice)  # type: ignore[operator]
        assert isinstance(moved, Notice), moved
        assert await self.save(moved, notice.revision)
        return moved

    async def send(self, audience: Audience | None = None, *, hours: QuietHours = QUIET, **more: object) -> Notice:
        """A notice released and set for now; nothing has moved it yet."""
        notice = await self.draft(audience, **more)
        await self.take(notice.number, lambda one: approve(one, by="office:b", count=5, most_alone=30, hours=hours))
        now = self.clock.now()
        return await self.take(notice.number, lambda one: schedule(one, at=now, now=now))

    async def step(self) -> None:
        await broadcasts(self.database, self.clock).step()

    async def deliver(self) -> None:
        """Everything that may happen at this instant."""
        await self.step()
        await relay(self.database, self.platform, self.clock).run_until_idle()
        await self.step()

    async def states(self, notice: Notice) -> dict[str, Arrival]:
        return {target: result.state for target, result in (await self.results.results(notice.number)).items()}

    def heard(self) -> list[str]:
        return sorted(chat for chat, _ in self.platform.taken)


async def board_of(database: Database, clock: VirtualClock) -> Board:
    await import_students(RedisRosterStore(database), *(student(f"s{one}", one) for one in CLASSES))
    bindings = RedisBindingStore(database)
    for class_id in CLASSES:
        await bindings.bind_group(Group(address=group(f"g-{class_id}"), classes=(class_id,)))
    return Board(database=database, clock=clock, platform=Platform())


def desk(database: Database, clock: Clock) -> Announcing:
    """Where staff make notices; everything can be taken back for a day."""
    results = RedisNoticeResults(database)
    return Announcing(
        notices=RedisNoticeStore(database),
        results=results,
        addressing=addressing(database, results),
        outbox=RedisOutbox(database),
        wording=PlainWords(),
        clock=clock,
        recallable=for_a_day,
        hours_of=lambda scopes: (),
        most_alone=30,
        disk=ElsewhereSpace(),
    )
