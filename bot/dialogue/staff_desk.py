"""What staff asks for in private: how its classes stand, who stands where, a reminder by hand, papers, reports."""

from collections.abc import Sequence

from bot.dialogue.amending import Amending, names_a_student
from bot.dialogue.class_reports import ClassReports
from bot.dialogue.commands import Called, Command
from bot.dialogue.correction_desk import CorrectionDesk
from bot.dialogue.exporting import Exporting
from bot.dialogue.nudging import Nudging
from bot.dialogue.papering import Papering
from bot.dialogue.pasting import Pasting
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.vouching import Vouching
from bot.dialogue.watching import Watching
from scheduler.messages import Action, Verb
from scheduler.ports import LookStore


class StaffDesk:
    """Leads each press and each word of staff to what answers it, and notes their signs of life."""

    def __init__(
        self,
        *,
        watching: Watching,
        nudging: Nudging,
        vouching: Vouching,
        amending: Amending,
        corrections: CorrectionDesk,
        reports: ClassReports,
        exporting: Exporting,
        papering: Papering,
        pasting: Pasting,
        looks: LookStore,
    ) -> None:
        self._watching = watching
        self._nudging = nudging
        self._vouching = vouching
        self._amending = amending
        self._corrections = corrections
        self._reports = reports
        self._exporting = exporting
        self._papering = papering
        self._pasting = pasting
        self._looks = looks

    async def press(self, turn: Turn, action: Action) -> Reply:
        """The reply to a button that was under something for staff."""
        match action.verb:
            case Verb.NAMES:
                return await self._watching.names(turn, action)
            case Verb.PROGRESS if action.detail:
                return await self._watching.count(turn, action)
            case Verb.NUDGE:
                return await self._nudging.show(turn, action)
            case Verb.NUDGE_NOW:
                return await self._nudging.send(turn, action)
            case Verb.PROXY:
                return await self._vouching.press(turn, action)
            case Verb.AMEND:
                return await self._amending.press(turn, action)
            case Verb.CORRECTION:
                return await self._corrections.press(turn, action)
            case Verb.REPORTED:
                return await self._reports.show(turn, action)
            case Verb.PAPER | Verb.HAND_IN:
                return await self._papering.press(turn, action)
            case Verb.EXPORT:
                return await self._exporting.export(turn, action)
            case Verb.PASTE:
                return await self._pasting.show(turn, action)
            case _:
                return await self._watching.progress(turn)

    async def command(self, turn: Turn, called: Called) -> Reply | None:
        """The reply to a command of staff; None where the words are somebody else's question."""
        if called.rest and not turn.asker.staff:
            return None
        match called.command:
            case Command.NAMES:
                return await self._watching.choose_names(turn, called.rest)
            case Command.PROXY:
                return await self._vouching.order(turn, called.rest)
            case Command.CORRECTIONS:
                return await self._reported(turn, called.rest)
            case Command.NUDGE:
                return await self._nudging.choose(turn, called.rest)
            case Command.PAPER | Command.HANDED | Command.HANDED_ON:
                return await self._papering.command(turn, called)
            case Command.EXPORT:
                return await self._exporting.choose(turn, called.rest)
            case Command.CHART:
                return await self._exporting.chart(turn)
            case Command.PASTE:
                return await self._pasting.choose(turn, called.rest)
            case _:
                return await self._watching.progress(turn)

    async def typed(self, turn: Turn, called: Called | None) -> Reply | None:
        """The reply to a text that somebody of the staff was asked for; None for any other."""
        return await self._corrections.typed(turn, called)

    async def _reported(self, turn: Turn, words: Sequence[str]) -> Reply:
        """Who may see what was written works on it; everybody else sees what their class has reported."""
        if names_a_student(words):
            return await self._amending.order(turn, words)
        return await self._corrections.order(turn, words) or await self._reports.count(turn, words)

    async def note_sign(self, turn: Turn) -> None:
        """One of the staff does something in private: they have seen what was sent to them there."""
        if turn.asker.staff and turn.message.private:
            await self._looks.sign(turn.message.account, turn.now)
