"""What staff is told of a day: numbers, whom it concerns, and never a person's name."""

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.wording import ContentWording
from knowledge.loading import load
from scheduler.calendar import ZONE, Deadline
from scheduler.campaigns import Owner, Progress, Stage
from scheduler.evidence import Head
from scheduler.ladder import Rung
from scheduler.letters import Letter
from scheduler.messages import Verb
from scheduler.seats import Seat
from scheduler.staff_letters import MOST_LINES, digest_letter, is_day_for_staff, spoken_of
from tests.samples import CAMPAIGN, HAND_IN_STAGE, STUDENT_STAGE, campaign_with, school_class

WORDING = ContentWording(load().phrases, "你")
BEFORE = datetime(2019, 12, 18, 8, 40, tzinfo=ZONE)
AFTER = datetime(2019, 12, 23, 8, 40, tzinfo=ZONE)
HEAD = Head(count=1200, digest="9f3ac2d41e0b77a5c6d80f12")


def progress(done: int = 34, owing: int = 4, office: int = 2) -> Progress:
    return Progress(total=done + owing + office, done=done, owing=owing, with_office=office)


def seat(number: int = 1, rung: Rung = Rung.COUNSELLOR, *asked: Stage, of: Progress | None = None) -> Seat:
    found = school_class(f"c{number}", f"计科190{number}班")
    return Seat(found=found, progress=of or progress(), rung=rung, asked=asked)


def text(letter: Letter | None) -> str:
    return WORDING.render(letter.body) if letter else ""


def test_each_class_has_a_line_and_those_that_are_done_are_counted_together() -> None:
    done = progress(done=40, owing=0, office=0)
    said = text(digest_letter([(CAMPAIGN, [seat(1), seat(2), seat(3, of=done)])], BEFORE))
    assert said.splitlines() == [
        "今天请看一眼（仅您可见，只有人数）：",
        "【新生学籍核对】同学核对登记，12月22日（周日）24:00截止",
        "计科1901班：共40人，已登记34，还没登记4，老师正在处理2",
        "计科1902班：共40人，已登记34，还没登记4，老师正在处理2",
        "其余1个班都登记完了",
    ]


def test_a_college_hears_the_sum_and_not_a_line_for_each_class() -> None:
    said = text(digest_letter([(CAMPAIGN, [seat(n, Rung.COLLEGE) for n in range(1, 10)])], BEFORE))
    assert "合计9个班360人：已登记306，还没登记36，老师正在处理18" in said
    assert "计科" not in said


def test_after_the_deadline_the_one_who_is_asked_is_told_which_classes() -> None:
    seats = [seat(1, Rung.COUNSELLOR, STUDENT_STAGE), seat(2, Rung.COUNSELLOR)]
    said = text(digest_letter([(CAMPAIGN, seats)], AFTER))
    assert "请您过问：计科1901班4人。" in said


def test_papers_are_asked_for_before_their_deadline_and_after_it_in_other_words() -> None:
    monitor = [seat(1, Rung.MONITOR, HAND_IN_STAGE)]
    assert "签名表请在12月24日（周二）17:00前交：计科1901班" in text(digest_letter([(CAMPAIGN, monitor)], AFTER))
    late = AFTER + timedelta(days=2)
    assert "签名表已于12月24日（周二）17:00到期：计科1901班还没交" in text(digest_letter([(CAMPAIGN, monitor)], late))


def test_a_college_that_hands_in_is_asked_for_all_its_classes_at_once() -> None:
    stage = Stage(
        id="college",
        owner=Owner.COLLEGE,
        deadline=Deadline(words="", day=date(2019, 12, 24)),
        waves=(timedelta(days=1),),
    )
    seats = [seat(n, Rung.COLLEGE, stage) for n in (1, 2, 3)]
    assert "请学院在12月24日（周二）24:00前交齐：3个班。" in text(digest_letter([(campaign_with(stage), seats)], AFTER))


