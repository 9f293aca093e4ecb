"""`xueji serve` and `xueji demo`: the processes that keep running."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from bot import logs
from bot.bootstrap import knowledge_of
from bot.demo.serving import serve_demo
from bot.demo.story import StoryFailed, play
from bot.serving import serve as serve_service
from bot.serving import work as work_beside
from bot.settings import GroupMode, Settings, content_folder, read
from bot.storage.clients import BadAddress
from bot.storage.connection import Unusable
from bot.storage.embedded import CannotStart, HeldBy
from bot.web import NotLoopback
from knowledge.linting import load_complete
from knowledge.loading import CONTENT, load
from knowledge.search.searcher import Searcher
from scheduler.ports import StoreAway

_REFUSED = 2
"""Exit code for "not with these settings, or not while somebody else is at it"."""

_EXPECTED = (HeldBy, CannotStart, Unusable, NotLoopback, StoreAway, BadAddress, OSError)


def serve(
    no_relay: bool = typer.Option(False, "--no-relay", help="Leave what waits in the outbox to `xueji work`."),
) -> None:
    """Serve the configured platforms until Ctrl-C or SIGTERM."""
    folder = content_folder()
    content = load() if folder == CONTENT else load_complete(folder)
    settings = read(scopes=content.tree, **({"relay": False} if no_relay else {}))
    logs.configure(settings.log_format)
    _run(serve_service(settings, knowledge_of(content, folder), _announce(settings, "/readyz")))


def work() -> None:
    """Only send what waits in the outbox, beside `xueji serve`, until Ctrl-C or SIGTERM; as many as are wanted."""
    folder = content_folder()
    content = load() if folder == CONTENT else load_complete(folder)
    settings = read(scopes=content.tree)
    logs.configure(settings.log_format)
    known = knowledge_of(content, folder, searcher=Searcher.lexical(content))

    def announce(lanes: Sequence[str]) -> None:
        typer.echo(f"{' '.join(lanes)}\nCtrl-C stops it.")

    _run(work_beside(settings, known, announce))


def demo(
    story: bool = typer.Option(False, "--story", help="Play the whole story without a browser and exit."),
    data: Path = typer.Option(Path("data/demo"), help="Where the demo keeps its database and files."),
) -> None:
    """The chatroom in your browser, with a sample college and an open campaign; or the story of it."""
    content = load()
    if story:
        settings = read(scopes=content.tree, data=data / "story", group_mode=GroupMode.AMBIENT, redis_url=None)
        logs.quiet()
        try:
            _run(play(settings, knowledge_of(content), typer.echo))
        except StoryFailed as failed:
            typer.echo(str(failed), err=True)
            raise typer.Exit(1) from None
        return
    settings = read(scopes=content.tree, data=data, group_mode=GroupMode.AMBIENT, redis_url=None)
    logs.configure(settings.log_format)
    _run(serve_demo(settings, knowledge_of(content), _announce(settings, "/")))


def _announce(settings: Settings, page: str) -> Callable[[int], None]:
    def announce(port: int) -> None:
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        typer.echo(f"http://{host}:{port}{page}\nCtrl-C stops everything.")

    return announce


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Run until done or told to stop; what cannot be is one line on the error stream, exit 2."""
    try:
        asyncio.run(_until_stopped(work))
    except _EXPECTED as fault:
        raise _refused([fault]) from None
    except BaseExceptionGroup as group:
        expected, unexpected = group.split(_EXPECTED)
        if unexpected is not None or expected is None:
            raise
        raise _refused(_leaves(expected)) from None


def _refused(faults: Iterable[BaseException]) -> typer.Exit:
    for fault in faults:
        typer.echo(str(fault), err=True)
    return typer.Exit(_REFUSED)


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for fault in group.exceptions:
        if isinstance(fault, BaseExceptionGroup):
            yield from _leaves(fault)
        else:
            yield fault


async def _until_stopped(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.ensure_future(work)
    loop = asyncio.get_running_loop()
    for kind in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(kind, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
