"""Somebody has read a notice: the press under it, and the answers to its questions one after the other."""

from dataclasses import replace
from datetime import timedelta

from bot.dialogue.turns import SHOWN, Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.audiences import classes_of
from scheduler.messages import Action, Choice, Phrase, Purpose, Verb
from scheduler.notice_letters import answer_choices, in_words, letter
from scheduler.notices import Form, Notice, Reading, ReadLevel
from scheduler.ports import CampaignStore, NoticeStore, RosterStore
from scheduler.staffing import StaffRole

_LISTED = 6
_LOOKED_THROUGH = 50
_WAITS = timedelta(days=30)
"""So long a notice is offered to who has not answered it."""


class ReadingNotices:
    """Takes the presses of readers."""

    def __init__(
        self, notices: NoticeStore, rosters: RosterStore, campaigns: CampaignStore, wording: ContentWording
    ) -> None:
        self._notices = notices
        self._rosters = rosters
        self._campaigns = campaigns
        self._wording = wording

    async def press(self, turn: Turn, action: Action) -> Reply | None:
        """The reply to the press; None if the presser has to say first who they are.

        Where a reader in a group cannot be written to alone nothing is said: the press counts all the same.
        """
        notice = await self._notices.get(int(action.subject)) if action.subject.isdecimal() else None
        if notice is None:
            return turn.reply("button.not-yours")
        who = await self._reader(turn, notice)
        if who is None:
            return None if turn.asker.student is None else turn.reply("button.not-yours")
        if action.detail == SHOWN:
            said = letter(notice)
            return turn.reply(said.body, said.buttons(self._wording.render))
        reading = await self._notices.read(notice.number, who, turn.now, _answer(notice, action.detail))
        if reading is None:
            return turn.reply("notice.read.not-sent")
        return replace(self._said(turn, notice, reading), otherwise=())

    async def waiting(self, turn: Turn) -> Reply:
        """The notices that wait for the asker's answer, for who saw them where there was nothing to press."""
        found = [one for one in await self._notices.latest(_LOOKED_THROUGH) if await self._waits(turn, one)]
        if not found:
            return turn.reply("notice.read.nothing")
        shown = [
            Choice(
                label=self._wording.label("button.notice-titled", number=one.number, title=one.title),
                action=Action(verb=Verb.READ, subject=str(one.number), detail=SHOWN),
            )
            for one in found[:_LISTED]
        ]
        return turn.reply("notice.read.which", shown)

    async def _waits(self, turn: Turn, notice: Notice) -> bool:
        """Whether it was sent lately, wants something of the asker, and has not got all of it."""
        lately = notice.begun_at is not None and turn.now - notice.begun_at < _WAITS
        if notice.level is ReadLevel.TELL or notice.form is not Form.PLAIN or not lately:
            return False
        who = await self._reader(turn, notice)
        reading = await self._notices.reading(notice.number, who) if who is not None else None
        return who is not None and not (reading is not None and reading.is_whole(notice))

    def _said(self, turn: Turn, notice: Notice, reading: Reading) -> Reply:
        """What is asked next, or that it was noted."""
        for place, question in enumerate(notice.questions):
            if str(place) not in reading.answers:
                body = turn.phrase("notice.read.next", number=notice.number, question=question.text)
                return turn.reply(body, in_words(answer_choices(notice, place), self._wording.render))
        if not notice.questions:
            return turn.reply(turn.phrase("notice.read.noted", number=notice.number), purpose=Purpose.RECEIPT)
        body = turn.phrase("notice.read.answered", number=notice.number, answers=self._summary(notice, reading))
        return turn.reply(body, purpose=Purpose.RECEIPT)

    def _summary(self, notice: Notice, reading: Reading) -> str:
        said = (
            Phrase(
                key="notice.read.line",
                values={"question": question.text, "answer": question.options[reading.answers[str(place)]]},
            )
            for place, question in enumerate(notice.questions)
        )
        return "\n".join(map(self._wording.render, said))

    async def _reader(self, turn: Turn, notice: Notice) -> str | None:
        """By whom it is read: a student it was for, or a member of the staff."""
        audience = notice.audience
        records = [record.student for record in turn.asker.records]
        if audience.roles and turn.asker.staff:
            leading = {one for member in turn.asker.staff if member.role is StaffRole.MONITOR for one in member.classes}
            return next((student.sid for student in records if student.class_id in leading), turn.message.account)
        roster = await self._rosters.current()
        campaign = await self._campaigns.get(audience.campaign) if audience.campaign else None
        classes = classes_of(audience, roster, campaign)
        return next(
            (student.sid for student in records if student.class_id in classes or student.sid in audience.sids), None
        )


def _answer(notice: Notice, detail: str) -> tuple[int, int] | None:
    """Which answer to which question a button stands for; None: it was read, and nothing more."""
    place, _, option = detail.partition("-")
    if not (place.isdecimal() and option.isdecimal()) or int(place) >= len(notice.questions):
        return None
    known = int(option) < len(notice.questions[int(place)].options)
    return (int(place), int(option)) if known else None
