"""Guides: a person is led from step to step, back, past, out, and comes back days later."""

from dataclasses import replace

from bot.dialogue.turns import Reply, Turn, text
from bot.dialogue.wording import ContentWording
from bot.ports import QuestionLog
from knowledge.guides import Control, Guide, Left, Position, Step, advance, start
from knowledge.loading import Content
from knowledge.topics import UNDATED
from scheduler.messages import Action, Choice, Purpose, Verb

_CONTROLS = {"b": Control.BACK, "k": Control.SKIP, "q": Control.QUIT, "d": Control.DIFFERS}


class Guiding:
    """Walks people through the content's guides."""

    def __init__(self, content: Content, wording: ContentWording, questions: QuestionLog) -> None:
        self._content = content
        self._wording = wording
        self._questions = questions

    def begin(self, turn: Turn, guide_id: str) -> Reply:
        """Start a guide, or offer to go on where the person stood in it."""
        guide = self._content.guides.get(guide_id)
        if guide is None:
            return turn.reply("button.outdated")
        position = turn.conversation.walking(turn.now)
        if position is None or position.guide != guide_id or guide.step(position.step) is None:
            position = start(guide)
        return self._show(turn, guide, position)

    def beside(self, turn: Turn, reply: Reply) -> Reply:
        """The answer to something else than the guide the person is inside of, with the way back to its step."""
        way = self._way_back(turn)
        if way is None or not reply.messages:
            return reply
        *before, last = reply.messages
        choices = (*(choice for choice in last.choices if choice.action != way.action), way)
        return replace(
            reply,
            messages=(*before, replace(last, choices=choices)),
            conversation=reply.conversation.offering(choices, turn.now),
        )

    def _way_back(self, turn: Turn) -> Choice | None:
        position = turn.conversation.inside(turn.now)
        guide = self._content.guides.get(position.guide) if position else None
        if position is None or guide is None or guide.step(position.step) is None:
            return None
        place, _ = guide.progress(position)
        label = self._wording.label("guide.back-to-step", place=place)
        return Choice(label=label, action=Action(verb=Verb.GUIDE, subject=guide.id))

    async def move(self, turn: Turn, action: Action) -> Reply:
        """The reply to a pressed choice or control of a step."""
        guide = self._content.guides.get(action.subject)
        step, _, word = action.detail.partition("/")
        move = _CONTROLS.get(word) or (int(word) if word.isdecimal() else None)
        if guide is None or guide.step(step) is None or move is None:
            return turn.reply("button.outdated")
        if move is Control.DIFFERS:
            await self._questions.count_differs(guide.id, step)
            position = self._standing(turn, guide, step)
            return turn.reply("guide.differs").then(self._show(turn, guide, position, in_place=False))
        went = advance(guide, self._standing(turn, guide, step), move)
        if isinstance(went, Left):
            return self._leave(turn, guide, went)
        return self._show(turn, guide, went)

    def _standing(self, turn: Turn, guide: Guide, step: str) -> Position:
        """The stored position if it is at the pressed step; an older message's button starts from its own step."""
        position = turn.conversation.walking(turn.now)
        if position is not None and position.guide == guide.id and position.step == step:
            return position
        return Position(guide=guide.id, step=step)

    def _show(self, turn: Turn, guide: Guide, position: Position, *, in_place: bool = True) -> Reply:
        step = guide.step(position.step)
        if step is None:  # the content guarantees that every way leads to a step
            raise LookupError(f"guide {guide.id} has no step {position.step}")
        place, counted = guide.progress(position)
        head = self._wording.label("guide.head", title=guide.title, place=place, counted=counted)
        undated = "-undated" if guide.as_of == UNDATED else ""
        foot = self._wording.label(f"guide.foot{undated}", as_of=guide.as_of)
        body = text(f"{head}\n{step.text.strip()}\n{foot}")
        walking = replace(turn.conversation, guide=position, guide_at=turn.now, guide_left=False)
        turn = replace(turn, conversation=walking)
        return turn.reply(body, self._choices(guide, step, position), picture=step.figure, in_place=in_place)

    def _choices(self, guide: Guide, step: Step, position: Position) -> list[Choice]:
        def choice(label: str, word: str) -> Choice:
            return Choice(label=label, action=Action(verb=Verb.STEP, subject=guide.id, detail=f"{step.id}/{word}"))

        own = [choice(way.label, str(number)) for number, way in enumerate(step.choices)]
        words = ["d", "q"] if not position.trail else ["b", "d", "q"]
        if not step.detour:
            words.insert(-2, "k")
        return own + [choice(self._wording.label(f"guide.control.{_CONTROLS[word]}"), word) for word in words]

    def _leave(self, turn: Turn, guide: Guide, how: Left) -> Reply:
        if how is Left.QUIT:  # the place is kept, so that one can go on for days
            again = Choice(label=self._wording.label("guide.again"), action=Action(verb=Verb.GUIDE, subject=guide.id))
            turn = replace(turn, conversation=replace(turn.conversation, guide_left=True))
            return turn.reply("guide.quit", [again], in_place=True)
        turn = replace(turn, conversation=replace(turn.conversation, guide=None, guide_at=None))
        ways = []
        campaign = turn.asker.campaign
        if campaign is not None and turn.asker.student is not None:
            label = self._wording.label("button.open")
            ways = [Choice(label=label, action=Action(verb=Verb.OPEN, subject=campaign.id))]
        return turn.reply(text(guide.end.strip()), ways, in_place=True, purpose=Purpose.ANSWER)


def control_action(position: Position, control: str) -> Action:
    """The button of a control at a position, for somebody who typed its word."""
    word = next(word for word, known in _CONTROLS.items() if known == control)
    return Action(verb=Verb.STEP, subject=position.guide, detail=f"{position.step}/{word}")
