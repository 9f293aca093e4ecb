"""`python -m knowledge.search.growing`: how time and memory of a search grow with the content.

Topics are made of the real lines' words, thirty lines each, and ranked as content without an artefact is;
the vectors of that many lines are compared beside it, as the embedding would have them compared.
"""

import json
import random
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from knowledge.linting import load_checked
from knowledge.loading import Content
from knowledge.search.embedding import DIMENSIONS
from knowledge.search.engines import Untrained
from knowledge.search.meaning import DIRECTIONS, Meaning
from knowledge.search.normalizing import Normalizer

SIZES = (100, 1_000, 10_000)
LINES = 30
_QUESTIONS = 200


def main(arguments: list[str]) -> int:
    """Without an argument one process a size and a line for each; with one, that size as JSON."""
    if arguments:
        sys.stdout.write(json.dumps(measured(int(arguments[0]))) + "\n")
        return 0
    for size in SIZES:
        found = measured_apart(size)
        sys.stdout.write(f"{size:>7} topics  " + "  ".join(f"{name} {value:g}" for name, value in found.items()) + "\n")
    return 0


def measured_apart(topics: int) -> dict[str, float]:
    """As `measured`, in a process of its own, whose memory is nobody else's."""
    command = [sys.executable, "-m", "knowledge.search.growing", str(topics)]
    found: dict[str, float] = json.loads(
        subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603
    )
    return found


def measured(topics: int) -> dict[str, float]:
    """Seconds to open; milliseconds a search (the embedding call apart) at the median and 99 %; MB held and at most."""
    content = grown(load_checked(), topics)
    normalizer = Normalizer(content.lexicon)
    began = time.perf_counter()
    engine = Untrained(content, normalizer)
    opened = time.perf_counter() - began
    source = np.random.default_rng(7)
    lines = source.integers(-127, 127, (topics * LINES, DIRECTIONS), dtype=np.int8)
    turn = source.standard_normal((DIMENSIONS, DIRECTIONS), dtype=np.float32)
    meaning = Meaning(np.zeros(DIMENSIONS, dtype=np.float32), turn, lines)
    vector = source.standard_normal(DIMENSIONS, dtype=np.float32)
    questions = [f"{line} {n}" for n, line in enumerate(_sample(content, _QUESTIONS))]
    spent = []
    for question in questions:
        began = time.perf_counter()
        engine.rank(normalizer.read(question))
        meaning.likeness(vector)
        spent.append(1_000 * (time.perf_counter() - began))
    held = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize() / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    times = {"ms_p50": np.quantile(spent, 0.5), "ms_p99": np.quantile(spent, 0.99)}
    rounded = {name: round(float(value), 2) for name, value in times.items()}
    return {"opened_s": round(opened, 1), **rounded, "held_mb": round(held), "peak_mb": round(peak)}


def grown(content: Content, topics: int) -> Content:
    """The content with that many topics, whose lines are put together from two real ones each."""
    source = random.Random(7)  # noqa: S311 - the same lines each time, nothing secret
    known = [line for topic in content.topics.values() for line in topic.similar]
    like = list(content.topics.values())

    def line() -> str:
        one, other = source.choice(known), source.choice(known)
        return one[: len(one) // 2 + 1] + other[len(other) // 2 :]

    made = {}
    for number in range(topics):
        original = like[number % len(like)]
        made[f"t{number}"] = replace(
            original, id=f"t{number}", question=line(), similar=tuple(line() for _ in range(LINES - 1)), not_this=()
        )
    return replace(content, topics=made, asked={}, version=f"grown to {topics}")


def _sample(content: Content, number: int) -> list[str]:
    source = random.Random(11)  # noqa: S311
    topics = list(content.topics.values())
    return [source.choice(source.choice(topics).similar) for _ in range(number)]


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
