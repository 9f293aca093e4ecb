"""`xueji evidence`: the record of what was told and what changed, written out, checked, and one person's part of it."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from scheduler.evidence import Head, export, pseudonym, verify
from scheduler.roster import Student

app = typer.Typer(help="Export and check the record of what was told and what changed.", no_args_is_help=True)


@app.command("export")
def write(
    file: Path = typer.Argument(..., dir_okay=False, help="The file to write; one that exists is replaced."),
) -> None:
    """Write the whole record to a file, and say how far it reaches: that head is what a later check compares with."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> tuple[Head, list[bytes]]:
        head = await kept.evidence.seal(datetime.now(UTC))
        return head, list(export([line async for line in kept.evidence.entries(head)]))

    head, lines = with_stores(work)
    file.write_bytes(b"".join(lines))
    verdict = verify(lines, [head])
    typer.echo(wording.label("evidence.exported", path=str(file), head=str(head), count=head.count))
    if verdict.broken is not None:  # the store itself does not hold what was sealed
        typer.echo(wording.label("evidence.store-broken", head=str(verdict.head)), err=True)
        raise typer.Exit(1)


@app.command("verify")
def check(
    file: Path = typer.Argument(..., exists=True, dir_okay=False, help="A file that `export` wrote."),
    heads: list[str] = typer.Option([], "--head", help="A head that is known from elsewhere; may be given repeatedly."),
) -> None:
    """Check a written record, and against heads from the staff chat or from printed sheets; exit 1 if it is broken."""
    _, wording = content_and_words()
    try:
        known = [Head.parse(head) for head in heads]
    except ValueError as why:
        raise typer.BadParameter(str(why)) from None
    with file.open("rb") as record:
        verdict = verify(record, known)
    head, count = str(verdict.head), verdict.head.count
    if verdict.broken is not None:
        broken = wording.label(f"evidence.broken.{verdict.broken}")
        typer.echo(wording.label("evidence.broken-at", why=broken, line=verdict.line, head=head, count=count))
        raise typer.Exit(1)
    typer.echo(wording.label("evidence.holds", head=head, count=count))
    if not known:
        typer.echo(wording.label("evidence.no-head"))


@app.command()
def person(number: str = typer.Argument(..., help="The student number.")) -> None:
    """Say by which pseudonym a student stands in the record, and the key that proves it."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> tuple[str, str | None]:
        student = await _student(kept, number)
        await kept.evidence.seal(datetime.now(UTC))
        return student.sid, await kept.evidence.key_of(student.sid)

    sid, secret = with_stores(work)
    if secret is None:
        typer.echo(wording.label("evidence.nobody"))
        raise typer.Exit(1)
    typer.echo(wording.label("evidence.person", pseudonym=pseudonym(secret, sid), sid=sid, secret=secret))


@app.command()
def forget(
    number: str = typer.Argument(..., help="The student number."),
    yes: bool = typer.Option(False, "--yes", help="Do not ask before the key is dropped."),
) -> None:
    """Drop a student's key: the record holds, and nobody can say any more which entries are theirs."""
    _, wording = content_and_words()

    async def work(kept: Stores) -> bool:
        student = await _student(kept, number)
        if not yes:
            typer.confirm(wording.label("evidence.forget"), abort=True)
        return await kept.evidence.forget(student.sid, datetime.now(UTC))

    typer.echo(wording.label("evidence.forgotten" if with_stores(work) else "evidence.nobody"))


async def _student(kept: Stores, number: str) -> Student:
    """Whoever has or had this number."""
    student = await kept.rosters.by_number(number) or (await kept.rosters.former([number])).get(number)
    if student is None:
        raise typer.BadParameter("nobody in the roster has or had this number")
    return student
