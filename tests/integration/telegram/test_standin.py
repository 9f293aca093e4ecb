"""The stand-in is as strict as the platform, and can be used by anybody over HTTP."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from bot.standins.telegram import TelegramStandin
from tests.integration.telegram.rig import FIGURES, GROUP, STUDENT


@pytest.fixture
async def strict() -> AsyncIterator[TelegramStandin]:
    """A stand-in with the platform's own flood limits."""
    async with TelegramStandin() as standin:
        standin.world.group(chat=GROUP)
        standin.world.freeze(standin.world.now)
        yield standin


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=20) as client:
        yield client


async def call(http: httpx.AsyncClient, standin: TelegramStandin, method: str, **asked: Any) -> tuple[int, Any]:
    answer = await http.post(f"{standin.base_url}/bot{standin.token}/{method}", json=asked)
    body = answer.json()
    assert body["ok"] is (answer.status_code == 200)
    return answer.status_code, body["result"] if body["ok"] else body["description"]


async def test_a_fourth_message_within_three_seconds_of_one_chat_is_too_many(
    http: httpx.AsyncClient, strict: TelegramStandin
) -> None:
    codes = [(await call(http, strict, "sendMessage", chat_id=GROUP, text="在吗"))[0] for _ in range(4)]
    assert codes == [200, 200, 200, 429]
    strict.world.clock(advance=3)
    assert (await call(http, strict, "sendMessage", chat_id=GROUP, text="在吗"))[0] == 200


async def test_sends_and_edits_share_the_twenty_a_minute_of_a_group(
    http: httpx.AsyncClient, strict: TelegramStandin
) -> None:
    for number in range(10):
        _, sent = await call(http, strict, "sendMessage", chat_id=GROUP, text="在吗")
        text = f"改{number}"
        await call(http, strict, "editMessageText", chat_id=GROUP, message_id=sent["message_id"], text=text)
        strict.world.clock(advance=3)
    url = f"{strict.base_url}/bot{strict.token}/sendMessage"
    answer = (await http.post(url, json={"chat_id": GROUP, "text": "再来"})).json()
    assert (answer["error_code"], answer.get("parameters")) == (429, {"retry_after": 30})


async def test_thirty_a_second_in_all_are_the_limit(http: httpx.AsyncClient, strict: TelegramStandin) -> None:
    for user in range(1, 32):
        strict.world.say(user=user, text="/start")
    codes = [(await call(http, strict, "sendMessage", chat_id=user, text="在"))[0] for user in range(1, 32)]
    assert codes == [200] * 30 + [429]


@pytest.mark.parametrize(
    ("method", "asked", "description"),
    [
        ("sendMessage", {"text": "在", "parse_mod": "HTML"}, "sendMessage has no parameter parse_mod"),
        ("sendMessage", {"text": " \n"}, "message text is empty"),
        ("sendMessage", {"text": "😀" * 2049}, "message is too long"),
        ("sendPhoto", {"photo": "of-another-bot"}, "wrong remote file identifier specified: Wrong string length"),
        ("sendMessage", {"text": "在", "message_thread_id": 1}, "message thread not found"),
        ("sendMessage", {"text": "在", "reply_parameters": {"message_id": 9}}, "message to be replied not found"),
        ("editMessageText", {"text": "在", "message_id": 9}, "message to edit not found"),
        ("deleteMessage", {"message_id": 9}, "message to delete not found"),
        ("editMessageText", {"text": "在"}, "parameter message_id is required"),
    ],
)
async def test_what_the_platform_refuses_is_refused(
    http: httpx.AsyncClient, standin: TelegramStandin, method: str, asked: dict[str, Any], description: str
) -> None:
    assert await call(http, standin, method, chat_id=GROUP, **asked) == (400, f"Bad Request: {description}")


@pytest.mark.parametrize(
    ("data", "code"), [("x" * 64, 200), ("x" * 65, 400), ("学" * 21, 200), ("学" * 22, 400), ("", 400)]
)
async def test_button_data_has_one_to_sixty_four_bytes(
    http: httpx.AsyncClient, standin: TelegramStandin, data: str, code: int
) -> None:
    markup = {"inline_keyboard": [[{"text": "好", "callback_data": data}]]}
    assert (await call(http, standin, "sendMessage", chat_id=GROUP, text="在", reply_markup=markup))[0] == code


async def test_a_caption_is_shorter_than_a_text(http: httpx.AsyncClient, standin: TelegramStandin) -> None:
    picture = (FIGURES / "phone-fill.png").read_bytes()
    url = f"{standin.base_url}/bot{standin.token}/sendPhoto"

    async def caption(text: str) -> int:
        fields = {"chat_id": str(GROUP), "caption": text}
        return (await http.post(url, data=fields, files={"photo": ("a.png", picture)})).status_code

    assert [await caption("学" * 1024), await caption("学" * 1025)] == [200, 400]


