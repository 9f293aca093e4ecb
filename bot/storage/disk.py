"""How much room the disk of the embedded server has."""

import shutil
from dataclasses import dataclass
from pathlib import Path

LEAST = 200 * 1_000_000
"""Bytes: a wave to a college of 20,000 with its ledger and evidence takes some 60 MB until the nightly rewrite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderSpace:
    """`scheduler.disk.DiskSpace` of the disk that holds a folder, as anybody may use it who is not root."""

    folder: Path
    least: int = LEAST

    def is_low(self) -> bool:
        """Whether fewer than `least` bytes are free; also where the disk cannot be asked."""
        try:
            return shutil.disk_usage(self.folder).free < self.least
        except OSError:
            return True
