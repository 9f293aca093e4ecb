"""What the asker's own open campaign says about a topic, before any older document does."""

from bot.dialogue.campaign_buttons import buttons_by_title, campaign_buttons
from bot.dialogue.turns import Turn
from bot.dialogue.wording import ContentWording
from knowledge.topics import CampaignFact
from scheduler.campaigns import Campaign, Owner
from scheduler.letters import deadline_words
from scheduler.messages import Choice, Phrase, Verb, joined


def campaign_fact(turn: Turn, fact: CampaignFact | None, wording: ContentWording) -> Phrase | None:
    """The phrase that answers from the open campaign; None where there is none or it does not say."""
    campaign = turn.asker.campaign
    if fact is None or campaign is None:
        return None
    match fact:
        case CampaignFact.STUDENT_DEADLINE:
            keys = ("campaign.fact.student-deadline", "campaign.fact.student-deadline-over")
            return _deadlines(turn, Owner.STUDENT, *keys)
        case CampaignFact.HAND_IN:
            keys = ("campaign.fact.hand-in", "campaign.fact.hand-in-over")
            return _deadlines(turn, Owner.MONITOR, *keys)
        case CampaignFact.WHO_MUST:
            return turn.phrase("campaign.fact.who-must", title=campaign.title, cohort=campaign.cohort)
        case CampaignFact.CHECKLIST:
            items = wording.label("list.comma").join(item.label for item in campaign.to_check)
            return turn.phrase("campaign.fact.checklist", items=items, status=campaign.expected_status)
        case CampaignFact.REMARKS if campaign.remarks:
            remarks = "\n".join(campaign.remarks)
            return turn.phrase("campaign.fact.remarks", title=campaign.title, remarks=remarks)
        case CampaignFact.REMARKS:
            return None


def fact_ways(turn: Turn, fact: CampaignFact | None, wording: ContentWording) -> list[Choice]:
    """The button that the words of a fact send people to: to state what they checked, or to make up for it."""
    campaigns = turn.asker.campaigns
    if not campaigns or fact is not CampaignFact.STUDENT_DEADLINE:
        return []
    if len(campaigns) > 1:
        return buttons_by_title(campaigns, Verb.OPEN)
    return campaign_buttons(wording, campaigns[0], (Verb.OPEN,), turn.now)


def _deadlines(turn: Turn, owner: Owner, coming: str, over: str) -> Phrase | None:
    """The deadline of each campaign that has one for this owner."""
    said = [one for campaign in turn.asker.campaigns if (one := _deadline(turn, campaign, owner, coming, over))]
    return joined("status.line", said) if said else None


def _deadline(turn: Turn, campaign: Campaign, owner: Owner, coming: str, over: str) -> Phrase | None:
    """A deadline that is coming, or that is over and whom to ask."""
    stage = campaign.stage_of(owner)
    if stage is None:
        return None
    moment = deadline_words(stage.deadline)
    if turn.now >= stage.deadline.instant:
        return turn.phrase(over, title=campaign.title, deadline=moment, office=turn.asker.office)
    return turn.phrase(coming, title=campaign.title, deadline=moment, words=stage.deadline.words)
