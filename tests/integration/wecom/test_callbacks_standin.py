"""A robot by URL and an application against the strict stand-in: saved, asked, fetched, pressed, answered later."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest

from bot.messages import InboundMessage
from bot.platforms.wecom.api import Caller
from bot.platforms.wecom.envelope import Envelope
from bot.standins.wecom import NO_LIMITS, Delivery, WecomStandin
from bot.standins.wecom.world import Refusal, World
from knowledge.loading import CONTENT, phrases
from scheduler.clocks import VirtualClock
from scheduler.messages import Action, Address, Choice, OutboundMessage, Purpose, Refused, RefusedWhy, Text, Verb
from scheduler.storage.database import Database
from tests.integration.wecom.caller import Bot, Talk, bot_on, listening

WORDS = phrases(CONTENT)
LONG = "选课在每学期第十六周开始，按学分从高到低分批。" * 8
CHOICES = tuple(Choice(label=label, action=Action(verb=Verb.ASK, subject=label)) for label in ("yes", "no"))
USER, CLASS = "Stu01", "wrClass"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The platform, the bot, and where the bot listens."""

    wecom: WecomStandin
    bot: Bot
    url: str

    async def shown(self, chat: str = "") -> list[str]:
        """The texts and cards somebody sees, in order."""
        seen = await self.wecom.messages(user=USER, chat=chat)
        return [one["text"] or one["card"].get("sub_title_text", one["card"]["main_title"]["title"]) for one in seen]

    async def ask(self, text: str, chat: str = "") -> None:
        """A question, and everything the platform does until its answer is whole."""
        delivery = await self.wecom.people.say(user=USER, text=text, chat=chat)
        assert delivery is not None
        approve(delivery)
        await self.bot.handle()
        for again in await self.wecom.refresh(msgid=delivery.msgid):
            approve(again)


def approve(delivery: Delivery) -> None:
    """The platform took what it was answered."""
    assert (delivery.status, delivery.complaint) == (200, "")


def says(*messages: tuple[str, tuple[Choice, ...]], in_place: bool = False) -> Talk:
    """A bot that answers where it was spoken to."""

    def talk(message: InboundMessage) -> list[tuple[OutboundMessage, str]]:
        return [
            (
                OutboundMessage(
                    to=message.address,
                    body=Text(text=text),
                    purpose=Purpose.ANSWER,
                    choices=choices,
                    reply_to=None if message.private or message.action else message.id,
                    replaces=message.replaces if in_place else None,
                ),
                text,
            )
            for text, choices in messages
        ]

    return talk


async def press(stage: Stage, message: int, label: str = "", key: str = "") -> None:
    delivery = await stage.bot.handling(stage.wecom.people.press(user=USER, message=message, label=label, key=key))
    approve(delivery)


@pytest.fixture
async def stage(database: Database, clock: VirtualClock) -> AsyncIterator[Stage]:
    world = World(clock=lambda: clock.now().timestamp())
    async with (
        WecomStandin(world=world, limits=NO_LIMITS, refresh_seconds=None) as wecom,
        Caller(wecom.http_url) as calls,
    ):
        known = wecom.credentials
        robot = Envelope(token=known["robot_token"], aes_key=known["robot_aes_key"])
        app = Envelope(token=known["app_token"], aes_key=known["app_aes_key"], receive_id=known["corp_id"])
        bot = bot_on(database, clock, calls, robot=robot, app=app)
        async with listening(bot) as page:
            await wecom.set_robot_url(url=f"{page.url}/wecom/robot")
            await wecom.set_app_url(url=f"{page.url}/wecom/app")
            wecom.world.group(chat=CLASS)
            yield Stage(wecom=wecom, bot=bot, url=page.url)


async def test_an_address_with_another_key_behind_it_cannot_be_saved(stage: Stage) -> None:
    with pytest.raises(Refusal):
        await stage.wecom.set_robot_url(url=f"{stage.url}/wecom/app")


async def test_a_question_in_private_is_answered_by_one_stream(stage: Stage) -> None:
    stage.bot.talk = says(("第一段。", ()), ("第二段。", ()))
    await stage.ask("何时选课")
    assert await stage.shown() == ["第一段。\n\n第二段。"]


async def test_a_question_in_a_group_is_answered_there(stage: Stage) -> None:
    stage.bot.talk = says(("答。", ()))
    await stage.ask("何时选课", chat=CLASS)
    assert [message.text for message in stage.bot.heard] == ["何时选课"]
    assert await stage.shown(chat=CLASS) == ["答。"]


async def test_choices_become_a_card_and_a_press_changes_it_for_one_member_alone(stage: Stage) -> None:
    stage.bot.talk = says(("选一个：", CHOICES))
    await stage.ask("何时选课", chat=CLASS)
    (card,) = [one for one in await stage.wecom.messages(chat=CLASS, user=USER) if one["card"]]
    stage.bot.talk = says(("好，是的。", ()), in_place=True)
    await press(stage, card["id"], "yes")
    assert (await stage.shown(chat=CLASS))[-1] == "好，是的。"
    others = await stage.wecom.messages(chat=CLASS, user="Stu02")
    assert others[-1]["buttons"] == ["yes", "no"]


