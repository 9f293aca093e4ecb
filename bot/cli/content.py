"""`xueji content`: the tools of the clerk who looks after the content."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import typer

from bot.settings import read
from knowledge.faults import ContentFaults
from knowledge.importing import documents, sheets
from knowledge.importing.changes import Change, Differences, Differing, Recorded, differences
from knowledge.importing.placing import place
from knowledge.importing.refusals import Refusal, wording
from knowledge.importing.sheet_edits import Edits, edits
from knowledge.linting import load_checked
from knowledge.loading import CONTENT, Content, load
from knowledge.reviewing import due
from knowledge.search.artefact import artefact_is_fresh

app = typer.Typer(help="Check, review and edit the content.", no_args_is_help=True)

_Taken = TypeVar("_Taken")
SAMPLES = 3
"""Questions shown of those that change in the same way."""
_CONTENT = typer.Option(CONTENT, "--content", exists=True, file_okay=False, help="The content folder.")


@app.command()
def check() -> None:
    """Name every fault of the content with its file and line; exit 1 if there is any."""
    try:
        content = load_checked()
    except ContentFaults as faults:
        typer.echo(str(faults), err=True)
        typer.echo(f"{len(faults.faults)} faults", err=True)
        raise typer.Exit(1) from None
    if not artefact_is_fresh(content):
        typer.echo("the search artefact was trained on other content: run `make train`", err=True)
        raise typer.Exit(1)
    lines = sum(len(topic.similar) + 1 for topic in content.topics.values())
    typer.echo(f"{len(content.topics)} topics, {lines} questions, {len(content.guides)} guides: no faults")


@app.command()
def review(days: int = typer.Option(30, min=0, help="How many days ahead to look.")) -> None:
    """List what has to be reviewed within the next days, soonest first."""
    content = _loaded(CONTENT)
    by = datetime.now(UTC).date() + timedelta(days=days)
    for item in due(content, by):
        typer.echo(f"{item.review_by}  {item.file}:{item.line}  {item.title}")


@app.command("import")
def import_document(
    file: Path = typer.Argument(help="DOCX, PDF with text, XLSX or TXT of questions and answers."),
    out: Path = typer.Option(None, "--out", help="Folder for the drafts, otherwise one in the data folder."),
) -> None:
    """Read a document into drafts to be completed by hand; nothing goes into service."""
    folder = out or read().data / "drafts" / file.stem
    found = _taken(documents.drafts(file))
    _taken(documents.write(found, folder))
    typer.echo(found.summary(folder), nl=False)


@app.command()
def export(
    file: Path = typer.Argument(dir_okay=False, help="The XLSX file to write."), content: Path = _CONTENT
) -> None:
    """Write all topics as a spreadsheet."""
    counts = sheets.export(_loaded(content), file)
    typer.echo(_note("exported", path=file, **counts))


@app.command()
def sheet(
    file: Path = typer.Argument(help="The spreadsheet, edited."),
    content: Path = _CONTENT,
    dry_run: bool = typer.Option(False, "--dry-run", help="Say what would change, write nothing."),
) -> None:
    """Take the edits of a spreadsheet into the topics: all of them, or none and every fault by its cell."""
    found = _taken(edits(_loaded(content), file))
    for line in _edited(found):
        typer.echo(line)
    if dry_run:
        typer.echo(_note("dry"))
    elif found.files:
        _taken(place(found.files, content))
        typer.echo(_note("written", count=len(found.files)))


@app.command()
def diff(
    old: Path = typer.Argument(exists=True, file_okay=False, help="A content folder as it was."),
    new: Path = typer.Argument(exists=True, file_okay=False, help="The content folder as it is now."),
    questions: Path = typer.Option(None, exists=True, dir_okay=False, help="JSON lines with q and perhaps topic."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Show which questions are answered otherwise; exit 1 if any is."""
    recorded = list(_recorded(questions)) if questions else []
    found = differences(_loaded(old), _loaded(new), recorded, today=datetime.now(UTC).date())
    typer.echo(json.dumps(asdict(found), ensure_ascii=False) if as_json else "\n".join(_table(found)))
    if found.questions:
        raise typer.Exit(1)


def _taken(found: _Taken | Refusal) -> _Taken:
    """What was asked for; a refusal ends the command with its lines on the error stream."""
    if isinstance(found, Refusal):
        typer.echo(str(found), err=True)
        raise typer.Exit(1)
    return found


def _loaded(folder: Path) -> Content:
    try:
        return load(folder)
    except ContentFaults as faults:
        typer.echo(str(faults), err=True)
        raise typer.Exit(1) from None


def _note(key: str, **values: object) -> str:
    return str(wording("sheet")["notes"][key]).format(**values)


def _edited(found: Edits) -> Iterator[str]:
    if not found.files:
        yield _note("nothing")
    yield from (_note("added", id=topic) for topic in found.added)
    yield from (_note("changed", id=topic) for topic in found.changed)


def _recorded(path: Path) -> Iterator[Recorded]:
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            yield Recorded(text=str(row["q"]), topic=row.get("topic"))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise typer.BadParameter(f"{path}:{number}: needs an object with q") from None


def _table(found: Differences) -> Iterator[str]:
    for name, kind in (("topics", found.topics), ("answers", found.answers), ("phrases", found.phrases)):
        yield from _differing(name, kind)
    yield f"{len(found.questions)} of {found.asked} questions are answered otherwise"
    alike: dict[str, list[Change]] = {}
    for change in found.questions:
        alike.setdefault(_way(change), []).append(change)
    for way, changes in sorted(alike.items(), key=lambda item: -len(item[1])):
        yield f"{len(changes):5}  {way}"
        yield from (f"         {change.question.text}" for change in changes[:SAMPLES])


def _differing(name: str, kind: Differing) -> Iterator[str]:
    for how, names in (("added", kind.added), ("removed", kind.removed), ("changed", kind.changed)):
        if names:
            yield f"{name} {how}: {', '.join(names)}"


def _way(change: Change) -> str:
    """How the answer changes: topic and band before and after, and who reads another text."""
    before, after = (f"{told.topic or '-'} ({told.band})" for told in (change.old, change.new))
    way = before if before == after else f"{before} -> {after}"
    scopes = f"; text for {', '.join(change.scopes)}" if change.scopes else ""
    return f"{way}{scopes}{'; WORSE' if change.worse else ''}"
