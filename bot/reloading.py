"""A new version of the content, brought into service without a restart and without a gap.

Each serving process looks every two seconds whether a reload was asked for, reads the folder whole beside what is
in service, and either puts all of it in place in one step or refuses all of it and goes on as before.
"""

import asyncio
import contextlib
import os
import platform
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

import structlog

from bot.bootstrap import Knowledge, Service, knowledge_of
from bot.ports import Reloaded, ReloadStore, StoreAway
from knowledge.faults import ContentFaults
from knowledge.linting import load_complete
from knowledge.loading import Content
from knowledge.search.artefact import NoArtefact, folder_of
from knowledge.search.searcher import Searcher

_log = structlog.get_logger(__name__)

_EVERY_SECONDS = 2.0

MOST_FAULTS = 50
"""How many faults of a refused version are reported; whoever mends it finds the rest with `content check`."""


def new_request() -> str:
    """An id for a reload that is asked for."""
    return secrets.token_hex(8)


def this_process() -> str:
    """This process, as operators know it."""
    return f"{platform.node()}/{os.getpid()}"


class Reloading:
    """Takes part in the reloads that are asked for."""

    def __init__(
        self,
        service: Service,
        reloads: ReloadStore,
        process: str,
        *,
        renewing: Sequence[Callable[[], Awaitable[None]]] = (),
    ) -> None:
        """`renewing`: what platforms keep of the content is renewed there, each time a version was taken."""
        self._service = service
        self._reloads = reloads
        self._process = process
        self._renewing = tuple(renewing)
        self._wanted = asyncio.Event()
        self._answered: str | None = None
        self._refused: tuple[str, ...] = ()

    def wish(self) -> None:
        """Ask every process for a reload, as soon as the store is there."""
        self._wanted.set()

    def notes(self) -> Mapping[str, str]:
        """What staff should know: that a version was refused, and why."""
        if not self._refused:
            return {}
        version = self._service.known.content.version[:12]
        first, more = self._refused[0], len(self._refused) - 1
        beside = f" (and {more} more; `xueji content check` names them)" if more else ""
        return {"content": f"a new version was refused, {version} serves on: {first}{beside}"}

    async def run(self) -> None:
        """Look for what is asked for until cancelled."""
        while True:
            with contextlib.suppress(StoreAway):
                await self.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_EVERY_SECONDS):
                    await self._wanted.wait()

    async def look(self) -> None:
        """Reload if that was asked for since the last look, and report; the first look only learns what is past."""
        if self._answered is None:
            self._answered = await self._reloads.look(self._process)
        if self._wanted.is_set():
            await self._reloads.ask(new_request())
            self._wanted.clear()
        asked = await self._reloads.look(self._process)
        if asked != self._answered:
            await self._reloads.report(asked, self._process, await self.reload())
            self._answered = asked

    async def reload(self) -> Reloaded:
        """Read the folder anew and put it into service; the version in service afterwards, and why not the new one."""
        found = await asyncio.to_thread(_next_version, self._service.known)
        if isinstance(found, Knowledge):
            self._service.take(found)
            for renew in self._renewing:
                await renew()
        self._refused = () if isinstance(found, Knowledge) else found[:MOST_FAULTS]
        version = self._service.known.content.version
        _log.info("content refused" if self._refused else "content reloaded", version=version)
        return Reloaded(version=version, faults=self._refused)


def _next_version(current: Knowledge) -> Knowledge | tuple[str, ...]:
    """The folder as it is now, fit to be served, or everything that speaks against it."""
    folder = current.folder
    try:
        content = load_complete(folder)
        lost = tuple(_lost_scopes(current.content, content))
        if lost:
            return lost
        searcher = Searcher.trained(content, folder_of(folder), embedding=current.searcher.embedding)
    except ContentFaults as found:
        return tuple(map(str, found.faults))
    except NoArtefact as reason:
        return (str(reason),)
    except Exception as error:  # noqa: BLE001 - whatever it is, the version in service serves on
        return (f"the folder cannot be read: {type(error).__name__}",)
    return knowledge_of(content, folder, searcher=searcher)


def _lost_scopes(before: Content, after: Content) -> Iterator[str]:
    """Classes and settings name scopes: none may go while the service runs."""
    for scope in before.tree:
        if scope not in after.tree:
            yield f"scopes.yaml:1: scope '{scope}' is in service and may go only with a restart"
