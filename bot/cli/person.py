"""`xueji person`: what is kept of one student, and forgetting them."""

import getpass
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.cli.saying import refuse, say
from bot.dialogue.own_state import state_words
from bot.dialogue.wording import ContentWording
from scheduler.erasing import Erased, Erasing
from scheduler.letters import moment_words
from scheduler.messages import Phrase
from scheduler.roster import Student

app = typer.Typer(help="See what is kept of one student, and forget them.", no_args_is_help=True)

_Number = typer.Argument(..., help="The student number.")


@app.command()
def show(number: str = _Number) -> None:
    """Say what is kept of a student, for who asks for it; nothing that they wrote."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> list[str]:
        student, present = await _student(kept, number)
        key = "person.present" if present else "person.gone"
        roster = await kept.rosters.current()
        its_class = roster.classes.get(student.class_id)
        of_class = its_class.name if its_class else student.class_id  # a class of an older roster has no name any more
        lines = [wording.label(key, number=student.number, name=student.name, of_class=of_class)]
        return lines + [line async for line in _kept(kept, wording, student)]

    for line in with_stores(work):
        typer.echo(line)


@app.command()
def erase(
    number: str = _Number,
    yes: bool = typer.Option(False, "--yes", help="Do not ask before it is dropped."),
) -> None:
    """Forget a student: their accounts, corrections and traces, and by which pseudonym the evidence knows them."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> tuple[Erased, bool]:
        student, present = await _student(kept, number)
        if not yes:
            typer.confirm(wording.label("person.erase", number=student.number, name=student.name), abort=True)
        erasing = Erasing(
            bindings=kept.bindings,
            corrections=kept.corrections,
            campaigns=kept.campaigns,
            evidence=kept.evidence,
            persons=kept.persons,
        )
        return await erasing.of_student(student, datetime.now(UTC)), present

    erased, present = with_stores(work)
    typer.echo(
        wording.label(
            "person.erased", accounts=erased.accounts, corrections=erased.corrections, traces=erased.traces,
            known=wording.label("person.known" if erased.known else "person.unknown"),
        )
    )  # fmt: skip
    if present:
        typer.echo(wording.label("person.still-in-roster"))


@app.command()
def unbind(number: str = _Number, account: str = typer.Argument(..., help="platform:user, as `show` says it.")) -> None:
    """Take a student from an account that is not theirs: whoever has it loses their rights and receipts at once."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> Student:
        student, _ = await _student(kept, number)
        if not any(one.sid == student.sid for one in await kept.bindings.of_account(account)):
            refuse(wording.label("person.not-bound", account=account, number=number))
        await kept.bindings.release(account, student.sid)
        return student

    student = with_stores(work)
    say(wording, "person.unbound", account=account, number=student.number, name=student.name)


async def _student(kept: Stores, number: str) -> tuple[Student, bool]:
    """Whoever has or had this number, and whether they are in the roster now."""
    student = await kept.rosters.by_number(number)
    if student is not None:
        return student, True
    former = (await kept.rosters.former([number])).get(number)
    if former is None:
        raise typer.BadParameter("nobody in the roster has or had this number")
    return former, False


async def _kept(kept: Stores, wording: ContentWording, student: Student) -> AsyncIterator[str]:
    for binding in (await kept.bindings.of_students([student.sid])).get(student.sid, ()):
        how = wording.label(f"privacy.strength.{binding.strength}")
        yield wording.label("person.account", account=binding.account, how=how)
    campaigns = {campaign.id: campaign for campaign in await kept.campaigns.all()}
    for campaign in campaigns.values():
        departed = (await kept.campaigns.departed(campaign.id)).get(student.sid)
        if departed is None and student.class_id not in campaign.classes:
            continue
        state = departed.state if departed else await kept.campaigns.state(campaign.id, student.class_id, student.sid)
        at = wording.render(moment_words(state.at)) if state.at else "-"
        yield wording.label("person.state", campaign=campaign.id, state=wording.render(state_words(state)), at=at)
        await kept.looks.remember(
            campaign.id, student.class_id, f"cli:{getpass.getuser()}", datetime.now(UTC), press=f"person:{student.sid}"
        )
    for one in await kept.corrections.of_student(student.sid):
        step = wording.render(Phrase(key=f"correction.step.{one.step}"))
        item = campaigns[one.campaign].item(one.item) if one.campaign in campaigns else None
        yield wording.label("person.correction", id=one.id, item=item.label if item else one.item, step=step)
    known = await kept.evidence.key_of(student.sid)
    yield wording.label("person.known" if known else "person.unknown")
