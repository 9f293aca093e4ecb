"""更正: what students reported wrong, taken in a chat from step to step by college and office.

A list says which items wait, and nothing of anybody. What was written of one is shown to who opens it, by the right
asked at that moment and on record; it lies in no queue.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.conversations import Refusing
from bot.correcting import Advanced, Correcting
from bot.dialogue.commands import Called, Command
from bot.dialogue.numbers import chosen_number
from bot.dialogue.rights import Right, classes_with, may
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.typed import one_line
from bot.dialogue.wording import ContentWording
from bot.vault import Vault
from scheduler.corrections import Correction, Step, ways_on
from scheduler.letters import moment_words
from scheduler.messages import Action, Choice, Phrase, Purpose, Verb, joined
from scheduler.ports import CampaignStore, CorrectionStore, RosterStore
from scheduler.roster import Student
from scheduler.states import Grade

LONGEST_REASON = 100
"""Characters of a reason in the office's own words."""

_SHOWN = 5
"""How many items one message lists."""

_TYPING_LASTS = timedelta(minutes=30)
"""How long a text is taken for the reason that was asked for."""

_REASONS = "correction.reason."
_NO_WORDS = "other"
"""The reason that says nothing by itself: it goes with words of one's own, where they can be kept."""

_FOR, _OWN_WORDS, _AS_SHOWN = "=", "*", "+"
"""In a button: before a reason of the list; to write one; to refuse with what was written and shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A reported item and whose it is, with the class they are in now."""

    correction: Correction
    student: Student