def test_long_lists_are_cut_and_say_so() -> None:
    seats = [seat(n, Rung.COUNSELLOR, STUDENT_STAGE) for n in range(1, 31)]
    said = text(digest_letter([(CAMPAIGN, seats)], AFTER))
    assert "另有19个班，还没登记76人" in said
    assert "另19个班" in said
    assert len(said.splitlines()) < MOST_LINES + 6


def test_two_campaigns_are_one_message() -> None:
    said = text(digest_letter([(CAMPAIGN, [seat(1)]), (campaign_with(STUDENT_STAGE), [seat(2)])], BEFORE))
    assert said.count("【新生学籍核对】") == 2


def test_where_nothing_is_open_nothing_is_said_but_the_head_is_told_all_the_same() -> None:
    done = [seat(1, of=progress(done=40, owing=0, office=0))]
    assert digest_letter([(CAMPAIGN, done)], BEFORE) is None
    assert digest_letter([], BEFORE) is None
    assert text(digest_letter([(CAMPAIGN, done)], BEFORE, head=HEAD)).strip() == f"存证链尾：{HEAD}"


def test_accounts_that_wait_for_their_counsellor_are_told_as_a_number() -> None:
    assert "有2个账号等您认领" in text(digest_letter([], BEFORE, claims=2))


def test_one_class_leads_straight_to_its_names_and_several_to_a_list() -> None:
    one, several = (
        digest_letter([(CAMPAIGN, [seat(1)])], BEFORE),
        digest_letter([(CAMPAIGN, [seat(1), seat(2)])], BEFORE),
    )
    assert one is not None
    assert several is not None
    named = {action.verb: (action.subject, action.detail) for _, action in one.choices}
    assert named == {Verb.PROGRESS: ("", ""), Verb.NAMES: (CAMPAIGN.id, "c1"), Verb.NUDGE: (CAMPAIGN.id, "c1")}
    assert {(action.subject, action.detail) for _, action in several.choices} == {("", "")}


STAGES = st.sets(st.sampled_from([STUDENT_STAGE.id, HAND_IN_STAGE.id])).map(
    lambda ids: tuple(stage for stage in CAMPAIGN.stages if stage.id in ids)
)


@given(
    st.lists(
        st.tuples(st.sampled_from(list(Rung)), STAGES, st.integers(0, 60), st.integers(0, 60), st.integers(0, 9)),
        max_size=40,
    ),
    st.integers(0, 30),
    st.booleans(),
)
def test_every_digest_can_be_said_and_is_addressed_formally(
    drawn: list[tuple[Rung, tuple[Stage, ...], int, int, int]], days: int, to_chat: bool
) -> None:
    seats = [
        seat(number, rung, *asked, of=progress(done, owing, office))
        for number, (rung, asked, done, owing, office) in enumerate(drawn)
    ]
    said = text(digest_letter([(CAMPAIGN, seats)], BEFORE + timedelta(days=days), head=HEAD, to_chat=to_chat))
    assert "你" not in said
    assert len(said) < 3000


def test_staff_is_written_to_on_working_days_and_on_the_last_day_of_a_deadline() -> None:
    days = {day: is_day_for_staff(CAMPAIGN, datetime(2019, 12, day, 9, tzinfo=ZONE)) for day in range(16, 25)}
    assert [day for day, works in days.items() if not works] == [21]  # the Saturday; Sunday is the last day


def test_a_campaign_is_spoken_of_from_the_day_of_its_first_reminder_until_well_after_its_end() -> None:
    def spoken(month: int, day: int) -> bool:
        return spoken_of(CAMPAIGN, datetime(2019 + month // 12, month % 12 + 1, day, 9, tzinfo=ZONE))

    december, january = 11, 12
    assert [spoken(december, 15), spoken(december, 16)] == [False, True]
    assert [spoken(january, 7), spoken(january, 8)] == [True, False]
