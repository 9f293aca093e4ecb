"""A roster of 100,000 students imported by `xueji roster import`, and once more with everybody moved, beside reading
the file alone."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook

from scheduler.forms.columns import roster_columns
from tests.bench.figures import Figure, Measured, Unmeasured

_STUDENTS = 100_000
_CLASS_SIZE = 40
_SECONDS, _MEGABYTES = 20.0, 400.0
_IMPORT = "from bot.cli import main; main()"
_READ = """
import sys
from pathlib import Path
from scheduler.forms.roster_file import read
file = read("", Path(sys.argv[1]).read_bytes())
sys.exit(bool(file.faults))
"""
_PEER = "reading the file alone"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """A process from its spawning to its end: seconds, and the most memory it or one of its children held."""

    seconds: float
    megabytes: float


def figures() -> Iterator[Measured]:
    """Three figures: the first import, one that moves everybody, and the memory of the larger."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = [_roster(folder / f"{term}.xlsx", term) for term in ("first", "second")]
        try:
            alone = _run(_READ, str(files[0]))
            settings = {"XUEJI_DATA": str(folder / "data")}
            first, moved = (_run(_IMPORT, "roster", "import", str(file), **settings) for file in files)
        except subprocess.CalledProcessError as fault:
            yield Unmeasured(name="roster of 100,000 imported", why=f"exit {fault.returncode}")
            return
    for what, run in (("imported", first), ("imported, all of them moved", moved)):
        yield Figure(
            name=f"roster of 100,000 {what}",
            value=run.seconds,
            unit="s",
            aim=_SECONDS,
            beside=alone.seconds,
            peer=_PEER,
        )
    yield Figure(
        name="memory of these imports",
        value=max(first.megabytes, moved.megabytes),
        unit="MB",
        aim=_MEGABYTES,
        beside=alone.megabytes,
        peer=_PEER,
    )


def _roster(path: Path, term: str) -> Path:
    """A spreadsheet of every column there is and two that are not read; the classes are those of a term."""
    names = roster_columns()
    yes = min(names.yes)
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append([*(names.title(field) for field in names.names), "phone", "address"])
    for place in range(_STUDENTS):
        class_number, seat = divmod(place, _CLASS_SIZE)
        row = {
            "number": f"0{place:09}",
            "name": f"student {place}",
            "college": f"college {class_number // 100}",
            "class_name": f"{term} class {class_number}",
            "cohort": "2026",
            "major": f"major {class_number // 10}",
            "level": "level",
            "status": "status",
            "is_monitor": "" if seat else yes,
            "counsellor": f"counsellor {class_number // 6}",
        }
        sheet.append([*(row[field] for field in names.names), f"138{place:08}", "address"])
    book.save(path)
    return path


def _run(code: str, *words: str, **settings: str) -> _Run:
    begun = time.perf_counter()
    command = [sys.executable, "-c", code, *words]
    process = subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, process.args)
    kilobytes = used.ru_maxrss / (1024 if sys.platform == "darwin" else 1)
    return _Run(seconds=time.perf_counter() - begun, megabytes=kilobytes * 1024 / 1e6)
