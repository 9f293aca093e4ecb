"""`xueji roster`: the office's spreadsheet in, binding codes out."""

import csv
import json
import secrets
import sys
from pathlib import Path

import typer

from bot.bootstrap import Stores, new_sid
from bot.cli.office import content_and_words, with_stores
from knowledge.scopes import NATIONAL
from scheduler.campaigns import CampaignStatus
from scheduler.forms.roster_file import read
from scheduler.messages import Phrase
from scheduler.roster import Fault, RosterDiff, RosterRow, diff, merge

app = typer.Typer(help="Import the roster, print binding codes.", no_args_is_help=True)

_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 8
"""40 bits: not to be guessed at five tries an hour."""


@app.command("import")
def import_file(
    file: Path = typer.Argument(..., exists=True, dir_okay=False, help="XLSX, XLS or CSV."),
    scope: str = typer.Option(
        NATIONAL, help="The school's scope; a cohort's own (SCOPE-2026) is taken where it exists."
    ),
    dry_run: bool = typer.Option(False, "--dry-run", help="Only say what would change."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Make a file the roster, whole or not at all: exit 0 when it can be applied, 1 when faults stop it."""
    content, wording = content_and_words()
    if scope not in content.tree:
        raise typer.BadParameter(f"no scope {scope!r}; there are {', '.join(content.tree)}")
    found = read(file.name, file.read_bytes())

    def scope_of(row: RosterRow) -> str:
        cohort = f"{scope}-{row.cohort}"
        return cohort if cohort in content.tree else scope

    async def work(kept: Stores) -> RosterDiff:
        current = await kept.rosters.current()
        changes = diff(current, found.rows)
        if found.faults or dry_run:
            return changes
        campaigns = [one for one in await kept.campaigns.all() if one.status is CampaignStatus.OPEN]
        if campaigns and (changes.moved or changes.gone):  # their states and totals belong to the old classes
            raise typer.BadParameter(wording.label("roster.report.campaign-open", campaign=campaigns[0].id))
        roster = merge(current, found.rows, scope_of=scope_of, new_sid=new_sid)
        if not await kept.rosters.apply(roster):
            raise typer.BadParameter("another import came first: look again with --dry-run")
        for campaign in campaigns:
            sizes = {class_id: len(roster.members(class_id)) for class_id in campaign.classes}
            await kept.campaigns.enrol(campaign.id, sizes)
        return changes

    changes = with_stores(work)
    said = [_say(wording.render(Phrase(key=fault.fault, values=dict(fault.values))), fault) for fault in found.faults]
    if as_json:
        _print_json(changes, [(fault, text) for fault, (_, text) in zip(found.faults, said, strict=True)])
    else:
        counts = {name: len(getattr(changes, name)) for name in ("new", "changed", "moved", "gone")}
        key = (
            "roster.report.refused" if found.faults else "roster.report.looked" if dry_run else "roster.report.applied"
        )
        typer.echo(wording.label(key, rows=len(found.rows), faults=len(found.faults), **counts))
        for mended in found.mended:
            typer.echo(_say(wording.render(Phrase(key=mended.fault, values=dict(mended.values))), mended)[0])
        if found.unread_columns:
            columns = wording.label("list.comma").join(found.unread_columns)
            typer.echo(wording.label("roster.report.unread", columns=columns))
        for line, _ in said:
            typer.echo(line)
    raise typer.Exit(1 if found.faults else 0)


@app.command()
def codes(
    class_name: str = typer.Argument(..., help="The class's name as in the roster."),
) -> None:
    """Print a class's personal binding codes as CSV, one slip a student; a used code is replaced by a new one."""

    async def work(kept: Stores) -> list[tuple[str, str, str]]:
        roster = await kept.rosters.current()
        found = [school_class for school_class in roster.classes.values() if school_class.name == class_name]
        if not found:
            raise typer.BadParameter(f"no class {class_name!r} in the roster")
        members = [student for school_class in found for student in roster.members(school_class.id)]
        fresh = {student.sid: _code() for student in members}
        given = await kept.bindings.codes([student.sid for student in members], fresh)
        return [(student.number, student.name, given[student.sid]) for student in members]

    csv.writer(sys.stdout).writerows(with_stores(work))


def _code() -> str:
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))


def _say(text: str, fault: Fault) -> tuple[str, str]:
    """The line for people, and the fault in words alone."""
    return f"{fault.row} {fault.column}: {text}", text


def _print_json(changes: RosterDiff, faults: list[tuple[Fault, str]]) -> None:
    counts = {name: len(getattr(changes, name)) for name in ("new", "changed", "moved", "gone")}
    rows = [{"row": fault.row, "column": fault.column, "fault": text} for fault, text in faults]
    typer.echo(json.dumps({**counts, "faults": rows}, ensure_ascii=False))
