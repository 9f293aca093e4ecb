"""A lane on which nobody sends is said once, and only when it stays so."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.attending import Attendance
from scheduler.ports import StoreAway


@dataclass(slots=True)
class Signs:
    """Which lanes have no relay, as a test says."""

    silent: set[str] = field(default_factory=set)
    away: bool = False

    async def unattended(self, lanes: Sequence[str], *, dead_after: float) -> tuple[str, ...]:
        if self.away:
            raise StoreAway("gone")
        return tuple(lane for lane in lanes if lane in self.silent)


def attendance(signs: Signs) -> tuple[Attendance, list[str]]:
    told: list[str] = []

    async def tell(lane: str) -> None:
        told.append(lane)

    return Attendance(signs, ["telegram", "wecom"], tell), told


async def test_what_two_looks_find_is_said_once_until_somebody_sends_there_again() -> None:
    signs = Signs(silent={"telegram"})
    watch, told = attendance(signs)
    await watch.look()
    assert told == [], "it may only be starting"
    for _ in range(3):
        await watch.look()
    assert told == ["telegram"]
    signs.silent.clear()
    await watch.look()
    signs.silent.add("telegram")
    for _ in range(3):
        await watch.look()
    assert told == ["telegram", "telegram"]


async def test_the_health_page_says_it_at_once_and_nothing_while_the_store_is_away() -> None:
    signs = Signs(silent={"wecom"})
    watch, _ = attendance(signs)
    health = await watch.health()
    assert health["lane telegram"] is None
    assert "xueji work" in (health["lane wecom"] or "")
    signs.away = True
    assert await watch.health() == {}
