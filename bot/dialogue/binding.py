"""Who an account belongs to: a personal code proves it, number and name only suggest it."""

import unicodedata
from dataclasses import replace

from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from bot.ports import TryCounter
from scheduler.messages import Action, Choice, Verb
from scheduler.ports import BindingStore, RosterStore
from scheduler.roster import Binding, BindingStrength, Student

_TRIES_PER_HOUR = 5
_CLAIM_AFTER = 3
"""After so many misses a person is sent to somebody who knows them."""


class BindingTalk:
    """Binds accounts to students of the roster, and lets them go again."""

    def __init__(
        self, rosters: RosterStore, bindings: BindingStore, tries: TryCounter, wording: ContentWording
    ) -> None:
        self._wording = wording
        self._rosters = rosters
        self._bindings = bindings
        self._tries = tries

    def wanted_for(self, turn: Turn, action: Action) -> Reply:
        """Ask who this is, and keep what was pressed until it is known."""
        waiting = replace(turn, conversation=replace(turn.conversation, pending=action))
        return waiting.reply("binding.wanted")

    async def bind(self, turn: Turn, words: list[str]) -> tuple[Reply, Student | None]:
        """The reply to a code, or to a number and a name, and the student the account now belongs to, if any."""
        if turn.asker.student is not None:
            return turn.reply("binding.already"), None
        if not words:
            return turn.reply("binding.wanted"), None
        number = words[0] if len(words) > 1 else ""
        if await self._tries.too_many(_who(turn, number), _TRIES_PER_HOUR, turn.now):
            return turn.reply("binding.too-many"), None
        if len(words) == 1:
            return await self._by_code(turn, words[0])
        return await self._by_name(turn, words[0], "".join(words[1:]))

    async def erase(self, turn: Turn, *, sure: bool) -> Reply:
        """Forget who this account belongs to, once it was said twice."""
        if turn.asker.binding is None:
            return turn.reply("erase.nothing")
        if not sure:
            yes = Choice(label=self._wording.label("button.erase"), action=Action(verb=Verb.ERASE, detail="yes"))
            return turn.reply("erase.sure", [yes])
        await self._bindings.unbind(turn.message.account)
        return turn.reply("erase.done")

    async def _by_code(self, turn: Turn, code: str) -> tuple[Reply, Student | None]:
        sid = await self._bindings.redeem(code.upper())
        student = await self._rosters.student(sid) if sid else None
        if student is None:
            return await self._missed(turn, "", "binding.wrong-code"), None
        return await self._bound(turn, student, BindingStrength.STRONG), student

    async def _by_name(self, turn: Turn, number: str, name: str) -> tuple[Reply, Student | None]:
        student = await self._rosters.by_number(unicodedata.normalize("NFKC", number))
        if student is None:
            return await self._missed(turn, number, "binding.no-match"), None
        if _plain(student.name) != _plain(name):  # a right number with a misspelt name is no try against the limit
            return turn.reply("binding.name-differs"), None
        return await self._bound(turn, student, BindingStrength.PROVISIONAL), student

    async def _missed(self, turn: Turn, number: str, key: str) -> Reply:
        missed = await self._tries.count(_who(turn, number), turn.now)
        return turn.reply("binding.claim" if missed >= _CLAIM_AFTER else key)

    async def _bound(self, turn: Turn, student: Student, strength: BindingStrength) -> Reply:
        binding = Binding(
            account=turn.message.account, sid=student.sid, strength=strength, private=turn.message.private_address
        )
        await self._bindings.bind(binding)
        return turn.reply(turn.phrase(f"binding.done.{strength}", name=student.name))


def _who(turn: Turn, number: str) -> tuple[str, ...]:
    """Whose tries are counted: the account's, and those for a student number whoever makes them."""
    return (turn.message.account, f"number:{number}") if number else (turn.message.account,)


def _plain(name: str) -> str:
    """A name without dots, dashes and spaces, as people leave them out."""
    folded = unicodedata.normalize("NFKC", name)
    return "".join(char for char in folded if unicodedata.category(char)[0] not in "PZC").casefold()
