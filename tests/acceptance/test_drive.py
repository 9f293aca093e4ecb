"""A whole drive, from the draft a clerk dates to the papers the college hands in."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.drafting import draft
from scheduler.calendar import Deadline
from scheduler.campaigns import Campaign, CampaignStatus, Grade, State, move
from scheduler.handing_in import HandIn, Taken, college_field
from scheduler.life import Unfit, dated, deadline_moved, scheduled
from scheduler.planner import plan
from tests.acceptance.college import COHORT, College

MONITOR, KEEN, LATE = 1, 2, 3
ZONE = ZoneInfo("Asia/Shanghai")
OPENS = datetime(2019, 12, 14, 9, tzinfo=ZONE)
MOVED_AT = datetime(2019, 12, 17, 10, tzinfo=ZONE)
LAST_DAY = datetime(2019, 12, 27, 21, 59, tzinfo=ZONE)


async def change(college: College, changed: Campaign | Unfit, seen: Campaign) -> Campaign:
    assert isinstance(changed, Campaign), changed
    assert await college.demo.service.kept.campaigns.save(changed, seen_revision=seen.revision)
    return changed


async def prepared(college: College) -> Campaign:
    """A draft of the school's template, its deadline set anew by the clerk, that opens by itself."""
    service = college.demo.service
    plain = draft(service.known.content.templates["glut-check"], 2019, cohort=str(COHORT))
    assert await service.kept.campaigns.save(plain, seen_revision=0)
    new = Deadline(words="12月20日完成", day=date(2019, 12, 22), at=time(18))
    ready = await change(college, dated(plain, "student", new), plain)
    return await change(college, scheduled(ready, OPENS, college.clock.now()), ready)


async def confirms(college: College, seat: int) -> None:
    await college.say(college.seat(seat), "确认")
    await college.press(college.seat(seat), "都对")


async def test_a_drive_from_its_draft_to_the_papers_handed_in(college: College) -> None:
    kept = college.demo.service.kept
    waits = await prepared(college)
    await college.turn_to(OPENS - timedelta(minutes=1))
    assert (await kept.campaigns.get(waits.id)) == waits
    await college.turn_to(OPENS)
    opened = await kept.campaigns.get(waits.id)
    assert opened is not None
    assert (opened.status, opened.opened_at) == (CampaignStatus.OPEN, college.clock.now())

    heard = await college.turn_to(plan(opened, college.clock.now()).coming[0].at)
    assert any("12月22日（周日）18:00" in message.text for message in heard)
    await confirms(college, KEEN)

    await college.turn_to(MOVED_AT)
    until = Deadline(words="延到12月27日", day=date(2019, 12, 27), at=time(18))
    moved = await change(college, deadline_moved(opened, "student", until, college.clock.now()), opened)
    news = await college.turn_to(MOVED_AT + timedelta(minutes=1))
    private = {
        message.chat for message in news if "截止时间改了" in message.text and "12月27日（周五）18:00" in message.text
    }
    assert college.seat(LATE).sid in private
    assert college.seat(KEEN).sid not in private
    assert not any("截止时间改了" in one.text for one in await college.turn_to(MOVED_AT + timedelta(hours=2)))

    await college.turn_to(LAST_DAY)
    await confirms(college, LATE)
    assert (await college.state(moved, college.seat(LATE))).late

    await college.say(college.seat(MONITOR), "纸签 除 9 外都签了")
    assert (await college.state(moved, college.seat(LATE))).grade is Grade.SIGNED
    assert (await college.state(moved, college.seat(5))).state is State.NONE
    await college.say(college.seat(MONITOR), "已交")
    await college.press(college.seat(MONITOR), "已交系")
    assert await kept.campaigns.hand_in(moved.id, college.seat(MONITOR).class_id) is not None
    whose, now = college_field(college.seat(MONITOR).college), college.clock.now()
    assert await kept.papers.put(moved.id, whose, HandIn(at=now, by="office"), by="office", now=now) is Taken.DONE

    await change(college, move(moved, CampaignStatus.CLOSED, now), moved)
    (over,) = await college.say(college.seat(LATE), "撤回")
    assert (await college.state(moved, college.seat(LATE))).state is State.CONFIRMED
    assert over.text
