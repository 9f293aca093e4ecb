"""催办: who looks after a class reminds those who still owe, and sees before whom it reaches and what it says."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot.dialogue.choosing import Choosing, Chosen
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
        """The nudge of the class that is meant; if several may be, which one."""
        chosen = await self._choosing.which(turn, Right.NUDGE, Verb.NUDGE, words)
        return chosen if isinstance(chosen, Reply) else await self._shown(turn, chosen)

    async def show(self, turn: Turn, action: Action) -> Reply:
        """What would be sent, to how many; sent is nothing yet."""
        if not action.detail:
            return await self.choose(turn)
        chosen = await self._choosing.pressed(turn, Right.NUDGE, action)
        return turn.reply("button.not-yours") if chosen is None else await self._shown(turn, chosen)

    async def _shown(self, turn: Turn, chosen: Chosen) -> Reply:
        stage = stage_of(chosen.campaign)
        if stage is None:
            return turn.reply("staff.no-class")
        planned = await self._planned(turn, chosen, stage)
        last = (await self._outbox.claimed_at(chosen.campaign.id, [planned.slot])).get(planned.slot)
        refused = await self._refused(turn, chosen, planned, last)
        if refused is not None:
            return refused
        body = turn.phrase(
            "nudge.preview",
            class_name=chosen.found.name,
            reached=planned.owing - planned.unreached,
            unreached=_unreached(planned),
            last=Phrase(key="nudge.last", values={"at": moment_words(last)}) if last else Phrase(key="nudge.never"),
            text=self._text(turn, chosen.campaign, stage),
        )
        return turn.reply(body, self._choices(chosen))

    async def send(self, turn: Turn, action: Action) -> Reply:
        """Send what was shown, to who owes now; the claim of the class lets nobody else do it for a while."""
        if not action.detail:
            return turn.reply("nudge.not-sent")
        chosen = await self._choosing.pressed(turn, Right.NUDGE, action)
        stage = stage_of(chosen.campaign) if chosen else None
        if chosen is None or stage is None:
            return turn.reply("button.not-yours")
        planned = await self._planned(turn, chosen, stage)
        refused = await self._refused(turn, chosen, planned, None)
        if refused is not None:
            return refused
        before, queued = await self._outbox.claim_again(
            chosen.campaign.id, planned.slot, planned.deliveries, turn.now, gap=GAP
        )
        if before is not None:
            return turn.reply(_too_early(turn, chosen, before))
        body = turn.phrase("nudge.sent", class_name=chosen.found.name, count=queued, unreached=_unreached(planned))
        return turn.reply(body, purpose=Purpose.RECEIPT, in_place=True)

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

    async def _refused(self, turn: Turn, chosen: Chosen, planned: Nudge, last: datetime | None) -> Reply | None:
        """Why nothing can be sent now, if so."""
        name, quiet = chosen.found.name, chosen.campaign.quiet
        if not planned.owing:
            return turn.reply(turn.phrase("nudge.nobody-owes", class_name=name))
        if chosen.campaign.in_trial:
            return turn.reply(turn.phrase("nudge.trial", title=chosen.campaign.title))
        held = suspended([chosen.found], await self._suspensions.holding(turn.now)).get(chosen.found.id)
        if held is not None:
            return turn.reply(turn.phrase(f"nudge.held.{held.why}", until=moment_words(held.until)))
        if not planned.deliveries:
            return turn.reply(turn.phrase("nudge.nobody-reached", class_name=name, owing=planned.owing))
        if quiet.covers(turn.now):
            return turn.reply(turn.phrase("nudge.quiet", again=moment_words(quiet.first_after(turn.now))))
        if last is not None and turn.now < last + GAP:
            return turn.reply(_too_early(turn, chosen, last))
        return None

    def _text(self, turn: Turn, campaign: Campaign, stage: Stage) -> Phrase | str:
        """What most of those who owe will read."""
        letter = private_letter(campaign, stage.id, NUDGE, NOTHING_YET, told_before=1, now=turn.now)
        if letter is None:
            return ""
        return replace(letter.body, values={"you": turn.asker.you, **letter.body.values})

    def _choices(self, chosen: Chosen) -> list[Choice]:
        now = Action(verb=Verb.NUDGE_NOW, subject=chosen.campaign.id, detail=chosen.found.id)
        return [
            Choice(label=self._wording.label("button.nudge-now"), action=now),
            Choice(label=self._wording.label("button.nudge-not"), action=Action(verb=Verb.NUDGE_NOW)),
        ]


def _unreached(planned: Nudge) -> Phrase:
    if not planned.unreached:
        return Phrase(key="nudge.all-reached")
    return Phrase(key="nudge.unreached", values={"count": planned.unreached})


def _too_early(turn: Turn, chosen: Chosen, last: datetime) -> Phrase:
    again = chosen.campaign.quiet.first_after(last + GAP)
    name = chosen.found.name
    return turn.phrase("nudge.too-early", class_name=name, at=moment_words(last), again=moment_words(again))
