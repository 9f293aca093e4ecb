"""The long connection holds, comes back, and never fights."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.platforms.wecom import frames
from bot.platforms.wecom.api import Answered, Lost, NotSent
from bot.platforms.wecom.connection import IN_DOUBT, Connection
from bot.platforms.wecom.frames import Callback, Command
from bot.platforms.wecom.sharing import Sharing
from bot.ports import StoreAway
from bot.storage.errands import RedisErrands
from bot.storage.leases import RedisConnectionLease
from bot.storage.questions import RedisTryCounter
from scheduler.clocks import VirtualClock
from scheduler.storage.database import Database
from tests.integration.waiting import wait_until
from tests.integration.wecom.line import Frame, Line, acknowledged

ROBOT = "aibROBOT"
SECRET = "the robot's secret"

_SHORT = 0.5
"""Seconds an answer may take where a test waits for one that never comes."""

_HOUR = timedelta(hours=1)

Connected = Callable[..., AbstractAsyncContextManager[Connection]]


class Pauses:
    """Notes how long each pause would have been, and waits a thousandth of it; `long` are those of trouble."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(seconds / 1_000)

    def within(self, least: float, most: float) -> int:
        """How many pauses were that long."""
        return sum(least <= seconds <= most for seconds in self.seconds)


class Heard:
    """Takes what comes in; while `away` the store is."""

    def __init__(self) -> None:
        self.callbacks: list[Callback] = []
        self.away = False

    async def __call__(self, callback: Callback) -> None:
        if self.away:
            raise StoreAway
        self.callbacks.append(callback)

    @property
    def bodies(self) -> list[Any]:
        return [callback.body["n"] for callback in self.callbacks]


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    async with Line() as line:
        yield line


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def connected(line: Line, database: Database, clock: VirtualClock, pauses: Pauses, heard: Heard) -> Connected:
    """Makes connections of a process each; what is given by keyword differs from the usual."""

    @contextlib.asynccontextmanager
    async def make(**changes: Any) -> AsyncIterator[Connection]:
        usual: dict[str, Any] = {
            "url": line.url,
            "bot_id": ROBOT,
            "secret": SECRET,
            "lease": RedisConnectionLease(database, ROBOT),
            "tries": RedisTryCounter(database),
            "clock": clock,
            "hand_on": heard,
            "sharing": Sharing(errands=RedisErrands(database, ROBOT), clock=clock),
            "pause": pauses,
        }
        connection = Connection(**{**usual, **changes})
        running = asyncio.create_task(connection.run())
        try:
            yield connection
        finally:
            running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await running

    return make


def message(number: int) -> Frame:
    return {"cmd": "aibot_msg_callback", "headers": {"req_id": f"r{number}"}, "body": {"n": number}}


def kicked() -> Frame:
    body = {"msgtype": "event", "event": {"eventtype": "disconnected_event"}}
    return {"cmd": "aibot_event_callback", "headers": {"req_id": "k"}, "body": body}


async def for_ever(seconds: float) -> None:
    """A pause that does not end before the test does."""
    await asyncio.Event().wait()


async def said(connection: Connection, text: str = "hello") -> object:
    return await connection.ask(Command.SEND, frames.markdown(text))


async def test_it_subscribes_once_and_hands_on_what_comes_in_order(
    line: Line, connected: Connected, heard: Heard
) -> None:
    async with connected():
        await line.subscribed()
        for number in range(50):
            await line.say(message(number))
        await wait_until(lambda: len(heard.callbacks) == 50, "everything handed on")
    assert line.came == [
        {
            "cmd": "aibot_subscribe",
            "headers": line.came[0]["headers"],
            "body": {"bot_id": ROBOT, "secret": SECRET},
        }
    ]
    assert heard.bodies == list(range(50))


async def test_an_answer_is_matched_to_its_frame(line: Line, connected: Connected) -> None:
    def react(frame: Frame) -> Frame:
        return acknowledged(frame, media_id=frame["body"].get("n", "")) if "body" in frame else acknowledged(frame)

    line.react = react
    async with connected() as connection:
        await line.subscribed()
        answers = await asyncio.gather(*(connection.ask(Command.SEND, {"n": f"{n}"}) for n in range(20)))
    assert answers == [Answered(code=0, body={"media_id": f"{n}"}) for n in range(20)]


async def test_one_frame_at_a_time_goes_under_a_request_id(line: Line, connected: Connected) -> None:
    open_now = 0
    most = 0

    def react(frame: Frame) -> Frame | None:
        nonlocal open_now, most
        if frame["headers"]["req_id"] != "r1":
            return acknowledged(frame)
        open_now += 1
        most = max(most, open_now)
        asyncio.get_running_loop().call_soon(answer, frame)
        return None

    def answer(frame: Frame) -> None:
        nonlocal open_now
        open_now -= 1
        answered.append(asyncio.ensure_future(line.say(acknowledged(frame))))

    answered: list[asyncio.Future[None]] = []
    line.react = react
    async with connected() as connection:
        await line.subscribed()
        asked = (connection.ask(Command.RESPOND, {}, req_id="r1") for _ in range(5))
        answers = await asyncio.gather(*asked)
    assert answers == [Answered(code=0, body={})] * 5
    assert most == 1


