"""The robot answers by the frame that asked, changes the card of who pressed, and pushes to whom it knows."""

import asyncio
import contextlib
import hashlib
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.buttons import ButtonSeal
from bot.messages import InboundMessage
from bot.platforms.wecom import refs
from bot.platforms.wecom.cards import Cards
from bot.platforms.wecom.connection import Connection
from bot.platforms.wecom.frames import Callback, Command
from bot.platforms.wecom.lane import Hearing, WeCom
from bot.platforms.wecom.media import RobotMedia
from bot.platforms.wecom.receiver import Reader
from bot.platforms.wecom.refs import GroupRoute
from bot.platforms.wecom.robot import Robot
from bot.ports import Handle, RawUpdate, StoreAway, TakenUpdate
from bot.storage.intake import RedisIntake
from bot.storage.leases import RedisConnectionLease
from bot.storage.questions import RedisTryCounter
from bot.storage.uploads import RedisUploads
from bot.storage.ways import RedisAnswerWays
from scheduler.clocks import VirtualClock
from scheduler.messages import (
    Accepted,
    Action,
    Address,
    Attachment,
    Choice,
    OutboundMessage,
    Purpose,
    Refused,
    RefusedWhy,
    RetryLater,
    Text,
    Unknown,
    Verb,
)
from scheduler.ports import Wording
from scheduler.storage.database import Database
from tests.integration.waiting import wait_until
from tests.integration.wecom.line import Frame, Line, acknowledged

STUDENT = refs.person("Stu01")
CLASS = refs.group(GroupRoute.ROBOT, "wrX")
ASK = Choice(label="怎么办", action=Action(verb=Verb.ASK, subject="t1"))


class Words:
    """Phrases as their keys and values."""

    def render(self, body: Any) -> str:
        return "|".join([body.key, *map(str, body.values.values())])


class Rig:
    """A robot on a line: what comes in is read, and what is said can be looked at frame by frame."""

    def __init__(self, lane: WeCom, line: Line, intake: RedisIntake) -> None:
        self.lane = lane
        self._line = line
        self._intake = intake
        self._numbers = iter(range(1_000))

    async def hears(self, body: Frame, command: str = "aibot_msg_callback") -> InboundMessage:
        """What the bot hears of a callback, once it is stored; it can be answered from then on."""
        number = next(self._numbers)
        frame = {"cmd": command, "headers": {"req_id": f"r{number}"}, "body": {"msgid": f"m{number}", **body}}
        await self._line.say(frame)
        heard: list[InboundMessage] = []

        async def handle(taken: TakenUpdate) -> None:
            inbound = await self.lane.receive(taken.update)
            assert inbound is not None
            heard.append(inbound)

        async def has_come() -> bool:
            return await self._intake.run_until_idle(handle) > 0

        await wait_until(has_come, "the callback in the intake")
        (inbound,) = heard
        return inbound

    async def says(self, message: OutboundMessage, text: str = "好") -> Any:
        return await self.lane.send(message, text)

    @property
    def said(self) -> list[Frame]:
        """The frames that were sent, without the subscription."""
        return self._line.came[1:]


def words() -> Wording:
    return Words()


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with Line() as line:
        yield line


@pytest.fixture
async def rig(line: Line, database: Database, clock: VirtualClock, tmp_path: Path) -> AsyncIterator[Rig]:
    seal = ButtonSeal(b"a secret of the tests")
    reader = Reader(seal=seal)
    intake = RedisIntake(database, alone=True)

    async def nobody(_: InboundMessage) -> None:
        raise AssertionError("the store is not away")

    hearing = Hearing(intake=intake, reader=reader, clock=clock, when_store_is_away=nobody)
    connection = Connection(
        url=line.url,
        bot_id="aibX",
        secret="s",
        lease=RedisConnectionLease(database, "aibX"),
        tries=RedisTryCounter(database),
        clock=clock,
        hand_on=hearing.hear,
        ack_seconds=0.5,
    )
    ways = RedisAnswerWays(database)
    (tmp_path / "login.png").write_bytes(b"PNG" * 400_000)
    media = RobotMedia(folder=tmp_path, connection=connection, uploads=RedisUploads(database))
    cards = Cards(seal=seal, wording=words(), thumbs=True)
    robot = Robot(connection=connection, ways=ways, cards=cards, media=media, clock=clock)
    lane = WeCom(routes=[robot], reader=reader, ways=ways, connection=connection)
    running = asyncio.create_task(lane.run())
    await line.subscribed()
    yield Rig(lane, line, intake)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def asked(text: str = "何时选课", **more: Any) -> Frame:
    return {"chattype": "single", "from": {"userid": "Stu01"}, "msgtype": "text", "text": {"content": text}, **more}


