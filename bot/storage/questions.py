"""What staff learn from: questions without a good answer, steps that look different; and tries that are limited."""

import json
import secrets
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from bot.storage.keys import AuxKeys
from knowledge.clustering import Clustering, Question
from scheduler.storage import scripting
from scheduler.storage.database import Database, in_batches
from scheduler.storage.instants import to_ms
from scheduler.storage.records import from_json, to_json

_KEEP = scripting.load(__package__, "keep_question")
_FORGET = scripting.load(__package__, "forget_questions")
_CLAIM = scripting.load(__package__, "claim_night")
_COUNT = scripting.load(__package__, "count_try")

_MOST_QUESTIONS = 10_000
_LONGEST = 200
"""Characters of a question that are kept: enough to see what is asked."""

_WITHIN = timedelta(hours=1)


class RedisQuestionLog:
    """`bot.ports.QuestionLog`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def keep(self, masked_question: str, scope: str, at: datetime, *, unsolved: str = "") -> None:
        """Count it; the ones longest not asked make room for new ones."""
        text = masked_question.encode(errors="replace").decode()[:_LONGEST].strip()
        if not text:
            return
        question = json.dumps([scope, text, *filter(None, [unsolved])], ensure_ascii=False)
        args = (question, to_ms(at), _MOST_QUESTIONS)
        await self._database.run(_KEEP, [self._keys.questions, self._keys.asked], args)

    async def kept(self) -> tuple[Question, ...]:
        """The questions kept, of any scope, the most frequent first."""
        times: Counter[str] = Counter()
        unsolved: defaultdict[str, set[str]] = defaultdict(set)
        for member, number in await self._counted():
            _, text, *topics = json.loads(member)
            times[text] += number
            unsolved[text].update(topics)
        return tuple(
            Question(text=text, times=number, unsolved=tuple(sorted(unsolved[text])))
            for text, number in sorted(times.items(), key=lambda counted: (-counted[1], counted[0]))
        )

    async def forget(self, texts: Collection[str]) -> None:
        """Staff has seen to these."""
        seen_to = [member for member, _ in await self._counted() if json.loads(member)[1] in texts]
        for part in in_batches(seen_to):
            await self._database.run(_FORGET, [self._keys.questions, self._keys.asked], part)

    async def _counted(self) -> list[tuple[str, int]]:
        counted = await self._database.call("ZRANGE", self._keys.questions, 0, -1, "WITHSCORES")
        return [(member, int(number)) for member, number in zip(counted[::2], counted[1::2], strict=True)]

    async def count_differs(self, guide: str, step: str) -> None:
        """Somebody saw another page than this step describes."""
        await self._database.call("HINCRBY", self._keys.differs, f"{guide}/{step}", 1)

    async def differs(self) -> Mapping[tuple[str, str], int]:
        """How often that was so, by guide and step."""
        counted = await self._database.whole_hash(self._keys.differs)
        places = {field: field.partition("/") for field in counted}
        return {(guide, step): int(counted[field]) for field, (guide, _, step) in places.items()}

    async def looked_into(self, guide: str, step: str) -> bool:
        """Staff has compared this step with the page: counted anew from now on; False if nothing was counted."""
        return bool(await self._database.call("HDEL", self._keys.differs, f"{guide}/{step}"))


class RedisClusterings:
    """`bot.ports.Clusterings`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = AuxKeys(database.prefix)

    async def claim(self, night: date) -> bool:
        """Whether this process is the one to put them together that night."""
        return bool(await self._database.run(_CLAIM, [self._keys.clustered], (night.isoformat(),)))

    async def put(self, clustering: Clustering) -> None:
        """It takes the place of the last."""
        await self._database.call("SET", self._keys.clusters, to_json(clustering))

    async def last(self) -> Clustering | None:
        """None before the first."""
        stored = await self._database.call("GET", self._keys.clusters)
        return from_json(Clustering, stored) if stored else None


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
