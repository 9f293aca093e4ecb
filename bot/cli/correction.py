"""`xueji correction`: what students reported wrong, step by step to its end; the only place that shows their words."""

import getpass
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.correcting import Advanced
from bot.desk import correcting, vault
from bot.dialogue.typed import one_line
from bot.dialogue.wording import ContentWording
from bot.platforms.masking import mask
from bot.settings import read
from bot.vault import new_key
from knowledge.loading import Content
from scheduler.corrections import Correction, NotAdvanced, Step
from scheduler.forms.corrections import Reported, correction_list

app = typer.Typer(help="See to what students reported wrong, step by step.", no_args_is_help=True)

_REASONS = "correction.reason."


_Ids = typer.Argument(..., help="Numbers of corrections, as `list` shows them.")


@app.command("list")
def show_all(
    campaign: str = typer.Option("", help="Of one campaign only."),
    step: Step | None = typer.Option(None, help="Only those at this step; by default all that are open."),
    as_json: bool = typer.Option(False, "--json", help="One JSON object a line."),
) -> None:
    """List what was reported: whose, which item, how far it is; not what was written of it."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> list[Reported]:
        return await _rows(kept, wording, await _chosen(kept, campaign, step), {})

    rows = with_stores(work)
    for one in rows:
        typer.echo(json.dumps(_plain(one), ensure_ascii=False) if as_json else _line(one, wording))
    if not rows and not as_json:
        typer.echo(wording.label("correction.report.none"))


@app.command()
def show(ids: list[str] = _Ids, as_json: bool = typer.Option(False, "--json", help="One JSON object a line.")) -> None:
    """Show what was written of some; the look is put down."""
    content, wording = content_and_words()

    async def work(kept: Stores) -> list[Reported]:
        found = [one for name in ids if (one := await kept.corrections.get(name))]
        return await _opened(kept, content, wording, found)

    for one in with_stores(work):
        if as_json:
            typer.echo(json.dumps({**_plain(one), **one.written}, ensure_ascii=False))
            continue
        typer.echo(_line(one, wording))
        for name, text in one.written.items():
            typer.echo(f"  {wording.label(f'correction.field.{name}')}{text}")
        if not one.written:
            typer.echo(f"  {wording.label('correction.report.nothing-written')}")


@app.command()
def receive(ids: list[str] = _Ids) -> None:
    """The college has them."""
    _advance(ids, Step.RECEIVED)


@app.command()
def accept(ids: list[str] = _Ids) -> None:
    """The school has taken them on."""
    _advance(ids, Step.ACCEPTED)


@app.command()
def correct(ids: list[str] = _Ids) -> None:
    """They are corrected on chsi.com.cn: the students are asked to look again."""
    _advance(ids, Step.CORRECTED)


@app.command()
def refuse(
    ids: list[str] = _Ids,
    reason: str = typer.Option(..., help="The id of a reason; a wrong one names them all."),
    note: str = typer.Option("", help="What the student is told besides; kept sealed."),
) -> None:
    """They stay as they are, for a reason that the student is told."""
    _, wording = content_and_words()
    reasons = wording.labels(_REASONS)
    if reason not in reasons:
        raise typer.BadParameter("\n".join(f"{one}: {said}" for one, said in reasons.items()), param_hint="--reason")
    note = one_line(note)
    if mask(note).kinds:
        raise typer.BadParameter("it holds an ID number, a telephone number, a code or a password", param_hint="--note")
    _advance(ids, Step.REFUSED, reason=reason, note=note)


@app.command()
def export(
    file: Path = typer.Argument(..., dir_okay=False, help="The XLSX to write; one that exists is replaced."),
    campaign: str = typer.Option("", help="Of one campaign only."),
    step: Step | None = typer.Option(None, help="Only those at this step; by default all that are open."),
) -> None:
    """Write a list with what was written of each, for the office alone; the look is put down."""
    from scheduler.forms.listing_xlsx import listing_xlsx  # noqa: PLC0415 - for this command alone

    content, wording = content_and_words()
    now = datetime.now(UTC)

    async def work(kept: Stores) -> bytes:
        rows = await _opened(kept, content, wording, await _chosen(kept, campaign, step))
        roster = await kept.rosters.current()
        return listing_xlsx(correction_list(rows, roster.classes), made_at=now)

    file.write_bytes(with_stores(work))
    typer.echo(wording.label("correction.report.exported", path=str(file)))


@app.command()
def key() -> None:
    """Print a new key for XUEJI_CORRECTION_KEYS."""
    typer.echo(new_key())


@app.command()
def rekey() -> None:
    """Seal everything that is kept with the first key: after this the others are of no use any more."""
    _, wording = content_and_words()
    sealed = vault(read())
    if not sealed.keeps:
        raise typer.BadParameter("XUEJI_CORRECTION_KEYS has no key")

    async def work(kept: Stores) -> tuple[int, int]:
        texts = await kept.corrections.all_texts()
        renewed = {one: (text, new) for one, text in texts.items() if (new := sealed.renew(text)) is not None}
        return await kept.corrections.reseal(renewed), len(texts) - len(renewed)

    done, lost = with_stores(work)
    typer.echo(wording.label("correction.report.rekeyed", done=done, lost=lost))
    if lost:
        raise typer.Exit(1)


def _advance(ids: Sequence[str], to: Step, *, reason: str = "", note: str = "") -> None:
    """Take each to the step, and say of each what came of it; exit 1 if any stays where it is."""
    content, wording = content_and_words()

    async def work(kept: Stores) -> list[Advanced | NotAdvanced]:
        desk, now = correcting(read(), kept, content.tree, wording), datetime.now(UTC)
        return [await desk.advance(one, to, by=_operator(), now=now, reason=reason, note=note) for one in ids]

    came = with_stores(work)
    for one, what in zip(ids, came, strict=True):
        if isinstance(what, NotAdvanced):
            typer.echo(f"{one}  {wording.label(f'correction.report.{what}')}", err=True)
            continue
        said = [wording.label(f"correction.step.{to}"), wording.label(f"correction.report.{_told(what)}")]
        said += [] if what.note_kept else [wording.label("correction.report.note-lost")]
        typer.echo(f"{one}  {wording.label('list.semicolon').join(said)}")
    if any(isinstance(what, NotAdvanced) for what in came):
        raise typer.Exit(1)


def _told(what: Advanced) -> str:
    return "told" if what.told else "unreachable"


async def _chosen(kept: Stores, campaign: str, step: Step | None) -> list[Correction]:
    return [
        one
        for one in await kept.corrections.all()
        if campaign in {"", one.campaign} and (one.step is step if step else not one.is_closed)
    ]


async def _opened(
    kept: Stores, content: Content, wording: ContentWording, found: Sequence[Correction]
) -> list[Reported]:
    """The rows with what was written of them; that somebody looked is put down before anything is shown."""
    desk, now = correcting(read(), kept, content.tree, wording), datetime.now(UTC)
    written = await desk.look(found, by=_operator(), now=now, press=f"{_operator()}:{now.isoformat()}")
    return await _rows(kept, wording, found, written)


async def _rows(
    kept: Stores, wording: ContentWording, found: Sequence[Correction], written: dict[str, dict[str, str]]
) -> list[Reported]:
    campaigns = {one.id: one for one in await kept.campaigns.all()}
    students = await kept.rosters.students([one.sid for one in found])
    rows = []
    for one in found:
        campaign = campaigns.get(one.campaign)
        item = campaign.item(one.item) if campaign else None
        rows.append(
            Reported(
                correction=one,
                student=students.get(one.sid),
                item=item.label if item else one.item,
                step=wording.label(f"correction.step.{one.step}"),
                reason=wording.label(f"correction.reason.{one.reason}") if one.reason else "",
                written=written.get(one.id, {}),
            )
        )
    return rows


def _line(one: Reported, wording: ContentWording) -> str:
    number, name = (one.student.number, one.student.name) if one.student else ("", "")
    return wording.label(
        "correction.report.line", id=one.correction.id, number=number, name=name, item=one.item, step=one.step,
        campaign=one.correction.campaign, at=f"{one.correction.at:%Y-%m-%d}",
    )  # fmt: skip


def _plain(one: Reported) -> dict[str, str]:
    return {
        "id": one.correction.id,
        "campaign": one.correction.campaign,
        "class": one.correction.class_id,
        "number": one.student.number if one.student else "",
        "item": one.correction.item,
        "step": one.correction.step.value,
        "reason": one.correction.reason,
        "reported_at": one.correction.reported_at.isoformat(),
        "at": one.correction.at.isoformat(),
    }


def _operator() -> str:
    """Who types: by the account of the machine, for looks and steps that are put down."""
    return f"cli:{getpass.getuser()}"
