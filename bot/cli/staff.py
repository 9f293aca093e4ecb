"""`xueji staff`: who acts for the school in a chat, from when till when, and which group belongs to which class."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import typer

from bot.bootstrap import Stores, seal
from bot.cli.office import content_and_words, with_stores
from bot.cli.saying import class_ids, misused, refuse, say
from bot.codes import new_code
from bot.dialogue.joining import INVITATION_LASTS
from bot.dialogue.rights import TABLE, Right
from bot.dialogue.wording import ContentWording
from bot.platforms.telegram import checking as telegram
from bot.settings import Settings, read
from scheduler.calendar import ZONE
from scheduler.messages import Action, Address, Verb
from scheduler.roster import BindingStrength, Group, SchoolClass
from scheduler.staffing import Invitation, StaffMember, StaffRole, deputised, end_of_term, monitors

app = typer.Typer(help="Invite staff, end and extend their roles, bind groups to classes.", no_args_is_help=True)

_CLASSES = typer.Option([], "--class", help="Name of a class; may be given again.")
_COLLEGES = typer.Option([], "--college", help="Name of a college; may be given again.")
_UNTIL = typer.Option(None, formats=["%Y-%m-%d"], help="Last day of the role; the end of the term if not given.")
_ROLE = typer.Option(None, help="Only this role of somebody who has several.")


@app.command()
def invite(
    role: StaffRole = typer.Argument(..., help="What they are to be; monitors are made in chat."),
    classes: list[str] = _CLASSES,
    colleges: list[str] = _COLLEGES,
    until: datetime | None = _UNTIL,
    days: int = typer.Option(INVITATION_LASTS.days, min=1, max=30, help="How many days the code waits."),
) -> None:
    """Print a one-time code, and a link where Telegram is configured: whoever shows it first has the role."""
    settings = read()
    _, wording = content_and_words()
    now = datetime.now(UTC)
    _check_scope(role, classes, colleges, wording)
    code = new_code()

    async def work(kept: Stores) -> None:
        invitation = Invitation(
            role=role,
            classes=class_ids(await kept.rosters.current(), classes, wording),
            colleges=await _colleges(kept, colleges, wording),
            expires=now + timedelta(days=days),
            until=_end(until) or end_of_term(now),
        )
        await kept.staff.invite(code, invitation, now)

    with_stores(work)
    whom = wording.label("list.comma").join((wording.label(f"staff.role.{role}"), *classes, *colleges))
    typer.echo(wording.label("staff.cli.code", whom=whom, code=code, days=days))
    if link := _link(settings, code):
        typer.echo(wording.label("staff.cli.link", link=link))


@app.command("list")
def list_staff() -> None:
    """Everybody who was appointed, a line a role: account, role, where, until when, who stands in."""
    for line in _lines(with_names_only=False):
        typer.echo(line)


@app.command()
def review() -> None:
    """Who may see names now, monitors too; and whose role has ended and can be dismissed."""
    for line in _lines(with_names_only=True):
        typer.echo(line)


@app.command()
def appoint(
    account: str = typer.Argument(..., help="platform:user, e.g. telegram:12345."),
    classes: list[str] = typer.Argument(..., help="Names of the classes they look after."),
    role: StaffRole = typer.Option(StaffRole.COUNSELLOR, help="What they are."),
    until: datetime | None = _UNTIL,
) -> None:
    """Give an account a role in these classes at once, in place of what it was in this role; other roles stay."""
    address = address_of(account)
    _, wording = content_and_words()
    _check_scope(role, classes, [], wording)

    async def work(kept: Stores) -> None:
        member = StaffMember(
            account=account,
            role=role,
            classes=class_ids(await kept.rosters.current(), classes, wording),
            private=address,
            until=_end(until) or end_of_term(datetime.now(UTC)),
        )
        await kept.staff.appoint(member)

    with_stores(work)
    role_name = wording.label(f"staff.role.{role}")
    say(
        wording,
        "staff.cli.appointed",
        account=account,
        role=role_name,
        classes=wording.label("list.comma").join(classes),
    )


@app.command()
def dismiss(account: str = typer.Argument(..., help="platform:user."), role: StaffRole | None = _ROLE) -> None:
    """End an account's rights at once, those of its deputies, and with its last role its standing in for others."""
    _, wording = content_and_words()
    with_stores(lambda kept: kept.staff.dismiss(account, role))
    say(wording, "staff.cli.dismissed", account=account)


@app.command("until")
def extend(
    account: str = typer.Argument(..., help="platform:user."),
    day: datetime = typer.Argument(..., formats=["%Y-%m-%d"], help="The last day of the role."),
    role: StaffRole | None = _ROLE,
) -> None:
    """Change the day a role ends."""
    _change(account, lambda one: replace(one, until=_end(day)) if role in (None, one.role) else one)


@app.command()
def deputy(
    account: str = typer.Argument(..., help="platform:user who stands in."),
    stands_in_for: str = typer.Argument(..., metavar="FOR", help="platform:user who is away."),
    since: datetime = typer.Option(..., "--from", formats=["%Y-%m-%d"], help="First day."),
    until: datetime = typer.Option(..., "--to", formats=["%Y-%m-%d"], help="Last day."),
) -> None:
    """Let a colleague act for somebody who is away, on these days."""
    address_of(account)
    first, end = _midnight(since), _midnight(until + timedelta(days=1))
    if end <= first:
        misused(content_and_words()[1].label("staff.cli.backwards"))
    _change(stands_in_for, lambda member: deputised(member, account, first, end))


