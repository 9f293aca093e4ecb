"""`xueji outbox`: what may or may not have arrived is decided here, and lanes are looked at, paused and resumed."""

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.dialogue.wording import ContentWording
from bot.platforms.telegram.refs import PLATFORM as TELEGRAM
from bot.platforms.wecom.refs import PLATFORM as WECOM
from bot.platforms.wecom.refs import GroupRoute
from scheduler.calendar import ZONE
from scheduler.deliveries import LaneState, Parked
from scheduler.relay import DEAD_AFTER
from scheduler.storage.lanes import RedisLanes

app = typer.Typer(help="Decide on messages that may not have arrived; look at lanes, pause them.", no_args_is_help=True)

LANES = (TELEGRAM, WECOM, *(f"{WECOM}-{route}" for route in GroupRoute))
"""Every lane there can be."""

_NAMED = typer.Argument(None, help="Numbers as `outbox parked` shows them.")
_ALL = typer.Option(False, "--all", help="All of them.")


@app.command()
def parked() -> None:
    """Notices and messages to groups whose outcome is unknown, one a line; they wait until somebody decides."""
    _, wording = content_and_words()
    waiting = with_stores(lambda kept: kept.outbox.undecided())
    typer.echo(wording.label("outbox.parked" if waiting else "outbox.nothing-parked", count=len(waiting)))
    for one in waiting:
        at = f"{one.tried_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
        kind = wording.label(f"outbox.kind.{one.kind}")
        typer.echo(wording.label("outbox.parked-line", number=_number(one), at=at, to=one.address, what=kind))


@app.command()
def resend(numbers: list[str] = _NAMED, every: bool = _ALL) -> None:
    """Send them once more, marked as a repeat: after a look into the group showed that it did not arrive."""
    _decide(numbers, every=every, again=True)


@app.command()
def drop(numbers: list[str] = _NAMED, every: bool = _ALL) -> None:
    """Leave it at that: it did arrive, or is no longer worth sending."""
    _decide(numbers, every=every, again=False)


@app.command()
def lanes() -> None:
    """Each lane: whether it sends, and how much waits."""
    _, wording = content_and_words()

    async def look(kept: Stores) -> tuple[Sequence[LaneState], Sequence[str]]:
        reader = _reader(kept)
        return [await reader.state(lane) for lane in LANES], await reader.unattended(LANES, dead_after=DEAD_AFTER)

    states, unattended = with_stores(look)
    for lane, state in zip(LANES, states, strict=True):
        now, bulk, later = state.waiting
        how = _how(wording, state, attended=lane not in unattended)
        typer.echo(wording.label("outbox.lane", lane=lane, how=how, now=now, bulk=bulk, later=later))


@app.command()
def pause(
    lane: str = typer.Argument(..., help="The lane, as `outbox lanes` shows it."),
    why: str = typer.Option("-", help="What others should know; shown on the health page."),
) -> None:
    """Send nothing more by a lane; what waits keeps waiting, answers to who asks go on."""
    _known(lane)
    with_stores(lambda kept: _reader(kept).pause(lane, why))
    typer.echo(content_and_words()[1].label("outbox.paused", lane=lane))


@app.command()
def resume(lane: str = typer.Argument(..., help="The lane, as `outbox lanes` shows it.")) -> None:
    """Let a lane go on, also one that paused because it kept failing."""
    _known(lane)
    with_stores(lambda kept: _reader(kept).resume(lane))
    typer.echo(content_and_words()[1].label("outbox.resumed", lane=lane))


def _decide(numbers: Sequence[str] | None, *, every: bool, again: bool) -> None:
    if bool(numbers) == every:
        raise typer.BadParameter("name the numbers of `outbox parked`, or say --all")
    named = set(numbers or ())

    async def work(kept: Stores) -> tuple[set[str], int]:
        waiting = await kept.outbox.undecided()
        unknown = named - {_number(one) for one in waiting}
        if unknown:
            return unknown, 0
        ids = [one.id for one in waiting if every or _number(one) in named]
        return set(), len(await kept.outbox.decide(ids, datetime.now(UTC), again=again))

    _, wording = content_and_words()
    unknown, decided = with_stores(work)
    if unknown:
        typer.echo(wording.label("outbox.no-such", numbers=" ".join(sorted(unknown))), err=True)
        raise typer.Exit(1)
    typer.echo(wording.label("outbox.resent" if again else "outbox.dropped", count=decided))


def _known(lane: str) -> None:
    if lane not in LANES:
        raise typer.BadParameter(f"lanes are {', '.join(LANES)}")


def _reader(kept: Stores) -> RedisLanes:
    return RedisLanes(kept.database, worker="operator")


def _number(one: Parked) -> str:
    """Short enough to be typed, the same however many others there are, and of a thousand hardly ever that of two."""
    return hashlib.sha256(one.id.encode()).hexdigest()[:8]


def _how(wording: ContentWording, state: LaneState, *, attended: bool) -> str:
    def local(instant: datetime) -> str:
        return f"{instant.astimezone(ZONE):%m-%d %H:%M}"

    say: Callable[..., str] = wording.label
    if state.paused is not None:
        return say("outbox.lane.paused", why=state.paused)
    if not attended:
        return say("outbox.lane.unattended" if any(state.waiting) else "outbox.lane.unused")
    if state.ails and state.since is not None:
        return say("outbox.lane.ails", why=state.ails, since=local(state.since))
    if state.asked_until is not None and state.asked_until > datetime.now(UTC):
        return say("outbox.lane.asked", until=local(state.asked_until))
    return say("outbox.lane.well")
