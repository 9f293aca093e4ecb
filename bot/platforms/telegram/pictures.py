"""Figures as Telegram wants them: uploaded once by each bot, named by their file id afterwards."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from telegram import Message
from telegram.error import TelegramError

from bot.platforms.telegram.outcomes import is_stale_file

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture's content and the hash it is remembered by."""

    content: bytes
    hash: bytes


class Pictures:
    """The pictures of one folder (`<id>.png`), and the file ids that one bot got for them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loaded: dict[str, Picture] = {}
        self._file_ids: dict[bytes, str] = {}

    async def load(self, figure: str) -> Picture | None:
        """The picture; None where the folder has none of that id: the words have to do then."""
        if figure not in self._loaded:
            try:
                content = await asyncio.to_thread((self._folder / f"{figure}.png").read_bytes)
            except (OSError, ValueError):
                _log.error("figure missing", figure=figure)
                return None
            self._loaded[figure] = Picture(content=content, hash=hashlib.sha256(content).digest())
        return self._loaded[figure]

    async def put(self, picture: Picture, call: Callable[[str | bytes], Awaitable[Message | bool]]) -> Message | bool:
        """Make a call with the picture's file id, or with its content where there is none (or none any more)."""
        known = self._file_ids.get(picture.hash)
        if known is not None:
            try:
                return await call(known)
            except TelegramError as error:
                if not is_stale_file(error):
                    raise
                del self._file_ids[picture.hash]
        answer = await call(picture.content)
        if isinstance(answer, Message) and answer.photo:
            self._file_ids[picture.hash] = answer.photo[-1].file_id  # the largest size is the last
        return answer
