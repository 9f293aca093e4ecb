"""What the asker's own open campaign says about a topic, before any older document does."""

from bot.dialogue.turns import Turn
from bot.dialogue.wording import ContentWording
from knowledge.topics import CampaignFact
from scheduler.campaigns import Campaign, Owner
from scheduler.letters import deadline_words
from scheduler.messages import Phrase


def campaign_fact(turn: Turn, fact: CampaignFact | None, wording: ContentWording) -> Phrase | None:
    """The phrase that answers from the open campaign; None where there is none or it does not say."""
    campaign = turn.asker.campaign
    if fact is None or campaign is None:
        return None
    match fact:
        case CampaignFact.STUDENT_DEADLINE:
            return _deadline(turn, campaign, Owner.STUDENT, "campaign.fact.student-deadline")
        case CampaignFact.HAND_IN:
            return _deadline(turn, campaign, Owner.MONITOR, "campaign.fact.hand-in")
        case CampaignFact.WHO_MUST:
            return turn.phrase("campaign.fact.who-must", title=campaign.title, cohort=campaign.cohort)
        case CampaignFact.CHECKLIST:
            items = wording.label("list.comma").join(item.label for item in campaign.checklist)
            return turn.phrase("campaign.fact.checklist", items=items, status=campaign.expected_status)


def _deadline(turn: Turn, campaign: Campaign, owner: Owner, key: str) -> Phrase | None:
    stage = campaign.stage_of(owner)
    if stage is None:
        return None
    moment = deadline_words(stage.deadline)
    return turn.phrase(key, title=campaign.title, deadline=moment, words=stage.deadline.words)
