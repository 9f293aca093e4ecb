"""What staff do with notices: draft, look, release, send, stop, take back, correct, and see how it went."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from scheduler.addressing import Addressing
from scheduler.calendar import QuietHours
from scheduler.deliveries import Delivery, Kind
from scheduler.disk import DiskSpace
from scheduler.messages import Address, OutboundMessage, Purpose, Text, beside
from scheduler.notice_drafts import Drafted, Fault, edited, faults
from scheduler.notice_letters import letter
from scheduler.notices import (
    Arrival,
    Audience,
    Form,
    NotAllowed,
    Notice,
    NoticeStatus,
    Reading,
    ReadLevel,
    Recipient,
    Result,
    Step,
    again,
    approve,
    cancel,
    current,
    pause,
    resting,
    resume,
    schedule,
    take_back,
)
from scheduler.ports import Clock, NoticeResults, NoticeStore, Outbox, Wording
from scheduler.recalls import Recall, Recallable, ask_back, recall_of

_TRIES = 5
"""How often a step is taken anew when somebody else took another one in between."""

HoursOf = Callable[[Collection[str]], Iterable[QuietHours]]
"""When people of these scopes rest, by what their campaigns keep to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a notice would do now: to how many groups and persons, whom it cannot reach, when they rest, its words."""

    notice: Notice
    groups: int
    persons: int
    unreached: tuple[Recipient, ...]
    hours: QuietHours
    words: str

    @property
    def count(self) -> int:
        """How many addresses it has."""
        return self.groups + self.persons

    @property
    def seen(self) -> str:
        """What was looked at: of which revision, to how many addresses."""
        return f"{self.notice.revision}-{self.count}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a notice stands: with each recipient, who has read it (by sid or account), and who was meant and has not."""

    notice: Notice
    results: tuple[Result, ...]
    recall: Recall
    readings: Mapping[str, Reading]
    unread: tuple[Recipient, ...]

    def number(self, *states: Arrival) -> int:
        """How many recipients stand in any of these states."""
        return sum(result.state in states for result in self.results)

    @property
    def listed(self) -> Sequence[Result]:
        """Those of the results of whom it is kept who they are."""
        return [result for result in self.results if result.state is not Arrival.ERASED]


