"""Parts of messages as the platform writes them."""

import re
from typing import Any

Json = dict[str, Any]

_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages", "can_manage_video_chats",
    "can_restrict_members", "can_promote_members", "can_change_info", "can_invite_users", "can_post_stories",
    "can_edit_stories", "can_delete_stories",
)  # fmt: skip
_ENTITIES = re.compile(r"(?P<mention>@[A-Za-z0-9_]{4,32})|(?:^|(?<=\s))(?P<bot_command>/[A-Za-z0-9_]{1,32}(?:@\w+)?)")


def member(user: Json, status: str) -> Json:
    """A chat's member of that status, as answers and updates show it."""
    match status:
        case "administrator":
            return {"status": status, "user": user, **dict.fromkeys(_RIGHTS, False)}
        case "creator":
            return {"status": status, "user": user, "is_anonymous": False}
        case "kicked":
            return {"status": status, "user": user, "until_date": 0}
        case _:
            return {"status": status, "user": user}


def entities(text: str) -> list[Json]:
    """Mentions and commands of a text, counted in UTF-16 units."""
    return [
        {
            "type": found.lastgroup,
            "offset": units(text[: found.start()]),
            "length": units(found[0]),
        }
        for found in _ENTITIES.finditer(text)
    ]


def units(text: str) -> int:
    """The length of a text in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def buttons(body: Json) -> list[Json]:
    """The buttons under a message, row by row."""
    return [button for row in body.get("reply_markup", {}).get("inline_keyboard", []) for button in row]


def copy(body: Json) -> Json:
    """The message as it is now; it may change later."""
    return {key: copy(value) if isinstance(value, dict) else value for key, value in body.items()}
