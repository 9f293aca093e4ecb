"""A template of the content made the draft of one year or term, for the classes it will concern; and its hours."""

import re
from collections.abc import Collection
from datetime import date

from knowledge.campaign_templates import CampaignTemplate, StageTemplate
from knowledge.loading import Content
from scheduler.calendar import Deadline, QuietHours, Stretch
from scheduler.campaigns import Campaign, CampaignStatus, CheckItem, FalseAlarm, Owner
from scheduler.stages import Stage, UndatedStage

_TERM = re.compile(r"(20\d\d)(\D*)")


def read_term(text: str) -> tuple[int, str] | None:
    """Year and season of a term as the roster writes it, a year alone with no season; None for anything else."""
    found = _TERM.fullmatch(text)
    return (int(found[1]), found[2]) if found else None


def draft(
    template: CampaignTemplate,
    year: int,
    *,
    season: str = "",
    cohort: str = "",
    colleges: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
) -> Campaign:
    """The draft of a template in one year, or in a season of it; its id is the template's, the year and the season.

    A drive that comes again has its dates set by a clerk each time, and so has one whose source is vague: what the
    source says is proposed. `cohort`, `colleges` and `only` (class ids) say whom it is for.
    """
    undated = [_undated(stage, year, season) for stage in template.stages]
    ready = [] if template.seasons else [stage for one in undated if (stage := _dated(one)) is not None]
    return Campaign(
        id=f"{template.id}-{year}{season}",
        title=template.title,
        scope=template.scope,
        cohort=cohort or (f"{year}{season}" if template.for_entrants else ""),
        status=CampaignStatus.DRAFT,
        stages=tuple(ready),
        undated=tuple(one for one in undated if one.id not in {stage.id for stage in ready}),
        classes=(),
        colleges=colleges,
        only=only,
        quiet=_quiet(template),
        expected_status=template.expected_status,
        checklist=tuple(
            CheckItem(
                id=item.id,
                label=item.label,
                takes_value=item.takes_value,
                alarms=tuple(FalseAlarm(label=alarm.label, answer=alarm.answer) for alarm in item.alarms),
                office_only=item.office_only,
            )
            for item in template.checklist
        ),
        exempt=template.exempt,
        calls_everybody=template.calls_everybody,
        remarks=template.remarks,
    )


def hours_of(content: Content, scopes: Collection[str]) -> tuple[QuietHours, ...]:
    """When people of these scopes rest: the hours of every campaign their school has."""
    above = {one for scope in scopes if scope in content.tree for one in content.tree.lineage(scope)}
    return tuple(_quiet(template) for template in content.templates.values() if template.scope in above)


def _quiet(template: CampaignTemplate) -> QuietHours:
    return QuietHours(
        start=template.quiet_from,
        end=template.quiet_to,
        breaks=tuple(Stretch(start=start, end=end) for start, end in template.breaks),
        preferred=tuple(Stretch(start=start, end=end) for start, end in template.preferred),
    )


def _undated(stage: StageTemplate, year: int, season: str) -> UndatedStage:
    day = stage.day_in(season)
    return UndatedStage(
        id=stage.id,
        owner=Owner(stage.owner),
        words=stage.words_in(season),
        waves=stage.waves,
        day=date(year, *day) if day else None,
        at=stage.time,
        before_day=stage.before_day,
    )


def _dated(stage: UndatedStage) -> Stage | None:
    """The stage as its source dates it; None where that is vague."""
    if stage.day is None:
        return None
    deadline = Deadline(words=stage.words, day=stage.day, at=stage.at, before_day=stage.before_day)
    return Stage(id=stage.id, owner=stage.owner, deadline=deadline, waves=stage.waves)
