"""Pictures of the application: uploaded once for the whole corporation."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.platforms.wecom import payloads
from bot.platforms.wecom.api import Answer, Answered, File
from bot.platforms.wecom.payloads import Payload
from bot.platforms.wecom.pictures import Pictures
from bot.platforms.wecom.tokens import AppCalls
from bot.ports import Uploads

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
        pictures = Pictures(folder=self.folder, uploads=self.uploads, owner=self.owner, upload=self._upload)
        await pictures.show(figure, lambda media_id: say(payloads.image(media_id)))

    async def _upload(self, file: File) -> str | None:
        answer = await self.calls.upload("image", file)
        match answer:
            case Answered(code=0, body={"media_id": str(media_id)}):
                return media_id
        _log.warning("figure not uploaded", figure=file.name)
        return None
