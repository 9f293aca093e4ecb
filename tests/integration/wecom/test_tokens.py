"""One token for all processes: fetched by one of them, replaced when it died, and never asked for again and again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi import Response
from structlog.testing import capture_logs

from bot.platforms.wecom.api import Answer, Answered, Caller, Lost, NotSent, Trouble
from bot.platforms.wecom.tokens import AppCalls
from bot.ports import NoToken, Token
from bot.storage.connection import close, connect, socket_url
from bot.storage.keys import AuxKeys
from bot.storage.tokens import RedisTokens
from scheduler.clocks import VirtualClock
from scheduler.storage.database import Database
from tests.conftest import START
from tests.integration.proxy import cutting
from tests.integration.wecom.gateway import CORP_ID, HANG, SECRET, Gateway, app_calls, gateway

LATER = START + timedelta(hours=2)
PATH = "message/send"


@pytest.fixture
async def wecom() -> AsyncIterator[Gateway]:
    async with gateway() as there:
        yield there


@pytest.fixture
def store(database: Database) -> RedisTokens:
    return RedisTokens(database)


@pytest.fixture
async def caller(wecom: Gateway) -> AsyncIterator[Caller]:
    async with Caller(wecom.url) as caller:
        yield caller


@pytest.fixture
def calls(caller: Caller, store: RedisTokens, clock: VirtualClock) -> AppCalls:
    return app_calls(caller, store, clock)


def ok(answer: Answer) -> bool:
    return isinstance(answer, Answered) and answer.code == 0


async def test_one_fetches_while_the_others_wait_for_what_it_keeps(store: RedisTokens) -> None:
    assert await store.ask("s", dead=0, by="a", now=START) is NoToken.FETCH
    assert await store.ask("s", dead=0, by="a", now=START) is NoToken.FETCH
    assert await store.ask("s", dead=0, by="b", now=START) is NoToken.WAIT
    kept = await store.keep("s", "t", until=LATER, by="a", now=START)
    assert kept == Token(value="t", number=1, until=LATER)
    assert await store.ask("s", dead=0, by="b", now=START) == kept


async def test_what_is_kept_again_by_the_same_one_is_the_same_token(store: RedisTokens) -> None:
    first = await store.keep("s", "t", until=LATER, by="a", now=START)
    assert await store.keep("s", "t", until=LATER, by="a", now=START) == first


async def test_a_token_that_died_or_ran_out_is_fetched_anew(store: RedisTokens) -> None:
    await store.keep("s", "t", until=LATER, by="a", now=START)
    assert await store.ask("s", dead=1, by="b", now=START) is NoToken.FETCH
    await store.leave("s", by="b")
    assert await store.ask("s", dead=0, by="c", now=LATER) is NoToken.FETCH


async def test_the_same_token_given_again_is_another_number(store: RedisTokens) -> None:
    await store.keep("s", "t", until=LATER, by="a", now=START)
    again = await store.keep("s", "t", until=LATER, by="b", now=START)
    assert await store.ask("s", dead=1, by="c", now=START) == again


async def test_a_refused_secret_is_left_alone_for_a_while(store: RedisTokens) -> None:
    await store.ask("s", dead=0, by="a", now=START)
    await store.refuse("s", 40001, until=LATER, by="a")
    assert await store.ask("s", dead=0, by="b", now=START) == 40001
    assert await store.ask("s", dead=0, by="b", now=LATER) is NoToken.FETCH


async def test_a_refusal_of_an_older_token_says_nothing_of_the_newer(store: RedisTokens) -> None:
    await store.keep("s", "old", until=LATER, by="a", now=START)
    new = await store.keep("s", "new", until=LATER, by="b", now=START)
    await store.refuse("s", 42001, until=LATER, number=1)
    assert await store.ask("s", dead=0, by="c", now=START) == new


async def test_who_dies_while_fetching_is_replaced(store: RedisTokens, database: Database) -> None:
    await store.ask("s", dead=0, by="a", now=START)
    key = AuxKeys(database.prefix).fetching("s")
    assert 0 < await database.call("PTTL", key) <= 15_000
    await database.call("DEL", key)  # as it expires
    assert await store.ask("s", dead=0, by="b", now=START) is NoToken.FETCH


async def test_a_secret_stands_in_no_key(calls: AppCalls, database: Database) -> None:
    await calls.post(PATH, {})
    keys = [key async for key in database.client.scan_iter(match=f"{database.prefix}:*")]
    assert keys
    assert not [key for key in keys if SECRET in key]


async def test_calls_of_one_process_share_a_token(wecom: Gateway, calls: AppCalls) -> None:
    answers = await asyncio.gather(*(calls.post(PATH, {"n": n}) for n in range(8)))
    assert all(map(ok, answers))
    assert len(wecom.asked("gettoken")) == 1


async def test_eight_processes_at_once_with_a_dead_token_fetch_exactly_one(
    wecom: Gateway, caller: Caller, valkey_url: str, database: Database, clock: VirtualClock
) -> None:
    databases = [connect(valkey_url, database.prefix) for _ in range(8)]
    tasks = [app_calls(caller, RedisTokens(one), clock) for one in databases]
    for calls in tasks:
        assert ok(await calls.post(PATH, {}))
    assert len(wecom.asked("gettoken")) == 1
    wecom.good.clear()
    assert all(map(ok, await asyncio.gather(*(calls.post(PATH, {}) for calls in tasks))))
    assert len(wecom.asked("gettoken")) == 2
    for one in databases:
        await close(one)


@pytest.mark.parametrize("code", [40001, 40014, 42001])
async def test_a_refused_token_is_replaced_once_and_the_call_made_again(
    wecom: Gateway, calls: AppCalls, code: int
) -> None:
    wecom.say(PATH, code)
    assert ok(await calls.post(PATH, {}))
    assert [call.query["access_token"] for call in wecom.asked(PATH)] == ["token-1", "token-2"]
    assert calls.trouble is None


async def test_a_token_that_is_refused_for_good_makes_two_requests_and_a_named_trouble(
    wecom: Gateway, calls: AppCalls, clock: VirtualClock
) -> None:
    wecom.say(PATH, *[42001] * 99)
    answer = await calls.post(PATH, {})
    assert isinstance(answer, Answered)
    assert answer.code == 42001
    assert calls.trouble is Trouble.APP_SECRET
    assert (len(wecom.asked(PATH)), len(wecom.asked("gettoken"))) == (2, 2)
    await asyncio.gather(*(calls.post(PATH, {}) for _ in range(8)))
    assert (len(wecom.asked(PATH)), len(wecom.asked("gettoken"))) == (2, 2)
    clock.advance_to(clock.now() + timedelta(minutes=2))
    wecom.answers.clear()
    assert ok(await calls.post(PATH, {}))
    assert calls.trouble is None


async def test_a_wrong_secret_makes_one_request_a_minute_and_a_named_trouble(
    wecom: Gateway, caller: Caller, store: RedisTokens, clock: VirtualClock
) -> None:
    calls = app_calls(caller, store, clock, secret="wrong")
    for _ in range(3):
        answer = await calls.post(PATH, {})
        assert isinstance(answer, Answered)
        assert answer.code == 40001
    assert (len(wecom.asked("gettoken")), len(wecom.asked(PATH))) == (1, 0)
    assert calls.trouble is Trouble.APP_SECRET


@pytest.mark.parametrize(
    "said", [Response(status_code=502), Response("{"), {"errcode": 0}, {"errcode": 0, "expires_in": 1}]
)
async def test_while_there_is_no_token_nothing_was_sent(wecom: Gateway, calls: AppCalls, said: object) -> None:
    wecom.say("gettoken", said)
    assert await calls.post(PATH, {}) == NotSent(why="no-token")
    assert ok(await calls.post(PATH, {}))


async def test_a_busy_platform_is_asked_for_a_token_again_at_once(wecom: Gateway, calls: AppCalls) -> None:
    wecom.say("gettoken", -1)
    assert not ok(await calls.post(PATH, {}))
    assert ok(await calls.post(PATH, {}))


async def test_a_token_is_used_for_less_than_its_life(wecom: Gateway, calls: AppCalls, clock: VirtualClock) -> None:
    await calls.post(PATH, {})
    clock.advance_to(START + timedelta(seconds=7_100))
    await calls.post(PATH, {})
    assert [call.query["access_token"] for call in wecom.asked(PATH)] == ["token-1", "token-2"]


async def test_a_held_token_is_good_while_the_store_is_away(
    wecom: Gateway, caller: Caller, clock: VirtualClock, valkey_url: str, database: Database, tmp_path: Path
) -> None:
    target = unquote(valkey_url.removeprefix("unix://"))
    async with cutting(tmp_path, target, 0, after_it_was_done=False) as (proxy, path):
        behind = connect(socket_url(path), database.prefix)
        calls = app_calls(caller, RedisTokens(behind), clock)
        assert ok(await calls.post(PATH, {}))
        proxy.cut.set()
        assert ok(await calls.post(PATH, {}))
        wecom.good.clear()
        assert await calls.post(PATH, {}) == NotSent(why="store-away")
        assert calls.trouble is None
        proxy.mend()
        assert ok(await calls.post(PATH, {}))
        await close(behind)


@pytest.mark.parametrize("step", [1, 2])
async def test_an_answer_of_the_store_that_is_lost_costs_no_message(
    wecom: Gateway, caller: Caller, clock: VirtualClock, valkey_url: str, database: Database, tmp_path: Path, step: int
) -> None:
    target = unquote(valkey_url.removeprefix("unix://"))
    async with cutting(tmp_path, target, step, after_it_was_done=True) as (proxy, path):
        behind = connect(socket_url(path), database.prefix)
        calls = app_calls(caller, RedisTokens(behind), clock)
        assert await calls.post(PATH, {}) == NotSent(why="store-away")
        assert wecom.asked(PATH) == []
        proxy.mend()
        await database.call("DEL", AuxKeys(database.prefix).fetching(f"wecom|{CORP_ID}|{SECRET}"))  # as it expires
        assert ok(await calls.post(PATH, {}))
        await close(behind)


async def test_an_answer_that_never_comes_is_lost_and_nothing_of_the_call_is_logged(
    wecom: Gateway, store: RedisTokens, clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    wecom.say(PATH, HANG)
    with capture_logs() as logs, caplog.at_level("DEBUG"):
        async with Caller(wecom.url, seconds=0.3) as impatient:
            answer = await app_calls(impatient, store, clock).post(PATH, {"text": "words"})
    assert answer == Lost(why="no-answer")
    own = [record.getMessage() for record in caplog.records if not record.name.startswith("uvicorn")]
    said = f"{logs} {own} {answer!r}"
    assert not [secret for secret in (SECRET, "token-1", "words") if secret in said]
