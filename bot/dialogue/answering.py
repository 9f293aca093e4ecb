"""Questions: found, answered for the asker's scope, offered when unsure, handed on when not known."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.dialogue.facts import campaign_fact
from bot.dialogue.turns import Reply, Turn, text
from bot.dialogue.wording import ContentWording
from bot.ports import QuestionLog
from knowledge.composing import ComposedAnswer, compose
from knowledge.loading import Content
from knowledge.search.searcher import Band, Searcher
from knowledge.topics import Topic
from scheduler.calendar import ZONE
from scheduler.messages import Action, Choice, Verb

_OFFERED = 3
"""How many topics are put to somebody whose question could mean several."""


class Answering:
    """Answers what was asked, or says honestly that it cannot."""

    def __init__(
        self,
        content: Content,
        searcher: Searcher,
        wording: ContentWording,
        questions: QuestionLog,
        *,
        ambient: bool,
        count: Callable[[Band], None],
    ) -> None:
        """`ambient`: a group question put to nobody is answered too, if the search is very sure.

        `count` is told the band of every search.
        """
        self._count = count
        self._ambient = ambient
        self._content = content
        self._searcher = searcher
        self._wording = wording
        self._questions = questions

    async def ask(self, turn: Turn, *, keep: bool = True) -> Reply:
        """The reply to a question in words; silence for group talk that is none.

        A question nobody could answer is kept for staff, masked and without its asker, unless `keep` is false.
        """
        if not (turn.message.addressed or self._ambient):
            return turn.nothing()
        asked = turn.message.text or ""
        finding = await asyncio.to_thread(self._searcher.search, asked, addressed=turn.message.addressed)
        self._count(finding.band)
        if finding.band is Band.SURE:
            return self.topic(turn, finding.candidates[0].topic)
        if not turn.message.addressed:
            return turn.nothing()
        if finding.band is Band.MAYBE:
            return self._offer(turn, [candidate.topic for candidate in finding.candidates[:_OFFERED]])
        if keep:
            await self._questions.keep(asked, turn.asker.scope, turn.now)
        return self._none(turn)

    async def act(self, turn: Turn, action: Action) -> Reply:
        """The reply to a chosen topic, a further part of an answer, or "none of these"."""
        if action.verb is Verb.NONE_OF_THESE:
            return turn.reply(turn.phrase("offer.rephrase", office=turn.asker.office), in_place=True)
        if action.subject not in self._content.topics:
            return turn.reply("button.outdated")
        return self.topic(turn, action.subject, part=int(action.detail or 1))

    def topic(self, turn: Turn, topic_id: str, *, part: int = 1) -> Reply:
        """The answer to a topic, its `part` counted from 1: from the open campaign, else from the content."""
        topic = self._content.topics[topic_id]
        today = turn.now.astimezone(ZONE).date()
        answer = compose(self._content, topic, turn.asker.scope, today=today)
        fact = campaign_fact(turn, topic.from_campaign, self._wording) if part == 1 else None
        conversation = replace(turn.conversation, topic=topic_id)
        turn = replace(turn, conversation=conversation)
        if fact is not None:
            return turn.reply(fact, self._ways_on(topic, answer, turn.asker.scope, said=0))
        if answer is None:
            return turn.reply(turn.phrase("answer.out-of-reach", title=topic.title, office=turn.asker.office))
        part = min(max(part, 1), len(answer.parts))
        said = f"{answer.parts[part - 1].text.strip()}\n{answer.source_line}"
        return turn.reply(text(said), self._ways_on(topic, answer, turn.asker.scope, said=part))

    def _ways_on(self, topic: Topic, answer: ComposedAnswer | None, scope: str, *, said: int) -> list[Choice]:
        """Buttons under an answer: its other parts and the guide that goes with it."""
        ways = []
        for number, part in enumerate(answer.parts if answer else (), start=1):
            if number != said:
                label = part.label or self._wording.label("answer.first-part")
                ways.append(Choice(label=label, action=Action(verb=Verb.ASK, subject=topic.id, detail=str(number))))
        guide = self._content.guides.get(topic.guide or "")
        if guide is not None and guide.scope in self._content.tree.lineage(scope):
            label = self._wording.label("guide.offer", title=guide.title)
            ways.append(Choice(label=label, action=Action(verb=Verb.GUIDE, subject=guide.id)))
        return ways

    def _offer(self, turn: Turn, topics: Sequence[str]) -> Reply:
        choices = [
            Choice(label=self._content.topics[topic].title, action=Action(verb=Verb.ASK, subject=topic))
            for topic in topics
        ]
        none = Choice(label=self._wording.label("offer.none-of-these"), action=Action(verb=Verb.NONE_OF_THESE))
        return turn.reply("offer.which", [*choices, none])

    def _none(self, turn: Turn) -> Reply:
        return turn.reply(turn.phrase("handover.unknown", office=turn.asker.office))
