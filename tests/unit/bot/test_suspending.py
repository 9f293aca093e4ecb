"""Which switches of staff hold reminders back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.ports import CHSI, Switch, SwitchKind
from bot.suspending import SwitchedSuspensions
from scheduler.suspensions import SuspendedWhy, Suspension

NOW = datetime(2026, 10, 10, 4, tzinfo=UTC)
SINCE, UNTIL = NOW - timedelta(hours=1), NOW + timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Said:
    """Switches that staff turned."""

    switches: Sequence[Switch]

    async def put(self, switch: Switch) -> None:
        raise NotImplementedError

    async def end(self, kind: SwitchKind, subject: str) -> bool:
        raise NotImplementedError

    async def all(self) -> tuple[Switch, ...]:
        return tuple(self.switches)


async def holding(*switches: Switch) -> tuple[Suspension, ...]:
    """What holds reminders back now."""
    return await SwitchedSuspensions(Said(switches)).holding(NOW)


async def test_an_incident_holds_everybodys_reminders_and_a_cohort_its_own() -> None:
    site = Switch(kind=SwitchKind.INCIDENT, subject=CHSI, since=SINCE, until=UNTIL)
    cohort = Switch(kind=SwitchKind.UNREGISTERED, subject="2026", since=SINCE, until=UNTIL)
    assert await holding(site, cohort) == (
        Suspension(why=SuspendedWhy.INCIDENT, since=SINCE, until=UNTIL),
        Suspension(why=SuspendedWhy.UNREGISTERED, since=SINCE, until=UNTIL, cohort="2026"),
    )


async def test_a_switch_that_has_ended_and_another_system_hold_nothing() -> None:
    over = Switch(kind=SwitchKind.INCIDENT, subject=CHSI, since=SINCE, until=NOW)
    other = Switch(kind=SwitchKind.INCIDENT, subject="library", since=SINCE, until=UNTIL)
    assert await holding(over, other) == ()
