"""`xueji switch`: tell the bot that 学信网 does not work now, or that a cohort is not registered yet."""

from datetime import UTC, datetime
from enum import StrEnum

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.cli.saying import say
from bot.dialogue.switching import holding, incident, unregistered
from bot.dialogue.wording import ContentWording
from bot.ports import CHSI, Switch, SwitchKind
from scheduler.calendar import ZONE

app = typer.Typer(help="Say that a site does not work, or that a cohort is not registered yet.", no_args_is_help=True)


class System(StrEnum):
    """A system an incident can be of."""

    CHSI = CHSI


class OnOff(StrEnum):
    """Which way a switch is turned."""

    ON = "on"
    OFF = "off"


@app.command("incident")
def turn_incident(
    system: System = typer.Argument(..., help="The system that does not work."),
    state: OnOff = typer.Argument(..., help="on: for 12 hours from now; off: it works again."),
) -> None:
    """Put a dated line before the answers that need the system; ends by itself unless said again."""

    _, wording = content_and_words()

    async def work(kept: Stores) -> str:
        if state is OnOff.OFF:
            return _ended(await kept.switches.end(SwitchKind.INCIDENT, system), wording)
        switch = incident(system, datetime.now(UTC), await kept.switches.all())
        await kept.switches.put(switch)
        return _line(switch, wording)

    typer.echo(with_stores(work))


@app.command("unregistered")
def turn_unregistered(
    cohort: str = typer.Argument(..., help="The cohort as in the roster, e.g. 2026; a year means both its terms."),
    expected: datetime | None = typer.Option(
        None, formats=["%Y-%m-%d"], help="The day by which they should be registered; it ends when that day is over."
    ),
    off: bool = typer.Option(False, "--off", help="They are registered."),
) -> None:
    """Answer "not found" of a cohort with the expected day instead of a diagnosis, and record no such state."""
    if (expected is None) != off:
        raise typer.BadParameter("give --expected DATE, or --off")
    _, wording = content_and_words()

    async def work(kept: Stores) -> str:
        if expected is None:
            return _ended(await kept.switches.end(SwitchKind.UNREGISTERED, cohort), wording)
        switch = unregistered(cohort, expected.date(), datetime.now(UTC))
        if switch is None:
            raise typer.BadParameter("the day is past or too far ahead")
        await kept.switches.put(switch)
        return _line(switch, wording)

    typer.echo(with_stores(work))


@app.command("list")
def list_switches() -> None:
    """The switches that are on, one a line: what of, since when, until when, the expected day."""
    _, wording = content_and_words()
    held = holding(with_stores(lambda kept: kept.switches.all()), datetime.now(UTC))
    for switch in held:
        typer.echo(_line(switch, wording))
    if not held:
        say(wording, "switch.cli.none")


def _line(switch: Switch, wording: ContentWording) -> str:
    since, until = _local(switch.since), _local(switch.until)
    expected = str(switch.expected or "")
    return wording.label(
        f"switch.cli.{switch.kind}", subject=switch.subject, since=since, until=until, expected=expected
    )


def _local(instant: datetime) -> str:
    return f"{instant.astimezone(ZONE):%Y-%m-%d %H:%M}"


def _ended(was_on: bool, wording: ContentWording) -> str:
    return wording.label("switch.ended" if was_on else "switch.was-off")
