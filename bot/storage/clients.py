"""From the address of a store to redis-py's client for it: one server, Sentinel, or a Cluster."""

import codecs
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel, SentinelConnectionPool
from redis.backoff import NoBackoff

from scheduler.storage.database import PATIENCE, Client

_CONNECTIONS = 64
_POOL_WAIT = 5.0
_CONNECT_SECONDS = 1.5
"""Longer than one lost packet takes, and short enough for the next machine to be asked meanwhile."""
_SENTINEL_SECONDS = 1.0
"""They are asked one after the other: of three, two may be gone."""
_SENTINEL, _CLUSTER = "+sentinel", "+cluster"
_PORTS = {_SENTINEL: 26_379, _CLUSTER: 6_379}

_ANY_TEXT = "xueji-any-text"
"""How the store is written to and read: an update of a platform may hold any bytes, and what somebody types halves of
characters. A text that could not be sent would take those down that are sent along with it."""

_ESCAPED = range(0xDC80, 0xDD00)
"""The halves of characters that stand for one byte each."""


def _any_text(error: UnicodeError) -> tuple[str | bytes, int]:
    """Bytes that are no text become text and are the same bytes again; half a character goes as it is."""
    how = "surrogateescape"
    if isinstance(error, UnicodeEncodeError):
        error.end = error.start + 1
        how = how if ord(error.object[error.start]) in _ESCAPED else "surrogatepass"
    return codecs.lookup_error(how)(error)


codecs.register_error(_ANY_TEXT, _any_text)


class BadAddress(ValueError):
    """An address that names no store; the message says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodes:
    """What an address of several servers says: where they are, who we are there, and the name of the master."""

    hosts: tuple[tuple[str, int], ...]
    username: str | None
    password: str | None
    name: str
    tls: bool


def client(url: str) -> Client:
    """A client of `redis://`, `rediss://`, `unix://`, `redis+sentinel://host:port,…/name` or `redis+cluster://host:port,…`.

    With `rediss` everything is behind TLS, the sentinels, too. Nothing is sent before the first command, and no
    command is ever repeated by the client: the answer to the first may be lost after it was done. BadAddress for an
    address that cannot be understood.
    """
    scheme = url.partition("://")[0]
    if scheme.endswith(_SENTINEL):
        return _by_sentinel(_nodes(url, _SENTINEL))
    if scheme.endswith(_CLUSTER):
        return _of_cluster(_nodes(url, _CLUSTER))
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=_POOL_WAIT,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=None,  # the database watches all answers of a load at once
        socket_connect_timeout=_CONNECT_SECONDS,
        decode_responses=True,
        encoding_errors=_ANY_TEXT,
        protocol=2,
    )
    return Redis.from_pool(pool)


async def close(used: Client) -> None:
    """Close every connection, those to the sentinels, too."""
    await used.aclose()
    if isinstance(used, Redis) and isinstance(used.connection_pool, SentinelConnectionPool):
        for asked in used.connection_pool.sentinel_manager.sentinels:
            await asked.aclose()


def _by_sentinel(nodes: Nodes) -> Redis:
    if not nodes.name:
        raise BadAddress("the name of the master is missing after the last slash")
    asking = {
        "socket_timeout": _SENTINEL_SECONDS,
        "socket_connect_timeout": _SENTINEL_SECONDS,
        "retry": Retry(NoBackoff(), 0),
        "ssl": nodes.tls,
    }
    sentinel = Sentinel(nodes.hosts, sentinel_kwargs=asking)  # type: ignore[no-untyped-call]
    found: Redis = sentinel.master_for(
        nodes.name,
        username=nodes.username,
        password=nodes.password,
        ssl=nodes.tls,
        max_connections=_CONNECTIONS * 4,  # this pool does not wait, it refuses
        retry=Retry(NoBackoff(), 0),
        decode_responses=True,
        encoding_errors=_ANY_TEXT,
        protocol=2,
        socket_timeout=None,
        socket_connect_timeout=_CONNECT_SECONDS,
    )
    return found


def _of_cluster(nodes: Nodes) -> RedisCluster:
    return RedisCluster(
        startup_nodes=[ClusterNode(host, port) for host, port in nodes.hosts],
        username=nodes.username,
        password=nodes.password,
        ssl=nodes.tls,
        max_connections=_CONNECTIONS * 4,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=PATIENCE,
        socket_connect_timeout=_CONNECT_SECONDS,
        decode_responses=True,
        encoding_errors=_ANY_TEXT,
        protocol=2,
    )


def _nodes(url: str, kind: str) -> Nodes:
    scheme, _, rest = url.partition("://")
    if scheme not in {f"redis{kind}", f"rediss{kind}"}:
        raise BadAddress(f"no such kind of address: {scheme}")
    who, _, where = rest.rpartition("@")
    places, _, name = where.partition("/")
    try:
        read = [urlsplit(f"//{place}") for place in places.split(",") if place]
        hosts = tuple((one.hostname or "", one.port or _PORTS[kind]) for one in read)
    except ValueError:
        raise BadAddress("a port is no number") from None
    if not hosts or not all(host for host, _ in hosts):
        raise BadAddress("a host is missing")
    username, _, password = who.partition(":")
    return Nodes(
        hosts=hosts,
        username=unquote(username) or None,
        password=unquote(password) or None,
        name=name,
        tls=scheme.startswith("rediss"),
    )
