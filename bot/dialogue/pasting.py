"""群文字: what staff pastes by hand into a class's group that the bot is not in."""

from collections.abc import Sequence
from dataclasses import replace

from bot.dialogue.choosing import Choosing, Chosen
from bot.dialogue.rights import Right
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.letters import paste_text
from scheduler.messages import Action, Verb
from scheduler.nudges import stage_of
from scheduler.planner import plan
from scheduler.ports import CampaignStore


class Pasting:
    """Says the text alone, so that it can be passed on as it stands; it keeps the rules of a group."""

    def __init__(self, campaigns: CampaignStore, choosing: Choosing, wording: ContentWording) -> None:
        self._campaigns = campaigns
        self._choosing = choosing
        self._bot = wording.label("bot.name")

    async def choose(self, turn: Turn, words: Sequence[str] = ()) -> Reply:
        """The text for the class that is meant; if several may be, which one."""
        chosen = await self._choosing.which(turn, Right.SEE_PROGRESS, Verb.PASTE, words)
        return chosen if isinstance(chosen, Reply) else await self._text(turn, chosen)

    async def show(self, turn: Turn, action: Action) -> Reply:
        """The text for the class of the button."""
        chosen = await self._choosing.pressed(turn, Right.SEE_PROGRESS, action)
        return turn.reply("button.not-yours") if chosen is None else await self._text(turn, chosen)

    async def _text(self, turn: Turn, chosen: Chosen) -> Reply:
        campaign, stage = chosen.campaign, stage_of(chosen.campaign)
        if stage is None:
            return turn.reply("staff.no-class")
        planned = plan(campaign, turn.now)
        waves = (*planned.missed, *planned.due, *planned.merged)
        first = not any(wave.stage == stage.id and wave.at <= turn.now for wave in waves)
        progress = await self._campaigns.progress(campaign.id, [chosen.found.id])
        said = paste_text(campaign, stage.id, progress, bot=self._bot, first=first, now=turn.now)
        if said is None:
            return turn.reply(turn.phrase("paste.nothing", class_name=chosen.found.name))
        words = replace(said, values={"you": turn.asker.you, **said.values})
        return turn.reply(turn.phrase("paste.note", class_name=chosen.found.name)).then(turn.reply(words))
