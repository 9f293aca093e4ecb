"""What the office's commands say: in Chinese, by the content's phrases, a refusal on the error stream."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time
from typing import NoReturn

import typer

from bot.dialogue.wording import ContentWording
from scheduler.calendar import Deadline
from scheduler.campaigns import Campaign
from scheduler.letters import deadline_words, moment_words
from scheduler.life import Unfit, out_of_turn
from scheduler.messages import Phrase
from scheduler.roster import Roster, SchoolClass
from scheduler.stages import UndatedStage

_REFUSED, _MISUSED = 1, 2

_WHEN = re.compile(r"(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d))?")
_END_OF_DAY = "24:00"


def refuse(line: str) -> NoReturn:
    """Say why not, and end with exit 1: nothing was changed."""
    typer.echo(line, err=True)
    raise typer.Exit(_REFUSED)


def misused(line: str) -> NoReturn:
    """Say what of the command's words is wrong, and end with exit 2."""
    typer.echo(line, err=True)
    raise typer.Exit(_MISUSED)


def fit(came: Campaign | Unfit, campaign_id: str, wording: ContentWording) -> Campaign:
    """The campaign as it is now; what cannot be is refused in words."""
    if isinstance(came, Unfit):
        refuse(wording.label(f"campaign.unfit.{came}", campaign=campaign_id))
    return came


def read_when(text: str, wording: ContentWording) -> tuple[date, time | None]:
    """A day and an hour, None for its end: `2026-11-01 17:00`; a day alone ends at 24:00."""
    found = _WHEN.fullmatch(text.strip())
    try:
        if found:
            hour = found[2] or _END_OF_DAY
            return date.fromisoformat(found[1]), None if hour == _END_OF_DAY else time.fromisoformat(hour)
    except ValueError:
        pass
    refuse(wording.label("campaign.report.no-moment", text=text))


def read_moment(text: str, wording: ContentWording) -> datetime:
    """The instant that a local day and hour are."""
    day, hour = read_when(text, wording)
    return Deadline(words="", day=day, at=hour).instant


def stage_words(campaign: Campaign, wording: ContentWording) -> list[str]:
    """A line for each stage: whose, until when with weekday and hour, and in its source's words; and one where they
    do not end in their turn."""
    lines = []
    for stage in campaign.stages:
        before = wording.label("campaign.report.before-day") if stage.deadline.before_day else ""
        values = {"owner": wording.label(f"owner.{stage.owner}"), "stage": stage.id, "words": stage.deadline.words}
        at = wording.render(deadline_words(stage.deadline))
        lines.append(wording.label("campaign.report.stage", at=at, before=before, **values))
    lines += [undated_words(stage, wording) for stage in campaign.undated]
    if turned := out_of_turn(campaign):
        below, above = (wording.label(f"owner.{stage.owner}") for stage in turned)
        lines.append(wording.label("campaign.report.out-of-turn", below=below, above=above))
    return lines


def undated_words(stage: UndatedStage, wording: ContentWording) -> str:
    """A stage that no clerk has dated yet, with the day its source proposes."""
    values = {"owner": wording.label(f"owner.{stage.owner}"), "stage": stage.id, "words": stage.words}
    if stage.day is None:
        return wording.label("campaign.report.stage-vague", **values)
    proposed = Deadline(words=stage.words, day=stage.day, at=stage.at, before_day=stage.before_day)
    return wording.label("campaign.report.stage-undated", at=wording.render(deadline_words(proposed)), **values)


def instant_words(at: datetime, wording: ContentWording) -> str:
    """An instant as people read it."""
    return wording.render(moment_words(at))


def class_ids(roster: Roster, names: Iterable[str], wording: ContentWording) -> tuple[str, ...]:
    """The classes of these names; a name of several is said with its college or its cohort before a slash.

    What there is not, or more than once, is refused by name.
    """
    return tuple(dict.fromkeys(_class_id(roster, name, wording) for name in names))


def _class_id(roster: Roster, name: str, wording: ContentWording) -> str:
    *before, own = name.split("/")
    found = [one for one in roster.classes.values() if own == one.name and set(before) <= {one.college, one.cohort}]
    if len(found) == 1:
        return found[0].id
    if not found:
        refuse(wording.label("classes.unknown", name=name))
    listed = wording.label("list.comma").join(sorted(_whole_name(one) for one in found))
    refuse(wording.label("classes.several", name=name, classes=listed))


def _whole_name(found: SchoolClass) -> str:
    return f"{found.college}/{found.cohort}/{found.name}"


def say(wording: ContentWording, key: str, **values: str | int) -> None:
    """One line of what happened."""
    typer.echo(wording.render(Phrase(key=key, values=values)))
