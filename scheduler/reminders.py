"""When a wave's moment comes: its slots are claimed with what they send.

APScheduler decides when, Redis decides whether. One job stands for each due moment, not for each class;
jobs are derived from the open campaigns at every start, change and turn of the clock, so that the
scheduler's own memory never matters, and a sweep every minute is the safety net. A moment of the clock is
mapped to the machine's time, so that a clock turned by hand drives the same scheduler.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.campaigns import Campaign, CampaignStatus, Owner
from scheduler.claiming import Claiming
from scheduler.deliveries import CLAIMED, slot_id
from scheduler.meeting import Due
from scheduler.planner import CATCH_UP, GAP, Plan, Wave, plan
from scheduler.ports import CampaignStore, Clock, Outbox, RosterStore, StaffRoom, StoreAway, Suspensions
from scheduler.stages import announces
from scheduler.suspensions import Suspension, dropped_note, suspended, suspended_note

_log = structlog.get_logger(__name__)

TOO_LATE = "too-late"
"""What became of a slot whose wave came later than the catch-up window allows."""

HELD = "held"
"""What became of a slot whose wave was held until it came later than the catch-up window allows."""

FAILOVER = "failover"
"""Why a wave may have been sent although its slots are free."""

BEFORE_OPENING = "before-opening"
"""What became of a slot whose moment had passed when the campaign was opened."""

_SWEEP = timedelta(minutes=1)
_SWEEP_JOB, _DUE_JOB = "sweep", "due"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """An open campaign at one moment: its plan, which slots are claimed, and which classes are not to be reminded.

    `replaced_at`: when another server took the place of the one that was written to, and may have forgotten claims.
    """

    campaign: Campaign
    plan: Plan
    claimed: Mapping[str, str]
    suspended: Mapping[str, Suspension]
    replaced_at: datetime | None

    def going(self, waves: Iterable[Wave]) -> list[Due]:
        """What is to be claimed of waves."""
        return [due for wave in waves if (due := self._going(wave)).classes]

    def _going(self, wave: Wave) -> Due:
        """After a failover it may have been claimed, and sent, all the same."""
        classes = self.campaign.classes
        slots = zip(classes, self.slots(wave, classes), strict=True)
        return Due(
            campaign=self.campaign,
            wave=wave,
            classes=frozenset(self.may_go(wave)),
            went={class_id for class_id, slot in slots if self.claimed.get(slot) == CLAIMED},
            in_doubt=self.replaced_at is not None and wave.at <= self.replaced_at,
        )

    def free(self, wave: Wave) -> list[str]:
        """The classes whose slot of this wave nobody has claimed yet."""
        classes = self.campaign.classes
        slots = zip(classes, self.slots(wave, classes), strict=True)
        return [class_id for class_id, slot in slots if slot not in self.claimed]

    def may_go(self, wave: Wave) -> list[str]:
        """Those of them that are not held."""
        return [class_id for class_id in self.free(wave) if not self._holds(wave, class_id)]

    def held(self, wave: Wave) -> Mapping[Suspension, list[str]]:
        """Those of them that are, by what holds them."""
        found: dict[Suspension, list[str]] = {}
        for class_id in self.free(wave):
            if self._holds(wave, class_id):
                found.setdefault(self.suspended[class_id], []).append(class_id)
        return found

    def slots(self, wave: Wave, classes: Sequence[str]) -> list[str]:
        """The slots of a wave to these classes."""
        return [slot_id(self.campaign.id, wave.stage, wave.id, class_id) for class_id in classes]

    def _holds(self, wave: Wave, class_id: str) -> bool:
        """Students wait with what they cannot do now; that they have longer for it is no such thing."""
        if announces(wave.id):
            return False
        return class_id in self.suspended and self.campaign.stage(wave.stage).owner is Owner.STUDENT


class Reminders:
    """Fires the waves of all open campaigns. Any number of processes may do so at once."""

    def __init__(
        self,
        *,
        claiming: Claiming,
        campaigns: CampaignStore,
        rosters: RosterStore,
        outbox: Outbox,
        suspensions: Suspensions,
        staff_room: StaffRoom,
        clock: Clock,
        catch_up: timedelta = CATCH_UP,
    ) -> None:
        self._claiming = claiming
        self._campaigns = campaigns
        self._rosters = rosters
        self._outbox = outbox
        self._suspensions = suspensions
        self._staff_room = staff_room
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
        for look in await self._looks(now):
            coming.update(wave.at for wave in look.plan.coming)
            due |= any(look.may_go(wave) for wave in look.plan.due) or any(look.free(wave) for wave in look.plan.missed)
            for wave in look.plan.due:
                for suspension, classes in look.held(wave).items():
                    coming.add(suspension.until)
                    await self._tell_held(look.campaign, wave, suspension, len(classes))
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

        What other campaigns would tell the same people soon goes out with it. What is too late is claimed as dropped
        and reported.
        """
        async with self._one_at_a_time:
            now = self._clock.now()
            looks = await self._looks(now)
            for look in looks:
                for wave in look.plan.missed:
                    await self._drop(look, wave, now)
            due = [one for look in looks for one in look.going(look.plan.due)]
            coming = [
                one for look in looks for one in look.going(wave for wave in look.plan.coming if wave.at < now + GAP)
            ]
            queued = sum([await self._claim_in_doubt(one, now) for one in due if one.in_doubt])
            return queued + await self._claiming.claim([one for one in due if not one.in_doubt], coming, now)

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

    async def _looks(self, now: datetime) -> list[_Look]:
        """Every open campaign as it is now."""
        replaced_at = await self._outbox.replaced_at(now)
        opened = [one for one in await self._campaigns.all() if one.status is CampaignStatus.OPEN]
        if not opened:
            return []
        holding = await self._suspensions.holding(now)
        classes = await self._rosters.classes() if holding else {}
        return [
            _Look(
                campaign=campaign,
                plan=plan(campaign, now, catch_up=self._catch_up),
                claimed=await self._outbox.claimed(campaign.id),
                suspended=suspended((classes[one] for one in campaign.classes if one in classes), holding),
                replaced_at=replaced_at,
            )
            for campaign in opened
        ]

    async def _drop(self, look: _Look, wave: Wave, now: datetime) -> None:
        campaign = look.campaign
        since = campaign.planned_since(campaign.stage(wave.stage))
        if since is not None and wave.at < since:
            await self._outbox.drop(campaign.id, look.slots(wave, look.free(wave)), now, BEFORE_OPENING)
            return
        held = [class_id for classes in look.held(wave).values() for class_id in classes]
        for why, classes in ((TOO_LATE, look.may_go(wave)), (HELD, held)):
            dropped = await self._outbox.drop(campaign.id, look.slots(wave, classes), now, why)
            if dropped:
                _log.warning("wave dropped", campaign=campaign.id, stage=wave.stage, wave=wave.id, why=why)
                note = dropped_note(campaign, wave.stage, wave.at, why, classes=len(dropped))
                await self._staff_room.tell(note, f"{campaign.id}:{wave.stage}:{wave.id}:{why}")

    async def _tell_held(self, campaign: Campaign, wave: Wave, suspension: Suspension, classes: int) -> None:
        """Once a suspension, whichever of its waves comes first."""
        note = suspended_note(campaign, wave.stage, wave.at, suspension, classes=classes)
        key = f"{campaign.id}:{suspension.why}:{suspension.cohort}:{suspension.since:%Y%m%dT%H%M%S}"
        await self._staff_room.tell(note, key)

    async def _claim_in_doubt(self, due: Due, now: datetime) -> int:
        """Claim by itself what may have been sent before a failover, and say so."""
        campaign, wave = due.campaign, due.wave
        note = dropped_note(campaign, wave.stage, wave.at, FAILOVER, classes=len(due.classes))
        await self._staff_room.tell(note, f"{campaign.id}:{wave.stage}:{wave.id}:{FAILOVER}")
        queued = await self._claiming.claim([due], (), now)
        _log.warning("wave may have been sent before a failover", campaign=campaign.id, wave=wave.id, sends=queued)
        return queued
