"""Where a student stands in a campaign, for themselves alone, and what became of what they reported."""

from collections.abc import Iterator, Sequence
from functools import reduce

from bot.dialogue.campaign_buttons import campaign_buttons, ways_from
from bot.dialogue.turns import Reply, Turn, preceded
from bot.dialogue.wording import ContentWording
from bot.vault import Vault
from scheduler.campaigns import OWING, Campaign, Grade, State, StudentState
from scheduler.corrections import Correction, Step
from scheduler.letters import deadline_words, moment_words
from scheduler.messages import Body, Phrase, joined
from scheduler.ports import CampaignStore, CorrectionStore
from scheduler.roster import BindingStrength, Student


class OwnState:
    """Shows it in private, with the way on."""

    def __init__(
        self, campaigns: CampaignStore, corrections: CorrectionStore, vault: Vault, wording: ContentWording
    ) -> None:
        self._campaigns = campaigns
        self._corrections = corrections
        self._vault = vault
        self._wording = wording

    async def asked(self, turn: Turn) -> Reply:
        """The reply to who asks without saying of which campaign: each, a message."""
        replies = []
        for campaign in turn.asker.campaigns:
            own = turn.about(campaign.id)
            if own.asker.student is not None:
                replies.append(await self.show(own, campaign, own.asker.student))
        return reduce(Reply.then, replies) if replies else turn.reply("status.no-campaign")

    async def show(self, turn: Turn, campaign: Campaign, student: Student) -> Reply:
        """The state in a campaign, the tries to log in, and each reported item with its step."""
        state = await self._campaigns.state(campaign.id, student.class_id, student.sid)
        if out_of_sight(state, unproved=turn.asker.unproved):
            return turn.reply("binding.prove-to-see")
        reported = [
            one
            for one in await self._corrections.of_student(student.sid)
            if one.campaign == campaign.id and one.step is not Step.WITHDRAWN
        ]
        proved = turn.asker.binding is not None and turn.asker.binding.strength is BindingStrength.STRONG
        notes = await self._notes(reported) if proved else {}
        stands = with_claim(turn, _stands(turn, campaign, state), state)
        lines = [stands, *_corrections(campaign, reported, notes)]
        spared = turn.asker.binding is not None and turn.asker.binding.last_day_only and state.counted in OWING
        body: Body = joined("status.line", lines) if len(lines) > 1 else lines[0]
        said = preceded(turn, "status.fewer", body) if spared else body
        reply = turn.reply(said, campaign_buttons(self._wording, campaign, ways_from(state), turn.now))
        return reply.unkept(turn.phrase("status.later")) if notes else reply

    async def _notes(self, reported: Sequence[Correction]) -> dict[str, str]:
        """What the office wrote to the student on each, by id; for who has proved to be that student."""
        texts = await self._corrections.texts([one.id for one in reported if one.is_closed])
        opened = {one: self._vault.open(sealed) or {} for one, sealed in texts.items()}
        return {one: values["note"] for one, values in opened.items() if "note" in values}


def out_of_sight(state: StudentState, *, unproved: bool) -> bool:
    """Whether a state is kept from somebody who has not proved to be the student: it rests on more than their word."""
    proved = state.grade is not None and state.grade.outweighs(Grade.CLAIMED)
    return unproved and (proved or state.state is State.EXEMPT)


def with_claim(turn: Turn, said: Phrase, state: StudentState) -> Phrase:
    """What is said of a state to its student, who also hears if nobody else counts it yet."""
    claim = claim_words(turn, state)
    return joined("status.line", [said, claim]) if claim else said


def state_words(state: StudentState) -> Phrase:
    """A state in a few words, for whoever may see it; of one that does not count yet, that."""
    return Phrase(key=f"privacy.state.{state.state if state.counted is state.state else state.grade}")


def claim_words(turn: Turn, state: StudentState) -> Phrase | None:
    """What makes a statement count that does not count yet; None for one that does."""
    if state.counted is state.state:
        return None
    return turn.phrase("status.claimed" if turn.asker.unproved else "status.claimed-before")


def _stands(turn: Turn, campaign: Campaign, state: StudentState) -> Phrase:
    return turn.phrase(
        f"status.{state.state}",
        title=campaign.title,
        deadline=deadline_words(campaign.stages[0].deadline),
        at=moment_words(state.at) if state.at else "",
        receipt=state.receipt,
        tries=len(state.tries),
    )


def _corrections(campaign: Campaign, reported: Sequence[Correction], notes: dict[str, str]) -> Iterator[Phrase]:
    for one in reported:
        item = campaign.item(one.item)
        values: dict[str, str | int | Phrase] = {
            "item": item.label if item else one.item,
            "number": one.id,
            "step": Phrase(key=f"correction.step.{one.step}"),
            "at": moment_words(one.at),
        }
        yield Phrase(key="status.correction", values=values)
        if one.step is Step.REFUSED:
            yield Phrase(key="status.reason", values={"reason": Phrase(key=f"correction.reason.{one.reason}")})
        if one.id in notes:
            yield Phrase(key="status.note", values={"note": notes[one.id]})
