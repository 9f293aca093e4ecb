"""Pictures and files over the long connection: uploaded in pieces once, named by their media id afterwards."""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from bot.platforms.wecom import frames
from bot.platforms.wecom.api import Answer, Answered, File
from bot.platforms.wecom.connection import Connection
from bot.platforms.wecom.frames import Body, Command
from bot.platforms.wecom.pictures import Pictures
from bot.platforms.wecom.refs import PLATFORM
from bot.ports import Uploads
from scheduler.messages import Attachment, Outcome

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
        await self._pictures.show(figure, lambda media_id: say(frames.media("image", media_id)))

    async def bodies(self, files: Sequence[Attachment], now: datetime) -> list[Body] | Outcome:
        """Files of staff as messages; an outcome where one cannot be had: nothing was sent then."""
        found = await self._pictures.attached(files, now)
        return [frames.media(*one) for one in found] if isinstance(found, list) else found

    @property
    def _pictures(self) -> Pictures:
        owner = f"{PLATFORM}:{self.connection.bot_id}"
        return Pictures(folder=self.folder, uploads=self.uploads, owner=owner, upload=self._upload)

    async def _upload(self, file: File) -> str | Answer:
        content = file.content
        pieces = [content[start : start + _PIECE_BYTES] for start in range(0, len(content), _PIECE_BYTES)]
        about = {
            "type": file.kind,
            "filename": file.name,
            "total_size": len(content),
            "total_chunks": len(pieces),
            "md5": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        }
        upload = await self._asked(Command.UPLOAD_BEGIN, about, "upload_id")
        if not isinstance(upload, str):
            return upload
        for place, piece in enumerate(pieces):  # counted from 0, as every client of WeCom's counts them
            part = {"upload_id": upload, "chunk_index": place, "base64_data": base64.b64encode(piece).decode()}
            taken = await self._asked(Command.UPLOAD_CHUNK, part)
            if not isinstance(taken, str):
                return taken
        return await self._asked(Command.UPLOAD_END, {"upload_id": upload}, "media_id")

    async def _asked(self, command: Command, body: Body, wanted: str = "") -> str | Answer:
        """What WeCom says under `wanted`, or just that it said yes; its answer where that is a no, or none came."""
        answer = await self.connection.ask(command, body)
        if isinstance(answer, Answered) and answer.code == 0:
            said = answer.body.get(wanted) if wanted else "yes"
            if isinstance(said, str) and said:
                return said
        _log.warning("file not uploaded", step=command.value)
        return answer
