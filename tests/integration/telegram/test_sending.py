"""What is sent, and what each thing that can come of it means."""

import logging
import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs
from telegram.error import BadRequest

from bot.bootstrap import Stores
from bot.buttons import ButtonSeal
from bot.platforms.telegram.lane import Telegram
from bot.platforms.telegram.outcomes import UNSAID_PAUSE, UNTIL_MENDED, outcome_of
from bot.platforms.telegram.sender import keyboard_of
from bot.standins.telegram import FaultKind, TelegramStandin
from scheduler.clocks import VirtualClock
from scheduler.messages import (
    Accepted,
    Action,
    Address,
    Attachment,
    Choice,
    Holds,
    OutboundMessage,
    Outcome,
    Purpose,
    Refused,
    RefusedWhy,
    RetryLater,
    Text,
    Unknown,
    Verb,
)
from tests.conftest import START
from tests.integration.telegram.rig import FIGURES, GROUP, STUDENT, Lanes

MESSAGE = OutboundMessage(to=Address(platform="telegram", chat=str(GROUP)), body=Text(text="…"), purpose=Purpose.ANSWER)
PRIVATE = replace(MESSAGE, to=Address(platform="telegram", chat=str(STUDENT)))
OPEN = Choice(label="我核对好了", action=Action(verb=Verb.OPEN, subject="glut-check-2019"))
SHORT_WAIT = 1.0


async def accepted(bot: Telegram, message: OutboundMessage, text: str) -> str:
    outcome = await bot.send(message, text)
    assert isinstance(outcome, Accepted)
    return outcome.message_id


async def test_a_message_arrives_as_it_was_written_with_its_buttons(standin: TelegramStandin, bot: Telegram) -> None:
    text = "<b>5 < 6 & *7* _8_ [9](x) `10` \\ 学信网\n第二行"
    said = standin.world.say(user=STUDENT, chat=GROUP, text="@xueji_bot 怎么办")
    asked = f"{GROUP}/{said['message_id']}"
    ref = await accepted(bot, replace(MESSAGE, choices=(OPEN,), reply_to=asked), text)
    (shown,) = await standin.messages(GROUP)
    assert (shown["text"], shown["buttons"], shown["reply_to"]) == (text, [["我核对好了"]], said["message_id"])
    assert ref == f"{GROUP}/{shown['message_id']}"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(text=st.text(min_size=1, max_size=60))
async def test_any_text_at_all_is_accepted_or_refused_as_content(
    bot: Telegram, standin: TelegramStandin, text: str
) -> None:
    standin.world.group(chat=GROUP)
    outcome = await bot.send(MESSAGE, text)
    assert isinstance(outcome, Accepted) or (outcome == Refused(why=RefusedWhy.BAD_CONTENT) and not text.strip())


async def test_a_reply_to_a_message_that_is_gone_is_sent_all_the_same(standin: TelegramStandin, bot: Telegram) -> None:
    await accepted(bot, replace(MESSAGE, reply_to=f"{GROUP}/999"), "好的")
    await accepted(bot, replace(MESSAGE, reply_to="-77/1"), "好的")  # of before the group became a supergroup
    assert [shown["reply_to"] for shown in await standin.messages(GROUP)] == [None, None]


async def test_a_long_text_is_several_messages_with_the_buttons_under_the_last(
    standin: TelegramStandin, bot: Telegram
) -> None:
    text = "这一句说的是学信网注册。😀\n" * 700
    ref = await accepted(bot, replace(MESSAGE, choices=(OPEN,), reply_to=f"{GROUP}/1"), text)
    shown = await standin.messages(GROUP)
    assert "\n".join(one["text"] for one in shown) == text.strip()
    assert [bool(one["buttons"]) for one in shown] == [False] * (len(shown) - 1) + [True]
    assert ref == f"{GROUP}/{','.join(str(one['message_id']) for one in shown)}"


async def test_what_the_bot_said_is_taken_back_with_all_its_parts_and_twice_does_no_harm(
    standin: TelegramStandin, bot: Telegram
) -> None:
    ref = await accepted(bot, MESSAGE, "这一句说的是学信网注册。😀\n" * 700)
    for _ in range(2):
        assert await bot.recall(MESSAGE.to, ref) == Accepted(message_id=ref)
    assert {shown["deleted"] for shown in await standin.messages(GROUP)} == {True}


