"""The one way to reach Redis or Valkey, and what is asked of a server before anything is written to it."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from redis.exceptions import ResponseError

from bot.storage import clients
from scheduler.pacing import MOST_SKEW
from scheduler.ports import StoreAway
from scheduler.storage import keys
from scheduler.storage.database import PATIENCE, Database

SCHEMA = "1"
"""The version of the keys and records this program writes; a change of theirs raises it."""

_OLDEST = (7, 0)

_MEETING_SECONDS = 3.0
"""How long a server that is asked for the first time may take to answer: somebody sits before the command."""


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


def connect(url: str, prefix: str, *, patience: float = PATIENCE, replicas: int = 0) -> Database:
    """A database at an address of `clients.client`; nothing is sent before the first command.

    `patience`: seconds until an answer is given up; `replicas`: see `Database`.
    """
    return Database(clients.client(url), prefix, patience=patience, replicas=replicas)


async def close(database: Database) -> None:
    """Close every connection."""
    await clients.close(database.client)


async def check(database: Database, *, embedded: bool) -> ServerReport:
    """Look at the server before it is used, and claim the keys for this program's schema.

    Unusable: too old, written by a newer program, or (embedded) not writing every change to disk. StoreAway: not
    reached.
    """
    try:
        async with asyncio.timeout(None if embedded else _MEETING_SECONDS):
            told = await database.of_each("INFO", "server")
    except StoreAway as away:
        raise away if embedded else _not_reached(str(away)) from None
    except TimeoutError:
        raise _not_reached(f"none within {_MEETING_SECONDS:.0f} s") from None
    found = [_known(info) for info in told]
    faults = tuple(filter(None, await _durability_faults(database)))
    if faults and embedded:
        raise Unusable(faults[0])
    try:
        await _check_schema(database)
    except StoreAway as away:
        raise StoreAway(f"XUEJI_REDIS_URL, XUEJI_REDIS_WAIT: {away}") from None
    masters = f", {len(found)} masters" if len(found) > 1 else ""
    return ServerReport(server=f"{found[0]}{masters}", notes=tuple(dict.fromkeys(faults)))


async def health(database: Database) -> str | None:
    """What is wrong with the server now, in a few words; None if nothing is."""
    try:
        found = await database.of_each("INFO", "persistence")
    except StoreAway:
        return "the store does not answer"
    return next(filter(None, map(_ailment, found)), None)


async def clock_fault(database: Database, now: datetime) -> str | None:
    """By how much this machine's clock and the store's differ, where that is more than a sender's may be wrong.

    None while the store is away. `now`: what this machine's clock says (UTC).
    """
    try:
        told = await database.of_each("TIME")
    except StoreAway:
        return None
    seconds = max((int(one[0]) - now.timestamp() for one in told), key=abs)
    if abs(seconds) <= MOST_SKEW:
        return None
    return f"the store's clock and this machine's differ by {abs(seconds):.0f} s: set the wrong one right"


def _not_reached(why: str) -> StoreAway:
    """The same in one line that says where to look; clients add a picture of themselves to what went wrong."""
    why = why.partition(" : <")[0].rstrip(".")
    return StoreAway(f"XUEJI_REDIS_URL: no answer ({why}). Check that the server runs, the address and the password.")


def _ailment(info: Mapping[str, Any]) -> str | None:
    if str(info.get("loading", "0")) != "0":
        return "the store is reading its data"
    if info.get("aof_enabled") and info.get("aof_last_write_status", "ok") != "ok":
        return "the store cannot write to its disk"
    return None


def _known(info: Mapping[str, Any]) -> str:
    """Name and version of a server; Unusable if it is too old."""
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info["redis_version"])
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST:
        raise Unusable(f"{name} {version} is too old: 7.0 or newer is needed")
    return f"{name} {version}"


async def _durability_faults(database: Database) -> Sequence[str | None]:
    try:
        told = await database.of_each("CONFIG GET", "append*")
    except ResponseError:  # a managed server keeps its configuration to itself
        return ("the server does not say whether it writes every change to disk (appendonly yes, appendfsync always)",)
    return [_durability_fault(one) for one in told]


def _durability_fault(told: Any) -> str | None:
    found = told if isinstance(told, Mapping) else dict(zip(told[::2], told[1::2], strict=True))
    if found.get("appendonly") == "yes" and found.get("appendfsync") == "always":
        return None
    return "the server may lose the last second: set appendonly yes and appendfsync always"


async def _check_schema(database: Database) -> None:
    key = keys.schema(database.prefix)
    await database.call("SET", key, SCHEMA, "NX")
    stored = await database.call("GET", key)
    if stored != SCHEMA:
        raise Unusable(f"the data has schema {stored}, this program knows {SCHEMA}: use the program that wrote it")
