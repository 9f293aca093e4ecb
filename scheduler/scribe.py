"""What a delivery says, worded at the moment it is sent from what holds then."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.deliveries import Delivery, Kind, Section
from scheduler.lane_ports import Lanes
from scheduler.letters import Letter, group_letter, monitor_letter, private_letter, together
from scheduler.messages import Choice, OutboundMessage, Phrase, Text, joined
from scheduler.notice_letters import letter as notice_letter
from scheduler.ports import BindingStore, CampaignStore, NoticeStore, RosterStore, Wording
from scheduler.stages import is_trial

_AS_QUEUED = frozenset({Kind.REPLY, Kind.NOTE})
"""What is said as it was queued; the rest is worded from what holds when it is sent."""

_OF_A_STUDENT = frozenset({Kind.PRIVATE_WAVE, Kind.NOTICE, Kind.NOTE})
"""What is for a student where it names one, at whatever address they had when it was queued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worded:
    """A message with its words; `unsaid` are the places of the sections in which nothing was left to be said."""

    message: OutboundMessage
    words: str
    unsaid: tuple[int, ...] = ()


DropsRepeats = Callable[[OutboundMessage], timedelta]
"""For how long a platform that is given the same message once more does not show it again."""


def shows_repeats(message: OutboundMessage) -> timedelta:
    """Of a platform that shows what it is given."""
    return timedelta()


_LEAST_LEFT = timedelta(minutes=1)
"""So long before a platform begins to show repeats they are marked already."""


class Scribe:
    """Words deliveries at the moment they are sent, from what holds then.

    `you` says how the people of a campaign's scope are addressed, `digest` what one of the staff is told today. A
    repeat says that it is one, but not where the platform `drops_repeats`, which it can only if it is given the same.
    """

    def __init__(
        self,
        *,
        campaigns: CampaignStore,
        rosters: RosterStore,
        bindings: BindingStore,
        notices: NoticeStore,
        lanes: Lanes,
        wording: Wording,
        you: Callable[[str], str],
        digest: Callable[[str, datetime], Awaitable[Letter | None]],
        drops_repeats: DropsRepeats = shows_repeats,
    ) -> None:
        self._campaigns = campaigns
        self._notices = notices
        self._rosters = rosters
        self._bindings = bindings
        self._lanes = lanes
        self._wording = wording
        self._you = you
        self._digest = digest
        self._drops_repeats = drops_repeats

    async def word(self, delivery: Delivery, now: datetime) -> Worded | None:
        """The message and its words; None if there is nothing left to be said, or nobody there to be told."""
        if not await self._is_theirs(delivery):
            return None
        message, unsaid = replace(delivery.message, key=delivery.id), list[int]()
        if delivery.notice:
            message = await self._of_notice(delivery, message)
        elif delivery.kind is Kind.DIGEST:
            letter = await self._digest(delivery.account, now)
            if letter is None:
                return None
            message = self._with(message, letter)
        elif delivery.kind not in _AS_QUEUED:
            letters = [await self._letter(delivery, section, now) for section in delivery.sections]
            said = [letter for letter in letters if letter is not None]
            if not said:
                return None
            unsaid += [place for place, letter in enumerate(letters) if letter is None]
            message = self._with(message, together(said))
        if delivery.dropped:
            message = replace(message, body=_with_dropped(message, delivery.dropped, now))
        if delivery.repeat and not self._is_dropped(delivery, message, now):
            body = message.body
            again = Phrase(key="delivery.repeat", values={"text": body.text if isinstance(body, Text) else body})
            message = replace(message, body=again)
        return Worded(message=message, words=self._wording.render(message.body), unsaid=tuple(unsaid))

    def _with(self, message: OutboundMessage, letter: Letter) -> OutboundMessage:
        choices = tuple(Choice(label=self._wording.render(label), action=action) for label, action in letter.choices)
        return replace(message, body=letter.body, choices=choices, calls_everybody=letter.calls_everybody)

    def _is_dropped(self, delivery: Delivery, message: OutboundMessage, now: datetime) -> bool:
        lasts = self._drops_repeats(message) - _LEAST_LEFT
        return delivery.tried_at is not None and now < delivery.tried_at + lasts

    async def _is_theirs(self, delivery: Delivery) -> bool:
        """Whether it goes to its student still: an account that is theirs no more hears nothing of them."""
        if delivery.kind not in _OF_A_STUDENT or not delivery.sid or is_trial(delivery.wave):
            return True
        own = (await self._bindings.of_students([delivery.sid])).get(delivery.sid, ())
        return any(binding.private == delivery.message.to for binding in own)

    async def _of_notice(self, delivery: Delivery, message: OutboundMessage) -> OutboundMessage:
        """A notice as it was approved."""
        notice = await self._notices.get(delivery.notice)
        if notice is None or delivery.kind is Kind.RECALL:
            return message
        about = await self._notices.get(notice.about) if notice.about else None
        letter = notice_letter(notice, about)
        return replace(
            message,
            body=letter.body,
            choices=letter.buttons(self._wording.render),
            links=letter.links,
            files=letter.files,
        )

    async def _letter(self, delivery: Delivery, section: Section, now: datetime) -> Letter | None:
        """What is to be said of one campaign, if anything is."""
        campaign = await self._campaigns.get(section.campaign)
        if campaign is None:
            return None
        stage, wave, classes = section.stage, section.wave, section.classes
        match delivery.kind:
            case Kind.GROUP_WAVE:
                progress = await self._campaigns.progress(campaign.id, classes)
                told = await self._lanes.told(campaign.id, str(delivery.message.to))
                letter = group_letter(campaign, stage, wave, progress, told_before=told, now=now)
            case Kind.STAFF_WAVE:
                if await self._campaigns.hand_in(campaign.id, classes[0]) is not None:
                    return None
                school_class = await self._rosters.school_class(classes[0])
                progress = await self._campaigns.progress(campaign.id, classes)
                name = school_class.name if school_class else ""
                letter = monitor_letter(campaign, stage, progress, class_id=classes[0], class_name=name, now=now)
            case _:
                student = await self._rosters.student(section.sid)  # moved or gone, perhaps, since it was queued
                if student is None or student.class_id not in campaign.classes:
                    return None
                state = await self._campaigns.state(campaign.id, student.class_id, section.sid)
                told = await self._lanes.told(campaign.id, section.sid)
                letter = private_letter(campaign, stage, wave, state, told_before=told, now=now)
        if letter is None:
            return None
        you = {"you": self._you(campaign.scope)}
        return replace(letter, body=replace(letter.body, values={**you, **letter.body.values}))


def _with_dropped(alarm: OutboundMessage, dropped: int, now: datetime) -> Phrase:
    """An alarm behind the line that says how many came too late; that line alone in place of one that did."""
    line = Phrase(key="office.dropped", values={"count": dropped})
    outdated = alarm.expires_at is not None and now > alarm.expires_at
    return line if outdated or isinstance(alarm.body, Text) else joined("status.line", [line, alarm.body])