async def test_what_is_two_days_old_stays(standin: TelegramStandin, bot: Telegram) -> None:
    ref = await accepted(bot, MESSAGE, "交表")
    standin.world.clock(advance=49 * 3600)
    assert await bot.recall(MESSAGE.to, ref) == Refused(why=RefusedWhy.EXPIRED)


async def test_a_picture_is_uploaded_once_and_named_by_its_file_id_afterwards(
    standin: TelegramStandin, bot: Telegram
) -> None:
    step = replace(MESSAGE, picture="phone-fill", choices=(OPEN,))
    await accepted(bot, step, "填手机号")
    await accepted(bot, step, "再来一次")
    first, second = await standin.messages(GROUP)
    assert first["photo"] == second["photo"] is not None
    assert (first["text"], second["text"]) == ("填手机号", "再来一次")
    assert len(standin.world.files) == 1


async def test_a_file_id_that_no_longer_holds_is_replaced_by_the_picture(
    standin: TelegramStandin, bot: Telegram
) -> None:
    step = replace(MESSAGE, picture="phone-fill")
    await accepted(bot, step, "填手机号")
    standin.world.files.clear()
    await accepted(bot, step, "再来一次")
    assert len(standin.world.files) == 1


async def test_a_caption_too_long_for_a_picture_goes_on_below_it(standin: TelegramStandin, bot: Telegram) -> None:
    await accepted(bot, replace(MESSAGE, picture="phone-fill"), "一句话。" * 300)
    picture, rest = await standin.messages(GROUP)
    assert picture["photo"]
    assert rest["photo"] is None
    assert picture["text"] + rest["text"] == "一句话。" * 300


async def test_a_missing_picture_does_not_keep_the_words_back(standin: TelegramStandin, bot: Telegram) -> None:
    await accepted(bot, replace(MESSAGE, picture="no-such-figure"), "看这里")
    (shown,) = await standin.messages(GROUP)
    assert (shown["text"], shown["photo"]) == ("看这里", None)


async def test_a_message_is_put_in_the_place_of_an_earlier_one(standin: TelegramStandin, bot: Telegram) -> None:
    ref = await accepted(bot, replace(MESSAGE, choices=(OPEN,)), "第一步")
    assert await accepted(bot, replace(MESSAGE, replaces=ref), "第二步") == ref
    (shown,) = await standin.messages(GROUP)
    assert (shown["text"], shown["buttons"], shown["edits"]) == ("第二步", [], 1)


async def test_putting_the_same_in_its_place_again_is_accepted(standin: TelegramStandin, bot: Telegram) -> None:
    ref = await accepted(bot, MESSAGE, "第一步")
    assert await accepted(bot, replace(MESSAGE, replaces=ref), "第一步") == ref
    step = replace(MESSAGE, picture="phone-fill")
    shown = await accepted(bot, step, "看图")
    assert await accepted(bot, replace(step, replaces=shown), "看图") == shown
    assert [one["edits"] for one in await standin.messages(GROUP)] == [0, 0]


async def test_a_guide_turns_its_pages_in_one_message_with_another_picture(
    standin: TelegramStandin, bot: Telegram
) -> None:
    ref = await accepted(bot, replace(MESSAGE, picture="phone-fill"), "第一步")
    assert await accepted(bot, replace(MESSAGE, picture="phone-code", replaces=ref), "第二步") == ref
    assert await accepted(bot, replace(MESSAGE, picture="phone-fill", replaces=ref), "第三步") == ref
    (shown,) = await standin.messages(GROUP)
    assert (shown["text"], shown["edits"]) == ("第三步", 2)
    assert len(standin.world.files) == 2


