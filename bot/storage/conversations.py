"""Conversations in Redis: held by one at a time, read after they are held, saved only while they are."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from bot.conversations import ASKED_LASTS, CONVERSATION_LASTS, Conversation
from bot.ports import StoreAway
from bot.storage.keys import TalkKeys
from scheduler.messages import Address
from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.records import from_json, to_json

_HOLD = scripting.load(__package__, "hold")
_RENEW = scripting.load(__package__, "renew")
_RELEASE = scripting.load(__package__, "release")
_SAVE = scripting.load(__package__, "save")

_HOLD_MS = 10_000
_RENEWED_AFTER = _HOLD_MS / 3_000
"""Seconds. Nearly every conversation is let go of long before, and needs no task that renews its hold."""

_WAIT_SECONDS = 10.0
"""How long a second message waits for the first one of the same person; the hold of a dead process ends before."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.005, 0.1
_SWEEP_MS = int(CONVERSATION_LASTS.total_seconds() * 1_000)
_ASKED_MS = int(ASKED_LASTS.total_seconds() * 1_000)


@dataclass(slots=True, kw_only=True)
class HeldConversation:
    """`bot.ports.OpenConversation`: as it was read under the fence it is held by."""

    conversation: Conversation
    keys: TalkKeys
    fence: str
    database: Database
    saved: bool = False

    async def save(self, conversation: Conversation) -> None:
        """Store it, if the hold has not run out, and let go of it; StoreAway otherwise."""
        kept, asked = to_json(replace(conversation, asked="")), conversation.asked.encode(errors="replace").decode()
        args = (self.fence, kept, _SWEEP_MS, asked, _ASKED_MS)
        if not await self.database.run(_SAVE, [self.keys.lock, self.keys.conversation, self.keys.asked], args):
            raise StoreAway("the conversation was held too long")
        self.conversation, self.saved = conversation, True


class RedisConversations:
    """`bot.ports.ConversationStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextlib.asynccontextmanager
    async def locked(self, address: Address, account: str) -> AsyncIterator[HeldConversation]:
        """Hold the conversation of this account in this chat; StoreAway if somebody else does not let go of it."""
        names = TalkKeys(self._database.prefix, str(address), account)
        fence, stored, asked = await self._hold(names)
        late: list[asyncio.Task[None]] = []
        renewing = asyncio.get_running_loop().call_later(
            _RENEWED_AFTER, lambda: late.append(asyncio.create_task(self._hold_on(names, fence)))
        )
        conversation = replace(from_json(Conversation, stored or "{}"), asked=asked)
        held = HeldConversation(conversation=conversation, keys=names, fence=fence, database=self._database)
        try:
            yield held
        finally:
            renewing.cancel()
            for task in late:
                task.cancel()
            if not held.saved:
                with contextlib.suppress(StoreAway):  # then it runs out by itself
                    await self._database.run(_RELEASE, [names.lock], (fence,))

    async def _hold(self, names: TalkKeys) -> tuple[str, str, str]:
        pause, waited = _FIRST_PAUSE, 0.0
        while waited < _WAIT_SECONDS:
            keys = [names.lock, names.fence, names.conversation, names.asked]
            held = await self._database.run(_HOLD, keys, (_HOLD_MS, _SWEEP_MS))
            if held:
                fence, stored, asked = held
                return fence, stored, asked
            await asyncio.sleep(pause)
            waited, pause = waited + pause, min(2 * pause, _LONGEST_PAUSE)
        raise StoreAway("the conversation is held by another process")

    async def _hold_on(self, names: TalkKeys, fence: str) -> None:
        while True:
            with contextlib.suppress(StoreAway):
                await self._database.run(_RENEW, [names.lock], (fence, _HOLD_MS))
            await asyncio.sleep(_RENEWED_AFTER)
