"""What each of Telegram's errors means for a message: refused, later, or unknown.

The wordings are those of Telegram's own Bot API server; python-telegram-bot maps the HTTP status to a class
and keeps the words. Nothing of an error's text is passed on: it may quote the message.
"""

from datetime import datetime, timedelta

import httpx
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, NetworkError, TelegramError

from bot.platforms.telegram.request import Flood, ServerTrouble, TooLarge
from scheduler.messages import Holds, Outcome, Refused, RefusedWhy, RetryLater, Unknown

UNSAID_PAUSE = timedelta(seconds=5)
"""How long to wait where Telegram asks for patience without saying how much, or cannot be reached."""

UNTIL_MENDED = timedelta(minutes=5)
"""How long to wait while the token is not accepted: a person has to put in another, then what waited goes out."""

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
)

_GONE = (
    "chat not found",
    "user not found",
    "message thread not found",
    "peer_id_invalid",
    "group chat was deactivated",
)
_FORBIDDEN_THERE = (
    "not enough rights",
    "have no rights",
    "topic_closed",
    "chat_write_forbidden",
    "chat_send_",
    "chat_admin_required",
    "need administrator rights",
    "chat_restricted",
)
_UNCHANGED = "message is not modified"
_CANNOT_EDIT = (
    "message to edit not found",
    "message can't be edited",
    "there is no text in the message to edit",
    "there is no caption in the message to edit",
    "there is no media in the message to edit",
    "message_id_invalid",
)
_STALE_FILE = ("wrong file identifier", "wrong remote file identifier", "wrong file_id")


def outcome_of(error: Exception, now: datetime, *, in_group: bool = False) -> Outcome:
    """What came of a call that raised `error`.

    Telegram does not say which of its limits a flood was about: in a group it is most likely the group's own.
    Anything that is no error of Telegram's is an answer that could not be read: the message may have arrived.
    """
    match error:
        case Flood(pause=pause):
            holds = Holds.CHAT if in_group else Holds.LANE
            return RetryLater(at=now + (UNSAID_PAUSE if pause is None else pause), why="flood", holds=holds)
        case ChatMigrated(new_chat_id=chat):
            return Refused(why=RefusedWhy.UNREACHABLE, moved_to=str(chat))
        case Forbidden():
            return Refused(why=RefusedWhy.UNREACHABLE)
        case InvalidToken():
            return RetryLater(at=now + UNTIL_MENDED, why="credential")
        case BadRequest():  # before NetworkError, which is its base class
            return Refused(why=_why_refused(error))
        case TooLarge():
            return Refused(why=RefusedWhy.BAD_CONTENT)
        case ServerTrouble():
            return Unknown(why="server-error")
        case NetworkError() if isinstance(error.__cause__, _NEVER_SENT):  # TimedOut is one, too
            return RetryLater(at=now + UNSAID_PAUSE, why="not-sent")
        case NetworkError():
            return Unknown(why="no-answer")
        case _:
            return Unknown(why="unreadable-answer")


def is_unchanged(error: Exception) -> bool:
    """Whether an edit was turned down because the message already says just that."""
    return isinstance(error, BadRequest) and _UNCHANGED in error.message.casefold()


def cannot_edit(error: Exception) -> bool:
    """Whether the message to put another in the place of is gone, too old, or of another kind."""
    return isinstance(error, BadRequest) and _says(error, _CANNOT_EDIT)


def is_gone(error: Exception) -> bool:
    """Whether a chat is not there (any more) for this bot."""
    return isinstance(error, BadRequest) and _says(error, _GONE)


def is_stale_file(error: Exception) -> bool:
    """Whether a remembered file id no longer names a file."""
    return isinstance(error, BadRequest) and _says(error, _STALE_FILE)


def _why_refused(error: BadRequest) -> RefusedWhy:
    if _says(error, _GONE):
        return RefusedWhy.UNREACHABLE
    if _says(error, _FORBIDDEN_THERE):
        return RefusedWhy.NO_RIGHT
    return RefusedWhy.BAD_CONTENT


def _says(error: TelegramError, wordings: tuple[str, ...]) -> bool:
    said = error.message.casefold()
    return any(wording in said for wording in wordings)
