"""Errands in Redis: what processes ask of the one that has a connection which a platform allows only once."""

import json
import secrets

from bot.ports import ErrandNotTaken
from bot.storage.keys import AuxKeys
from scheduler.storage import scripting
from scheduler.storage.database import Database

_ASK = scripting.load(__package__, "ask_errand")
_ANSWER = scripting.load(__package__, "answer_errand")

_SWEEP_MS = 10_000
_BLOCK_SECONDS = 1.0
"""How long one look waits: well below the time after which the server counts as away."""


class RedisErrands:
    """`bot.ports.Errands` for the connection of this name."""

    def __init__(self, database: Database, name: str) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)
        self._errands, self._bell = self._keys.errands(name), self._keys.errand_bell(name)
        self._rung = "0-0"

    async def ask(self, text: str, *, wait: float) -> str | None:
        """The answer; None if it was taken and not answered within `wait` seconds. ErrandNotTaken, StoreAway."""
        errand = secrets.token_hex(8)
        entry = json.dumps([errand, text])
        await self._database.run(_ASK, [self._errands, self._bell], (entry, _SWEEP_MS))
        answered = await self._answer_to(self._keys.errand_answer(errand), wait)
        if answered is None and await self._database.call("LREM", self._errands, 1, entry):
            raise ErrandNotTaken
        return answered

    async def take(self, *, wait: float) -> tuple[str, str] | None:
        """The next errand, its id and text; None if none comes within `wait` seconds, or within one.

        Whoever loses the server's answer has lost that errand too: it is never carried out twice.
        """
        entry = await self._database.call("LPOP", self._errands)
        if entry is None:
            await self._listen(self._bell, self._rung, wait)
            rung = await self._database.call("XREVRANGE", self._bell, "+", "-", "COUNT", 1)
            self._rung = rung[0][0] if rung else self._rung  # looked at before the list: no ring is missed
            entry = await self._database.call("LPOP", self._errands)
        if entry is None:
            return None
        errand, text = json.loads(entry)
        return errand, text

    async def answer(self, errand: str, text: str) -> None:
        """Answer a taken errand, by its id."""
        await self._database.run(_ANSWER, [self._keys.errand_answer(errand)], (text, _SWEEP_MS))

    async def _answer_to(self, key: str, wait: float) -> str | None:
        while True:
            await self._listen(key, "0-0", wait)
            entries = await self._database.call("XRANGE", key, "-", "+")
            wait -= _BLOCK_SECONDS
            if entries or wait <= 0:
                return str(entries[0][1]["text"]) if entries else None

    async def _listen(self, key: str, after: str, wait: float) -> None:
        milliseconds = max(1, int(min(wait, _BLOCK_SECONDS) * 1_000))  # 0 would be for ever
        await self._database.call("XREAD", "BLOCK", milliseconds, "STREAMS", key, after)
