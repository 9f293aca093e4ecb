"""What somebody wrote of themselves lies in no queue, not even while the platform asks for patience."""

from datetime import timedelta
from pathlib import Path

from bot.bootstrap import Knowledge, Lane, Service, Stores
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.settings import read
from bot.vault import new_key
from scheduler.clocks import VirtualClock
from scheduler.messages import Action, Address, RetryLater, Verb
from scheduler.roster import Binding, BindingStrength
from scheduler.storage.database import Database
from tests.integration.school import LANE, Platform, import_students, open_campaign, student

HOME = Address(platform=LANE, chat="alice")
RIGHT_VALUE = "right-value-of-alice"


async def everything_kept(database: Database) -> bytes:
    """All that the store holds, as one text."""
    await database.call("CONFIG", "SET", "rdbcompression", "no")  # what is compressed cannot be looked through
    found = b""
    for key in await database.call("KEYS", f"{database.prefix}:*"):
        dumped = await database.client.dump(key)
        found += dumped if isinstance(dumped, bytes) else str(dumped).encode()
    return found


async def test_a_check_that_has_to_wait_is_queued_without_what_was_written(
    database: Database, known: Knowledge, clock: VirtualClock, tmp_path: Path
) -> None:
    kept, platform = Stores(database, alone=True), Platform()

    async def receive(_: object) -> None:
        return None

    lane = Lane(name=LANE, messenger=platform, receive=receive, budgets=lambda to: ())
    service = Service(
        settings=read(data=tmp_path, correction_keys=new_key()),
        known=known,
        kept=kept,
        clock=clock,
        lanes=[lane],
        metrics=Metrics(),
    )
    await import_students(kept.rosters, student("s1"))
    campaign = await open_campaign(kept.campaigns)
    await kept.bindings.bind(Binding(account=str(HOME), sid="s1", strength=BindingStrength.STRONG, private=HOME))

    async def does(number: int, text: str | None = None, action: Action | None = None) -> None:
        message = InboundMessage(
            id=str(number), address=HOME, account=str(HOME), at=clock.now(), private=True, addressed=True, text=text,
            action=action,
        )  # fmt: skip
        await service.dispatcher.handle(message)

    await does(1, action=Action(verb=Verb.WRONG, subject=campaign.id, detail="name"))
    await does(2, "as it is shown")
    platform.answers.append(RetryLater(at=clock.now() + timedelta(minutes=1), why="flood"))
    await does(3, RIGHT_VALUE)
    stored = await everything_kept(database)
    assert RIGHT_VALUE.encode() not in stored
    clock.advance_to(clock.now() + timedelta(minutes=2))
    await service.settle()
    assert "内容还留着" in platform.taken[-1][1]
    await does(4, action=Action(verb=Verb.WRONG, subject=campaign.id, detail="name/+"))
    (one,) = await kept.corrections.of_student("s1")
    assert await kept.corrections.texts([one.id])
