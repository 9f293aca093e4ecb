"""隐私 and 注销: what is kept of the one who asks, why and for how long, and how it goes away."""

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.dialogue.own_state import out_of_sight, state_words
from bot.dialogue.turns import Record, Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.erasing import Erasing
from scheduler.messages import Action, Choice, Phrase, Verb, joined
from scheduler.ports import CampaignStore, CorrectionStore
from scheduler.roster import BindingStrength


class Privacy:
    """Shows and drops it, in private alone."""

    def __init__(
        self,
        campaigns: CampaignStore,
        corrections: CorrectionStore,
        erasing: Erasing,
        wording: ContentWording,
        *,
        texts_last: timedelta,
        sends_last: timedelta,
    ) -> None:
        self._campaigns = campaigns
        self._corrections = corrections
        self._erasing = erasing
        self._wording = wording
        self._texts_last = texts_last
        self._sends_last = sends_last

    async def show(self, turn: Turn) -> Reply:
        """What is kept in general, and of this person."""
        days, sends = (lasts // timedelta(days=1) for lasts in (self._texts_last, self._sends_last))
        lines = [turn.phrase("command.privacy", days=days, sends=sends)]
        for record in turn.asker.records:
            lines += [line async for line in self._of_record(turn, record)]
        if not turn.asker.records:
            lines.append(Phrase(key="privacy.unbound"))
        choices = [self._erase("")] if turn.asker.records else []
        return turn.reply(joined("status.line", lines), choices)

    async def erase(self, turn: Turn, *, sure: bool) -> Reply:
        """Forget this account and what was written from it, once it was said twice."""
        if not turn.asker.records:
            return turn.reply("erase.nothing")
        if not sure:
            return turn.reply("erase.sure", [self._erase("yes")])
        erased = await self._erasing.of_account(turn.message.account, turn.now)
        return turn.reply("erase.done" if erased else "erase.nothing")

    def _erase(self, detail: str) -> Choice:
        label = self._wording.label("button.erase" if detail else "button.erase-ask")
        return Choice(label=label, action=Action(verb=Verb.ERASE, detail=detail))

    async def _of_record(self, turn: Turn, record: Record) -> AsyncIterator[Phrase]:
        student = record.student
        how = Phrase(key=f"privacy.strength.{record.binding.strength}")
        yield Phrase(key="privacy.bound", values={"name": student.name, "tail": student.number[-4:], "how": how})
        unproved = record.binding.strength is BindingStrength.PROVISIONAL
        own = [campaign for campaign in turn.asker.campaigns if student.class_id in campaign.classes]
        hidden = unproved and not own
        for campaign in own:
            state = await self._campaigns.state(campaign.id, student.class_id, student.sid)
            if out_of_sight(state, unproved=unproved):
                hidden = True
            else:
                yield Phrase(key="privacy.state", values={"title": campaign.title, "state": state_words(state)})
        reported = () if hidden else await self._corrections.of_student(student.sid)
        if reported:
            written = await self._corrections.texts([one.id for one in reported])
            yield Phrase(key="privacy.corrections", values={"count": len(reported), "written": len(written)})
