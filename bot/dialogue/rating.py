"""Two small choices under a private answer: it helped, or it did not."""

from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from bot.ports import RatingLog, Verdict
from scheduler.messages import Action, Choice, Verb

_VERDICTS = {verdict.value: verdict for verdict in Verdict}


def verdict_of(action: Action) -> Verdict | None:
    """The verdict a button gives on the topic it names; None for a button that asks for the topic."""
    return _VERDICTS.get(action.detail) if action.verb is Verb.ASK else None


class Rating:
    """Takes what people think of an answer; an answer that did not help is followed by whom to ask."""

    def __init__(self, ratings: RatingLog, wording: ContentWording) -> None:
        self._ratings = ratings
        self._wording = wording

    def choices(self, turn: Turn, topic: str) -> list[Choice]:
        """The choices under an answer to a topic; none where others would see them."""
        if not turn.in_private:
            return []
        return [
            Choice(
                label=self._wording.label(f"rating.{verdict}"),
                action=Action(verb=Verb.ASK, subject=topic, detail=verdict.value),
            )
            for verdict in Verdict
        ]

    async def take(self, turn: Turn, topic: str, verdict: Verdict) -> Reply:
        """Count the verdict, once for a person and a topic."""
        if not turn.in_private:
            return turn.nothing()
        await self._ratings.rate(topic, verdict, turn.message.account)
        if verdict is Verdict.SOLVED:
            return turn.reply("rating.glad")
        return turn.reply(turn.phrase("rating.sorry", office=turn.asker.office))
