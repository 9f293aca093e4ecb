"""The one way to reach Redis or Valkey, and what is asked of a server before anything is written to it."""

from dataclasses import dataclass
from urllib.parse import quote

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError

from scheduler.ports import StoreAway
from scheduler.storage import keys
from scheduler.storage.database import PATIENCE, Database

SCHEMA = "1"
"""The version of the keys and records this program writes; a change of theirs raises it."""

_CONNECTIONS = 64
_POOL_WAIT = 5.0
_OLDEST = (7, 0)


class Unusable(Exception):
    """The server must not be used as it is; the message says why and what mends it, in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerReport:
    """What was found at the start: the server in words, and what staff should know although it works."""

    server: str
    notes: tuple[str, ...]


def socket_url(path: str) -> str:
    """The URL of a server behind a Unix socket."""
    return f"unix://{quote(path)}"


def connect(url: str, prefix: str, *, patience: float = PATIENCE) -> Database:
    """A database at `redis://`, `rediss://` or `unix://`; nothing is sent before the first command.

    `patience`: seconds until an answer is given up. A command is never repeated by the client: the answer to the
    first may be lost after it was done.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=_POOL_WAIT,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=None,  # the database watches all answers of a load at once
        socket_connect_timeout=PATIENCE,
        decode_responses=True,
        encoding_errors="surrogateescape",  # an update of a platform may hold any bytes
        protocol=2,
    )
    return Database(Redis.from_pool(pool), prefix, patience=patience)


async def close(database: Database) -> None:
    """Close every connection."""
    await database.client.aclose()


async def check(database: Database, *, embedded: bool) -> ServerReport:
    """Look at the server before it is used, and claim the keys for this program's schema.

    Unusable: too old, written by a newer program, or (embedded) not writing every change to disk.
    """
    info = await database.call("INFO", "server")
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        raise Unusable(f"{name} {version} is too old: 7.0 or newer is needed")
    fault = await _durability_fault(database)
    if fault and embedded:
        raise Unusable(fault)
    await _check_schema(database)
    return ServerReport(server=f"{name} {version}", notes=(fault,) if fault else ())


async def health(database: Database) -> str | None:
    """What is wrong with the server now, in a few words; None if nothing is."""
    try:
        info = await database.call("INFO", "persistence")
    except StoreAway:
        return "the store does not answer"
    if str(info.get("loading", "0")) != "0":
        return "the store is reading its data"
    if info.get("aof_enabled") and info.get("aof_last_write_status", "ok") != "ok":
        return "the store cannot write to its disk"
    return None


async def _durability_fault(database: Database) -> str | None:
    try:
        rows = await database.call("CONFIG", "GET", "append*")
    except ResponseError:  # a managed server keeps its configuration to itself
        return "the server does not say whether it writes every change to disk (appendonly yes, appendfsync always)"
    found = dict(zip(rows[::2], rows[1::2], strict=True))
    if found.get("appendonly") == "yes" and found.get("appendfsync") == "always":
        return None
    return "the server may lose the last second: set appendonly yes and appendfsync always"


async def _check_schema(database: Database) -> None:
    key = keys.schema(database.prefix)
    await database.call("SET", key, SCHEMA, "NX")
    stored = await database.call("GET", key)
    if stored != SCHEMA:
        raise Unusable(f"the data has schema {stored}, this program knows {SCHEMA}: use the program that wrote it")
