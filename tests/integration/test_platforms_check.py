"""`xueji platforms check`, as an operator types it: a line for each configured route, and where to mend it."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from bot.bootstrap import Stores
from bot.cli.platforms import look
from bot.platforms.wecom.api import Caller
from bot.platforms.wecom.checking import check_app, check_robot
from bot.settings import Settings
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram.world import Hook
from bot.standins.wecom import WecomStandin
from bot.storage.leases import RedisConnectionLease
from bot.storage.tokens import RedisTokens
from scheduler.clocks import SystemClock
from scheduler.storage.database import Database
from tests.architecture.phrases import phrases
from tests.integration.wecom.gateway import app_calls, gateway

XUEJI = Path(sys.executable).with_name("xueji")
CREDENTIALS = ("robot_id", "robot_secret", "corp_id", "agent_id", "app_secret")
SHORT_WAIT = 0.3


Whys = Callable[..., Awaitable[list[tuple[str, str]]]]


async def check(configured: Mapping[str, Any], data: Path, *words: str) -> tuple[int, str]:
    """The exit code of the command, and what it said."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("XUEJI_")}
    settings = {f"XUEJI_{name.upper()}": str(value) for name, value in configured.items()}
    process = await asyncio.create_subprocess_exec(
        XUEJI,
        *("platforms", "check", *words),
        env=kept | settings | {"XUEJI_DATA": str(data / "the data")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramStandin]:
    async with TelegramStandin() as standin:
        yield standin


@pytest.fixture
async def wecom() -> AsyncIterator[WecomStandin]:
    async with WecomStandin() as standin:
        yield standin


@pytest.fixture
def configured(telegram: TelegramStandin, wecom: WecomStandin) -> dict[str, Any]:
    """Every route, rightly."""
    accepted = wecom.credentials
    return {
        "telegram_token": telegram.token,
        "telegram_base_url": telegram.base_url,
        "wecom_base_url": wecom.http_url,
        "wecom_socket_url": wecom.ws_url,
        **{
            f"wecom_{name}": accepted[name]
            for name in ("robot_id", "robot_secret", "corp_id", "agent_id", "app_secret")
        },
        "wecom_webhooks": f"会计19-1={wecom.world.hook(chat='wr1')['key']}",
    }


@pytest.fixture
def whys(configured: dict[str, Any], database: Database) -> Whys:
    """What is found of each route, by its phrase; what is given by keyword differs from what is right."""

    async def look_with(**changes: Any) -> list[tuple[str, str]]:
        found = await look(Settings(**{**configured, **changes}), Stores(database, alone=False))
        return [(finding.route, finding.said.key) for finding in found]

    return look_with


async def test_every_route_that_works_has_a_line_and_nobody_gets_a_message(
    configured: dict[str, Any], wecom: WecomStandin, tmp_path: Path
) -> None:
    code, said = await check(configured, tmp_path)
    assert code == 0
    assert [line.split("：")[0].split("\u3000")[-1] for line in said.splitlines()] == [
        "Telegram",
        "企业微信智能机器人（长连接）",
        "企业微信自建应用",
        "企业微信群推送“会计19-1”",
    ]
    assert wecom.world.messages == []
    assert set(wecom.api.calls) == {"gettoken", "agent/get", "webhook/send"}


async def test_what_is_wrong_with_each_route_is_said_by_its_cause(
    configured: dict[str, Any], wecom: WecomStandin, tmp_path: Path
) -> None:
    wecom.fault(call="agent/get", code=60020)
    wrong = {"telegram_token": "1:wrong", "wecom_robot_secret": "other", "wecom_webhooks": "a=b"}
    code, said = await check(configured | wrong, tmp_path, "--json")
    told = json.loads(said)
    assert (code, told["works"]) == (1, False)
    assert [(route["route"], route["why"]) for route in told["routes"]] == [
        ("telegram", "telegram.trouble.token"),
        ("wecom-robot", "wecom.connection.credential"),
        ("wecom-app", "wecom.trouble.trusted-ip"),
        ("wecom-hook", "wecom.trouble.hook-key"),
    ]
    assert [route["said"] for route in told["routes"][:3]] == [phrases()[route["why"]] for route in told["routes"][:3]]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (301002, "wecom.trouble.agent-id"),
        (48002, "wecom.trouble.no-right"),
        (42001, "platforms.works"),
        (50001, "platforms.unclear"),
    ],
)
async def test_what_wecom_says_of_the_application_is_told(wecom: WecomStandin, whys: Whys, code: int, why: str) -> None:
    wecom.fault(call="agent/get", code=code)
    assert ("wecom-app", why) in await whys()


