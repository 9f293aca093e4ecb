"""Group webhooks: they write to one group each and hear nothing. The key is the whole secret and stays in the call."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from bot.platforms.wecom import payloads, refs
from bot.platforms.wecom.api import (
    SOON,
    Answer,
    Answered,
    Caller,
    File,
    Lost,
    NotSent,
    Trouble,
    instead,
    outcome_of,
    trouble_of,
)
from bot.platforms.wecom.appchat import without_buttons
from bot.platforms.wecom.payloads import Payload
from bot.ports import StoreAway, Uploads
from scheduler.messages import (
    OUTCOMES,
    Accepted,
    Address,
    Attachment,
    OutboundMessage,
    Outcome,
    Phrase,
    Refused,
    RefusedWhy,
    RetryLater,
    Unknown,
)
from scheduler.ports import Clock, Wording

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhooks:
    """The route of the group webhooks, `keys` by their configured names; implements `routes.Route`.

    `figures` is the folder of the pictures (`<id>.png`).
    """

    caller: Caller
    keys: Mapping[str, str] = field(repr=False)
    figures: Path
    uploads: Uploads
    wording: Wording
    clock: Clock
    _troubles: dict[str, Trouble] = field(default_factory=dict)

    def reaches(self, to: Address) -> bool:
        """The groups whose webhook is configured."""
        return refs.route_of(to) is refs.GroupRoute.HOOK and refs.id_of(to) in self.keys

    async def answer(self, message: OutboundMessage, text: str) -> None:
        """Nothing: a webhook hears nobody."""

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Write to the group of a webhook: text without buttons, since nobody can answer there."""
        name = refs.id_of(message.to)
        if message.picture is not None:
            await self._show(name, message.picture)
        files: list[Payload] = []
        for file in message.files:
            payload = await self._file(name, file)
            if isinstance(payload, OUTCOMES):
                return payload
            files.append(payload)
        texts = payloads.hook_texts(
            without_buttons(message, text, self.wording), calls_everybody=message.calls_everybody
        )
        return await self._post_all(name, [*files, *texts])

    def troubles(self) -> Sequence[Phrase]:
        """What the last call of each webhook said that somebody has to mend."""
        return tuple(
            Phrase(key="wecom.hook.trouble", values={"name": name, "trouble": Phrase(key=f"wecom.trouble.{trouble}")})
            for name, trouble in self._troubles.items()
        )

    async def _file(self, name: str, file: Attachment) -> Payload | Outcome:
        """A file of staff as a message: a picture goes with it, if it is small enough; anything else is uploaded."""
        try:
            content = await self.uploads.content(file.digest)
        except StoreAway:
            return RetryLater(at=self.clock.now() + SOON, why="store-away")
        if content is None:
            return Refused(why=RefusedWhy.BAD_CONTENT)
        picture = payloads.hook_image(content) if file.is_picture else None
        return picture or await self._uploaded(name, File(name=file.name, content=content, kind="file"))

    async def _uploaded(self, name: str, file: File) -> Payload | Outcome:
        query = {"key": self.keys[name], "type": file.kind}
        answer = self._noted(name, await self.caller.upload("webhook/upload_media", query, file))
        match answer:
            case Answered(code=0, body={"media_id": str(media_id)}):
                return payloads.media(file.kind, media_id)
            case Lost(why=why):  # the upload may have arrived, nothing has reached the group
                return instead(NotSent(why=why), self.clock.now())
        return instead(answer, self.clock.now())

    async def _post_all(self, name: str, parts: Sequence[Payload]) -> Outcome:
        sent = False
        for part in parts:
            outcome = outcome_of(await self._post(name, part), self.clock.now())
            if outcome is not None:
                return Unknown(why="partly-sent") if sent else outcome
            sent = True
        return Accepted(message_id="") if sent else Refused(why=RefusedWhy.BAD_CONTENT)

    async def _show(self, name: str, figure: str) -> None:
        """Show a picture before its words, which have to do where that fails."""
        try:
            content = await asyncio.to_thread((self.figures / f"{figure}.png").read_bytes)
        except (OSError, ValueError):
            _log.error("figure missing", figure=figure)
            return
        picture = payloads.hook_image(content)
        if picture is not None:
            await self._post(name, picture)

    async def _post(self, name: str, payload: Payload) -> Answer:
        return self._noted(name, await self.caller.post("webhook/send", {"key": self.keys[name]}, payload))

    def _noted(self, name: str, answer: Answer) -> Answer:
        trouble = trouble_of(answer)
        if trouble is None:
            self._troubles.pop(name, None)
        else:
            self._troubles[name] = trouble
        return answer
