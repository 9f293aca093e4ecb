"""Take every figure and print them: a table for people, or one JSON object a line with `--json`."""

import argparse
import os
import sys

from bot import logs
from tests.bench import (
    callbacks,
    campaigns,
    confirming,
    delivering,
    dispatching,
    memory,
    reconnecting,
    robot,
    rosters,
    searching,
    starting,
)
from tests.bench.figures import Unmeasured, table

_FAMILIES = (
    starting,
    memory,
    rosters,  # before what makes this process large: the peak of a process counts that of whoever started it
    dispatching,
    searching,
    callbacks,
    robot,
    reconnecting,
    campaigns,
    confirming,
    delivering,
)


def main() -> None:
    """Measure with the default settings, whatever the environment says."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one object a line: name, value, unit, aim, beside")
    as_json = parser.parse_args().json
    for name in [name for name in os.environ if name.upper().startswith("XUEJI_")]:
        del os.environ[name]
    logs.quiet()
    taken = []
    for family in _FAMILIES:
        for measured in family.figures():
            if isinstance(measured, Unmeasured):
                sys.stderr.write(f"not measured: {measured.name}: {measured.why}\n")
                continue
            taken.append(measured)
            if as_json:
                sys.stdout.write(f"{measured.as_json()}\n")
                sys.stdout.flush()
            else:
                sys.stderr.write(f"measured: {measured.name}\n")
    if not as_json:
        sys.stdout.write(f"{table(taken)}\n")


if __name__ == "__main__":
    main()
