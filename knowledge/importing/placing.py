"""New files of the content put in place: checked as a whole elsewhere first, then all or none."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from knowledge.faults import ContentFaults
from knowledge.importing.mends import told
from knowledge.importing.refusals import Refusal, refusal
from knowledge.linting import load_checked


def place(files: Mapping[str, str], folder: Path) -> Refusal | None:
    """Write these files of a content folder, by their names in it; None if that is done.

    The content is loaded and linted with them in a folder of its own first. Each file changes in one
    step; if one cannot be written, those before it are as they were.
    """
    with tempfile.TemporaryDirectory() as somewhere:
        trial = Path(somewhere) / "content"
        shutil.copytree(folder, trial, ignore=shutil.ignore_patterns("fonts", "artefact"))
        for name, text in files.items():
            (trial / name).parent.mkdir(exist_ok=True)
            (trial / name).write_text(text, "utf-8")
        try:
            load_checked(trial)
        except ContentFaults as faults:
            return Refusal(tuple(told(fault) for fault in faults.faults))
    return put({folder / name: text for name, text in files.items()})


def put(files: Mapping[Path, str]) -> Refusal | None:
    """Write all these files, each in one step; if one cannot be written, put back those that were."""
    before = {path: path.read_bytes() if path.is_file() else None for path in files}
    fresh = {path: path.with_name(f".{path.name}.new") for path in files}
    try:
        for path, text in files.items():
            path.parent.mkdir(exist_ok=True)
            _write(fresh[path], text.encode())
        for path, new in fresh.items():
            new.replace(path)
    except OSError as error:
        for path, old in before.items():
            _restore(path, old)
        return refusal("sheet", "failed", error=error)
    finally:
        for new in fresh.values():
            _remove(new)
    return None


def _write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _restore(path: Path, old: bytes | None) -> None:
    if old is None:
        _remove(path)
    elif path.read_bytes() != old:
        path.write_bytes(old)


def _remove(path: Path) -> None:
    if path.is_file():
        path.unlink()
