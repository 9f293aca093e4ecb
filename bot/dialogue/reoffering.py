"""After a silence in which presses were lost: the buttons of a campaign are offered to its groups once more."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from scheduler.campaigns import Campaign, CampaignStatus, Owner
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import Action, Choice, OutboundMessage, Phrase, Purpose, Verb
from scheduler.planner import plan
from scheduler.ports import BindingStore, CampaignStore, Outbox, Wording

PRESSED_FOR = timedelta(hours=24)
"""How long after a reminder its buttons are pressed; after an older one nobody is disturbed."""

_WORTH_SAYING = timedelta(hours=12)


class Reoffering:
    """Asks groups to press again. That nobody pressed is never taken for an answer."""

    def __init__(self, campaigns: CampaignStore, bindings: BindingStore, outbox: Outbox, wording: Wording) -> None:
        self._campaigns = campaigns
        self._bindings = bindings
        self._outbox = outbox
        self._wording = wording

    async def offer_again(self, platform: str, since: datetime, now: datetime) -> int:
        """Queue one message for each group of a campaign whose students were reminded lately; how many.

        The platform was not heard from `since` to `now`. Whatever comes and goes, a group is told once an hour.
        """
        groups = 0
        for campaign in await self._campaigns.all():
            if not reminded_lately(campaign, since, now):
                continue
            at = campaign.quiet.first_after(now)
            for group in await self._bindings.groups_of(campaign.classes):
                if group.address.platform == platform:
                    message = OutboundMessage(
                        to=group.address,
                        body=Phrase(key="outage.press-again", values={"title": campaign.title}),
                        purpose=Purpose.ANSWER,
                        choices=tuple(self._choices(campaign)),
                        expires_at=at + _WORTH_SAYING,
                    )
                    delivery = Delivery(
                        id=f"{campaign.id}:again:{now:%Y%m%dT%H}@{group.address}",
                        kind=Kind.REPLY,
                        message=message,
                        not_before=at,
                    )
                    groups += await self._outbox.queue(delivery, now)
        return groups

    def _choices(self, campaign: Campaign) -> Iterator[Choice]:
        for verb in (Verb.OPEN, Verb.TROUBLE):
            label = self._wording.render(Phrase(key=f"button.{verb.name.lower()}"))
            yield Choice(label=label, action=Action(verb=verb, subject=campaign.id))


def reminded_lately(campaign: Campaign, since: datetime, now: datetime) -> bool:
    """Whether buttons that its students may have pressed after `since` were put before them, and still matter."""
    if campaign.status is not CampaignStatus.OPEN:
        return False
    planned = plan(campaign, now)
    return any(
        since - PRESSED_FOR < wave.at <= now and campaign.stage(wave.stage).owner is Owner.STUDENT
        for wave in (*planned.due, *planned.missed)
    )
