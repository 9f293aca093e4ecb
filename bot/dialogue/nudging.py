"""催办: who looks after a class reminds those who still owe, and sees before whom it reaches and what it says."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.dialogue.choosing import EVERY, Choosing, Chosen
from bot.dialogue.rights import Right
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.campaigns import NOTHING_YET, Campaign, Stage
from scheduler.letters import NUDGE, moment_words, private_letter
from scheduler.messages import Action, Choice, Phrase, Purpose, Verb
from scheduler.nudges import GAP, Nudge, nudge, stage_of
from scheduler.ports import BindingStore, CampaignStore, Outbox, ReachStore, RosterStore, Suspensions
from scheduler.recipients import Audience
from scheduler.suspensions import suspended


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    """The nudge of one class as it stands at a press: when the last one was, and why it cannot be sent, if so."""

    chosen: Chosen
    planned: Nudge
    last: datetime | None
    why_not: Phrase | None


class Nudging:
    """Shows a nudge, and sends it once it was seen. Nothing is sent in quiet hours or soon after the last one."""

    def __init__(
        self,
        *,
        rosters: RosterStore,
        campaigns: CampaignStore,
        bindings: BindingStore,
        reach: ReachStore,
        outbox: Outbox,
        suspensions: Suspensions,
        choosing: Choosing,
        wording: ContentWording,
        most_a_week: int,
    ) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._bindings = bindings
        self._reach = reach
        self._outbox = outbox
        self._suspensions = suspensions
        self._choosing = choosing
        self._wording = wording
        self._most_a_week = most_a_week

    async def choose(self, turn: Turn, words: Sequence[str] = ()) -> Reply:
        """The nudge of the class that is meant; if several may be, which one, or all of them."""
        chosen = await self._choosing.which(turn, Right.NUDGE, Verb.NUDGE, words, every=True)
        return chosen if isinstance(chosen, Reply) else await self._shown(turn, [chosen])

    async def show(self, turn: Turn, action: Action) -> Reply:
        """What would be sent, to how many; sent is nothing yet."""
        if not action.detail:
            return await self.choose(turn)
        return await self._shown(turn, await self._choosing.all_pressed(turn, Right.NUDGE, action))

    async def _shown(self, turn: Turn, chosen: Sequence[Chosen]) -> Reply:
        stage = stage_of(chosen[0].campaign) if chosen else None
        if stage is None:
            return turn.reply("button.not-yours")
        rounds = [await self._looked_at(turn, one, stage) for one in chosen]
        ready = [one for one in rounds if one.why_not is None]
        if not ready:
            return turn.reply(_why_none(turn, rounds))
        text = self._text(turn, chosen[0].campaign, stage)
        if len(chosen) == 1:
            body = turn.phrase("nudge.preview", last=_last(ready[0].last), text=text, **_figures(ready))
        else:
            body = turn.phrase("nudge.preview-all", left=_left(rounds), text=text, **_figures(ready))
        return turn.reply(body, self._choices(chosen))

    async def send(self, turn: Turn, action: Action) -> Reply:
        """Send what was shown, to who owes now; the claim of a class lets nobody else do it for a while."""
        if not action.detail:
            return turn.reply("nudge.not-sent")
        chosen = await self._choosing.all_pressed(turn, Right.NUDGE, action)
        stage = stage_of(chosen[0].campaign) if chosen else None
        if stage is None:
            return turn.reply("button.not-yours")
        rounds = [await self._looked_at(turn, one, stage) for one in chosen]
        sent = [one for one in rounds if one.why_not is None and await self._claimed(turn, one)]
        if not sent:
            return turn.reply(_why_none(turn, [await self._looked_at(turn, one, stage) for one in chosen]))
        figures = _figures(sent)
        body = turn.phrase("nudge.sent", **figures) if len(chosen) == 1 else turn.phrase("nudge.sent-all", **figures)
        return turn.reply(body, purpose=Purpose.RECEIPT, in_place=True)

    async def _claimed(self, turn: Turn, one: _Round) -> bool:
        """Whether this press is the one that sends it."""
        planned, campaign_id = one.planned, one.chosen.campaign.id
        before, _ = await self._outbox.claim_again(campaign_id, planned.slot, planned.deliveries, turn.now, gap=GAP)
        return before is None

    async def _looked_at(self, turn: Turn, chosen: Chosen, stage: Stage) -> _Round:
        planned = await self._planned(turn, chosen, stage)
        last = (await self._outbox.claimed_at(chosen.campaign.id, [planned.slot])).get(planned.slot)
        why_not = await self._why_not(turn, chosen, planned, last)
        return _Round(chosen=chosen, planned=planned, last=last, why_not=why_not)

    async def _planned(self, turn: Turn, chosen: Chosen, stage: Stage) -> Nudge:
        class_id = chosen.found.id
        members = await self._rosters.members(class_id)
        sids = [student.sid for student in members]
        audience = Audience(
            members={class_id: members},
            states=await self._campaigns.states(chosen.campaign.id, class_id),
            groups=(),
            bindings=await self._bindings.of_students(sids),
            burdens=await self._outbox.burdens(sids, turn.now),
        )
        lost = (await self._reach.unreachable()).keys()
        most = self._most_a_week
        return nudge(chosen.campaign, stage, class_id, audience, lost=lost, now=turn.now, most_a_week=most)

    async def _why_not(self, turn: Turn, chosen: Chosen, planned: Nudge, last: datetime | None) -> Phrase | None:
        """Why nothing can be sent to a class now, if so."""
        name, quiet = chosen.found.name, chosen.campaign.quiet
        if not planned.owing:
            return turn.phrase("nudge.nobody-owes", class_name=name)
        if chosen.campaign.in_trial:
            return turn.phrase("nudge.trial", title=chosen.campaign.title)
        held = suspended([chosen.found], await self._suspensions.holding(turn.now)).get(chosen.found.id)
        if held is not None:
            return turn.phrase(f"nudge.held.{held.why}", until=moment_words(held.until))
        if not planned.deliveries:
            return turn.phrase("nudge.nobody-reached", class_name=name, owing=planned.owing)
        if quiet.covers(turn.now):
            return turn.phrase("nudge.quiet", again=moment_words(quiet.first_after(turn.now)))
        if last is not None and turn.now < last + GAP:
            again = quiet.first_after(last + GAP)
            return turn.phrase("nudge.too-early", class_name=name, at=moment_words(last), again=moment_words(again))
        return None

    def _text(self, turn: Turn, campaign: Campaign, stage: Stage) -> Phrase | str:
        """What most of those who owe will read."""
        letter = private_letter(campaign, stage.id, NUDGE, NOTHING_YET, told_before=1, now=turn.now)
        if letter is None:
            return ""
        return replace(letter.body, values={"you": turn.asker.you, **letter.body.values})

    def _choices(self, chosen: Sequence[Chosen]) -> list[Choice]:
        detail = chosen[0].found.id if len(chosen) == 1 else EVERY
        now = Action(verb=Verb.NUDGE_NOW, subject=chosen[0].campaign.id, detail=detail)
        return [
            Choice(label=self._wording.label("button.nudge-now"), action=now),
            Choice(label=self._wording.label("button.nudge-not"), action=Action(verb=Verb.NUDGE_NOW)),
        ]


def _figures(rounds: Sequence[_Round]) -> dict[str, str | int | Phrase]:
    """Of which classes, how many are reached, and how many are not."""
    unreached = sum(one.planned.unreached for one in rounds)
    return {
        "class_name": rounds[0].chosen.found.name if len(rounds) == 1 else "",
        "classes": len(rounds),
        "reached": sum(one.planned.owing - one.planned.unreached for one in rounds),
        "unreached": Phrase(key="nudge.unreached", values={"count": unreached})
        if unreached
        else Phrase(key="nudge.all-reached"),
    }


def _last(last: datetime | None) -> Phrase:
    return Phrase(key="nudge.last", values={"at": moment_words(last)}) if last else Phrase(key="nudge.never")


def _left(rounds: Sequence[_Round]) -> Phrase:
    """How many of the classes that owe are left out now."""
    left = sum(one.why_not is not None and one.planned.owing > 0 for one in rounds)
    return Phrase(key="nudge.left", values={"count": left}) if left else Phrase(key="nudge.none-left")


def _why_none(turn: Turn, rounds: Sequence[_Round]) -> Phrase:
    """Why nothing can be sent to any of the classes: what keeps the first one that owes something."""
    owing = [one for one in rounds if one.planned.owing] or list(rounds)
    return owing[0].why_not or turn.phrase("nudge.not-sent")
