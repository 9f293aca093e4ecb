"""`xueji roster reconcile`: an export of 学信网 beside the roster and our own states."""

import json
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.dialogue.wording import ContentWording
from bot.reconciling import Followed, Reconciling, made_at
from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.forms.record_file import read_records
from scheduler.messages import Phrase
from scheduler.reconciliation import Finding, Found, Reconciled
from scheduler.roster import Fault, RecordFile, Roster

_FAULTY = 1


def reconcile(
    export: Path = typer.Argument(..., exists=True, dir_okay=False, help="An export of chsi.com.cn: XLSX, XLS or CSV."),
    campaign_id: str = typer.Option("", "--campaign", help="The campaign; to apply, or where not one alone is open."),
    apply: bool = typer.Option(
        False, "--apply", help="Record what it confirms, and tell those whose statement it does not have."
    ),
    as_json: bool = typer.Option(False, "--json", help="One JSON object."),
) -> None:
    """Say who is missing where, and why: the roster, the export, our own states. Exit 1 if the export has faults."""
    content, wording = content_and_words()
    records = read_records(export.name, export.read_bytes())
    if records.faults:
        _refuse(records, wording, as_json=as_json)
    now = datetime.now(UTC)

    async def work(kept: Stores) -> tuple[Campaign, Roster, Reconciled, Followed | None]:
        reconciling = Reconciling(
            rosters=kept.rosters,
            campaigns=kept.campaigns,
            bindings=kept.bindings,
            outbox=kept.outbox,
            tree=content.tree,
            wording=wording,
        )
        campaign = await _campaign(kept, campaign_id, guess=not apply)
        reconciled = await reconciling.look(campaign, records.rows, now, as_of=made_at(export))
        followed = await reconciling.follow(campaign, reconciled, now) if apply else None
        return campaign, await kept.rosters.current(), reconciled, followed

    campaign, roster, reconciled, followed = with_stores(work)
    lines = [_line(one, roster, wording) for one in reconciled.found]
    if as_json:
        typer.echo(json.dumps(_as_json(campaign, records, reconciled, followed, lines), ensure_ascii=False))
    else:
        _report(records, reconciled, followed, lines, wording)


def _report(
    records: RecordFile,
    reconciled: Reconciled,
    followed: Followed | None,
    lines: list[dict[str, str | int]],
    wording: ContentWording,
) -> None:
    counts = {finding.name.lower(): sum(one.finding is finding for one in reconciled.found) for finding in Finding}
    typer.echo(wording.label("record.report.looked", rows=len(records.rows), on_record=reconciled.on_record, **counts))
    if records.unread_columns:
        columns = wording.label("list.comma").join(records.unread_columns)
        typer.echo(wording.label("roster.report.unread", columns=columns))
    if followed is not None:
        typer.echo(
            wording.label(
                "record.report.followed",
                recorded=followed.recorded,
                queued=followed.queued,
                unreachable=followed.unreachable,
            )
        )
    for line in lines:
        place = line["row"] or "-"
        typer.echo(f"{line['class']} {line['number']} {line['name']} ({place}): {line['why']}")


def _line(found: Found, roster: Roster, wording: ContentWording) -> dict[str, str | int]:
    student = found.student
    known = roster.classes.get(student.class_id) if student else None
    return {
        "finding": found.finding.value,
        "row": found.row,
        "class": known.name if known else "",
        "number": student.number if student else "",
        "name": student.name if student else "",
        "why": wording.label(f"record.why.{found.finding}"),
    }


def _as_json(
    campaign: Campaign,
    records: RecordFile,
    reconciled: Reconciled,
    followed: Followed | None,
    lines: list[dict[str, str | int]],
) -> dict[str, object]:
    said: dict[str, object] = {
        "campaign": campaign.id,
        "rows": len(records.rows),
        "on_record": reconciled.on_record,
        "missing": lines,
        "unread_columns": records.unread_columns,
    }
    if followed is not None:
        said |= {"recorded": followed.recorded, "queued": followed.queued, "unreachable": followed.unreachable}
    return said


def _refuse(records: RecordFile, wording: ContentWording, *, as_json: bool) -> None:
    def words(fault: Fault) -> str:
        return wording.render(Phrase(key=fault.fault, values=dict(fault.values)))

    if as_json:
        faults = [{"row": one.row, "column": one.column, "fault": words(one)} for one in records.faults]
        typer.echo(json.dumps({"faults": faults}, ensure_ascii=False))
    else:
        for one in records.faults:
            typer.echo(f"{one.row} {one.column}: {words(one)}")
    raise typer.Exit(_FAULTY)


async def _campaign(kept: Stores, campaign_id: str, *, guess: bool) -> Campaign:
    """The campaign of that id; without one, where it may be guessed, the one that is open.

    What changes states is not guessed: a choice of courses may be all that is open, and no record of 学信网 means it.
    """
    everything = await kept.campaigns.all()
    guess = guess and not campaign_id
    found = [one for one in everything if one.id == campaign_id or (guess and one.status is CampaignStatus.OPEN)]
    if len(found) != 1:
        there = ", ".join(one.id for one in everything) or "none"
        raise typer.BadParameter(f"name one campaign with --campaign; there are: {there}")
    return found[0]
