"""`xueji campaign forms` and `xueji campaign chart`: a campaign on paper and in a picture."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.cli.saying import misused, refuse
from bot.dialogue.wording import ContentWording
from scheduler.campaigns import DONE, Campaign, Progress, StudentState
from scheduler.forms.standing import Format, Standing, standing

if TYPE_CHECKING:
    from scheduler.forms.template import Template

_BOTH = list(Format)


def forms(
    campaign_id: str = typer.Argument(..., help="The campaign's id."),
    out: Path = typer.Option(Path("forms"), file_okay=False, help="The folder they are written to."),
    formats: list[Format] = typer.Option(_BOTH, "--format", help="What they are written as; may be given repeatedly."),
    template: Path | None = typer.Option(
        None,
        exists=True,
        dir_okay=False,
        help="The office's own XLSX or DOCX, its placeholders filled for every class.",
    ),
) -> None:
    """Write the papers of every class and college, and the list of those who still owe; or fill the office's own."""
    from scheduler.forms.papers import filled_templates, papers  # noqa: PLC0415 - Word's library is large, and for this

    own = _opened(template) if template else None
    at = with_stores(lambda kept: _standing(kept, campaign_id))
    for class_id in at.campaign.classes:
        if class_id not in at.classes:
            _, wording = content_and_words()
            typer.echo(wording.label("forms.class-gone", class_id=class_id), err=True)
    written = filled_templates(at, own, template.stem) if own and template else papers(at, formats)
    _write_all(written, out)


def chart(
    campaign_id: str = typer.Argument(..., help="The campaign's id."),
    out: Path | None = typer.Option(None, dir_okay=False, help="The PNG to write; by default named like the campaign."),
) -> None:
    """Draw the progress for a chat of staff: how many on which day, and class by class."""
    from knowledge.figures import render  # noqa: PLC0415 - the renderer is for pictures alone
    from scheduler.forms.chart import Course  # noqa: PLC0415
    from scheduler.forms.chart import chart as drawn  # noqa: PLC0415

    async def work(kept: Stores) -> tuple[Standing, dict[str, Progress], tuple[datetime, ...]]:
        at = await _standing(kept, campaign_id)
        progress = {class_id: await kept.campaigns.progress(campaign_id, [class_id]) for class_id in at.classes}
        return at, progress, await kept.outbox.fired(campaign_id)

    at, progress, waves = with_stores(work)
    own = {student.sid for members in at.members.values() for student in members}
    done_at = [state.at for sid, state in at.states.items() if sid in own and state.counted in DONE and state.at]
    course = Course(done_at=done_at, waves=waves)
    picture = drawn(at.campaign, at.classes, progress, course, made_at=at.made_at, head=at.head)
    path = out or Path(f"{campaign_id}.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(render(picture))
    typer.echo(str(path))


async def known(kept: Stores, campaign_id: str, wording: ContentWording) -> Campaign:
    """The campaign of that id; refused with those there are."""
    campaign = await kept.campaigns.get(campaign_id)
    if campaign is None:
        ids = [found.id for found in await kept.campaigns.all()]
        there = wording.label("list.comma").join(ids) or wording.label("list.nobody")
        misused(wording.label("campaign.report.unknown", id=campaign_id, there=there))
    return campaign


async def _standing(kept: Stores, campaign_id: str) -> Standing:
    _, wording = content_and_words()
    campaign = await known(kept, campaign_id, wording)
    if campaign.opened_at is None:
        refuse(wording.label("campaign.unfit.not-now", campaign=campaign_id))
    now = datetime.now(UTC)
    head = await kept.evidence.seal(now)
    states: dict[str, StudentState] = {}
    for class_id in campaign.classes:
        states.update(await kept.campaigns.states(campaign.id, class_id))
    return standing(campaign, await kept.rosters.current(), states, made_at=now, head=head)


def _opened(path: Path) -> "Template":
    """The office's file; every fault of it is a line on the error stream, and nothing is written."""
    from scheduler.forms.template_files import NotATemplate, open_template  # noqa: PLC0415 - as in `forms`

    _, wording = content_and_words()
    try:
        template = open_template(path.read_bytes())
    except NotATemplate:
        typer.echo(wording.label("forms.no-template", path=str(path)), err=True)
        raise typer.Exit(1) from None
    if isinstance(template, tuple):
        for fault in template:
            typer.echo(str(fault), err=True)
        raise typer.Exit(1)
    return template


def _write_all(written: Iterator[tuple[str, bytes]], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for name, data in written:
        (out / name).write_bytes(data)
        typer.echo(str(out / name))
