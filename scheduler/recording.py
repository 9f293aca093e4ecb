"""What the scheduler asks of the outside beside states and messages: looks, papers, corrections and evidence."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from scheduler.campaigns import StudentState
from scheduler.corrections import Correction
from scheduler.evidence import Head
from scheduler.handing_in import HandIn, Taken
from scheduler.messages import Address
from scheduler.roster import Student


class LookStore(Protocol):
    """Who of the staff opened which names, and when each last gave a sign."""

    async def remember(self, campaign_id: str, class_id: str, by: str, at: datetime, *, press: str) -> None:
        """Put down that an account opened the names of a class, and in the evidence; once for each `press`."""

    async def count(self, campaign_id: str, class_id: str) -> int:
        """How often the names of a class were opened."""

    async def total(self, campaign_id: str) -> int:
        """How often names were opened in a campaign."""

    async def sign(self, account: str, at: datetime) -> None:
        """Somebody of the staff pressed or asked for something: they have seen what was sent to them before."""

    async def signs(self, accounts: Sequence[str]) -> Mapping[str, datetime]:
        """When each of these accounts last gave a sign; who never did is missing."""


class PaperStore(Protocol):
    """What is known of the papers of a campaign: signatures that were seen, and who has handed in."""

    async def tick(
        self, campaign_id: str, class_id: str, new: Mapping[str, StudentState], *, by: str, now: datetime
    ) -> Taken:
        """Store the states of students of one class whose signatures changed (`handing_in.ticks`), all or none."""

    async def put(self, campaign_id: str, whose: str, hand_in: HandIn | None, *, by: str, now: datetime) -> Taken:
        """Put down that a class (its id) or a college (`handing_in.college_field`) has handed in, or take it back."""

    async def all(self, campaign_id: str) -> Mapping[str, HandIn]:
        """Every hand-in of a campaign, by class id or college field."""


class CorrectionStore(Protocol):
    """Items that were reported wrong, and what was written of them: texts are sealed before they come here."""

    async def report(self, correction: Correction, text: str = "") -> str | None:
        """Keep it, or find the open one of the same item; the id it has. None: the id is taken, ask with another."""

    async def advance(self, new: Correction, text: str = "") -> bool:
        """Store its next step if the stored one is `new.count - 1`; False if somebody was quicker."""

    async def get(self, correction_id: str) -> Correction | None: ...

    async def all(self) -> tuple[Correction, ...]:
        """Every correction, the oldest report first."""

    async def of_student(self, sid: str) -> tuple[Correction, ...]:
        """A student's, in the order of their reports."""

    async def texts(self, ids: Sequence[str]) -> Mapping[str, str]:
        """What was written of these, sealed, by id; nothing of those of which nothing is kept."""

    async def erase(self, sid: str, *, whole: bool) -> int:
        """Drop what a student wrote, and with `whole` the corrections themselves; how many there were."""


class PersonStore(Protocol):
    """What is kept of a person here and there beside the roster and the states of its classes."""

    async def erase(self, student: Student, campaigns: Sequence[str]) -> int:
        """Drop it: that they were in the roster once and where they stood then, their unused code, counts of what
        they were sent; how much there was. What the roster of now and its classes' states say stays."""

    async def erase_sends(self, sid: str, addresses: Collection[Address], *, whole: bool) -> int:
        """Drop who was written to, and what waits for them, at these addresses and, if it is the `whole` person,
        anywhere: of a notice somebody stays a number; how much there was."""

    async def forget_sends(self, before: datetime) -> int:
        """Drop the attempts that were settled before then; how many there were. Their figures stay."""


class EvidenceStore(Protocol):
    """The chain of evidence: what was told and what changed, put down in the step that does it."""

    async def seal(self, now: datetime) -> Head:
        """Bind everything that waits to the chain; the head after it. To be called every minute, by whomever."""

    async def head(self) -> Head:
        """How far the chain reaches now, without what waits."""

    def entries(self, head: Head) -> AsyncIterator[str]:
        """The lines of the chain from the first up to `head`."""

    async def key_of(self, who: str) -> str | None:
        """The key by which somebody, a sid or an account, stands in the chain; None if there is none."""

    async def forget(self, who: str, now: datetime) -> bool:
        """Drop somebody's key, so that nobody can say any more that it was they; False if there was none."""
