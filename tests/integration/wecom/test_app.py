"""The application: whom a message reaches, what each thing that can come of it means, and its own groups."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import Response

from bot.buttons import ButtonSeal
from bot.dialogue.wording import ContentWording
from bot.platforms.wecom import refs
from bot.platforms.wecom.api import Caller
from bot.platforms.wecom.app import MEMBERS_AT_ONCE, Application
from bot.platforms.wecom.appchat import Appchats
from bot.platforms.wecom.appmedia import AppMedia
from bot.platforms.wecom.cards import Cards
from bot.platforms.wecom.refs import GroupRoute
from bot.ports import GroupLook, Way, WayKind
from bot.storage.tokens import RedisTokens
from bot.storage.uploads import RedisUploads
from bot.storage.ways import RedisAnswerWays
from scheduler.clocks import VirtualClock
from scheduler.messages import (
    Accepted,
    Action,
    Choice,
    Holds,
    OutboundMessage,
    Outcome,
    Phrase,
    Purpose,
    Refused,
    RefusedWhy,
    RetryLater,
    Text,
    Unknown,
    Verb,
)
from scheduler.storage.database import Database
from tests.architecture.phrases import phrases
from tests.conftest import START
from tests.integration.wecom.gateway import CORP_ID, HANG, Gateway, app_calls, gateway

SEND, CHANGE = "message/send", "message/update_template_card"
TO = refs.person("ZhangSan")
GROUP = refs.group(GroupRoute.APPCHAT, "chat-1")
OPEN = Choice(label="我核对好了", action=Action(verb=Verb.OPEN, subject="glut-check-2019"))
MESSAGE = OutboundMessage(to=TO, body=Text(text="…"), purpose=Purpose.ANSWER)
WAVE = replace(MESSAGE, purpose=Purpose.DEADLINE, choices=(OPEN,))
PRESS = replace(MESSAGE, replaces="card/xj-1/key")


@pytest.fixture
async def wecom() -> AsyncIterator[Gateway]:
    async with gateway() as there:
        yield there


@pytest.fixture
async def app(wecom: Gateway, database: Database, clock: VirtualClock, tmp_path: Path) -> AsyncIterator[Application]:
    (tmp_path / "step-1.png").write_bytes(b"a picture")
    wording = ContentWording(phrases(), "你")
    async with Caller(wecom.url, seconds=0.5) as caller:
        calls = app_calls(caller, RedisTokens(database), clock)
        media = AppMedia(folder=tmp_path, calls=calls, uploads=RedisUploads(database), owner=CORP_ID)
        yield Application(
            calls=calls,
            agent_id=1000002,
            appchats=Appchats(calls=calls, media=media, wording=wording, clock=clock),
            media=media,
            ways=RedisAnswerWays(database),
            cards=Cards(seal=ButtonSeal(b"a secret of the tests"), wording=wording),
            clock=clock,
            hears=True,
        )


async def keep_way(app: Application, *, until: timedelta = timedelta(hours=72)) -> None:
    way = Way(kind=WayKind.CARD_CODE, token="code-1", until=START + until, many=False, who="ZhangSan", card="xj-1")
    for reference in (PRESS.replaces or "", str(TO)):
        await app.ways.keep(reference, [way], START)


async def test_a_text_reaches_one_member_as_it_was_written(wecom: Gateway, app: Application) -> None:
    assert await app.send(MESSAGE, "学籍 5 < 6 & *7*\n第二行 😀") == Accepted(message_id="app/m1")
    (body,) = wecom.bodies(SEND)
    assert body == {
        "touser": "ZhangSan",
        "agentid": 1000002,
        "enable_duplicate_check": 0,
        "msgtype": "text",
        "text": {"content": "学籍 5 < 6 & *7*\n第二行 😀"},
    }


async def test_a_reminder_is_text_and_a_card_whose_buttons_are_sealed(wecom: Gateway, app: Application) -> None:
    assert await app.send(WAVE, "请核对") == Accepted(message_id="app/m1,m2")
    text, card = wecom.bodies(SEND)
    assert (text["msgtype"], text["enable_duplicate_check"]) == ("text", 1)
    (button,) = card["template_card"]["button_list"]
    assert (button["text"], button["type"]) == (OPEN.label, 0)
    assert app.cards.seal.open(button["key"]) == OPEN.action


async def test_every_card_has_a_task_id_of_its_own(wecom: Gateway, app: Application) -> None:
    await app.send(WAVE, "请核对")
    await app.send(WAVE, "请核对")
    cards = [body["template_card"]["task_id"] for body in wecom.bodies(SEND) if body["msgtype"] == "template_card"]
    assert len(set(cards)) == 2


async def test_an_application_that_hears_nothing_offers_nothing(wecom: Gateway, app: Application) -> None:
    await replace(app, hears=False).send(WAVE, "请核对")
    assert [body["msgtype"] for body in wecom.bodies(SEND)] == ["text"]


async def test_a_broadcast_goes_to_a_thousand_at_once_and_brings_back_whom_it_did_not_reach(
    wecom: Gateway, app: Application
) -> None:
    userids = [f"Member{number}" for number in range(MEMBERS_AT_ONCE + 1)]
    wecom.say(SEND, {"errcode": 0, "invaliduser": "member7|member9", "msgid": "x"}, 81013)
    found = await app.send_to_many(userids, replace(MESSAGE, purpose=Purpose.NOTICE), "通知")
    first, second = wecom.bodies(SEND)
    assert (len(first["touser"].split("|")), second["touser"]) == (MEMBERS_AT_ONCE, userids[-1])
    gone = Refused(why=RefusedWhy.UNREACHABLE)
    assert {userid for userid, outcome in found.items() if outcome == gone} == {"Member7", "Member9", userids[-1]}
    assert len(found) == len(userids)
    assert found["Member8"] == Accepted(message_id="app/x")


async def test_who_did_not_get_the_first_part_gets_no_second(wecom: Gateway, app: Application) -> None:
    wecom.say(SEND, {"errcode": 0, "invaliduser": "a", "msgid": "x"})
    found = await app.send_to_many(["A", "b"], WAVE, "请核对")
    assert [body["touser"] for body in wecom.bodies(SEND)] == ["A|b", "b"]
    assert found == {"A": Refused(why=RefusedWhy.UNREACHABLE), "b": Accepted(message_id="app/x,m2")}


async def test_who_got_the_first_part_and_not_the_second_has_an_unknown_outcome(
    wecom: Gateway, app: Application
) -> None:
    wecom.say(SEND, {"errcode": 0, "msgid": "x"}, 45009)
    assert await app.send(WAVE, "请核对") == Unknown(why="partly-sent")


@pytest.mark.parametrize("userid", ["@all", "a|b", ""])
async def test_an_address_that_would_be_more_than_one_member_is_nobody(
    wecom: Gateway, app: Application, userid: str
) -> None:
    to = replace(TO, chat=userid)
    assert not app.reaches(to)
    assert await app.send(replace(MESSAGE, to=to), "通知") == Refused(why=RefusedWhy.UNREACHABLE)
    assert wecom.asked(SEND) == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (81013, Refused(why=RefusedWhy.UNREACHABLE)),
        (40058, Refused(why=RefusedWhy.BAD_CONTENT)),
        (301002, RetryLater(at=START + timedelta(minutes=5), why="errcode 301002")),
        (60020, RetryLater(at=START + timedelta(minutes=5), why="errcode 60020")),
        (45009, RetryLater(at=START + timedelta(minutes=1), why="errcode 45009", holds=Holds.CHAT)),
        (Response(status_code=503), Unknown(why="server-error")),
        (Response("{", media_type="application/json"), Unknown(why="unreadable-answer")),
        (HANG, Unknown(why="no-answer")),
    ],
)
async def test_what_comes_of_a_call_is_an_outcome(
    wecom: Gateway, app: Application, answer: object, outcome: Outcome
) -> None:
    wecom.say(SEND, answer)
    assert await app.send(MESSAGE, "好的") == outcome


async def test_what_has_to_be_mended_is_said_until_it_is(wecom: Gateway, app: Application) -> None:
    assert app.troubles() == ()
    wecom.say(SEND, 60020)
    await app.send(MESSAGE, "好的")
    assert app.troubles() == (Phrase(key="wecom.trouble.trusted-ip"),)
    await app.send(MESSAGE, "好的")
    assert app.troubles() == ()


async def test_an_empty_text_is_refused_as_content(wecom: Gateway, app: Application) -> None:
    assert await app.send(MESSAGE, " \n") == Refused(why=RefusedWhy.BAD_CONTENT)
    assert wecom.asked(SEND) == []


async def test_a_pressed_card_is_changed_once_for_who_pressed_it(wecom: Gateway, app: Application) -> None:
    await keep_way(app)
    assert await app.answer(replace(PRESS, choices=(OPEN,)), "已登记，编号A4。") == Accepted(message_id="app/")
    (body,) = wecom.bodies(CHANGE)
    assert (body["userids"], body["agentid"], body["response_code"]) == (["ZhangSan"], 1000002, "code-1")
    assert (body["template_card"]["task_id"], body["template_card"]["sub_title_text"]) == ("xj-1", "已登记，编号A4。")
    assert await app.answer(PRESS, "再来一次") is None


async def test_a_press_that_is_answered_by_a_new_message_leaves_a_card_that_says_so(
    wecom: Gateway, app: Application
) -> None:
    await keep_way(app)
    assert await app.answer(MESSAGE, "答案") == Accepted(message_id="app/m1")
    (body,) = wecom.bodies(CHANGE)
    taken = app.cards.taken("xj-1")
    assert (body["userids"], body["template_card"]) == (["ZhangSan"], taken)
    assert await app.answer(MESSAGE, "还有") is None


async def test_what_does_not_fit_on_a_card_is_a_message_under_it(wecom: Gateway, app: Application) -> None:
    await keep_way(app)
    assert await app.answer(PRESS, "很长的说明。" * 40) == Accepted(message_id="app/m1")
    assert [body["template_card"]["task_id"] for body in wecom.bodies(CHANGE)] == ["xj-1"]
    assert [body["msgtype"] for body in wecom.bodies(SEND)] == ["text"]


@pytest.mark.parametrize("answer", [40058, 45009, Response(status_code=404)])
async def test_a_card_that_cannot_be_changed_any_more_is_answered_by_a_message(
    wecom: Gateway, app: Application, answer: object
) -> None:
    await keep_way(app)
    wecom.say(CHANGE, answer)
    assert await app.answer(PRESS, "已登记。") == Accepted(message_id="app/m1")


async def test_a_change_without_an_answer_is_not_said_twice(wecom: Gateway, app: Application) -> None:
    await keep_way(app)
    wecom.say(CHANGE, HANG)
    assert await app.answer(PRESS, "已登记。") == Unknown(why="no-answer")
    assert wecom.asked(SEND) == []


async def test_without_a_way_left_a_press_is_answered_like_anything_else(app: Application) -> None:
    await keep_way(app, until=timedelta(0))
    assert await app.answer(PRESS, "已登记。") is None
    assert await app.answer(replace(PRESS, replaces="-1001/7"), "已登记。") is None
    assert await app.answer(MESSAGE, "好的") is None


async def test_a_message_is_recalled_with_all_its_parts(wecom: Gateway, app: Application) -> None:
    sent = await app.send(WAVE, "请核对")
    assert isinstance(sent, Accepted)
    assert await app.recall(sent.message_id) == sent
    assert wecom.bodies("message/recall") == [{"msgid": "m1"}, {"msgid": "m2"}]


async def test_what_cannot_be_recalled_says_why(wecom: Gateway, app: Application) -> None:
    wecom.say("message/recall", 40058)
    assert await app.recall("app/m1") == Refused(why=RefusedWhy.BAD_CONTENT)
    assert await app.recall("-1001/7") == Refused(why=RefusedWhy.NO_RIGHT)
    assert len(wecom.asked("message/recall")) == 1


async def test_a_figure_is_uploaded_once_and_comes_before_its_words(wecom: Gateway, app: Application) -> None:
    for _ in range(2):
        await app.send(replace(MESSAGE, picture="step-1"), "第一步")
    assert wecom.bodies("media/upload") == [("step-1.png", b"a picture")]
    assert wecom.asked("media/upload")[0].query["type"] == "image"
    assert [body["msgtype"] for body in wecom.bodies(SEND)] == ["image", "text"] * 2
    assert wecom.bodies(SEND)[0]["image"] == {"media_id": "media-1"}


async def test_a_figure_that_wecom_forgot_is_uploaded_again(wecom: Gateway, app: Application) -> None:
    await app.send(replace(MESSAGE, picture="step-1"), "第一步")
    wecom.say(SEND, 40007)
    await app.send(replace(MESSAGE, picture="step-1"), "第一步")
    shown = [body["image"]["media_id"] for body in wecom.bodies(SEND) if body["msgtype"] == "image"]
    assert shown == ["media-1", "media-1", "media-2"]


@pytest.mark.parametrize("figure", ["step-1", "no-such-figure"])
async def test_where_a_figure_cannot_be_shown_the_words_do(wecom: Gateway, app: Application, figure: str) -> None:
    wecom.say("media/upload", 45009)
    assert await app.send(replace(MESSAGE, picture=figure), "第一步") == Accepted(message_id="app/m1")


async def test_a_group_is_made_written_to_and_looked_into(wecom: Gateway, app: Application) -> None:
    wecom.say("appchat/create", {"errcode": 0, "chatid": "chat-1"})
    assert await app.appchats.create("chat-1", "会计19-1班", "Lin", ["ZhangSan", "Lin"]) == GROUP
    assert wecom.bodies("appchat/create") == [
        {"chatid": "chat-1", "name": "会计19-1班", "owner": "Lin", "userlist": ["Lin", "ZhangSan"]},
    ]
    assert app.reaches(GROUP)
    assert await app.send(replace(WAVE, to=GROUP), "请核对 <@all>") == Accepted(message_id="")
    (body,) = wecom.bodies("appchat/send")
    assert (body["chatid"], body["msgtype"]) == ("chat-1", "text")
    assert body["text"]["content"].startswith("请核对 ＜@all>\n\n")
    wecom.say("appchat/get", {"errcode": 0, "chat_info": {"chatid": "chat-1", "userlist": ["Lin", "ZhangSan"]}})
    assert await app.appchats.members(GROUP) == ("Lin", "ZhangSan")
    found = {"chatid": "chat-1", "owner": "Lin", "userlist": ["Lin", "ZhangSan"]}
    wecom.say("appchat/get", {"errcode": 0, "chat_info": found})
    assert await app.appchats.look(GROUP) == GroupLook(size=2, owner="wecom:Lin")


async def test_a_group_that_is_not_there_cannot_be_reached(wecom: Gateway, app: Application) -> None:
    gone = Refused(why=RefusedWhy.UNREACHABLE)
    wecom.say("appchat/send", 86003)
    wecom.say("appchat/get", 86003, 86003, {"errcode": 0})
    wecom.say("appchat/create", 48002)
    assert await app.send(replace(MESSAGE, to=GROUP), "好的") == gone
    assert await app.appchats.members(GROUP) == gone
    assert await app.appchats.look(GROUP) is None
    assert await app.appchats.members(GROUP) == Unknown(why="unreadable-answer")
    assert await app.appchats.create("chat-1", "会计19-1班", "Lin", ["ZhangSan"]) == Refused(why=RefusedWhy.NO_RIGHT)


async def test_the_groups_of_other_routes_are_not_the_application_s(app: Application) -> None:
    assert not app.reaches(refs.group(GroupRoute.ROBOT, "wr1"))
    assert not app.reaches(refs.group(GroupRoute.HOOK, "office"))
