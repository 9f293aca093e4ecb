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
"""From when on a day's exports are followed (local): the evening's statements are in, and nobody is up to be told."""

_ENDINGS = (".xlsx", ".xls", ".csv")

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

    async def follow_folder(self, folder: Path, now: datetime) -> Mapping[str, Followed]:
        """What a nightly run does: each open campaign follows the export there that has its id for a name.

        Any number of processes may do it, as often as they like. A campaign without an export follows nothing: what
        学信网 has on record says nothing of, say, courses. One that has faults changes nothing and is warned of.
        """
        done: dict[str, Followed] = {}
        for campaign in await self._campaigns.all():
            export = _export_of(folder, campaign) if campaign.status is CampaignStatus.OPEN else None
            if export is not None and (followed := await self._follow_file(campaign, export, now)) is not None:
                done[campaign.id] = followed
        return done

    async def _follow_file(self, campaign: Campaign, export: Path, now: datetime) -> Followed | None:
        """The file's time is taken for the export's. None: nothing came of it."""
        try:
            data, as_of = await asyncio.to_thread(_taken, export)
        except OSError as why:
            _log.warning("export cannot be read", campaign=campaign.id, why=type(why).__name__)
            return None
        records = await asyncio.to_thread(read_records, export.name, data)
        if records.faults:
            _log.warning("export has faults", campaign=campaign.id, faults=len(records.faults))
            return None
        reconciled = await self.look(campaign, records.rows, now, as_of=as_of)
        followed = await self.follow(campaign, reconciled, now)
        _log.info("export followed", campaign=campaign.id, recorded=followed.recorded, queued=followed.queued)
        return followed

    async def _record(self, campaign: Campaign, student: Student, new: StudentState) -> bool:
        return await self._campaigns.record(campaign.id, student.class_id, student.sid, new)


class Nightly:
    """Follows the exports that lie in a folder, once a day from the night on, whoever looks how often."""

    def __init__(self, reconciling: Callable[[], Reconciling], folder: Path, clock: Clock) -> None:
        self._reconciling = reconciling
        self._folder = folder
        self._clock = clock
        self._done: date | None = None  # spares looking again; what was followed changes nothing a second time

    async def step(self) -> None:
        """Follow them, if this is the time and it was not done on this day."""
        now = self._clock.now()
        local = now.astimezone(ZONE)
        if local.time() < NIGHT_BEGINS or self._done == local.date():
            return
        await self._reconciling().follow_folder(self._folder, now)
        self._done = local.date()


def made_at(export: Path) -> datetime:
    """When an export was made, by its file's time (UTC)."""
    return datetime.fromtimestamp(export.stat().st_mtime, UTC)


def _export_of(folder: Path, campaign: Campaign) -> Path | None:
    """The export that has the campaign's id for a name, the newest of several."""
    found = [path for ending in _ENDINGS if (path := folder / f"{campaign.id}{ending}").is_file()]
    return max(found, key=made_at, default=None)


def _taken(export: Path) -> tuple[bytes, datetime]:
    return export.read_bytes(), made_at(export)
