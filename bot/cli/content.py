"""`xueji content`: the tools of the clerk who looks after the content."""

import asyncio
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import typer

from bot.bootstrap import Stores
from bot.cli.feedback import feedback
from bot.cli.learning import dismiss, draft, join, questions
from bot.cli.office import with_stores
from bot.cli.words import words
from bot.ports import Reloaded
from bot.reloading import new_request
from bot.settings import content_folder, read
from knowledge.faults import ContentFaults
from knowledge.importing import sheets
from knowledge.importing.changes import Change, Differences, Differing, Recorded, differences
from knowledge.importing.mends import told
from knowledge.importing.placing import place
from knowledge.importing.refusals import Refusal, wording
from knowledge.importing.sheet_edits import Edits, edits
from knowledge.linting import load_complete
from knowledge.loading import Content, load
from knowledge.reviewing import due
from knowledge.search.artefact import ARTEFACT, artefact_is_fresh, folder_of
from knowledge.search.embedding import NoEmbedding
from knowledge.search.training import build

app = typer.Typer(help="Check, review and edit the content; learn from what was asked.", no_args_is_help=True)
for _command in (questions, draft, join, dismiss, feedback):
    app.command()(_command)

_Taken = TypeVar("_Taken")
_VERSION = 12
"""Characters of a version that are shown."""
_LOOK_EVERY = 0.2
SAMPLES = 3
"""Questions shown of those that change in the same way."""
_CONTENT = typer.Option(
    content_folder, "--content", exists=True, file_okay=False, show_default=False, help="Otherwise XUEJI_CONTENT."
)


@app.command()
def check(folder: Path = _CONTENT) -> None:
    """Name every fault of the content with its file and line; exit 1 if there is any."""
    try:
        content = load_complete(folder)
    except ContentFaults as faults:
        for fault in faults.faults:
            typer.echo(told(fault), err=True)
        typer.echo(f"{len(faults.faults)} faults", err=True)
        raise typer.Exit(1) from None
    if not artefact_is_fresh(content, folder_of(folder)):
        typer.echo("the search artefact was trained on other content: run `xueji content train`", err=True)
        raise typer.Exit(1)
    lines = sum(len(topic.similar) + 1 for topic in content.topics.values())
    typer.echo(f"{len(content.topics)} topics, {lines} questions, {len(content.guides)} guides: no faults")


@app.command()
def review(days: int = typer.Option(30, min=0, help="How many days ahead to look."), folder: Path = _CONTENT) -> None:
    """List what has to be reviewed within the next days, soonest first."""
    content = _loaded(folder)
    by = datetime.now(UTC).date() + timedelta(days=days)
    for item in due(content, by):
        typer.echo(f"{item.review_by}  {item.file}:{item.line}  {item.title}")


@app.command()
def train(folder: Path = _CONTENT) -> None:
    """Build what the search needs anew from the content; takes minutes."""
    try:
        about = build(folder)
    except (ContentFaults, NoEmbedding) as fault:
        typer.echo(str(fault), err=True)
        raise typer.Exit(1) from None
    typer.echo(json.dumps(about, ensure_ascii=False, indent=2))


@app.command()
def reload(wait: int = typer.Option(60, min=1, help="Seconds to wait for the processes that serve.")) -> None:
    """Bring the content as it is now into service, without a restart; exit 1 where it is refused."""

    async def work(kept: Stores) -> tuple[Sequence[str], Mapping[str, Reloaded]]:
        request = new_request()
        serving = await kept.reloads.ask(request)
        until = time.monotonic() + wait
        while True:
            reports = await kept.reloads.reports(request)
            if reports.keys() >= set(serving) or time.monotonic() > until:
                return serving, reports
            await asyncio.sleep(_LOOK_EVERY)

    serving, reports = with_stores(work)
    for process in serving:
        for line in _came_of_it(process, reports.get(process)):
            typer.echo(line)
    if not serving:
        typer.echo(words("reload")["nobody"])
    if any(process not in reports or reports[process].faults for process in serving):
        raise typer.Exit(1)


def _came_of_it(process: str, reloaded: Reloaded | None) -> Iterator[str]:
    said = words("reload")
    if reloaded is None:
        yield said["silent"].format(process=process)
    elif reloaded.faults:
        yield said["refused"].format(process=process, version=reloaded.version[:_VERSION], count=len(reloaded.faults))
        yield from (f"  {told(fault)}" for fault in reloaded.faults)
    else:
        yield said["taken"].format(process=process, version=reloaded.version[:_VERSION])


@app.command("import")
def import_document(
    file: Path = typer.Argument(help="DOCX, PDF with text, XLSX or TXT of questions and answers."),
    out: Path = typer.Option(None, "--out", help="Folder for the drafts, otherwise one in the data folder."),
) -> None:
    """Read a document into drafts to be completed by hand; nothing goes into service."""
    from knowledge.importing import documents  # noqa: PLC0415 - what reads documents is large, and for this alone

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
    before, after = _loaded(old), _loaded(new)
    artefacts = _artefact(old, before), _artefact(new, after)
    if artefact_is_fresh(before, artefacts[0]) != artefact_is_fresh(after, artefacts[1]):
        typer.echo("only one of the two is trained, which makes a difference: run `xueji content train`", err=True)
    found = differences(before, after, recorded, today=datetime.now(UTC).date(), artefacts=artefacts)
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


def _artefact(folder: Path, content: Content) -> Path:
    """The artefact of a content folder; a copy of the packaged content goes by the packaged one."""
    own = folder_of(folder)
    return own if artefact_is_fresh(content, own) else ARTEFACT


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
