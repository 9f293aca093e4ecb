"""What the scheduler asks of the outside: a clock, stores, a messenger, and words for its phrases."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from scheduler.campaigns import Campaign, Departed, Progress, StudentState
from scheduler.claims import Decision, Waiting
from scheduler.deliveries import Attempt, Delivery
from scheduler.handing_in import HandIn
from scheduler.messages import Address, Attachment, Body, OutboundMessage, Outcome, Phrase
from scheduler.notices import Arrival, Notice, Reading, Recipient, Result
from scheduler.recording import CorrectionStore as CorrectionStore  # noqa: PLC0414 - all ports are known by this module
from scheduler.recording import EvidenceStore as EvidenceStore  # noqa: PLC0414
from scheduler.recording import LookStore as LookStore  # noqa: PLC0414
from scheduler.recording import PaperStore as PaperStore  # noqa: PLC0414
from scheduler.roster import Binding, Group, GroupCode, Roster, RosterVersion, SchoolClass, Student
from scheduler.staffing import Invitation, MonitorWord, StaffMember, StaffRole
from scheduler.suspensions import Suspension

ClassesOf = Callable[[Campaign], Sequence[str]]
"""Which classes a campaign has after a change of the roster."""


class StoreAway(Exception):
    """The store cannot be reached now; nothing is known to have been recorded."""


class Clock(Protocol):
    """Says what time it is; the demo's and the tests' clock is turned by hand."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""


class RosterStore(Protocol):
    """The roster of the last import, and who is reached where."""

    async def apply(self, roster: Roster, *, now: datetime, classes_of: ClassesOf = ...) -> bool:
        """Make `roster` the current one, whole; False if another import of the same version came first.

        In every open campaign the states of whom it moves go with them in the same step, and its classes are then
        `classes_of` it; by default they stay as they are.
        """

    async def earlier(self) -> Roster | None:
        """The version before the current one, as it would come back; None if there is none to go back to."""

    async def restore(self, roster: Roster, *, now: datetime, classes_of: ClassesOf = ...) -> bool:
        """Make the version before (`earlier`) the current one again, as `apply`; False if that is no longer it."""

    async def versions(self) -> tuple[RosterVersion, ...]:
        """Every version there was, oldest first."""

    async def former(self, numbers: Sequence[str]) -> Mapping[str, Student]:
        """Those of these student numbers whose student was in the roster once and is not now, by number."""

    async def current(self) -> Roster:
        """Everybody; version 0 with nobody before the first import."""

    async def student(self, sid: str) -> Student | None: ...

    async def students(self, sids: Sequence[str]) -> Mapping[str, Student]:
        """Those of these students that the roster has, by sid."""

    async def as_imported(self) -> "Imported":
        """The roster of now, to be read part by part."""

    async def school_class(self, class_id: str) -> SchoolClass | None: ...

    async def classes(self) -> Mapping[str, SchoolClass]:
        """Every class, by id."""

    async def members(self, class_id: str) -> tuple[Student, ...]:
        """The students of a class, by student number."""

    async def members_of(self, classes: Sequence[str]) -> Mapping[str, tuple[Student, ...]]:
        """The students of each class, by student number."""

    async def by_number(self, number: str) -> Student | None: ...


class Imported(Protocol):
    """The roster of one import, which stays as it is when another one takes its place, for a minute at least."""

    async def students(self, sids: Sequence[str]) -> Mapping[str, Student]:
        """Those of these students that it has, by sid."""

    async def members_of(self, classes: Sequence[str]) -> Mapping[str, tuple[Student, ...]]:
        """The students of each class that it has, by student number."""


