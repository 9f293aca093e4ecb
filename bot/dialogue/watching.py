"""What staff sees of its classes: how far they are, and on demand who stands where."""

from collections.abc import Mapping, Sequence

from bot.dialogue.choosing import Choosing, Chosen
from bot.dialogue.columns import Column, Entry, columns, page_words, pages
from bot.dialogue.rights import Right, may
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.campaigns import Campaign, together
from scheduler.letters import COUNTED_FROM, deadline_words
from scheduler.messages import Action, Choice, Phrase, Verb, joined
from scheduler.ports import CampaignStore, LookStore, RosterStore
from scheduler.roster import SchoolClass
from scheduler.staff_letters import standing_words

MOST_LINES = 30
"""More classes than this are shown college by college."""


class Watching:
    """Shows counts to whom they concern, and names only when they are asked for, by right and on record."""

    def __init__(
        self,
        rosters: RosterStore,
        campaigns: CampaignStore,
        looks: LookStore,
        choosing: Choosing,
        wording: ContentWording,
    ) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._looks = looks
        self._choosing = choosing
        self._wording = wording

    async def progress(self, turn: Turn) -> Reply:
        """How the asker's classes stand, class by class; in a group how many are done, and no more than that."""
        if turn.in_private and (own := await self._choosing.of_asker(turn, Right.SEE_PROGRESS)):
            return await self._staff_progress(turn, own)
        campaign = turn.asker.campaign
        if campaign is None or not turn.asker.classes:
            return turn.reply("status.no-campaign")
        classes = [class_id for class_id in turn.asker.classes if class_id in campaign.classes]
        progress = await self._campaigns.progress(campaign.id, classes)
        values = _heading(campaign)
        if not progress.done:
            return turn.reply(turn.phrase("progress.group-none", **values))
        if progress.owing < COUNTED_FROM:  # the size of the class would tell how few are missing
            return turn.reply(turn.phrase("progress.group-uncounted", **values))
        return turn.reply(turn.phrase("progress.group", **values, done=progress.done))

    async def names(self, turn: Turn, action: Action) -> Reply:
        """Who of a class stands where, in messages of a readable length. The right is looked up now, the look is put
        down before anything is shown."""
        if not action.detail:
            return await self.choose_names(turn)
        chosen = await self._choosing.pressed(turn, Right.SEE_NAMES, action)
        if chosen is None:
            return turn.reply("button.not-yours")
        campaign, found = chosen.campaign, chosen.found
        press = f"{turn.message.address.platform}:{turn.message.id}"
        await self._looks.remember(campaign.id, found.id, turn.message.account, turn.now, press=press)
        reasons = may(turn.asker, Right.SEE_REASONS, found.id)
        states = await self._campaigns.states(campaign.id, found.id)
        shown = columns(campaign, await self._rosters.members(found.id), states, reasons=reasons)
        return await self._pages(turn, chosen, shown)

    async def choose_names(self, turn: Turn, words: Sequence[str] = ()) -> Reply:
        """How many of the class that is meant stand where, with the button that opens the names; or which class."""
        chosen = await self._choosing.which(turn, Right.SEE_NAMES, Verb.PROGRESS, words)
        return chosen if isinstance(chosen, Reply) else await self._count(turn, chosen)

    async def count(self, turn: Turn, action: Action) -> Reply:
        """The class was picked: still a number first."""
        chosen = await self._choosing.pressed(turn, Right.SEE_NAMES, action)
        return turn.reply("button.not-yours") if chosen is None else await self._count(turn, chosen)

    async def _count(self, turn: Turn, chosen: Chosen) -> Reply:
        progress = await self._campaigns.progress(chosen.campaign.id, [chosen.found.id])
        counted = {"done": progress.done, "owing": progress.owing, "office": progress.with_office}
        action = Action(verb=Verb.NAMES, subject=chosen.campaign.id, detail=chosen.found.id)
        body = turn.phrase("names.count", class_name=chosen.found.name, **counted)
        return turn.reply(body, [Choice(label=self._wording.label("button.show-names"), action=action)])

    async def _staff_progress(self, turn: Turn, own: Sequence[Chosen]) -> Reply:
        parts = []
        for campaign in dict.fromkeys(one.campaign for one in own):
            classes = [one.found for one in own if one.campaign == campaign]
            parts.append(await self._standing(campaign, classes))
        body = turn.phrase("progress.staff", parts=joined("digest.line", parts))
        return turn.reply(body, self._ways_on(turn, own))

    async def _standing(self, campaign: Campaign, classes: Sequence[SchoolClass]) -> Phrase:
        """The classes one by one, or put together by college where they are many; then all of them."""
        each = await self._campaigns.progress_of_each(campaign.id, [found.id for found in classes])
        named = {found.id: found.name if len(classes) <= MOST_LINES else found.college for found in classes}
        lines = []
        for name in dict.fromkeys(named.values()):
            several = [each[class_id] for class_id in named if named[class_id] == name]
            lines.append(Phrase(key="digest.class", values={"class_name": name, **standing_words(together(several))}))
        if len(lines) > 1:
            everybody = standing_words(together(tuple(each.values())))
            lines.append(Phrase(key="digest.classes", values={"count": len(classes), **everybody}))
        return joined("digest.line", [Phrase(key="progress.heading", values=_heading(campaign)), *lines])

    def _ways_on(self, turn: Turn, own: Sequence[Chosen]) -> list[Choice]:
        """To the names and to a nudge: of the one class, or of the one that is picked from a list."""
        subject, detail = (own[0].campaign.id, own[0].found.id) if len(own) == 1 else ("", "")
        ways = {"button.show-names": (Right.SEE_NAMES, Verb.NAMES), "button.nudge": (Right.NUDGE, Verb.NUDGE)}
        return [
            Choice(label=self._wording.label(label), action=Action(verb=verb, subject=subject, detail=detail))
            for label, (right, verb) in ways.items()
            if may(turn.asker, right)
        ]

    async def _pages(self, turn: Turn, chosen: Chosen, shown: Mapping[Column, Sequence[Entry]]) -> Reply:
        """The columns in messages of a readable length; who answers for the class hears how often they were opened."""
        counts = {column: len(entries) for column, entries in shown.items()}
        name, cut = chosen.found.name, pages(shown)
        said = [turn.phrase("names.list-more", class_name=name, columns=page_words(page, counts)) for page in cut]
        said[0] = turn.phrase("names.list", class_name=name, columns=page_words(cut[0], counts))
        if Column.EXEMPT in shown:
            looks = await self._looks.count(chosen.campaign.id, chosen.found.id)
            said[0] = turn.phrase("names.list-looks", **said[0].values, looks=looks)
        nudge = Action(verb=Verb.NUDGE, subject=chosen.campaign.id, detail=chosen.found.id)
        choices = [Choice(label=self._wording.label("button.nudge"), action=nudge)] if counts[Column.OWING] else []
        *before, last = said
        messages = (*(turn.outbound(body) for body in before), turn.outbound(last, choices))
        reply = Reply(messages=messages, conversation=turn.conversation.offering(tuple(choices), turn.now))
        return reply.unkept(turn.phrase("names.unseen", class_name=name))


def _heading(campaign: Campaign) -> dict[str, str | int | Phrase]:
    return {"title": campaign.title, "deadline": deadline_words(campaign.stages[0].deadline)}
