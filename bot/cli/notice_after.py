"""`xueji notice` once it is on its way: stop it, try again, take it back, correct it, pass it on by hand."""

import csv
import io
import json
import re
from datetime import datetime
from pathlib import Path

import typer

from bot.cli.notice_desk import AS_JSON, BY, NUMBER, Desk, answers_of, at_desk, clerk, moved, notice_fields, refused
from scheduler.announcing import Standing
from scheduler.audiences import named_classes
from scheduler.calendar import ZONE
from scheduler.forms.writing import clean, starts_a_formula
from scheduler.letters import moment_words
from scheduler.messages import Phrase
from scheduler.notice_drafts import Drafted
from scheduler.notice_reports import class_names, more_of, outlook_lines, where
from scheduler.notices import FAILED, Arrival, NotAllowed, Notice, ReadLevel
from scheduler.roster import Roster

_NOT_THERE = frozenset({*FAILED, Arrival.WAITING, Arrival.UNKNOWN})
"""Where somebody may have to pass it on."""

_TICKED = re.compile(r"\s*\[\s*[xX\u221a\u2713\u2714]\s*\]\s*(.+?)\s*")


def add_to(app: typer.Typer) -> None:
    """These commands among those of notices."""
    for command in (pause, resume, cancel, retry, nudge, follow, recall, paste, pasted, export):
        app.command()(command)


def pause(number: int = NUMBER, by: str = BY, as_json: bool = AS_JSON) -> None:
    """Stop sending within a second; what did not go out waits."""

    async def work(desk: Desk) -> None:
        moved(desk, await desk.announcing.pause(number, clerk(by)), as_json=as_json)

    at_desk(work)


def resume(number: int = NUMBER, by: str = BY, as_json: bool = AS_JSON) -> None:
    """Go on where it was paused: nothing twice, nothing left out."""

    async def work(desk: Desk) -> None:
        moved(desk, await desk.announcing.resume(number, clerk(by)), as_json=as_json)

    at_desk(work)


def cancel(number: int = NUMBER, by: str = BY, as_json: bool = AS_JSON) -> None:
    """Give it up: what did not go out never will."""

    async def work(desk: Desk) -> None:
        moved(desk, await desk.announcing.cancel(number, clerk(by)), as_json=as_json)

    at_desk(work)


def retry(
    number: int = NUMBER,
    unknown_too: bool = typer.Option(
        False, "--unknown-too", help="Also those it may have reached: somebody has looked and it is not there."
    ),
    by: str = BY,
    as_json: bool = AS_JSON,
) -> None:
    """Once more to exactly those it did not reach."""

    async def work(desk: Desk) -> None:
        moved(desk, await desk.announcing.retry(number, clerk(by), unknown_too=unknown_too), as_json=as_json)

    at_desk(work)


def nudge(number: int = NUMBER, by: str = BY, as_json: bool = AS_JSON) -> None:
    """Draft it once more for who has not read or answered it, each in private; look, then send that draft."""

    async def work(desk: Desk) -> None:
        await report_draft(desk, await desk.announcing.nudge(number, clerk(by)), as_json=as_json)

    at_desk(work)


def follow(
    number: int = NUMBER,
    text: str = typer.Option(..., help="What was wrong, and what holds."),
    by: str = BY,
    as_json: bool = AS_JSON,
) -> None:
    """Draft a correction to exactly those it reached, as an answer to it; look, then send that draft."""

    async def work(desk: Desk) -> None:
        await report_draft(desk, await desk.announcing.correct(number, clerk(by), text.strip()), as_json=as_json)

    at_desk(work)


def recall(number: int = NUMBER, by: str = BY, as_json: bool = AS_JSON) -> None:
    """Send no more of it, take back what the platforms still let be taken back, and say how many cannot."""

    async def work(desk: Desk) -> None:
        asked = await desk.announcing.recall(number, clerk(by))
        if as_json:
            end = asked.first_end.isoformat() if asked.first_end else None
            typer.echo(json.dumps({"asked": len(asked.open), "closed": len(asked.closed), "until": end}))
            return
        values = {"open": len(asked.open), "closed": len(asked.closed)}
        desk.say([Phrase(key="notice.report.recalling", values=values)])

    at_desk(work)


def paste(number: int = NUMBER) -> None:
    """Print what to paste by hand where it is not known to have arrived: a list to tick, and the text."""

    async def work(desk: Desk) -> None:
        standing = await desk.announcing.standing(number)
        words = (await desk.announcing.outlook(number)).words
        classes = _unsure_classes(standing)
        if not classes:
            desk.say([Phrase(key="notice.paste.nobody", values={"number": number})])
            return
        desk.say([Phrase(key="notice.paste.head", values={"number": number, "count": len(classes)})])
        for name in class_names(classes, await desk.kept.rosters.current()):
            typer.echo(f"[ ] {name}")
        typer.echo(f"\n{words}")
        if standing.notice.level is not ReadLevel.TELL:
            desk.say([Phrase(key="notice.paste.way")])

    at_desk(work)


