"""`xueji notice`: draft a notice, look at it, release and send it, watch it, stop it."""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from bot.cli import notice_after
from bot.cli.notice_audience import Named, audience_of
from bot.cli.notice_desk import (
    AS_JSON,
    BY,
    NUMBER,
    Desk,
    at_desk,
    clerk,
    moved,
    notice_fields,
    refused,
    show_standing,
    standing_fields,
)
from bot.cli.staff import address_of
from scheduler.calendar import ZONE
from scheduler.campaigns import State
from scheduler.messages import Attachment, Link, Phrase
from scheduler.notice_drafts import MOST_FILE_BYTES
from scheduler.notice_reports import class_names, head_line, outlook_lines
from scheduler.notices import Arrival, Audience, Notice, NoticeStatus, Question, ReadLevel
from scheduler.staffing import StaffRole

app = typer.Typer(help="Write, release, send, watch and take back notices.", no_args_is_help=True)

SEEN = typer.Option("", help="What `preview` showed: nothing is released if it is another draft or count by now.")

_WATCH_SECONDS = 0.5
_OVER = frozenset({NoticeStatus.DONE, NoticeStatus.CANCELLED, NoticeStatus.PAUSED})


@app.command()
def draft(
    number: int = typer.Option(0, help="Change this draft in what is named here, instead of keeping a new one."),
    title: str = typer.Option("", help="What stands in the brackets before the text."),
    text: str = typer.Option("", help="The text; or use --text-file."),
    text_file: Path | None = typer.Option(None, exists=True, dir_okay=False, help="The text, UTF-8."),
    files: list[Path] = typer.Option(
        [], "--file", exists=True, dir_okay=False, help="One picture (png, jpg) and one other file at most, 10 MB each."
    ),
    level: ReadLevel | None = typer.Option(None, help="What is wanted of readers; nothing (tell) if not said."),
    link: list[str] = typer.Option([], help='A page to open: "Form|https://..."; repeatable.'),
    question: list[str] = typer.Option([], help='A question and its answers: "Coming?|yes|no"; repeatable.'),
    everybody: bool = typer.Option(False, "--everybody", help="All classes of the roster."),
    classes: list[str] = typer.Option([], "--class", help="A class by name; repeatable, as those below."),
    college: list[str] = typer.Option([], help="A college by name."),
    cohort: list[str] = typer.Option([], help="A cohort as in the roster."),
    campaign: str = typer.Option("", help="The classes of this campaign."),
    state: list[State] = typer.Option([], help="Only students who stand so in the campaign, each in private."),
    role: list[StaffRole] = typer.Option([], help="The staff of these classes instead of the students."),
    numbers: typer.FileText | None = typer.Option(
        None, encoding="utf-8-sig", help="A file of student numbers; - to paste them here."
    ),
    each: bool = typer.Option(False, "--each", help="Each student in private instead of the class groups."),
    by: str = BY,
    as_json: bool = AS_JSON,
) -> None:
    """Keep a new notice as a draft, or change one, and say whom it would reach."""
    named = Named(
        everybody=everybody, classes=classes, colleges=college, cohorts=cohort, campaign=campaign, states=state,
        roles=role, numbers=numbers.read() if numbers else "", each=each,
    )  # fmt: skip
    body = text_file.read_text("utf-8-sig") if text_file else text
    said = _said(title=title.strip(), text=body.strip(), level=level, links=link, questions=question)

    async def work(desk: Desk) -> None:
        if (audience := await audience_of(named, desk.kept)) != Audience():
            said["audience"] = audience
        if attached := await _attached(desk, files):
            said["files"] = attached
        if number:
            kept = await desk.announcing.edit(number, clerk(by), said)
        else:
            kept = await desk.announcing.draft(replace(_blank(clerk(by)), **said))
        await notice_after.report_draft(desk, kept, as_json=as_json)

    at_desk(work)


@app.command()
def preview(number: int = NUMBER, as_json: bool = AS_JSON) -> None:
    """Whom it would reach now, whom not, and its words."""

    async def work(desk: Desk) -> None:
        outlook = await desk.announcing.outlook(number)
        roster = await desk.kept.rosters.current()
        if as_json:
            unreached = [name for one in outlook.unreached for name in class_names(one.classes, roster)]
            figures = {"groups": outlook.groups, "persons": outlook.persons, "unreached": unreached}
            typer.echo(json.dumps({**figures, "seen": outlook.seen, "words": outlook.words}, ensure_ascii=False))
            return
        desk.say(outlook_lines(outlook, roster))
        typer.echo(f"\n{outlook.words}")
        if outlook.notice.status is NoticeStatus.DRAFT:
            desk.say([Phrase(key="notice.report.approve-seen", values={"number": number, "seen": outlook.seen})])

    at_desk(work)


@app.command("test")
def try_out(
    number: int = NUMBER, to: str = typer.Option(..., "--to", help="platform:chat, e.g. telegram:12345: yourself.")
) -> None:
    """Send it to one address alone, as it would arrive."""

    async def work(desk: Desk) -> None:
        await desk.announcing.try_out(number, address_of(to))
        desk.say([Phrase(key="notice.report.tried", values={"number": number, "to": to})])

    at_desk(work)


