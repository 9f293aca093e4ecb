"""`xueji campaign` as a clerk types it, from the draft to the papers."""

import asyncio
import codecs
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from bot.bootstrap import stores
from bot.settings import read as read_settings
from scheduler.campaigns import State
from scheduler.clocks import VirtualClock
from scheduler.deliveries import Delivery, Kind, slot_id
from scheduler.messages import Address, OutboundMessage, Phrase, Purpose
from tests.integration.office import ONE, THREE, TWO, Office
from tests.integration.school import LANE, Platform, relay
from tests.samples import bound

AUTUMN = ["信息学院", "计科1901", "0190101003", "王五", "2019秋"]
ON_LEAVE = [*THREE[:2], "0190102002", "赵六", "2019"]
ID = "glut-check-2030"
_CHINESE = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("XUEJI_DATA", str(tmp_path / "data"))
    yield Office(tmp_path)
    structlog.reset_defaults()


def test_a_vague_date_stays_a_text_until_a_clerk_dates_it_and_then_the_campaign_can_be_scheduled(
    office: Office,
) -> None:
    said = office("campaign", "drafts", "--term", "2030秋").stdout
    assert "ouchn-course-2030秋" in said
    assert "还没有定时间。原文：每年10月中旬\n" in said
    assert "照原文是11月1日（周五）24:00" in said
    soon = (datetime.now(UTC) + timedelta(days=20)).strftime("%Y-%m-%d 09:00")
    refused = office("campaign", "schedule", "ouchn-course-2030秋", soon)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "还没有定截止时间" in refused.stderr
    set_to = office("campaign", "date", "ouchn-course-2030秋", "student", "2030-10-15 17:00")
    assert "10月15日（周二）17:00　原文：每年10月中旬" in set_to.stdout
    waits = office("campaign", "schedule", "ouchn-course-2030秋", soon)
    assert "自动开始" in waits.stdout
    assert "已定时" in office("campaign", "drafts").stdout
    assert office("campaign", "drafts", "--term", "2030秋").stdout.count("ouchn-course-2030秋　") == 1


def test_the_source_says_before_the_day_and_the_clerk_can_say_otherwise(office: Office) -> None:
    office("campaign", "draft", "ouchn-grad", "--term", "2030春")
    assert "提前到前一天" in office("campaign", "date", "ouchn-grad-2030春", "student", "2030-06-05").stdout
    said = office("campaign", "date", "ouchn-grad-2030春", "student", "2030-06-05", "--on-day").stdout
    assert "提前到前一天" not in said
    assert "6月5日（周三）24:00" in said


def test_a_year_covers_its_terms_and_what_is_outside_is_named(office: Office) -> None:
    office.put(ONE, TWO, AUTUMN, ["信息学院", "计科1801", "0180101001", "旧人", "2018"])
    said = office("campaign", "open", "glut-check", "--term", "2030", "--cohort", "2019", "--yes").stdout
    assert "在内：2019　1个班" in said
    assert "在内：2019秋　1个班" in said
    assert "不在内：2018　1个班" in said
    assert "联系不到3人" in said


def test_who_is_exempt_by_status_is_said_before_it_opens_and_nothing_opens_without_a_yes(office: Office) -> None:
    file = office.file(["学院", "班级", "学号", "姓名", "年级", "学籍状态"], [*ONE, ""], [*TWO, "休学"])
    office("roster", "import", file, "--scope", "glut")
    office("campaign", "draft", "glut-check", "--term", "2030", "--cohort", "2019")
    refused = office("campaign", "open", ID)
    assert refused.exit_code == 1
    assert "默认免核对：休学　1人" in refused.stdout
    assert "什么也没有发" in refused.stderr
    office("campaign", "open", ID, "--yes")
    assert "应核对1，" in office.campaign_status()[0]
    assert office.stands(TWO[2])[0] is State.EXEMPT


def test_a_trial_in_one_class_grows_to_all_and_a_class_that_came_later_joins(office: Office) -> None:
    office.put(ONE, TWO, THREE)
    office("campaign", "draft", "glut-check", "--term", "2030", "--cohort", "2019")
    begun = office("campaign", "pilot", ID, "--class", "计科1901", "--yes")
    assert "先在1个班试行" in begun.stdout
    assert len(office.campaign_status()) == 1
    assert "2个班，提醒会按时发出" in office("campaign", "go", ID, "--yes").stdout
    assert office("campaign", "go", ID, "--yes").exit_code == 1
    office.put(ONE, TWO, THREE, ["信息学院", "计科1803", "0180103001", "后来", "2018"])
    assert "3个班" in office("campaign", "join", ID, "计科1803").stdout
    assert len(office.campaign_status()) == 3
    assert "本来就是这样" in office("campaign", "join", ID, "计科1803").stderr


def test_slips_are_written_for_whom_nobody_reaches_and_a_code_stays_until_it_is_used(
    office: Office, tmp_path: Path
) -> None:
    office.put(ONE, TWO, THREE)
    office("campaign", "draft", "glut-check", "--term", "2030", "--cohort", "2019")
    first = office("campaign", "slips", ID, "--out", str(tmp_path / "a"))
    assert "写好3张小条" in first.stdout
    assert len(list((tmp_path / "a").glob("绑定小条-*.docx"))) == 2
    codes = office("roster", "codes", "计科1901").stdout
    assert codes.encode().startswith(codecs.BOM_UTF8), "Excel takes it for UTF-8"
    assert codes == office("roster", "codes", "计科1901").stdout
    (reached,) = [
        json.loads(line) for line in office("campaign", "reach", ID, "--json").stdout.splitlines() if "1901" in line
    ]
    assert reached == {"class": "计科1901", "private": 0, "group": 0, "nowhere": 2}


