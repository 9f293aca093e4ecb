"""A new version of the content comes into service without a restart and without a gap, or not at all."""

import asyncio
import itertools
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.bootstrap import CurrentWording, Lane, Service, Stores, knowledge_of
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.ports import RawUpdate, TakenUpdate
from bot.reloading import MOST_FAULTS, Reloading, new_request
from bot.settings import read
from bot.storage.reloads import RedisReloads
from knowledge.linting import load_complete
from knowledge.loading import CONTENT
from knowledge.search.artefact import ARTEFACT, folder_of
from scheduler.clocks import SystemClock
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Address, OutboundMessage, Phrase, Purpose
from scheduler.storage.database import Database
from tests.integration.school import LANE, Platform

QUESTION = "学信网账号有什么用？以后还用得到吗？"
BEFORE, AFTER = "从入学到毕业以后都用得到", "从入学到毕业以后，一直用得到"
TOPIC = "topics/what-account-is-for.yaml"


@dataclass(slots=True, kw_only=True)
class Serving:
    """One serving process over a folder of content; `said` is everything it answered."""

    service: Service
    reloading: Reloading
    platform: Platform
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    async def ask(self, text: str = QUESTION) -> None:
        """Somebody new asks, so that nothing was said to them before."""
        key = str(next(self.numbers))
        update = RawUpdate(platform=LANE, key=key, chat=key, body=text.encode(), received_at=datetime.now(UTC))
        await self.service.handle(TakenUpdate(ticket=key, update=update, redelivered=False))

    async def answer(self) -> str:
        """What is said to the question now."""
        await self.ask()
        return self.said[-1]

    @property
    def said(self) -> Sequence[str]:
        return [text for _, text in self.platform.taken]


