"""`xueji roster userids`: the school's own directory says whose account is whose."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.bootstrap import Stores
from bot.cli.class_groups import app_calls
from bot.cli.office import content_and_words, with_stores
from bot.cli.saying import refuse
from bot.dialogue.telling import Telling
from bot.dialogue.wording import ContentWording
from bot.platforms.wecom import directory, refs
from bot.platforms.wecom.api import Caller, trouble_of
from bot.settings import Settings, read
from scheduler.claims import Verdict
from scheduler.clocks import SystemClock
from scheduler.forms.identity_file import read_identities
from scheduler.forms.userid_file import read_userids
from scheduler.messages import Phrase
from scheduler.roster import Binding, BindingStrength, Fault, Roster, UseridRow

_STOPPED = 1
_AT_ONCE = 200
_SAMPLES = 2
_SHORT = 6

_NUMBER, _LISTED = "number", "listed"
"""What an account was tried as, beside the kinds of `scheduler.forms.identity_file`: a student number, whatever stands
beside it in a list of members."""


def userids(
    file: Path | None = typer.Argument(
        None, exists=True, dir_okay=False, help="XLSX, XLS or CSV with the members' accounts; none: WeCom is asked."
    ),
    beside: Path | None = typer.Option(
        None,
        exists=True,
        dir_okay=False,
        help="A list with student, exam and mobile numbers; read for this and forgotten.",
    ),
    apply: bool = typer.Option(False, "--apply", help="Bind the accounts that match."),
) -> None:
    """Try what the accounts of WeCom's members are, say how many of each kind are students, and bind them if asked to.

    Each account is tried as the student number, as whatever the list `--beside` has, and as what a list of members has
    beside it. Without a list the members are those whom the application may see. Nothing is kept but bindings.
    """
    _, wording = content_and_words()
    settings = read()
    numbers: Mapping[str, Mapping[str, str]] = {}
    if beside is not None:
        identities = read_identities(beside.name, beside.read_bytes())
        _refuse_faulty(identities.faults, wording)
        numbers = identities.numbers

    async def work(kept: Stores) -> tuple[Trial, int]:
        rows = _listed(file, wording) if file else await _members(settings, kept, wording)
        trial = tried(rows, await kept.rosters.current(), numbers)
        return trial, await _bind(kept, trial.matched) if apply else 0

    trial, bound = with_stores(work)
    for line in _lines(trial, wording, applied=apply):
        typer.echo(line)
    if apply:
        typer.echo(wording.label("userids.bound", bound=bound))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of it: by kind the accounts that are somebody's, who is whose, and how many accounts and students
    there are."""

    kinds: Mapping[str, Sequence[str]]
    matched: Sequence[tuple[str, str]]
    accounts: int
    students: int


def tried(rows: Sequence[UseridRow], roster: Roster, numbers: Mapping[str, Mapping[str, str]]) -> Trial:
    """Each account tried as each kind; one that is two people's by two kinds is nobody's."""
    sids = {student.number: student.sid for student in roster.students.values()}
    kinds = {_NUMBER: {number: number for number in sids}, **numbers}
    listed = {row.userid: row.number for row in rows if row.number != row.userid}
    if listed:
        kinds[_LISTED] = listed
    found = {
        kind: {row.userid: sids[own[row.userid]] for row in rows if own.get(row.userid) in sids}
        for kind, own in kinds.items()
    }
    people = {row.userid: {own[row.userid] for own in found.values() if row.userid in own} for row in rows}
    return Trial(
        kinds={kind: list(own) for kind, own in found.items()},
        matched=[(userid, min(own)) for userid, own in people.items() if len(own) == 1],
        accounts=len(rows),
        students=len(sids),
    )


def _lines(trial: Trial, wording: ContentWording, *, applied: bool) -> Iterator[str]:
    for kind, own in trial.kinds.items():
        samples = wording.label("list.comma").join(map(_masked, own[:_SAMPLES]))
        key = "userids.tried" if own else "userids.tried-none"
        name = wording.label(f"userids.kind.{kind}")
        yield wording.label(key, kind=name, accounts=trial.accounts, matched=len(own), samples=samples)
    matched = len(trial.matched)
    left = trial.students - len({sid for _, sid in trial.matched})
    yield wording.label("userids.matched", matched=matched, strangers=trial.accounts - matched, left=left)
    if not applied:
        best = max(trial.kinds, key=lambda kind: len(trial.kinds[kind]))
        yield wording.label(f"userids.advice.{best if matched else 'none'}")


def _masked(userid: str) -> str:
    """Enough of an account to see what kind it is, and not whose."""
    shown = 2 if len(userid) > _SHORT else 1
    return f"{userid[:shown]}{'*' * (len(userid) - 2 * shown)}{userid[-shown:]}" if len(userid) > shown else "*"


def _listed(file: Path, wording: ContentWording) -> Sequence[UseridRow]:
    found = read_userids(file.name, file.read_bytes())
    _refuse_faulty(found.faults, wording)
    return found.rows


def _refuse_faulty(faults: Sequence[Fault], wording: ContentWording) -> None:
    for fault in faults:
        words = wording.render(Phrase(key=fault.fault, values=dict(fault.values)))
        typer.echo(f"{fault.row} {fault.column}: {words}", err=True)
    if faults:
        raise typer.Exit(_STOPPED)


async def _members(settings: Settings, kept: Stores, wording: ContentWording) -> Sequence[UseridRow]:
    """Everybody whom the application may see, as a list without student numbers."""
    async with Caller(settings.wecom_base_url) as caller:
        calls = app_calls(settings, kept, caller, SystemClock())
        if calls is None or settings.wecom_agent_id is None:
            refuse(wording.label("userids.no-application"))
        found = await directory.members(calls, settings.wecom_agent_id)
    if not isinstance(found, tuple):
        trouble = trouble_of(found)
        refuse(wording.label(f"wecom.trouble.{trouble}" if trouble else "userids.no-members"))
    return [UseridRow(row=0, userid=userid, number=userid) for userid in found]


async def _bind(kept: Stores, matched: Sequence[tuple[str, str]]) -> int:
    """Bind them, and tell accounts that give way; how many are bound now."""
    bound = 0
    for start in range(0, len(matched), _AT_ONCE):
        part = matched[start : start + _AT_ONCE]
        bound += sum(await asyncio.gather(*(_bind_one(kept, userid, sid) for userid, sid in part)))
    return bound


async def _bind_one(kept: Stores, userid: str, sid: str) -> bool:
    now = datetime.now(UTC)
    binding = Binding(
        account=refs.account(userid),
        sid=sid,
        strength=BindingStrength.STRONG,
        private=refs.person(userid),
        at=now,
    )
    decision = await kept.bindings.claim(binding)
    await Telling(kept.outbox).tell_of_proof(decision, f"proved:{sid}:{now:%Y%m%dT%H}", now)
    return decision.verdict is Verdict.BOUND
