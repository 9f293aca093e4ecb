"""Somebody has read a notice: the press under it, and the answers to its questions one after the other."""

from dataclasses import replace

from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.audiences import classes_of
from scheduler.messages import Action, Phrase, Purpose
from scheduler.notice_letters import answer_choices, in_words
from scheduler.notices import Notice, Reading
from scheduler.ports import CampaignStore, NoticeStore, RosterStore


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
        reading = await self._notices.read(notice.number, who, turn.now, _answer(notice, action.detail))
        if reading is None:
            return turn.reply("notice.read.not-sent")
        return replace(self._said(turn, notice, reading), otherwise=())

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
            return next((student.sid for student in records if student.is_monitor), turn.message.account)
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
