"""Who an account belongs to: a personal code proves it, number and name only suggest it."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.dialogue.joining import Joining
from bot.dialogue.naming import plain_name, variants_of
from bot.dialogue.telling import Telling
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from bot.ports import TryCounter
from scheduler.claims import Decision, Verdict, Waiting
from scheduler.messages import Action, Choice, Verb
from scheduler.ports import BindingStore, RosterStore
from scheduler.roster import Binding, BindingStrength, Student

_TRIES_PER_HOUR = 5
_CLAIM_AFTER = 3
"""After so many misses a person is sent to somebody who knows them."""

_MOST_NAMES = 10
"""Nobody misspells their own name so often within an hour: from then on no name is compared any more, so that nobody
finds out by trying whose a number is."""


class BindingTalk:
    """Binds accounts to students of the roster, and lets them go again."""

    def __init__(
        self,
        rosters: RosterStore,
        bindings: BindingStore,
        tries: TryCounter,
        telling: Telling,
        joining: Joining,
        wording: ContentWording,
        number_of: Callable[[str], str],
    ) -> None:
        """`number_of` gives the student number that an account's platform vouches for; empty where it does not."""
        self._number_of = number_of
        self._wording = wording
        self._joining = joining
        self._rosters = rosters
        self._bindings = bindings
        self._tries = tries
        self._telling = telling
        self._variants = variants_of(wording.words("words.name-variants"))

    def wanted_for(self, turn: Turn, action: Action) -> Reply:
        """Ask who this is, and keep what was pressed until it is known."""
        waiting = replace(turn, conversation=replace(turn.conversation, pending=action))
        return waiting.reply("binding.wanted")

    async def by_directory(self, turn: Turn) -> tuple[Reply, Student] | None:
        """Bind whom the platform's own directory names by their student number; None for everybody else."""
        number = self._number_of(turn.message.account)
        student = await self._rosters.by_number(number) if number else None
        if student is None or turn.asker.records:
            return None
        reply, bound = await self._claimed(turn, student, BindingStrength.STRONG)
        return (reply, bound) if bound else None

    async def bind(self, turn: Turn, words: Sequence[str]) -> tuple[Reply, Student | None]:
        """The reply to a code, or to a number and a name, and the student the account now belongs to, if any."""
        if not words:
            return turn.reply("binding.already" if turn.asker.records else "binding.wanted"), None
        number = unicodedata.normalize("NFKC", words[0]) if len(words) > 1 else ""
        if await self._tries.too_many(_who(turn, number), _TRIES_PER_HOUR, turn.now):
            return turn.reply("binding.too-many"), None
        if not number:
            return await self._by_code(turn, unicodedata.normalize("NFKC", words[0]).upper())
        return await self._by_name(turn, number, "".join(words[1:]))

    async def _by_code(self, turn: Turn, code: str) -> tuple[Reply, Student | None]:
        sid = await self._bindings.owner_of(code)
        student = await self._rosters.student(sid) if sid else None
        if student is None:
            joined = await self._joining.accept(turn, code)
            return joined or await self._missed(turn, "", "binding.wrong-code"), None
        return await self._claimed(turn, student, BindingStrength.STRONG, code=code)

    async def _by_name(self, turn: Turn, number: str, name: str) -> tuple[Reply, Student | None]:
        student = await self._rosters.by_number(number)
        if student is None:
            return await self._missed(turn, number, "binding.no-match"), None
        guessed = await self._tries.too_many(_names_of(turn), _MOST_NAMES, turn.now)
        if guessed or self._plain(student.name) != self._plain(name):
            return await self._misspelt(turn, student), None
        return await self._claimed(turn, student, BindingStrength.PROVISIONAL)

    async def _claimed(
        self, turn: Turn, student: Student, strength: BindingStrength, *, code: str = ""
    ) -> tuple[Reply, Student | None]:
        account, private = turn.message.account, turn.message.private_address
        same = [one.student.sid for one in turn.asker.records if self._same_name(one.student, student)]
        decision = await self._bindings.claim(
            Binding(account=account, sid=student.sid, strength=strength, private=private, at=turn.now),
            same_person=same,
            code=code,
            waiting=Waiting(account=account, private=private, class_id=student.class_id, sid=student.sid, at=turn.now),
        )
        match decision.verdict:
            case Verdict.BOUND:
                await self._telling.tell_of_proof(decision, f"proved:{student.sid}:{turn.now:%Y%m%dT%H}", turn.now)
                return self._done(turn, student, strength), student
            case Verdict.CONTESTED:
                await self._tell_first(turn, decision)
                return turn.reply("binding.contested"), None
            case Verdict.ANOTHERS:
                return turn.reply("binding.anothers"), None
            case Verdict.USED:
                return await self._missed(turn, "", "binding.wrong-code"), None

    def _done(self, turn: Turn, student: Student, strength: BindingStrength) -> Reply:
        before = next((one.binding for one in turn.asker.records if one.student.sid == student.sid), None)
        if before is not None and (before.strength is strength or strength is BindingStrength.PROVISIONAL):
            return turn.reply("binding.already")
        further = turn.asker.records and before is None and strength is BindingStrength.STRONG
        key = "binding.done.further" if further else f"binding.done.{strength}"
        return turn.reply(turn.phrase(key, name=student.name))

    async def _tell_first(self, turn: Turn, decision: Decision) -> None:
        """Who is bound hears once a day that somebody else claims to be them."""
        for first in decision.alerted:
            key = f"claimed:{first.sid}:{turn.now:%Y%m%d}"
            await self._telling.tell(first.private, turn.phrase("binding.claimed-by-another"), key, turn.now)

    async def _misspelt(self, turn: Turn, student: Student) -> Reply:
        """A right number with a misspelt name is no try against the limit; again and again it is one for staff."""
        missed = await self._tries.count(_names_of(turn), turn.now)
        if missed < _CLAIM_AFTER:
            return turn.reply("binding.name-differs")
        return turn.reply("binding.claim-offered", [self._to_staff(student.class_id, student.sid)])

    async def _missed(self, turn: Turn, number: str, key: str) -> Reply:
        missed = await self._tries.count(_who(turn, number), turn.now)
        return turn.reply("binding.claim" if missed >= _CLAIM_AFTER else key)

    def _to_staff(self, class_id: str, sid: str) -> Choice:
        action = Action(verb=Verb.CLAIM_ME, subject=class_id, detail=sid)
        return Choice(label=self._wording.label("button.claim-me"), action=action)

    def _same_name(self, one: Student, other: Student) -> bool:
        return self._plain(one.name) == self._plain(other.name)

    def _plain(self, name: str) -> str:
        return plain_name(name, self._variants)


def _names_of(turn: Turn) -> tuple[str, ...]:
    """Under which name an account's misspelt names are counted."""
    return (f"{turn.message.account}|name",)


def _who(turn: Turn, number: str) -> tuple[str, ...]:
    """Whose tries are counted: the account's, and those for a student number whoever makes them."""
    return (turn.message.account, f"number:{number}") if number else (turn.message.account,)
