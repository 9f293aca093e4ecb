"""Whom a notice reaches, looked up: what staff are shown before it goes, and what is written when it does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from scheduler import audiences
from scheduler.audiences import School, classes_of, students_of
from scheduler.campaigns import StudentState
from scheduler.notices import Audience, Form, Notice, Recipient
from scheduler.ports import BindingStore, CampaignStore, NoticeResults, NoticeStore, ReachStore, RosterStore, StaffStore
from scheduler.staffing import StaffRole, monitors

_LATEST = 500
"""Among so many notices, the last ones, the nudges of one are looked for."""


def _repeats(notice: Notice, number: int) -> bool:
    return notice.form is Form.NUDGE and notice.about == number


class Addressing:
    """Turns audiences into recipients, as of now."""

    def __init__(
        self,
        *,
        rosters: RosterStore,
        bindings: BindingStore,
        staff: StaffStore,
        campaigns: CampaignStore,
        reach: ReachStore,
        notices: NoticeStore,
        results: NoticeResults,
    ) -> None:
        self._rosters = rosters
        self._bindings = bindings
        self._staff = staff
        self._campaigns = campaigns
        self._reach = reach
        self._notices = notices
        self._results = results

    async def recipients(self, audience: Audience, now: datetime) -> tuple[Recipient, ...]:
        """Everybody an audience means, with where they are reached, if anywhere."""
        if audience.reached_by:
            return await self._reached(audience.reached_by)
        if audience.unread_of:
            notice = await self._notices.get(audience.unread_of)
            return await self._unread(notice, now) if notice else ()
        return audiences.recipients(audience, await self._school(audience, now))

    async def scopes(self, found: Sequence[Recipient]) -> frozenset[str]:
        """The scopes of their classes."""
        classes = (await self._rosters.current()).classes
        named = {class_id for one in found for class_id in one.classes}
        return frozenset(classes[class_id].scope for class_id in named if class_id in classes)

    async def _reached(self, number: int) -> tuple[Recipient, ...]:
        """Whom a notice reached, by itself or when it was said once more."""
        nudges = [one.number for one in await self._notices.latest(_LATEST) if _repeats(one, number)]
        results = [await self._results.results(one) for one in (number, *nudges)]
        return audiences.reached(result for one in results for result in one.values())

    async def _unread(self, notice: Notice, now: datetime) -> tuple[Recipient, ...]:
        readings = await self._notices.readings(notice.number)
        return audiences.unread(notice, readings, await self._school(notice.audience, now))

    async def _school(self, audience: Audience, now: datetime) -> School:
        """What has to be known to find them."""
        roster = await self._rosters.current()
        campaign = await self._campaigns.get(audience.campaign) if audience.campaign else None
        classes = classes_of(audience, roster, campaign)
        states: dict[str, StudentState] = {}
        if campaign is not None and audience.states:
            for class_id in classes:
                states.update(await self._campaigns.states(campaign.id, class_id))
        school = School(
            roster=roster,
            campaign=campaign,
            states=states,
            groups=await self._bindings.groups_of(classes) if classes else (),
            staff=[member for member in await self._staff.all() if member.serves(now)] if audience.roles else (),
            monitors=await self._monitors(classes, now) if StaffRole.MONITOR in audience.roles else (),
            lost=frozenset(await self._reach.unreachable()),
        )
        sids = [student.sid for student in students_of(audience, school)]
        return replace(school, bindings=await self._bindings.of_students(sids))

    async def _monitors(self, classes: tuple[str, ...], now: datetime) -> frozenset[str]:
        found = set[str]()
        for class_id in classes:
            members = await self._rosters.members(class_id)
            words = await self._staff.monitor_words([student.sid for student in members])
            found.update(student.sid for student in monitors(members, words, now))
        return frozenset(found)
