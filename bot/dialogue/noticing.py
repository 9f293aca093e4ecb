"""Notices in a chat: staff writes one, looks at it as it will arrive, lets it go, watches it; readers press."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bot.dialogue.commands import Called, Command
from bot.dialogue.composing import Composing
from bot.dialogue.notice_names import NoticeNames
from bot.dialogue.numbers import chosen_number
from bot.dialogue.reading import ReadingNotices
from bot.dialogue.rights import Right, classes_with, may
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.announcing import Announcing
from scheduler.audiences import classes_of
from scheduler.calendar import ZONE
from scheduler.messages import Action, Choice, Phrase, Purpose, Text, Verb
from scheduler.notice_reports import head_line, outlook_lines, standing_lines
from scheduler.notices import ARRIVED, FAILED, Form, NotAllowed, Notice, NoticeStatus, Step
from scheduler.ports import CampaignStore, NoticeStore, RosterStore

_LISTED = 5
_LOOKED_THROUGH = 50
_MORNING = time(8)

_NEW_TALK = frozenset({Command.WRITE_NOTICE, Command.NOTICES, Command.HELP})
"""Words that are no part of a notice although one is being written."""

_WAYS_ON = {
    NoticeStatus.DRAFT: ("send", "morning", "edit", "drop"),
    NoticeStatus.APPROVED: ("send", "drop"),
    NoticeStatus.SENDING: ("look", "pause", "drop"),
    NoticeStatus.PAUSED: ("resume", "drop"),
    NoticeStatus.DONE: (),
    NoticeStatus.CANCELLED: (),
}
"""What staff can do with a notice where it stands; the phrase `notice.do.<word>` is the button."""


_LETS_GO = frozenset({"send", "morning"})


class Noticing:
    """Leads presses, words and texts about notices to what answers them."""

    def __init__(
        self,
        *,
        announcing: Announcing,
        composing: Composing,
        names: NoticeNames,
        reading: ReadingNotices,
        notices: NoticeStore,
        rosters: RosterStore,
        campaigns: CampaignStore,
        wording: ContentWording,
    ) -> None:
        self._announcing = announcing
        self._composing = composing
        self._names = names
        self._reading = reading
        self._notices = notices
        self._rosters = rosters
        self._campaigns = campaigns
        self._wording = wording

    async def command(self, turn: Turn, called: Called) -> Reply | None:
        """The reply to a command of staff, or of a student who asks for the notices; None for anybody else, whose
        words are a question."""
        if not may(turn.asker, Right.NOTICE):
            asks = called.command is Command.NOTICES and not called.rest and turn.asker.student is not None
            return await self._reading.waiting(turn) if asks else None
        if called.command is Command.WRITE_NOTICE:
            return await self._composing.begin(turn) if turn.message.private else turn.reply("notice.write.in-private")
        number = called.rest[0] if called.rest else ""
        return await self._one(turn, number) if number.isdecimal() else await self._list(turn)

    async def written(self, turn: Turn, called: Called | None) -> Reply | None:
        """The reply to a text that belongs to a notice which is being written; None for any other."""
        writing = self._composing.going_on(turn)
        text = turn.message.text
        if writing is None or text is None or not may(turn.asker, Right.NOTICE):
            return None
        if called is not None and called.command is Command.QUIT:
            return _forgetting(turn.reply("notice.write.unchanged" if writing.draft else "notice.write.dropped"))
        if called is not None and (called.command in _NEW_TALK or not self._composing.takes_line(writing, text)):
            return None
        number = chosen_number(text)
        if number is not None and turn.conversation.chosen(number, turn.now) is not None:
            return None
        return await self._shown(turn, await self._composing.take(turn, writing))

    async def press(self, turn: Turn, action: Action) -> Reply | None:
        """The reply to a button; None if the presser has to say first who they are."""
        if action.verb is Verb.READ:
            return await self._reading.press(turn, action)
        if not may(turn.asker, Right.NOTICE):
            return turn.reply("button.not-yours")
        if not action.subject:
            return await self._shown(turn, await self._composing.press(turn, action.detail))
        notice = await self._own(turn, action.subject)
        if notice is None:
            return turn.reply("button.not-yours")
        what, _, seen = action.detail.partition(".")
        if what == "names":
            return await self._names.opened(turn, notice, seen)
        if (said := await self._after(turn, notice, what)) is not None:
            return said
        step = await self._do(turn, notice, what, seen)
        said = await self._did(turn, step)
        if isinstance(step, Notice) and (left := turn.conversation.writing) and left.draft == step.number:
            said = _forgetting(said)  # its words are no longer waited for
        return said.then(await self._draft(turn, notice)) if step is NotAllowed.CHANGED else said

    async def _after(self, turn: Turn, notice: Notice, what: str) -> Reply | None:
        """What is no step of the notice's own life: looking at it, and what comes after it."""
        match what:
            case "show" | "look":
                return await self._looked_at(turn, notice, in_place=what == "look")
            case "nudge":
                drafted = await self._announcing.nudge(notice.number, turn.message.account)
                return await self._draft(turn, drafted) if isinstance(drafted, Notice) else turn.nothing()
            case "correct":
                return self._composing.correct(turn, notice.number)
            case "edit" if notice.status is NoticeStatus.DRAFT:
                return self._composing.rewrite(turn, notice)
            case "recall":
                asked = await self._announcing.recall(notice.number, turn.message.account)
                values = {"open": len(asked.open), "closed": len(asked.closed)}
                return turn.reply(turn.phrase("notice.report.recalling", **values), purpose=Purpose.RECEIPT)
            case _:
                return None

    async def _do(self, turn: Turn, notice: Notice, what: str, seen: str) -> Step:
        desk, number, by = self._announcing, notice.number, turn.message.account
        match what:
            case "send":
                return await desk.send(number, by, seen=seen)
            case "morning":
                return await desk.send(number, by, at=_next_morning(turn.now), seen=seen)
            case "edit":
                return NotAllowed.RELEASED
            case "pause":
                return await desk.pause(number, by)
            case "resume":
                return await desk.resume(number, by)
            case "retry":
                return await desk.retry(number, by)
            case _:
                return await desk.cancel(number, by)

    async def _did(self, turn: Turn, step: Step) -> Reply:
        if isinstance(step, NotAllowed):
            return turn.reply(turn.phrase(f"notice.not-allowed.{step}"))
        lines = [head_line(step)]
        if step.status is NoticeStatus.APPROVED and step.scheduled_for is not None and step.scheduled_for > turn.now:
            lines = list(standing_lines(await self._announcing.standing(step.number)))
        begins = (
            step.status is NoticeStatus.APPROVED and step.scheduled_for is not None and step.scheduled_for <= turn.now
        )
        ways = self._ways_on(replace(step, status=NoticeStatus.SENDING) if begins else step)
        return self._lines(turn, lines, ways, purpose=Purpose.RECEIPT)

    async def _shown(self, turn: Turn, said: Reply | Notice | None) -> Reply | None:
        """A new draft is shown as it will arrive, and below it whom it reaches and the ways on."""
        return _forgetting(await self._draft(turn, said)) if isinstance(said, Notice) else said

    async def _draft(self, turn: Turn, notice: Notice) -> Reply:
        sample = (await self._announcing.sample(notice, turn.to)).message
        outlook = await self._announcing.outlook(notice.number)
        lines = [head_line(notice), *outlook_lines(outlook, await self._rosters.current())]
        below = self._lines(turn, lines, self._ways_on(notice, outlook.seen))
        return Reply(messages=(sample, *below.messages), conversation=below.conversation)

    async def _one(self, turn: Turn, number: str) -> Reply:
        notice = await self._own(turn, number)
        if notice is None:
            return turn.reply(turn.phrase("notice.none", number=number))
        return await self._looked_at(turn, notice)

    async def _looked_at(self, turn: Turn, notice: Notice, *, in_place: bool = False) -> Reply:
        if notice.status is NoticeStatus.DRAFT:
            return await self._draft(turn, notice)
        standing = await self._announcing.standing(notice.number)
        more = {
            "retry": notice.status is NoticeStatus.DONE and standing.number(*FAILED),
            "names": standing.results and (standing.unread or standing.readings) and may(turn.asker, Right.SEE_NAMES),
            "nudge": standing.results and standing.unread,
            "recall": standing.recall.open,
            "correct": standing.number(*ARRIVED),
        }
        ways = [*self._ways_on(notice), *(self._way(notice, word) for word, is_open in more.items() if is_open)]
        return self._lines(turn, list(standing_lines(standing)), ways, in_place=in_place)

    async def _list(self, turn: Turn) -> Reply:
        found = [one for one in await self._notices.latest(_LOOKED_THROUGH) if await self._is_own(turn, one)][:_LISTED]
        if not found:
            return turn.reply("notice.list.empty")
        shown = [
            Choice(
                label=self._wording.label("button.notice-show", number=one.number),
                action=Action(verb=Verb.NOTICE, subject=str(one.number), detail="show"),
            )
            for one in found
        ]
        return self._lines(turn, [head_line(one) for one in found], shown)

    async def _own(self, turn: Turn, number: str) -> Notice | None:
        notice = await self._notices.get(int(number)) if number.isdecimal() else None
        return notice if notice is not None and await self._is_own(turn, notice) else None

    async def _is_own(self, turn: Turn, notice: Notice) -> bool:
        """That of somebody who may let notices out to all the classes it is for, or its author's, who may write to
        all of them still."""
        meant: Notice | None = notice
        while meant is not None and meant.about:  # a correction of a correction is for those of the first
            meant = await self._notices.get(meant.about)
        audience = (meant or notice).audience
        roster = await self._rosters.current()
        campaign = await self._campaigns.get(audience.campaign) if audience.campaign else None
        classes = {*classes_of(audience, roster, campaign)}
        classes |= {roster.students[sid].class_id for sid in audience.sids if sid in roster.students}
        if notice.author == turn.message.account and classes <= set(classes_with(turn.asker, Right.NOTICE)):
            return True
        return bool(classes) and classes <= set(classes_with(turn.asker, Right.RELEASE_NOTICE))

    def _ways_on(self, notice: Notice, seen: str = "") -> list[Choice]:
        """Letting a draft go is about what was `seen` of it; what a nudge says is not its own to change."""
        words = [one for one in _WAYS_ON[notice.status] if one != "edit" or notice.form is not Form.NUDGE]
        return [self._way(notice, word, seen if word in _LETS_GO else "") for word in words]

    def _way(self, notice: Notice, word: str, seen: str = "") -> Choice:
        detail = f"{word}.{seen}" if seen else word
        action = Action(verb=Verb.NOTICE, subject=str(notice.number), detail=detail)
        return Choice(label=self._wording.render(Phrase(key=f"notice.do.{word}")), action=action)

    def _lines(
        self,
        turn: Turn,
        lines: Sequence[Phrase],
        choices: Sequence[Choice],
        *,
        purpose: Purpose = Purpose.ANSWER,
        in_place: bool = False,
    ) -> Reply:
        said = "\n".join(self._wording.render(line) for line in lines)
        return turn.reply(Text(text=said), choices, purpose=purpose, in_place=in_place)


def _forgetting(reply: Reply) -> Reply:
    """The same reply, after which nothing is being written any more."""
    return replace(reply, conversation=replace(reply.conversation, writing=None))


def _next_morning(now: datetime) -> datetime:
    local = now.astimezone(ZONE)
    return datetime.combine(local.date() + timedelta(days=1), _MORNING, ZONE).astimezone(UTC)
