"""The buttons of a campaign, labelled for the moment they are shown at."""

from collections.abc import Iterable
from datetime import datetime

from bot.dialogue.wording import ContentWording
from scheduler.campaigns import DONE, WITH_OFFICE, Campaign, State, StudentState
from scheduler.messages import Action, Choice, Verb


def campaign_buttons(wording: ContentWording, campaign: Campaign, verbs: Iterable[Verb], now: datetime) -> list[Choice]:
    """One button a verb; after the first deadline the way to the check list says that it is made up for."""
    late = now >= campaign.stages[0].deadline.instant

    def label(verb: Verb) -> str:
        return wording.label("button.open-late" if late and verb is Verb.OPEN else f"button.{verb.name.lower()}")

    return [Choice(label=label(verb), action=Action(verb=verb, subject=campaign.id)) for verb in verbs]


def buttons_by_title(campaigns: Iterable[Campaign], verb: Verb) -> list[Choice]:
    """One button a campaign, where it has to be said which is meant."""
    return [Choice(label=one.title, action=Action(verb=verb, subject=one.id)) for one in campaigns]


def ways_from(state: StudentState) -> tuple[Verb, ...]:
    """The buttons that make sense in a state; what does not count yet is to be stated once more."""
    if state.counted is not state.state:
        return (Verb.OPEN, Verb.WITHDRAW, Verb.TROUBLE)
    if state.state is State.EXEMPT:
        return ()
    if state.state is State.NO_LOGIN:
        return (Verb.OPEN, Verb.NO_LOGIN, Verb.WITHDRAW)
    if state.state in WITH_OFFICE:
        return (Verb.WITHDRAW, Verb.WRONG)
    return (Verb.WITHDRAW, Verb.TROUBLE) if state.state in DONE else (Verb.OPEN, Verb.TROUBLE)
