"""Staff says which classes a group is of: chosen in private, proved by a code that is posted in the group."""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from bot.dialogue.askers import Askers
from bot.dialogue.commands import Called, Command
from bot.dialogue.owners import Owners
from bot.dialogue.rights import Right, classes_with, may
from bot.dialogue.telling import Telling
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from bot.ports import GroupLook
from scheduler.messages import Action, Choice, Purpose, Verb
from scheduler.ports import GroupCodes, RosterStore
from scheduler.roster import Group, GroupCode, SchoolClass

CODE_LASTS = timedelta(minutes=10)

_OFFERED = 8
"""How many classes are offered as buttons; more are typed by name."""


class Grouping:
    """Gives out codes, binds groups by them, and lets them go again, class by class."""

    def __init__(
        self,
        rosters: RosterStore,
        codes: GroupCodes,
        askers: Askers,
        owners: Owners,
        telling: Telling,
        wording: ContentWording,
        new_code: Callable[[], str],
    ) -> None:
        self._rosters = rosters
        self._codes = codes
        self._askers = askers
        self._owners = owners
        self._telling = telling
        self._wording = wording
        self._new_code = new_code

    async def order(self, turn: Turn, called: Called) -> Reply:
        """The reply to either command."""
        own = await self._own_classes(turn)
        if not own:
            return turn.reply("group.staff-only")
        if called.command is Command.UNBIND_CLASS:
            return await self._unbind(turn, called.rest, own)
        if turn.message.private:
            return await self._choose(turn, called.rest, own)
        return await self._bind(turn, "".join(called.rest).upper())

    async def press(self, turn: Turn, action: Action) -> Reply:
        """A class was chosen: the code to post in its group."""
        if not may(turn.asker, Right.BIND_GROUP, action.subject):
            return turn.reply("button.not-yours")
        return await self._give_code(turn, (action.subject,))

    async def _own_classes(self, turn: Turn) -> list[SchoolClass]:
        """The classes this person may bind a group to."""
        known = [await self._rosters.school_class(class_id) for class_id in classes_with(turn.asker, Right.BIND_GROUP)]
        return [found for found in known if found is not None]

    async def _choose(self, turn: Turn, words: Sequence[str], own: Sequence[SchoolClass]) -> Reply:
        named = _named(words, own)
        if named:
            return await self._give_code(turn, tuple(found.id for found in named))
        if named is None or len(own) > _OFFERED:
            return turn.reply("group.which-class")
        choices = [
            Choice(label=found.name, action=Action(verb=Verb.GROUP_CODE, subject=found.id))
            for found in sorted(own, key=lambda one: one.order)
        ]
        return turn.reply("group.choose", choices)

    async def _give_code(self, turn: Turn, classes: tuple[str, ...]) -> Reply:
        code = self._new_code()
        asked = GroupCode(classes=classes, by=turn.message.account, expires=turn.now + CODE_LASTS)
        await self._codes.keep(code, asked, turn.now)
        said = turn.phrase("group.code", code=code, classes=await self._names(classes))
        return turn.reply(said, purpose=Purpose.RECEIPT)

    async def _bind(self, turn: Turn, code: str) -> Reply:
        """The code was posted: here by whom it was given to, who may still do that."""
        asked = await self._codes.find(code)
        if asked is None:
            return turn.reply("group.code-first", purpose=Purpose.RECEIPT)
        mine = asked.by == turn.message.account
        if not mine or not all(may(turn.asker, Right.BIND_GROUP, class_id) for class_id in asked.classes):
            return turn.reply("group.staff-only")
        address = replace(turn.message.address, thread=None)  # the topics of a forum are one group
        seen = await self._owners.look(address)
        known = await self._owners.are_known(seen, asked.classes, turn.now)
        group = await self._codes.use(code, address, turn.now, faq_only=not known)
        if group is None:
            return turn.reply("group.code-over", purpose=Purpose.RECEIPT)
        await self._tell_binder(turn, seen, group.classes, known=known)
        if not known:
            await self._owners.alarm("group.owner-alarm", group, turn.now)
            return turn.reply("group.faq-only", purpose=Purpose.RECEIPT)
        return turn.reply(turn.phrase("group.bound", count=len(group.classes)), purpose=Purpose.RECEIPT)

    async def _tell_binder(self, turn: Turn, seen: GroupLook | None, classes: Sequence[str], *, known: bool) -> None:
        """To the one who bound it alone: what to compare, which is nobody else's business."""
        students = sum([len(await self._rosters.members(class_id)) for class_id in classes])
        values: dict[str, str | int] = {"classes": await self._names(classes), "students": students}
        if seen is None:
            said = turn.phrase("group.check-by-eye", **values)
        else:
            said = turn.phrase("group.check" if known else "group.check-owner", size=seen.size, **values)
        await self._telling.tell(turn.message.private_address, said, f"group:{turn.message.id}", turn.now)

    async def _unbind(self, turn: Turn, words: Sequence[str], own: Sequence[SchoolClass]) -> Reply:
        if turn.message.private:
            return turn.reply("group.say-it-there")
        named = _named(words, own)
        if named is None:
            return turn.reply("group.which-class", purpose=Purpose.RECEIPT)
        gone = {found.id for found in named or own}
        before = await self._askers.group_of(turn.message)
        if before is None or gone.isdisjoint(before.classes):
            return turn.reply("group.not-bound", purpose=Purpose.RECEIPT)
        group = await self._codes.change(before.address, lambda one: _without(one, gone))
        if group is None or not group.classes:
            return turn.reply("group.unbound", purpose=Purpose.RECEIPT)
        return turn.reply(turn.phrase("group.unbound-some", count=len(group.classes)), purpose=Purpose.RECEIPT)

    async def _names(self, classes: Iterable[str]) -> str:
        known = [await self._rosters.school_class(class_id) for class_id in classes]
        return self._wording.label("list.comma").join(found.name for found in known if found)


def _without(group: Group, gone: Collection[str]) -> Group:
    return replace(group, classes=tuple(one for one in group.classes if one not in gone))


def _named(words: Sequence[str], own: Sequence[SchoolClass]) -> list[SchoolClass] | None:
    """The classes that are named, one a word or one in all words together; None where a name fits none or several."""
    by_name: dict[str, list[SchoolClass]] = {}
    for found in own:
        for name in {found.name, f"{found.cohort}{found.name}", f"{found.college}{found.name}"}:
            by_name.setdefault(_plain(name), []).append(found)
    for names in ("".join(words),) if words else (), words:
        meant = [by_name.get(_plain(name), []) for name in names]
        if all(len(fits) == 1 for fits in meant):
            return [fits[0] for fits in meant]
    return None


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()
