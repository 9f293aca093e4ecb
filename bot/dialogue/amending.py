"""更正: counsellor or office takes back what students stated, where they cannot any more themselves; each is told."""

import re
from collections.abc import Sequence

from bot.dialogue.choosing import Choosing, Chosen
from bot.dialogue.own_state import state_words
from bot.dialogue.rights import Right
from bot.dialogue.telling import Telling
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.acts import Act, NotAllowed
from scheduler.campaigns import Campaign
from scheduler.letters import moment_words
from scheduler.messages import Action, Choice, Purpose, Verb
from scheduler.ports import BindingStore, CampaignStore, RosterStore
from scheduler.roster import Student, private_address
from scheduler.states import State
from scheduler.stating import Stating

_NUMBER = re.compile(r"\d{1,3}")


def names_a_student(words: Sequence[str]) -> bool:
    """Whether a number of the sheet stands among the words behind the command."""
    return any(_NUMBER.fullmatch(word) for word in words)


class Amending:
    """One student at a time, by the number of the sheet; asked once more before anything is taken back."""

    def __init__(
        self,
        *,
        rosters: RosterStore,
        campaigns: CampaignStore,
        bindings: BindingStore,
        stating: Stating,
        telling: Telling,
        choosing: Choosing,
        wording: ContentWording,
    ) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._bindings = bindings
        self._stating = stating
        self._telling = telling
        self._choosing = choosing
        self._wording = wording

    async def order(self, turn: Turn, words: Sequence[str]) -> Reply:
        """The reply to the command: what the student has stated, and whether it is to be taken back."""
        numbers = [int(word) for word in words if _NUMBER.fullmatch(word)]
        named = [word for word in words if not _NUMBER.fullmatch(word)]
        chosen = await self._choosing.which(turn, Right.AMEND, Verb.AMEND, named)
        if isinstance(chosen, Reply):
            return chosen
        return await self._ask(turn, chosen, numbers[0]) if len(numbers) == 1 else await self._how(turn, chosen)

    async def press(self, turn: Turn, action: Action) -> Reply:
        """The reply to a class or a student that was picked; the right is asked anew."""
        student = await self._rosters.student(action.detail)
        class_id = student.class_id if student else action.detail
        chosen = await self._choosing.pressed(
            turn, Right.AMEND, Action(verb=Verb.AMEND, subject=action.subject, detail=class_id)
        )
        if chosen is None:
            return turn.reply("button.not-yours")
        return await self._take_back(turn, chosen.campaign, student) if student else await self._how(turn, chosen)

    async def _how(self, turn: Turn, chosen: Chosen) -> Reply:
        return turn.reply(turn.phrase("amend.how", named=await self._choosing.named(turn, Right.AMEND, chosen)))

    async def _ask(self, turn: Turn, chosen: Chosen, number: int) -> Reply:
        members = sorted(await self._rosters.members(chosen.found.id), key=lambda student: student.number)
        if not 1 <= number <= len(members):
            return turn.reply(turn.phrase("amend.no-such", number=number, class_name=chosen.found.name))
        student = members[number - 1]
        state = await self._campaigns.state(chosen.campaign.id, student.class_id, student.sid)
        if state.state is State.NONE:
            return turn.reply(turn.phrase(f"amend.refused.{NotAllowed.NOTHING_TO_WITHDRAW}", name=student.name))
        body = turn.phrase(
            "amend.sure",
            name=student.name,
            state=state_words(state),
            since=turn.phrase("amend.since", at=moment_words(state.at)) if state.at else "",
        )
        sure = Action(verb=Verb.AMEND, subject=chosen.campaign.id, detail=student.sid)
        return turn.reply(body, [Choice(label=self._wording.label("button.amend"), action=sure)])

    async def _take_back(self, turn: Turn, campaign: Campaign, student: Student) -> Reply:
        stated = await self._stating.state(campaign, student, Act.AMEND, by=turn.message.account, now=turn.now)
        if stated.refused is not None:
            return turn.reply(turn.phrase(f"amend.refused.{stated.refused}", name=student.name))
        to = private_address((await self._bindings.of_students([student.sid])).get(student.sid, ()))
        if to is not None:
            said = turn.phrase("amend.told", title=campaign.title)
            await self._telling.tell(to, said, f"amended:{campaign.id}:{student.sid}:{stated.state.count}", turn.now)
        key = "amend.done" if to is not None else "amend.done-untold"
        return turn.reply(turn.phrase(key, name=student.name), purpose=Purpose.RECEIPT)
