"""`xueji roster`: the office's spreadsheet in and back out, binding codes, what 学信网 has on record."""

import csv
import json
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.bootstrap import Stores, new_sid
from bot.cli.office import content_and_words, with_stores
from bot.cli.records import reconcile
from bot.cli.rows import RowsError, read_rows, rows_words
from bot.cli.saying import misused, refuse
from bot.cli.userids import userids
from bot.codes import fresh_codes
from bot.dialogue.wording import ContentWording
from bot.enrolment import Came, Enrolled, Enrolment
from knowledge.loading import Content
from scheduler.calendar import ZONE
from scheduler.forms.roster_file import read
from scheduler.messages import Phrase
from scheduler.roster import Fault, RosterDiff, RosterFile, RosterVersion

app = typer.Typer(help="Import the roster and take it back, print binding codes.", no_args_is_help=True)
app.command()(reconcile)
app.command()(userids)

_STOPPED = 1


@app.command("import")
def import_file(
    file: Path = typer.Argument(..., exists=True, dir_okay=False, help="XLSX, XLS or CSV."),
    scope: str = typer.Option(
        "", help="The school's scope, once; a cohort's own (SCOPE-2026) is taken where it exists."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only say what would change."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
    keep_back: str = typer.Option("", "--keep-back", help="Rows to set aside, e.g. 17,203-205: the rest is imported."),
) -> None:
    """Make a file the roster, whole or not at all: exit 0 when it can be applied, 1 when faults stop it."""
    content, wording = content_and_words()
    if scope and scope not in content.tree:
        misused(wording.label("roster.report.no-such-scope", scope=scope, there=_scopes(content, wording)))
    rows = _rows(keep_back)
    found = read(file.name, file.read_bytes(), keep_back=rows)
    if missing := sorted(rows - {row.row for row in found.set_aside}):
        misused(wording.label("roster.report.no-such-rows", rows=rows_words(missing)))

    async def work(kept: Stores) -> Enrolled:
        unasked = bool(scope or await kept.rosters.classes())
        enrolment = Enrolment(kept.rosters, kept.bindings, kept.staff, content.tree, new_sid)
        enrolled = await enrolment.put(found, scope=scope, now=datetime.now(UTC), look_only=dry_run)
        if not unasked and enrolled.came in {Came.LOOKED, Came.APPLIED}:
            typer.echo(wording.label("roster.report.no-scope", there=_scopes(content, wording)), err=True)
        return enrolled

    enrolled = with_stores(work)
    if as_json:
        typer.echo(_as_json(found, enrolled, wording))
    else:
        _report(found, enrolled, wording)
    raise typer.Exit(_STOPPED if enrolled.came in {Came.NOBODY, Came.REFUSED, Came.OVERTAKEN} else 0)


@app.command()
def undo(as_json: bool = typer.Option(False, "--json", help="One JSON object.")) -> None:
    """Bring back the roster before the last import, with the states of whom that had moved or closed."""
    content, wording = content_and_words()

    async def work(kept: Stores) -> RosterDiff | None:
        enrolment = Enrolment(kept.rosters, kept.bindings, kept.staff, content.tree, new_sid)
        return await enrolment.undo(now=datetime.now(UTC))

    changes = with_stores(work)
    if changes is None:
        typer.echo(wording.label("roster.report.nothing-to-undo"), err=True)
        raise typer.Exit(_STOPPED)
    counts = _counts(changes)
    typer.echo(json.dumps(counts) if as_json else wording.label("roster.report.undone", **counts))


@app.command()
def show(as_json: bool = typer.Option(False, "--json", help="One JSON object a line.")) -> None:
    """The versions of the roster, the newest last: when, how many, what changed."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> tuple[RosterVersion, ...]:
        return await kept.rosters.versions()

    versions = with_stores(work)
    if not versions and not as_json:
        typer.echo(wording.label("roster.report.none"))
    for one in versions:
        values = {name: getattr(one, name) for name in one.__dataclass_fields__ if name != "at"}
        if as_json:
            typer.echo(json.dumps({**values, "at": one.at.isoformat()}))
        else:
            restores = values.pop("restores")
            came = wording.label("roster.report.restored", version=restores) if restores else ""
            at = one.at.astimezone(ZONE).isoformat(" ", "minutes")[:16]
            typer.echo(wording.label("roster.report.version", at=at, came=came, **values))


@app.command()
def codes(
    class_name: str = typer.Argument(..., help="The class's name as in the roster."),
) -> None:
    """Print a class's personal binding codes as CSV, one slip a student; a used code is replaced by a new one."""

    async def work(kept: Stores) -> list[tuple[str, str, str]]:
        roster = await kept.rosters.current()
        found = [school_class for school_class in roster.classes.values() if school_class.name == class_name]
        if not found:
            refuse(content_and_words()[1].label("classes.unknown", name=class_name))
        members = [student for school_class in found for student in roster.members(school_class.id)]
        given = await fresh_codes(kept.bindings, [student.sid for student in members])
        return [(student.number, student.name, given[student.sid]) for student in members]

    rows = with_stores(work)
    sys.stdout.write("\ufeff")  # so that Excel takes it for UTF-8
    csv.writer(sys.stdout).writerows(rows)


def _rows(text: str) -> frozenset[int]:
    try:
        return read_rows(text)
    except RowsError as why:
        misused(content_and_words()[1].label("roster.report.no-rows", text=str(why)))


def _counts(changes: RosterDiff) -> dict[str, int]:
    return {name: len(getattr(changes, name)) for name in ("new", "changed", "moved", "gone")}


def _words(fault: Fault, wording: ContentWording) -> str:
    return wording.render(Phrase(key=fault.fault, values=dict(fault.values)))


def _as_json(found: RosterFile, enrolled: Enrolled, wording: ContentWording) -> str:
    """Counts and faults; what else there is to say only where there is something."""

    def places(faults: Sequence[Fault], what: str) -> list[dict[str, object]]:
        return [{"row": one.row, "column": one.column, what: _words(one, wording)} for one in faults]

    more: dict[str, object] = {
        "mended": places(found.mended, "mended"),
        "unread_columns": found.unread_columns,
        "set_aside": [row.row for row in found.set_aside],
        "followed": [found.name for found in enrolled.followed.values()],
        "left": [found.name for found in enrolled.left],
    }
    said = {name: value for name, value in more.items() if value}
    if enrolled.came is Came.OVERTAKEN:
        said["overtaken"] = True
    counts = _counts(enrolled.changes)
    return json.dumps({**counts, "faults": places(enrolled.faults, "fault"), **said}, ensure_ascii=False)


def _report(found: RosterFile, enrolled: Enrolled, wording: ContentWording) -> None:
    counts = {**_counts(enrolled.changes), "rows": len(found.rows), "faults": len(enrolled.faults)}
    typer.echo(wording.label(f"roster.report.{enrolled.came}", **counts))
    for fault in enrolled.faults:  # what is to be done comes before what was done
        typer.echo(_placed(str(fault.row or ""), fault.column, _words(fault, wording), wording))
    for line in _classes(enrolled, wording):
        typer.echo(line)
    if found.header_row > 1:
        typer.echo(wording.label("roster.report.header", row=found.header_row))
    if found.set_aside:
        rows = rows_words([row.row for row in found.set_aside])
        typer.echo(wording.label("roster.report.set-aside", rows=rows, stayed=enrolled.stayed))
    for line in _grouped(found.mended, wording):
        typer.echo(line)
    if found.unread_columns:
        typer.echo(
            wording.label("roster.report.unread", columns=wording.label("list.comma").join(found.unread_columns))
        )


def _classes(enrolled: Enrolled, wording: ContentWording) -> list[str]:
    """Which classes go on under another cohort, and which are gone although something is bound to them."""
    lines = [
        wording.label("roster.report.followed", name=found.name, college=found.college, cohort=found.cohort)
        for found in enrolled.followed.values()
    ]
    if enrolled.left:
        names = wording.label("list.comma").join(found.name for found in enrolled.left)
        lines.append(wording.label("roster.report.left", names=names))
    return lines


def _scopes(content: Content, wording: ContentWording) -> str:
    """The schools there are, as they are typed."""
    named = (f"{scope}（{content.tree[scope].name}）" for scope in content.tree)
    return wording.label("list.comma").join(named)


def _grouped(notes: Sequence[Fault], wording: ContentWording) -> list[str]:
    """One line for all rows of a column of which the same is to be said."""
    rows: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for note in notes:
        rows[note.column, _words(note, wording)].append(note.row)
    return [_placed(rows_words(found), column, words, wording) for (column, words), found in rows.items()]


def _placed(rows: str, column: str, words: str, wording: ContentWording) -> str:
    """What is to be said of a column in these rows, of the rows as a whole, or of the file."""
    if not rows:
        return words
    key = "roster.report.cell" if column else "roster.report.rows"
    return wording.label(key, rows=rows, column=column, words=words)
