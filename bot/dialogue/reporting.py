"""A wrong item, step by step: false alarms first, then what 学信网 shows and what is right, then what will be kept.

Only items that may be written down are asked for in words, and only where words can be sealed; every other report is
the item alone. What somebody has typed so far is sealed too while they think.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.conversations import Filling
from bot.dialogue.campaign_buttons import campaign_buttons
from bot.dialogue.commands import Called, Command
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.typed import one_line
from bot.dialogue.wording import ContentWording
from bot.vault import Vault
from scheduler.acts import Act, NotAllowed
from scheduler.campaigns import Campaign, CampaignStatus, CheckItem
from scheduler.corrections import CLOSED, Correction, Step, advance
from scheduler.letters import moment_words
from scheduler.messages import Action, Choice, Phrase, Purpose, Verb
from scheduler.ports import CampaignStore, CorrectionStore
from scheduler.roster import Student
from scheduler.stating import Stating

LONGEST = 60
"""Characters of what 学信网 shows, or of what is right: the longest names of majors have half of it."""

_TYPING_LASTS = timedelta(minutes=30)
"""How long a text is taken for the answer to what was asked."""

_NO_ALARM, _KEEP, _AGAIN, _ITEM_ALONE = "-", "+", "*", "="
"""What stands behind an item in a button: none of the false alarms; keep it, write it anew, keep the item alone."""

_TRIES = 5
"""How often a short number is drawn that nobody else has, and a report is closed that the office moves meanwhile."""


class Reporting:
    """Takes reports of wrong items, and takes them back."""

    def __init__(
        self,
        campaigns: CampaignStore,
        corrections: CorrectionStore,
        stating: Stating,
        vault: Vault,
        wording: ContentWording,
        new_id: Callable[[], str],
    ) -> None:
        self._campaigns = campaigns
        self._corrections = corrections
        self._stating = stating
        self._vault = vault
        self._wording = wording
        self._new_id = new_id

    async def press(self, turn: Turn, campaign: Campaign, student: Student, detail: str) -> Reply:
        """The reply to a choice on the way; `detail` is the item's id and what was chosen there, after a slash."""
        item_id, _, chosen = detail.partition("/")
        item = campaign.item(item_id)
        turn = replace(turn, conversation=replace(turn.conversation, filling=None)) if chosen != _KEEP else turn
        if item is None:
            return self._which(turn, campaign)
        if chosen.isdecimal() and int(chosen) < len(item.alarms):
            return self._no_fault(turn, campaign, item, int(chosen))
        if not chosen and item.alarms:
            return self._triage(turn, campaign, item)
        if chosen == _KEEP:
            return await self._keep(turn, campaign, student, item)
        if item.takes_value and self._vault.keeps and chosen != _ITEM_ALONE:
            return self._ask_shown(turn, campaign, item)
        return await self._report(turn, campaign, student, item)

    async def typed(self, turn: Turn, called: Called | None) -> Reply | None:
        """The reply to what somebody types who was asked for it; None where nothing was asked, or for a command."""
        filling = turn.conversation.filling
        if filling is None or not turn.message.private or turn.now > filling.until:
            return None
        turn = turn.about(filling.campaign)
        student = turn.asker.student
        if student is None:
            return None
        left = replace(turn, conversation=replace(turn.conversation, filling=None))
        campaign = await self._campaigns.get(filling.campaign)
        item = campaign.item(filling.item) if campaign is not None else None
        if campaign is None or campaign.status is not CampaignStatus.OPEN or item is None:
            return None
        command = called.command if called else None
        if command is Command.QUIT:
            return left.reply("wrong.left", campaign_buttons(self._wording, campaign, (Verb.OPEN,), turn.now))
        if command is Command.SKIP:
            return await self._report(left, campaign, student, item)
        if command is not None and command is not Command.ACKNOWLEDGE:
            return None
        return self._fill(turn, campaign, item, filling, one_line(turn.message.text or ""))

    async def take_back(self, campaign: Campaign, student: Student, turn: Turn) -> None:
        """Close what the student has open in the campaign: they say that it is none any more."""
        for _ in range(_TRIES):
            found = await self._corrections.of_student(student.sid)
            steps = [
                advance(correction, Step.WITHDRAWN, by=student.sid, now=turn.now)
                for correction in found
                if correction.campaign == campaign.id and correction.step not in CLOSED
            ]
            closed = [await self._corrections.advance(step) for step in steps if isinstance(step, Correction)]
            if all(closed):  # else the office took a step at the same moment
                return

    def _which(self, turn: Turn, campaign: Campaign) -> Reply:
        items = [self._choice(item.label, campaign, item.id) for item in campaign.checklist]
        body = turn.phrase("check.which-item", remarks="\n".join(campaign.remarks))
        return turn.reply(body, [*items, *campaign_buttons(self._wording, campaign, (Verb.OPEN,), turn.now)])

    def _triage(self, turn: Turn, campaign: Campaign, item: CheckItem) -> Reply:
        alarms = [self._choice(alarm.label, campaign, f"{item.id}/{place}") for place, alarm in enumerate(item.alarms)]
        really = self._choice(self._wording.label("wrong.really"), campaign, f"{item.id}/{_NO_ALARM}")
        return turn.reply(turn.phrase("wrong.triage", item=item.label), [*alarms, really])

    def _no_fault(self, turn: Turn, campaign: Campaign, item: CheckItem, place: int) -> Reply:
        body = turn.phrase("wrong.false-alarm", item=item.label, answer=item.alarms[place].answer)
        return turn.reply(body, campaign_buttons(self._wording, campaign, (Verb.OPEN, Verb.WRONG), turn.now))

    def _ask_shown(self, turn: Turn, campaign: Campaign, item: CheckItem) -> Reply:
        filling = Filling(campaign=campaign.id, item=item.id, until=turn.now + _TYPING_LASTS)
        asking = replace(turn, conversation=replace(turn.conversation, filling=filling))
        return asking.reply(turn.phrase("wrong.ask-shown", item=item.label))

    def _fill(self, turn: Turn, campaign: Campaign, item: CheckItem, filling: Filling, said: str) -> Reply:
        """The next question, or the check of what will be kept."""
        if not said or len(said) > LONGEST:
            return turn.reply(turn.phrase("wrong.too-long", most=LONGEST))
        so_far = dict(self._vault.open(filling.sealed) or {}) if filling.sealed else {}
        first = "shown" not in so_far
        so_far["shown" if first else "right"] = said
        filled = replace(filling, sealed=self._vault.seal(so_far), until=turn.now + _TYPING_LASTS)
        going_on = replace(turn, conversation=replace(turn.conversation, filling=filled))
        if first:
            return going_on.reply(turn.phrase("wrong.ask-right", item=item.label))
        ways = [
            self._choice(self._wording.label(f"wrong.{name}"), campaign, f"{item.id}/{sign}")
            for name, sign in (("keep", _KEEP), ("again", _AGAIN), ("item-alone", _ITEM_ALONE))
        ]
        check = going_on.reply(turn.phrase("wrong.check", item=item.label, **so_far), ways)
        return check.unkept(turn.phrase("wrong.check-unseen", item=item.label))

    async def _keep(self, turn: Turn, campaign: Campaign, student: Student, item: CheckItem) -> Reply:
        """Record what was checked; where that is gone it is asked for anew, unless it was the second press of two."""
        filling = turn.conversation.filling
        if filling is None or (filling.campaign, filling.item) != (campaign.id, item.id) or turn.now > filling.until:
            state = await self._campaigns.state(campaign.id, student.class_id, student.sid)
            pressed_twice = filling is None and item.id in state.items
            if pressed_twice:
                return await self._report(turn, campaign, student, item)
            return self._ask_shown(turn, campaign, item)
        left = replace(turn, conversation=replace(turn.conversation, filling=None))
        return await self._report(left, campaign, student, item, sealed=filling.sealed)

    async def _report(
        self, turn: Turn, campaign: Campaign, student: Student, item: CheckItem, *, sealed: str = ""
    ) -> Reply:
        """Move the state and keep the report: done a second time after a broken line, both are as they were."""
        stated = await self._stating.state(
            campaign,
            student,
            Act.REPORT_WRONG,
            by=student.sid,
            now=turn.now,
            item=item.id,
            claimed=turn.asker.unproved,
        )
        at = moment_words(stated.state.at or turn.now)
        if stated.refused not in {None, NotAllowed.ALREADY}:
            return turn.reply(turn.phrase(f"not-allowed.{stated.refused}", at=at, receipt=stated.state.receipt))
        number = await self._put_down(turn, campaign, student, item, sealed, number=stated.state.receipt)
        values: dict[str, str | Phrase] = {"item": item.label, "at": at, "receipt": number}
        buttons = campaign_buttons(self._wording, campaign, (Verb.WRONG, Verb.WITHDRAW), turn.now)
        if stated.refused is not None and not sealed:
            return turn.reply(turn.phrase("wrong.already", **values), buttons)
        late = self._wording.label("receipt.late") if stated.state.late else ""
        body = turn.phrase(f"receipt.wrong.{_kind(item, sealed)}", late=late, **values)
        return turn.reply(body, buttons, purpose=Purpose.RECEIPT, in_place=not sealed)

    async def _put_down(
        self, turn: Turn, campaign: Campaign, student: Student, item: CheckItem, sealed: str, *, number: str
    ) -> str:
        """Keep the report under the number of the state it made, so that the student is told one for both; where
        another report has that number, under a new one."""
        for one in (number, *(self._new_id() for _ in range(_TRIES))):
            correction = Correction(
                id=one,
                campaign=campaign.id,
                class_id=student.class_id,
                sid=student.sid,
                item=item.id,
                reported_at=turn.now,
                at=turn.now,
                by=student.sid,
            )
            kept = await self._corrections.report(correction, sealed)
            if kept is not None:
                return kept
        raise LookupError("no short number is free")

    def _choice(self, label: str, campaign: Campaign, detail: str) -> Choice:
        return Choice(label=label, action=Action(verb=Verb.WRONG, subject=campaign.id, detail=detail))


def _kind(item: CheckItem, sealed: str) -> str:
    """What is to be said of a report: each kind is seen to in another way."""
    if item.office_only:
        return "office"
    if sealed:
        return "written"
    return "item" if item.takes_value else "by-hand"
