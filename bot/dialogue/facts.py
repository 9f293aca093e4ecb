"""What the asker's own open campaign says about a topic, before any older document does."""

from bot.dialogue.turns import Turn
from bot.dialogue.wording import ContentWording
from knowledge.topics import CampaignFact
from scheduler.campaigns import Campaign, Owner
from scheduler.letters import deadline_words
from scheduler.messages import Action, Choice, Phrase, Verb


def campaign_fact(turn: Turn, fact: CampaignFact | None, wording: ContentWording) -> Phrase | None:
    """The phrase that answers from the open campaign; None where there is none or it does not say."""
    campaign = turn.asker.campaign
    if fact is None or campaign is None:
        return None
    match fact:
        case CampaignFact.STUDENT_DEADLINE:
            keys = ("campaign.fact.student-deadline", "campaign.fact.student-deadline-over")
            return _deadline(turn, campaign, Owner.STUDENT, *keys)
        case CampaignFact.HAND_IN:
            keys = ("campaign.fact.hand-in", "campaign.fact.hand-in-over")
            return _deadline(turn, campaign, Owner.MONITOR, *keys)
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
    campaign = turn.asker.campaign
    if campaign is None or fact is not CampaignFact.STUDENT_DEADLINE:
        return []
    late = turn.now >= campaign.stages[0].deadline.instant
    label = wording.label("button.open-late" if late else "button.open")
    return [Choice(label=label, action=Action(verb=Verb.OPEN, subject=campaign.id))]


def _deadline(turn: Turn, campaign: Campaign, owner: Owner, coming: str, over: str) -> Phrase | None:
    """A deadline that is coming, or that is over and whom to ask."""
    stage = campaign.stage_of(owner)
    if stage is None:
        return None
    moment = deadline_words(stage.deadline)
    if turn.now >= stage.deadline.instant:
        return turn.phrase(over, title=campaign.title, deadline=moment, office=turn.asker.office)
    return turn.phrase(coming, title=campaign.title, deadline=moment, words=stage.deadline.words)
