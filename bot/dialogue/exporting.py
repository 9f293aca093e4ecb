"""导出 and 进度图: a class's papers as files, the progress as a picture, for who answers for the classes."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.dialogue.choosing import Choosing, Chosen, nothing_to_choose
from bot.dialogue.rights import Right, may
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from bot.ports import Uploads
from scheduler.campaigns import Campaign
from scheduler.forms.chart import Course, chart
from scheduler.forms.standing import Paper, Standing
from scheduler.messages import Action, Attachment, Choice, OutboundMessage, Phrase, Verb
from scheduler.ports import CampaignStore, EvidenceStore, LookStore, Outbox, RosterStore, StaffRoom
from scheduler.roster import SchoolClass
from scheduler.states import DONE, StudentState

_KEPT = timedelta(days=1)
"""A file with names is kept no longer than a message may wait for its platform."""


class Exporting:
    """Writes what was asked for, and hands it over in private; a picture of everything goes to the office's chat."""

    def __init__(
        self,
        *,
        rosters: RosterStore,
        campaigns: CampaignStore,
        outbox: Outbox,
        evidence: EvidenceStore,
        looks: LookStore,
        uploads: Uploads,
        room: StaffRoom,
        choosing: Choosing,
        wording: ContentWording,
    ) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._outbox = outbox
        self._evidence = evidence
        self._looks = looks
        self._uploads = uploads
        self._room = room
        self._choosing = choosing
        self._wording = wording

    async def choose(self, turn: Turn, words: Sequence[str] = ()) -> Reply:
        """Which paper of the class that is meant, or the one that is named; if several may be, which class."""
        papers = {self._wording.label(f"button.paper.{paper}"): paper for paper in Paper}
        named = [word for word in words if word not in papers]
        chosen = await self._choosing.which(turn, Right.EXPORT, Verb.EXPORT, named)
        if isinstance(chosen, Reply):
            return chosen
        for word in set(words) - set(named):
            detail = f"{chosen.found.id}/{papers[word]}"
            return await self.export(turn, Action(verb=Verb.EXPORT, subject=chosen.campaign.id, detail=detail))
        return self._which_paper(turn, chosen)

    async def export(self, turn: Turn, action: Action) -> Reply:
        """The paper that was asked for. It has names in it: the right is looked up now, and the look is put down."""
        class_id, _, wanted = action.detail.partition("/")
        chosen = await self._choosing.pressed(turn, Right.EXPORT, replace(action, detail=class_id))
        if chosen is None:
            return turn.reply("button.not-yours")
        if wanted not in set(Paper):
            return self._which_paper(turn, chosen)
        campaign, press = chosen.campaign, f"{turn.message.address.platform}:{turn.message.id}"
        await self._looks.remember(campaign.id, class_id, turn.message.account, turn.now, press=press)
        at = Standing(
            campaign=replace(campaign, classes=(class_id,)),
            classes={class_id: chosen.found},
            members={class_id: await self._rosters.members(class_id)},
            states=await self._campaigns.states(campaign.id, class_id),
            made_at=turn.now,
            head=await self._evidence.head(),
        )
        name, content = await asyncio.to_thread(_written, at, Paper(wanted))
        said = turn.reply(turn.phrase("export.note", class_name=chosen.found.name))
        return said.then(await self._handed_over(turn, name, content))

    async def chart(self, turn: Turn) -> Reply:
        """The progress of each campaign as a picture: of all classes to the office's chat, where the office asks and
        has one, else of the asker's classes to the asker."""
        own = await self._choosing.of_asker(turn, Right.EXPORT)
        if not own:
            return nothing_to_choose(turn, Right.EXPORT)
        replies = []
        for campaign in dict.fromkeys(one.campaign for one in own):
            classes = [one.found for one in own if one.campaign == campaign]
            name, content = f"{campaign.id}.png", await self._drawn(turn, campaign, classes)
            replies.append(await self._shown(turn, campaign, name, content))
        whole, *rest = replies
        for reply in rest:
            whole = whole.then(reply)
        return whole

    async def _shown(self, turn: Turn, campaign: Campaign, name: str, content: bytes) -> Reply:
        if may(turn.asker, Right.OPEN_CAMPAIGN):
            file = Attachment(name=name, digest=await self._uploads.put(content, _KEPT))
            key = f"chart:{campaign.id}:{turn.message.address.platform}:{turn.message.id}"
            if await self._room.tell(Phrase(key="chart.note", values={"title": campaign.title}), key, file=file):
                return turn.reply(turn.phrase("chart.in-office-chat", title=campaign.title))
        said = turn.reply(turn.phrase("chart.note", title=campaign.title))
        return said.then(await self._handed_over(turn, name, content))

    async def _drawn(self, turn: Turn, campaign: Campaign, classes: Sequence[SchoolClass]) -> bytes:
        from knowledge.figures import render  # noqa: PLC0415 - the renderer is for pictures alone

        ids = [found.id for found in classes]
        progress = await self._campaigns.progress_of_each(campaign.id, ids)
        states = await self._campaigns.states_of(campaign.id, ids)
        course = Course(done_at=_done_at(states.values()), waves=await self._outbox.fired(campaign.id))
        head = await self._evidence.head()

        def picture() -> bytes:
            by_id = {found.id: found for found in classes}
            return render(chart(campaign, by_id, progress, course, made_at=turn.now, head=head))

        return await asyncio.to_thread(picture)

    async def _handed_over(self, turn: Turn, name: str, content: bytes) -> Reply:
        file = Attachment(name=name, digest=await self._uploads.put(content, _KEPT))
        message: OutboundMessage = replace(turn.outbound(turn.phrase("export.file", name=name)), files=(file,))
        return Reply(messages=(message,), conversation=turn.conversation)

    def _which_paper(self, turn: Turn, chosen: Chosen) -> Reply:
        choices = [
            Choice(
                label=self._wording.label(f"button.paper.{paper}"),
                action=Action(verb=Verb.EXPORT, subject=chosen.campaign.id, detail=f"{chosen.found.id}/{paper}"),
            )
            for paper in Paper
        ]
        return turn.reply(turn.phrase("export.which", class_name=chosen.found.name), choices)


def _done_at(states: Iterable[StudentState]) -> list[datetime]:
    return [state.at for state in states if state.counted in DONE and state.at]


def _written(at: Standing, paper: Paper) -> tuple[str, bytes]:
    from scheduler.forms.class_papers import paper_of_class  # noqa: PLC0415 - the library for spreadsheets is large

    return paper_of_class(at, paper)
