"""Pictures over the long connection: uploaded in pieces once, named by their media id for as long as WeCom keeps it."""

import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import structlog

from bot.platforms.wecom import frames
from bot.platforms.wecom.api import Answer, Answered, File
from bot.platforms.wecom.connection import Connection
from bot.platforms.wecom.frames import Body, Command
from bot.platforms.wecom.pictures import Pictures
from bot.platforms.wecom.refs import PLATFORM
from bot.ports import Uploads

_log = structlog.get_logger(__name__)

_PIECE_BYTES = 512 * 1024
"""Before base64; at most a hundred of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotMedia:
    """The figures of one folder (`<id>.png`), and the media ids that the robot got for them."""

    folder: Path
    connection: Connection
    uploads: Uploads

    async def show(self, figure: str, say: Callable[[Body], Awaitable[Answer]]) -> None:
        """Say a figure as a message, if it can be shown."""
        owner = f"{PLATFORM}:{self.connection.bot_id}"
        pictures = Pictures(folder=self.folder, uploads=self.uploads, owner=owner, upload=self._upload)
        await pictures.show(figure, lambda media_id: say(frames.image(media_id)))

    async def _upload(self, file: File) -> str | None:
        content = file.content
        pieces = [content[start : start + _PIECE_BYTES] for start in range(0, len(content), _PIECE_BYTES)]
        about = {
            "type": "image",
            "filename": file.name,
            "total_size": len(content),
            "total_chunks": len(pieces),
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        }
        upload = await self._asked(Command.UPLOAD_BEGIN, about, "upload_id")
        if upload is None:
            return None
        for place, piece in enumerate(pieces):  # counted from 0, as every client of WeCom's counts them
            part = {"upload_id": upload, "chunk_index": place, "base64_data": base64.b64encode(piece).decode()}
            if await self._asked(Command.UPLOAD_CHUNK, part) is None:
                return None
        return await self._asked(Command.UPLOAD_END, {"upload_id": upload}, "media_id")

    async def _asked(self, command: Command, body: Body, wanted: str = "") -> str | None:
        """What WeCom says under `wanted`, or just that it said yes; None for a no or no answer."""
        answer = await self.connection.ask(command, body)
        if isinstance(answer, Answered) and answer.code == 0:
            said = answer.body.get(wanted) if wanted else "yes"
            if isinstance(said, str) and said:
                return said
        _log.warning("figure not uploaded", step=command.value)
        return None
