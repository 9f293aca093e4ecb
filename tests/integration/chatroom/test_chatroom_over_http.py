"""The chatroom as a browser meets it: HTTP for what one does, a WebSocket for what happens."""

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bot.storage.connection import connect as connect_store
from bot.storage.intake import RedisIntake
from scheduler.clocks import VirtualClock
from tests.integration.chatroom.echo import CHEN, LI, NEXT_WAVE, TEACHER, WANG, EchoBot, watching

GROUP = "g-c1"


def said(text: str, *, chat: str = WANG.id, account: str = WANG.account, **more: object) -> dict[str, object]:
    """The body of a message that a person sends."""
    return {"chat": chat, "account": account, "text": text, **more}


def pressed(message: dict[str, object], token: str, account: str = WANG.account) -> dict[str, object]:
    """The body of a press on a message's button."""
    return {"chat": message["chat"], "account": account, "message": message["id"], "token": token}


async def test_a_question_in_private_is_answered_there_live(url: str, http: httpx.AsyncClient) -> None:
    async with watching(url, WANG.account) as page:
        taken = await http.post("/chatroom/messages", json=said("查不到学籍"))
        own, answer = await page.message(), await page.message()
    assert taken.status_code == 202
    assert taken.json() == {"id": own["id"], "stored": True}
    assert (own["name"], own["text"]) == (WANG.name, "查不到学籍")
    assert (answer["sender"], answer["chat"], answer["text"]) == (None, WANG.id, "听到：查不到学籍")


async def test_a_page_that_connects_late_is_given_what_was_said_before(url: str, http: httpx.AsyncClient) -> None:
    async with watching(url, WANG.account) as page:
        await http.post("/chatroom/messages", json=said("早上好"))
        await page.answer()
    async with watching(url, WANG.account) as later:
        history = await later.next()
    texts = {chat["id"]: [message["text"] for message in chat["messages"]] for chat in history["chats"]}
    assert texts == {GROUP: [], WANG.id: ["早上好", "听到：早上好"]}


async def test_what_is_said_in_a_group_is_seen_by_its_class_and_the_counsellor_alone(
    url: str, http: httpx.AsyncClient
) -> None:
    async with watching(url, LI.account) as li, watching(url, TEACHER.account) as teacher:
        async with watching(url, CHEN.account) as chen:
            await http.post("/chatroom/messages", json=said("班里的事", chat=GROUP))
            await http.post("/chatroom/messages", json=said("别班的事", chat="g-c2", account=CHEN.account))
            assert (await chen.message())["text"] == "别班的事"
        assert (await li.message())["text"] == "班里的事"
        assert [(await teacher.message())["text"] for _ in range(2)] == ["班里的事", "别班的事"]


async def test_in_a_group_only_a_mention_or_a_reply_to_the_bot_speaks_to_it(url: str, http: httpx.AsyncClient) -> None:
    async with watching(url, WANG.account) as page:
        await http.post("/chatroom/messages", json=said("今晚吃什么", chat=GROUP))
        mention = await http.post("/chatroom/messages", json=said("@学籍通 哪天截止", chat=GROUP))
        first = await page.answer()
        await http.post("/chatroom/messages", json=said("几点？", chat=GROUP, reply_to=first["id"]))
        second = await page.answer()
        await http.post("/chatroom/messages", json=said("谢谢", chat=GROUP, reply_to=mention.json()["id"]))
        await http.post("/chatroom/messages", json=said("那我呢", chat=GROUP, addressed=True))
        third = await page.answer()
    assert [message["text"] for message in (first, second, third)] == ["听到：哪天截止", "听到：几点？", "听到：那我呢"]
    assert first["reply_to"] == mention.json()["id"]


async def test_a_pressed_button_puts_the_answer_in_the_messages_place(url: str, http: httpx.AsyncClient) -> None:
    async with watching(url, WANG.account) as page:
        await http.post("/chatroom/messages", json=said("按钮"))
        offer = await page.answer()
        await http.post("/chatroom/presses", json=pressed(offer, offer["buttons"][0]["token"]))
        edited = await page.message("edited")
    assert [button["label"] for button in offer["buttons"]] == ["是的", "不是"]
    assert (edited["id"], edited["edited"], edited["buttons"]) == (offer["id"], True, [])
    assert edited["text"] == "按了ASK yes"