async def test_a_frame_that_is_never_acknowledged_may_have_arrived(line: Line, connected: Connected) -> None:
    line.react = lambda frame: None if frame["cmd"] == "aibot_send_msg" else acknowledged(frame)
    async with connected(ack_seconds=_SHORT) as connection:
        await line.subscribed()
        assert isinstance(await said(connection), Lost)
        assert line.commands() == ["aibot_subscribe", "aibot_send_msg"]


async def test_the_late_answer_to_one_frame_is_not_taken_for_that_to_the_next(line: Line, connected: Connected) -> None:
    line.react = lambda frame: None if frame["cmd"] == "aibot_respond_msg" else acknowledged(frame)
    async with connected(ack_seconds=_SHORT) as connection:
        await line.subscribed()
        assert isinstance(await connection.ask(Command.RESPOND, {}, req_id="r1"), Lost)
        assert await connection.ask(Command.RESPOND, {}, req_id="r1") == IN_DOUBT
        line.react = acknowledged
        await line.say(acknowledged(line.came[-1]))
        await said(connection)  # whose answer comes behind that one
        assert await connection.ask(Command.RESPOND, {}, req_id="r1") == Answered(code=0, body={})
    assert line.commands().count("aibot_respond_msg") == 2


async def test_without_a_connection_nothing_was_sent(line: Line, connected: Connected) -> None:
    line.react = lambda frame: acknowledged(frame, 853000)
    async with connected(ack_seconds=_SHORT) as connection:
        await line.subscribed()
        assert isinstance(await said(connection), NotSent)
    assert "aibot_send_msg" not in line.commands()


@pytest.mark.parametrize("how", ["clean", "error", "cut"])
async def test_a_connection_that_ends_is_taken_up_again_and_waited_for(
    line: Line, connected: Connected, pauses: Pauses, how: str
) -> None:
    async with connected() as connection:
        await line.subscribed()
        assert await said(connection) == Answered(code=0, body={})
        await (line.cut() if how == "cut" else line.close(1000 if how == "clean" else 1011))
        await line.subscribed(times=2)
        assert await said(connection, "again") == Answered(code=0, body={})
        assert connection.health.trouble == ""
    assert pauses.within(0.25, 0.5) == 1


async def test_a_frame_on_its_way_when_the_line_breaks_may_have_arrived(line: Line, connected: Connected) -> None:
    def react(frame: Frame) -> Frame | None:
        if frame["cmd"] == "aibot_send_msg":
            cut.append(asyncio.ensure_future(line.cut()))
            return None
        return acknowledged(frame)

    cut: list[asyncio.Future[None]] = []
    line.react = react
    async with connected() as connection:
        await line.subscribed()
        assert isinstance(await said(connection), Lost)


async def test_a_line_that_answers_nothing_any_more_is_left(line: Line, connected: Connected, pauses: Pauses) -> None:
    async with connected(ack_seconds=_SHORT) as connection:
        await wait_until(lambda: line.pings >= 2, "two pings")
        line.react = lambda _: None
        await wait_until(lambda: connection.health.trouble == "silent", "silence noticed")
        line.react = acknowledged
        await wait_until(lambda: connection.health.trouble == "", "connected again")
    assert line.connections > 1
    assert pauses.within(30, 30) >= 2


async def test_a_line_that_says_anything_at_all_is_alive(line: Line, connected: Connected, pauses: Pauses) -> None:
    line.react = lambda frame: "pong" if frame["cmd"] == "ping" else acknowledged(frame)
    async with connected(ack_seconds=_SHORT) as connection:
        await line.subscribed()
        await wait_until(lambda: line.pings >= 5, "five pings")
        assert connection.health.trouble == ""
    assert line.connections == 1


async def test_wrong_credentials_are_named_and_tried_seldom(line: Line, connected: Connected, pauses: Pauses) -> None:
    line.react = lambda frame: acknowledged(frame, 853000)
    async with connected() as connection:
        await wait_until(lambda: connection.health.trouble == "credential", "credential refused")
        await wait_until(lambda: pauses.within(300, 600) > 0, "a pause of minutes")
    assert line.connections <= pauses.within(300, 600) + 1


async def test_another_refusal_is_waited_out_for_a_minute(line: Line, connected: Connected, pauses: Pauses) -> None:
    line.react = lambda frame: acknowledged(frame, 45009)
    async with connected() as connection:
        await wait_until(lambda: connection.health.trouble == "refused", "subscription refused")
        await wait_until(lambda: pauses.within(30, 60) > 0, "a pause of a minute")