@app.command()
def approve(number: int = NUMBER, seen: str = SEEN, by: str = BY, as_json: bool = AS_JSON) -> None:
    """Release it; a large one by somebody else than its author."""

    async def work(desk: Desk) -> None:
        moved(desk, await desk.announcing.approve(number, clerk(by), seen=seen), as_json=as_json)

    at_desk(work)


@app.command()
def send(
    number: int = NUMBER,
    at: datetime | None = typer.Option(
        None, formats=["%Y-%m-%d %H:%M"], help='When, local time: "2026-11-23 09:00"; now if not given.'
    ),
    quiet_reason: str = typer.Option("", help="Why it must go out while its people rest; it is kept with the notice."),
    watch: bool = typer.Option(False, "--watch", help="Stay and show how far it is."),
    seen: str = SEEN,
    by: str = BY,
    as_json: bool = AS_JSON,
) -> None:
    """Let it go out, now or at a moment; while its people rest it waits unless it is said why it must not."""
    moment = at.replace(tzinfo=ZONE).astimezone(UTC) if at else None

    async def work(desk: Desk) -> None:
        step = await desk.announcing.send(number, clerk(by), at=moment, quiet_reason=quiet_reason.strip(), seen=seen)
        notice = moved(desk, step, as_json=as_json)
        now = datetime.now(UTC)
        if not as_json and notice.scheduled_for is not None and notice.scheduled_for > now:
            desk.say([notice_after.moment_line(notice.scheduled_for)])
        elif watch:
            await _watch(desk, number)
            show_standing(desk, await desk.announcing.standing(number), await desk.kept.rosters.current())

    at_desk(work)


@app.command()
def status(
    number: int = NUMBER,
    watch: bool = typer.Option(False, "--watch", help="Stay until it is done, with a bar in a terminal."),
    as_json: bool = AS_JSON,
) -> None:
    """How far it is, recipient by recipient; who has read it; what can still be taken back."""

    async def work(desk: Desk) -> None:
        if watch:
            await _watch(desk, number)
        standing = await desk.announcing.standing(number)
        roster = await desk.kept.rosters.current()
        if as_json:
            typer.echo(json.dumps(standing_fields(standing, roster), ensure_ascii=False))
        else:
            show_standing(desk, standing, roster)

    at_desk(work)


@app.command("list")
def list_notices(most: int = typer.Option(20, min=1, max=500, help="How many."), as_json: bool = AS_JSON) -> None:
    """The last notices, the newest first."""

    async def work(desk: Desk) -> None:
        for notice in await desk.kept.notices.latest(most):
            if as_json:
                typer.echo(json.dumps(notice_fields(notice), ensure_ascii=False))
            else:
                desk.say([head_line(notice)])

    at_desk(work)


notice_after.add_to(app)


def _blank(author: str) -> Notice:
    return Notice(number=0, title="", text="", author=author, audience=Audience(), created_at=datetime.now(UTC))


def _said(*, title: str, text: str, level: ReadLevel | None, links: list[str], questions: list[str]) -> dict[str, Any]:
    """What was named of a notice, by field; with another level than answers, a draft's questions are dropped."""
    named = {"title": title, "text": text, "level": level}
    said: dict[str, Any] = {name: value for name, value in named.items() if value}
    if links:
        said["links"] = tuple(_link(one) for one in links)
    if questions or level not in {None, ReadLevel.ANSWER}:
        said["questions"] = tuple(_question(one) for one in questions)
    return said


def _question(text: str) -> Question:
    asked, *options = (part.strip() for part in text.split("|"))
    return Question(text=asked, options=tuple(options))


def _link(text: str) -> Link:
    label, _, url = text.rpartition("|")
    return Link(label=label.strip(), url=url.strip())


async def _attached(desk: Desk, files: Sequence[Path]) -> tuple[Attachment, ...]:
    contents = [await asyncio.to_thread(_beginning, file) for file in files]
    if not all(0 < len(content) <= MOST_FILE_BYTES for content in contents):
        raise refused(desk.wording, Phrase(key="notice.fault.file-size"))
    digests = [await desk.kept.uploads.put(content) for content in contents]
    return tuple(Attachment.named(file.name, digest) for file, digest in zip(files, digests, strict=True))


def _beginning(file: Path) -> bytes:
    """The content, and of one that is too large just as much as shows it."""
    with file.open("rb") as opened:
        return opened.read(MOST_FILE_BYTES + 1)


async def _watch(desk: Desk, number: int) -> None:
    """Stay until nothing of it waits; in a terminal with a bar."""
    notice = await desk.kept.notices.get(number)
    with typer.progressbar(length=max(notice.count if notice else 0, 1), file=sys.stderr) as bar:
        shown = 0
        while True:
            counts = await desk.kept.notice_results.counts(number)
            settled = sum(count for state, count in counts.items() if state is not Arrival.WAITING)
            bar.update(settled - shown)
            shown = settled
            if not await _goes_on(desk, number):
                return
            await asyncio.sleep(_WATCH_SECONDS)


async def _goes_on(desk: Desk, number: int) -> bool:
    notice = await desk.kept.notices.get(number)
    return notice is not None and notice.scheduled_for is not None and notice.status not in _OVER
