"""The story of the demo comes true."""

from pathlib import Path

from bot.bootstrap import Knowledge
from bot.demo.story import play
from bot.settings import GroupMode, read
from bot.vault import new_key


async def test_every_step_of_the_story_comes_true_where_the_school_has_keys_too(
    known: Knowledge, tmp_path: Path
) -> None:
    lines: list[str] = []
    settings = read(data=tmp_path / "story", group_mode=GroupMode.AMBIENT, correction_keys=new_key())
    await play(settings, known, lines.append)
    whole = "\n".join(lines)
    sheet = next(line for line in lines if "sign-off" in line)
    assert sheet.split("：", 1)[1].split("（")[0] in {str(path) for path in (tmp_path / "story").glob("*.xlsx")}
    assert "不明0" in whole