async def test_what_cannot_be_put_in_place_is_sent_anew(standin: TelegramStandin, bot: Telegram) -> None:
    picture = await accepted(bot, replace(MESSAGE, picture="phone-fill"), "看图")
    assert (
        await accepted(bot, replace(MESSAGE, replaces=picture), "只有字") != picture
    )  # a picture cannot become a text
    assert await accepted(bot, replace(MESSAGE, replaces=f"{GROUP}/999"), "没了") != f"{GROUP}/999"
    assert [shown["text"] for shown in await standin.messages(GROUP)] == ["看图", "只有字", "没了"]


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [
        (FaultKind.FLOOD, RetryLater(at=START + timedelta(seconds=7), why="flood", holds=Holds.CHAT)),
        (FaultKind.FLOOD_BARE, RetryLater(at=START + UNSAID_PAUSE, why="flood", holds=Holds.CHAT)),
        (FaultKind.FORBIDDEN, Refused(why=RefusedWhy.UNREACHABLE)),
        (FaultKind.UNAUTHORIZED, RetryLater(at=START + UNTIL_MENDED, why="credential")),
        (FaultKind.SERVER_ERROR, Unknown(why="server-error")),
        (FaultKind.BROKEN_JSON, Unknown(why="unreadable-answer")),
        (FaultKind.CUT, Unknown(why="no-answer")),
        (FaultKind.NO_RESULT, Unknown(why="unreadable-answer")),
    ],
)
async def test_every_answer_has_its_outcome(
    standin: TelegramStandin, bot: Telegram, kind: FaultKind, outcome: Outcome
) -> None:
    standin.fault(method="sendMessage", kind=kind, retry_after=7)
    assert await bot.send(MESSAGE, "在吗") == outcome
    delivered = isinstance(outcome, Unknown) and kind is not FaultKind.SERVER_ERROR
    assert len(await standin.messages(GROUP)) == delivered


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("chat not found", RefusedWhy.UNREACHABLE),
        ("PEER_ID_INVALID", RefusedWhy.UNREACHABLE),
        ("message thread not found", RefusedWhy.UNREACHABLE),
        ("TOPIC_CLOSED", RefusedWhy.NO_RIGHT),
        ("not enough rights to send text messages to the chat", RefusedWhy.NO_RIGHT),
        ("have no rights to send a message", RefusedWhy.NO_RIGHT),
        ("CHAT_WRITE_FORBIDDEN", RefusedWhy.NO_RIGHT),
        ("can't parse entities: Unsupported start tag", RefusedWhy.BAD_CONTENT),
        ("BUTTON_DATA_INVALID", RefusedWhy.BAD_CONTENT),
    ],
)
async def test_every_bad_request_says_why_it_will_never_be_taken(
    standin: TelegramStandin, bot: Telegram, said: str, why: RefusedWhy
) -> None:
    standin.fault(method="sendMessage", kind=FaultKind.BAD_REQUEST, description=said)
    assert await bot.send(MESSAGE, "在吗") == Refused(why=why)
    assert outcome_of(BadRequest(said.capitalize()), START) == Refused(why=why)


