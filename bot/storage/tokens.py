"""A platform's tokens in Redis: one for each secret, fetched by one process and used by all."""

from datetime import datetime

from bot.ports import NoToken, Token
from bot.storage.keys import AuxKeys
from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.instants import from_ms, to_ms

_ASK = scripting.load(__package__, "ask_token")
_KEEP = scripting.load(__package__, "keep_token")
_REFUSE = scripting.load(__package__, "refuse_token")
_LEAVE = scripting.load(__package__, "release")

_FETCH_MS = 15_000
"""Longer than fetching may take; then whoever was fetching has died."""

_SWEEP_MS = 24 * 3_600_000


class RedisTokens:
    """`bot.ports.TokenStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def ask(self, secret: str, *, dead: int, by: str, now: datetime) -> Token | NoToken | int:
        """The token, unless it has run out or is number `dead`; the code of a refusal; or what to do."""
        said, *rest = await self._database.run(_ASK, self._names(secret), (dead, by, to_ms(now), _FETCH_MS))
        match said:
            case "token":
                value, number, until = rest
                return Token(value=value, number=int(number), until=from_ms(until))
            case "refused":
                return int(rest[0])
            case _:
                return NoToken(said)

    async def keep(self, secret: str, value: str, *, until: datetime, by: str, now: datetime) -> Token:
        """Keep what `by` fetched, for everybody."""
        args = (by, value, to_ms(until), to_ms(until) - to_ms(now) + _SWEEP_MS)
        number = await self._database.run(_KEEP, self._names(secret), args)
        return Token(value=value, number=int(number), until=until)

    async def refuse(self, secret: str, code: int, *, until: datetime, by: str = "", number: int = 0) -> None:
        """Nobody fetches until then: `by` was refused a token, or token `number` was refused as soon as fetched."""
        args = (by, number, code, to_ms(until), _SWEEP_MS)
        await self._database.run(_REFUSE, self._names(secret), args)

    async def leave(self, secret: str, *, by: str) -> None:
        """`by` could not fetch one: the next who asks may."""
        await self._database.run(_LEAVE, [self._keys.fetching(secret)], (by,))

    def _names(self, secret: str) -> list[str]:
        return [self._keys.token(secret), self._keys.fetching(secret)]
