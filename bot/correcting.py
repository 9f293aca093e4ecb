"""What the office does with reported items: each step put down, told to the student once, and what follows from it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.vault import Vault
from knowledge.scopes import ScopeTree
from scheduler.acts import Act
from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.corrections import SETTLED, Correction, NotAdvanced, Step, advance, step_note
from scheduler.messages import Action, Choice, Phrase, Verb
from scheduler.ports import BindingStore, CampaignStore, CorrectionStore, LookStore, Outbox, RosterStore, Wording
from scheduler.roster import Student, private_address
from scheduler.stating import Stating

_OFFICE = "office"
"""Who settles an item in the student's state: the step itself says which operator took it."""

_OPENED_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """A step that was taken, or had been: whether the student is told, and whether what was noted is kept."""

    correction: Correction
    told: bool
    note_kept: bool


class Correcting:
    """Takes corrections from step to step.

    A step goes through when it is put down; what follows (the student's state, the message) is idempotent, so the
    same command again mends whatever a broken line left undone.
    """

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        rosters: RosterStore,
        bindings: BindingStore,
        corrections: CorrectionStore,
        looks: LookStore,
        outbox: Outbox,
        stating: Stating,
        vault: Vault,
        tree: ScopeTree,
        wording: Wording,
    ) -> None:
        self._campaigns = campaigns
        self._rosters = rosters
        self._bindings = bindings
        self._corrections = corrections
        self._looks = looks
        self._outbox = outbox
        self._stating = stating
        self._vault = vault
        self._tree = tree
        self._wording = wording

    async def advance(
        self, correction_id: str, to: Step, *, by: str, now: datetime, reason: str = "", note: str = ""
    ) -> Advanced | NotAdvanced:
        """Take a step; `note` is what the office writes to the student, masked, and is kept sealed or not at all."""
        current = await self._corrections.get(correction_id)
        if current is None:
            return NotAdvanced.UNKNOWN
        new = advance(current, to, by=by, now=now, reason=reason)
        if isinstance(new, Correction):
            sealed = await self._noted(current, note)
            if not await self._corrections.advance(new, sealed):
                return NotAdvanced.BUSY
        elif new is NotAdvanced.ALREADY:
            new = current
        else:
            return new
        told = await self._follow(new, now)
        kept = (await self._opened([new])).get(new.id, {}).get("note", "")
        return Advanced(correction=new, told=told, note_kept=note in {"", kept})

    async def look(
        self, corrections: Sequence[Correction], *, by: str, now: datetime, press: str
    ) -> dict[str, dict[str, str]]:
        """What was written of these, by id, for somebody who may see it; that they looked is put down before, once a
        class for each `press`."""
        for campaign, class_id in dict.fromkeys((one.campaign, one.class_id) for one in corrections):
            await self._looks.remember(campaign, class_id, by, now, press=f"{press}:{class_id}")
        return await self._opened(corrections)

    async def _opened(self, corrections: Sequence[Correction]) -> dict[str, dict[str, str]]:
        """What was written of these, by id; nothing of those whose text is gone or cannot be opened."""
        found: dict[str, dict[str, str]] = {}
        ids = [correction.id for correction in corrections]
        for start in range(0, len(ids), _OPENED_AT_ONCE):
            for one, sealed in (await self._corrections.texts(ids[start : start + _OPENED_AT_ONCE])).items():
                values = self._vault.open(sealed)
                if values is not None:
                    found[one] = dict(values)
        return found

    async def _noted(self, correction: Correction, note: str) -> str:
        """The text with the office's note in it, sealed; empty where there is none, or no key."""
        if not note or not self._vault.keeps:
            return ""
        written = (await self._opened([correction])).get(correction.id, {})
        return self._vault.seal({**written, "note": note})

    async def _follow(self, correction: Correction, now: datetime) -> bool:
        """What follows from a step; whether there is a way to tell the student."""
        campaign, student, bindings = await asyncio.gather(
            self._campaigns.get(correction.campaign),
            self._rosters.student(correction.sid),
            self._bindings.of_students([correction.sid]),
        )
        if campaign is None or student is None:
            return False
        if correction.step in SETTLED:
            await self._stating.state(campaign, student, Act.SETTLE, by=_OFFICE, now=now, item=correction.item)
        to = private_address(bindings.get(correction.sid, ()))
        if to is None or correction.step is Step.WITHDRAWN:
            return False
        body, choices = self._said(correction, campaign, student)
        note = step_note(correction, body, to, choices=choices, not_before=campaign.quiet.first_after(now))
        await self._outbox.queue(note, now)
        return True

    def _said(self, correction: Correction, campaign: Campaign, student: Student) -> tuple[Phrase, tuple[Choice, ...]]:
        """What the student is told of a step, and the way on: whoever was corrected has to look again."""
        item = campaign.item(correction.item)
        values: dict[str, str | int | Phrase] = {
            "you": self._tree[campaign.scope].address,
            "title": campaign.title,
            "item": item.label if item else "",
            "number": correction.id,
        }
        if correction.step is Step.REFUSED:
            values["reason"] = Phrase(key=f"correction.reason.{correction.reason}")
        verbs = [Verb.STATUS] if correction.step is Step.REFUSED else []
        if correction.step in SETTLED and campaign.status is CampaignStatus.OPEN:
            verbs.append(Verb.OPEN)
        choices = tuple(
            Choice(
                label=self._wording.render(Phrase(key=f"button.{verb.name.lower()}")),
                action=Action(verb=verb, subject=campaign.id),
            )
            for verb in verbs
        )
        return Phrase(key=f"correction.told.{correction.step}", values=values), choices
