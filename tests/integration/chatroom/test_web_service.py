"""The web service around the platforms: health, metrics, and how it starts and ends."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

import httpx
import pytest
from fastapi import APIRouter

from bot.metrics import Metrics
from bot.web import NotListening, NotLoopback, WebParts, create, serve
from tests.integration.chatroom.echo import WANG, EchoBot, listening, watching


def saying(**checks: str | None) -> Callable[[], Awaitable[Mapping[str, str | None]]]:
    """A health that says this of each check."""

    async def health() -> Mapping[str, str | None]:
        return checks

    return health


@pytest.fixture
def parts() -> WebParts:
    """A service without a chatroom where all is well."""
    return WebParts(health=saying(store=None, content=None), registry=Metrics().registry)


async def got(parts: WebParts, path: str) -> httpx.Response:
    """What the service answers."""
    async with listening(parts) as url, httpx.AsyncClient() as client:
        return await client.get(f"{url}{path}")


async def test_a_process_that_lives_says_so_even_if_it_is_not_ready(parts: WebParts) -> None:
    answer = await got(replace(parts, health=saying(store="gone")), "/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


async def test_it_is_ready_when_nothing_is_wrong_and_tells_its_notes(parts: WebParts) -> None:
    answer = await got(replace(parts, notes=lambda: {"search": "lexical only"}), "/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "checks": {"store": None, "content": None},
        "notes": {"search": "lexical only"},
    }


async def test_it_is_not_ready_while_anything_is_wrong(parts: WebParts) -> None:
    answer = await got(replace(parts, health=saying(store="cannot be reached", content=None)), "/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"] == {"store": "cannot be reached", "content": None}
    assert answer.json()["ready"] is False


async def test_metrics_are_brought_up_to_date_before_they_are_read() -> None:
    counted = Metrics()
    counted.inbound.labels(platform="chatroom", outcome="answered").inc(2)
    counted.answers.labels(band="sure").inc()

    async def measure() -> None:
        counted.store_up.set(1)
        counted.set_aside.set(3)

    answer = await got(WebParts(health=saying(), registry=counted.registry, measure=measure), "/metrics")
    assert 'xueji_inbound_total{outcome="answered",platform="chatroom"} 2.0' in answer.text
    assert 'xueji_answers_total{band="sure"} 1.0' in answer.text
    assert "xueji_set_aside_updates 3.0" in answer.text
    assert "xueji_store_up 1.0" in answer.text


@pytest.mark.parametrize("path", ["/", "/docs", "/redoc", "/openapi.json", "/chatroom/ws"])
async def test_without_a_chatroom_there_is_nothing_else_to_see(path: str, parts: WebParts) -> None:
    assert (await got(parts, path)).status_code == 404


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "", "example.org"])
async def test_the_chatroom_is_never_served_beyond_this_machine(host: str, parts: WebParts) -> None:
    with_room = create(replace(parts, chatroom=APIRouter()))
    with pytest.raises(NotLoopback):
        await serve(with_room, host=host, port=0, on_ready=lambda _: None)


async def test_an_address_that_is_taken_is_an_error_of_its_own(parts: WebParts) -> None:
    async with listening(parts) as url:
        port = int(url.rpartition(":")[2])
        with pytest.raises(NotListening, match="another program uses it; set XUEJI_PORT"):
            await serve(create(parts), host="127.0.0.1", port=port, on_ready=lambda _: None)


async def test_the_service_ends_although_pages_are_still_connected(echo: EchoBot) -> None:
    async with echo.served() as url:
        watch = watching(url, WANG.account)
        page = await watch.__aenter__()
        await page.next()
    with pytest.raises(httpx.ConnectError):
        async with httpx.AsyncClient() as client:
            await client.get(url)
    await watch.__aexit__(None, None, None)


async def test_the_service_ends_although_a_request_never_does(parts: WebParts) -> None:
    begun = asyncio.Event()

    async def never() -> Mapping[str, str | None]:
        begun.set()
        await asyncio.Event().wait()
        return {}

    async with httpx.AsyncClient() as client:
        async with listening(replace(parts, health=never)) as url:
            asking = asyncio.create_task(client.get(f"{url}/readyz"))
            await begun.wait()
        with pytest.raises(httpx.HTTPError):
            (await asking).raise_for_status()
