"""`xueji campaign`: a verification drive from its draft to its end."""

import contextlib
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

import typer

from bot.bootstrap import Stores
from bot.cli import drafts, papers, pasting, progress, reaching, rehearsing, waves
from bot.cli.drafts import CAMPAIGN, CLASSES, COHORTS, COLLEGES, new_deadline, store_draft
from bot.cli.office import content_and_words, with_stores
from bot.cli.saying import class_ids, fit, refuse, say, stage_words
from bot.dialogue.wording import ContentWording
from bot.settings import read
from knowledge.loading import Content
from scheduler.campaigns import Campaign, CampaignStatus, move
from scheduler.life import Unfit, audience, deadline_moved
from scheduler.messages import Address
from scheduler.opening import Opening
from scheduler.recipients import heard_of
from scheduler.roster import Roster
from scheduler.stages import Pilot

app = typer.Typer(help="Prepare, open, watch and end verification campaigns.", no_args_is_help=True)
app.command()(drafts.templates)
app.command()(drafts.draft)
app.command()(drafts.drafts)
app.command()(drafts.date)
app.command()(drafts.audience)
app.command()(drafts.schedule)

YES = typer.Option(False, "--yes", help="Do not ask before it begins.")


@app.command("open")
def open_campaign(
    what: str = typer.Argument(..., help="A stored campaign's id, or a template's to draft and open it at once."),
    term: str = typer.Option("", "--term", "--year", help="For a template: the year of its deadlines, or the term."),
    cohort: str = COHORTS,
    colleges: list[str] = COLLEGES,
    classes: list[str] = CLASSES,
    slips: str = typer.Option("", help="The folder for slips for those nobody reaches; no slips by default."),
    yes: bool = YES,
) -> None:
    """Say whom it reaches, ask, and open a campaign for all: reminders begin at once."""
    content, wording = content_and_words()

    async def work(kept: Stores) -> Campaign:
        campaign = await kept.campaigns.get(what)
        if campaign is None and term and what in content.templates:
            template = content.templates[what]
            campaign = await store_draft(
                kept, template, term, wording, cohort=cohort, colleges=colleges, classes=classes
            )
        elif campaign is None:
            campaign = await papers.known(kept, what, wording)
        elif term or cohort or colleges or classes:
            refuse(wording.label("campaign.report.exists", campaign=what))
        return await _begin(kept, content, campaign, wording, slips=slips, yes=yes)

    _opened(with_stores(work), wording)


@app.command()
def pilot(
    campaign_id: str = CAMPAIGN,
    classes: list[str] = typer.Option([], "--class", help="Only these classes, for a start."),
    chat: str = typer.Option("", help="Send everything to this chat, platform:chat; by default the office's first."),
    yes: bool = YES,
) -> None:
    """Open a campaign as a trial: for some classes, or with every send to a chat of staff. It ends with `go`."""
    content, wording = content_and_words()
    office = next(iter(read().staff_chat or ()), None)
    if (classes and chat) or not (classes or chat or office):
        refuse(wording.label("campaign.report.pilot-which"))
    trial = Pilot(chat=_address(chat, wording) if chat else None if classes else office)

    async def work(kept: Stores) -> Campaign:
        campaign = await papers.known(kept, campaign_id, wording)
        return await _begin(kept, content, campaign, wording, yes=yes, trial=trial, only=classes)

    _opened(with_stores(work), wording)


@app.command()
def go(campaign_id: str = CAMPAIGN, yes: bool = YES) -> None:
    """End the trial: from now on the campaign is for everybody it was made for."""
    content, wording = content_and_words()

    async def work(kept: Stores) -> Campaign:
        campaign = await papers.known(kept, campaign_id, wording)
        await _announce(kept, content, campaign, wording)
        _ask(wording, yes=yes)
        came = await _opening(kept, content).go(campaign.id, datetime.now(UTC))
        return fit(came, campaign.id, wording)

    _opened(with_stores(work), wording)


@app.command()
def join(
    campaign_id: str = CAMPAIGN, classes: list[str] = typer.Argument(..., help="Names of the classes that join.")
) -> None:
    """Let further classes join an open campaign; reminders whose moment has passed are not made up for."""
    content, wording = content_and_words()

    async def work(kept: Stores) -> Campaign:
        campaign = await papers.known(kept, campaign_id, wording)
        ids = class_ids(await kept.rosters.current(), classes, wording)
        came = await _opening(kept, content).join(campaign.id, ids, datetime.now(UTC))
        return fit(came, campaign.id, wording)

    joined = with_stores(work)
    say(wording, "campaign.report.joined", campaign=joined.id, classes=len(joined.classes))