async def test_no_log_holds_the_token_or_a_text_whatever_happens(
    standin: TelegramStandin, bot: Telegram, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    with capture_logs() as logged:
        for kind in FaultKind:
            if kind is not FaultKind.HANG:
                standin.fault(method="sendMessage", kind=kind)
                await bot.send(MESSAGE, "a text of nobody else's business")
        standin.fault(method="getUpdates", kind=FaultKind.BROKEN_JSON)
        standin.world.say(user=STUDENT, text="a question of nobody else's business")
        await bot.fetch()
    logging.getLogger().setLevel(logging.WARNING)
    assert caplog.records or logged
    assert "business" not in caplog.text + str(logged)
    assert standin.token not in caplog.text + str(logged)


async def test_an_answer_that_never_comes_is_unknown(standin: TelegramStandin, lanes: Lanes) -> None:
    standin.fault(method="sendMessage", kind=FaultKind.HANG)
    async with lanes(read_timeout=SHORT_WAIT) as bot:
        assert await bot.send(MESSAGE, "在吗") == Unknown(why="no-answer")
    assert len(await standin.messages(GROUP)) == 1


async def test_what_never_left_may_be_sent_again(lanes: Lanes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
    async with lanes(base_url=nobody) as bot:
        assert await bot.send(MESSAGE, "在吗") == RetryLater(at=START + UNSAID_PAUSE, why="not-sent")


async def test_persons_and_groups_that_cannot_be_reached_are_named_so(standin: TelegramStandin, bot: Telegram) -> None:
    unreachable = Refused(why=RefusedWhy.UNREACHABLE)
    assert await bot.send(PRIVATE, "在吗") == unreachable  # nobody Telegram knows
    standin.world.say(user=STUDENT, chat=GROUP, text="大家好")
    assert await bot.send(PRIVATE, "在吗") == unreachable  # has never started the bot
    standin.world.say(user=STUDENT, text="/start")
    assert isinstance(await bot.send(PRIVATE, "在吗"), Accepted)
    standin.world.block(user=STUDENT)
    assert await bot.send(PRIVATE, "在吗") == unreachable
    standin.world.kick(chat=GROUP)
    assert await bot.send(MESSAGE, "在吗") == unreachable


async def test_a_migrated_group_says_where_it_went(standin: TelegramStandin, bot: Telegram) -> None:
    standin.world.group(chat=-77, kind="group")
    standin.world.migrate(chat=-77, to=-10077)
    old = replace(MESSAGE, to=Address(platform="telegram", chat="-77"))
    assert await bot.send(old, "在吗") == Refused(why=RefusedWhy.UNREACHABLE, moved_to="-10077")
    new = replace(MESSAGE, to=Address(platform="telegram", chat="-10077"))
    assert isinstance(await bot.send(new, "在吗"), Accepted)


async def test_a_text_of_which_only_a_part_arrived_is_unknown_and_not_to_be_repeated(
    standin: TelegramStandin, bot: Telegram, clock: VirtualClock
) -> None:
    standin.limit(chat=(1, 60))
    assert await bot.send(MESSAGE, "一句话。" * 1200) == Unknown(why="partly-sent")
    assert len(await standin.messages(GROUP)) == 1


async def test_a_button_with_too_long_an_id_is_a_fault_of_content(standin: TelegramStandin, bot: Telegram) -> None:
    endless = Choice(label="好", action=Action(verb=Verb.OPEN, subject="x" * 60))
    assert await bot.send(replace(MESSAGE, choices=(endless,)), "在吗") == Refused(why=RefusedWhy.BAD_CONTENT)
    assert await standin.messages(GROUP) == []


@given(st.lists(st.text(min_size=1, max_size=30), max_size=40))
def test_every_choice_is_a_button_in_its_order_and_rows_stay_narrow(labels: list[str]) -> None:
    choices = tuple(Choice(label=label, action=Action(verb=Verb.ASK, subject=f"{n}")) for n, label in enumerate(labels))
    keyboard = keyboard_of(choices, ButtonSeal(b"a secret of the tests"))
    rows = keyboard.inline_keyboard if keyboard else ()
    assert [button.text for row in rows for button in row] == [
        label.encode("utf-8", "replace").decode() for label in labels
    ]
    assert all(len(row) <= 3 for row in rows)
    assert all(len(row) == 1 or sum(len(button.text) for button in row) <= 20 for row in rows)


async def test_a_file_of_staff_is_one_message_with_its_words_and_uploaded_once(
    standin: TelegramStandin, bot: Telegram, kept: Stores
) -> None:
    sheet = Attachment(name="核对表.xlsx", digest=await kept.uploads.put(b"a sheet"))
    for _ in range(2):
        await accepted(bot, replace(MESSAGE, files=(sheet,), choices=(OPEN,)), "请填表")
    first, second = await standin.messages(GROUP)
    assert (first["text"], first["buttons"]) == ("请填表", [["我核对好了"]])
    assert first["document"] == second["document"] is not None
    assert len(standin.world.files) == 1


async def test_a_picture_of_staff_is_shown_as_one(standin: TelegramStandin, bot: Telegram, kept: Stores) -> None:
    content = next(FIGURES.glob("*.png")).read_bytes()
    plan = Attachment(name="map.PNG", digest=await kept.uploads.put(content))
    await accepted(bot, replace(MESSAGE, files=(plan,)), "看")
    (shown,) = await standin.messages(GROUP)
    assert (shown["photo"] is not None, shown["document"]) == (True, None)


async def test_a_message_whose_file_is_gone_is_not_sent(standin: TelegramStandin, bot: Telegram) -> None:
    gone = replace(MESSAGE, files=(Attachment(name="a.xlsx", digest="0" * 64),))
    assert await bot.send(gone, "请填表") == Refused(why=RefusedWhy.BAD_CONTENT)
    assert await standin.messages(GROUP) == []


async def test_a_picture_folder_can_hold_anything(lanes: Lanes, standin: TelegramStandin, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture at all")
    async with lanes(figures=tmp_path) as bot:
        assert await bot.send(replace(MESSAGE, picture="broken"), "看图") == Refused(why=RefusedWhy.BAD_CONTENT)