class BindingStore(Protocol):
    """Accounts bound to students, groups bound to classes, and the personal codes that prove who one is."""

    async def bind(self, binding: Binding) -> None:
        """Bind the account to that student, beside others it is bound to."""

    async def claim(
        self,
        binding: Binding,
        *,
        same_person: Collection[str] = ...,
        code: str = ...,
        settles: str = ...,
        waiting: Waiting | None = ...,
    ) -> Decision:
        """What the claim to be a student comes to (`scheduler.claims.decide`), done with all that goes with it.

        `code` is the student's one-time code the claim rests on, `settles` the id of the waiting claim staff decides:
        gone before, the claim is USED. Where it is contested `waiting` is kept for staff.
        """

    async def unbind(self, account: str) -> None:
        """Forget what this account was bound to, and its claim; nothing happens if there is none."""

    async def release(self, account: str, sid: str) -> None:
        """Forget that this account was bound to that student."""

    async def of_account(self, account: str) -> tuple[Binding, ...]:
        """One for each student record of its person."""

    async def of_students(self, sids: Sequence[str]) -> Mapping[str, tuple[Binding, ...]]:
        """The bindings of each of these students that has any, by sid."""

    async def of_people(self, sids: Sequence[str]) -> Mapping[str, tuple[Binding, ...]]:
        """As `of_students`, with every other student record behind the same accounts."""

    async def wait(self, waiting: Waiting) -> None:
        """Keep for staff that somebody has to be told apart; replaces the account's claim before."""

    async def unwait(self, claim: str) -> bool:
        """Staff has seen to it; False if somebody had before."""

    async def waiting(self, claim: str) -> Waiting | None: ...

    async def waiting_in(self, classes: Sequence[str]) -> tuple[Waiting, ...]:
        """Who waits for staff of these classes, the longest first."""

    async def forget_waiting(self, before: datetime) -> int:
        """Drop the claims that nobody decided since then, with the names that were typed; how many there were."""

    async def bind_group(self, group: Group) -> None:
        """Replaces what the group was bound to."""

    async def group(self, address: Address) -> Group | None: ...

    async def groups_of(self, classes: Sequence[str], *, whosever: bool = False) -> tuple[Group, ...]:
        """Every group bound to at least one of the classes that may be reminded, or `whosever` it is, by address."""

    async def groups_on(self, platform: str) -> tuple[Group, ...]:
        """Every bound group of a platform, by address."""

    async def move_group(self, old: Address, new: Address) -> bool:
        """The group has another address from now on: all that is stored of it moves in one step.

        False if nothing is stored of the old one. A binding the new address already has stays.
        """

    async def codes(self, sids: Sequence[str], fresh: Mapping[str, str]) -> Mapping[str, str]:
        """The one-time binding code of each student; those without one get the one in `fresh`."""

    async def owner_of(self, code: str) -> str | None:
        """The sid a one-time code belongs to; None for a wrong or used one."""


class GroupCodes(Protocol):
    """Codes that staff is given in private and posts in a group to bind it."""

    async def keep(self, code: str, asked: GroupCode, now: datetime) -> None:
        """Keep what a code is good for; what has expired is forgotten."""

    async def find(self, code: str) -> GroupCode | None: ...

    async def use(self, code: str, address: Address, now: datetime, *, faq_only: bool = False) -> Group | None:
        """The group with the code's classes beside those it has; None if the code is wrong, expired, or was used in
        another group."""

    async def change(self, address: Address, change: Callable[[Group], Group]) -> Group | None:
        """Change a group that is bound; what it is now, None if it is not bound. Without classes it is not any more."""


class ReachStore(Protocol):
    """Who cannot be written to: blocked the bot, or threw it out of the group."""

    async def lost(self, address: Address, at: datetime) -> None:
        """A platform said so at that moment; the first time since it was last found counts."""

    async def found(self, address: Address) -> None:
        """Something came from there; nothing happens if it was not lost."""

    async def unreachable(self) -> Mapping[Address, datetime]:
        """Everybody who is lost now, and since when."""


class StaffStore(Protocol):
    """Accounts that act for the school; a right that was taken away ends at once."""

    async def appoint(self, member: StaffMember) -> None:
        """In place of what the account was in this role; other roles of it stay."""

    async def change(self, account: str, change: Callable[[StaffMember], StaffMember]) -> tuple[StaffMember, ...]:
        """Change each role an account was appointed to; what they are now."""

    async def dismiss(self, account: str, role: StaffRole | None = None) -> None:
        """End this role of an account, or all of them."""

    async def of_account(self, account: str) -> tuple[StaffMember, ...]:
        """What the account itself was appointed to, whether or not that holds now."""

    async def about(self, account: str) -> tuple[StaffMember, ...]:
        """What the account was appointed to, and everybody it was named the deputy of; see `staffing.in_force`."""

    async def all(self) -> tuple[StaffMember, ...]: ...

    async def invite(self, code: str, invitation: Invitation, now: datetime) -> None:
        """Keep an invitation under its code; what has expired is forgotten."""

    async def invited(self, code: str, account: str, now: datetime) -> Invitation | None:
        """What a code offers an account; None where it may not take it, or has taken it."""

    async def accept(self, code: str, account: str, private: Address, now: datetime) -> tuple[StaffMember, ...]:
        """All that the account is from now on (a deputy: whom it stands in for); empty for a code that is wrong,
        expired or taken by somebody else. Shown again by who took it, it says the same while that holds."""

    async def say_monitors(self, words: Sequence[MonitorWord]) -> None:
        """All of them in one step; each replaces what was said of that student before."""

    async def monitor_words(self, sids: Sequence[str]) -> Mapping[str, MonitorWord]:
        """What was said of those of these students of whom anything was, by sid."""