async def _received(raw: RawUpdate) -> InboundMessage:
    return InboundMessage(
        id=raw.key,
        address=Address(platform=LANE, chat=raw.chat),
        account=f"{LANE}:{raw.chat}",
        at=raw.received_at,
        private=True,
        addressed=True,
        text=raw.body.decode(),
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The packaged content as a school keeps it, with its artefact in it."""
    copied = shutil.copytree(CONTENT, tmp_path / "content", ignore=shutil.ignore_patterns("fonts", "figures"))
    shutil.copytree(CONTENT / "figures", copied / "figures")
    shutil.copytree(ARTEFACT, folder_of(copied))
    return copied


def process(database: Database, folder: Path, name: str = "one") -> Serving:
    kept = Stores(database, alone=True)
    platform = Platform()
    service = Service(
        settings=read(),
        known=knowledge_of(load_complete(folder), folder),
        kept=kept,
        clock=SystemClock(),
        lanes=[Lane(name=LANE, messenger=platform, receive=_received, budgets=lambda to: ())],
        metrics=Metrics(),
    )
    return Serving(service=service, reloading=Reloading(service, kept.reloads, name), platform=platform)


@pytest.fixture
async def serving(database: Database, folder: Path) -> Serving:
    """A process that has looked once, as it does when it starts."""
    one = process(database, folder)
    await one.reloading.look()
    return one


def change(folder: Path, old: str = BEFORE, new: str = AFTER, file: str = TOPIC) -> None:
    path = folder / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")


async def test_questions_asked_all_the_while_are_all_answered_first_from_the_old_then_from_the_new(
    serving: Serving, folder: Path
) -> None:
    change(folder)
    reloading = asyncio.create_task(serving.reloading.reload())
    asked = 0
    while not reloading.done():
        await serving.ask()
        asked += 1
    assert (await reloading).faults == ()
    assert len(serving.said) == asked > 1
    assert all(BEFORE in text for text in serving.said[:-1])
    assert AFTER in await serving.answer()


async def test_what_waits_in_the_outbox_goes_out_in_the_new_words(serving: Serving, folder: Path) -> None:
    to = Address(platform=LANE, chat="alice")
    waiting = OutboundMessage(to=to, body=Phrase(key="rating.glad"), purpose=Purpose.ANSWER)
    await serving.service.kept.outbox.queue(Delivery(id="d", kind=Kind.REPLY, message=waiting), datetime.now(UTC))
    change(folder, "rating.glad:", "rating.glad: 新的说法 #", file="phrases.yaml")
    assert (await serving.reloading.reload()).faults == ()
    for relay in serving.service.relays:
        await relay.run_until_idle()
    assert serving.said == ["新的说法"]


async def test_what_platforms_keep_of_the_content_is_renewed_once_the_new_version_is_in_service(
    serving: Serving, folder: Path
) -> None:
    service, renewed = serving.service, []
    wording = CurrentWording(lambda: service.known)

    async def renew() -> None:
        renewed.append(wording.render(Phrase(key="rating.glad")))

    reloading = Reloading(service, service.kept.reloads, "one", renewing=[renew])
    change(folder, "rating.glad:", "rating.glad: 新的说法 #", file="phrases.yaml")
    assert (await reloading.reload()).faults == ()
    change(folder, "scope: national", "scope: nowhere")
    assert (await reloading.reload()).faults
    assert renewed == ["新的说法"]


async def test_an_invalid_version_is_refused_whole_with_file_and_line_and_the_old_one_serves_on(
    serving: Serving, folder: Path
) -> None:
    version = serving.service.known.content.version
    change(folder)
    change(folder, "scope: national", "scope: nowhere")
    change(folder, "rating.sorry:", "rating.gone:", file="phrases.yaml")
    refused = await serving.reloading.reload()
    assert refused.version == version
    assert any(fault.startswith(f"{TOPIC}:") and "unknown scope 'nowhere'" in fault for fault in refused.faults)
    assert "a new version was refused" in serving.reloading.notes()["content"]
    assert BEFORE in await serving.answer()
    change(folder, "scope: nowhere", "scope: national")
    refused = await serving.reloading.reload()
    (fault,) = refused.faults
    assert fault.startswith("phrases.yaml:")
    assert fault.endswith("missing key 'rating.sorry'")
    change(folder, "rating.gone:", "rating.sorry:", file="phrases.yaml")
    taken = await serving.reloading.reload()
    assert (taken.faults, taken.version != version) == ((), True)
    assert serving.reloading.notes() == {}
    assert AFTER in await serving.answer()


async def test_a_version_the_search_was_not_trained_on_is_refused_with_what_to_run(
    serving: Serving, folder: Path
) -> None:
    (folder / "asked/what-account-is-for.yaml").write_text("- 这个账号以后还能派上用场不\n", "utf-8")
    (fault,) = (await serving.reloading.reload()).faults
    assert "xueji content train" in fault
    shutil.rmtree(folder_of(folder))
    (fault,) = (await serving.reloading.reload()).faults
    assert "no search artefact" in fault
    assert BEFORE in await serving.answer()


async def test_a_scope_that_classes_may_stand_in_does_not_go_while_the_service_runs(
    serving: Serving, folder: Path
) -> None:
    scopes = folder / "scopes.yaml"
    before = scopes.read_text("utf-8")
    scopes.write_text(before + "\nelsewhere: {name: 别处, parent: national, address: 你, office: 学校}\n", "utf-8")
    assert (await serving.reloading.reload()).faults == ()
    scopes.write_text(before, "utf-8")
    (fault,) = (await serving.reloading.reload()).faults
    assert "'elsewhere'" in fault


@pytest.mark.parametrize("spoiled", [b"\xff\xfe\x00", b"", b"a: [", b"- 1\n" * 60_000])
async def test_whatever_stands_in_a_file_the_old_version_serves_on(
    serving: Serving, folder: Path, spoiled: bytes
) -> None:
    (folder / "topics/what-account-is-for.yaml").write_bytes(spoiled)
    refused = await serving.reloading.reload()
    assert 1 <= len(refused.faults) <= MOST_FAULTS
    assert BEFORE in await serving.answer()


async def test_every_process_of_one_redis_takes_part_once_and_reports(
    database: Database, serving: Serving, folder: Path
) -> None:
    other = process(database, folder, "two")
    await other.reloading.look()
    change(folder)
    reloads, request = RedisReloads(database), new_request()
    assert sorted(await reloads.ask(request)) == ["one", "two"]
    for one in (serving, other):
        await one.reloading.look()
        assert AFTER in await one.answer()
    reports = await reloads.reports(request)
    assert {name: report.version for name, report in reports.items()} == dict.fromkeys(
        ("one", "two"), serving.service.known.content.version
    )
    known = serving.service.known
    await serving.reloading.look()
    assert serving.service.known is known, "a reload is done once"


async def test_a_process_that_starts_after_a_reload_has_nothing_to_do(
    database: Database, serving: Serving, folder: Path
) -> None:
    await RedisReloads(database).ask(new_request())
    late = process(database, folder, "late")
    known = late.service.known
    await late.reloading.look()
    assert late.service.known is known


async def test_a_wish_of_one_process_reaches_all(database: Database, serving: Serving, folder: Path) -> None:
    other = process(database, folder, "two")
    await other.reloading.look()
    change(folder)
    serving.reloading.wish()
    await serving.reloading.look()
    await other.reloading.look()
    assert AFTER in await serving.answer()
    assert AFTER in await other.answer()
