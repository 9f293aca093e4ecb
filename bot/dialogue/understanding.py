"""What a question is taken to mean: searched by itself, in halves, or with what was answered just before."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import punctuation

from bot.dialogue.questions import QuestionWords, follows_up, two_questions
from bot.dialogue.turns import Turn
from bot.dialogue.wording import ContentWording
from knowledge.loading import Content
from knowledge.search.searcher import Band, Finding, Searcher
from knowledge.topics import Family, Topic

OFFERED = 3
"""How many topics are put to somebody whose question could mean several."""

_SURENESS = (Band.NONE, Band.MAYBE, Band.SURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a question was taken to mean.

    `sure`: the one or two `topics` are answered. `maybe`: they are offered, or the question of `family` is
    put in their place. `none`: nothing is known, or with `again` the topic of the last answer was meant and all
    that is known of it has been said.
    """

    band: Band
    topics: tuple[str, ...] = ()
    family: Family | None = None
    again: bool = False


class Understanding:
    """Finds out what is meant."""

    def __init__(self, content: Content, searcher: Searcher, wording: ContentWording) -> None:
        self._content = content
        self._searcher = searcher
        self._words = QuestionWords.of(wording, content.lexicon)

    async def of(self, turn: Turn) -> Heard:
        """What the text of a turn means."""
        text = turn.message.text or ""
        alone = await self._search(turn, text)
        heard = await self._in_halves(turn, text, alone) or await self._after_the_last(turn, text, alone)
        if heard is None and turn.message.addressed:
            heard = by_title(alone, self._content.topics)
        return heard or plainly(alone, self._content.topics, self._content.families)

    async def _in_halves(self, turn: Turn, text: str, whole: Finding) -> Heard | None:
        halves = two_questions(text, self._words)
        if halves is None:
            return None
        first, second = halves
        return both(await self._search(turn, first), await self._search(turn, second), whole)

    async def _after_the_last(self, turn: Turn, text: str, alone: Finding) -> Heard | None:
        """What it means together with the last answer; in a group only to who speaks to the bot."""
        last = self._content.topics.get(turn.conversation.topic)
        if last is None or alone.band is Band.SURE or not turn.message.addressed:
            return None
        if not follows_up(text, turn.conversation.topic_at, turn.now, self._words):
            return None
        return as_follow_up(alone, await self._search(turn, f"{last.question} {text}"), last.id)

    async def _search(self, turn: Turn, text: str) -> Finding:
        """What is remembered needs no thread: handing it over costs more than looking it up."""
        addressed = turn.message.addressed
        known = self._searcher.remembered(text, addressed=addressed)
        if known is not None:
            return known
        return await asyncio.to_thread(self._searcher.search, text, addressed=addressed)


def plainly(finding: Finding, topics: Mapping[str, Topic], families: Mapping[str, Family]) -> Heard:
    """What a finding means by itself: the topic, the offered ones or the question that decides between them."""
    found = tuple(candidate.topic for candidate in finding.candidates)
    match finding.band:
        case Band.SURE:
            return Heard(band=Band.SURE, topics=found[:1])
        case Band.MAYBE:
            offered = found[:OFFERED]
            return Heard(band=Band.MAYBE, topics=offered, family=deciding(offered, topics, families))
        case Band.NONE:
            return Heard(band=Band.NONE)


def by_title(finding: Finding, topics: Mapping[str, Topic]) -> Heard | None:
    """What a bare word means that nothing was found for: the topics with it in their titles, the likeliest first.

    Somebody who says one word to the bot wants to be shown what there is. None where the word is in no title.
    """
    word = finding.asked.strip(punctuation)
    if finding.band is not Band.NONE or len(word) < 2:  # noqa: PLR2004 - one character is in many words
        return None
    ranked = dict.fromkeys([*(candidate.topic for candidate in finding.candidates), *topics])
    found = [topic for topic in ranked if word in topics[topic].title]
    return Heard(band=Band.MAYBE, topics=tuple(found[:OFFERED])) if found else None


def deciding(found: Sequence[str], topics: Mapping[str, Topic], families: Mapping[str, Family]) -> Family | None:
    """The family whose question decides: at least two of what was found are of it, and of no family more."""

    def belonging(family: Family) -> int:
        options = {option.topic for option in family.options}
        return sum(topic in options or topics[topic].family == family.id for topic in found)

    best = max(families.values(), key=belonging, default=None)  # of two alike the one written first
    return best if best is not None and belonging(best) >= 2 else None  # noqa: PLR2004 - one needs no deciding


def both(first: Finding, second: Finding, whole: Finding) -> Heard | None:
    """What two questions in one message mean; None where the message is better taken as one.

    Both are answered when both are sure and different. If not, and the message as a whole is not sure
    either, what was found for each is offered.
    """
    found = [finding.candidates[0].topic for finding in (first, second) if finding.band is not Band.NONE]
    if len(set(found)) < 2:  # noqa: PLR2004 - one thing said twice, or only one thing found
        return None
    if first.band is Band.SURE and second.band is Band.SURE:
        return Heard(band=Band.SURE, topics=tuple(found))
    return None if whole.band is Band.SURE else Heard(band=Band.MAYBE, topics=tuple(found))


def as_follow_up(alone: Finding, together: Finding, last: str) -> Heard | None:
    """What a short message after an answer on `last` means; None where that answer does not make it any surer.

    Together with a question the message finds that question's topic easily, which proves little: what the
    message found alone is then offered beside it, and only if that is nothing the last topic was meant again.
    """
    if _sureness(together) <= _sureness(alone):
        return None
    best = together.candidates[0].topic
    if best != last:
        offered = 1 if together.band is Band.SURE else OFFERED
        return Heard(band=together.band, topics=tuple(found.topic for found in together.candidates[:offered]))
    found = alone.candidates[0].topic if alone.band is Band.MAYBE else last
    if found != last:
        return Heard(band=Band.MAYBE, topics=(found, last))
    return Heard(band=Band.NONE, topics=(last,), again=True)


def _sureness(finding: Finding) -> tuple[int, float]:
    first = finding.candidates[0].confidence if finding.candidates else 0.0
    return _SURENESS.index(finding.band), first
