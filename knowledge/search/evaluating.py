"""`python -m knowledge.search.evaluating`: how well the search finds, beside plain methods of the same run.

The files it is held against are `tests/fixtures/eval/`; they are for developing, their figures are no result.
"""

import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.linting import load_checked
from knowledge.loading import Content
from knowledge.search import artefact
from knowledge.search.baselines import Baselines
from knowledge.search.batch import batch
from knowledge.search.embedding import E5, Embedding, NoEmbedding
from knowledge.search.engines import Trained
from knowledge.search.meaning import Meaning
from knowledge.search.measures import Row, hits, of_chatter, of_questions, of_scopes
from knowledge.search.searcher import Searcher

FILES = Path(__file__).parents[2] / "tests/fixtures/eval"
_TODAY = date(2026, 11, 22)
_WORST = 10


def main(folder: Path = FILES) -> int:
    """Print the tables of every pair of files NAME_queries.jsonl and NAME_chatter.jsonl; 2 where there is none."""
    names = sorted(file.name.removesuffix("_queries.jsonl") for file in folder.glob("*_queries.jsonl"))
    if not names:
        sys.stderr.write(f"there are no questions to evaluate on in {folder}\n")
        return 2
    content = load_checked()
    embedding = _embedding()
    searchers = dict(_searchers(content, embedding))
    baselines = Baselines(content, embedding, _vectors(content))
    for name in names:
        rows, chatter = _read(folder / f"{name}_queries.jsonl"), _read(folder / f"{name}_chatter.jsonl")
        _say(f"\n== {name}: {len(rows)} questions, {len(chatter)} messages that ask nothing\n")
        _evaluate(content, searchers, baselines, rows, chatter)
        if (file := folder / f"{name}_scope.jsonl").is_file():
            _say("\nBy the asker's scope\n" + _shown(_by_scope(content, searchers, _read(file))))
    return 0


def _evaluate(
    content: Content,
    searchers: Mapping[str, Searcher],
    baselines: Baselines,
    rows: Sequence[Row],
    chatter: Sequence[Row],
) -> None:
    table: dict[str, dict[str, float]] = {}
    for name, searcher in searchers.items():
        answers = list(batch(content, searcher, rows, today=_TODAY))
        silent = list(batch(content, searcher, chatter, today=_TODAY))
        unaddressed = list(batch(content, searcher, _unaddressed(chatter), today=_TODAY))
        table[name] = of_questions(rows, answers) | of_chatter(rows, answers, silent)
        table[name]["false_sure_unaddressed"] = sum(each["band"] == "sure" for each in unaddressed) / len(unaddressed)
        table[name]["ms_p50"], table[name]["ms_p99"] = _times(searcher, rows)
    _say(_shown(table | _plain(baselines, rows, chatter)))
    first, searcher = next(iter(searchers.items()))
    answers = list(batch(content, searcher, rows, today=_TODAY))
    _say(f"\nBy style, {first}\n" + _shown(_by_style(rows, answers)))
    _say(f"\nThe {_WORST} topics most often missed, {first}\n" + "\n".join(_worst(rows, answers)))


def _by_scope(content: Content, searchers: Mapping[str, Searcher], rows: Sequence[Row]) -> dict[str, dict[str, float]]:
    """The first searcher's figures by scope, then those of each one over all."""
    table: dict[str, dict[str, float]] = {}
    for name, searcher in searchers.items():
        answers = list(batch(content, searcher, rows, today=_TODAY))
        if not table:
            for scope in sorted({row["scope"] for row in rows}):
                mine = [number for number, row in enumerate(rows) if row["scope"] == scope]
                table[scope] = of_scopes([rows[number] for number in mine], [answers[number] for number in mine])
        table[name] = of_scopes(rows, answers)
    return table


def _searchers(content: Content, embedding: Embedding | None) -> Iterable[tuple[str, Searcher]]:
    searcher = Searcher.open(content, embedding=embedding)
    if searcher.semantic:
        yield "search", searcher
        trained = artefact.load(artefact.ARTEFACT, content)
        yield "search, no embedding", Searcher(content, Trained(trained, content, None), why_lexical="as asked for")
    else:
        yield f"search, {searcher.why_lexical}", searcher


def _embedding() -> Embedding | None:
    try:
        return E5()
    except NoEmbedding:
        return None


def _vectors(content: Content) -> tuple[Meaning, NDArray[np.int32]] | None:
    """The lines' vectors with their owners, where the artefact fits the content."""
    try:
        trained = artefact.load(artefact.ARTEFACT, content)
    except artefact.NoArtefact:
        return None
    return trained.meaning, trained.owners


def _plain(baselines: Baselines, rows: Sequence[Row], chatter: Sequence[Row]) -> dict[str, dict[str, float]]:
    table = {}
    for name, rank in baselines.methods().items():
        answers, silent = ([_as_answer(rank(row["q"])) for row in each] for each in (rows, chatter))
        measures = of_questions(rows, answers) | of_chatter(rows, answers, silent)
        table[name] = {key: value for key, value in measures.items() if key.startswith(("top", "right"))}
    return table


def _as_answer(ranking: list[tuple[str, float]]) -> dict[str, Any]:
    return {"band": "none", "candidates": [{"topic": topic, "confidence": score} for topic, score in ranking]}


def _by_style(rows: Sequence[Row], answers: Sequence[Row]) -> dict[str, dict[str, float]]:
    styles: dict[str, list[int]] = defaultdict(list)
    for number, row in enumerate(rows):
        styles[row["style"]].append(number)
    return {
        style: {"questions": len(numbers)}
        | of_questions([rows[number] for number in numbers], [answers[number] for number in numbers])
        for style, numbers in sorted(styles.items())
    }


def _worst(rows: Sequence[Row], answers: Sequence[Row]) -> Iterable[str]:
    missed: dict[str, list[str]] = defaultdict(list)
    for row, answer, hit in zip(rows, answers, hits(rows, answers), strict=True):
        if not hit:
            missed[row["topic"]].append(answer["candidates"][0]["topic"] if answer["candidates"] else "nothing")
    for topic, instead in sorted(missed.items(), key=lambda item: (-len(item[1]), item[0]))[:_WORST]:
        yield f"  {topic}: " + ", ".join(f"{other} ({count})" for other, count in Counter(instead).most_common())


def _times(searcher: Searcher, rows: Sequence[Row]) -> tuple[float, float]:
    """Milliseconds of a fresh search, at the median and at 99 %; a changed text is never remembered."""
    spent = []
    for number, row in enumerate(rows):
        began = time.perf_counter()
        searcher.search(f"{row['q']} {number}")
        spent.append(1_000 * (time.perf_counter() - began))
    return float(np.quantile(spent, 0.5)), float(np.quantile(spent, 0.99))


def _unaddressed(rows: Sequence[Row]) -> list[dict[str, Any]]:
    return [{**row, "addressed": False} for row in rows]


def _read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]


def _shown(table: dict[str, dict[str, float]]) -> str:
    """One line a method, one column a measure."""
    columns = list(dict.fromkeys(column for measures in table.values() for column in measures))
    head = f"{'':28}" + "".join(f"{column:>{_width(column)}}" for column in columns)
    lines = [
        f"{name[:28]:28}" + "".join(f"{_number(measures.get(column)):>{_width(column)}}" for column in columns)
        for name, measures in table.items()
    ]
    return "\n".join([head, *lines])


def _width(column: str) -> int:
    return max(len(column) + 2, 8)


def _number(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    raise SystemExit(main())