async def test_a_button_pressed_twice_in_a_hurry_opens_twice(url: str, http: httpx.AsyncClient) -> None:
    async with watching(url, WANG.account) as page:
        await http.post("/chatroom/messages", json=said("按钮"))
        offer = await page.answer()
        for _ in range(2):
            await http.post("/chatroom/presses", json=pressed(offer, offer["buttons"][1]["token"]))
            assert (await page.message("edited"))["text"] == "按了ASK no"


async def test_a_button_that_the_bot_did_not_put_there_is_an_unknown_one(
    url: str, http: httpx.AsyncClient, echo: EchoBot
) -> None:
    async with watching(url, LI.account) as li, watching(url, WANG.account) as wang:
        await http.post("/chatroom/messages", json=said("按钮", chat=LI.id, account=LI.account))
        token = (await li.answer())["buttons"][0]["token"]
        await http.post("/chatroom/messages", json=said("你好"))
        own = await wang.answer()
        for strange in (token, token[::-1], "", "不是按钮"):
            await http.post("/chatroom/presses", json=pressed(own, strange))
            assert (await wang.answer())["text"] == "unknown-button"
        await http.post("/chatroom/presses", json=pressed({"chat": WANG.id, "id": "1"}, token))
        assert (await wang.answer())["text"] == "unknown-button"


async def test_nobody_writes_or_presses_where_they_are_not(http: httpx.AsyncClient, echo: EchoBot) -> None:
    for chat in ("g-c2", LI.id, "g-none", ""):
        refused = await http.post("/chatroom/messages", json=said("我", chat=chat))
        assert (refused.status_code, refused.json()) == (403, {"detail": "not-in-chat"})
        assert (await http.post("/chatroom/presses", json=pressed({"chat": chat, "id": "1"}, "x"))).status_code == 403
    assert (await http.post("/chatroom/messages", json=said("我", account="chatroom:nobody"))).status_code == 403


@pytest.mark.parametrize(("text", "status"), [("", 422), (" \n\t", 422), ("字" * 2_001, 413), ("𠮷" * 1_001, 413)])
async def test_an_empty_or_too_long_message_is_not_taken(text: str, status: int, http: httpx.AsyncClient) -> None:
    assert (await http.post("/chatroom/messages", json=said(text))).status_code == status


@pytest.mark.parametrize("text", ["\u200b\x00\x07\u202e", "😀😀😀", "<img src=x onerror=alert(1)>", "'; DROP TABLE x"])
async def test_an_odd_message_is_taken_and_answered_as_it_is(text: str, url: str, http: httpx.AsyncClient) -> None:
    async with watching(url, WANG.account) as page:
        assert (await http.post("/chatroom/messages", json=said(text))).status_code == 202
        assert (await page.message())["text"] == text
        assert (await page.answer())["text"] == f"听到：{text}"


async def test_a_message_may_be_as_long_as_the_limit(url: str, http: httpx.AsyncClient) -> None:
    async with watching(url, WANG.account) as page:
        assert (await http.post("/chatroom/messages", json=said("字" * 2_000))).status_code == 202
        first, second = await page.answer(), await page.answer()
    assert first["text"] + second["text"] == "听到：" + "字" * 2_000


