"""The story of the demo comes true."""

from pathlib import Path

from bot.bootstrap import Knowledge
from bot.demo.story import play
from bot.settings import GroupMode, read


async def test_every_step_of_the_story_comes_true(known: Knowledge, tmp_path: Path) -> None:
    lines: list[str] = []
    await play(read(data=tmp_path / "story", group_mode=GroupMode.AMBIENT), known, lines.append)
    whole = "\n".join(lines)
    sheet = next(line for line in lines if "sign-off" in line)
    assert sheet.split("：", 1)[1].split("（")[0] in {str(path) for path in (tmp_path / "story").glob("*.xlsx")}
    assert "不明0" in whole
