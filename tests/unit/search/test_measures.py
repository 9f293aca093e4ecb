"""The evaluation measures as the score does, and says what is to be compared."""

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

from knowledge.loading import Content
from knowledge.search.artefact import load
from knowledge.search.baselines import Baselines
from knowledge.search.batch import batch
from knowledge.search.measures import of_chatter, of_questions, of_scopes
from knowledge.search.searcher import Searcher
from tests.unit.search.conftest import LetterVectors

SCORE = Path(__file__).parents[2] / "fixtures/eval/score.py"
QUESTIONS: list[dict[str, Any]] = [
    {"q": "学籍查不到", "topic": "lost", "style": "short"},
    {"q": "信息第三项写错了", "topic": "wrong", "also": ["lost"], "style": "short"},
    {"q": "学籍第99次查不到", "topic": "wrong", "style": "short", "scope": "school"},
    {"q": "今天好困", "topic": "lost", "style": "short", "addressed": False},
]
CHATTER: list[dict[str, Any]] = [
    {"q": text} for text in ("好困", "今天第8节课", "哈哈", "查不到我的快递", "写错了", "第三项")
]


def test_the_measures_are_those_of_the_score(small: Content, searcher: Searcher, tmp_path: Path) -> None:
    answers = list(batch(small, searcher, QUESTIONS, today=date(2026, 11, 22)))
    silent = list(batch(small, searcher, CHATTER, today=date(2026, 11, 22)))
    files = []
    for name, rows in (("q", QUESTIONS), ("a", answers), ("c", CHATTER), ("d", silent)):
        files.append(str(tmp_path / name))
        Path(files[-1]).write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    command = [sys.executable, str(SCORE), files[0], files[1], "--chatter", files[2], files[3]]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    own = of_questions(QUESTIONS, answers) | of_chatter(QUESTIONS, answers, silent)
    assert {name: round(value, 4) for name, value in own.items()} == {name: told[name] for name in own}


def test_the_measures_of_scopes_are_those_of_the_score(small: Content, searcher: Searcher, tmp_path: Path) -> None:
    musts = [(["12月22日"], []), (["12月 22日"], ["先核对姓名"]), ([["没有", "姓名"]], ["12月22日"]), (["没有"], [])]
    asked = [("national", "school")[number % 2] for number in range(4)]
    rows = [
        {"q": "学籍第1次查不到了", "topic": "lost", "scope": scope, "must": must, "must_not": must_not}
        for scope, (must, must_not) in zip(asked, musts, strict=True)
    ]
    answers = list(batch(small, searcher, rows, today=date(2026, 11, 22)))
    for name, lines in (("q", rows), ("a", answers)):
        (tmp_path / name).write_text("\n".join(json.dumps(line) for line in lines), "utf-8")
    command = [sys.executable, str(SCORE), "--scope", str(tmp_path / "q"), str(tmp_path / "a")]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert of_scopes(rows, answers) == told
    assert 0 < told["scope_right"] < 1
    assert told["foreign_facts"] > 0


def test_a_batch_answers_in_the_askers_scope(small: Content, searcher: Searcher) -> None:
    rows: list[dict[str, Any]] = [{"q": "学籍第1次查不到了", "scope": scope} for scope in ("national", "school")]
    national, school = batch(small, searcher, rows, today=date(2026, 11, 22))
    assert (national["scope"], school["scope"]) == ("national", "school")
    assert "2019年" not in national["answer"]
    assert "2019年的安排" in school["answer"]
    assert school["answer"].count("先核对姓名") == 1


def test_a_batch_says_nothing_where_nothing_is_found(small: Content, searcher: Searcher) -> None:
    (found,) = batch(small, searcher, [{"q": "？？"}], today=date(2026, 11, 22))
    assert found == {"q": "？？", "band": "none", "candidates": [], "answer": None, "scope": None}


def test_each_baseline_finds_a_stored_line(small: Content, trained: Path) -> None:
    artefact = load(trained, small)
    methods = Baselines(small, LetterVectors(), (artefact.meaning, artefact.owners)).methods()
    assert len(methods) == 4
    assert {rank("信息第3项写错了")[0][0] for rank in methods.values()} == {"wrong"}
