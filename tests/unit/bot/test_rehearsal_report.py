"""A rehearsal as a clerk reads it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.cli.rehearsing import Report
from bot.dialogue.wording import ContentWording
from knowledge.loading import load
from scheduler.calendar import Deadline
from scheduler.campaigns import Campaign
from scheduler.rehearsal import rehearse
from scheduler.rehearsed import School, Underway
from tests.samples import CAMPAIGN, bindings_of, bound, group, school_class, student

NOW = datetime(2019, 12, 10, 1, tzinfo=UTC)


def report(*others: Campaign) -> Sequence[str]:
    """The campaign rehearsed for one class of forty with a group, beside other campaigns."""
    wording = ContentWording(load().phrases, informal="你")
    members = [student(number) for number in range(40)]
    school = School(
        classes={"c-one": school_class()},
        members={"c-one": members},
        groups=[group("g", "c-one")],
        bindings=bindings_of(*(bound(one.sid, one.sid) for one in members)),
        others=[Underway(campaign=one) for one in others],
    )
    lines = tuple(rehearse(Underway(campaign=CAMPAIGN), school, NOW, words=wording.render))
    return [*Report(wording, CAMPAIGN, school, lines).parts(NOW, 0)]


def test_what_becomes_one_message_with_another_campaigns_is_counted() -> None:
    photo = replace(CAMPAIGN, id="glut-photo-2019", title="照片核对", stages=CAMPAIGN.stages[:1])
    said = report(photo)
    assert said.count("  41条和另一次核对合成一条") == 4
    assert not any("期间另一次核对" in line for line in said)
    assert "收到4条私聊的：40人" in said


def test_what_another_campaign_sends_by_itself_stands_in_numbers_and_counts_for_each_person() -> None:
    sooner = replace(
        CAMPAIGN.stages[0], deadline=Deadline(words="", day=date(2019, 12, 13)), waves=(timedelta(days=1),)
    )
    said = report(replace(CAMPAIGN, id="glut-photo-2019", title="照片核对", stages=(sooner,)))
    assert [line.partition(" ")[2] for line in said if "期间" in line] == [
        "期间另一次核对“照片核对”的提醒：群里1条，私聊40条，班长0条"
    ]
    assert "收到5条私聊的：40人" in said