@app.command("bind-group")
def bind_group(
    group: str = typer.Argument(..., help="platform:chat, e.g. telegram:-100123."),
    classes: list[str] = typer.Argument(..., help="Names of the group's classes."),
) -> None:
    """Say which classes a group chat belongs to; replaces what was said before."""
    address = address_of(group)
    _, wording = content_and_words()

    async def work(kept: Stores) -> None:
        own = class_ids(await kept.rosters.current(), classes, wording)
        known = await kept.bindings.group(address) or Group(address=address, classes=())
        await kept.bindings.bind_group(replace(known, classes=own, faq_only=False, looked_at=None))

    with_stores(work)
    say(wording, "staff.cli.bound", group=group, classes=wording.label("list.comma").join(classes))


def _change(account: str, change: Callable[[StaffMember], StaffMember]) -> None:
    _, wording = content_and_words()
    if not with_stores(lambda kept: kept.staff.change(account, change)):
        refuse(wording.label("staff.cli.nobody", account=account))
    typer.echo(wording.label("staff.cli.changed", account=account))


def _lines(*, with_names_only: bool) -> list[str]:
    """A line for each member; for a review those who may see names now, and apart from them whose role has ended."""
    _, wording = content_and_words()
    now = datetime.now(UTC)

    async def work(kept: Stores) -> tuple[tuple[StaffMember, ...], Mapping[str, SchoolClass]]:
        members = await kept.staff.all()
        if with_names_only:
            named = [one for one in members if Right.SEE_NAMES in TABLE[one.role]]
            members = (*named, *await _monitors(kept, now))
        return members, await kept.rosters.classes()

    members, classes = with_stores(work)
    return [_line(one, classes, now, wording) for one in members] or [wording.label("staff.cli.none")]


async def _monitors(kept: Stores, now: datetime) -> list[StaffMember]:
    """The accounts that act as monitors, by the roster and by what was said since."""
    roster = await kept.rosters.current()
    words = await kept.staff.monitor_words(list(roster.students))
    found = [one for class_id in sorted(roster.classes) for one in monitors(roster.members(class_id), words, now)]
    bindings = await kept.bindings.of_students([one.sid for one in found])
    return [
        StaffMember(
            account=binding.account, role=StaffRole.MONITOR, private=binding.private, classes=(student.class_id,)
        )
        for student in found
        for binding in bindings.get(student.sid, ())
        if binding.strength is BindingStrength.STRONG
    ]


def _line(member: StaffMember, classes: Mapping[str, SchoolClass], now: datetime, wording: ContentWording) -> str:
    names = [*(classes[one].name for one in member.classes if one in classes), *member.colleges]
    everywhere = member.role is StaffRole.REGISTRAR
    where = wording.label("staff.everywhere") if everywhere else wording.label("list.comma").join(names)
    deputies = [
        wording.label("staff.cli.deputy", account=one.account, since=_day(one.since), until=_last_day(one.until))
        for one in member.deputies
        if now < one.until
    ]
    return wording.label(
        "staff.cli.line" if member.serves(now) else "staff.cli.line-over",
        account=member.account,
        role=wording.label(f"staff.role.{member.role}"),
        where=where,
        until=_last_day(member.until) if member.until else wording.label("staff.for-good"),
        deputies="".join(deputies),
    )


def _link(settings: Settings, code: str) -> str | None:
    """A link into the private chat with the bot that shows the code; None without Telegram, or while it is away."""
    if settings.telegram_token is None:
        return None
    username = asyncio.run(
        telegram.username(settings.telegram_token.get_secret_value(), base_url=settings.telegram_base_url)
    )
    token = seal(settings).seal(Action(verb=Verb.JOIN, subject=code))
    return f"https://t.me/{username}?start={token}" if username else None


def _check_scope(role: StaffRole, classes: list[str], colleges: list[str], wording: ContentWording) -> None:
    """Refuse a role without the place it holds in, or with one it does not take."""
    fits = {
        StaffRole.MONITOR: False,
        StaffRole.COUNSELLOR: bool(classes) and not colleges,
        StaffRole.TEACHER: bool(classes) and not colleges,
        StaffRole.COLLEGE: bool(colleges) and not classes,
        StaffRole.REGISTRAR: not classes and not colleges,
    }
    if not fits[role]:
        misused(wording.label(f"staff.cli.scope.{role}"))


def address_of(text: str) -> Address:
    """The address that was typed; typer.BadParameter for what is none."""
    if text.count(":") not in (1, 2) or not all(text.split(":")):
        raise typer.BadParameter(f"{text!r} is not platform:chat")
    return Address.parse(text)


async def _colleges(kept: Stores, names: list[str], wording: ContentWording) -> tuple[str, ...]:
    known = {found.college for found in (await kept.rosters.classes()).values()}
    for name in names:
        if name not in known:
            refuse(wording.label("staff.cli.no-college", name=name))
    return tuple(names)


def _end(last_day: datetime | None) -> datetime | None:
    return _midnight(last_day + timedelta(days=1)) if last_day else None


def _midnight(day: datetime) -> datetime:
    """The instant a local day begins."""
    return day.replace(tzinfo=ZONE).astimezone(UTC)


def _day(instant: datetime) -> str:
    return instant.astimezone(ZONE).date().isoformat()


def _last_day(end: datetime) -> str:
    return _day(end - timedelta(seconds=1))
