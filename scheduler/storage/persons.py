"""What is kept of a person beside the roster and the states of its classes, and dropping it, in Redis."""

from collections.abc import Sequence

from scheduler.roster import Student
from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.keys import CampaignKeys, NoticeKeys, OutboxKeys, PeopleKeys
from scheduler.storage.notices import notice_numbers

_ERASE = scripting.load(__package__, "erase_person")


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