async def test_a_caption_and_a_deletion_reach_the_bots_own_messages_only(
    http: httpx.AsyncClient, standin: TelegramStandin
) -> None:
    picture = (FIGURES / "phone-fill.png").read_bytes()
    url = f"{standin.base_url}/bot{standin.token}/sendPhoto"
    sent = (await http.post(url, data={"chat_id": str(GROUP)}, files={"photo": ("a.png", picture)})).json()["result"]
    own = {"chat_id": GROUP, "message_id": sent["message_id"]}
    assert (await call(http, standin, "editMessageCaption", caption="看这里", **own))[0] == 200
    assert (await standin.messages(GROUP))[0]["text"] == "看这里"
    said = standin.world.say(user=STUDENT, chat=GROUP, text="大家好")
    theirs = {"chat_id": GROUP, "message_id": said["message_id"]}
    assert (await call(http, standin, "editMessageText", text="改", **theirs))[
        1
    ] == "Bad Request: message can't be edited"
    assert (await call(http, standin, "deleteMessage", **theirs))[1] == "Bad Request: message can't be deleted"
    assert (await call(http, standin, "deleteMessage", **own))[0] == 200
    assert (await standin.messages(GROUP))[0]["deleted"]


async def test_the_bot_learns_whether_it_is_an_admin(http: httpx.AsyncClient, standin: TelegramStandin) -> None:
    me = standin.world.me["id"]
    asked = {"chat_id": GROUP, "user_id": me}
    assert (await call(http, standin, "getChatMember", **asked))[1]["status"] == "member"
    standin.world.group(chat=GROUP, admin=True)
    assert (await call(http, standin, "getChatMember", **asked))[1]["status"] == "administrator"


async def test_unfetched_presses_are_kept_for_150_seconds_and_messages_for_a_day(
    http: httpx.AsyncClient, standin: TelegramStandin
) -> None:
    markup = {"inline_keyboard": [[{"text": "好", "callback_data": "x"}]]}
    _, sent = await call(http, standin, "sendMessage", chat_id=GROUP, text="在", reply_markup=markup)

    async def waiting() -> list[list[str]]:
        standin.world.press(user=STUDENT, chat=GROUP, message=sent["message_id"], label="好")
        standin.world.say(user=STUDENT, chat=GROUP, text="在")
        kept = []
        for seconds in (149, 2, 24 * 3600):
            standin.world.clock(advance=seconds)
            _, updates = await call(http, standin, "getUpdates", timeout=0)
            kept.append([next(key for key in update if key != "update_id") for update in updates])
        return kept

    assert await waiting() == [["callback_query", "message"], ["message"], []]


async def test_only_the_kinds_of_updates_that_were_asked_for_are_kept(
    http: httpx.AsyncClient, standin: TelegramStandin
) -> None:
    await call(http, standin, "getUpdates", timeout=0, allowed_updates=["edited_message"])
    said = standin.world.say(user=STUDENT, text="在")
    standin.world.edit(chat=STUDENT, message=said["message_id"], text="在吗")
    _, updates = await call(http, standin, "getUpdates", timeout=0)
    assert [set(update) for update in updates] == [{"update_id", "edited_message"}]


async def test_a_wrong_token_is_unauthorized(http: httpx.AsyncClient, standin: TelegramStandin) -> None:
    assert (await http.post(f"{standin.base_url}/bot1:wrong/getMe")).status_code == 401
    assert (await http.post(f"{standin.base_url}/bot{standin.token}/sendDice")).status_code == 404


async def test_a_person_is_played_over_http_from_question_to_press(
    http: httpx.AsyncClient, standin: TelegramStandin
) -> None:
    async def do(verb: str, **asked: Any) -> Any:
        answer = await http.post(f"{standin.base_url}/{verb}", json=asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    await do("user/group", chat=-5, title="一班")
    said = await do("user/say", user=STUDENT, chat=-5, text="@xueji_bot 在吗", name="小明")
    await do("script/fault", method="sendMessage", kind="flood", retry_after=2, chat=-5)
    asked = {"chat_id": -5, "text": "在", "reply_parameters": {"message_id": said["message_id"]}}
    markup = {"inline_keyboard": [[{"text": "好", "callback_data": "x"}]]}
    assert (await call(http, standin, "sendMessage", **asked))[0] == 429
    await call(http, standin, "sendMessage", reply_markup=markup, **asked)
    found = await http.get(f"{standin.base_url}/user/messages", params={"chat": -5, "wait": 5})
    (shown,) = found.json()
    assert (shown["text"], shown["buttons"], shown["reply_to"]) == ("在", [["好"]], said["message_id"])
    pressed = await do("user/press", user=STUDENT, chat=-5, message=shown["message_id"], label="好")
    await call(http, standin, "answerCallbackQuery", callback_query_id=pressed["press"], text="收到")
    presses = (await http.get(f"{standin.base_url}/user/presses")).json()
    assert presses == [{"press": pressed["press"], "answered": True, "toast": "收到"}]


@pytest.mark.parametrize(
    ("verb", "asked"),
    [
        ("user/say", {"user": STUDENT, "chat": -99, "text": "在"}),
        ("user/press", {"user": STUDENT, "chat": GROUP, "message": 99, "label": "好"}),
        ("user/say", {"text": "在"}),
        ("script/fault", {"method": "sendMessage", "kind": "earthquake"}),
    ],
)
async def test_what_a_person_cannot_do_is_said(
    http: httpx.AsyncClient, standin: TelegramStandin, verb: str, asked: dict[str, Any]
) -> None:
    assert (await http.post(f"{standin.base_url}/{verb}", json=asked)).status_code == 400


async def test_it_runs_alone_says_where_it_is_and_stops_when_told(http: httpx.AsyncClient) -> None:
    program = "from bot.standins.telegram import main; main(0)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    said = json.loads(await process.stdout.readline())
    answer = await http.get(f"{said['base_url']}/bot{said['token']}/getMe")
    assert answer.json()["result"]["username"] == said["username"]
    process.send_signal(signal.SIGTERM)
    assert await process.wait() == 0
