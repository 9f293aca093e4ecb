"""`xueji campaign paste`: the text of a reminder for groups the bot is not in, to be pasted there by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import typer

from bot.bootstrap import Stores
from bot.cli import papers
from bot.cli.office import content_and_words, with_stores
from bot.cli.saying import class_ids, refuse
from bot.dialogue.wording import ContentWording
from bot.settings import read
from scheduler.campaigns import Campaign, Owner, Progress
from scheduler.letters import paste_text
from scheduler.planner import Wave, plan
from scheduler.roster import Roster


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """For which classes a text is asked for, and how they stand."""

    campaign: Campaign
    roster: Roster
    progress: Mapping[str, Progress]


def paste(
    campaign_id: str = typer.Argument(..., help="The campaign's id."),
    wave: str = typer.Option("", help="A wave of the students' stage, e.g. 3d: its text; by default that of now."),
    classes: list[str] = typer.Option([], "--class", help="Only these classes; by default those without a group."),
) -> None:
    """Print, class by class, what to paste by hand into groups the bot is not in; nothing is sent."""
    content, wording = content_and_words()
    now = datetime.now(UTC)

    async def work(kept: Stores) -> _Asked:
        campaign = await papers.known(kept, campaign_id, wording)
        roster = await kept.rosters.current()
        named = class_ids(roster, classes, wording) if classes else await _without_group(kept, campaign)
        own = [class_id for class_id in named if class_id in campaign.classes and class_id in roster.classes]
        progress = {class_id: await kept.campaigns.progress(campaign.id, [class_id]) for class_id in own}
        return _Asked(campaign=campaign, roster=roster, progress=progress)

    asked = with_stores(work)
    if not asked.progress:
        refuse(wording.label("paste.no-class"))
    at, first = _moment(asked.campaign, wave, now, wording)
    you = content.tree[asked.campaign.scope].address
    bot = read().wecom_robot_name or wording.label("bot.name")
    for class_id, progress in asked.progress.items():
        typer.echo(wording.label("paste.heading", name=asked.roster.classes[class_id].name))
        text = paste_text(asked.campaign, _stage(asked.campaign, wording), progress, bot=bot, first=first, now=at)
        if text is None:
            typer.echo(wording.label("paste.few"))
        else:
            typer.echo(wording.render(replace(text, values={"you": you, **text.values})))
        typer.echo("")


async def _without_group(kept: Stores, campaign: Campaign) -> Sequence[str]:
    grouped = {class_id for group in await kept.bindings.groups_of(campaign.classes) for class_id in group.classes}
    return [class_id for class_id in campaign.classes if class_id not in grouped]


def _stage(campaign: Campaign, wording: ContentWording) -> str:
    stage = campaign.stage_of(Owner.STUDENT)
    if stage is None:
        refuse(wording.label("paste.no-stage"))
    return stage.id


def _moment(campaign: Campaign, wave: str, now: datetime, wording: ContentWording) -> tuple[datetime, bool]:
    """When the text is to be true, and whether it is the first that these groups see."""
    waves = _waves(campaign, _stage(campaign, wording), now)
    if not wave:
        return now, not waves or now < waves[0].at
    named = next((found for found in waves if found.id == wave.rpartition(":")[2]), None)
    if named is None:
        refuse(wording.label("paste.no-wave", wave=wave, known=" ".join(found.id for found in waves)))
    return named.at, named == waves[0]


def _waves(campaign: Campaign, stage: str, now: datetime) -> list[Wave]:
    planned = plan(campaign, now)
    waves = [wave for wave in (*planned.missed, *planned.due, *planned.coming) if wave.stage == stage]
    return sorted(waves, key=lambda wave: wave.at)