def in_class(text: str = "@学籍通 何时选课") -> Frame:
    return asked(text, chatid="wrX", chattype="group")


def event(name: str, **inner: Any) -> Frame:
    who = {"from": {"userid": "Stu01"}, "msgtype": "event", "chattype": "single"}
    return {**who, "event": {"eventtype": name, name: inner}}


def to(address: Address, **more: Any) -> OutboundMessage:
    return OutboundMessage(to=address, body=Text(text="x"), purpose=Purpose.ANSWER, **more)


def refusing(code: int, *commands: str) -> Callable[[Frame], Frame]:
    return lambda frame: acknowledged(frame, code if frame["cmd"] in commands else 0)


async def test_a_private_question_is_answered_by_its_own_frame(rig: Rig) -> None:
    inbound = await rig.hears(asked())
    assert isinstance(await rig.says(to(inbound.address)), Accepted)
    (frame,) = rig.said
    assert (frame["cmd"], frame["headers"]["req_id"]) == ("aibot_respond_msg", "r0")
    assert frame["body"] == {"msgtype": "markdown", "markdown": {"content": "好"}}


async def test_of_two_questions_in_a_group_each_is_answered_by_its_own_frame(rig: Rig) -> None:
    first, second = await rig.hears(in_class()), await rig.hears(in_class())
    for inbound in (second, first):
        await rig.says(to(CLASS, reply_to=inbound.id))
    assert [frame["headers"]["req_id"] for frame in rig.said] == ["r1", "r0"]


async def test_text_comes_before_its_buttons(rig: Rig) -> None:
    inbound = await rig.hears(asked())
    await rig.says(to(inbound.address, choices=(ASK,)), "选一个")
    assert [frame["body"]["msgtype"] for frame in rig.said] == ["markdown", "template_card"]
    assert rig.said[1]["body"]["template_card"]["button_list"][0]["text"] == "怎么办"


async def test_what_nobody_asked_for_is_pushed_and_says_to_what_kind_of_chat(rig: Rig) -> None:
    for address in (STUDENT, CLASS):
        message = replace(to(address), purpose=Purpose.DEADLINE)
        assert isinstance(await rig.says(message), Accepted)
    assert [(f["cmd"], f["body"]["chatid"], f["body"]["chat_type"]) for f in rig.said] == [
        ("aibot_send_msg", "Stu01", 1),
        ("aibot_send_msg", "wrX", 2),
    ]


@pytest.mark.parametrize("code", [846605, 846608])
async def test_a_frame_that_cannot_be_answered_any_more_becomes_a_push(rig: Rig, line: Line, code: int) -> None:
    inbound = await rig.hears(asked())
    line.react = refusing(code, "aibot_respond_msg")
    assert isinstance(await rig.says(to(inbound.address)), Accepted)
    assert [frame["cmd"] for frame in rig.said] == ["aibot_respond_msg", "aibot_send_msg"]


async def test_after_a_day_a_question_is_answered_by_a_push(rig: Rig, clock: VirtualClock) -> None:
    inbound = await rig.hears(asked())
    clock.advance_to(clock.now() + timedelta(hours=25))
    await rig.says(to(inbound.address))
    assert rig.said[0]["cmd"] == "aibot_send_msg"


def pressed(rig: Rig, key: str) -> Awaitable[InboundMessage]:
    return rig.hears(event("template_card_event", event_key=key, task_id="xj-1"), "aibot_event_callback")


async def test_a_press_changes_the_card_for_who_pressed_it_alone(rig: Rig) -> None:
    inbound = await pressed(rig, ButtonSeal(b"a secret of the tests").seal(ASK.action))
    assert inbound.action == ASK.action
    await rig.says(to(inbound.address, replaces=inbound.replaces, choices=(ASK,)), "已登记")
    (frame,) = rig.said
    assert (frame["cmd"], frame["headers"]["req_id"]) == ("aibot_respond_update_msg", "r0")
    assert frame["body"]["userids"] == ["Stu01"]
    assert frame["body"]["template_card"]["task_id"] == "xj-1"
    assert frame["body"]["template_card"]["sub_title_text"] == "已登记"


async def test_an_answer_too_long_for_a_card_is_a_message_under_a_card_that_says_so(rig: Rig) -> None:
    inbound = await pressed(rig, "x")
    await rig.says(to(inbound.address, replaces=inbound.replaces, choices=(ASK,)), "长" * 200)
    assert [frame["cmd"] for frame in rig.said] == ["aibot_respond_update_msg", "aibot_send_msg", "aibot_send_msg"]
    assert rig.said[0]["body"]["template_card"]["sub_title_text"] == "wecom.card.taken"


