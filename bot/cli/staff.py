"""`xueji staff`: who acts for the school in a chat, and which group belongs to which class."""

import typer

from bot.bootstrap import Stores
from bot.cli.office import with_stores
from scheduler.messages import Address
from scheduler.roster import Group
from scheduler.staffing import StaffMember, StaffRole

app = typer.Typer(help="Appoint staff, bind groups to classes.", no_args_is_help=True)


@app.command()
def appoint(
    account: str = typer.Argument(..., help="platform:user, e.g. telegram:12345."),
    classes: list[str] = typer.Argument(..., help="Names of the classes they look after."),
) -> None:
    """Let an account see the progress and, on demand, the names of these classes."""

    async def work(kept: Stores) -> None:
        address = _address(account)
        member = StaffMember(
            account=account, role=StaffRole.COUNSELLOR, classes=await _class_ids(kept, classes), private=address
        )
        await kept.staff.appoint(member)

    with_stores(work)


@app.command()
def dismiss(account: str = typer.Argument(..., help="platform:user.")) -> None:
    """End an account's rights at once."""
    with_stores(lambda kept: kept.staff.dismiss(account))


@app.command("bind-group")
def bind_group(
    group: str = typer.Argument(..., help="platform:chat, e.g. telegram:-100123."),
    classes: list[str] = typer.Argument(..., help="Names of the group's classes."),
) -> None:
    """Say which classes a group chat belongs to; replaces what was said before."""

    async def work(kept: Stores) -> None:
        await kept.bindings.bind_group(Group(address=_address(group), classes=await _class_ids(kept, classes)))

    with_stores(work)


def _address(text: str) -> Address:
    if text.count(":") not in (1, 2) or not all(text.split(":")):
        raise typer.BadParameter(f"{text!r} is not platform:chat")
    return Address.parse(text)


async def _class_ids(kept: Stores, names: list[str]) -> tuple[str, ...]:
    roster = await kept.rosters.current()
    by_name = {found.name: found.id for found in roster.classes.values()}
    missing = [name for name in names if name not in by_name]
    if missing:
        raise typer.BadParameter(f"not in the roster: {', '.join(missing)}")
    return tuple(by_name[name] for name in names)