class CampaignStore(Protocol):
    """Campaigns and the state of every student in them."""

    async def save(self, campaign: Campaign, *, seen_revision: int) -> bool:
        """Store it if the stored revision is still `seen_revision` (0: none stored); False otherwise."""

    async def enter(
        self,
        campaign: Campaign,
        *,
        seen_revision: int,
        roster_version: int,
        sizes: Mapping[str, int],
        exempt: Mapping[str, Mapping[str, StudentState]],
        now: datetime,
    ) -> bool:
        """Store an open campaign with the classes that come into it, in one step; False if the campaign or the roster
        is not the one that was seen."""

    async def get(self, campaign_id: str) -> Campaign | None: ...

    async def all(self) -> tuple[Campaign, ...]: ...

    async def state(self, campaign_id: str, class_id: str, sid: str) -> StudentState:
        """`NOTHING_YET` for a student nothing was stored of."""

    async def states(self, campaign_id: str, class_id: str) -> Mapping[str, StudentState]:
        """By sid; a student that is missing has `NOTHING_YET`."""

    async def states_of(self, campaign_id: str, classes: Sequence[str]) -> Mapping[str, StudentState]:
        """The states in all of these classes."""

    async def record(
        self, campaign_id: str, class_id: str, sid: str, new: StudentState, *, before_hand_in: bool = False
    ) -> bool:
        """Store `new` and move the class's counters in one step, if the campaign is open and the stored
        state's `count` is `new.count - 1`; False if somebody was quicker or the campaign is over, or with
        `before_hand_in` if the class has handed in."""

    async def hand_in(self, campaign_id: str, class_id: str) -> HandIn | None:
        """When and by whom a class's papers were handed in; None while they are not."""

    async def vouch(
        self, campaign_id: str, class_id: str, sid: str, new: StudentState, *, stage: str, most: int
    ) -> bool | None:
        """As `record`, for what somebody states for a student: None if this was done for `most` of the class already.

        They are counted by the stage and the class the student is in, whoever states it.
        """

    async def troubled(self, campaign_id: str, since: datetime) -> int:
        """How many students said since then that logging in does not work, or that nothing is found."""

    async def suspect(self, campaign_id: str, now: datetime, again_after: timedelta) -> datetime:
        """The moment under which the office is told that something may not work: the last, unless it is so long ago."""

    async def departed(self, campaign_id: str) -> Mapping[str, Departed]:
        """By sid, where everybody stood who is in no class of the campaign any more."""

    async def progress(self, campaign_id: str, classes: Sequence[str]) -> Progress:
        """The counters of these classes together."""

    async def progress_of_each(self, campaign_id: str, classes: Sequence[str]) -> Mapping[str, Progress]:
        """The counters of each of these classes; nobody is in one that the campaign does not have."""


class NoticeStore(Protocol):
    """Notices, and who has read them."""

    async def new_number(self) -> int:
        """A number no notice ever had."""

    async def save(self, notice: Notice, *, seen_revision: int, by: str, now: datetime) -> bool:
        """Store it if the stored revision is still `seen_revision` (0: none stored); False otherwise.

        A step of its life goes into the evidence: `by` whom, which words, to how many addresses.
        """

    async def get(self, number: int) -> Notice | None: ...

    async def latest(self, most: int) -> tuple[Notice, ...]:
        """The last ones drafted, the newest first."""

    async def moving(self) -> tuple[Notice, ...]:
        """Those that wait for their moment, are being sent, or are paused; by number."""

    async def read(self, number: int, who: str, now: datetime, answer: tuple[int, int] | None) -> Reading | None:
        """Somebody (a sid or an account) has read it, and perhaps answered a question (its place, the option); the
        reading afterwards, None if no such notice was ever sent."""

    async def reading(self, number: int, who: str) -> Reading | None:
        """What somebody has read of it; None if they have not."""

    async def readings(self, number: int) -> Mapping[str, Reading]:
        """Who has read it, by sid or account."""