async def test_a_press_answered_too_late_is_answered_by_a_message(rig: Rig, line: Line, clock: VirtualClock) -> None:
    inbound = await pressed(rig, "x")
    clock.advance_to(clock.now() + timedelta(seconds=6))
    await rig.says(to(inbound.address, replaces=inbound.replaces), "已登记")
    inbound = await pressed(rig, "x")
    line.react = refusing(846605, "aibot_respond_update_msg")
    await rig.says(to(inbound.address, replaces=inbound.replaces), "已登记")
    assert [frame["cmd"] for frame in rig.said] == ["aibot_send_msg", "aibot_respond_update_msg", "aibot_send_msg"]


async def test_a_press_that_is_answered_by_new_messages_leaves_a_card_that_says_so(rig: Rig) -> None:
    inbound = await pressed(rig, "x")
    for text in ("答案", "还有"):
        await rig.says(to(inbound.address), text)
    assert [frame["cmd"] for frame in rig.said] == ["aibot_respond_update_msg", "aibot_send_msg", "aibot_send_msg"]
    assert rig.said[0]["body"]["userids"] == ["Stu01"]
    assert rig.said[0]["body"]["template_card"]["task_id"] == "xj-1"
    assert rig.said[0]["body"]["template_card"]["sub_title_text"] == "wecom.card.taken"


async def test_a_card_that_shows_the_answer_keeps_it_when_a_new_message_follows(rig: Rig) -> None:
    inbound = await pressed(rig, "x")
    await rig.says(to(inbound.address, replaces=inbound.replaces), "已登记")
    await rig.says(to(inbound.address), "还有")
    assert [frame["cmd"] for frame in rig.said] == ["aibot_respond_update_msg", "aibot_send_msg"]


async def test_a_press_in_a_group_that_is_answered_in_private_changes_the_card_too(rig: Rig) -> None:
    await rig.hears(asked())
    told = event("template_card_event", event_key="x", task_id="xj-1")
    await rig.hears({**told, "chattype": "group", "chatid": "wrX"}, "aibot_event_callback")
    await rig.says(to(STUDENT), "你的状态")
    assert [(frame["cmd"], frame["body"].get("chatid")) for frame in rig.said] == [
        ("aibot_respond_update_msg", None),
        ("aibot_send_msg", "Stu01"),
    ]


async def test_after_a_frame_without_an_answer_the_next_is_a_push(rig: Rig, line: Line) -> None:
    inbound = await rig.hears(asked())
    line.react = lambda frame: None if frame["cmd"] == "aibot_respond_msg" else acknowledged(frame)
    assert await rig.says(to(inbound.address)) == Unknown(why="no-answer")
    assert isinstance(await rig.says(to(inbound.address)), Accepted)
    assert [frame["cmd"] for frame in rig.said] == ["aibot_respond_msg", "aibot_send_msg"]


async def test_who_opens_the_chat_is_welcomed_in_one_text(rig: Rig) -> None:
    inbound = await rig.hears(event("enter_chat"), "aibot_event_callback")
    assert isinstance(await rig.says(to(inbound.address, choices=(ASK,)), "你好"), Accepted)
    (frame,) = rig.said
    assert (frame["cmd"], frame["body"]["msgtype"]) == ("aibot_respond_welcome_msg", "text")
    assert "怎么办" in frame["body"]["text"]["content"]


def uploading(frame: Frame) -> Frame:
    match frame["cmd"]:
        case "aibot_upload_media_init":
            return acknowledged(frame, upload_id="u1")
        case "aibot_upload_media_finish":
            return acknowledged(frame, media_id="media1")
    return acknowledged(frame)


async def test_a_picture_is_uploaded_once_in_pieces_and_shown_before_its_words(rig: Rig, line: Line) -> None:
    line.react = uploading
    for _ in range(2):
        await rig.says(to(STUDENT, picture="login"))
    begin, *pieces, end = [frame["body"] for frame in rig.said if "upload" in frame["cmd"]]
    content = b"PNG" * 400_000
    assert (begin["total_chunks"], begin["total_size"], begin["md5"]) == (3, len(content), _md5(content))
    assert [piece["chunk_index"] for piece in pieces] == [0, 1, 2]
    assert b"".join(b64decode(piece["base64_data"]) for piece in pieces) == content
    assert end == {"upload_id": "u1"}
    shown = [frame["body"]["msgtype"] for frame in rig.said if frame["cmd"] == "aibot_send_msg"]
    assert shown == ["image", "markdown", "image", "markdown"]


