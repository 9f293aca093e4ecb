"""`xueji ask`: what would be said to a question, and why."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from bot.settings import content_folder, read
from knowledge.composing import ComposedAnswer, compose
from knowledge.loading import Content, load
from knowledge.scopes import NATIONAL
from knowledge.search.artefact import folder_of
from knowledge.search.batch import batch
from knowledge.search.searcher import Band, Finding, Searcher


def ask(
    question: str = typer.Argument("", help="The question, as a student would type it."),
    scope: str = typer.Option("", help="Whose rules hold for the asker; otherwise XUEJI_SCOPE."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
    unaddressed: bool = typer.Option(False, help="As a group message that did not call the bot."),
    batch_in: Path | None = typer.Option(
        None, "--batch", exists=True, dir_okay=False, help="JSON lines with q, scope, addressed."
    ),
    out: Path | None = typer.Option(None, "--out", dir_okay=False, help="Where the answers of --batch go."),
) -> None:
    """Show the band, the candidates and the answer for a question, or for a file of them."""
    folder = content_folder()
    content = load(folder)
    scope = scope or read(scopes=content.tree).scope
    if scope not in content.tree:
        raise typer.BadParameter(f"no scope {scope!r}; there are {', '.join(content.tree)}")
    searcher = Searcher.open(content, folder_of(folder))
    if batch_in is not None:
        _answer_file(content, searcher, batch_in, out)
        return
    if not question:
        raise typer.BadParameter("give a question, or --batch")
    finding = searcher.search(question, addressed=not unaddressed)
    composed = _answer(content, finding, scope)
    if as_json:
        typer.echo(json.dumps(_row(question, finding, composed), ensure_ascii=False))
    else:
        _explain(content, searcher, finding, composed)


def _answer(content: Content, finding: Finding, scope: str) -> ComposedAnswer | None:
    if finding.band is Band.NONE or not finding.candidates:
        return None
    topic = content.topics[finding.candidates[0].topic]
    return compose(content, topic, scope, today=datetime.now(UTC).date())


def _row(question: str, finding: Finding, composed: ComposedAnswer | None) -> dict[str, Any]:
    return {
        "q": question,
        "band": finding.band,
        "candidates": [{"topic": c.topic, "confidence": c.confidence} for c in finding.candidates],
        "answer": composed.whole if composed else None,
        "scope": composed.scope if composed else None,
    }


def _explain(content: Content, searcher: Searcher, finding: Finding, composed: ComposedAnswer | None) -> None:
    typer.echo(f"band: {finding.band}" + ("" if searcher.semantic else f"  (lexical: {searcher.why_lexical})"))
    for candidate in finding.candidates:
        typer.echo(f"  {candidate.confidence:.4f}  {candidate.topic}  {content.topics[candidate.topic].title}")
    if composed is not None:
        typer.echo(f"scope: {composed.scope}, kind: {composed.kind}\n\n{composed.whole}")


def _answer_file(content: Content, searcher: Searcher, batch_in: Path, out: Path | None) -> None:
    if out is None:
        raise typer.BadParameter("--batch needs --out")
    lines = batch_in.read_text(encoding="utf-8").splitlines()
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise typer.BadParameter(f"{batch_in}:{number}: not JSON: {error}") from None
        if not isinstance(row, dict) or not isinstance(row.get("q"), str):
            raise typer.BadParameter(f"{batch_in}:{number}: needs an object with a string q")
        if row.get("scope", NATIONAL) not in content.tree:
            raise typer.BadParameter(f"{batch_in}:{number}: no scope {row['scope']!r}")
        rows.append(row)
    answered = batch(content, searcher, rows, today=datetime.now(UTC).date())
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in answered), encoding="utf-8")
