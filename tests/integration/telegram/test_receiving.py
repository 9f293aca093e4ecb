"""What persons do on Telegram, as the dialogue hears it."""

import json

import pytest

from bot.buttons import ButtonSeal
from bot.messages import UNKNOWN_BUTTON
from bot.platforms.telegram.lane import Telegram
from bot.platforms.telegram.refs import message_number
from bot.standins.telegram import TelegramStandin
from scheduler.messages import Accepted, Action, Address, Choice, OutboundMessage, Purpose, Text, Verb
from tests.integration.telegram.rig import GROUP, STUDENT, Hear

OPEN = Action(verb=Verb.OPEN, subject="glut-check-2019")
HERE = Address(platform="telegram", chat=str(GROUP))


async def offered(bot: Telegram, to: Address = HERE) -> str:
    """The id of a message of the bot with one button, named "核对"."""
    message = OutboundMessage(
        to=to, body=Text(text="…"), purpose=Purpose.DEADLINE, choices=(Choice(label="核对", action=OPEN),)
    )
    outcome = await bot.send(message, "请核对")
    assert isinstance(outcome, Accepted)
    return outcome.message_id


async def test_a_private_message_is_addressed_to_the_bot(standin: TelegramStandin, hear: Hear) -> None:
    standin.world.say(user=STUDENT, text="怎么注册学信网")
    message = (await hear()).one
    assert (message.private, message.addressed, message.text) == (True, True, "怎么注册学信网")
    assert message.account == f"telegram:{STUDENT}"
    assert message.address == message.private_address == Address(platform="telegram", chat=str(STUDENT))


async def test_a_group_message_to_nobody_is_heard_but_not_addressed(standin: TelegramStandin, hear: Hear) -> None:
    standin.world.say(user=STUDENT, chat=GROUP, text="今天吃什么")
    message = (await hear()).one
    assert (message.private, message.addressed) == (False, False)
    assert message.address == HERE
    assert message.private_address == Address(platform="telegram", chat=str(STUDENT))


@pytest.mark.parametrize("text", ["@xueji_bot 怎么注册", "😀😀 怎么注册 @Xueji_Bot", "@xueji_bot怎么注册"])
async def test_a_mention_addresses_the_bot_and_is_not_part_of_the_question(
    standin: TelegramStandin, hear: Hear, text: str
) -> None:
    mention = text.index("@")
    standin.world.say(
        user=STUDENT,
        chat=GROUP,
        text=text,
        raw={"entities": [{"type": "mention", "offset": mention + text[:mention].count("😀"), "length": 10}]},
    )
    message = (await hear()).one
    assert message.addressed
    assert message.text in {"怎么注册", "😀😀 怎么注册"}


async def test_a_mention_behind_a_masked_secret_is_still_found(standin: TelegramStandin, hear: Hear) -> None:
    standin.world.say(user=STUDENT, chat=GROUP, text="我手机13812345678 @xueji_bot 换号了怎么办")
    heard = await hear()
    assert heard.one.addressed
    assert heard.one.masked == ("mobile",)
    assert b"13812345678" not in heard.raw[0]
    assert heard.one.text is not None
    assert "xueji" not in heard.one.text


async def test_a_mention_of_somebody_else_does_not_address_the_bot(standin: TelegramStandin, hear: Hear) -> None:
    standin.world.say(user=STUDENT, chat=GROUP, text="@xueji_bot2 你好")
    assert not (await hear()).one.addressed


async def test_a_reply_to_the_bot_is_addressed_to_it(standin: TelegramStandin, bot: Telegram, hear: Hear) -> None:
    asked = await offered(bot)
    standin.world.say(user=STUDENT, chat=GROUP, text="1", reply_to=message_number(str(GROUP), asked))
    message = (await hear()).one
    assert message.addressed
    assert message.reply_to == asked


async def test_a_reply_to_a_classmate_is_not_addressed_to_the_bot(standin: TelegramStandin, hear: Hear) -> None:
    said = standin.world.say(user=12, chat=GROUP, text="谁知道")
    standin.world.say(user=STUDENT, chat=GROUP, text="我知道", reply_to=said["message_id"])
    _, message = (await hear()).messages
    assert message is not None
    assert not message.addressed


@pytest.mark.parametrize(
    ("said", "heard"),
    [("/help", "/help"), ("/help@xueji_bot", "/help"), ("/BIND@Xueji_Bot 甲 乙", "/BIND 甲 乙")],
)
async def test_a_command_is_addressed_to_the_bot_and_loses_its_suffix(
    standin: TelegramStandin, hear: Hear, said: str, heard: str
) -> None:
    standin.world.say(user=STUDENT, chat=GROUP, text=said)
    message = (await hear()).one
    assert (message.addressed, message.text) == (True, heard)


async def test_a_command_to_another_bot_is_not_heard(standin: TelegramStandin, hear: Hear) -> None:
    standin.world.say(user=STUDENT, chat=GROUP, text="/help@other_bot")
    assert (await hear()).messages == [None]


async def test_a_press_says_what_the_button_asks_for_and_is_answered(
    standin: TelegramStandin, bot: Telegram, hear: Hear
) -> None:
    shown = await offered(bot)
    standin.world.press(user=12, chat=GROUP, message=int(shown.rpartition("/")[2]), label="核对")
    message = (await hear()).one
    assert (message.action, message.other, message.replaces) == (OPEN, None, shown)
    assert message.account == "telegram:12"
    assert [press.answered for press in standin.world.presses.values()] == [True]