class NoticeResults(Protocol):
    """Where each notice stands with each of its recipients, together with the outbox."""

    async def queue(self, notice: int, sent: Sequence[tuple[Recipient, Delivery | None]], now: datetime) -> int:
        """Queue a delivery for each recipient of a notice that is being sent (None: there is no address), unless one
        was queued before; how many were."""

    async def requeue(
        self, notice: int, sent: Sequence[tuple[Recipient, Delivery | None]], seen: Mapping[str, Result], now: datetime
    ) -> int:
        """As `queue`, for recipients who still stand where they were `seen`, by target."""

    async def release(self, notice: int) -> int:
        """What was held while the notice was paused goes on; how many there were."""

    async def results(self, notice: int) -> Mapping[str, Result]:
        """By target."""

    async def counts(self, notice: int) -> Mapping[Arrival, int]:
        """How many recipients stand where."""

    async def by_hand(self, notice: int, targets: Sequence[str], now: datetime) -> tuple[str, ...]:
        """A person has passed it on to these: nothing more is sent to them. Those of them that this was noted for: not
        who had it already, nor to whom it is on its way at this moment."""

    async def ask_recall(self, notice: int, sent: Sequence[tuple[Result, Delivery]], now: datetime) -> int:
        """Queue the taking back of messages that have arrived; how many were queued."""


class Outbox(Protocol):
    """Deliveries on their way: claimed once, tried in order, never lost and never sent twice in silence."""

    async def claim(
        self, slots: Sequence[str], deliveries: Sequence[Delivery], now: datetime
    ) -> tuple[tuple[str, ...], int]:
        """Claim wave slots and queue their deliveries in one step; what was claimed, and how many were queued.

        A slot that was claimed before, whoever did, is left out; a message to a group then speaks of the other
        classes, and one to a person goes with the slot of its first class. Nothing is claimed of a campaign that is
        not open; what a student no longer owes is left out, campaign by campaign. What is a repeat already is parked
        where it goes to a group. All of it is one step, so it is not for a whole school.
        """

    async def replaced_at(self, now: datetime) -> datetime | None:
        """When another server took the place of the one that was written to, as of this look; None: it never did.

        It may lack what was written last, so it is looked at often.
        """

    async def drop(self, campaign_id: str, slots: Sequence[str], now: datetime, why: str) -> tuple[str, ...]:
        """Claim slots without queueing anything (too late); which of them were still free."""

    async def claimed(self, campaign_id: str) -> Mapping[str, str]:
        """Every slot claimed so far and what became of it."""

    async def claimed_at(self, campaign_id: str, slots: Sequence[str]) -> Mapping[str, datetime]:
        """When each of these slots was claimed last, whatever became of it; one nobody claimed is missing."""

    async def claim_again(
        self, campaign_id: str, slot: str, deliveries: Sequence[Delivery], now: datetime, *, gap: timedelta
    ) -> tuple[datetime | None, int]:
        """Claim a slot that may be claimed again after `gap`, and queue its deliveries, in one step.

        The moment of the last claim if it is too near, and how many deliveries were queued: none of a campaign that
        is not open, none to a student who no longer owes.
        """

    async def burdens(self, sids: Sequence[str], now: datetime) -> Mapping[str, int]:
        """How many private reminders each of these students got within a week, of any campaign; by sid, if any."""

    async def spare(self, campaign_id: str, numbers: Mapping[str, int]) -> None:
        """Note by slot how many students a wave leaves out because they were reminded often enough."""

    async def spared(self, campaign_id: str) -> Mapping[str, int]:
        """What was noted by `spare`, by slot."""

    async def fired(self, campaign_id: str) -> tuple[datetime, ...]:
        """When each wave first went out, in the order of time; one that was dropped for every class did not."""

    async def queue(self, delivery: Delivery, now: datetime) -> bool:
        """Queue one delivery; False if its id was queued before."""

    async def ledger(self, campaign_id: str = "") -> tuple[Attempt, ...]:
        """All attempts so far, oldest first; of one campaign if named."""


class Suspensions(Protocol):
    """What keeps students from doing what they would be reminded of."""

    async def holding(self, now: datetime) -> tuple[Suspension, ...]:
        """All that hold at that moment."""


class StaffRoom(Protocol):
    """The office's own chat, or whoever hears in private what it would, where it has none."""

    async def tell(self, said: Phrase, key: str, *, file: Attachment | None = None) -> bool:
        """Say there what staff has to know without having asked; once for each `key`, whoever says it.

        False if that was told before, or if there is nobody to tell. A file is for a chat alone. It goes out as it is
        handed in, so it may hold counts and no names.
        """


class Messenger(Protocol):
    """Sends one message to a platform and says what came of it; expected failures are outcomes, not exceptions."""

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """`text` is the message's body in words."""


class Wording(Protocol):
    """Turns a phrase into the words of the content."""

    def render(self, body: Body) -> str:
        """The words; KeyError for a phrase the content does not have or a value it misses."""