class CorrectionDesk:
    """Lists, opens and advances reported items for those who may see what was written of them."""

    def __init__(
        self,
        *,
        rosters: RosterStore,
        campaigns: CampaignStore,
        corrections: CorrectionStore,
        correcting: Correcting,
        vault: Vault,
        wording: ContentWording,
    ) -> None:
        self._rosters = rosters
        self._campaigns = campaigns
        self._corrections = corrections
        self._correcting = correcting
        self._vault = vault
        self._wording = wording

    async def order(self, turn: Turn, words: Sequence[str]) -> Reply | None:
        """The reply to the command: the list, or the item whose number follows; None for anything else behind it."""
        if not may(turn.asker, Right.SEE_VALUES):
            return None
        if not words:
            return await self._list(turn, 0)
        case = await self._case(turn, "".join(words).upper())
        return await self._open(turn, case) if case else None

    async def press(self, turn: Turn, action: Action) -> Reply:
        """The reply to a button; the right is asked anew."""
        written = turn.conversation.refusing
        turn = replace(turn, conversation=replace(turn.conversation, refusing=None))
        if not action.subject and may(turn.asker, Right.SEE_VALUES):
            return await self._list(turn, int(action.detail) if action.detail.isdecimal() else 0)
        case = await self._case(turn, action.subject)
        if case is None:
            return turn.reply("button.not-yours")
        sign, reason = action.detail[:1], action.detail[1:]
        if sign == _OWN_WORDS:
            return self._ask_words(turn, case)
        if sign == _AS_SHOWN:
            return await self._refuse_as_shown(turn, case, written)
        if sign == _FOR and reason in self._wording.labels(_REASONS):
            return await self._take(turn, case, Step.REFUSED, reason=reason)
        if action.detail == Step.REFUSED:
            return self._ask_why(turn, case)
        if action.detail in set(ways_on(Step.REPORTED)):
            return await self._take(turn, case, Step(action.detail))
        return await self._open(turn, case)

    async def typed(self, turn: Turn, called: Called | None) -> Reply | None:
        """The reply to a reason in somebody's own words; None where none was asked for, or for a command."""
        asked, text = turn.conversation.refusing, turn.message.text or ""
        if asked is None or not turn.message.private or turn.now > asked.until:
            return None
        left = replace(turn, conversation=replace(turn.conversation, refusing=None))
        if called is not None and called.command is Command.QUIT:
            return left.reply("correction.desk.left")
        number = chosen_number(text)
        picked = number is not None and turn.conversation.chosen(number, turn.now) is not None
        if picked or (called is not None and called.command is not Command.ACKNOWLEDGE):
            return None
        case = await self._case(turn, asked.correction)
        return self._check(turn, case, asked, one_line(text)) if case else left.reply("button.not-yours")

    async def _waiting(self, turn: Turn) -> list[Case]:
        """What the asker may see and is not closed: by its step, the first one first, and then the oldest first."""
        own = set(classes_with(turn.asker, Right.SEE_VALUES))
        opened = [one for one in await self._corrections.all() if not one.is_closed]
        students = await self._rosters.students([one.sid for one in opened])
        cases = [Case(correction=one, student=students[one.sid]) for one in opened if one.sid in students]
        order = list(Step)
        mine = [one for one in cases if one.student.class_id in own]
        return sorted(mine, key=lambda one: (order.index(one.correction.step), one.correction.reported_at))

    async def _case(self, turn: Turn, number: str) -> Case | None:
        """The item of that number, if there is one and the asker has the right for its student's class now."""
        correction = await self._corrections.get(number)
        student = await self._rosters.student(correction.sid) if correction else None
        if correction is None or student is None or not may(turn.asker, Right.SEE_VALUES, student.class_id):
            return None
        return Case(correction=correction, student=student)

    async def _list(self, turn: Turn, start: int) -> Reply:
        waiting = await self._waiting(turn)
        if not waiting:
            return turn.reply("correction.report.none")
        start = start if start < len(waiting) else 0
        shown, end = waiting[start : start + _SHOWN], start + _SHOWN
        items = [await self._item(one.correction) for one in shown]
        lines = [await self._line(turn, one, item) for one, item in zip(shown, items, strict=True)]
        choices = [
            self._choice("button.correction-open", one.correction.id, "", item=item)
            for one, item in zip(shown, items, strict=True)
        ]
        if end < len(waiting):
            choices.append(self._choice("button.correction-more", "", str(end), count=len(waiting) - end))
        listed = joined("names.line", lines)
        return turn.reply(turn.phrase("correction.desk.list", count=len(waiting), lines=listed), choices)

    async def _line(self, turn: Turn, case: Case, item: str) -> Phrase:
        """An item in the list: of which class and how far, of nobody by name."""
        return turn.phrase(
            "correction.desk.line", class_name=await self._class_name(case), item=item, **_stands(case.correction)
        )

    async def _open(self, turn: Turn, case: Case) -> Reply:
        """Everything about one: the look is put down before, and nothing of it waits in a queue."""
        one, message = case.correction, turn.message
        press = f"{message.address.platform}:{message.id}"
        looked = await self._correcting.look([one], by=message.account, now=turn.now, press=press)
        body = turn.phrase(
            "correction.desk.open",
            what=Phrase(key="correction.desk.closed" if one.is_closed else "correction.desk.decide"),
            class_name=await self._class_name(case),
            name=case.student.name,
            tail=case.student.number[-4:],
            item=await self._item(one),
            more=joined("names.line", await self._more(case, looked.get(one.id, {}))),
            **_stands(one),
        )
        return turn.reply(body, self._ways(one)).unkept(turn.phrase("correction.desk.unseen", number=one.id))

    async def _more(self, case: Case, written: Mapping[str, str]) -> list[Phrase]:
        """What was written, and what whoever decides has to know besides."""
        one = case.correction
        lines = [
            Phrase(
                key="correction.desk.written", values={"field": Phrase(key=f"correction.field.{name}"), "said": said}
            )
            for name, said in written.items()
        ] or [Phrase(key="correction.report.nothing-written")]
        if one.reason:
            lines.append(Phrase(key="status.reason", values={"reason": Phrase(key=f"{_REASONS}{one.reason}")}))
        state = await self._campaigns.state(one.campaign, case.student.class_id, one.sid)
        if state.grade is Grade.CLAIMED:
            lines.append(Phrase(key="correction.desk.claimed"))
        return lines

    async def _take(self, turn: Turn, case: Case, to: Step, *, reason: str = "", note: str = "") -> Reply:
        """Take the step, unless somebody else did something first."""
        account, number = turn.message.account, case.correction.id
        came = await self._correcting.advance(number, to, by=account, now=turn.now, reason=reason, note=note)
        if not isinstance(came, Advanced) or came.correction.by != account:
            return await self._as_it_stands(turn, number)
        told = [f"correction.report.{'told' if came.told else 'unreachable'}"]
        told += [] if came.note_kept else ["correction.report.note-lost"]
        said = self._wording.label("list.semicolon").join(map(self._wording.label, told))
        item = await self._item(case.correction)
        body = turn.phrase("correction.desk.done", item=item, told=said, **_stands(came.correction))
        return turn.reply(body, self._ways(came.correction), purpose=Purpose.RECEIPT)

    async def _as_it_stands(self, turn: Turn, number: str) -> Reply:
        """Whoever pressed second hears what the first one did."""
        now = await self._corrections.get(number)
        if now is None:
            return turn.reply("correction.report.unknown")
        body = turn.phrase("correction.desk.meanwhile", item=await self._item(now), **_stands(now))
        return turn.reply(body, self._ways(now))

    def _ask_why(self, turn: Turn, case: Case) -> Reply:
        """The content's reasons, and one's own words where they can be sealed."""
        number, own = case.correction.id, self._vault.keeps
        choices = [
            Choice(label=said, action=Action(verb=Verb.CORRECTION, subject=number, detail=f"{_FOR}{reason}"))
            for reason, said in self._wording.labels(_REASONS).items()
            if not own or reason != _NO_WORDS
        ]
        if own:
            choices.append(self._choice("button.correction-own-words", number, _OWN_WORDS))
        return turn.reply(turn.phrase("correction.desk.why", number=number), choices)

    def _ask_words(self, turn: Turn, case: Case) -> Reply:
        """From here on a text is the reason; nothing else that was asked for in words is waited for any more."""
        asked = Refusing(correction=case.correction.id, until=turn.now + _TYPING_LASTS)
        conversation = replace(turn.conversation, refusing=asked, filling=None, writing=None)
        asking = replace(turn, conversation=conversation)
        return asking.reply(turn.phrase("correction.desk.words", number=asked.correction, most=LONGEST_REASON))

    def _check(self, turn: Turn, case: Case, asked: Refusing, said: str) -> Reply:
        """What the student will be told, before they are told it."""
        number = case.correction.id
        if not said or len(said) > LONGEST_REASON or not self._vault.keeps:
            return turn.reply(turn.phrase("correction.desk.words", number=number, most=LONGEST_REASON))
        kept = replace(asked, sealed=self._vault.seal({"note": said}), until=turn.now + _TYPING_LASTS)
        checking = replace(turn, conversation=replace(turn.conversation, refusing=kept))
        choices = [
            self._choice("button.correction-tell", number, _AS_SHOWN),
            self._choice("button.correction-again", number, _OWN_WORDS),
        ]
        body = turn.phrase("correction.desk.check", number=number, note=said)
        return checking.reply(body, choices).unkept(turn.phrase("correction.desk.unseen", number=number))

    async def _refuse_as_shown(self, turn: Turn, case: Case, written: Refusing | None) -> Reply:
        """Refuse with what was shown; where that is gone, the item as it stands."""
        is_it = written is not None and written.correction == case.correction.id and turn.now <= written.until
        note = (self._vault.open(written.sealed) or {}).get("note", "") if written and is_it else ""
        return await (
            self._take(turn, case, Step.REFUSED, reason=_NO_WORDS, note=note) if note else self._open(turn, case)
        )

    async def _class_name(self, case: Case) -> str:
        found = await self._rosters.school_class(case.student.class_id)
        return found.name if found else ""

    async def _item(self, correction: Correction) -> str:
        campaign = await self._campaigns.get(correction.campaign)
        item = campaign.item(correction.item) if campaign else None
        return item.label if item else correction.item

    def _ways(self, correction: Correction) -> list[Choice]:
        steps = [
            self._choice(f"button.correction.{step}", correction.id, step.value) for step in ways_on(correction.step)
        ]
        return [*steps, self._choice("button.correction-list", "", "")]

    def _choice(self, key: str, number: str, detail: str, **values: str | int) -> Choice:
        action = Action(verb=Verb.CORRECTION, subject=number, detail=detail)
        return Choice(label=self._wording.label(key, number=number, **values), action=action)


def _stands(correction: Correction) -> dict[str, str | int | Phrase]:
    """How far it is, as phrases call it."""
    return {
        "number": correction.id,
        "step": Phrase(key=f"correction.step.{correction.step}"),
        "at": moment_words(correction.at),
    }