def pasted(
    number: int = NUMBER,
    classes: list[str] = typer.Argument(..., help="The ticked list that `paste` printed, or names of classes."),
) -> None:
    """Take back the ticked list: in these classes a person has passed it on, and nothing more is sent there."""

    async def work(desk: Desk) -> None:
        roster = await desk.kept.rosters.current()
        found, unknown = named_classes(_ticked(classes), roster)
        if unknown:
            raise typer.BadParameter(f"not classes of the roster: {', '.join(unknown)}")
        noted = await desk.announcing.by_hand(number, found)
        desk.say([Phrase(key="notice.paste.noted", values={"number": number, "count": len(noted)})])

    at_desk(work)


def export(
    number: int = NUMBER,
    file: Path = typer.Argument(..., dir_okay=False, help="A .csv or .xlsx to write; one that exists is replaced."),
) -> None:
    """Every recipient with what came of it, and everybody who has read it with their answers."""
    if file.suffix.lower() not in {".csv", ".xlsx"}:
        raise typer.BadParameter("the file's name ends with .csv or .xlsx")

    async def work(desk: Desk) -> bytes:
        standing = await desk.announcing.standing(number)
        rows = _rows(desk, standing, await desk.kept.rosters.current())
        return _csv(rows) if file.suffix.lower() == ".csv" else _xlsx(rows)

    file.write_bytes(at_desk(work))
    typer.echo(str(file))


async def report_draft(desk: Desk, kept: Drafted, *, as_json: bool) -> None:
    """A draft and whom it would reach; or what is wrong with it, every fault a line, exit 1."""
    if isinstance(kept, NotAllowed):
        raise refused(desk.wording, Phrase(key=f"notice.not-allowed.{kept}"))
    if not isinstance(kept, Notice):
        for fault in kept:
            typer.echo(desk.wording.render(Phrase(key=f"notice.fault.{fault}")), err=True)
        raise typer.Exit(1)
    outlook = await desk.announcing.outlook(kept.number)
    if as_json:
        figures = {"groups": outlook.groups, "persons": outlook.persons, "unreached": len(outlook.unreached)}
        typer.echo(json.dumps({**notice_fields(kept), **figures}, ensure_ascii=False))
        return
    moved(desk, kept, as_json=False)
    desk.say(outlook_lines(outlook, await desk.kept.rosters.current()))
    typer.echo(f"\n{outlook.words}")


def moment_line(at: datetime) -> Phrase:
    """When it goes out."""
    return Phrase(key="notice.report.moment", values={"at": moment_words(at)})


def _unsure_classes(standing: Standing) -> list[str]:
    found = {class_id: None for one in standing.results if one.state in _NOT_THERE for class_id in one.classes}
    return list(found)


def _ticked(words: list[str]) -> list[str]:
    """The names that are ticked in the file, where a file is named; else the words themselves."""
    if len(words) != 1 or not Path(words[0]).is_file():
        return words
    lines = Path(words[0]).read_text("utf-8-sig").splitlines()
    return [found[1] for line in lines if (found := _TICKED.fullmatch(line))]


def _rows(desk: Desk, standing: Standing, roster: Roster) -> list[list[str]]:
    notice, label = standing.notice, desk.wording.label
    columns = ("where", "state", "why", "at", "read-at")
    head = [*(label(f"notice.column.{name}") for name in columns), *(one.text for one in notice.questions)]
    readings = dict(standing.readings)
    rows = []
    for result in standing.listed:
        reading = readings.pop(result.target, None)
        state = desk.wording.render(Phrase(key=f"notice.arrival.{result.state}"))
        said = more_of(result)
        why, read_at = desk.wording.render(said) if said else "", _local(reading.at) if reading else ""
        rows.append([where(result, roster), state, why, _local(result.at), read_at, *answers_of(notice, reading)])
    for who, reading in readings.items():  # who read it in a group
        student = roster.students.get(who)
        name = f"{student.number} {student.name}" if student else who
        rows.append([name, "", "", "", _local(reading.at), *answers_of(notice, reading)])
    unread = [[where(one, roster), label("notice.column.unread")] for one in standing.unread if one.sid]
    return [head, *rows, *([*one, *[""] * (len(head) - len(one))] for one in unread)]


def _local(at: datetime) -> str:
    return f"{at.astimezone(ZONE):%Y-%m-%d %H:%M:%S}"


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    guarded = [[f"'{cell}" if starts_a_formula(cell) else cell for cell in row] for row in rows]
    csv.writer(text).writerows(guarded)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(rows: list[list[str]]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 - the other commands start without it

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in rows:
        sheet.append([clean(cell) for cell in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
