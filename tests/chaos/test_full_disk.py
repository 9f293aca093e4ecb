"""`make chaos` does this, too."""

from pathlib import Path

from tests.chaos.full_disk import MOST, filling


async def test_a_full_disk_ends_the_store_and_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    filled = await filling(tmp_path)
    assert 0 < filled.acknowledged <= MOST, "it ended because of its disk"
    assert not filled.usable, "it cannot be used without room, however often it is started"
    assert filled.lost == 0
