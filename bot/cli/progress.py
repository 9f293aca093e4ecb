"""`xueji campaign status` and `handed`: how far a campaign is, and whose papers have been handed in."""

import json
from datetime import UTC, datetime

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.cli.papers import known
from bot.cli.saying import class_ids, instant_words, refuse, say, stage_words
from bot.dialogue.wording import ContentWording
from scheduler.campaigns import Campaign
from scheduler.handing_in import HandIn, Taken, college_field, signatures
from scheduler.roster import Roster

_CLERK = "office"
"""By whom it is where a clerk types a command."""


def status(
    campaign_id: str = typer.Argument("", help="One campaign's id; by default all."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object a class."),
) -> None:
    """How far every campaign is, class by class: deadlines, statements, signatures, papers handed in."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> None:
        campaigns = [await known(kept, campaign_id, wording)] if campaign_id else await kept.campaigns.all()
        roster = await kept.rosters.current()
        if not campaigns and not as_json:
            say(wording, "campaign.report.none")
        for campaign in campaigns:
            if not as_json:
                _head(campaign, wording)
            hand_ins = await kept.papers.all(campaign.id)
            for class_id in sorted(campaign.classes, key=lambda one: _place(roster, one)):
                row = await _row(kept, campaign, class_id, roster, hand_ins.get(class_id))
                _say_row(row, wording, as_json=as_json)
            for college in sorted({found.college for found in roster.classes.values()}):
                handed = hand_ins.get(college_field(college))
                if handed is not None and not as_json:
                    say(wording, "campaign.report.college-in", college=college, at=instant_words(handed.at, wording))

    with_stores(work)


def handed(
    campaign_id: str = typer.Argument(..., help="The campaign's id."),
    names: list[str] = typer.Argument(..., help="Names of the classes whose papers came; with --college, colleges."),
    college: bool = typer.Option(False, "--college", help="It is colleges that handed in."),
    back: bool = typer.Option(False, "--back", help="It was a mistake: they have not."),
) -> None:
    """Put down that classes or colleges have handed in their papers."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> None:
        campaign = await known(kept, campaign_id, wording)
        roster = await kept.rosters.current()
        for name, whose in _whose(campaign, roster, names, wording, college=college):
            now = datetime.now(UTC)
            hand_in = None if back else HandIn(at=now, by=_CLERK)
            taken = await kept.papers.put(campaign.id, whose, hand_in, by=_CLERK, now=now)
            came = "back" if back and taken is Taken.DONE else taken.value
            say(wording, f"campaign.handed.{came}", name=name)

    with_stores(work)


def _whose(
    campaign: Campaign, roster: Roster, names: list[str], wording: ContentWording, *, college: bool
) -> list[tuple[str, str]]:
    """Each name with what it stands under; one that is no class or college of the campaign is refused."""
    if college:
        there = {found.college for class_id in campaign.classes if (found := roster.classes.get(class_id))}
        for name in names:
            if name not in there:
                refuse(wording.label("classes.unknown", name=name))
        return [(name, college_field(name)) for name in names]
    found_ids = class_ids(roster, names, wording)
    for class_id in found_ids:
        if class_id not in campaign.classes:
            refuse(wording.label("classes.not-in", name=roster.classes[class_id].name, campaign=campaign.id))
    return [(roster.classes[class_id].name, class_id) for class_id in found_ids]


def _head(campaign: Campaign, wording: ContentWording) -> None:
    state = wording.label(f"campaign.status.{campaign.status}")
    whom = campaign.cohort or wording.label("campaign.report.any-cohort")
    say(wording, "campaign.report.head", id=campaign.id, title=campaign.title, status=state, cohort=whom)
    if campaign.pilot is not None:
        say(wording, "campaign.report.on-trial", campaign=campaign.id)
    for line in stage_words(campaign, wording):
        typer.echo(line)


async def _row(
    kept: Stores, campaign: Campaign, class_id: str, roster: Roster, hand_in: HandIn | None
) -> dict[str, str | int]:
    progress = await kept.campaigns.progress(campaign.id, [class_id])
    states = await kept.campaigns.states(campaign.id, class_id)
    signed = signatures(campaign, await kept.rosters.members(class_id), states).signed
    name = roster.classes[class_id].name if class_id in roster.classes else class_id
    return {
        "campaign": campaign.id, "class": name, "total": progress.total, "done": progress.done,
        "office": progress.with_office, "owing": progress.owing, "signed": signed,
        "handed_in": hand_in.at.isoformat() if hand_in else "",
    }  # fmt: skip


def _place(roster: Roster, class_id: str) -> tuple[bool, tuple[str, ...]]:
    """Where a class is listed; one the roster has no more comes last."""
    found = roster.classes.get(class_id)
    return (False, found.order) if found else (True, (class_id,))


def _say_row(row: dict[str, str | int], wording: ContentWording, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(row, ensure_ascii=False))
        return
    at = str(row["handed_in"])
    given = (
        wording.label("campaign.report.handed-at", at=instant_words(datetime.fromisoformat(at), wording)) if at else ""
    )
    numbers = {name: row[name] for name in ("total", "done", "office", "owing", "signed")}
    typer.echo(wording.label("campaign.report.class", name=row["class"], handed=given, **numbers))
