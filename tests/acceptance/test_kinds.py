"""What is no text, or no news: edited messages, stickers, pictures, and secrets pasted without end."""

import pytest

from bot.dialogue.limiting import MOST, Counted
from bot.messages import InboundMessage
from bot.platforms.chatroom.room import RoomMessage, group_chat
from scheduler.messages import Address
from tests.acceptance.college import College

LOST = "毕业证丢了怎么补办"
NOBODY = "chatroom:nobody"


async def hears(college: College, message: InboundMessage) -> list[RoomMessage]:
    """What the bot says to it where it was written, and to its writer alone."""
    chats = dict.fromkeys((message.address.chat, message.private_address.chat))
    before = {chat: len(college.demo.room.history(chat)) for chat in chats}
    await college.demo.service.dispatcher.handle(message)
    return [said for chat in chats for said in college.demo.room.history(chat)[before[chat] :]]


def written(college: College, number: int = 1, *, in_group: bool = False, **what: object) -> InboundMessage:
    """Something the third student does, in private or in the class group without speaking to the bot."""
    student = college.seat(3)
    chat = group_chat(student.class_id) if in_group else student.sid
    plain = {"account": college.account(student), "private": not in_group, "addressed": not in_group}
    return InboundMessage(
        id=f"kind-{number}",
        address=Address(platform="chatroom", chat=chat),
        at=college.clock.now(),
        **(plain | what),  # type: ignore[arg-type]  # the names of a message's own fields
    )


@pytest.mark.parametrize("in_group", [False, True])
async def test_an_edited_message_is_not_answered_once_more(college: College, in_group: bool) -> None:
    assert await hears(college, written(college, text=LOST, addressed=True, in_group=in_group))
    edited = written(college, 2, text=LOST, addressed=True, edited=True, in_group=in_group)
    assert await hears(college, edited) == []


async def test_who_edits_a_secret_into_a_message_is_warned_all_the_same(college: College) -> None:
    (said,) = await hears(college, written(college, text="", masked=("mobile",), edited=True, in_group=True))
    assert said.chat == college.seat(3).sid
    assert "撤回" in said.text


@pytest.mark.parametrize("kind", ["sticker", "voice", "video", "location"])
async def test_what_nobody_can_read_is_said_in_private_and_passed_over_in_a_group(college: College, kind: str) -> None:
    (said,) = await hears(college, written(college, other=kind))
    assert "文字和按钮" in said.text
    assert await hears(college, written(college, 2, other=kind, in_group=True)) == []
    (asked,) = await hears(college, written(college, 3, other=kind, in_group=True, addressed=True))
    assert "文字和按钮" in asked.text


async def test_a_picture_is_answered_to_who_sent_it_and_to_nobody_else(college: College) -> None:
    (said,) = await hears(college, written(college, picture=True))
    assert "没有保存" in said.text
    assert said.chat == college.seat(3).sid
    assert said.picture is None
    assert await hears(college, written(college, 2, picture=True, in_group=True)) == []


async def test_who_pastes_secrets_without_end_does_not_make_the_bot_fill_the_group(college: College) -> None:
    heard = 0
    for number in range(3 * MOST[Counted.MASKED]):
        message = written(college, number, account=NOBODY, text="", masked=("id-number",), in_group=True)
        heard += len(await hears(college, message))
    assert heard == MOST[Counted.MASKED]
    assert await hears(college, written(college, 1_000, text="", masked=("id-number",), in_group=True))
