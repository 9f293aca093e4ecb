"""Two small choices under a private answer: it helped, or it did not."""

from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from bot.ports import QuestionLog, RatingLog, Verdict
from scheduler.messages import Action, Choice, Verb

_VERDICTS = {verdict.value: verdict for verdict in Verdict}


class Rating:
    """Takes what people think of an answer; an answer that did not help is followed by whom to ask."""

    def __init__(self, ratings: RatingLog, questions: QuestionLog, wording: ContentWording) -> None:
        self._ratings = ratings
        self._questions = questions
        self._wording = wording

    def choices(self, turn: Turn, topic: str) -> list[Choice]:
        """The choices under an answer to a topic; none where others would see them."""
        if not turn.in_private:
            return []
        return [
            Choice(
                label=self._wording.label(f"rating.{verdict}"),
                action=Action(verb=Verb.RATE, subject=topic, detail=verdict.value),
            )
            for verdict in Verdict
        ]

    async def take(self, turn: Turn, action: Action) -> Reply:
        """Count the verdict of a button, once for a person and a topic; a question it left open is kept for staff."""
        verdict = _VERDICTS.get(action.detail)
        if verdict is None:
            return turn.reply("button.outdated")
        fresh = await self._ratings.rate(action.subject, verdict, turn.message.account)
        if verdict is Verdict.SOLVED:
            return turn.reply("rating.glad")
        if fresh and turn.conversation.topic == action.subject:
            asked = turn.conversation.asked
            await self._questions.keep(asked, turn.asker.scope, turn.now, unsolved=action.subject)
        return turn.reply(turn.phrase("rating.sorry", office=turn.asker.office))
