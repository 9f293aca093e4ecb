"""WeCom's ids as the addresses of this project, and back; `docs/decisions/0008-wecom-routes.md` says why so."""

from enum import StrEnum

from scheduler.messages import Address

PLATFORM = "wecom"

_COLON = "%3A"
"""How a colon in a chat's id is written: an address keeps its parts apart by colons."""


class GroupRoute(StrEnum):
    """Which route reaches a group; a userid cannot hold the slash that follows it."""

    ROBOT = "bot"
    """A group that hears the 智能机器人; its id is the chatid of the callbacks."""
    APPCHAT = "app"
    """A group the 自建应用 made."""
    HOOK = "hook"
    """A group webhook, by its configured name."""


def person(userid: str) -> Address:
    """The private chat with a member, however they are reached."""
    return Address(platform=PLATFORM, chat=userid.replace(":", _COLON))


def account(userid: str) -> str:
    """The account of a member; its private chat has the same id."""
    return str(person(userid))


def group(route: GroupRoute, chat: str) -> Address:
    """A group by the route that reaches it."""
    return Address(platform=PLATFORM, chat=f"{route}/{chat.replace(':', _COLON)}")


def route_of(to: Address) -> GroupRoute | None:
    """The route of a group's address; None for a person."""
    first, slash, _ = to.chat.partition("/")
    return GroupRoute(first) if slash else None


def id_of(to: Address) -> str:
    """What WeCom calls it: the userid, the chatid, or the webhook's name."""
    first, slash, rest = to.chat.partition("/")
    return (rest if slash else first).replace(_COLON, ":")
