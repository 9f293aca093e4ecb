"""学信网's export followed: its record counts as the better evidence, and who has none is told in private."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path

import structlog

from knowledge.scopes import ScopeTree
from scheduler.calendar import ZONE
from scheduler.campaigns import Campaign, CampaignStatus, StudentState
from scheduler.forms.record_file import read_records
from scheduler.messages import Phrase
from scheduler.ports import BindingStore, CampaignStore, Clock, Outbox, RosterStore, Wording
from scheduler.reconciliation import Finding, Reconciled, no_record_note, reconcile
from scheduler.roster import RecordRow, Student, private_address

_log = structlog.get_logger(__name__)

NIGHT_BEGINS = time(2)
"""From when on a day's export is followed (local): the evening's statements are in, and nobody is up to be told."""

_AT_ONCE = 200
"""Students whose states are written together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """How many states got the record as their evidence, how many people will be told now, how many cannot be."""

    recorded: int
    queued: int
    unreachable: int


class Reconciling:
    """Lays an export beside the roster and the states of a campaign, and does what follows from it."""

    def __init__(
        self,
        *,
        rosters: RosterStore,
        campaigns: CampaignStore,
        bindings: BindingStore,
        outbox: Outbox,
        tree: ScopeTree,
        wording: Wording,
    ) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._bindings = bindings
        self._outbox = outbox
        self._tree = tree
        self._wording = wording

    async def look(
        self, campaign: Campaign, records: Sequence[RecordRow], now: datetime, *, as_of: datetime
    ) -> Reconciled:
        """Who is missing where, and why, by an export made at `as_of`; nothing is changed."""
        roster = await self._rosters.current()
        states: dict[str, StudentState] = {}
        for class_id in campaign.classes:
            states.update(await self._campaigns.states(campaign.id, class_id))
        return reconcile(campaign, roster, records, states, now, as_of=as_of)

    async def follow(self, campaign: Campaign, reconciled: Reconciled, now: datetime) -> Followed:
        """Record what 学信网 confirms, and queue one message for each whose statement it does not have.

        Doing it again, with the same export or the next night's, records and tells only what is new. A state that
        changes at the same time is left to the next time.
        """
        recorded = 0
        for start in range(0, len(reconciled.states), _AT_ONCE):
            part = reconciled.states[start : start + _AT_ONCE]
            recorded += sum(await asyncio.gather(*(self._record(campaign, *one) for one in part)))
        missing = [
            one.student for one in reconciled.found if one.finding is Finding.NO_RECORD and one.student is not None
        ]
        bindings = await self._bindings.of_students([student.sid for student in missing])
        queued = 0
        for student in missing:
            to = private_address(bindings.get(student.sid, ()))
            if to is not None:
                note = no_record_note(
                    campaign,
                    student,
                    to,
                    you=self._tree[campaign.scope].address,
                    label=self._wording.render(Phrase(key="button.guide")),
                    now=now,
                )
                queued += await self._outbox.queue(note, now)
        return Followed(recorded=recorded, queued=queued, unreachable=sum(one.sid not in bindings for one in missing))

    async def follow_file(self, export: Path, now: datetime) -> Mapping[str, Followed]:
        """What a nightly run does: every open campaign follows the export that lies there, by the campaign's id.

        Any number of processes may do it, as often as they like. The file's time is taken for the export's. One that is
        missing or has faults changes nothing and is warned of.
        """
        try:
            data, as_of = await asyncio.to_thread(_taken, export)
        except OSError as why:
            _log.warning("export cannot be read", why=type(why).__name__)
            return {}
        records = await asyncio.to_thread(read_records, export.name, data)
        if records.faults:
            _log.warning("export has faults", faults=len(records.faults))
            return {}
        done: dict[str, Followed] = {}
        for campaign in await self._campaigns.all():
            if campaign.status is CampaignStatus.OPEN:
                reconciled = await self.look(campaign, records.rows, now, as_of=as_of)
                followed = done[campaign.id] = await self.follow(campaign, reconciled, now)
                _log.info("export followed", campaign=campaign.id, recorded=followed.recorded, queued=followed.queued)
        return done

    async def _record(self, campaign: Campaign, student: Student, new: StudentState) -> bool:
        return await self._campaigns.record(campaign.id, student.class_id, student.sid, new)


class Nightly:
    """Follows the export that lies in one place, once a day from the night on, whoever looks how often."""

    def __init__(self, reconciling: Callable[[], Reconciling], export: Path, clock: Clock) -> None:
        self._reconciling = reconciling
        self._export = export
        self._clock = clock
        self._done: date | None = None  # spares looking again; what was followed changes nothing a second time

    async def step(self) -> None:
        """Follow it, if this is the time and it was not done on this day."""
        now = self._clock.now()
        local = now.astimezone(ZONE)
        if local.time() < NIGHT_BEGINS or self._done == local.date():
            return
        await self._reconciling().follow_file(self._export, now)
        self._done = local.date()


def made_at(export: Path) -> datetime:
    """When an export was made, by its file's time (UTC)."""
    return datetime.fromtimestamp(export.stat().st_mtime, UTC)


def _taken(export: Path) -> tuple[bytes, datetime]:
    return export.read_bytes(), made_at(export)