def test_papers_that_came_are_put_down_once_and_shown(office: Office) -> None:
    office.put(ONE, TWO, THREE)
    office("campaign", "open", "glut-check", "--term", "2030", "--cohort", "2019", "--yes")
    assert "已记下交表" in office("campaign", "handed", ID, "计科1901").stdout
    assert "本来就是这样" in office("campaign", "handed", ID, "计科1901").stdout
    office("campaign", "handed", ID, "信息学院", "--college")
    shown = office("campaign", "status").stdout
    assert shown.count("已交表") == 1
    assert "信息学院：" in shown
    assert "没有“文学院”" in office("campaign", "handed", ID, "文学院", "--college").stderr
    assert "已改回" in office("campaign", "handed", ID, "计科1901", "--back").stdout


def test_a_moved_deadline_is_shown_with_weekday_and_hour_and_what_is_over_is_not_moved(office: Office) -> None:
    office.put(ONE)
    office("campaign", "open", "glut-check", "--term", "2030", "--cohort", "2019", "--yes")
    moved = office("campaign", "move", ID, "student", "2030-12-27 18:00")
    assert "12月27日（周五）18:00　原文：12月22日完成" in moved.stdout
    assert "不再提醒" in office("campaign", "cancel", ID).stdout
    assert "什么也没有改" in office("campaign", "move", ID, "student", "2030-12-28").stderr


def test_who_opens_a_second_campaign_of_the_same_title_is_told_of_the_first(office: Office) -> None:
    office.put(ONE)
    opening = ("campaign", "open", "glut-check", "--cohort", "2019", "--yes", "--term")
    assert "也叫" not in office(*opening, "2030").stdout
    assert f"{ID}也叫“新生学籍核对”" in office(*opening, "2031").stdout


def test_a_reminder_whose_moment_is_past_is_not_said_to_be_coming(office: Office) -> None:
    office.put(ONE)
    office("campaign", "draft", "glut-check", "--term", "2020", "--cohort", "2019")
    said = office("campaign", "waves", "glut-check-2020").stdout
    assert "时间已经过了" in said
    assert "还没发" not in said


def test_a_deadline_moved_before_anybody_was_reminded_promises_no_news_of_it(office: Office) -> None:
    office.put(ONE)
    office("campaign", "open", "glut-check", "--term", "2030", "--cohort", "2019", "--yes")
    assert "不发改期通知" in office("campaign", "move", ID, "student", "2030-12-27 18:00").stdout
    asyncio.run(_reminded(ONE[2]))
    assert "不发改期通知" in office("campaign", "move", ID, "hand-in", "2030-12-29 18:00").stdout
    assert "会收到一次改期通知" in office("campaign", "move", ID, "student", "2030-12-28 18:00").stdout


async def _reminded(number: str) -> None:
    """The student of that number gets the first reminder of the campaign."""
    async with stores(read_settings(), serving=False) as (kept, _):
        student = await kept.rosters.by_number(number)
        assert student is not None
        to = Address(platform=LANE, chat=student.sid)
        await kept.bindings.bind(bound(student.sid, student.sid, LANE))
        slot = slot_id(ID, "student", "7d", student.class_id)
        message = OutboundMessage(to=to, body=Phrase(key="wave"), purpose=Purpose.DEADLINE)
        wave = Delivery(
            id=f"{slot}@{to}", kind=Kind.PRIVATE_WAVE, message=message, campaign=ID, stage="student", wave="7d",
            classes=(student.class_id,), sid=student.sid,
        )  # fmt: skip
        now = datetime.now(UTC)
        await kept.outbox.claim(wave.slots, [wave], now)
        await relay(kept.database, Platform(), VirtualClock(now)).run_until_idle()


def test_classes_are_listed_as_people_list_them(office: Office, tmp_path: Path) -> None:
    rows = [
        [college, name, f"019{number:07}", "张三", "2019"]
        for number, (college, name) in enumerate(
            [("信息学院", "计科10班"), ("信息学院", "计科2班"), ("管理学院", "会计1班"), ("信息学院", "计科1班")]
        )
    ]
    office.put(*rows)
    office("campaign", "open", "glut-check", "--term", "2030", "--cohort", "2019", "--yes")
    in_order = ["计科1班", "计科2班", "计科10班", "会计1班"]
    for command in ("reach", "status"):
        lines = office("campaign", command, ID, "--json").stdout.splitlines()
        assert [json.loads(line)["class"] for line in lines] == in_order
    slips = office("campaign", "slips", ID, "--out", str(tmp_path / "slips")).stdout.splitlines()
    assert [name for line in slips for name in in_order if f"{name}" in line] == in_order


@pytest.mark.parametrize(
    "words",
    [
        ("status",), ("drafts",), ("open", "nothing"), ("date", "nothing", "student", "2030-01-01"),
        ("close", "nothing"), ("handed", "nothing", "x"), ("drafts", "--term", "spring"),
        ("draft", "glut-check", "--term", "2030秋"), ("draft", "nowhere", "--term", "2030"),
    ],
)  # fmt: skip
def test_every_command_answers_in_chinese(office: Office, words: tuple[str, ...]) -> None:
    ended = office("campaign", *words)
    said = ended.stdout + ended.stderr
    assert _CHINESE.search(said)
    assert "Usage" not in said
