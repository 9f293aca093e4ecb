"""Questions: found, answered for the asker's scope, offered when unsure, handed on when not known."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.dialogue.chatter import Business
from bot.dialogue.facts import campaign_fact, fact_ways
from bot.dialogue.impersonal import impersonal
from bot.dialogue.rating import Rating
from bot.dialogue.switching import NOT_FOUND_TOPIC, needs_chsi, not_registered_yet, under_incident
from bot.dialogue.turns import Reply, Turn, text
from bot.dialogue.understanding import Heard, Understanding
from bot.dialogue.wording import ContentWording
from bot.ports import QuestionLog
from knowledge.composing import ComposedAnswer, compose
from knowledge.loading import Content
from knowledge.search.searcher import Band
from knowledge.topics import Topic
from scheduler.calendar import ZONE
from scheduler.messages import Action, Body, Choice, Verb

_WHOLE = 0
"""No part of an answer in particular: what is said first."""


class Answering:
    """Answers what was asked, or says honestly that it cannot."""

    def __init__(
        self,
        content: Content,
        understanding: Understanding,
        wording: ContentWording,
        questions: QuestionLog,
        rating: Rating,
        *,
        ambient: bool,
        count: Callable[[Band], None],
    ) -> None:
        """`ambient`: a group question put to nobody is answered too, if the search is very sure.

        `count` is told the band of every question.
        """
        self._count = count
        self._ambient = ambient
        self._business = Business(content.lexicon)
        self._content = content
        self._understanding = understanding
        self._wording = wording
        self._questions = questions
        self._rating = rating

    async def ask(self, turn: Turn, *, keep: bool = True) -> Reply:
        """The reply to a question in words; silence for group talk that is none.

        A question nobody could answer is kept for staff, masked and without its asker, unless `keep` is false.
        """
        if not (turn.message.addressed or self._ambient):
            return turn.nothing()
        if turn.message.addressed:
            asked = impersonal(turn.message.text or "", turn.asker)
            turn = replace(turn, conversation=replace(turn.conversation, asked=asked))
        heard = await self._understanding.of(turn)
        self._count(heard.band)
        if heard.band is Band.SURE:
            return self._topics(turn, heard.topics)
        if not turn.message.addressed:
            return turn.nothing()
        if heard.again:
            return self._again(turn, self._content.topics[heard.topics[0]])
        if heard.band is Band.MAYBE:
            return self._offer(turn, heard)
        if keep:
            await self._questions.keep(turn.conversation.asked, turn.asker.scope, turn.now)
        if not self._business.ours(turn.message.text or ""):
            return turn.reply("handover.elsewhere")
        return turn.reply(turn.phrase("handover.unknown" if keep else "handover.unkept", office=turn.asker.office))

    async def act(self, turn: Turn, action: Action) -> Reply:
        """The reply to a chosen topic, a further part of an answer, or "none of these"."""
        if action.verb is Verb.NONE_OF_THESE:
            await self._questions.keep(turn.conversation.asked, turn.asker.scope, turn.now)
            return turn.reply(turn.phrase("offer.rephrase", office=turn.asker.office), in_place=True)
        if action.subject not in self._content.topics:
            return turn.reply("button.outdated")
        return self.topic(turn, action.subject, part=int(action.detail) if action.detail.isdecimal() else _WHOLE)

    def topic(self, turn: Turn, topic_id: str, *, part: int = _WHOLE) -> Reply:
        """The answer to a topic: from the open campaign, else its content; a `part` counts from 1."""
        return self._said(turn, topic_id, part).answering(topic_id if part <= 1 else f"{topic_id}/{part}")

    def _said(self, turn: Turn, topic_id: str, part: int) -> Reply:
        topic = self._content.topics[topic_id]
        answer = self._composed(turn, topic)
        fact = campaign_fact(turn, topic.from_campaign, self._wording) if part == _WHOLE else None
        turn = replace(turn, conversation=replace(turn.conversation, topic=topic_id, topic_at=turn.now))
        if topic_id == NOT_FOUND_TOPIC and (waiting := not_registered_yet(turn)):
            return turn.reply(waiting)
        rating = self._rating.choices(turn, topic_id)
        if fact is not None:
            ways = [*fact_ways(turn, topic.from_campaign, self._wording)]
            ways += self._ways_on(topic, answer, turn.asker.scope, said=0)
            return turn.reply(self._now(turn, topic, fact), [*ways, *rating])
        if answer is None:
            return turn.reply(turn.phrase("answer.out-of-reach", title=topic.title, office=turn.asker.office))
        part = min(max(part, 1), len(answer.parts))
        said = f"{answer.parts[part - 1].text.strip()}\n{answer.source_line}"
        ways = self._ways_on(topic, answer, turn.asker.scope, said=part)
        return turn.reply(self._now(turn, topic, text(said)), [*ways, *rating])

    def _now(self, turn: Turn, topic: Topic, body: Body) -> Body:
        """What is said of a topic, as long as an incident holds with its line before it."""
        return under_incident(turn, body) if needs_chsi(topic, self._content) else body

    def _topics(self, turn: Turn, topics: Sequence[str]) -> Reply:
        """The answers to one or two topics in one turn; a number afterwards picks from the last one's choices."""
        reply = self.topic(turn, topics[0])
        for topic in topics[1:]:
            reply = reply.then(self.topic(replace(turn, conversation=reply.conversation), topic))
        return reply

    def _again(self, turn: Turn, topic: Topic) -> Reply:
        """To who asks on about what was just answered: the parts that were not said, and the office."""
        if topic.id == NOT_FOUND_TOPIC and (waiting := not_registered_yet(turn)):
            return turn.reply(waiting)
        body = turn.phrase("answer.no-more", title=topic.title, office=turn.asker.office)
        return turn.reply(body, self._ways_on(topic, self._composed(turn, topic), turn.asker.scope, said=1))

    def _composed(self, turn: Turn, topic: Topic) -> ComposedAnswer | None:
        today = turn.now.astimezone(ZONE).date()
        return compose(self._content, topic, turn.asker.scope, today=today)

    def _ways_on(self, topic: Topic, answer: ComposedAnswer | None, scope: str, *, said: int) -> list[Choice]:
        """Buttons under an answer: its other parts and the guide that goes with it."""
        ways = []
        for number, part in enumerate(answer.parts if answer else (), start=1):
            if number != said:
                label = part.label or self._wording.label("answer.first-part")
                ways.append(Choice(label=label, action=Action(verb=Verb.ASK, subject=topic.id, detail=str(number))))
        guide = self._content.guides.get(topic.guide or "")
        if guide is not None and guide.scope in self._content.tree.lineage(scope):
            label = self._wording.label("button.guide")
            ways.append(Choice(label=label, action=Action(verb=Verb.GUIDE, subject=guide.id)))
        return ways

    def _offer(self, turn: Turn, heard: Heard) -> Reply:
        """The topics that could be meant, or the one question that decides between those of a family."""
        body = turn.phrase("offer.which")
        labels = {topic: self._content.topics[topic].title for topic in heard.topics}
        if heard.family is not None:
            body = turn.phrase("offer.decide", ask=heard.family.ask)
            labels = {option.topic: option.label for option in heard.family.options}
        choices = [Choice(label=label, action=Action(verb=Verb.ASK, subject=topic)) for topic, label in labels.items()]
        none = Choice(label=self._wording.label("offer.none-of-these"), action=Action(verb=Verb.NONE_OF_THESE))
        return turn.reply(body, [*choices, none])
