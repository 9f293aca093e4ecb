"""Pictures and files of the application: uploaded once for the whole corporation."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from bot.platforms.wecom import payloads
from bot.platforms.wecom.api import Answer, Answered, File
from bot.platforms.wecom.payloads import Payload
from bot.platforms.wecom.pictures import Pictures
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

    async def payloads(self, files: Sequence[Attachment], now: datetime) -> list[Payload] | Outcome:
        """Files of staff as messages; an outcome where one cannot be had: nothing was sent then."""
        found = await self._pictures.attached(files, now)
        return [payloads.media(*one) for one in found] if isinstance(found, list) else found

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
