"""What staff learn from: questions nobody could answer and steps that look different; and tries that are limited."""

import json
import secrets
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.storage.keys import AuxKeys
from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.instants import to_ms

_KEEP = scripting.load(__package__, "keep_question")
_COUNT = scripting.load(__package__, "count_try")

_MOST_QUESTIONS = 10_000
_WITHIN = timedelta(hours=1)


class RedisQuestionLog:
    """`bot.ports.QuestionLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def keep(self, masked_question: str, scope: str, at: datetime) -> None:
        """Count the question; the ones longest not asked make room for new ones."""
        question = json.dumps([scope, masked_question.encode(errors="replace").decode()], ensure_ascii=False)
        args = (question, to_ms(at), _MOST_QUESTIONS)
        await self._database.run(_KEEP, [self._keys.questions, self._keys.asked], args)

    async def unanswered(self) -> tuple[tuple[str, int], ...]:
        """The questions kept, with how often each was asked, the most frequent first."""
        counted = await self._database.call("ZRANGE", self._keys.questions, 0, -1, "WITHSCORES")
        times: Counter[str] = Counter()
        for member, number in zip(counted[::2], counted[1::2], strict=True):
            times[json.loads(member)[1]] += int(number)
        return tuple(times.most_common())

    async def count_differs(self, guide: str, step: str) -> None:
        """Somebody saw another page than this step describes."""
        await self._database.call("HINCRBY", self._keys.differs, f"{guide}/{step}", 1)


class RedisTryCounter:
    """`bot.ports.TryCounter`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def too_many(self, who: Sequence[str], limit: int, now: datetime) -> bool:
        """Whether any of these has `limit` misses within the hour before `now`."""
        since = to_ms(now - _WITHIN)
        counted = [await self._database.call("ZCOUNT", self._keys.tries(one), since, "+inf") for one in who]
        return any(int(number) >= limit for number in counted)

    async def count(self, who: Sequence[str], at: datetime) -> int:
        """Count one miss for each; the highest count of the last hour afterwards."""
        name, since = secrets.token_hex(8), to_ms(at - _WITHIN)
        return max(
            [int(await self._database.run(_COUNT, [self._keys.tries(one)], (name, to_ms(at), since))) for one in who]
        )
