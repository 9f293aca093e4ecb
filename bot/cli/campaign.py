"""`xueji campaign`: open a verification drive, see how it goes, print its forms, end it."""

from datetime import UTC, datetime

import typer

from bot.bootstrap import Stores, receipt
from bot.cli import papers
from bot.cli.office import content_and_words, with_stores
from bot.opening import CannotOpen, Opening, concerned, draft
from scheduler.campaigns import Campaign, CampaignStatus, move
from scheduler.letters import deadline_words

app = typer.Typer(help="Open, watch and end verification campaigns.", no_args_is_help=True)


@app.command("open")
def open_campaign(
    template: str = typer.Argument(..., help="A template's id, e.g. glut-check."),
    year: int = typer.Option(..., min=2000, max=2100, help="The year of its deadlines."),
    cohort: str = typer.Option(..., help="The cohort it is for, as in the roster."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask before it is opened."),
) -> None:
    """Open a template's campaign for the cohort's classes: reminders begin at once."""
    content, wording = content_and_words()
    if template not in content.templates:
        raise typer.BadParameter(f"no template {template!r}; there are {', '.join(content.templates)}")

    async def work(kept: Stores) -> Campaign:
        roster = await kept.rosters.current()
        campaign = draft(
            content.templates[template],
            year,
            cohort,
            concerned(content.templates[template], cohort, roster, content.tree),
        )
        for stage in campaign.stages:
            typer.echo(f"{wording.label(f'owner.{stage.owner}')} {wording.render(deadline_words(stage.deadline))}")
        students = sum(student.class_id in campaign.classes for student in roster.students.values())
        typer.echo(wording.label("campaign.report.reach", classes=len(campaign.classes), students=students))
        if not yes:
            typer.confirm(wording.label("campaign.report.go"), abort=True)
        return await Opening(kept.rosters, kept.campaigns, receipt).open(campaign, datetime.now(UTC))

    try:
        typer.echo(with_stores(work).id)
    except CannotOpen as why:
        typer.echo(str(why), err=True)
        raise typer.Exit(1) from None


@app.command()
def status() -> None:
    """How far every campaign is, class by class."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> None:
        roster = await kept.rosters.current()
        for campaign in await kept.campaigns.all():
            typer.echo(f"{campaign.id}  {campaign.status}")
            for class_id in campaign.classes:
                progress = await kept.campaigns.progress(campaign.id, [class_id])
                name = roster.classes[class_id].name if class_id in roster.classes else class_id
                typer.echo(
                    "  "
                    + wording.label(
                        "campaign.report.class", name=name, total=progress.total, done=progress.done,
                        office=progress.with_office, owing=progress.owing,
                    )
                )  # fmt: skip

    with_stores(work)


app.command()(papers.forms)
app.command()(papers.chart)


@app.command()
def close(campaign_id: str = typer.Argument(..., help="The campaign's id.")) -> None:
    """End a campaign: nothing more is sent, states are kept."""
    _move(campaign_id, CampaignStatus.CLOSED)


@app.command()
def cancel(campaign_id: str = typer.Argument(..., help="The campaign's id.")) -> None:
    """Give up a campaign that was opened by mistake."""
    _move(campaign_id, CampaignStatus.CANCELLED)


def _move(campaign_id: str, to: CampaignStatus) -> None:
    async def work(kept: Stores) -> None:
        campaign = await papers.known(kept, campaign_id)
        try:
            moved = move(campaign, to, datetime.now(UTC))
        except ValueError as why:
            raise typer.BadParameter(str(why)) from None
        if not await kept.campaigns.save(moved, seen_revision=campaign.revision):
            raise typer.BadParameter("somebody else changed it at the same time: look again")
        typer.echo(f"{moved.id}  {moved.status}")

    with_stores(work)
