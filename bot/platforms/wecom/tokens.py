"""Calls in the name of a 自建应用: with its access token, which all processes share and one of them fetches.

A token may die before its time, and an expired one is told by several codes. So a call whose token was refused is
made once more with another token, never a third time; a secret that is refused is left alone for a minute.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, TypeGuard

from bot.platforms.wecom.api import (
    A_MINUTE,
    TOKEN_REFUSED,
    Answer,
    Answered,
    Caller,
    File,
    NotSent,
    Trouble,
    trouble_of,
)
from bot.ports import NoToken, StoreAway, Token, TokenStore
from scheduler.ports import Clock

_LOOK_AGAIN_SECONDS = 0.1
"""While another process fetches: it has fifteen seconds, then somebody else may."""

_BUSY = -1

_SHARE = 0.9
"""How much of a token's life is used: a call under way must not see it end."""

_MOST_SECONDS = 24 * 3600
_STORE_AWAY = NotSent(why="store-away")

Pause = Callable[[float], Awaitable[None]]


class AppCalls:
    """Calls of one application, by its CorpID and Secret. `trouble` is what the last call said has to be mended."""

    def __init__(
        self,
        caller: Caller,
        store: TokenStore,
        clock: Clock,
        *,
        corp_id: str,
        secret: str,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.trouble: Trouble | None = None
        self._caller = caller
        self._store = store
        self._clock = clock
        self._credential = {"corpid": corp_id, "corpsecret": secret}
        self._name = f"wecom|{corp_id}|{secret}"
        self._pause = pause
        self._asking = asyncio.Lock()
        self._held: Token | None = None

    async def get(self, path: str, query: Mapping[str, str]) -> Answer:
        """The answer to a GET of `/cgi-bin/<path>`."""
        return await self._call(lambda token: self._caller.get(path, {"access_token": token, **query}))

    async def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        """The answer to a POST of JSON to `/cgi-bin/<path>`."""
        return await self._call(lambda token: self._caller.post(path, {"access_token": token}, body))

    async def upload(self, kind: str, file: File) -> Answer:
        """The answer to an upload of temporary media, `kind` being image or file."""
        return await self._call(
            lambda token: self._caller.upload("media/upload", {"access_token": token, "type": kind}, file)
        )

    async def _call(self, call: Callable[[str], Awaitable[Answer]]) -> Answer:
        answer = await self._twice_at_most(call)
        if answer != _STORE_AWAY:  # which says nothing of WeCom
            self.trouble = trouble_of(answer)
        return answer

    async def _twice_at_most(self, call: Callable[[str], Awaitable[Answer]]) -> Answer:
        token = await self._token(dead=0)
        if not isinstance(token, Token):
            return token
        answer = await call(token.value)
        if not _is_refused(answer):
            return answer
        fresh = await self._token(dead=token.number)
        if not isinstance(fresh, Token):
            return fresh
        answer = await call(fresh.value)
        if _is_refused(answer):
            await self._give_up(fresh, answer.code)
        return answer

    async def _token(self, *, dead: int) -> Token | Answer:
        """The token, unless it is number `dead`; what came of fetching one, if there is none."""
        async with self._asking:
            now = self._clock.now()
            if self._held is not None and self._held.number != dead and now < self._held.until:
                return self._held
            self._held = None
            by = secrets.token_hex(8)
            try:
                while (asked := await self._store.ask(self._name, dead=dead, by=by, now=now)) is NoToken.WAIT:
                    await self._pause(_LOOK_AGAIN_SECONDS)
                if isinstance(asked, int):
                    return Answered(code=asked, body={})
                if not isinstance(asked, Token):
                    return await self._fetch(by)
            except StoreAway:
                return _STORE_AWAY
            self._held = asked
            return asked

    async def _fetch(self, by: str) -> Token | Answer:
        answer = await self._caller.get("gettoken", self._credential)
        now = self._clock.now()
        match answer:
            case Answered(code=0, body={"access_token": str(value), "expires_in": int(seconds)}) if value:
                until = now + timedelta(seconds=min(seconds, _MOST_SECONDS)) * _SHARE
                self._held = await self._store.keep(self._name, value, until=until, by=by, now=now)
                return self._held
            case Answered(code=code) if code not in (0, _BUSY):
                await self._store.refuse(self._name, code, until=now + A_MINUTE, by=by)
                return answer
        await self._store.leave(self._name, by=by)
        # Whatever became of fetching, the call itself was never made.
        return answer if isinstance(answer, Answered) and answer.code else NotSent(why="no-token")

    async def _give_up(self, fresh: Token, code: int) -> None:
        self._held = None
        with contextlib.suppress(StoreAway):  # then the next call finds out again
            await self._store.refuse(self._name, code, until=self._clock.now() + A_MINUTE, number=fresh.number)


def _is_refused(answer: Answer) -> TypeGuard[Answered]:
    return isinstance(answer, Answered) and answer.code in TOKEN_REFUSED
