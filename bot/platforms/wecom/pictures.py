"""Figures and files as WeCom wants them: uploaded once, and named by their media id for as long as WeCom keeps them."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.platforms.wecom.api import MEDIA_GONE, SOON, Answer, Answered, File, Lost, NotSent, instead
from bot.ports import StoreAway, Uploads
from scheduler.messages import Attachment, Outcome, Refused, RefusedWhy, RetryLater

_log = structlog.get_logger(__name__)

_LASTS = timedelta(days=3) - timedelta(hours=1)
"""WeCom keeps a file for three days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pictures:
    """The figures of one folder (`<id>.png`), and the media ids that `owner` got for them.

    `upload` gives a file to WeCom: its media id, or the answer by which that failed.
    """

    folder: Path
    uploads: Uploads
    owner: str
    upload: Callable[[File], Awaitable[str | Answer]]

    async def show(self, figure: str, say: Callable[[str], Awaitable[Answer]]) -> None:
        """Say a figure by its media id, and once more by a fresh one where WeCom has forgotten it.

        Nothing comes of a figure that cannot be shown: the words have to do.
        """
        file = await self._load(figure)
        for afresh in (False, True):
            media_id = None if file is None else await self._media_id(file, afresh=afresh)
            if media_id is None:
                return
            answer = await say(media_id)
            if not isinstance(answer, Answered) or answer.code != MEDIA_GONE:
                return

    async def attached(self, files: Sequence[Attachment], now: datetime) -> list[tuple[str, str]] | Outcome:
        """What WeCom takes each of these files of staff for, and what it calls it; an outcome where one cannot be had:
        nothing was sent then."""
        found = []
        for file in files:
            media_id = await self._attached(file, now)
            if not isinstance(media_id, str):
                return media_id
            found.append((_kind_of(file), media_id))
        return found

    async def _attached(self, file: Attachment, now: datetime) -> str | Outcome:
        try:
            known = await self.uploads.find(self.owner, file.digest)
            if known is not None:
                return known
            content = await self.uploads.content(file.digest)
            if content is None:
                return Refused(why=RefusedWhy.BAD_CONTENT)
            uploaded = await self.upload(File(name=file.name, content=content, kind=_kind_of(file)))
            if not isinstance(uploaded, str):  # the upload may have arrived, nothing has reached anybody
                return instead(NotSent(why=uploaded.why) if isinstance(uploaded, Lost) else uploaded, now)
            await self.uploads.keep(self.owner, file.digest, uploaded, _LASTS)
        except StoreAway:
            return RetryLater(at=now + SOON, why="store-away")
        return uploaded

    async def _load(self, figure: str) -> File | None:
        try:
            content = await asyncio.to_thread((self.folder / f"{figure}.png").read_bytes)
        except (OSError, ValueError):
            _log.error("figure missing", figure=figure)
            return None
        return File(name=f"{figure}.png", content=content)

    async def _media_id(self, file: File, *, afresh: bool) -> str | None:
        digest = hashlib.sha256(file.content).hexdigest()
        try:
            known = None if afresh else await self.uploads.find(self.owner, digest)
            if known is None:
                uploaded = await self.upload(file)
                if not isinstance(uploaded, str):
                    return None
                await self.uploads.keep(self.owner, digest, uploaded, _LASTS)
                return uploaded
        except StoreAway:
            return None
        return known


def _kind_of(file: Attachment) -> str:
    """What WeCom takes it for."""
    return "image" if file.is_picture else "file"
