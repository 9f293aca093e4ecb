"""What staff switched off the reminders for: an incident of 学信网, a cohort that is not registered yet."""

from datetime import datetime

from bot.ports import CHSI, Switch, SwitchKind, SwitchStore
from scheduler.suspensions import SuspendedWhy, Suspension


class SwitchedSuspensions:
    """`scheduler.ports.Suspensions` over the switches."""

    def __init__(self, switches: SwitchStore) -> None:
        self._switches = switches

    async def holding(self, now: datetime) -> tuple[Suspension, ...]:
        """Of every switch that is on and keeps students from what they would be reminded of."""
        found = [_suspension(switch) for switch in await self._switches.all() if switch.holds(now)]
        return tuple(suspension for suspension in found if suspension is not None)


def _suspension(switch: Switch) -> Suspension | None:
    match switch.kind, switch.subject:
        case SwitchKind.UNREGISTERED, cohort:
            why = SuspendedWhy.UNREGISTERED
            return Suspension(why=why, cohort=cohort, since=switch.since, until=switch.until)
        case SwitchKind.INCIDENT, system if system == CHSI:
            return Suspension(why=SuspendedWhy.INCIDENT, since=switch.since, until=switch.until)
        case _:
            return None
