"""What sounds like a statement and is none: words and numbers mean that somebody has read, never that they looked.

That all is right is stated by a button, under the list of what to check.
"""

import re
from collections.abc import Iterable, Sequence

from bot.dialogue.campaign_buttons import campaign_buttons
from bot.dialogue.own_state import claim_words
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from knowledge.lexicon import Lexicon
from knowledge.search.normalizing import folded
from scheduler.campaigns import OWING
from scheduler.messages import Action, Verb
from scheduler.ports import CampaignStore

_MARKS = re.compile(r"[\W_]+")

_LONGEST = 24
"""Characters; whoever writes more tells or asks something."""


class Statements:
    """Answers them in private with the one line and the button, and in a group with nothing."""

    def __init__(self, campaigns: CampaignStore, wording: ContentWording, lexicon: Lexicon) -> None:
        self._campaigns = campaigns
        self._wording = wording
        self._assurances = Assurances(wording, lexicon)

    async def acknowledged(self, turn: Turn) -> Reply:
        """The reply to a word like 收到."""
        return await self._not_stated(turn, "acknowledged.not-confirmed") or turn.nothing()

    async def claimed(self, turn: Turn) -> Reply | None:
        """The reply to who writes that all of theirs is right; None where that is no matter of a campaign."""
        if turn.asker.campaign is None or not self._assurances.given_in(turn.message.text or ""):
            return None
        return await self._not_stated(turn, "all-right.not-stated") if turn.message.private else turn.nothing()

    def numbered(self, turn: Turn, picked: Action) -> Reply | None:
        """The reply to a number that would state something; None for one that picks anything else."""
        campaign = turn.asker.about(picked.subject).campaign
        if picked.verb is not Verb.CONFIRM or campaign is None:
            return None
        body = turn.phrase("check.no-number", button=self._wording.label("button.confirm"))
        return turn.reply(body, campaign_buttons(self._wording, campaign, (Verb.CONFIRM, Verb.TROUBLE), turn.now))

    async def _not_stated(self, turn: Turn, key: str) -> Reply | None:
        """The line in private to a student, or silence if they owe nothing; None for everybody else."""
        if not turn.message.private or turn.asker.campaign is None or turn.asker.student is None:
            return None
        for campaign in turn.asker.campaigns:
            student = turn.asker.about(campaign.id).student
            if student is None:
                continue
            state = await self._campaigns.state(campaign.id, student.class_id, student.sid)
            if state.counted in OWING:
                buttons = campaign_buttons(self._wording, campaign, (Verb.OPEN, Verb.TROUBLE), turn.now)
                return turn.reply(claim_words(turn, state) or turn.phrase(key), buttons)
        return turn.nothing()


class Assurances:
    """Knows by the content's words when somebody says that all is right."""

    def __init__(self, wording: ContentWording, lexicon: Lexicon) -> None:
        self._right = _folded(wording.words("words.all-right"))
        self._but = _folded((*wording.words("words.not-all-right"), *lexicon.asking))

    def given_in(self, text: str) -> bool:
        """Whether a text says so and nothing else: no question, no exception."""
        said = folded(text)
        plain = _MARKS.sub("", said)
        return len(plain) <= _LONGEST and _any_in(self._right, plain) and not _any_in(self._but, said)


def _folded(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(folded(word) for word in words)


def _any_in(words: Sequence[str], text: str) -> bool:
    return any(word in text for word in words)
