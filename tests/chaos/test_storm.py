"""A short storm: `make chaos` has the long one."""

from pathlib import Path

import pytest

from tests.chaos.storm import Report, bad_weather, embedded_world, failing_over, killing, losing_the_store, stopping

CHATS = 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def test_killed_relays_lose_nothing_and_repeat_nothing(folder: Path) -> None:
    async with embedded_world(folder, chats=CHATS, seed=1) as (stage, _):
        for _ in range(2):
            await killing(stage, kills=2)
    report = stage.report
    assert (report.rounds, report.kills, report.lost, report.repeated, report.oddities) == (2, 4, 0, 0, [])
    assert report.sent >= 2 * CHATS - report.in_flight


async def test_a_store_that_is_killed_and_comes_back_has_forgotten_nothing(folder: Path) -> None:
    async with embedded_world(folder, chats=CHATS, seed=2) as (stage, server):
        await losing_the_store(stage, server, seconds=2)
    assert (stage.report.lost, stage.report.oddities) == (0, [])


async def test_in_bad_weather_the_ledger_says_what_the_platform_really_got(folder: Path) -> None:
    async with embedded_world(folder, chats=CHATS, seed=3) as (stage, _):
        for _ in range(2):  # in the second, some are known not to be reached any more
            await bad_weather(stage)
    assert (stage.report.lost, stage.report.oddities) == (0, [])


async def test_relays_that_stand_still_and_go_on_repeat_nothing(folder: Path) -> None:
    async with embedded_world(folder, chats=CHATS, seed=4) as (stage, _):
        await stopping(stage, times=2)
    assert (stage.report.lost, stage.report.repeated, stage.report.oddities) == (0, 0, [])


async def test_a_master_that_dies_during_a_notice_leaves_nothing_lost_and_nothing_repeated(tmp_path: Path) -> None:
    report = Report()
    await failing_over(tmp_path, report, chats=CHATS, seed=5)
    assert (report.rounds, report.kills, report.lost, report.repeated, report.oddities) == (1, 1, 0, 0, [])
