"""Whatever is posted to the callback addresses, signed or not: nothing breaks, and no word of it is logged."""

import asyncio
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.platforms.wecom.api import Caller
from bot.platforms.wecom.envelope import Envelope, Sealed
from bot.storage.connection import close, connect
from scheduler.clocks import VirtualClock
from tests.conftest import START
from tests.integration.wecom.caller import APP, ROBOT, Bot, bot_on

PAGES = st.sampled_from([("/wecom/robot", ROBOT), ("/wecom/app", APP)])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["MsgType", "Event", "FromUserName", "Content", "Encrypt", "xml", "SelectedItems"]
VALUES = st.sampled_from(["text", "event", "template_card_event", "Stu01", "<a>b</a>", "]]>", "&amp;", "&x;"])
XML = st.lists(st.tuples(st.sampled_from(NAMES), VALUES | st.text(max_size=8)), max_size=5).map(
    lambda fields: "<xml>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields) + "</xml>"
)
GOOD_XML = st.lists(st.tuples(st.sampled_from(NAMES), VALUES | st.text(max_size=8)), max_size=5).map(
    lambda fields: "<xml>" + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in fields) + "</xml>"
)
EVENTS = st.fixed_dictionaries(
    {"from": st.just({"userid": "Stu01"}) | JSON},
    optional={
        "msgid": st.text(max_size=5) | JSON,
        "msgtype": st.sampled_from(["text", "event", "mixed", "stream", "voice"]) | JSON,
        "text": st.just({"content": "SECRETWORD"}) | JSON,
        "stream": st.just({"id": "made up"}) | JSON,
        "event": st.just({"eventtype": "template_card_event", "event_key": "SECRETWORD"}) | JSON,
        "chattype": st.sampled_from(["group", "single"]) | JSON,
        "chatid": st.text(max_size=5) | JSON,
    },
)
LOGGED = {"event", "log_level", "route", "why", "platform"}
INSIDE = st.one_of(st.text(), JSON.map(json.dumps), EVENTS.map(json.dumps), XML, GOOD_XML)
OUTSIDE = st.one_of(
    st.binary(), JSON.map(json.dumps).map(str.encode), XML.map(lambda text: text.encode("utf-8", "replace"))
)


@dataclass(slots=True, kw_only=True)
class Rig:
    """A bot in one loop for all examples: a connection to the store belongs to its loop."""

    runner: asyncio.Runner
    bot: Bot

    def post(self, path: str, sealed: Sealed, body: bytes) -> int:
        """Post it; the status. What is logged of it are the bot's own words alone."""
        query = {"msg_signature": sealed.signature, "timestamp": sealed.timestamp, "nonce": sealed.nonce}
        with capture_logs() as logs:
            status = self.runner.run(self._posted(path, query, body))
        assert all(line.keys() <= LOGGED for line in logs)
        return status

    async def _posted(self, path: str, query: dict[str, str], body: bytes) -> int:
        app = FastAPI()
        app.include_router(self.bot.callbacks.router())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://bot") as client:
            return (await client.post(path, params=query, content=body)).status_code


@pytest.fixture
def rig(valkey_url: str) -> Iterator[Rig]:
    database = connect(valkey_url, f"t{secrets.token_hex(6)}")
    calls = Caller("http://127.0.0.1:1")
    with asyncio.Runner() as runner:
        rig = Rig(runner=runner, bot=bot_on(database, VirtualClock(START), calls, wait=0))
        yield rig
        runner.run(rig.bot.handle())  # what was stored is read or set aside
        assert runner.run(rig.bot.intake.waiting()) == 0
        runner.run(close(database))
        runner.run(calls.__aexit__(None, None, None))


def sealed(envelope: Envelope, text: str) -> Sealed:
    return envelope.seal(text, timestamp=str(int(START.timestamp())), nonce="n")


@settings(max_examples=1_000, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(page=PAGES, body=OUTSIDE)
@example(page=("/wecom/robot", ROBOT), body=b"[" * 100_000)
@example(page=("/wecom/robot", ROBOT), body=b'{"encrypt": "\\ud800"}')
@example(page=("/wecom/app", APP), body=b"<a>" * 100_000)
@example(page=("/wecom/app", APP), body=b"<Encrypt>" * 100_000)
def test_what_is_in_no_envelope_is_rejected(rig: Rig, page: tuple[str, Envelope], body: bytes) -> None:
    path, envelope = page
    assert rig.post(path, sealed(envelope, "{}"), body) == 403


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(page=PAGES, text=INSIDE)
@example(page=("/wecom/robot", ROBOT), text='{"from": {"userid": "\\ud800"}, "msgid": "\\udc80", "text": {}}')
@example(page=("/wecom/app", APP), text="<a>" * 100_000)
@example(page=("/wecom/app", APP), text="<xml>" + "<a>" * 10_000 + "</a>" * 10_000 + "</xml>")
def test_whatever_wecom_itself_sends_gets_a_yes_and_is_read_or_set_aside(
    rig: Rig, page: tuple[str, Envelope], text: str
) -> None:
    path, envelope = page
    body = sealed(envelope, text)
    shown = {"encrypt": body.encrypt} if path.endswith("robot") else f"<xml><Encrypt>{body.encrypt}</Encrypt></xml>"
    assert rig.post(path, body, shown.encode() if isinstance(shown, str) else json.dumps(shown).encode()) == 200
