"""A short evening of kills: `make chaos` has the long one."""

from pathlib import Path

from tests.chaos.confirming import confirmations

KILLS = 4
"""The bot, its store, and both at once."""


async def test_whoever_saw_a_receipt_is_recorded_once_however_bot_and_store_are_killed(tmp_path: Path) -> None:
    report = await confirmations(tmp_path / "data", kills=KILLS, seed=1)
    assert (report.kills, report.lost, report.oddities) == (KILLS, 0, [])
    assert report.acknowledged == 3 * 40
