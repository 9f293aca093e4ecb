"""What monitors and counsellors see of their classes: how far they are, and on demand who still owes."""

from collections.abc import Iterable, Sequence

from bot.dialogue.rights import Right, may
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.campaigns import DONE, NOTHING_YET, OWING, WITH_OFFICE, Campaign
from scheduler.letters import deadline_words
from scheduler.messages import Action, Choice, Verb
from scheduler.ports import CampaignStore, RosterStore
from scheduler.roster import Student


class Watching:
    """Shows counts to whom they concern, and names only when they are asked for, by right and on record."""

    def __init__(self, rosters: RosterStore, campaigns: CampaignStore, wording: ContentWording) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._wording = wording

    async def progress(self, turn: Turn) -> Reply:
        """How many are done in the asker's classes; in a group never how many are missing."""
        campaign = turn.asker.campaign
        if campaign is None or not turn.asker.classes:
            return turn.reply("status.no-campaign")
        classes = [class_id for class_id in turn.asker.classes if class_id in campaign.classes]
        progress = await self._campaigns.progress(campaign.id, classes)
        deadline = deadline_words(campaign.stages[0].deadline)
        own = [class_id for class_id in classes if may(turn.asker, Right.SEE_PROGRESS, class_id)]
        if turn.in_private and own:
            body = turn.phrase(
                "progress.staff",
                title=campaign.title,
                deadline=deadline,
                done=progress.done,
                owing=progress.owing,
                office=progress.with_office,
                total=progress.total,
            )
            return turn.reply(body, await self._name_buttons(campaign, own))
        if not progress.done:
            return turn.reply(turn.phrase("progress.group-none", title=campaign.title, deadline=deadline))
        return turn.reply(turn.phrase("progress.group", title=campaign.title, deadline=deadline, done=progress.done))

    async def names(self, turn: Turn, action: Action) -> Reply:
        """The names of those who still owe, for this class's monitor or counsellor; the look is recorded."""
        campaign = await self._campaigns.get(action.subject)
        class_id = action.detail
        if campaign is None or class_id not in campaign.classes or not may(turn.asker, Right.SEE_NAMES, class_id):
            return turn.reply("button.not-yours")
        await self._campaigns.remember_look(campaign.id, class_id, turn.message.account, turn.now)
        states = await self._campaigns.states(campaign.id, class_id)
        members = await self._rosters.members(class_id)
        standing = [(student, states.get(student.sid, NOTHING_YET).state) for student in members]
        body = turn.phrase(
            "names.list",
            name=await self._class_name(class_id),
            done=sum(state in DONE for _, state in standing),
            owing=self._listed(student for student, state in standing if state in OWING),
            office=self._listed(student for student, state in standing if state in WITH_OFFICE),
        )
        return turn.reply(body)

    async def choose_names(self, turn: Turn) -> Reply:
        """Which class's names to open."""
        campaign = turn.asker.campaign
        own = [class_id for class_id in turn.asker.classes if may(turn.asker, Right.SEE_NAMES, class_id)]
        if campaign is None or not own:
            return turn.reply("command.unknown-here")
        return turn.reply("names.which", await self._name_buttons(campaign, own))

    async def _name_buttons(self, campaign: Campaign, classes: Sequence[str]) -> list[Choice]:
        return [
            Choice(
                label=self._wording.label("button.names", name=await self._class_name(class_id)),
                action=Action(verb=Verb.NAMES, subject=campaign.id, detail=class_id),
            )
            for class_id in classes
        ]

    async def _class_name(self, class_id: str) -> str:
        found = await self._rosters.school_class(class_id)
        return found.name if found else ""

    def _listed(self, students: Iterable[Student]) -> str:
        names = [student.name for student in students]
        return self._wording.label("list.comma").join(names) or self._wording.label("list.nobody")
