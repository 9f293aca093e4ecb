"""`xueji platforms make-group`: a group of WeCom's application for a class, with those whose accounts are proved."""

from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import typer

from bot.bootstrap import Stores
from bot.cli.office import content_and_words, with_stores
from bot.cli.saying import class_ids, refuse
from bot.dialogue.wording import ContentWording
from bot.platforms.wecom import refs
from bot.platforms.wecom.api import Caller
from bot.platforms.wecom.appchat import Appchats
from bot.platforms.wecom.appmedia import AppMedia
from bot.platforms.wecom.tokens import AppCalls
from bot.settings import Settings, read
from scheduler.clocks import SystemClock
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Address, OutboundMessage, Phrase, Purpose
from scheduler.ports import Clock
from scheduler.roster import BindingStrength, Group, SchoolClass

_FEWEST = 2
"""The least members of such a group, its owner among them; WeCom's own limit."""


def make_group(
    name: str = typer.Argument(..., metavar="CLASS", help="The class, by its name."),
    owner: str = typer.Option(..., help="The userid of who will own the group: a counsellor or teacher."),
) -> None:
    """Make a WeCom group for a class, which the application can remind without anybody having written first.

    Its members are the owner and those of the class whose WeCom accounts are proved. Again, it says who is in it.
    """
    settings = read()
    _, wording = content_and_words()
    typer.echo(with_stores(lambda kept: make(settings, kept, wording, name, owner)))


def app_calls(settings: Settings, kept: Stores, caller: Caller, clock: Clock) -> AppCalls | None:
    """The application's calls; None where it is not configured."""
    corp_id, secret = settings.wecom_corp_id, settings.wecom_app_secret
    if corp_id is None or secret is None:
        return None
    return AppCalls(caller, kept.tokens, clock, corp_id=corp_id, secret=secret.get_secret_value())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Class:
    """A class, the userids of whoever proved who they are, and how many of it did not."""

    found: SchoolClass
    userids: tuple[str, ...]
    others: int


async def make(settings: Settings, kept: Stores, wording: ContentWording, name: str, owner: str) -> str:
    """Make it, or find it made; what there is to say about it."""
    clock = SystemClock()
    its_class = await _members(kept, wording, name)
    async with AsyncExitStack() as held:
        caller = await held.enter_async_context(Caller(settings.wecom_base_url))
        calls = app_calls(settings, kept, caller, clock)
        if calls is None:
            refuse(wording.label("platforms.group.no-application"))
        if len({owner, *its_class.userids}) < _FEWEST:
            refuse(wording.label("platforms.group.too-few", name=its_class.found.name))
        media = AppMedia(folder=Path(), calls=calls, uploads=kept.uploads, owner=settings.wecom_corp_id or "")
        appchats = Appchats(calls=calls, media=media, wording=wording, clock=clock)
        made = await appchats.create(its_class.found.id, its_class.found.name, owner, its_class.userids)
        if not isinstance(made, Address):
            refuse(wording.label("platforms.group.refused", why=getattr(made, "why", "")))
        inside = await appchats.members(made)
    await kept.bindings.bind_group(Group(address=made, classes=(its_class.found.id,)))
    await kept.outbox.queue(_first_words(made, its_class.found), clock.now())
    count = len(inside) if isinstance(inside, tuple) else len({owner, *its_class.userids})
    missing = len(set(its_class.userids) - set(inside)) if isinstance(inside, tuple) else 0
    label = wording.label("platforms.group.made", name=its_class.found.name, count=count)
    return label + wording.label("platforms.group.outside", count=its_class.others + missing)


async def _members(kept: Stores, wording: ContentWording, name: str) -> _Class:
    roster = await kept.rosters.current()
    (class_id,) = class_ids(roster, [name], wording)
    students = roster.members(class_id)
    bindings = await kept.bindings.of_students([student.sid for student in students])
    userids = [
        refs.id_of(binding.private)
        for student in students
        for binding in bindings.get(student.sid, ())
        if binding.strength is BindingStrength.STRONG and binding.private.platform == refs.PLATFORM
    ]
    return _Class(
        found=roster.classes[class_id], userids=tuple(dict.fromkeys(userids)), others=len(students) - len(userids)
    )


def _first_words(to: Address, its_class: SchoolClass) -> Delivery:
    """Said once: the group shows itself to its members with them."""
    said = Phrase(key="platforms.group.first-words", values={"name": its_class.name})
    message = OutboundMessage(to=to, body=said, purpose=Purpose.ANSWER)
    return Delivery(id=f"made:{to}", kind=Kind.NOTE, message=message)
