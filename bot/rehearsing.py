"""A campaign rehearsed over the stores: the school as it is now, in the content's words, at each platform's pace."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.platforms.telegram.refs import PLATFORM as TELEGRAM
from bot.platforms.wecom.lane import budgets as wecom_budgets
from bot.platforms.wecom.refs import PLATFORM as WECOM
from bot.storage.stores import Stores
from knowledge.scopes import ScopeTree
from scheduler.campaigns import Campaign
from scheduler.life import audience
from scheduler.messages import Address, Phrase
from scheduler.pacing import Budget, telegram_budgets
from scheduler.ports import Wording
from scheduler.rehearsal import Line, School, rehearse

_GROUPS_OF_TELEGRAM = "-"
"""What the id of a group begins with there."""


async def school_of(kept: Stores, campaign: Campaign, tree: ScopeTree, now: datetime) -> School:
    """The campaign's classes as they are now; those of its audience, if it has none yet."""
    roster = await kept.rosters.current()
    ids = [one for one in campaign.classes or audience(campaign, roster, tree.lineage) if one in roster.classes]
    members = await kept.rosters.members_of(ids)
    sids = [student.sid for own in members.values() for student in own]
    claimed = await kept.outbox.claimed(campaign.id)
    return School(
        classes={class_id: roster.classes[class_id] for class_id in ids},
        members=members,
        groups=await kept.bindings.groups_of(ids),
        bindings=await kept.bindings.of_students(sids),
        states=await kept.campaigns.states_of(campaign.id, ids),
        attempts=await kept.outbox.ledger(campaign.id) if any(stage.moves for stage in campaign.stages) else (),
        burdens=await kept.outbox.burdens(sids, now),
        told=await kept.outbox.told(campaign.id),
        lost=frozenset(await kept.reach.unreachable()),
        fired=frozenset(_wave_of(slot) for slot in claimed),
    )


def rehearsal(
    campaign: Campaign,
    school: School,
    now: datetime,
    *,
    wording: Wording,
    tree: ScopeTree,
    confirming: float = 0.0,
    most_a_week: int,
) -> Iterator[Line]:
    """Every message of the campaign from now on, as `scheduler.rehearsal` says them."""
    you = tree[campaign.scope].address

    def words(phrase: Phrase) -> str:
        return wording.render(replace(phrase, values={"you": you, **phrase.values}))

    whole = replace(campaign, classes=tuple(sorted(school.members)))
    return rehearse(whole, school, now, words=words, budgets=budgets, confirming=confirming, most_a_week=most_a_week)


def budgets(to: Address) -> Sequence[Budget]:
    """What one message to an address takes from; the local chatroom sets no pace."""
    if to.platform == TELEGRAM:
        return telegram_budgets(to, in_group=to.chat.startswith(_GROUPS_OF_TELEGRAM))
    if to.platform == WECOM:
        return wecom_budgets(to)
    return ()


def _wave_of(slot: str) -> str:
    """The `stage:wave` of a slot, whose last part, the class, may hold anything."""
    _, stage, wave, _ = slot.split(":", 3)
    return f"{stage}:{wave}"
