"""Stores to test with, on loopback: Debian's Redis alone, with a Sentinel, and as a Cluster of three masters."""

import asyncio
import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import redis

from bot.storage.connection import close, connect

LOOPBACK = "127.0.0.1"
MASTER = "xueji"
_DURABLE = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
_PATIENCE_SECONDS = 30.0
_SLOTS = 16_384
_MASTERS = 3


def free_port() -> int:
    """A port nobody listens on now; below those that the system gives out, so that its bus has room above it."""
    for port in range(21_000 + time.monotonic_ns() % 10_000, 32_000):
        with socket.socket() as one, socket.socket() as bus:
            try:
                one.bind((LOOPBACK, port))
                bus.bind((LOOPBACK, port + 10_000))
            except OSError:
                continue
            return port
    raise OSError("no free port")


class Server:
    """One redis-server, or sentinel, on a port of its own."""

    def __init__(self, folder: Path, *options: str, sentinel_of: int | None = None) -> None:
        self.port = free_port()
        self.folder = folder / str(self.port)
        self.folder.mkdir(parents=True)
        self._options = options
        self._sentinel_of = sentinel_of
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, again after it was killed, and wait until it answers."""
        fixed = [
            "--port",
            str(self.port),
            "--bind",
            LOOPBACK,
            "--dir",
            str(self.folder),
            "--enable-debug-command",
            "yes",
        ]
        command = ["redis-server", *fixed, *_DURABLE, *self._options]
        if self._sentinel_of is not None:
            config = self.folder / "sentinel.conf"
            config.write_text(
                f"port {self.port}\nbind {LOOPBACK}\ndir {self.folder}\n"
                f"sentinel monitor {MASTER} {LOOPBACK} {self._sentinel_of} 1\n"
                f"sentinel down-after-milliseconds {MASTER} 500\nsentinel failover-timeout {MASTER} 3000\n"
                + " ".join(self._options).replace("--", "\n")
            )
            command = ["redis-server", str(config), "--sentinel"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: self.ask("PING") is True, "the server answers")

    def ask(self, *command: str | int) -> object:
        """Its answer; None while it cannot be reached."""
        with contextlib.suppress(redis.exceptions.RedisError), redis.Redis(port=self.port, socket_timeout=2) as one:
            answer: object = one.execute_command(*command)
            return answer
        return None

    def kill(self) -> None:
        """End it at once."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def started(*servers: Server) -> Iterator[None]:
    """They run from here to the end."""
    try:
        for server in servers:
            server.start()
        yield
    finally:
        for server in servers:
            server.kill()
            shutil.rmtree(server.folder, ignore_errors=True)


@contextlib.contextmanager
def redis_alone(folder: Path) -> Iterator[str]:
    """One Redis; its address."""
    server = Server(folder)
    with started(server):
        yield f"redis://{LOOPBACK}:{server.port}"


class Watched:
    """A master, its replica, and the sentinel that watches them."""

    def __init__(self, folder: Path) -> None:
        self.master = Server(folder)
        self.replica = Server(folder, "--replicaof", LOOPBACK, str(self.master.port))
        self.sentinel = Server(folder, sentinel_of=self.master.port)

    @property
    def url(self) -> str:
        """The address that names the sentinel."""
        return f"redis+sentinel://{LOOPBACK}:{self.sentinel.port}/{MASTER}"

    def cut_off(self) -> None:
        """The replica hears nothing more of its master, as if the network had gone first."""
        self.replica.ask("REPLICAOF", LOOPBACK, free_port())

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """All three, the replica in step with its master and known to the sentinel."""
        with started(self.master, self.replica, self.sentinel):
            until(lambda: b"master_link_status:up" in _info(self.replica), "the replica follows")
            until(lambda: bool(self.sentinel.ask("SENTINEL", "REPLICAS", MASTER)), "the sentinel knows the replica")
            yield


@contextlib.contextmanager
def sentinel(folder: Path) -> Iterator[str]:
    """A watched master; its address."""
    watched = Watched(folder)
    with watched.running():
        yield watched.url


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Three masters that share the slots; their address."""
    servers = [Server(folder, "--cluster-enabled", "yes") for _ in range(_MASTERS)]
    with started(*servers):
        share = -(-_SLOTS // _MASTERS)
        for place, server in enumerate(servers):
            last = min((place + 1) * share, _SLOTS) - 1
            server.ask("CLUSTER", "ADDSLOTSRANGE", place * share, last)
            server.ask("CLUSTER", "MEET", LOOPBACK, servers[0].port)
        url = "redis+cluster://" + ",".join(f"{LOOPBACK}:{server.port}" for server in servers)
        until(lambda: all(b"cluster_state:ok" in _cluster_info(server) for server in servers), "the cluster is whole")
        until(lambda: _usable(url), "every node knows the others")
        yield url


KINDS: dict[str, Callable[[Path], contextlib.AbstractContextManager[str]]] = {
    "redis": redis_alone,
    "sentinel": sentinel,
    "cluster": cluster,
}
"""What `pytest --server` takes, beside the embedded server."""


def until(holds: Callable[[], bool], what: str) -> None:
    """Return as soon as it holds; AssertionError naming `what` if it never does."""
    give_up = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < give_up, f"never came true: {what}"
        time.sleep(0.02)


def _info(server: Server) -> bytes:
    return str(server.ask("INFO", "replication")).replace("'", "").replace(": ", ":").encode()


def _cluster_info(server: Server) -> bytes:
    return str(server.ask("CLUSTER", "INFO")).replace("'", "").replace(": ", ":").encode()


def _usable(url: str) -> bool:
    async def asked(keys: Sequence[str]) -> bool:
        database = connect(url, "probe")
        try:
            return [await database.call("GET", key) for key in keys] == [None] * len(keys)
        except Exception:  # noqa: BLE001 - whatever it is, it is not ready
            return False
        finally:
            await close(database)

    return asyncio.run(asked(["a", "b", "c", "d", "e", "f"]))