@pytest.mark.parametrize("data", ["x", "AAAA", "核对", ButtonSeal(b"another secret of some bot").seal(OPEN), "=" * 64])
async def test_a_button_that_is_not_the_bots_is_named_unknown_and_answered(
    standin: TelegramStandin, bot: Telegram, hear: Hear, data: str
) -> None:
    shown = await offered(bot)
    standin.world.press(user=STUDENT, chat=GROUP, message=int(shown.rpartition("/")[2]), data=data)
    message = (await hear()).one
    assert (message.action, message.other) == (None, UNKNOWN_BUTTON)
    assert [press.answered for press in standin.world.presses.values()] == [True]


async def test_a_press_too_old_to_be_answered_is_still_heard(
    standin: TelegramStandin, bot: Telegram, hear: Hear
) -> None:
    shown = await offered(bot)
    standin.world.press(user=STUDENT, chat=GROUP, message=int(shown.rpartition("/")[2]), label="核对")
    await bot.fetch()
    standin.world.clock(advance=200)
    assert (await hear()).one.action == OPEN
    assert [press.answered for press in standin.world.presses.values()] == [False]


async def test_an_edited_message_says_so(standin: TelegramStandin, hear: Hear) -> None:
    said = standin.world.say(user=STUDENT, text="怎么注测")
    standin.world.edit(chat=STUDENT, message=said["message_id"], text="怎么注册")
    first, second = (await hear()).messages
    assert first is not None
    assert second is not None
    assert [(first.edited, first.id), (second.edited, second.id)] == [(False, "11/1"), (True, "11/1")]
    assert second.text == "怎么注册"


async def test_a_picture_is_a_picture_and_with_a_caption_it_is_the_caption(
    standin: TelegramStandin, hear: Hear
) -> None:
    standin.world.say(user=STUDENT, photo=True)
    standin.world.say(user=STUDENT, photo=True, text="这一页不一样")
    bare, captioned = (await hear()).messages
    assert bare is not None
    assert captioned is not None
    assert (bare.picture, bare.text) == (True, None)
    assert (captioned.picture, captioned.text) == (False, "这一页不一样")


async def test_what_the_bot_cannot_read_is_named_by_its_kind(standin: TelegramStandin, hear: Hear) -> None:
    standin.world.say(user=STUDENT, sticker=True)
    voice = {"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3}}
    standin.world.say(user=STUDENT, raw=voice)
    assert [message.other for message in (await hear()).messages if message] == ["sticker", "voice"]


async def test_anonymous_admins_other_bots_and_service_messages_are_not_heard(
    standin: TelegramStandin, hear: Hear
) -> None:
    standin.world.say(user=STUDENT, chat=GROUP, text="@xueji_bot 你好", anonymous=True)
    standin.world.say(user=99, chat=GROUP, text="@xueji_bot 你好", bot=True)
    standin.world.say(user=STUDENT, chat=GROUP, raw={"new_chat_title": "新群名"})
    assert (await hear()).messages == [None, None, None]


async def test_channel_posts_are_not_heard(standin: TelegramStandin, hear: Hear) -> None:
    channel = {"id": -1009, "type": "channel", "title": "通知"}
    standin.world.inject(update={"channel_post": {"message_id": 1, "date": 1, "chat": channel, "text": "通知"}})
    standin.world.inject(
        update={
            "message": {
                "message_id": 2, "date": 1, "chat": {"id": GROUP, "type": "supergroup", "title": "g"}, "text": "通知",
                "from": {"id": 777000, "is_bot": False, "first_name": "Telegram"}, "sender_chat": channel,
                "is_automatic_forward": True,
            }
        }
    )  # fmt: skip
    assert (await hear()).messages == [None, None]


async def test_a_forum_topic_is_part_of_the_address_but_the_general_one_is_not(
    standin: TelegramStandin, bot: Telegram, hear: Hear
) -> None:
    standin.world.group(chat=GROUP, topics=(7,))
    bot_itself = {"id": 7_000_000_001, "is_bot": True, "first_name": "xueji"}
    opened = {"forum_topic_created": {"name": "学籍", "icon_color": 1}, "from": bot_itself}
    reply = {"reply_to_message": {"message_id": 7, "date": 1, "chat": {"id": GROUP, "type": "supergroup"}, **opened}}
    standin.world.say(user=STUDENT, chat=GROUP, text="在话题里", thread=7, raw=reply)
    standin.world.say(user=STUDENT, chat=GROUP, text="在综合里")
    topic, general = (await hear()).messages
    assert topic is not None
    assert general is not None
    assert (topic.address.thread, topic.addressed) == ("7", False)  # the topic's opening is no message of the bot
    assert general.address.thread is None
    said = OutboundMessage(to=topic.address, body=Text(text="…"), purpose=Purpose.ANSWER, reply_to=topic.id)
    assert isinstance(await bot.send(said, "好的"), Accepted)
    (answer,) = await standin.messages(GROUP)
    assert answer["thread"] == 7


async def test_nothing_secret_is_stored_wherever_it_stood(standin: TelegramStandin, hear: Hear) -> None:
    secret = "13812345678"
    contact = {"contact": {"phone_number": f"+86{secret}", "first_name": secret}}
    standin.world.say(user=STUDENT, name=f"小明{secret}", text=f"号码{secret}")
    standin.world.say(user=STUDENT, raw=contact)
    heard = await hear()
    assert all(secret not in json.dumps(json.loads(body), ensure_ascii=False) for body in heard.raw)
