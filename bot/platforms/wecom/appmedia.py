"""Pictures and files of the application: uploaded once for the whole corporation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from bot.platforms.wecom import payloads
from bot.platforms.wecom.api import Answer, Answered, File
from bot.platforms.wecom.payloads import Payload
from bot.platforms.wecom.pictures import Pictures, kind_of
from bot.platforms.wecom.tokens import AppCalls
from bot.ports import Uploads
from scheduler.messages import Attachment, Outcome

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppMedia:
    """The figures of one folder (`<id>.png`). `owner` names the corporation, whose applications share them."""

    folder: Path
    calls: AppCalls
    uploads: Uploads
    owner: str

    async def show(self, figure: str, say: Callable[[Payload], Awaitable[Answer]]) -> None:
        """Say a figure as a message, if it can be shown."""
        await self._pictures.show(figure, lambda media_id: say(payloads.media("image", media_id)))

    async def payload(self, file: Attachment, now: datetime) -> Payload | Outcome:
        """A file of staff as a message; an outcome where it cannot be one: nothing was sent then."""
        media_id = await self._pictures.media_id(file, now)
        return payloads.media(kind_of(file), media_id) if isinstance(media_id, str) else media_id

    @property
    def _pictures(self) -> Pictures:
        return Pictures(folder=self.folder, uploads=self.uploads, owner=self.owner, upload=self._upload)

    async def _upload(self, file: File) -> str | Answer:
        answer = await self.calls.upload(file.kind, file)
        match answer:
            case Answered(code=0, body={"media_id": str(media_id)}):
                return media_id
        _log.warning("file not uploaded", file_kind=file.kind)
        return answer
