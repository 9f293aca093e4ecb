"""Who asked to be reminded less hears from a stage on its last day only."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.campaigns import Campaign
from scheduler.deliveries import Delivery, Kind
from scheduler.planner import Wave, plan
from scheduler.recipients import Audience, mailing
from scheduler.roster import Binding, Student
from tests.samples import CAMPAIGN, STUDENT_STAGE, bindings_of, bound, campaign_with, group, student

LEADS = st.lists(st.integers(1, 24 * 20).map(lambda hours: timedelta(hours=hours)), min_size=1, unique=True)


def waves(campaign: Campaign) -> list[Wave]:
    """Those of the student stage that come at all, the first one first."""
    planned = plan(campaign, STUDENT_STAGE.deadline.instant - timedelta(days=40))
    return [wave for wave in planned.coming if wave.stage == STUDENT_STAGE.id]


def sent(campaign: Campaign, wave: Wave, members: Sequence[Student], *bindings: Binding) -> list[Delivery]:
    """What a wave sends to a class of which nobody has stated anything."""
    school = Audience(
        members={"c-one": members}, states={}, groups=[group("g", "c-one")], bindings=bindings_of(*bindings)
    )
    return list(mailing(campaign, wave, school).deliveries)


def told(campaign: Campaign, *bindings: Binding) -> list[str]:
    """The waves by which the one student is told in private."""
    return [wave.id for wave in waves(campaign) if sent(campaign, wave, [student(1)], *bindings)]


def test_only_the_waves_of_the_last_day_reach_them_and_all_waves_reach_everybody_else() -> None:
    own = bound(student(1).sid, "p1")
    assert told(CAMPAIGN, own) == ["7d", "3d", "1d", "3h"]
    assert told(CAMPAIGN, replace(own, last_day_only=True)) == ["3h"]


def test_what_they_asked_by_one_account_holds_for_all_of_theirs() -> None:
    sid = student(1).sid
    assert told(CAMPAIGN, bound(sid, "p1"), replace(bound(sid, "p2", strong=False), last_day_only=True)) == ["3h"]


@pytest.mark.parametrize("number", [3, 30])
def test_the_group_hears_every_wave_all_the_same(number: int) -> None:
    members = [student(one) for one in range(number)]
    wishes = [replace(bound(one.sid, one.sid), last_day_only=True) for one in members]
    first, *_ = waves(CAMPAIGN)
    assert [one.kind for one in sent(CAMPAIGN, first, members, *wishes)] == [Kind.GROUP_WAVE]


@given(LEADS)
def test_whatever_the_waves_are_they_are_told_on_one_day_and_at_least_once(leads: list[timedelta]) -> None:
    campaign = campaign_with(replace(STUDENT_STAGE, waves=tuple(leads)))
    wish = replace(bound(student(1).sid, "p1"), last_day_only=True)
    heard = set(told(campaign, wish))
    days = {STUDENT_STAGE.deadline.days_left(wave.at) for wave in waves(campaign) if wave.id in heard}
    assert days == {min(STUDENT_STAGE.deadline.days_left(wave.at) for wave in waves(campaign))}
