"""Waves of several campaigns to the same people: what comes soon after one goes out with it, in the same message.

Decided when a wave is due and not when it is planned: a plan is of one campaign, and what others are open, held or
claimed by then is known at that moment alone. Pure rules over values.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.campaigns import Campaign, Owner
from scheduler.deliveries import Delivery, slot_id, wave_delivery_id
from scheduler.messages import Address
from scheduler.planner import GAP, Wave
from scheduler.roster import Group
from scheduler.stages import announces


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A wave that is to be claimed for these classes.

    `went` are those to which it went before, `in_doubt` whether it may have gone to the others as well.
    """

    campaign: Campaign
    wave: Wave
    classes: Collection[str]
    went: Collection[str] = ()
    in_doubt: bool = False

    def slots(self, classes: Iterable[str]) -> list[str]:
        """The slots of the wave to these classes."""
        return [slot_id(self.campaign.id, self.wave.stage, self.wave.id, class_id) for class_id in classes]

    @property
    def deadline(self) -> datetime:
        """When what it reminds of is late."""
        return self.campaign.stage(self.wave.stage).deadline.instant

    @property
    def meets_others(self) -> bool:
        """Whether it shares messages with other campaigns. Monitors hear of all of them in the digest, a trial is for
        its chat of staff alone, and of what may be a repeat a person has to decide by itself."""
        to_students = self.campaign.stage(self.wave.stage).owner is Owner.STUDENT
        return to_students and not self.campaign.in_trial and not self.in_doubt


def going_along(
    due: Sequence[Due], coming: Iterable[Due], groups: Sequence[Group], now: datetime, *, gap: timedelta = GAP
) -> Iterator[Due]:
    """What of the coming waves goes out with those that are due: to their classes, and to those that share a group
    with these, nothing is said twice within the gap.

    A campaign's own waves keep the gap by its plan: one that is late does not take the next along.
    """
    meeting = [one for one in due if one.meets_others]
    near = _sharing_groups({class_id for one in meeting for class_id in one.classes}, groups)
    told = {(one.campaign.id, class_id) for one in meeting for class_id in one.classes}
    for one in coming:
        if one.meets_others and now < one.wave.at < now + gap:
            classes = {own for own in one.classes if own in near and (one.campaign.id, own) not in told}
            if classes:
                yield replace(one, classes=classes)


def sharing_messages(due: Iterable[Due]) -> Iterator[Sequence[Due]]:
    """Those waves together that share messages, the nearest deadline first, and each of the others by itself."""
    meeting: list[Due] = []
    for one in due:
        if one.meets_others:
            meeting.append(one)
        else:
            yield [one]
    if meeting:
        yield sorted(meeting, key=lambda one: one.deadline)


def _sharing_groups(classes: Collection[str], groups: Sequence[Group]) -> set[str]:
    """The classes with all that hear what is said to one of their groups, and all that hear what is said to those."""
    found = set(classes)
    while more := {own for one in groups if not found.isdisjoint(one.classes) for own in one.classes} - found:
        found |= more
    return found


def merged(deliveries: Iterable[Delivery]) -> tuple[Delivery, ...]:
    """One message an address: what several waves say to a group or a person at the same moment, in the order it comes
    in; of two that speak of the same deadline the news of its move."""
    found: dict[Address, list[Delivery]] = {}
    for one in deliveries:
        found.setdefault(one.message.to, []).append(one)
    return tuple(_as_one(several) for several in found.values())


def _as_one(several: Sequence[Delivery]) -> Delivery:
    if len(several) == 1:
        return several[0]
    said = [section for one in several for section in one.sections]
    sections = {(one.campaign, one.stage): one for one in sorted(said, key=lambda one: announces(one.wave))}
    message = several[0].message
    expires_at = min((one.message.expires_at for one in several if one.message.expires_at), default=None)
    whole = replace(several[0], message=replace(message, expires_at=expires_at)).saying(tuple(sections.values()))
    return replace(whole, id=wave_delivery_id([one.whole_slot for one in whole.sections], message.to))
