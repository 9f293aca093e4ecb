"""The sample college as a bot has it in the middle of a campaign: everybody bound to an account of a platform."""

from datetime import UTC, datetime

from bot.bootstrap import Stores
from bot.demo import sample
from bot.demo.college import TEMPLATE, import_roster
from bot.dialogue.limiting import Counted, counted_as
from bot.drafting import draft
from bot.storage.keys import AuxKeys
from knowledge.loading import Content
from scheduler.campaigns import Campaign
from scheduler.messages import Address
from scheduler.opening import Opening
from scheduler.roster import Binding, BindingStrength

PLATFORM = "telegram"
ACCOUNTS = range(1_000, 1_120)
"""The students' accounts, one each."""


async def forgive(kept: Stores, platform: str = PLATFORM) -> None:
    """Forget how much the students asked: a day of theirs passes in seconds here, and nobody is to be held back."""
    for account in ACCOUNTS:
        who, keys = counted_as(f"{platform}:{account}", Counted.ASKED), AuxKeys(kept.database.prefix)
        await kept.database.call("DEL", keys.answered(who), keys.held_back(who))


async def enrol(kept: Stores, content: Content, platform: str = PLATFORM) -> None:
    """Import the roster, bind each student, open this year's campaign."""
    now = datetime.now(UTC)
    roster = await import_roster(kept, content, now.year, "roster.xlsx", sample.roster_xlsx(now.year))
    for account, sid in zip(ACCOUNTS, sorted(roster.students), strict=True):
        private = Address(platform=platform, chat=str(account))
        await kept.bindings.bind(
            Binding(account=f"{platform}:{account}", sid=sid, strength=BindingStrength.STRONG, private=private)
        )
    template = content.templates[TEMPLATE]
    drafted = draft(template, now.year, cohort=str(now.year))
    await kept.campaigns.save(drafted, seen_revision=0)
    opening = Opening(kept.rosters, kept.campaigns, content.tree.lineage, kept.disk)
    assert isinstance(await opening.open(drafted.id, now), Campaign)
