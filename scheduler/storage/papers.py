"""Signatures that were ticked, and who has handed in, in Redis."""

from collections.abc import Mapping
from datetime import datetime

from scheduler.campaigns import StudentState
from scheduler.handing_in import HandIn, Taken
from scheduler.storage import scripting
from scheduler.storage.database import Database
from scheduler.storage.keys import CampaignKeys, EvidenceKeys, PeopleKeys
from scheduler.storage.records import from_json, to_json

_TICK = scripting.load(__package__, "tick", uses=("witness", "whereabouts", "counted"))
_HAND_IN = scripting.load(__package__, "hand_in", uses=("witness",))


class RedisPaperStore:
    """`scheduler.ports.PaperStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = CampaignKeys(database.prefix)
        self._people = PeopleKeys(database.prefix)
        self._unsealed = EvidenceKeys(database.prefix).unsealed

    async def tick(
        self, campaign_id: str, class_id: str, new: Mapping[str, StudentState], *, by: str, now: datetime
    ) -> Taken:
        """Store the states of students of one class whose signatures changed, all or none."""
        keys = [
            self._keys.campaign(campaign_id),
            self._keys.class_states(campaign_id, ""),
            self._people.roster,
            self._people.imports,
            self._unsealed,
            self._keys.hand_ins(campaign_id),
            self._keys.counts(campaign_id),
        ]
        rows = [text for sid, state in new.items() for text in (sid, to_json(state))]
        answer = await self._database.run(_TICK, keys, (class_id, campaign_id, now.isoformat(), by, *rows))
        return Taken(answer)

    async def put(self, campaign_id: str, whose: str, hand_in: HandIn | None, *, by: str, now: datetime) -> Taken:
        """Put down that a class or a college has handed in, or take it back with None."""
        keys = [self._keys.campaign(campaign_id), self._keys.hand_ins(campaign_id), self._unsealed]
        text = to_json(hand_in) if hand_in else ""
        return Taken(await self._database.run(_HAND_IN, keys, (whose, text, campaign_id, now.isoformat(), by)))

    async def all(self, campaign_id: str) -> Mapping[str, HandIn]:
        """Every hand-in of a campaign, by class id or college field."""
        stored = await self._database.whole_hash(self._keys.hand_ins(campaign_id))
        return {whose: from_json(HandIn, text) for whose, text in stored.items()}
