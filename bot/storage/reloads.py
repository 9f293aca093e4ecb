"""Reloads of the content in Redis: one id that was asked for last, the serving processes, and what each reports."""

from collections.abc import Mapping

from bot.ports import Reloaded
from bot.storage.keys import AuxKeys
from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.records import from_json, to_json

_ASK = scripting.load(__package__, "ask_reload")
_LOOK = scripting.load(__package__, "look_for_reload")
_REPORT = scripting.load(__package__, "report_reload")

_GONE_MS = 10_000
"""A process not seen for so long serves no more; each looks every two seconds."""

_REMEMBERED_SECONDS = 24 * 3600


class RedisReloads:
    """`bot.ports.ReloadStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def ask(self, request: str) -> tuple[str, ...]:
        """Ask all for a reload, named by an id of its own; the processes that serve now."""
        keys = [self._keys.reload, self._keys.processes]
        return tuple(await self._database.run(_ASK, keys, (request, _GONE_MS)))

    async def look(self, process: str) -> str:
        """The reload that was asked for last, empty if none was; and the process is known to serve for a while."""
        keys = [self._keys.reload, self._keys.processes]
        return str(await self._database.run(_LOOK, keys, (process, _GONE_MS)))

    async def report(self, request: str, process: str, reloaded: Reloaded) -> None:
        """Say what came of it in a process."""
        args = (process, to_json(reloaded), _REMEMBERED_SECONDS)
        await self._database.run(_REPORT, [self._keys.reloaded(request)], args)

    async def reports(self, request: str) -> Mapping[str, Reloaded]:
        """What came of it so far, by process."""
        stored = await self._database.whole_hash(self._keys.reloaded(request))
        return {process: from_json(Reloaded, text) for process, text in stored.items()}
