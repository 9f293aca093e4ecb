"""`xueji campaign`: templates and drafts, the dates a clerk sets, whom a draft is for, when it opens by itself."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.cli.papers import known
from bot.cli.reaching import say_whose
from bot.cli.saying import class_ids, fit, instant_words, read_moment, read_when, refuse, say, stage_words
from bot.dialogue.wording import ContentWording
from bot.drafting import draft as drafted
from bot.drafting import read_term
from knowledge.campaign_templates import CampaignTemplate
from knowledge.loading import Content
from scheduler.calendar import Deadline
from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.life import Unfit, aimed, dated, scheduled

_ANY: list[str] = []

CAMPAIGN = typer.Argument(..., help="The campaign's id.")
COHORTS = typer.Option("", help="The cohort, as in the roster; a year covers its terms. Default: the template's.")
COLLEGES = typer.Option(_ANY, "--college", help="Only these colleges.")
CLASSES = typer.Option(_ANY, "--class", help="Only these classes, by name.")


def templates(as_json: bool = typer.Option(False, "--json", help="One JSON object a line.")) -> None:
    """The templates there are: whose, in which terms, with which deadlines in their sources' words."""
    content, wording = content_and_words()
    for template in content.templates.values():
        seasons = wording.label("list.comma").join(template.seasons)
        if as_json:
            stages = {stage.id: {season: stage.words_in(season) for season in template.seasons or ("",)}
                      for stage in template.stages}  # fmt: skip
            row = {"id": template.id, "title": template.title, "scope": template.scope, "seasons": template.seasons}
            typer.echo(json.dumps({**row, "stages": stages}, ensure_ascii=False))
            continue
        scope = content.tree[template.scope].name
        say(wording, "campaign.report.template", id=template.id, title=template.title, scope=scope)
        if seasons:
            say(wording, "campaign.report.seasons", seasons=seasons)
        for season in template.seasons or ("",):
            for stage in template.stages:
                owner = wording.label(f"owner.{stage.owner}")
                say(wording, "campaign.report.source-words", owner=owner, words=stage.words_in(season))


def draft(
    template: str = typer.Argument(..., help="A template's id, e.g. glut-check."),
    term: str = typer.Option(..., "--term", help="The year of its deadlines, with the term where it recurs."),
    cohort: str = COHORTS,
    colleges: list[str] = COLLEGES,
    classes: list[str] = CLASSES,
) -> None:
    """Store a template's campaign of one year or term as a draft: nothing is sent."""
    content, wording = content_and_words()
    found = template_of(content, template, wording)

    async def work(kept: Stores) -> None:
        stored = await store_draft(kept, found, term, wording, cohort=cohort, colleges=colleges, classes=classes)
        _report(stored, wording)
        await say_whose(kept, content, stored, wording)

    with_stores(work)


def drafts(
    term: str = typer.Option("", "--term", help="Propose the drafts of this term, e.g. 2026 with its season."),
) -> None:
    """The campaigns that are not open yet; with a term, a draft of each template that comes again in it."""
    content, wording = content_and_words()

    async def work(kept: Stores) -> None:
        if term:
            for template in _of_season(content, term, wording):
                await kept.campaigns.save(_drafted(template, term, wording), seen_revision=0)
        waiting = (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED)
        found = [campaign for campaign in await kept.campaigns.all() if campaign.status in waiting]
        if not found:
            say(wording, "campaign.report.no-drafts")
        for campaign in found:
            _report(campaign, wording)
            await say_whose(kept, content, campaign, wording)

    with_stores(work)


def date(
    campaign_id: str = CAMPAIGN,
    stage: str = typer.Argument(..., help="The stage's id."),
    when: str = typer.Argument(..., help="The day and hour, e.g. '2026-11-01 17:00'; a day alone ends at 24:00."),
    before_day: bool | None = typer.Option(
        None, "--before-day/--on-day", help="Remind toward the end of the day before; by default as its source says."
    ),
    words: str = typer.Option("", help="The deadline in the words of this year's notice; by default its source's."),
) -> None:
    """Set a stage's deadline in a campaign that is not open yet."""

    def change(campaign: Campaign, wording: ContentWording) -> Campaign | Unfit:
        return dated(campaign, stage, new_deadline(campaign, stage, when, wording, before_day=before_day, words=words))

    _change(campaign_id, change)


