"""When many say within an hour that 学信网 does not let them in, or shows nothing: the office hears of it, and decides.

Nothing is switched by it: what people say is a sign and no proof.
"""

from datetime import timedelta

from scheduler.campaigns import Campaign
from scheduler.messages import Phrase

WITHIN = timedelta(minutes=60)
"""How far back what was said is of account, and how soon the office is told again."""

MANY = 20
"""So many people are a sign in a campaign of any size."""

SHARE = 0.05
"""So large a part of a campaign is a sign."""

FEWEST = 3
"""Fewer people are no sign in the smallest class; and a number below would be a name."""


def suspicious(people: int, total: int) -> bool:
    """Whether so many of a campaign's students saying it are a sign."""
    return people >= MANY or (people >= FEWEST and people >= SHARE * total)


def needs_total(people: int) -> bool:
    """Whether it depends on how many students the campaign has."""
    return FEWEST <= people < MANY


def suspicion(campaign: Campaign, people: int) -> Phrase:
    """What the office is told: a count, and what it can do."""
    minutes = WITHIN // timedelta(minutes=1)
    return Phrase(key="suspicion.told", values={"title": campaign.title, "minutes": minutes, "people": people})
