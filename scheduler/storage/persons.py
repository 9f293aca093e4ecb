"""What is kept of a person beside the roster and the states of its classes, and dropping it, in Redis."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from scheduler.messages import Address
from scheduler.roster import Student
from scheduler.storage import scripting
from scheduler.storage.database import BATCH, Database
from scheduler.storage.instants import to_ms
from scheduler.storage.keys import CampaignKeys, NoticeKeys, OutboxKeys, PeopleKeys
from scheduler.storage.notices import notice_numbers

_ERASE = scripting.load(__package__, "erase_person")
_ERASE_QUEUED = scripting.load(__package__, "erase_queued", uses=("witness", "outbox"))
_ERASE_RECIPIENT = scripting.load(__package__, "erase_recipient", uses=("witness", "outbox"))
_ERASE_ATTEMPTS = scripting.load(__package__, "erase_attempts")


class RedisPersons:
    """`scheduler.ports.PersonStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def erase(self, student: Student, campaigns: Sequence[str]) -> int:
        """Drop it: that they were in the roster once and where they stood then, their unused code, counts of what
        they were sent, what they answered to notices; how much there was. What the roster of now and its classes'
        states say stays."""
        prefix = self._database.prefix
        people, campaign, outbox = PeopleKeys(prefix), CampaignKeys(prefix), OutboxKeys(prefix)
        keys = [people.former, people.codes, people.code_owners, people.monitors, outbox.burdens]
        for one in campaigns:
            keys += [campaign.departed(one), outbox.told + one, campaign.troubles(one), campaign.proxies(one)]
        keys += [NoticeKeys(prefix).readings + str(number) for number in await notice_numbers(self._database)]
        return int(await self._database.run(_ERASE, keys, (student.number, student.sid, len(campaigns))))

    async def erase_sends(self, sid: str, addresses: Collection[Address], *, whole: bool) -> int:
        """Drop who was written to, and what waits for them, at these addresses and, if it is the `whole` person,
        anywhere: of a notice somebody stays a number; how much there was."""
        outbox, unreachable = OutboxKeys(self._database.prefix), PeopleKeys(self._database.prefix).unreachable
        theirs = json.dumps([str(address) for address in addresses])
        about = sid if whole else ""
        dropped = await self._erase_queued(outbox, theirs, about)
        args = (sid, "" if whole else theirs, *await notice_numbers(self._database))
        dropped += int(await self._database.run(_ERASE_RECIPIENT, outbox.shared, args))
        if addresses:
            dropped += int(await self._database.call("HDEL", unreachable, *map(str, addresses)))
        after = "-"
        while after:
            page = (after, BATCH, theirs, about)
            last, gone = await self._database.run(_ERASE_ATTEMPTS, (outbox.ledger, outbox.queued), page)
            after = f"({last}" if last else ""
            dropped += int(gone)
        return dropped

    async def _erase_queued(self, outbox: OutboxKeys, addresses: str, about: str) -> int:
        """Drop what waits at these addresses (as JSON) or is about this student."""
        further, dropped = "0", 0
        while True:
            page = (further, BATCH, addresses, about)
            further, gone = await self._database.run(_ERASE_QUEUED, outbox.shared, page)
            dropped += int(gone)
            if further == "0":
                return dropped

    async def forget_sends(self, before: datetime) -> int:
        """Drop the attempts that were settled before then; how many there were. Their figures stay."""
        outbox, ms = OutboxKeys(self._database.prefix), to_ms(before)
        await self._database.call("ZREMRANGEBYSCORE", outbox.queued, "-inf", f"({ms}")
        return int(await self._database.call("XTRIM", outbox.ledger, "MINID", ms))
