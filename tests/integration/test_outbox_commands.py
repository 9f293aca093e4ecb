"""`xueji outbox`: what may have arrived is decided by a person, lanes are paused and resumed."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.storage.connection import close, connect, socket_url
from bot.storage.embedded import EmbeddedServer
from scheduler.clocks import VirtualClock
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Accepted, Address, OutboundMessage, Purpose, Refused, RefusedWhy, Text, Unknown
from scheduler.storage.campaigns import RedisCampaignStore
from scheduler.storage.outbox import RedisOutbox
from tests.conftest import START
from tests.integration.school import Platform, open_campaign, relay, wave_to_group
from tests.integration.test_command_line import environment as environment  # noqa: PLC0414 - a fixture
from tests.integration.test_command_line import xueji


async def park(environment: Mapping[str, str], clock: VirtualClock) -> None:
    """Two messages to groups that nobody answered."""
    with EmbeddedServer(Path(environment["XUEJI_DATA"])).attached() as path:
        database = connect(socket_url(str(path)), "xj")
        await open_campaign(RedisCampaignStore(database))
        for chat in ("a", "b"):
            wave = wave_to_group(chat, wave=f"{chat}d")
            await RedisOutbox(database).claim(wave.slots, [wave], START)
        unanswered = Platform(answers=[Unknown(why="no-answer"), Unknown(why="no-answer")])
        await relay(database, unanswered, clock).run_until_idle()
        await close(database)


@pytest.mark.parametrize(("command", "kind"), [("resend", Accepted), ("drop", Refused)])
async def test_a_message_that_may_have_arrived_is_sent_again_marked_or_given_up_once(
    environment: Mapping[str, str], clock: VirtualClock, command: str, kind: type
) -> None:
    await park(environment, clock)
    listed = xueji(environment, "outbox", "parked").stdout.splitlines()
    assert len(listed) == 3
    number = listed[1].split()[0]
    assert xueji(environment, "outbox", command, number).returncode == 0
    assert xueji(environment, "outbox", command, number).returncode == 1, "it was decided before"
    assert len(xueji(environment, "outbox", "parked").stdout.splitlines()) == 2

    with EmbeddedServer(Path(environment["XUEJI_DATA"])).attached() as path:
        database, platform = connect(socket_url(str(path)), "xj"), Platform()
        await relay(database, platform, clock).run_until_idle()
        outcomes = [one.outcome for one in await RedisOutbox(database).ledger()]
        await close(database)
    assert isinstance(outcomes[-1], kind)
    assert len(outcomes) == 3
    assert [text.split()[0] for _, text in platform.taken] == (["delivery.repeat"] if command == "resend" else [])
    if command == "drop":
        assert outcomes[-1] == Refused(why=RefusedWhy.GIVEN_UP)


def test_a_decision_names_what_it_is_about(environment: Mapping[str, str]) -> None:
    assert xueji(environment, "outbox", "resend").returncode == 2
    assert xueji(environment, "outbox", "resend", "abc123", "--all").returncode == 2
    assert xueji(environment, "outbox", "drop", "abc123").returncode == 1
    assert xueji(environment, "outbox", "drop", "--all").returncode == 0


async def test_a_lane_on_which_something_waits_and_nobody_sends_says_so(environment: Mapping[str, str]) -> None:
    with EmbeddedServer(Path(environment["XUEJI_DATA"])).attached() as path:
        database = connect(socket_url(str(path)), "xj")
        to = Address(platform="telegram", chat="7")
        message = OutboundMessage(to=to, body=Text(text="t"), purpose=Purpose.NOTICE)
        await RedisOutbox(database).queue(Delivery(id="note", kind=Kind.NOTE, message=message), START)
        await close(database)
    lines = xueji(environment, "outbox", "lanes").stdout.splitlines()
    assert [line.startswith("telegram") for line in lines if "xueji work" in line] == [True]
    assert not [line for line in lines if "正常" in line], "no relay looks after any of the others"


def test_a_lane_is_paused_and_resumed_by_its_name(environment: Mapping[str, str]) -> None:
    assert xueji(environment, "outbox", "pause", "wecom-hook", "--why", "keys change").returncode == 0
    (line,) = [line for line in xueji(environment, "outbox", "lanes").stdout.splitlines() if "wecom-hook" in line]
    assert "keys change" in line
    assert xueji(environment, "outbox", "resume", "wecom-hook").returncode == 0
    assert "keys change" not in xueji(environment, "outbox", "lanes").stdout
    assert xueji(environment, "outbox", "pause", "pigeons").returncode == 2
