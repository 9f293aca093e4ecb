"""A platform that waits for the whole answer hears when there is no more of it, however the handling ended."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.bootstrap import Knowledge, Lane, Service, Stores
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.ports import RawUpdate, StoreAway
from bot.settings import read
from scheduler.clocks import VirtualClock
from scheduler.storage.database import Database
from tests.conftest import START
from tests.integration.school import LANE, Platform

Serve = Callable[[Exception | None], Service]
UPDATE = RawUpdate(platform=LANE, key="u1", chat="alice", body=b"{}", received_at=START)


@pytest.fixture
def ended() -> list[str]:
    """The updates that were said to be handled."""
    return []


@pytest.fixture
def serve(database: Database, known: Knowledge, clock: VirtualClock, tmp_path: Path, ended: list[str]) -> Serve:
    """A service whose only platform fails with this on its first update, or reads nothing for the bot in it."""

    def service(failure: Exception | None) -> Service:
        failures = [failure] if failure is not None else []

        async def receive(raw: RawUpdate) -> InboundMessage | None:
            if failures:
                raise failures.pop()
            return None

        async def handled(raw: RawUpdate) -> None:
            ended.append(raw.key)

        lane = Lane(name=LANE, messenger=Platform(), receive=receive, handled=handled, budgets=lambda to: ())
        kept = Stores(database, alone=True)
        return Service(
            settings=read(data=tmp_path), known=known, kept=kept, clock=clock, lanes=[lane], metrics=Metrics()
        )

    return service


@pytest.mark.parametrize("failure", [None, ValueError("bad update")], ids=["handled", "set aside"])
async def test_it_hears_once_when_an_update_was_handled_or_set_aside(
    serve: Serve, ended: list[str], failure: Exception | None
) -> None:
    service = serve(failure)
    await service.kept.intake.store([UPDATE])
    await service.settle()
    assert ended == ["u1"]
    assert await service.kept.intake.set_aside() == (0 if failure is None else 1)


async def test_it_hears_only_once_of_an_update_that_was_tried_again(serve: Serve, ended: list[str]) -> None:
    service = serve(StoreAway("away"))
    await service.kept.intake.store([UPDATE])
    await service.settle()
    assert ended == ["u1"]
    assert await service.kept.intake.set_aside() == 0
