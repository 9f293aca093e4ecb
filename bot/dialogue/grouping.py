"""Staff tell in a group which classes it is of."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import replace

from bot.dialogue.commands import Called, Command
from bot.dialogue.rights import Right, classes_with
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.messages import Purpose
from scheduler.ports import BindingStore, RosterStore
from scheduler.roster import Group, SchoolClass


class Grouping:
    """Binds groups to classes and lets them go again, class by class."""

    def __init__(self, rosters: RosterStore, bindings: BindingStore, wording: ContentWording) -> None:
        self._rosters = rosters
        self._bindings = bindings
        self._wording = wording

    async def order(self, turn: Turn, called: Called) -> Reply:
        """The reply to either command."""
        if turn.message.private:
            return turn.reply("group.say-it-there")
        own = await self._own_classes(turn)
        if not own:
            return turn.reply("group.staff-only")
        named = _named(called.rest, own)
        if named is None or not (named or called.command is Command.UNBIND_CLASS):
            return turn.reply("group.which-class", purpose=Purpose.RECEIPT)
        if called.command is Command.BIND_CLASS:
            return await self._bind(turn, named)
        return await self._unbind(turn, named or own)

    async def _own_classes(self, turn: Turn) -> list[SchoolClass]:
        """The classes this person may bind a group to."""
        known = [await self._rosters.school_class(class_id) for class_id in classes_with(turn.asker, Right.BIND_GROUP)]
        return [found for found in known if found is not None]

    async def _bind(self, turn: Turn, named: Sequence[SchoolClass]) -> Reply:
        """These classes beside those the group has already."""
        classes = dict.fromkeys((*turn.asker.classes, *(found.id for found in named)))
        await self._store(turn, tuple(classes))
        return turn.reply(turn.phrase("group.bound", classes=await self._names(classes)), purpose=Purpose.RECEIPT)

    async def _unbind(self, turn: Turn, named: Sequence[SchoolClass]) -> Reply:
        gone = {found.id for found in named} & set(turn.asker.classes)
        if not gone:
            return turn.reply("group.not-bound", purpose=Purpose.RECEIPT)
        rest = tuple(class_id for class_id in turn.asker.classes if class_id not in gone)
        await self._store(turn, rest)
        if not rest:
            return turn.reply("group.unbound", purpose=Purpose.RECEIPT)
        return turn.reply(turn.phrase("group.unbound-some", classes=await self._names(rest)), purpose=Purpose.RECEIPT)

    async def _store(self, turn: Turn, classes: tuple[str, ...]) -> None:
        """The topics of a forum are one group."""
        await self._bindings.bind_group(Group(address=replace(turn.message.address, thread=None), classes=classes))

    async def _names(self, classes: Iterable[str]) -> str:
        known = [await self._rosters.school_class(class_id) for class_id in classes]
        return self._wording.label("list.comma").join(found.name for found in known if found)


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
