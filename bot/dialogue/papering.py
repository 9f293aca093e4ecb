"""纸签 and 已交: whose signatures stand on a class's sheet, and that its papers, or a college's, were handed in."""

from collections.abc import Mapping, Sequence

from bot.dialogue.choosing import Choosing, Chosen, nothing_to_choose, said_of
from bot.dialogue.commands import Called, Command
from bot.dialogue.rights import Right
from bot.dialogue.ticks import TickReader, Ticks
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.campaigns import NOTHING_YET, StudentState, is_exempt
from scheduler.handing_in import HandIn, Taken, college_field, signatures, ticks
from scheduler.letters import moment_words
from scheduler.messages import Action, Choice, Phrase, Purpose, Verb
from scheduler.ports import CampaignStore, RosterStore
from scheduler.recording import PaperStore
from scheduler.roster import Student

_TRIES = 5
"""How often ticks are read anew when somebody else changed a state in between."""

_SURE = "="
"""Before a class in a button that was asked about; a class's id begins with a letter."""

_SHOWN = 10
"""How many numbers the sheet does not have are said."""

_BACK = "-"
"""Before a class whose hand-in is taken back."""


class Papering:
    """Takes ticks and hand-ins from those who may say so, and answers with where the class's papers stand."""

    def __init__(
        self,
        rosters: RosterStore,
        campaigns: CampaignStore,
        papers: PaperStore,
        choosing: Choosing,
        wording: ContentWording,
    ) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._papers = papers
        self._choosing = choosing
        self._wording = wording
        self._reader = TickReader(wording)
        self._back = frozenset(wording.words("words.tick-back"))

    async def command(self, turn: Turn, called: Called) -> Reply | None:
        """The reply to one of the commands; None where its words are another sentence."""
        match called.command:
            case Command.PAPER:
                return await self._ticked(turn, called.rest)
            case Command.HANDED_ON:
                return await self._college(turn, called.rest)
            case _:
                return await self._hand_in(turn, called.rest)

    async def press(self, turn: Turn, action: Action) -> Reply:
        """The reply to a class that was picked, or to the yes about its hand-in; the right is asked anew."""
        right = Right.TICK_PAPER if action.verb is Verb.PAPER else Right.HAND_IN_CLASS
        sign, class_id = action.detail[:1], action.detail.lstrip(_SURE + _BACK)
        meant = Action(verb=action.verb, subject=action.subject, detail=class_id)
        chosen = await self._choosing.pressed(turn, right, meant)
        if chosen is None:
            return turn.reply("button.not-yours")
        if action.verb is Verb.PAPER:
            return await self._list(turn, chosen)
        if sign in {_SURE, _BACK}:
            return await self._put(turn, chosen, back=sign == _BACK)
        return await self._ask_sure(turn, chosen)

    async def _ticked(self, turn: Turn, words: Sequence[str]) -> Reply | None:
        """The class may be named before what is said of it."""
        for place in range(len(words) + 1):
            said = self._reader.read(" ".join(words[place:]))
            if said is not None or place == len(words):
                chosen = await self._choosing.which(turn, Right.TICK_PAPER, Verb.PAPER, words[:place])
                if isinstance(chosen, Reply):
                    return None if words and said is None else chosen
                return await self._tick(turn, chosen, said) if said else await self._list(turn, chosen)
        return None

    async def _tick(self, turn: Turn, chosen: Chosen, said: Ticks) -> Reply:
        campaign, class_id = chosen.campaign, chosen.found.id
        for _ in range(_TRIES):
            numbered, states = await self._class(chosen)
            if unknown := sorted(said.numbers - numbered.keys()):
                return turn.reply(turn.phrase("paper.no-such", numbers=self._listed(unknown[:_SHOWN])))
            told = {one.sid: signed for number, one in numbered.items() if (signed := said.of(number)) is not None}
            new = ticks(campaign, list(numbered.values()), states, said=told, now=turn.now)
            taken = await self._papers.tick(campaign.id, class_id, new, by=turn.message.account, now=turn.now)
            if taken is Taken.DONE:
                stands = self._stands(turn, chosen, numbered, {**states, **new})
                return turn.reply(self._noted(turn, said, numbered, new, stands), purpose=Purpose.RECEIPT)
            if taken is not Taken.AGAIN:
                return turn.reply(turn.phrase(f"paper.{taken}", class_name=chosen.found.name))
        return turn.reply("paper.busy")

    def _noted(
        self, turn: Turn, said: Ticks, numbered: Mapping[int, Student], new: Mapping[str, StudentState], stands: Phrase
    ) -> Phrase:
        """How many were put down, and the numbers of those who had been ticked and are not any more."""
        gone = [number for number, one in numbered.items() if one.sid in new and new[one.sid].signed_at is None]
        if not said.signed:
            return turn.phrase("paper.unticked", count=len(gone), stands=stands)
        back = turn.phrase("paper.back", numbers=self._listed(gone)) if gone else ""
        return turn.phrase("paper.ticked", count=len(new) - len(gone), back=back, stands=stands)

    async def _list(self, turn: Turn, chosen: Chosen) -> Reply:
        """Where the class's signatures stand, and how they are said."""
        stands = self._stands(turn, chosen, *await self._class(chosen))
        named = await self._choosing.named(turn, Right.TICK_PAPER, chosen)
        return turn.reply(turn.phrase("paper.how", stands=stands, named=named))

    async def _hand_in(self, turn: Turn, words: Sequence[str]) -> Reply:
        """Ask about the class, or take its hand-in back where that is said."""
        back = bool(self._back.intersection(words))
        named = [word for word in words if word not in self._back]
        chosen = await self._choosing.which(turn, Right.HAND_IN_CLASS, Verb.HAND_IN, named)
        if isinstance(chosen, Reply):
            return chosen
        return await self._put(turn, chosen, back=True) if back else await self._ask_sure(turn, chosen)

    async def _ask_sure(self, turn: Turn, chosen: Chosen) -> Reply:
        """The class's papers end its students' undo: that is said before."""
        campaign, class_name = chosen.campaign, chosen.found.name
        stands = self._stands(turn, chosen, *await self._class(chosen))
        handed = await self._campaigns.hand_in(campaign.id, chosen.found.id)
        sign, key = (_BACK, "back") if handed else (_SURE, "sure")
        action = Action(verb=Verb.HAND_IN, subject=campaign.id, detail=f"{sign}{chosen.found.id}")
        label = self._wording.label(f"button.hand-in.{key}")
        at = moment_words(handed.at) if handed else ""
        body = turn.phrase(f"hand-in.ask.{key}", class_name=class_name, stands=stands, at=at)
        return turn.reply(body, [Choice(label=label, action=action)])

    async def _put(self, turn: Turn, chosen: Chosen, *, back: bool) -> Reply:
        by = turn.message.account
        hand_in = None if back else HandIn(at=turn.now, by=by)
        taken = await self._papers.put(chosen.campaign.id, chosen.found.id, hand_in, by=by, now=turn.now)
        return self._came(turn, taken, chosen.found.name, back=back)

    async def _college(self, turn: Turn, words: Sequence[str]) -> Reply | None:
        """A college has passed everything on to the registrar: its only one, or the one that is named."""
        back = bool(self._back.intersection(words))
        named = [word for word in words if word not in self._back]
        offered = await self._choosing.of_asker(turn, Right.HAND_IN_COLLEGE)
        there = dict.fromkeys((one.campaign, one.found.college) for one in offered)
        meant = [one for one in there if not named or said_of(named, *one)]
        if not there:
            return nothing_to_choose(turn, Right.HAND_IN_COLLEGE)
        if len(meant) != 1:
            titled = len({campaign.id for campaign, _ in there}) > 1
            names = sorted(f"{campaign.title} {college}" if titled else college for campaign, college in there)
            colleges = self._wording.label("list.comma").join(names)
            return turn.reply(turn.phrase("hand-in.which-college", colleges=colleges))
        ((campaign, college),) = meant
        by = turn.message.account
        hand_in = None if back else HandIn(at=turn.now, by=by)
        taken = await self._papers.put(campaign.id, college_field(college), hand_in, by=by, now=turn.now)
        return self._came(turn, taken, college, back=back)

    def _came(self, turn: Turn, taken: Taken, name: str, *, back: bool) -> Reply:
        came = "back" if back and taken is Taken.DONE else taken.value
        return turn.reply(turn.phrase(f"hand-in.{came}", name=name), purpose=Purpose.RECEIPT)

    async def _class(self, chosen: Chosen) -> tuple[dict[int, Student], Mapping[str, StudentState]]:
        """The students of a class by their numbers on its sheet, and their states."""
        members = sorted(await self._rosters.members(chosen.found.id), key=lambda student: student.number)
        states = await self._campaigns.states(chosen.campaign.id, chosen.found.id)
        return dict(enumerate(members, start=1)), states

    def _stands(
        self, turn: Turn, chosen: Chosen, numbered: Mapping[int, Student], states: Mapping[str, StudentState]
    ) -> Phrase:
        """How many have signed, and the numbers of those who have not."""
        counted = signatures(chosen.campaign, numbered.values(), states)
        without = [
            number
            for number, student in numbered.items()
            if (state := states.get(student.sid, NOTHING_YET)).signed_at is None
            and not is_exempt(chosen.campaign, student.status, state)
        ]
        left = turn.phrase("paper.left", numbers=self._listed(without)) if without else ""
        return turn.phrase(
            "paper.stands", class_name=chosen.found.name, signed=counted.signed, total=counted.total, left=left
        )

    def _listed(self, numbers: Sequence[int]) -> str:
        return self._wording.label("list.comma").join(map(str, numbers))
