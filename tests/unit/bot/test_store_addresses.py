"""From the address of a store to the client for it."""

import pytest
from redis.asyncio import Redis
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.sentinel import SentinelConnectionPool

from bot.storage.clients import BadAddress, client


async def test_the_address_says_which_kind_of_store_it_is() -> None:
    watched = client("redis+sentinel://:p%40ss@s1:26379,s2,s3:26380/school")
    assert isinstance(watched, Redis)
    assert isinstance(watched.connection_pool, SentinelConnectionPool)
    assert watched.connection_pool.service_name == "school"
    assert watched.connection_pool.connection_kwargs["password"] == "p@ss"
    sentinels = watched.connection_pool.sentinel_manager.sentinels
    kwargs = [one.connection_pool.connection_kwargs for one in sentinels]
    assert [(one["host"], one["port"]) for one in kwargs] == [("s1", 26379), ("s2", 26379), ("s3", 26380)]
    assert isinstance(client("rediss+cluster://user:secret@a:7000,b:7001"), RedisCluster)
    assert isinstance(client("rediss://host:6380/0"), Redis)


async def test_no_client_repeats_a_command_by_itself() -> None:
    for url in ("redis://a", "redis+sentinel://a/m", "redis+cluster://a"):
        used = client(url)
        retry = used.get_retry() if isinstance(used, Redis) else used.retry
        assert retry is not None
        assert retry.get_retries() == 0


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("redis+sentinel://a:26379", "name of the master"),
        ("redis+sentinel:///school", "host"),
        ("redis+cluster://a:port", "port"),
        ("http+cluster://a", "kind"),
    ],
)
async def test_an_address_that_names_no_store_says_what_is_missing(url: str, why: str) -> None:
    with pytest.raises(BadAddress, match=why):
        client(url)
