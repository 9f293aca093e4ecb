"""What the commands for notices share: the desk for the time of one command, who acts, and what is reported."""

import getpass
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.dialogue.wording import ContentWording
from bot.settings import read
from bot.talk import announcing
from scheduler.announcing import Announcing, Standing
from scheduler.clocks import SystemClock
from scheduler.messages import Phrase
from scheduler.notice_reports import head_line, more_of, standing_lines, where
from scheduler.notices import Notice, Reading, Step
from scheduler.roster import Roster

NUMBER = typer.Argument(..., help="The notice's number.")
BY = typer.Option("", "--by", help="Who does this; by default the login name. Kept with the notice.")
AS_JSON = typer.Option(False, "--json", help="One JSON object.")

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The stores, the desk over them, and the words."""

    kept: Stores
    announcing: Announcing
    wording: ContentWording

    def say(self, said: Iterable[Phrase]) -> None:
        """Print phrases, one a line."""
        for phrase in said:
            typer.echo(self.wording.render(phrase))


def at_desk(work: Callable[[Desk], Awaitable[Result]]) -> Result:
    """What `work` comes to; a notice that is none is one line on the error stream, exit 1."""
    content, wording = content_and_words()
    settings = read()

    async def with_desk(kept: Stores) -> Result:
        return await work(
            Desk(kept=kept, announcing=announcing(settings, kept, content, wording, SystemClock()), wording=wording)
        )

    try:
        return with_stores(with_desk)
    except KeyError as missing:
        raise refused(wording, Phrase(key="notice.none", values={"number": str(missing.args[0])})) from None


def clerk(by: str) -> str:
    """The account of whoever sits at the command line."""
    return f"office:{by or getpass.getuser()}"


def refused(wording: ContentWording, why: Phrase) -> typer.Exit:
    """Say on the error stream why nothing was done; exit 1."""
    typer.echo(wording.render(why), err=True)
    return typer.Exit(1)


def moved(desk: Desk, step: Step, *, as_json: bool) -> Notice:
    """The notice after a step, reported; a step that was not taken is said why, exit 1."""
    if not isinstance(step, Notice):
        raise refused(desk.wording, Phrase(key=f"notice.not-allowed.{step}"))
    if as_json:
        typer.echo(json.dumps(notice_fields(step), ensure_ascii=False))
        return step
    desk.say([head_line(step)])
    return step


def notice_fields(notice: Notice) -> dict[str, Any]:
    """A notice as JSON shows it."""
    return {
        "number": notice.number,
        "title": notice.title,
        "status": notice.status,
        "level": notice.level,
        "form": notice.form,
        "about": notice.about or None,
        "count": notice.count,
        "author": notice.author,
        "approved_by": notice.approved_by or None,
        "scheduled_for": notice.scheduled_for.isoformat() if notice.scheduled_for else None,
        "quiet_reason": notice.quiet_reason or None,
        "ended_at": notice.ended_at.isoformat() if notice.ended_at else None,
    }


def standing_fields(standing: Standing, roster: Roster) -> dict[str, Any]:
    """How a notice stands, as JSON shows it."""
    counts: dict[str, int] = {}
    for result in standing.results:
        counts[result.state] = counts.get(result.state, 0) + 1
    end = standing.recall.first_end
    return {
        **notice_fields(standing.notice),
        "counts": counts,
        "read": sum(reading.is_whole(standing.notice) for reading in standing.readings.values()),
        "unread": [where(one, roster) for one in standing.unread],
        "recall": {
            "open": len(standing.recall.open),
            "closed": len(standing.recall.closed),
            "until": end.isoformat() if end else None,
        },
        "results": [
            {
                "where": where(result, roster),
                "address": str(result.to) if result.to else None,
                "state": result.state,
                "why": result.why or None,
                "recall": result.recall or None,
                "at": result.at.isoformat(),
            }
            for result in standing.listed
        ],
    }


def show_standing(desk: Desk, standing: Standing, roster: Roster) -> None:
    """How a notice stands, whom it did not reach with why, and what came of taking it back, one by one."""
    desk.say(standing_lines(standing))
    for result in standing.listed:
        if (why := more_of(result)) is not None:
            desk.say([Phrase(key="notice.report.line", values={"where": where(result, roster), "why": why})])


def answers_of(notice: Notice, reading: Reading | None) -> list[str]:
    """What somebody answered to each question, in the words of the options; empty where nothing was."""
    given = reading.answers if reading else {}
    return [
        question.options[given[str(place)]] if str(place) in given else ""
        for place, question in enumerate(notice.questions)
    ]
