"""From spawning `xueji serve` until /readyz says 200, beside the bare imports of its dependencies."""

import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import imports
from tests.bench.figures import Figure, Measured, Unmeasured, rounds
from tests.bench.processes import NotServing, serving

_NAME = "cold start to ready"
_BEYOND_IMPORTS = 1.5
_ROUNDS = 5


def figures() -> Iterator[Measured]:
    """One figure; every round is one start on a new data folder and one run of the imports."""
    bare, ready = [], []
    try:
        imports.modules()  # found before the first round, and their files read from the disk
        for _ in rounds(_ROUNDS, seconds=20):
            begun = time.perf_counter()
            imports.import_all()
            bare.append(time.perf_counter() - begun)
            with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as served:
                ready.append(served.seconds)
    except (NotServing, imports.NotImportable) as fault:
        yield Unmeasured(name=_NAME, why=str(fault))
        return
    beside = statistics.median(bare)
    yield Figure(
        name=_NAME,
        value=statistics.median(ready),
        unit="s",
        aim=beside + _BEYOND_IMPORTS,
        beside=beside,
        peer="bare imports; aim: 1.5 s beyond them",
    )