async def test_a_file_of_staff_is_uploaded_once_and_goes_before_its_words(
    rig: Rig, line: Line, database: Database
) -> None:
    line.react = uploading
    sheet = Attachment(name="sheet.xlsx", digest=await RedisUploads(database).put(b"a sheet"))
    for _ in range(2):
        assert isinstance(await rig.says(replace(to(STUDENT), files=(sheet,))), Accepted)
    assert [frame["body"]["type"] for frame in rig.said if frame["cmd"] == "aibot_upload_media_init"] == ["file"]
    shown = [frame["body"]["msgtype"] for frame in rig.said if frame["cmd"] == "aibot_send_msg"]
    assert shown == ["file", "markdown", "file", "markdown"]


async def test_a_message_whose_file_is_refused_is_not_sent_without_it(rig: Rig, line: Line, database: Database) -> None:
    line.react = refusing(40004, "aibot_upload_media_init")
    sheet = Attachment(name="sheet.xlsx", digest=await RedisUploads(database).put(b"a sheet"))
    assert await rig.says(replace(to(STUDENT), files=(sheet,))) == Refused(why=RefusedWhy.BAD_CONTENT)
    assert not any(frame["cmd"] == "aibot_send_msg" for frame in rig.said)


async def test_a_picture_whose_id_has_run_out_is_uploaded_again(rig: Rig, line: Line) -> None:
    line.react = uploading
    await rig.says(to(STUDENT, picture="login"))
    stale = iter([40007])
    line.react = lambda frame: (
        acknowledged(frame, next(stale, 0)) if frame["body"].get("msgtype") == "image" else uploading(frame)
    )
    assert isinstance(await rig.says(to(STUDENT, picture="login")), Accepted)
    assert sum(frame["cmd"] == "aibot_upload_media_finish" for frame in rig.said) == 2


async def test_where_a_picture_cannot_be_shown_its_words_have_to_do(rig: Rig, line: Line) -> None:
    line.react = refusing(45009, "aibot_upload_media_init")
    assert isinstance(await rig.says(to(STUDENT, picture="login")), Accepted)
    assert isinstance(await rig.says(to(STUDENT, picture="none-such")), Accepted)
    assert [frame["body"].get("msgtype") for frame in rig.said] == [None, "markdown", "markdown"]


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        (93006, Refused(why=RefusedWhy.UNREACHABLE)),
        (40008, Refused(why=RefusedWhy.BAD_CONTENT)),
        (123456, Refused(why=RefusedWhy.BAD_CONTENT)),
    ],
)
async def test_a_no_says_why(rig: Rig, line: Line, code: int, outcome: Refused) -> None:
    line.react = refusing(code, "aibot_send_msg")
    assert await rig.says(to(CLASS)) == outcome


async def test_too_much_is_tried_again_later(rig: Rig, line: Line, clock: VirtualClock) -> None:
    line.react = refusing(45009, "aibot_send_msg")
    outcome = await rig.says(to(CLASS))
    assert isinstance(outcome, RetryLater)
    assert outcome.at >= clock.now() + timedelta(seconds=60)


async def test_when_only_a_part_was_accepted_the_outcome_is_unknown(rig: Rig, line: Line) -> None:
    line.react = lambda frame: acknowledged(frame, 45009 if frame["body"].get("msgtype") == "template_card" else 0)
    assert await rig.says(to(CLASS, choices=(ASK,))) == Unknown(why="partly-sent")


async def test_a_text_longer_than_a_message_is_several(rig: Rig) -> None:
    await rig.says(to(STUDENT), "学籍信息请核对。" * 1_000)
    contents = [frame["body"]["markdown"]["content"] for frame in rig.said]
    assert len(contents) == 2
    assert "".join(contents) == "学籍信息请核对。" * 1_000


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


class Away:
    """A store that cannot be reached."""

    async def store(self, updates: Sequence[RawUpdate]) -> int:
        raise StoreAway

    async def run(self, handle: Handle) -> None:
        raise StoreAway

    async def run_until_idle(self, handle: Handle) -> int:
        raise StoreAway


async def test_what_cannot_be_stored_is_answered_from_the_content_alone(clock: VirtualClock) -> None:
    heard: list[InboundMessage] = []

    async def answer(inbound: InboundMessage) -> None:
        heard.append(inbound)

    reader = Reader(seal=ButtonSeal(b"a secret of the tests"))
    hearing = Hearing(intake=Away(), reader=reader, clock=clock, when_store_is_away=answer)
    body = {"msgid": "m1", **asked("身份证11010519491231002X")}
    await hearing.hear(Callback(req_id="r1", command=Command.MESSAGE, body=body))
    (inbound,) = heard
    assert inbound.masked == ("id-number",)
    await hearing.hear(Callback(req_id="r1", command=Command.EVENT, body={"msgid": "m2", **event("other_event")}))
    assert len(heard) == 1