class Announcing:
    """The desk at which notices are made and watched.

    To `most_alone` addresses its author may release one alone; `hours_of` says when people of some scopes rest.
    """

    def __init__(
        self,
        *,
        notices: NoticeStore,
        results: NoticeResults,
        addressing: Addressing,
        outbox: Outbox,
        wording: Wording,
        clock: Clock,
        recallable: Recallable,
        hours_of: HoursOf,
        most_alone: int,
        disk: DiskSpace,
    ) -> None:
        self._notices = notices
        self._disk = disk
        self._results = results
        self._addressing = addressing
        self._outbox = outbox
        self._wording = wording
        self._clock = clock
        self._recallable = recallable
        self._hours_of = hours_of
        self._most_alone = most_alone

    async def draft(self, wanted: Notice) -> Notice | tuple[Fault, ...]:
        """Keep a new notice, whatever its number is, under one of its own; or everything that is wrong with it."""
        wrong = faults(wanted)
        if wrong:
            return wrong
        notice = replace(wanted, number=await self._notices.new_number())
        await self._notices.save(notice, seen_revision=0, by=notice.author, now=self._clock.now())
        return notice

    async def edit(self, number: int, by: str, said: Mapping[str, Any], *, revision: int = 0) -> Drafted:
        """Change what is `said` in a draft (fields of a notice), as it was at `revision` (0: as it is)."""
        notice = await self._known(number)
        changed = edited(notice, said, by=by, revision=revision or notice.revision)
        if isinstance(changed, Notice) and not await self._notices.save(
            changed, seen_revision=notice.revision, by=by, now=self._clock.now()
        ):
            return NotAllowed.CHANGED
        return changed

    async def correct(self, number: int, author: str, text: str) -> Notice | tuple[Fault, ...]:
        """A draft that says to whom a notice reached what was wrong in it; KeyError if there is no such notice."""
        wrong = await self._known(number)
        return await self.draft(self._about(wrong, author, text, Form.CORRECTION, Audience(reached_by=number)))

    async def nudge(self, number: int, author: str) -> Drafted:
        """A draft that says a notice once more to who has not read or answered it; NOT_NOW: nobody was asked to."""
        asked = await self._known(number)
        if asked.level is ReadLevel.TELL:
            return NotAllowed.NOT_NOW
        return await self.draft(self._about(asked, author, asked.text, Form.NUDGE, Audience(unread_of=number)))

    def _about(self, notice: Notice, author: str, text: str, form: Form, audience: Audience) -> Notice:
        return Notice(
            number=0,
            title=notice.title,
            text=text,
            author=author,
            audience=audience,
            created_at=self._clock.now(),
            form=form,
            about=notice.number,
            files=notice.files if form is Form.NUDGE else (),
        )

    async def outlook(self, number: int) -> Outlook:
        """Whom it would reach now, and what it says; KeyError if there is no such notice."""
        notice = await self._known(number)
        found = await self._addressing.recipients(notice.audience, self._clock.now())
        return Outlook(
            notice=notice,
            groups=sum(one.in_group and one.to is not None for one in found),
            persons=sum(not one.in_group and one.to is not None for one in found),
            unreached=tuple(one for one in found if one.to is None),
            hours=resting(self._hours_of(await self._addressing.scopes(found))),
            words=(await self.sample(notice, Address(platform="", chat=""))).words,
        )

    async def sample(self, notice: Notice, to: Address) -> "Sample":
        """The notice as it would reach this address, and its words."""
        said = letter(notice, await self._notices.get(notice.about) if notice.about else None)
        words = self._wording.render(said.body)
        message = OutboundMessage(
            to=to,
            body=Text(text=words),
            purpose=Purpose.RECEIPT,
            choices=said.buttons(self._wording.render),
            links=said.links,
            files=said.files,
        )
        return Sample(message=message, words=beside(words, said.links))

    async def try_out(self, number: int, to: Address) -> bool:
        """Send it to one address alone, as it would arrive; its buttons do nothing before it goes out."""
        notice, now = await self._known(number), self._clock.now()
        message = (await self.sample(notice, to)).message
        delivery = Delivery(id=f"notice-test:{number}:{now.isoformat()}@{to}", kind=Kind.NOTE, message=message)
        return await self._outbox.queue(delivery, now)

    async def approve(self, number: int, by: str, *, seen: str = "") -> Step:
        """Release it, as it was `seen` (`Outlook.seen`; empty: as it is); KeyError, as everywhere here, if there is no
        such notice."""
        found = await self.outlook(number)

        def release(one: Notice) -> Step:
            other = one.revision != found.notice.revision or seen not in {"", found.seen}
            if one.status is NoticeStatus.DRAFT and other:
                return NotAllowed.CHANGED
            return approve(one, by=by, count=found.count, most_alone=self._most_alone, hours=found.hours)

        return await self._take(number, by, release)

    async def send(
        self, number: int, by: str, *, at: datetime | None = None, quiet_reason: str = "", seen: str = ""
    ) -> Step:
        """Let it go out at a moment, or now; a draft is released with it where its author may do so."""
        if self._disk.is_low():
            return NotAllowed.DISK_LOW
        approved = await self.approve(number, by, seen=seen)
        if isinstance(approved, NotAllowed) and approved not in {NotAllowed.ALREADY, NotAllowed.NOT_NOW}:
            return approved
        now = self._clock.now()
        return await self._take(number, by, lambda one: schedule(one, at=at or now, now=now, quiet_reason=quiet_reason))

    async def pause(self, number: int, by: str) -> Step:
        """Nothing more goes out."""
        return await self._take(number, by, pause)

    async def resume(self, number: int, by: str) -> Step:
        """It goes on."""
        return await self._take(number, by, resume)

    async def cancel(self, number: int, by: str) -> Step:
        """What did not go out never will."""
        return await self._take(number, by, cancel)

    async def retry(self, number: int, by: str, *, unknown_too: bool = False) -> Step:
        """Once more to exactly those it did not reach."""
        if self._disk.is_low():
            return NotAllowed.DISK_LOW
        return await self._take(number, by, lambda one: again(one, unknown_too=unknown_too))

    async def recall(self, number: int, by: str) -> Recall:
        """Ask for everything back that can still be taken back, and send no more of it; what could be asked for, and
        what could not. What is being sent at this moment is asked for once it has arrived."""
        await self._take(number, by, take_back)
        return await ask_back(self._results, number, self._recallable, self._clock.now())

    async def by_hand(self, number: int, classes: Sequence[str]) -> tuple[str, ...]:
        """A person has passed it on in these classes: those of their recipients that this was noted for."""
        wanted = set(classes)
        results = (await self.standing(number)).results
        targets = [one.target for one in results if one.classes and wanted.issuperset(one.classes)]
        return await self._results.by_hand(number, targets, self._clock.now())

    async def standing(self, number: int) -> Standing:
        """How it stands now."""
        notice = await self._known(number)
        results = current((await self._results.results(number)).values())
        asks = notice.level is not ReadLevel.TELL
        unread = await self._addressing.recipients(Audience(unread_of=number), self._clock.now()) if asks else ()
        return Standing(
            notice=notice,
            results=results,
            recall=recall_of(results, self._recallable, self._clock.now()),
            readings=await self._notices.readings(number),
            unread=unread,
        )

    async def _known(self, number: int) -> Notice:
        notice = await self._notices.get(number)
        if notice is None:
            raise KeyError(number)
        return notice

    async def _take(self, number: int, by: str, step: Callable[[Notice], Step]) -> Step:
        for _ in range(_TRIES):
            notice = await self._known(number)
            moved = step(notice)
            if isinstance(moved, NotAllowed):
                return moved
            if await self._notices.save(moved, seen_revision=notice.revision, by=by, now=self._clock.now()):
                return moved
        return NotAllowed.ALREADY


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A notice as one address would get it."""

    message: OutboundMessage
    words: str