async def test_half_a_character_is_taken_as_a_question_mark(url: str, http: httpx.AsyncClient) -> None:
    body = b'{"chat": "s2", "account": "chatroom:s2", "text": "\\ud83d!"}'
    async with watching(url, WANG.account) as page:
        await http.post("/chatroom/messages", content=body, headers={"Content-Type": "application/json"})
        assert (await page.message())["text"] == "?!"


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b'{"chat": 1}', b'{"chat":"s2","account":"chatroom:s2","text":"secret","x":"secret"}']
)
async def test_a_malformed_request_is_refused_without_repeating_it(body: bytes, http: httpx.AsyncClient) -> None:
    refused = await http.post("/chatroom/messages", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 422
    assert "secret" not in refused.text


async def test_a_secret_is_masked_before_anything_is_stored(url: str, http: httpx.AsyncClient, echo: EchoBot) -> None:
    async with watching(url, WANG.account) as page:
        await http.post("/chatroom/messages", json=said("我的身份证是11010519491231002X"))
        answer = await page.answer()
    assert "11010519491231002X" not in answer["text"]
    [raw] = echo.heard
    assert b"11010519491231002" not in raw.body
    inbound = echo.receiver.to_inbound(raw)
    assert inbound is not None
    assert inbound.masked == ("id-number",)


async def test_while_the_store_is_away_the_bot_says_that_nothing_is_recorded(clock: VirtualClock) -> None:
    gone = EchoBot(clock, RedisIntake(connect_store("unix:///nowhere/at-all.sock", "x")))
    taken = await gone.receiver.post(WANG.id, WANG.account, "查不到学籍")
    assert getattr(taken, "stored", None) is False
    assert [message.text for message in gone.room.history(WANG.id)] == ["查不到学籍", "现在什么也记不下来。"]


async def test_a_figure_comes_as_a_picture_and_nothing_else_of_the_folder_does(http: httpx.AsyncClient) -> None:
    figure = await http.get("/figures/phone-follow.png")
    assert (figure.status_code, figure.headers["content-type"]) == (200, "image/png")
    assert figure.content.startswith(b"\x89PNG")
    for path in ("/figures/none.png", "/figures/phone-follow.svg", "/figures/..%2Fscopes.yaml", "/figures/%2e%2e.png"):
        assert (await http.get(path)).status_code in {404, 422}
    assert (await http.get("/chatroom/static/..%2Freceiver.py")).status_code == 404


async def test_the_page_and_all_it_loads_come_from_here_and_run_nothing_inline(http: httpx.AsyncClient) -> None:
    page = await http.get("/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    for name in ("chatroom.js", "chatroom.css", "icon.svg"):
        assert f"/chatroom/static/{name}" in page.text
        assert (await http.get(f"/chatroom/static/{name}")).status_code == 200
    assert "://" not in page.text
    assert " onclick=" not in page.text
    assert " style=" not in page.text


@pytest.mark.parametrize(
    "headers", [{"Host": "evil.example"}, {"Host": "127.0.0.1.evil.example"}, {"Origin": "https://evil.example"}]
)
async def test_no_other_site_can_reach_into_the_room(
    url: str, http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    assert (await http.get("/", headers=headers)).status_code == 403
    assert (await http.post("/chatroom/messages", json=said("我"), headers=headers)).status_code == 403
    address = f"{url.replace('http', 'ws', 1)}/chatroom/ws?account={WANG.account}"
    if "Origin" in headers:
        with pytest.raises(InvalidStatus):
            await connect(address, additional_headers=headers)


async def test_nobody_listens_as_somebody_who_does_not_exist(url: str) -> None:
    async with watching(url, "chatroom:nobody") as page:
        with pytest.raises(ConnectionClosed) as closed:
            await page.next()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


async def test_the_clock_is_turned_by_hand_and_every_page_sees_it(
    url: str, http: httpx.AsyncClient, clock: VirtualClock
) -> None:
    wave = clock.now() + NEXT_WAVE
    async with watching(url, WANG.account) as page:
        await page.next()
        assert (await http.post("/chatroom/clock", json={"to": "next-wave"})).json() == {"now": wave.isoformat()}
        assert await page.next() == {"kind": "clock", "now": wave.isoformat(), "message": None}
    assert (await http.post("/chatroom/clock", json={"to": "2019-12-22T20:00:00+08:00"})).status_code == 200
    assert clock.now().isoformat() == "2019-12-22T12:00:00+00:00"
    assert (await http.post("/chatroom/clock", json={"to": "next-wave"})).status_code == 409
    for bad in ("yesterday", "2019-12-22T20:00:00", None):
        assert (await http.post("/chatroom/clock", json={"to": bad})).status_code == 422