def audience(
    campaign_id: str = CAMPAIGN,
    cohort: str = COHORTS,
    colleges: list[str] = COLLEGES,
    classes: list[str] = CLASSES,
    leave_out: list[str] = typer.Option(_ANY, "--leave-out", help="A status of the roster that is exempt as well."),
    take_in: list[str] = typer.Option(_ANY, "--take-in", help="A status that is not exempt after all."),
) -> None:
    """Say whom a campaign is for that is not open yet; replaces what was said before, but for the statuses."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> Campaign:
        campaign = await known(kept, campaign_id, wording)
        only = class_ids(await kept.rosters.current(), classes, wording)
        came = aimed(campaign, cohort=cohort, colleges=colleges, only=only, leave_out=leave_out, take_in=take_in)
        return await _saved(kept, campaign, came, wording)

    changed = with_stores(work)
    _report(changed, wording)
    if changed.exempt:
        say(wording, "campaign.report.exempt-all", statuses=wording.label("list.comma").join(changed.exempt))


def schedule(
    campaign_id: str = CAMPAIGN,
    when: str = typer.Argument(..., help="The day and hour at which it opens by itself, e.g. '2026-10-20 09:00'."),
) -> None:
    """Let a draft open by itself; the classes are those the roster has then."""
    _change(campaign_id, lambda campaign, wording: scheduled(campaign, read_moment(when, wording), datetime.now(UTC)))


def template_of(content: Content, template_id: str, wording: ContentWording) -> CampaignTemplate:
    """The template of that id; refused with those there are."""
    if template_id not in content.templates:
        there = wording.label("list.comma").join(content.templates)
        refuse(wording.label("campaign.report.no-template", id=template_id, there=there))
    return content.templates[template_id]


async def store_draft(
    kept: Stores,
    template: CampaignTemplate,
    term: str,
    wording: ContentWording,
    *,
    cohort: str,
    colleges: list[str],
    classes: list[str],
) -> Campaign:
    """The draft as it is stored now; refused if there is one of its id."""
    only = class_ids(await kept.rosters.current(), classes, wording)
    new = _drafted(template, term, wording, cohort=cohort, colleges=tuple(colleges), only=only)
    if not await kept.campaigns.save(new, seen_revision=0):
        refuse(wording.label("campaign.report.exists", campaign=new.id))
    return new


def new_deadline(
    campaign: Campaign, stage_id: str, when: str, wording: ContentWording, *, before_day: bool | None, words: str
) -> Deadline:
    """The deadline a clerk sets: the words and what "before" means stay the source's where nothing else is said."""
    day, hour = read_when(when, wording)
    said, before = "", False
    for stage in campaign.stages:
        if stage.id == stage_id:
            said, before = stage.deadline.words, stage.deadline.before_day
    for bare in campaign.undated:
        if bare.id == stage_id:
            said, before = bare.words, bare.before_day
    return Deadline(words=words or said, day=day, at=hour, before_day=before if before_day is None else before_day)


def _of_season(content: Content, term: str, wording: ContentWording) -> list[CampaignTemplate]:
    read = read_term(term)
    found = [one for one in content.templates.values() if read is not None and read[1] in one.seasons]
    if not found:
        refuse(wording.label("campaign.report.no-term", term=term))
    return found


def _drafted(
    template: CampaignTemplate,
    term: str,
    wording: ContentWording,
    *,
    cohort: str = "",
    colleges: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
) -> Campaign:
    read = read_term(term)
    if read is None or (read[1] not in template.seasons if template.seasons else read[1] != ""):
        refuse(wording.label("campaign.report.no-term", term=term))
    return drafted(template, read[0], season=read[1], cohort=cohort, colleges=colleges, only=only)


def _change(campaign_id: str, change: Callable[[Campaign, ContentWording], Campaign | Unfit]) -> None:
    _, wording = content_and_words()

    async def work(kept: Stores) -> Campaign:
        campaign = await known(kept, campaign_id, wording)
        return await _saved(kept, campaign, change(campaign, wording), wording)

    _report(with_stores(work), wording)


async def _saved(kept: Stores, before: Campaign, came: Campaign | Unfit, wording: ContentWording) -> Campaign:
    changed = fit(came, before.id, wording)
    stored = await kept.campaigns.save(changed, seen_revision=before.revision)
    return fit(changed if stored else Unfit.OVERTAKEN, before.id, wording)


def _report(campaign: Campaign, wording: ContentWording) -> None:
    status = wording.label(f"campaign.status.{campaign.status}")
    whom = campaign.cohort or wording.label("campaign.report.any-cohort")
    say(wording, "campaign.report.head", id=campaign.id, title=campaign.title, status=status, cohort=whom)
    for line in stage_words(campaign, wording):
        typer.echo(line)
    if campaign.undated:
        say(wording, "campaign.report.to-date", campaign=campaign.id)
    elif campaign.opens_at and campaign.status is CampaignStatus.SCHEDULED:
        say(wording, "campaign.report.opens", at=instant_words(campaign.opens_at, wording))
