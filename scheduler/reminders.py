"""When a wave's moment comes: its slots are claimed with what they send.

APScheduler decides when, Redis decides whether. One job stands for each due moment, not for each class;
jobs are derived from the open campaigns at every start, change and turn of the clock, so that the
scheduler's own memory never matters, and a sweep every minute is the safety net. A moment of the clock is
mapped to the machine's time, so that a clock turned by hand drives the same scheduler.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.deliveries import slot_id
from scheduler.planner import CATCH_UP, Wave, plan
from scheduler.ports import BindingStore, CampaignStore, Clock, Outbox, RosterStore, StoreAway
from scheduler.recipients import Audience, mailing

_log = structlog.get_logger(__name__)

TOO_LATE = "too-late"
"""What became of a slot whose wave came later than the catch-up window allows."""

BEFORE_OPENING = "before-opening"
"""What became of a slot whose moment had passed when the campaign was opened."""

_SWEEP = timedelta(minutes=1)
_SWEEP_JOB, _DUE_JOB = "sweep", "due"


class Reminders:
    """Fires the waves of all open campaigns. Any number of processes may do so at once."""

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        rosters: RosterStore,
        bindings: BindingStore,
        outbox: Outbox,
        clock: Clock,
        catch_up: timedelta = CATCH_UP,
    ) -> None:
        self._campaigns = campaigns
        self._rosters = rosters
        self._bindings = bindings
        self._outbox = outbox
        self._clock = clock
        self._catch_up = catch_up
        # A late job still runs: whether it is too late is the planner's business.
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = AsyncIOScheduler(timezone=UTC, job_defaults=defaults)
        self._one_at_a_time = asyncio.Lock()
        self._due: asyncio.Future[None] | None = None
        self.swept_at: datetime | None = None
        """When the campaigns were last looked through (UTC)."""

    async def start(self) -> None:
        """Start the scheduler with the jobs of now; StoreAway leaves them to the sweep."""
        self._scheduler.start()
        self._scheduler.add_job(self._sweep, IntervalTrigger(seconds=_SWEEP.total_seconds()), id=_SWEEP_JOB)
        await self._sweep()

    async def stop(self) -> None:
        """Stop; a wave that is being claimed is waited for."""
        if self._scheduler.running:
            self._scheduler.pause()
            async with self._one_at_a_time:  # waiting is ours: the scheduler's own would cancel what runs
                self._scheduler.shutdown(wait=False)

    async def derive(self) -> None:
        """Make the jobs anew from the open campaigns: after a start, a change, a turn of the clock."""
        now = self._clock.now()
        coming: set[datetime] = set()
        due = False
        for campaign in await self._open_campaigns():
            planned = plan(campaign, now, catch_up=self._catch_up)
            coming.update(wave.at for wave in planned.coming)
            claimed = await self._outbox.claimed(campaign.id)
            due |= any(_free(campaign, wave, claimed) for wave in (*planned.due, *planned.missed))
        self._schedule(coming, now, due=due)
        self.swept_at = now

    async def run_until_idle(self) -> None:
        """Let everything fire that is due at this instant."""
        await self.derive()
        while self._due is not None:
            await self._due
            await self.derive()

    async def fire(self) -> int:
        """Claim every wave that is due at this instant, with its deliveries; how many were queued.

        What is too late is claimed as dropped and reported.
        """
        async with self._one_at_a_time:
            now = self._clock.now()
            queued = 0
            for campaign in await self._open_campaigns():
                planned = plan(campaign, now, catch_up=self._catch_up)
                claimed = await self._outbox.claimed(campaign.id)
                for wave in planned.missed:
                    await self._drop(campaign, wave, claimed, now)
                for wave in planned.due:
                    queued += await self._claim(campaign, wave, claimed, now)
            return queued

    def _schedule(self, coming: set[datetime], now: datetime, *, due: bool) -> None:
        machine_now = datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            if job.id not in (_SWEEP_JOB, _DUE_JOB):
                job.remove()
        for moment in coming:
            self._scheduler.add_job(self._fire, DateTrigger(machine_now + (moment - now)), id=moment.isoformat())
        if due and self._due is None:
            self._due = asyncio.get_running_loop().create_future()
            self._scheduler.add_job(self._fire_due, DateTrigger(machine_now), id=_DUE_JOB)

    async def _fire_due(self) -> None:
        try:
            await self._fire()
        finally:
            due, self._due = self._due, None
            if due is not None:
                due.set_result(None)

    async def _fire(self) -> None:
        try:
            _log.info("waves fired", queued=await self.fire())
        except StoreAway:
            _log.warning("waves wait for the store")

    async def _sweep(self) -> None:
        try:
            await self.derive()
        except StoreAway:
            _log.warning("sweep waits for the store")

    async def _open_campaigns(self) -> list[Campaign]:
        return [campaign for campaign in await self._campaigns.all() if campaign.status is CampaignStatus.OPEN]

    async def _drop(self, campaign: Campaign, wave: Wave, claimed: Mapping[str, str], now: datetime) -> None:
        since = campaign.planned_since(campaign.stage(wave.stage))
        before_opening = since is not None and wave.at < since
        why = BEFORE_OPENING if before_opening else TOO_LATE
        slots = [_slot(campaign, wave, class_id) for class_id in _free(campaign, wave, claimed)]
        dropped = await self._outbox.drop(campaign.id, slots, now, why)
        if dropped and not before_opening:
            _log.warning("wave dropped", campaign=campaign.id, stage=wave.stage, wave=wave.id, classes=len(dropped))

    async def _claim(self, campaign: Campaign, wave: Wave, claimed: Mapping[str, str], now: datetime) -> int:
        classes = _free(campaign, wave, claimed)
        if not classes:
            return 0
        audience = await self._audience(campaign, classes)
        deliveries = mailing(campaign, wave, audience).deliveries
        slots = [_slot(campaign, wave, class_id) for class_id in classes]
        _, queued = await self._outbox.claim(campaign.id, slots, deliveries, now)
        return queued

    async def _audience(self, campaign: Campaign, classes: Sequence[str]) -> Audience:
        members, states, groups = await asyncio.gather(
            self._rosters.members_of(classes),
            self._campaigns.states_of(campaign.id, classes),
            self._bindings.groups_of(classes),
        )
        sids = [student.sid for students in members.values() for student in students]
        bindings = await self._bindings.of_students(sids)
        return Audience(members=members, states=states, groups=groups, bindings=bindings)


def _slot(campaign: Campaign, wave: Wave, class_id: str) -> str:
    return slot_id(campaign.id, wave.stage, wave.id, class_id)


def _free(campaign: Campaign, wave: Wave, claimed: Mapping[str, str]) -> list[str]:
    """The classes whose slot of this wave nobody has claimed yet."""
    return [class_id for class_id in campaign.classes if _slot(campaign, wave, class_id) not in claimed]
