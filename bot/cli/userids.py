"""`xueji roster userids`: the school's own directory says whose account is whose."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.dialogue.telling import Telling
from bot.platforms.wecom import refs
from scheduler.claims import Verdict
from scheduler.forms.userid_file import read_userids
from scheduler.messages import Phrase
from scheduler.roster import Binding, BindingStrength, UseridRow

_STOPPED = 1
_AT_ONCE = 200


def userids(
    file: Path = typer.Argument(..., exists=True, dir_okay=False, help="XLSX, XLS or CSV with the members' accounts."),
    apply: bool = typer.Option(False, "--apply", help="Bind the accounts that match."),
) -> None:
    """Say how many accounts of a WeCom member list are students of the roster, and bind them if asked to.

    The list has each member's account, with the student number beside it; where there is none the account is tried
    as the number.
    """
    _, wording = content_and_words()
    found = read_userids(file.name, file.read_bytes())
    if found.faults:
        for fault in found.faults:
            words = wording.render(Phrase(key=fault.fault, values=dict(fault.values)))
            typer.echo(f"{fault.row} {fault.column}: {words}", err=True)
        raise typer.Exit(_STOPPED)

    async def work(kept: Stores) -> tuple[int, int, int, int]:
        roster = await kept.rosters.current()
        sids = {student.number: student.sid for student in roster.students.values()}
        matched = [(row, sids[row.number]) for row in found.rows if row.number in sids]
        bound = await _bind(kept, matched) if apply else 0
        return len(matched), len(found.rows) - len(matched), len(sids) - len({sid for _, sid in matched}), bound

    matched, strangers, left, bound = with_stores(work)
    typer.echo(wording.label("userids.matched", matched=matched, strangers=strangers, left=left))
    if apply:
        typer.echo(wording.label("userids.bound", bound=bound))


async def _bind(kept: Stores, matched: Sequence[tuple[UseridRow, str]]) -> int:
    """Bind them, and tell accounts that give way; how many are bound now."""
    bound = 0
    for start in range(0, len(matched), _AT_ONCE):
        part = matched[start : start + _AT_ONCE]
        bound += sum(await asyncio.gather(*(_bind_one(kept, row.userid, sid) for row, sid in part)))
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
    for other in decision.displaced:
        said = Phrase(key="binding.displaced")
        await Telling(kept.outbox).tell(other.private, said, f"displaced:{sid}:{now:%Y%m%dT%H}", now)
    return decision.verdict is Verdict.BOUND
