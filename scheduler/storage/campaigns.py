"""Campaigns, every student's state in them, and the counters beside the states, in Redis."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from scheduler.campaigns import (
    DONE,
    NOTHING_YET,
    WITH_OFFICE,
    Campaign,
    Departed,
    Departure,
    Progress,
    State,
    StudentState,
    together,
)
from scheduler.handing_in import HandIn
from scheduler.storage import scripting
from scheduler.storage.database import Database, in_batches
from scheduler.storage.instants import from_ms, to_ms
from scheduler.storage.keys import CampaignKeys, EvidenceKeys, PeopleKeys
from scheduler.storage.records import from_json, to_json

_SAVE = scripting.load(__package__, "save_campaign")
_RECORD = scripting.load(__package__, "record", uses=("witness", "whereabouts", "counted"))
_ENTER = scripting.load(__package__, "enter", uses=("witness", "counted"))
_SUSPECT = scripting.load(__package__, "suspect")

_DONE = "done"


_TROUBLE = frozenset({State.NO_LOGIN, State.NOT_FOUND})
"""What many say together when 学信网 does not work."""

_AS_MANY_AS_THEY_MAY = 2
"""What the script answers where others have stated for as many as they may."""


class RedisCampaignStore:
    """`scheduler.ports.CampaignStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = CampaignKeys(database.prefix)
        self._read: dict[str, Campaign] = {}

    async def save(self, campaign: Campaign, *, seen_revision: int) -> bool:
        """Store it if the stored revision is still `seen_revision` (0: none stored); False otherwise.

        ValueError for a change that is no new revision: by it a campaign that was read before is known.
        """
        if campaign.revision <= seen_revision:
            raise ValueError(f"{campaign.id} was changed and still has revision {campaign.revision}")
        keys = [self._keys.campaign(campaign.id), self._keys.campaigns]
        row = (campaign.id, seen_revision, campaign.revision, campaign.status, to_json(campaign))
        return bool(await self._database.run(_SAVE, keys, row))

    async def enter(
        self,
        campaign: Campaign,
        *,
        seen_revision: int,
        roster_version: int,
        sizes: Mapping[str, int],
        exempt: Mapping[str, Mapping[str, StudentState]],
        now: datetime,
    ) -> bool:
        """Store an open campaign together with the classes that come into it: how many each has, and the states of
        the exempt by class and sid. False if the campaign or the roster is not the one that was seen: look again.
        """
        people = PeopleKeys(self._database.prefix)
        keys = [
            self._keys.campaign(campaign.id),
            self._keys.campaigns,
            self._keys.counts(campaign.id),
            self._keys.class_states(campaign.id, ""),
            self._keys.departed(campaign.id),
            people.roster,
            people.imports,
            EvidenceKeys(self._database.prefix).unsealed,
        ]
        row: list[str | int] = [campaign.id, seen_revision, campaign.revision, campaign.status, to_json(campaign)]
        row += [roster_version, len(sizes), now.isoformat()]
        row += [cell for class_id, size in sizes.items() for cell in (class_id, size)]
        for class_id, states in exempt.items():
            row += [cell for sid, state in states.items() for cell in (class_id, sid, to_json(state))]
        answer: str = await self._database.run(_ENTER, keys, row)
        return answer == _DONE

    async def get(self, campaign_id: str) -> Campaign | None:
        """The campaign of that id; one whose revision was read before is not read again."""
        key = self._keys.campaign(campaign_id)
        revision = int(await self._database.call("HGET", key, "revision") or 0)
        known = self._read.get(campaign_id)
        if known is None or known.revision != revision:
            body = await self._database.call("HGET", key, "body")
            if body is None:
                return None
            known = self._read[campaign_id] = from_json(Campaign, body)
        return known

    async def all(self) -> tuple[Campaign, ...]:
        """Every campaign, by id."""
        ids = sorted(await self._database.call("SMEMBERS", self._keys.campaigns))
        found = [await self.get(campaign_id) for campaign_id in ids]
        return tuple(campaign for campaign in found if campaign)

    async def state(self, campaign_id: str, class_id: str, sid: str) -> StudentState:
        """`NOTHING_YET` for a student nothing was stored of."""
        text = await self._database.call("HGET", self._keys.class_states(campaign_id, class_id), sid)
        return from_json(StudentState, text) if text else NOTHING_YET

    async def states(self, campaign_id: str, class_id: str) -> Mapping[str, StudentState]:
        """By sid; a student that is missing has `NOTHING_YET`."""
        stored = await self._database.call("HGETALL", self._keys.class_states(campaign_id, class_id))
        return {sid: from_json(StudentState, text) for sid, text in stored.items()}

    async def states_of(self, campaign_id: str, classes: Sequence[str]) -> Mapping[str, StudentState]:
        """The states in all of these classes, by sid."""
        found: dict[str, StudentState] = {}
        for part in in_batches(classes):
            for states in await asyncio.gather(*(self.states(campaign_id, class_id) for class_id in part)):
                found.update(states)
        return found

    async def record(
        self, campaign_id: str, class_id: str, sid: str, new: StudentState, *, before_hand_in: bool = False
    ) -> bool:
        """Store `new` and move the class's counters in one step, if the campaign is open and the stored
        state's `count` is `new.count - 1`; False if somebody was quicker or the campaign is over, or with
        `before_hand_in` if the class has handed in.

        A student whom an import has moved meanwhile is recorded in the class of now, one who is gone not at all.
        """
        return await self._record(campaign_id, class_id, sid, new, before_hand_in=before_hand_in) == 1

    async def vouch(
        self, campaign_id: str, class_id: str, sid: str, new: StudentState, *, stage: str, most: int
    ) -> bool | None:
        """As `record`, for what somebody states for a student: None if this was done for `most` of the class already.

        They are counted by the stage and the class the student is in, whoever states it.
        """
        answer = await self._record(campaign_id, class_id, sid, new, stage=stage, most=most)
        return None if answer == _AS_MANY_AS_THEY_MAY else answer == 1

    async def troubled(self, campaign_id: str, since: datetime) -> int:
        """How many students said since then that logging in does not work, or that nothing is found."""
        return int(await self._database.call("ZCOUNT", self._keys.troubles(campaign_id), to_ms(since), "+inf"))

    async def suspect(self, campaign_id: str, now: datetime, again_after: timedelta) -> datetime:
        """The moment under which the office is told that something may not work: the last, unless it is so long ago."""
        keys = [self._keys.suspected, self._keys.troubles(campaign_id)]
        row = (campaign_id, to_ms(now), to_ms(now) - to_ms(now - again_after), to_ms(now - again_after))
        return from_ms(await self._database.run(_SUSPECT, keys, row))

    async def _record(
        self,
        campaign_id: str,
        class_id: str,
        sid: str,
        new: StudentState,
        *,
        stage: str = "",
        most: int = 0,
        before_hand_in: bool = False,
    ) -> int:
        people = PeopleKeys(self._database.prefix)
        keys = [
            self._keys.campaign(campaign_id),
            self._keys.counts(campaign_id),
            self._keys.class_states(campaign_id, ""),
            people.roster,
            people.imports,
            EvidenceKeys(self._database.prefix).unsealed,
            self._keys.troubles(campaign_id),
            self._keys.proxies(campaign_id),
            self._keys.hand_ins(campaign_id),
        ]
        trouble = to_ms(new.at) if new.at is not None and new.state in _TROUBLE else 0
        row = (class_id, sid, to_json(new), campaign_id, trouble, stage, most, int(before_hand_in))
        return int(await self._database.run(_RECORD, keys, row))

    async def departed(self, campaign_id: str) -> Mapping[str, Departed]:
        """By sid, where everybody stood who is in no class of the campaign any more."""
        stored = await self._database.whole_hash(self._keys.departed(campaign_id))
        return {sid: _departed(json.loads(text)) for sid, text in stored.items()}

    async def hand_in(self, campaign_id: str, class_id: str) -> HandIn | None:
        """When and by whom a class's papers were handed in; None while they are not."""
        text = await self._database.call("HGET", self._keys.hand_ins(campaign_id), class_id)
        return from_json(HandIn, text) if text else None

    async def progress(self, campaign_id: str, classes: Sequence[str]) -> Progress:
        """The counters of these classes together."""
        return together((await self.progress_of_each(campaign_id, classes)).values())

    async def progress_of_each(self, campaign_id: str, classes: Sequence[str]) -> Mapping[str, Progress]:
        """The counters of each of these classes; nobody is in one that the campaign does not have."""
        found = await self._database.hash_values(self._keys.counts(campaign_id), classes)
        return {class_id: _progress(json.loads(found.get(class_id, "{}"))) for class_id in classes}


def _progress(count: Mapping[str, int]) -> Progress:
    """What a class's counters come to."""

    def number(*what: str) -> int:
        return sum(int(count.get(one, 0)) for one in what)

    total = number("size") - number(State.EXEMPT)
    done, with_office = number(*DONE), number(*WITH_OFFICE)
    return Progress(total=total, done=done, with_office=with_office, owing=total - done - with_office)


def _departed(stored: Mapping[str, str]) -> Departed:
    """What the script of an import wrote of somebody who left; the state is as it was stored."""
    return Departed(
        class_id=stored["class"],
        why=Departure(stored["why"]),
        at=datetime.fromisoformat(stored["at"]),
        state=from_json(StudentState, stored["state"]) if "state" in stored else NOTHING_YET,
    )