async def test_a_long_answer_to_a_press_is_a_message_of_its_own_and_a_third_finds_no_way(stage: Stage) -> None:
    stage.bot.talk = says(("选一个：", CHOICES))
    await stage.ask("何时选课")
    (card,) = [one for one in await stage.wecom.messages(user=USER) if one["card"]]
    stage.bot.talk = says((LONG, CHOICES), (LONG + "再来。", ()))
    await press(stage, card["id"], "no")
    shown = await stage.shown()
    assert WORDS["wecom.card.taken"] in shown
    assert sum(text.startswith(LONG) for text in shown) == 1
    assert stage.bot.outcomes[-1] == Refused(why=RefusedWhy.UNREACHABLE)


async def test_a_tampered_button_is_an_unknown_one(stage: Stage) -> None:
    stage.bot.talk = says(("选一个：", CHOICES))
    await stage.ask("何时选课")
    (card,) = [one for one in await stage.wecom.messages(user=USER) if one["card"]]
    await press(stage, card["id"], key="made up")
    assert stage.bot.heard[-1].other == "unknown-button"


async def test_what_comes_later_is_posted_once_within_the_hour(stage: Stage) -> None:
    await stage.ask("何时选课")
    stage.bot.talk = says(("补充。", ()))
    to = Address(platform="wecom", chat=USER)
    message = OutboundMessage(to=to, body=Text(text="补充。"), purpose=Purpose.ANSWER)
    outcomes = [await stage.bot.lane.send(message, "补充。") for _ in range(2)]
    assert [type(outcome).__name__ for outcome in outcomes] == ["Accepted", "Refused"]
    assert (await stage.shown())[-1] == "补充。"


async def test_a_stream_that_this_bot_never_began_is_ended(stage: Stage) -> None:
    delivery = await stage.wecom.people.say(user=USER, text="何时选课")
    assert delivery is not None
    callback = stage.wecom.people.callback(delivery.msgid)
    again = await stage.wecom.driver.ask_for(callback, "made-up")
    assert again.reply is not None
    assert again.reply["stream"]["finish"] is True


@pytest.mark.parametrize("keeps_msgid", [True, False])
async def test_a_refresh_is_answered_whatever_id_it_comes_with(stage: Stage, keeps_msgid: bool) -> None:
    stage.wecom.change_robot(keeps_msgid=keeps_msgid)
    stage.bot.talk = says(("答。", ()))
    await stage.ask("何时选课")
    assert await stage.shown() == ["答。"]


async def test_a_repeat_is_dropped_and_answered_like_the_first(stage: Stage) -> None:
    stage.bot.talk = says(("答。", ()))
    first = await stage.wecom.people.say(user=USER, text="何时选课")
    assert first is not None
    again = await stage.wecom.people.repeat(msgid=first.msgid)
    assert again.reply == first.reply
    await stage.bot.handle()
    assert len(stage.bot.heard) == 1


async def test_who_opens_the_chat_is_welcomed(stage: Stage) -> None:
    stage.bot.talk = says(("你好。", CHOICES))
    await stage.bot.handling(stage.wecom.people.enter(user=USER))
    (welcome,) = await stage.shown()
    assert welcome.startswith("你好。")


@pytest.mark.parametrize(
    "more",
    [
        {"voice": True},
        {"quote": "何时选课"},
        {"picture": "AAAAAAAAAAAAAAAAAAAA"},
        {"file": "AAAAAAAAAAAAAAAAAAAA"},
    ],
    ids=["voice", "quote", "picture", "file"],
)
async def test_everything_a_member_can_send_is_read(stage: Stage, more: dict[str, Any]) -> None:
    delivery = await stage.wecom.people.say(user=USER, text="何时选课", **more)
    assert delivery is not None
    approve(delivery)
    await stage.bot.handle()
    assert len(stage.bot.heard) == 1


async def test_a_rating_gets_an_empty_answer(stage: Stage) -> None:
    approve(await stage.wecom.people.rate_by_id(user=USER, feedback="f1", kind=2))


async def test_messages_and_events_of_the_application_are_taken_at_the_first_try(stage: Stage) -> None:
    people = stage.wecom.people
    for delivery in (
        await people.tell(user=USER, text="何时选课"),
        await people.happen(user=USER, event="enter_agent"),
        await people.happen(user=USER, event="subscribe"),
        await people.tell(user=USER, kind="image", PicUrl="https://example.com/p", MediaId="m"),
    ):
        approve(delivery)
        assert delivery.tries == 1
    await stage.bot.handle()
    assert [(message.text, message.picture) for message in stage.bot.heard] == [
        ("何时选课", False),
        ("/start", False),
        (None, True),
    ]