async def test_a_wrong_secret_is_told_by_one_request(wecom: WecomStandin, whys: Whys) -> None:
    assert ("wecom-app", "wecom.trouble.app-secret") in await whys(wecom_app_secret="another")
    assert wecom.api.calls["gettoken"] == 1


async def test_another_application_than_the_secret_s_is_told(whys: Whys) -> None:
    assert ("wecom-app", "wecom.trouble.agent-id") in await whys(wecom_agent_id=7)


async def test_an_application_that_was_switched_off_is_told(database: Database) -> None:
    async with gateway() as there, Caller(there.url) as caller:
        there.say("agent/get", {"errcode": 0, "close": 1})
        found = await check_app(app_calls(caller, RedisTokens(database), SystemClock()), 1)
    assert (found.wrong, found.said.key) == (True, "wecom.trouble.closed")


async def test_privacy_mode_is_wrong_because_questions_are_not_heard(telegram: TelegramStandin, whys: Whys) -> None:
    telegram.world.reads_all = False
    assert ("telegram", "telegram.note.privacy-mode") in await whys()


async def test_a_webhook_of_somebody_else_and_one_that_fails_are_told(telegram: TelegramStandin, whys: Whys) -> None:
    url = "https://bot.example.invalid/telegram/updates"
    telegram.world.hook = Hook(url=url, secret="")
    assert ("telegram", "telegram.trouble.conflict") in await whys()
    assert ("telegram", "platforms.works") in await whys(telegram_webhook_url=url)
    telegram.world.hook.fault, telegram.world.hook.fault_at = "ConnectError", SystemClock().now().timestamp()
    assert ("telegram", "telegram.trouble.webhook") in await whys(telegram_webhook_url=url)


async def test_what_cannot_be_reached_is_said_with_what_to_look_at(whys: Whys) -> None:
    nowhere = {"telegram_base_url": "http", "wecom_base_url": "http", "wecom_socket_url": "ws"}
    found = await whys(**{name: f"{scheme}://127.0.0.1:1" for name, scheme in nowhere.items()})
    assert [why for _, why in found] == [
        "telegram.trouble.unreachable",
        "wecom.connection.unreachable",
        "wecom.trouble.unreachable",
        "wecom.trouble.unreachable",
    ]


async def test_a_connection_that_answers_nothing_is_silent(wecom: WecomStandin, database: Database) -> None:
    robot = wecom.world.robot
    lease = RedisConnectionLease(database, f"wecom:{robot.id}")
    wecom.fault(call="aibot_subscribe", kind="hang")
    found = await check_robot(wecom.ws_url, robot.id, robot.secret, lease, patience=SHORT_WAIT)
    assert (found.wrong, found.said.key) == (True, "wecom.connection.silent")


async def test_a_service_that_is_connected_keeps_its_connection(
    wecom: WecomStandin, whys: Whys, database: Database
) -> None:
    assert await RedisConnectionLease(database, f"wecom:{wecom.world.robot.id}").take()
    assert ("wecom-robot", "platforms.connected") in await whys()
    assert wecom.connections.subscribed == 0


async def test_a_look_leaves_the_connection_to_whoever_comes(
    wecom: WecomStandin, whys: Whys, database: Database
) -> None:
    assert ("wecom-robot", "platforms.works") in await whys()
    assert await RedisConnectionLease(database, f"wecom:{wecom.world.robot.id}").take()


async def test_a_robot_by_url_is_tried_from_the_console(whys: Whys) -> None:
    url = {"wecom_robot_token": "t", "wecom_robot_aes_key": "x" * 43}
    assert ("wecom-robot-url", "platforms.from-outside") in await whys(**url, wecom_robot_id=None)


async def test_nothing_configured_and_half_a_route_are_no_success(tmp_path: Path) -> None:
    code, said = await check({}, tmp_path)
    assert (code, said.strip()) == (1, phrases()["platforms.none"])
    code, said = await check({"wecom_corp_id": "ww1"}, tmp_path)
    assert code == 2
    assert [line.split(":")[0] for line in said.splitlines()] == ["XUEJI_WECOM_AGENT_ID", "XUEJI_WECOM_APP_SECRET"]
