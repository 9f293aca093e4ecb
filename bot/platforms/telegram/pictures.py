"""Figures and files as Telegram wants them: uploaded once by each bot, named by their file id afterwards."""

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from telegram import Message
from telegram.error import TelegramError

from bot.platforms.telegram.outcomes import is_stale_file
from bot.ports import StoreAway, Uploads
from scheduler.messages import Attachment

_log = structlog.get_logger(__name__)


class FileGone(Exception):
    """A file of staff is not kept any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture's content and the hash it is remembered by; `document` is the name of what is handed over as a file."""

    digest: str
    content: bytes | None = None
    document: str = ""


class Pictures:
    """The pictures of one folder (`<id>.png`), and the file ids that the bot `owner` got for them.

    A file id is good for the bot that got it and for no other; all processes of that bot share it.
    """

    def __init__(self, folder: Path, *, owner: str, uploads: Uploads) -> None:
        self._folder = folder
        self._owner = owner
        self._uploads = uploads
        self._file_ids: dict[str, str] = {}

    async def load(self, figure: str) -> Picture | None:
        """The picture; None where the folder has none of that id: the words have to do then."""
        try:
            return await asyncio.to_thread(_read, self._folder / f"{figure}.png")
        except (OSError, ValueError):
            _log.error("figure missing", figure=figure)
            return None

    def attached(self, file: Attachment) -> Picture:
        """A file of staff; it is read when it has to be uploaded."""
        return Picture(digest=file.digest, document="" if file.is_picture else file.name)

    async def put(self, picture: Picture, call: Callable[[str | bytes], Awaitable[Message | bool]]) -> Message | bool:
        """Make a call with the picture's file id, or with its content where there is none (or none any more).

        FileGone or StoreAway if the content of a file cannot be read.
        """
        known = await self._known(picture.digest)
        if known is not None:
            try:
                return await call(known)
            except TelegramError as error:
                if not is_stale_file(error):
                    raise
                await self._forget(picture.digest)
        content = picture.content or await self._uploads.content(picture.digest)
        if content is None:
            raise FileGone
        answer = await call(content)
        if isinstance(answer, Message) and answer.photo:
            await self._remember(picture.digest, answer.photo[-1].file_id)  # the largest size is the last
        elif isinstance(answer, Message) and answer.document:
            await self._remember(picture.digest, answer.document.file_id)
        return answer

    async def _known(self, digest: str) -> str | None:
        if digest not in self._file_ids:
            with contextlib.suppress(StoreAway):  # then it is uploaded once more
                found = await self._uploads.find(self._owner, digest)
                if found is not None:
                    self._file_ids[digest] = found
        return self._file_ids.get(digest)

    async def _remember(self, digest: str, file_id: str) -> None:
        self._file_ids[digest] = file_id
        with contextlib.suppress(StoreAway):
            await self._uploads.keep(self._owner, digest, file_id)

    async def _forget(self, digest: str) -> None:
        del self._file_ids[digest]
        with contextlib.suppress(StoreAway):
            await self._uploads.forget(self._owner, digest)


def _read(path: Path) -> Picture:
    content = path.read_bytes()
    return Picture(content=content, digest=hashlib.sha256(content).hexdigest())
