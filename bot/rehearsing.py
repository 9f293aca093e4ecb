"""A campaign rehearsed over the stores: the school as it is now, in the content's words, at each platform's pace."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.bootstrap import desks
from bot.platforms.telegram.refs import PLATFORM as TELEGRAM
from bot.platforms.wecom.lane import budgets as wecom_budgets
from bot.platforms.wecom.refs import PLATFORM as WECOM
from bot.storage.stores import Stores
from knowledge.scopes import ScopeTree
from scheduler.campaigns import Campaign, CampaignStatus
from scheduler.ladder import holders
from scheduler.life import audience
from scheduler.messages import Address, Phrase
from scheduler.pacing import Budget, telegram_budgets
from scheduler.ports import Wording
from scheduler.rehearsal import rehearse
from scheduler.rehearsed import Line, School, Underway

_GROUPS_OF_TELEGRAM = "-"
"""What the id of a group begins with there."""


async def school_of(
    kept: Stores, campaign: Campaign, tree: ScopeTree, now: datetime, *, offices: Sequence[Address] = ()
) -> School:
    """The campaign's classes as they are now; those of its audience, if it has none yet. `offices` are the office's own
    chats."""
    roster = await kept.rosters.current()
    ids = [one for one in campaign.classes or audience(campaign, roster, tree.lineage) if one in roster.classes]
    members = await kept.rosters.members_of(ids)
    sids = [student.sid for own in members.values() for student in own]
    classes = {class_id: roster.classes[class_id] for class_id in ids}
    staff = await desks(kept, offices).staff_of(classes, now)
    accounts = {one.account for found in staff.values() for member in found for one in holders(member, now)}
    return School(
        classes=classes,
        members=members,
        groups=await kept.bindings.groups_of(ids),
        bindings=await kept.bindings.of_students(sids),
        burdens=await kept.outbox.burdens(sids, now),
        lost=frozenset(await kept.reach.unreachable()),
        staff=staff,
        seen=await kept.looks.signs(sorted(accounts)),
        offices=offices,
        others=[await underway(kept, one, ids) for one in await kept.campaigns.all() if _meets(one, campaign, ids)],
    )


def _meets(other: Campaign, campaign: Campaign, classes: Collection[str]) -> bool:
    """Whether what another campaign sends meanwhile is for some of these classes; a trial is for a chat of staff."""
    runs = other.status is CampaignStatus.OPEN and not other.in_trial and other.id != campaign.id
    return runs and not {*classes}.isdisjoint(other.classes)


async def underway(kept: Stores, campaign: Campaign, classes: Collection[str]) -> Underway:
    """A campaign as it stands in these classes, all of which are its own if it has none yet."""
    own = tuple(sorted({*classes} & {*campaign.classes})) if campaign.classes else tuple(sorted(classes))
    return Underway(
        campaign=replace(campaign, classes=own),
        states=await kept.campaigns.states_of(campaign.id, own),
        attempts=await kept.outbox.ledger(campaign.id) if any(stage.moves for stage in campaign.stages) else (),
        told=await kept.outbox.told(campaign.id),
        claimed=await kept.outbox.claimed_at(campaign.id, tuple(await kept.outbox.claimed(campaign.id))),
        handed_in=(await kept.papers.all(campaign.id)).keys(),
    )


def rehearsal(
    own: Underway,
    school: School,
    now: datetime,
    *,
    wording: Wording,
    tree: ScopeTree,
    confirming: float = 0.0,
    most_a_week: int,
) -> Iterator[Line]:
    """Every message of the campaign from now on, as `scheduler.rehearsal` says them."""
    you = tree[own.campaign.scope].address

    def words(phrase: Phrase) -> str:
        return wording.render(replace(phrase, values={"you": you, **phrase.values}))

    return rehearse(own, school, now, words=words, budgets=budgets, confirming=confirming, most_a_week=most_a_week)


def budgets(to: Address) -> Sequence[Budget]:
    """What one message to an address takes from; the local chatroom sets no pace."""
    if to.platform == TELEGRAM:
        return telegram_budgets(to, in_group=to.chat.startswith(_GROUPS_OF_TELEGRAM))
    if to.platform == WECOM:
        return wecom_budgets(to)
    return ()