@app.command("move")
def move_deadline(
    campaign_id: str = CAMPAIGN,
    stage: str = typer.Argument(..., help="The stage's id."),
    when: str = typer.Argument(..., help="The new day and hour, e.g. '2026-12-25 17:00'; a day alone ends at 24:00."),
    before_day: bool | None = typer.Option(
        None, "--before-day/--on-day", help="Remind toward the end of the day before; by default as it was."
    ),
    words: str = typer.Option("", help="The deadline in the notice's new words."),
) -> None:
    """Move a deadline of an open campaign: reminders are planned anew, those told the old one hear of it once."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> tuple[Campaign, bool]:
        campaign = await papers.known(kept, campaign_id, wording)
        deadline = new_deadline(campaign, stage, when, wording, before_day=before_day, words=words)
        moved = fit(deadline_moved(campaign, stage, deadline, datetime.now(UTC)), campaign.id, wording)
        stored = await kept.campaigns.save(moved, seen_revision=campaign.revision)
        heard = heard_of(await kept.outbox.ledger(campaign.id))
        told = any(about == f"{campaign.id}:{stage}" for _, about in heard)
        return fit(moved if stored else Unfit.OVERTAKEN, campaign.id, wording), told

    moved, told = with_stores(work)
    say(wording, "campaign.report.moved" if told else "campaign.report.moved-untold", campaign=moved.id)
    for line in stage_words(moved, wording):
        typer.echo(line)


app.command()(reaching.reach)
app.command()(reaching.slips)
app.command()(progress.status)
app.command()(progress.handed)
app.command()(papers.forms)
app.command()(papers.chart)
app.command()(rehearsing.rehearse)
app.command()(pasting.paste)
app.command("waves")(waves.waves)


@app.command()
def close(campaign_id: str = CAMPAIGN) -> None:
    """End a campaign: nothing more is sent, states are kept."""
    _move(campaign_id, CampaignStatus.CLOSED)


@app.command()
def cancel(campaign_id: str = CAMPAIGN) -> None:
    """Give up a campaign: nothing more is sent, not even what is queued."""
    _move(campaign_id, CampaignStatus.CANCELLED)


def _move(campaign_id: str, to: CampaignStatus) -> None:
    _, wording = content_and_words()

    async def work(kept: Stores) -> Campaign:
        campaign = await papers.known(kept, campaign_id, wording)
        try:
            moved = move(campaign, to, datetime.now(UTC))
        except ValueError:
            return fit(Unfit.NOT_NOW, campaign_id, wording)
        stored = await kept.campaigns.save(moved, seen_revision=campaign.revision)
        return fit(moved if stored else Unfit.OVERTAKEN, campaign_id, wording)

    say(wording, f"campaign.report.{with_stores(work).status}", campaign=campaign_id)


async def _begin(
    kept: Stores,
    content: Content,
    campaign: Campaign,
    wording: ContentWording,
    *,
    yes: bool,
    slips: str = "",
    trial: Pilot | None = None,
    only: list[str] | None = None,
) -> Campaign:
    """Say whom it reaches, ask a person, and open."""
    roster = await kept.rosters.current()
    own = class_ids(roster, only or (), wording)
    await _announce(kept, content, campaign, wording, own)
    if slips:
        await reaching.write_slips(
            kept, campaign, own or audience(campaign, roster, content.tree.lineage), slips, wording
        )
    _ask(wording, yes=yes)
    came = await _opening(kept, content).open(campaign.id, datetime.now(UTC), pilot=trial, classes=own)
    return fit(came, campaign.id, wording)


async def _announce(
    kept: Stores, content: Content, campaign: Campaign, wording: ContentWording, own: tuple[str, ...] = ()
) -> None:
    """The deadlines, which cohorts it covers and which not, who is exempt, and how everybody is reached."""
    roster = await kept.rosters.current()
    everybody = audience(campaign, roster, content.tree.lineage)
    concerned = own or everybody
    for line in stage_words(campaign, wording):
        typer.echo(line)
    await reaching.say_whose(kept, content, campaign, wording)
    students = [student for student in roster.students.values() if student.class_id in set(concerned)]
    say(wording, "campaign.report.reach", classes=len(concerned), students=len(students))
    for line in _coverage(campaign, roster, everybody, wording):
        typer.echo(line)
    for other in _alike(campaign, await kept.campaigns.all(), concerned):
        say(wording, "campaign.report.alike", campaign=other.id, title=other.title)
    exempt = Counter(student.status for student in students if student.status in campaign.exempt)
    for status, number in sorted(exempt.items()):
        say(wording, "campaign.report.exempt", status=status, number=number)
    await reaching.say_reach(kept, campaign, concerned, wording)


def _alike(campaign: Campaign, campaigns: Iterable[Campaign], concerned: Iterable[str]) -> list[Campaign]:
    """Other open campaigns that students of these classes cannot tell from this one: of the same title."""
    running = (one for one in campaigns if one.status is CampaignStatus.OPEN and one.id != campaign.id)
    return [one for one in running if one.title == campaign.title and not set(one.classes).isdisjoint(concerned)]


def _coverage(campaign: Campaign, roster: Roster, everybody: tuple[str, ...], wording: ContentWording) -> list[str]:
    """Which cohorts are covered, and which classes of the roster are not, by cohort."""
    inside = Counter(roster.classes[class_id].cohort for class_id in everybody)
    outside = Counter(one.cohort for one in roster.classes.values()) - inside
    return [
        wording.label(f"campaign.report.{key}", cohort=cohort, classes=number)
        for key, cohorts in (("covered", inside), ("not-covered", outside))
        for cohort, number in sorted(cohorts.items())
    ]


def _ask(wording: ContentWording, *, yes: bool) -> None:
    with contextlib.suppress(typer.Abort):  # nobody there to answer
        if yes or typer.confirm(wording.label("campaign.report.go")):
            return
    refuse(wording.label("campaign.report.not-begun"))


def _opened(campaign: Campaign, wording: ContentWording) -> None:
    key = "opened" if campaign.pilot is None else "pilot" if campaign.pilot.chat is None else "pilot-chat"
    say(wording, f"campaign.report.{key}", campaign=campaign.id, classes=len(campaign.classes))


def _opening(kept: Stores, content: Content) -> Opening:
    return Opening(kept.rosters, kept.campaigns, content.tree.lineage, kept.disk)


def _address(text: str, wording: ContentWording) -> Address:
    if text.count(":") not in (1, 2) or not all(text.split(":")):
        refuse(wording.label("staff.report.no-address", text=text))
    return Address.parse(text)