async def test_without_a_server_the_tries_come_ever_more_slowly(connected: Connected, pauses: Pauses) -> None:
    async with connected(url="ws://127.0.0.1:1") as connection:
        await wait_until(lambda: pauses.within(15, 30) >= 2, "pauses of half a minute")
        assert connection.health.trouble == "unreachable"
    assert pauses.within(0, 0.5) >= 1
    assert max(pauses.seconds) <= 30


async def test_who_is_thrown_out_comes_back_three_times_an_hour(
    line: Line, connected: Connected, pauses: Pauses, clock: VirtualClock
) -> None:
    async with connected() as connection:
        for times in range(1, 5):
            await line.subscribed(times)
            await line.say(kicked())
        await wait_until(lambda: connection.health.trouble == "taken-over", "thrown out")
        stayed_away = pauses.within(30, 60)
        await wait_until(lambda: pauses.within(30, 60) > stayed_away + 2, "staying away")
        assert line.connections == 4
        clock.advance_to(clock.now() + 2 * _HOUR)
        await line.subscribed(times=5)


async def test_what_concerns_the_connection_is_not_handed_on(line: Line, connected: Connected, heard: Heard) -> None:
    async with connected():
        await line.subscribed()
        await line.say(kicked())
        await line.subscribed(times=2)
    assert heard.callbacks == []


async def test_one_process_has_the_connection_and_the_other_sends_by_it(
    line: Line, connected: Connected, heard: Heard
) -> None:
    async with connected() as first:
        await line.subscribed()
        async with connected() as second:
            await wait_until(lambda: second.health.elsewhere, "the second stays away")
            assert await said(second, "by the other") == Answered(code=0, body={})
            assert not first.health.elsewhere
    assert line.connections == 1
    assert line.came[-1]["body"]["markdown"]["content"] == "by the other"


async def test_when_a_process_ends_another_takes_over_at_once(line: Line, connected: Connected) -> None:
    async with contextlib.AsyncExitStack() as first:
        await first.enter_async_context(connected())
        await line.subscribed()
        async with connected() as second:
            await wait_until(lambda: second.health.elsewhere, "the second stays away")
            await first.aclose()
            await line.subscribed(times=2)
            assert await said(second) == Answered(code=0, body={})
            assert not second.health.elsewhere


async def test_who_cannot_connect_leaves_it_to_another_process(line: Line, connected: Connected) -> None:
    line.react = lambda frame: acknowledged(frame, 853000 if frame["body"].get("secret") == "wrong" else 0)
    async with connected(secret="wrong", pause=for_ever) as first:
        await wait_until(lambda: first.health.trouble == "credential", "a wrong secret")
        async with connected():
            await line.subscribed(times=2)
            assert await said(first) == Answered(code=0, body={})


async def test_being_thrown_out_by_a_process_of_ones_own_is_no_trouble(
    line: Line, connected: Connected, database: Database
) -> None:
    async with connected(pause=for_ever) as connection:
        await line.subscribed()
        assert await said(connection) == Answered(code=0, body={})
        await RedisConnectionLease(database, ROBOT, alone=True).take()
        await line.say(kicked())
        await wait_until(lambda: connection.health.elsewhere, "another process has it")
        assert connection.health.trouble == ""


async def test_what_nobody_takes_on_was_not_sent(connected: Connected, database: Database) -> None:
    await RedisConnectionLease(database, ROBOT).take()
    async with connected(ack_seconds=_SHORT) as connection:
        await wait_until(lambda: connection.health.elsewhere, "another process has it")
        assert isinstance(await said(connection), NotSent)


async def test_while_the_store_is_away_nothing_that_came_is_lost(
    line: Line, connected: Connected, heard: Heard
) -> None:
    heard.away = True
    async with connected() as connection:
        await line.subscribed()
        for number in range(3):
            await line.say(message(number))
        assert await said(connection) == Answered(code=0, body={})
        assert heard.callbacks == []
        heard.away = False
        await wait_until(lambda: heard.bodies == [0, 1, 2], "everything handed on")


async def test_what_came_before_the_end_is_handed_on_before_the_end(
    line: Line, connected: Connected, heard: Heard
) -> None:
    heard.away = True
    async with connected():
        await line.subscribed()
        await line.say(message(1))
        await line.say(message(2))
        await wait_until(lambda: line.pings > 0, "both have come")
        heard.away = False
    assert heard.bodies == [1, 2]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=40) | st.sampled_from(['{"cmd": []}', "[" * 9_999, "{}", "null"]), max_size=20))
async def test_frames_nobody_can_read_do_not_end_it(
    line: Line, connected: Connected, heard: Heard, texts: list[str]
) -> None:
    heard.callbacks.clear()
    async with connected():
        await line.subscribed(line.commands().count("aibot_subscribe") + 1)
        before = line.connections
        for text in texts:
            await line.say(text.encode("utf-8", "replace").decode())
        await line.say(message(1))
        await wait_until(lambda: heard.bodies == [1], "the good frame")
        assert line.connections == before
