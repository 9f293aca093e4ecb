"""Who of a class reported which item wrong, and how far it is: on demand, by name, never what was written of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.dialogue.choosing import Choosing, Chosen
from bot.dialogue.rights import Right, may
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.campaigns import NOTHING_YET, Campaign, StudentState
from scheduler.corrections import Correction, Step
from scheduler.letters import moment_words
from scheduler.messages import Action, Choice, Phrase, Verb, joined
from scheduler.ports import CampaignStore, CorrectionStore, LookStore, RosterStore
from scheduler.roster import Student
from scheduler.states import Grade

MOST_LINES = 30
"""So many reports stand in one message; a longer list goes on in the next."""

_OPENED = "="
"""Before the class in a button that opens the names: the number was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Who reported what, and how far it is."""

    name: str
    item: str
    correction: Correction


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """What may be seen of a class's reports: by name, and how many more the school sees to."""

    entries: tuple[Entry, ...]
    with_school: int

    @property
    def total(self) -> int:
        """All of them."""
        return len(self.entries) + self.with_school


def reports_of(
    campaign: Campaign,
    members: Iterable[Student],
    states: Mapping[str, StudentState],
    corrections: Iterable[Correction],
    *,
    reasons: bool,
) -> Reports:
    """The reports of a class in a campaign, in the order they come, without those that were taken back.

    What the photo or the ID number is about is only counted without `reasons`. What an account says that has not
    proved to be the student's is nobody's report yet.
    """
    names = {one.sid: one.name for one in members if states.get(one.sid, NOTHING_YET).grade is not Grade.CLAIMED}
    own = [
        one
        for one in corrections
        if one.campaign == campaign.id and one.sid in names and one.step is not Step.WITHDRAWN
    ]
    shown = tuple(
        Entry(name=names[one.sid], item=item.label, correction=one)
        for one in own
        if (item := campaign.item(one.item)) is not None and (reasons or item.takes_value)
    )
    return Reports(entries=shown, with_school=len(own) - len(shown))


class ClassReports:
    """Says how many reports there are, and opens them by right and on record."""

    def __init__(
        self,
        rosters: RosterStore,
        campaigns: CampaignStore,
        corrections: CorrectionStore,
        looks: LookStore,
        choosing: Choosing,
        wording: ContentWording,
    ) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._corrections = corrections
        self._looks = looks
        self._choosing = choosing
        self._wording = wording

    async def count(self, turn: Turn, words: Sequence[str]) -> Reply:
        """How many reports there are of the class that is meant, with the button that opens them; or which class."""
        chosen = await self._choosing.which(turn, Right.SEE_ITEMS, Verb.REPORTED, words)
        return chosen if isinstance(chosen, Reply) else await self._count(turn, chosen)

    async def _count(self, turn: Turn, chosen: Chosen) -> Reply:
        class_name, found = chosen.found.name, await self._reports(turn, chosen)
        key = "reported.count" if found.entries else "reported.with-school" if found.total else "reported.none"
        school = Phrase(key="reported.school", values={"count": found.with_school}) if found.with_school else ""
        said = turn.phrase(key, class_name=class_name, count=found.total, school=school)
        if may(turn.asker, Right.AMEND, chosen.found.id):
            named = await self._choosing.named(turn, Right.AMEND, chosen)
            said = joined("names.line", [said, turn.phrase("amend.how", named=named)])
        action = Action(verb=Verb.REPORTED, subject=chosen.campaign.id, detail=f"{_OPENED}{chosen.found.id}")
        names = [Choice(label=self._wording.label("button.show-names"), action=action)] if found.entries else []
        return turn.reply(said, names)

    async def show(self, turn: Turn, action: Action) -> Reply:
        """How many reported something of a class that was picked, and once that was said, who reported what. The right
        is looked up now, the look is put down before anything is shown."""
        if not action.detail:
            return await self.count(turn, ())
        named = replace(action, detail=action.detail.removeprefix(_OPENED))
        chosen = await self._choosing.pressed(turn, Right.SEE_ITEMS, named)
        if chosen is None:
            return turn.reply("button.not-yours")
        return await self._open(turn, chosen) if named != action else await self._count(turn, chosen)

    async def _open(self, turn: Turn, chosen: Chosen) -> Reply:
        press = f"{turn.message.address.platform}:{turn.message.id}"
        await self._looks.remember(chosen.campaign.id, chosen.found.id, turn.message.account, turn.now, press=press)
        found = await self._reports(turn, chosen)
        if not found.total:
            return turn.reply(turn.phrase("reported.none", class_name=chosen.found.name))
        messages = tuple(turn.outbound(body) for body in self._pages(turn, chosen, found))
        shown = Reply(messages=messages, conversation=turn.conversation.offering((), turn.now))
        return shown.unkept(turn.phrase("reported.unseen", class_name=chosen.found.name))

    def _pages(self, turn: Turn, chosen: Chosen, found: Reports) -> Iterator[Phrase]:
        lines = [
            turn.phrase(
                "reported.line",
                name=entry.name,
                item=entry.item,
                step=Phrase(key=f"correction.step.{entry.correction.step}"),
                at=moment_words(entry.correction.at),
            )
            for entry in found.entries
        ]
        lines += [turn.phrase("reported.others", count=found.with_school)] if found.with_school else []
        for start in range(0, len(lines), MOST_LINES):
            part = joined("names.line", lines[start : start + MOST_LINES])
            yield turn.phrase("reported.list", class_name=chosen.found.name, lines=part)

    async def _reports(self, turn: Turn, chosen: Chosen) -> Reports:
        campaign, class_id = chosen.campaign, chosen.found.id
        return reports_of(
            campaign,
            await self._rosters.members(class_id),
            await self._campaigns.states(campaign.id, class_id),
            await self._corrections.all(),
            reasons=may(turn.asker, Right.SEE_REASONS, class_id),
        )
