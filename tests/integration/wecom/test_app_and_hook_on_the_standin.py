"""The application and the webhooks before a platform as strict as WeCom, with its own members, limits and faults."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.buttons import ButtonSeal
from bot.dialogue.wording import ContentWording
from bot.platforms.wecom import refs
from bot.platforms.wecom.api import Caller, Trouble
from bot.platforms.wecom.app import Application
from bot.platforms.wecom.appchat import Appchats
from bot.platforms.wecom.appmedia import AppMedia
from bot.platforms.wecom.cards import Cards, sendable
from bot.platforms.wecom.hook import Webhooks
from bot.platforms.wecom.refs import GroupRoute
from bot.platforms.wecom.tokens import AppCalls
from bot.ports import Way, WayKind
from bot.standins.wecom import NO_LIMITS, WecomStandin
from bot.storage.tokens import RedisTokens
from bot.storage.uploads import RedisUploads
from bot.storage.ways import RedisAnswerWays
from knowledge.loading import CONTENT
from scheduler.clocks import VirtualClock
from scheduler.deliveries import Delivery, Kind
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
from scheduler.storage.database import Database
from scheduler.storage.outbox import RedisOutbox
from tests.architecture.phrases import phrases
from tests.conftest import START
from tests.integration.school import relay

FIGURES = CONTENT / "figures"
TO = refs.person("ZhangSan")
GROUP = refs.group(GroupRoute.HOOK, "会计19-1")
MESSAGE = OutboundMessage(to=TO, body=Text(text="…"), purpose=Purpose.ANSWER)
CHOICES = tuple(Choice(label=label, action=Action(verb=Verb.OPEN, subject=label)) for label in ("a", "有问题", "明天"))
WAVE = replace(MESSAGE, purpose=Purpose.DEADLINE, choices=CHOICES)


@pytest.fixture
async def wecom() -> AsyncIterator[WecomStandin]:
    async with WecomStandin(limits=NO_LIMITS) as standin:
        standin.world.freeze(START.timestamp())
        standin.world.member(user="ZhangSan")
        standin.world.member(user="LiSi")
        yield standin


@pytest.fixture
async def caller(wecom: WecomStandin) -> AsyncIterator[Caller]:
    async with Caller(wecom.http_url, seconds=1.0) as caller:
        yield caller


@pytest.fixture
def app(wecom: WecomStandin, caller: Caller, database: Database, clock: VirtualClock) -> Application:
    accepted = wecom.credentials
    wording = ContentWording(phrases(), "你")
    calls = AppCalls(caller, RedisTokens(database), clock, corp_id=accepted["corp_id"], secret=accepted["app_secret"])
    media = AppMedia(folder=FIGURES, calls=calls, uploads=RedisUploads(database), owner=accepted["corp_id"])
    return Application(
        calls=calls,
        agent_id=accepted["agent_id"],
        appchats=Appchats(calls=calls, media=media, wording=wording, clock=clock),
        media=media,
        ways=RedisAnswerWays(database),
        cards=Cards(seal=ButtonSeal(b"a secret of the tests"), wording=wording),
        clock=clock,
        hears=True,
    )


@pytest.fixture
def hooks(wecom: WecomStandin, caller: Caller, database: Database, clock: VirtualClock) -> Webhooks:
    key = wecom.world.hook(chat="wr1")["key"]
    wording = ContentWording(phrases(), "你")
    return Webhooks(
        caller=caller,
        keys={"会计19-1": key},
        figures=FIGURES,
        uploads=RedisUploads(database),
        wording=wording,
        clock=clock,
    )


async def test_a_reminder_with_a_figure_and_buttons_arrives_whole(wecom: WecomStandin, app: Application) -> None:
    figure = next(FIGURES.glob("*.png")).stem
    assert isinstance(await app.send(replace(WAVE, picture=figure), "请核对 <a href='x'>"), Accepted)
    picture, text, card = await wecom.messages(user="ZhangSan")
    assert (picture["kind"], text["text"]) == ("image", "请核对 ＜a href='x'>")
    assert card["buttons"] == [choice.label for choice in CHOICES]


LABELS = st.text(min_size=1, max_size=30).filter(lambda label: bool(sendable(label).strip()))
"""A button has to show something."""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(text=st.text(min_size=1, max_size=2_500), labels=st.lists(LABELS, max_size=8))
async def test_any_text_with_any_choices_is_taken_by_every_route(
    app: Application, hooks: Webhooks, text: str, labels: list[str]
) -> None:
    choices = tuple(Choice(label=label, action=Action(verb=Verb.ASK, subject=str(n))) for n, label in enumerate(labels))
    for to, route in ((TO, app), (GROUP, hooks)):
        outcome = await route.send(replace(MESSAGE, to=to, choices=choices), text)
        shows_nothing = not sendable(text).strip()
        assert isinstance(outcome, Accepted) or (outcome == Refused(why=RefusedWhy.BAD_CONTENT) and shows_nothing)


async def test_the_same_answer_twice_arrives_twice_and_the_same_reminder_once(
    wecom: WecomStandin, app: Application
) -> None:
    for message in (MESSAGE, MESSAGE, replace(MESSAGE, purpose=Purpose.DEADLINE)):
        assert isinstance(await app.send(message, "学籍状态应为注册学籍。"), Accepted)
    again = replace(MESSAGE, purpose=Purpose.DEADLINE)
    assert isinstance(await app.send(again, "学籍状态应为注册学籍。"), Accepted)
    assert len(await wecom.messages(user="ZhangSan")) == 3


async def test_members_outside_the_visible_range_are_brought_back_as_they_were_spelled(
    wecom: WecomStandin, app: Application
) -> None:
    wecom.world.member(user="WangWu", visible=False)
    found = await app.send_to_many(["ZhangSan", "WangWu", "Nobody", "LiSi"], MESSAGE, "通知")
    gone = Refused(why=RefusedWhy.UNREACHABLE)
    assert {userid for userid, outcome in found.items() if outcome == gone} == {"WangWu", "Nobody"}
    assert len(await wecom.messages(user="LiSi")) == 1


async def test_a_press_changes_the_card_of_who_pressed_and_its_code_is_good_once(
    wecom: WecomStandin, app: Application
) -> None:
    await app.send_to_many(["ZhangSan", "LiSi"], WAVE, "请核对")
    (code,) = wecom.people.response_codes
    pressed = replace(MESSAGE, replaces="card/xj-1/key")
    way = Way(kind=WayKind.CARD_CODE, token=code, until=START + timedelta(hours=72), many=False, card="xj-1")
    for _ in range(2):
        await app.ways.keep("card/xj-1/key", [way], START)
        assert isinstance(await app.answer(pressed, "已登记。"), Accepted)
    seen = [(shown["kind"], shown["buttons"]) for shown in await wecom.messages(user="ZhangSan")]
    assert seen == [("text", []), ("template_card", []), ("text", [])]  # the last: its code was spent
    (_, untouched) = await wecom.messages(user="LiSi")
    assert untouched["buttons"] == [choice.label for choice in CHOICES]


async def test_what_was_sent_is_recalled(wecom: WecomStandin, app: Application) -> None:
    sent = await app.send(WAVE, "请核对")
    assert isinstance(sent, Accepted)
    assert await app.recall(sent.message_id) == sent
    assert [shown["recalled"] for shown in await wecom.messages(user="ZhangSan")] == [True, True]


async def test_a_group_of_the_application_is_made_and_its_members_are_known(
    wecom: WecomStandin, app: Application
) -> None:
    group = await app.appchats.create("c1", "会计19-1班", "ZhangSan", ["LiSi"])
    assert isinstance(group, Address)
    assert app.reaches(group)
    assert isinstance(await app.send(replace(WAVE, to=group), "请核对"), Accepted)
    assert await app.appchats.members(group) == ("ZhangSan", "LiSi")
    assert await app.appchats.create("c1", "会计19-1班", "ZhangSan", ["LiSi"]) == group
    assert len(await wecom.messages(chat=refs.id_of(group))) == 1


@pytest.mark.parametrize("code", [40014, 42001])
async def test_eight_tasks_at_once_with_a_dead_token_make_exactly_one_gettoken(
    wecom: WecomStandin, app: Application, code: int
) -> None:
    wecom.app.fresh_tokens = True
    assert isinstance(await app.send(MESSAGE, "第一条"), Accepted)
    wecom.expire_tokens(code=code)
    outcomes = await asyncio.gather(*(app.send(MESSAGE, f"第{number}条") for number in range(8)))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert wecom.api.calls["gettoken"] == 2


async def test_a_token_that_is_refused_for_good_makes_two_requests(wecom: WecomStandin, app: Application) -> None:
    wecom.fault(call="message/send", code=40014, times=99)
    for _ in range(2):
        assert await app.send(MESSAGE, "好的") == RetryLater(at=START + timedelta(minutes=5), why="errcode 40014")
    assert wecom.api.calls["message/send"] == 2
    assert app.calls.trouble is Trouble.APP_SECRET


@pytest.mark.parametrize("kind", ["cut", "broken-json", "hang"])
async def test_an_answer_that_never_comes_leaves_the_message_unknown_though_it_arrived(
    wecom: WecomStandin, app: Application, kind: str
) -> None:
    wecom.fault(call="message/send", kind=kind)
    assert isinstance(await app.send(MESSAGE, "好的"), Unknown)
    assert len(await wecom.messages(user="ZhangSan")) == 1


async def test_a_webhook_takes_twenty_a_minute(wecom: WecomStandin, hooks: Webhooks) -> None:
    wecom.limit(hook=[(20, 60)])
    to_group = replace(MESSAGE, to=GROUP)
    outcomes = [await hooks.send(to_group, f"第{number}条") for number in range(21)]
    assert [isinstance(outcome, Accepted) for outcome in outcomes] == [True] * 20 + [False]
    last = outcomes[-1]
    assert isinstance(last, RetryLater)
    wecom.world.clock(advance=(last.at - START).total_seconds())
    assert isinstance(await hooks.send(to_group, "第二十一条"), Accepted)


async def test_a_webhook_shows_a_figure_and_hands_out_a_file(wecom: WecomStandin, hooks: Webhooks) -> None:
    figure = next(FIGURES.glob("*.png")).stem
    assert isinstance(await hooks.send(replace(WAVE, to=GROUP, picture=figure), "还有3人没有核对。"), Accepted)
    sheet = Attachment(name="核对表.xlsx", digest=await hooks.uploads.put(b"a sheet"))
    assert isinstance(await hooks.send(replace(WAVE, to=GROUP, files=(sheet,)), "请班长交表。"), Accepted)
    shown = await wecom.messages(chat="wr1")
    assert [message["kind"] for message in shown] == ["image", "text", "file", "text"]


async def test_the_application_hands_a_member_a_file_with_its_words(wecom: WecomStandin, app: Application) -> None:
    sheet = Attachment(name="核对表.xlsx", digest=await app.media.uploads.put(b"a sheet"))
    for _ in range(2):
        assert isinstance(await app.send(replace(WAVE, files=(sheet,)), "请核对"), Accepted)
    shown = await wecom.messages(user="ZhangSan")
    assert [message["kind"] for message in shown][:3] == ["file", "text", "template_card"]


@pytest.mark.parametrize("after", [0, 1])
async def test_a_reminder_to_which_no_answer_came_is_given_to_the_application_once_more_and_shown_once(
    wecom: WecomStandin, app: Application, database: Database, clock: VirtualClock, after: int
) -> None:
    """The answer to its text was lost, or the one to its card."""
    outbox = RedisOutbox(database)
    sender = relay(database, app, clock, lane=refs.PLATFORM, drops_repeats=app.drops_repeats)
    wecom.fault(call="message/send", kind="cut", after=after)
    reminder = Delivery(id="reminder", kind=Kind.NOTE, message=replace(WAVE, body=Text(text="请核对")))
    await outbox.queue(reminder, START)
    await sender.run_until_idle()
    assert [shown["kind"] for shown in await wecom.messages(user="ZhangSan")] == ["text", "template_card"]
    first, second = [attempt.outcome for attempt in await outbox.ledger()]
    assert isinstance(first, Unknown)
    assert isinstance(second, Accepted)
