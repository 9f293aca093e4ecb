"""The sample college as a bot has it in the middle of a campaign: everybody bound to a Telegram account."""

from datetime import UTC, datetime

from bot.bootstrap import Stores, receipt
from bot.demo import sample
from bot.demo.college import TEMPLATE, import_roster
from bot.opening import Opening, concerned, draft
from knowledge.loading import Content
from scheduler.messages import Address
from scheduler.roster import Binding, BindingStrength

PLATFORM = "telegram"
_FIRST_ACCOUNT = 1_000


async def enrol(kept: Stores, content: Content) -> tuple[int, ...]:
    """Import the roster, bind each student, open this year's campaign; the accounts' numbers."""
    now = datetime.now(UTC)
    roster = await import_roster(kept, content, now.year, "roster.xlsx", sample.roster_xlsx(now.year))
    accounts = tuple(_FIRST_ACCOUNT + place for place in range(len(roster.students)))
    for account, sid in zip(accounts, sorted(roster.students), strict=True):
        private = Address(platform=PLATFORM, chat=str(account))
        await kept.bindings.bind(
            Binding(account=f"{PLATFORM}:{account}", sid=sid, strength=BindingStrength.STRONG, private=private)
        )
    template = content.templates[TEMPLATE]
    classes = concerned(template, str(now.year), roster, content.tree)
    await Opening(kept.rosters, kept.campaigns, receipt).open(draft(template, now.year, str(now.year), classes), now)
    return accounts
