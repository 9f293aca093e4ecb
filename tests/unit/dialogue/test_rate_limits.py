"""How much one account can make the bot say."""

import asyncio
import secrets
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue.commands import Commands
from bot.dialogue.limiting import MOST, WINDOW, Counted, Limiting, counted_as
from bot.dialogue.wording import ContentWording
from bot.messages import InboundMessage
from bot.ports import Admission
from bot.storage.connection import close, connect
from bot.storage.keys import AuxKeys
from bot.storage.limits import RedisRateLimiter
from knowledge.loading import load
from scheduler.messages import Action, Address, Verb
from scheduler.storage.database import Database
from tests.conftest import START

COMMANDS = Commands(ContentWording(load().phrases, "你"))
GRANTED, TOLD, SILENT = Admission
MOST_ASKED, MOST_PRESSED, MOST_WARNED = MOST[Counted.ASKED], MOST[Counted.PRESSED], MOST[Counted.MASKED]


def message(number: int, text: str | None = "问", action: Action | None = None, account: str = "a") -> InboundMessage:
    chat = Address(platform="telegram", chat=account)
    return InboundMessage(
        id=str(number), address=chat, account=f"telegram:{account}", at=START, private=True, addressed=True,
        text=None if action else text, action=action,
    )  # fmt: skip


async def admissions(
    limiting: Limiting, count: int, now: datetime = START, text: str = "问", account: str = "a", begin: int = 0
) -> list[Admission]:
    """What happens to so many messages of one moment."""
    return [await limiting.admit(message(begin + n, text, account=account), now) for n in range(count)]


async def test_after_the_twentieth_one_line_then_silence_until_it_has_cooled(database: Database) -> None:
    limiting = Limiting(RedisRateLimiter(database), COMMANDS)
    assert await admissions(limiting, MOST_ASKED + 3) == [GRANTED] * MOST_ASKED + [TOLD, SILENT, SILENT]
    almost = START + WINDOW - timedelta(seconds=1)
    assert await admissions(limiting, 1, almost, begin=100) == [SILENT]
    assert await admissions(limiting, 1, START + WINDOW, begin=101) == [GRANTED]


async def test_another_account_is_not_held_back(database: Database) -> None:
    limiting = Limiting(RedisRateLimiter(database), COMMANDS)
    await admissions(limiting, MOST_ASKED + 1)
    assert await admissions(limiting, 1, account="b") == [GRANTED]


async def test_presses_and_what_is_typed_for_them_have_a_much_higher_level(database: Database) -> None:
    limiting = Limiting(RedisRateLimiter(database), COMMANDS)
    await admissions(limiting, MOST_ASKED + 1)
    confirm = Action(verb=Verb.CONFIRM, subject="check-2019")
    assert await limiting.admit(message(1_000, action=confirm), START) is GRANTED
    for number, text in enumerate(("1", "①", "我核对好了", "撤回", "上一步", "纸签 3号签了", "名单"), start=500):
        assert await admissions(limiting, 1, text=text, begin=number) == [GRANTED]
    rest = await admissions(limiting, MOST_PRESSED, text="2", begin=2_000)
    assert rest.index(TOLD) > MOST_ASKED
    assert rest[-1] is SILENT


async def test_who_pastes_secrets_without_end_is_warned_for_a_while_and_then_no_more(database: Database) -> None:
    limiting = Limiting(RedisRateLimiter(database), COMMANDS)
    pasted = [replace(message(n), masked=("id-number",), addressed=False) for n in range(MOST_WARNED + 3)]
    heard = [await limiting.admit(one, START) for one in pasted]
    assert heard == [GRANTED] * MOST_WARNED + [TOLD, SILENT, SILENT]
    assert await limiting.admit(message(1_000), START) is GRANTED


async def test_group_talk_that_is_not_for_the_bot_is_never_counted(database: Database) -> None:
    limiting = Limiting(RedisRateLimiter(database), COMMANDS)
    for number in range(3 * MOST_ASKED):
        assert await limiting.admit(replace(message(number), addressed=False), START) is GRANTED
    assert await database.call("KEYS", f"{database.prefix}:*") == []


async def test_a_message_that_comes_again_hears_the_same_again_and_counts_once(database: Database) -> None:
    limiting = Limiting(RedisRateLimiter(database), COMMANDS)
    for _ in range(2 * MOST_ASKED):
        assert await limiting.admit(message(0), START) is GRANTED
    said = await admissions(limiting, MOST_ASKED + 2)
    assert await admissions(limiting, MOST_ASKED + 2) == said
    assert said.count(TOLD) == 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(gaps=st.lists(st.integers(0, 90), min_size=1, max_size=80))
def test_no_window_ever_holds_more_answers_than_allowed(valkey_url: str, gaps: list[int]) -> None:
    granted, told = asyncio.run(_asked_at(valkey_url, gaps))
    assert all(sum(begin <= moment < begin + WINDOW for moment in granted) <= 5 for begin in granted)
    assert all(sum(begin <= moment < begin + WINDOW for moment in told) == 1 for begin in told)


async def _asked_at(valkey_url: str, gaps: list[int]) -> tuple[list[datetime], list[datetime]]:
    """When something was answered, and when it was said that nothing is, with so many seconds between messages."""
    database = connect(valkey_url, f"t{secrets.token_hex(6)}")
    limiter, at = RedisRateLimiter(database), START
    moments: dict[Admission, list[datetime]] = {admission: [] for admission in Admission}
    for number, gap in enumerate(gaps):
        at += timedelta(seconds=gap)
        moments[await limiter.admit("a", str(number), most=5, within=WINDOW, now=at)].append(at)
    await close(database)
    return moments[GRANTED], moments[TOLD]


async def test_what_is_counted_names_nobody_and_goes_by_itself(database: Database) -> None:
    await admissions(Limiting(RedisRateLimiter(database), COMMANDS), MOST_ASKED + 1, account="4711")
    keys = AuxKeys(database.prefix)
    who = counted_as("telegram:4711", Counted.ASKED)
    counted = [keys.answered(who), keys.held_back(who)]
    assert sorted(await database.call("KEYS", f"{database.prefix}:*")) == sorted(counted)
    for key in counted:
        assert "4711" not in key
        assert 0 < await database.call("PTTL", key) <= 2 * WINDOW.total_seconds() * 1_000
