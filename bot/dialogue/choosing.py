"""Which class somebody of the staff means: their only one, the one they name, or one they pick from a list."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from bot.dialogue.rights import Right, classes_with, may
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.messages import Action, Choice, Verb
from scheduler.ports import CampaignStore, RosterStore
from scheduler.roster import SchoolClass

EVERY = "*"
"""In a button's place of a class: all of the asker's classes in the campaign."""

MOST_CHOICES = 20
"""More classes than this are not offered as buttons: one of them is named instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A class in an open campaign, which the asker may look after."""

    campaign: Campaign
    found: SchoolClass


def nothing_to_choose(turn: Turn, right: Right) -> Reply:
    """What is said where there is no class: nothing of theirs is open, others do this, or they are no staff."""
    if may(turn.asker, right):
        return turn.reply("staff.no-class")
    return turn.reply("staff.others-do" if turn.asker.staff else "command.unknown-here")


class Choosing:
    """Knows the classes in open campaigns that somebody has a right for, and asks which one is meant."""

    def __init__(self, rosters: RosterStore, campaigns: CampaignStore, wording: ContentWording) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._wording = wording
        self._every = frozenset(wording.words("words.every-class"))

    async def of_asker(self, turn: Turn, right: Right) -> list[Chosen]:
        """All the asker has this right for, the campaign first whose first deadline comes soonest."""
        own = classes_with(turn.asker, right)
        if not own:
            return []
        classes = await self._rosters.classes()
        running = [one for one in await self._campaigns.all() if one.status is CampaignStatus.OPEN]
        return [
            Chosen(campaign=campaign, found=classes[class_id])
            for campaign in sorted(running, key=lambda one: one.stages[0].deadline.instant)
            for class_id in sorted(
                set(own) & set(campaign.classes) & classes.keys(), key=lambda one: classes[one].order
            )
        ]

    async def pressed(self, turn: Turn, right: Right, action: Action) -> Chosen | None:
        """What a button names, if the asker has the right for it at this moment and the campaign is open."""
        campaign = await self._campaigns.get(action.subject)
        found = await self._rosters.school_class(action.detail)
        if campaign is None or found is None or campaign.status is not CampaignStatus.OPEN:
            return None
        if found.id not in campaign.classes or not may(turn.asker, right, found.id):
            return None
        return Chosen(campaign=campaign, found=found)

    async def named(self, turn: Turn, right: Right, chosen: Chosen) -> str:
        """What is to be typed to mean it: the class, and before it the campaign where the class is in several."""
        several = sum(one.found.id == chosen.found.id for one in await self.of_asker(turn, right)) > 1
        return f"{chosen.campaign.title} {chosen.found.name}" if several else chosen.found.name

    async def all_pressed(self, turn: Turn, right: Right, action: Action) -> list[Chosen]:
        """The class that a button names, or with `EVERY` all of its campaign; none without the right for it now."""
        if action.detail != EVERY:
            chosen = await self.pressed(turn, right, action)
            return [chosen] if chosen is not None else []
        return [one for one in await self.of_asker(turn, right) if one.campaign.id == action.subject][:MOST_CHOICES]

    async def which(
        self, turn: Turn, right: Right, verb: Verb, words: Sequence[str] = (), *, every: bool = False
    ) -> Chosen | Reply:
        """The class that is meant, or the question which one; its answers are buttons with this verb. `every`: all
        classes of a campaign together are an answer too, as long as they are few enough to be listed."""
        offered = await self.of_asker(turn, right)
        if not offered:
            return nothing_to_choose(turn, right)
        if every and self._every.issuperset(words):
            words = ()
        meant = [one for one in offered if said_of(words, one.campaign, *_names(one.found))] if words else offered
        if len(meant) == 1:
            return meant[0]
        if not meant:
            return turn.reply("staff.which-name")
        titled = len({one.campaign.id for one in meant}) > 1
        choices = [
            Choice(
                label=self._label(one, titled=titled),
                action=Action(verb=verb, subject=one.campaign.id, detail=one.found.id),
            )
            for one in meant[:MOST_CHOICES]
        ]
        if len(meant) > MOST_CHOICES:
            return turn.reply("staff.which-of-many", choices)
        together = self._together(meant, verb) if every else []
        return turn.reply("staff.which", [*together, *choices])

    def _together(self, meant: Sequence[Chosen], verb: Verb) -> list[Choice]:
        """All classes of each campaign that has several."""
        found = []
        for campaign in dict.fromkeys(one.campaign for one in meant):
            count = sum(one.campaign == campaign for one in meant)
            if count > 1:
                label = self._wording.label("button.every-class", count=count, title=campaign.title)
                found.append(Choice(label=label, action=Action(verb=verb, subject=campaign.id, detail=EVERY)))
        return found

    def _label(self, one: Chosen, *, titled: bool) -> str:
        if not titled:
            return one.found.name
        return self._wording.label("button.class-of", class_name=one.found.name, title=one.campaign.title)


def said_of(words: Sequence[str], campaign: Campaign, *names: str) -> bool:
    """Whether words mean what has these names: one of them, the campaign's title, or one with the other."""
    title, own = _plain(campaign.title), set(map(_plain, names))
    meant = {title, *own, *(title + name for name in own), *(name + title for name in own)}
    return _plain("".join(words)) in meant


def _names(found: SchoolClass) -> tuple[str, ...]:
    """How people write a class."""
    return found.name, f"{found.cohort}{found.name}", f"{found.college}{found.name}"


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
