"""What the registrar's office does in the story: it opens the campaign, prints the sheet, counts."""

import asyncio
from collections import Counter
from pathlib import Path

from bot.bootstrap import Service
from bot.demo.college import open_campaign
from bot.demo.transcript import Transcript
from scheduler.campaigns import NOTHING_YET, OWING, Campaign, State, StudentState
from scheduler.forms.listing_xlsx import listing_xlsx
from scheduler.forms.sign_off import sign_off_pages
from scheduler.forms.sign_off_xlsx import sign_off_xlsx
from scheduler.forms.unconfirmed import unconfirmed
from scheduler.letters import deadline_words
from scheduler.messages import Accepted, Refused, Unknown
from scheduler.roster import Student


class Office:
    """Staff of the story; every figure it writes is read from the stores."""

    def __init__(self, service: Service, transcript: Transcript, folder: Path, cohort: int) -> None:
        self._service = service
        self._kept = service.kept
        self._transcript = transcript
        self._folder = folder
        self._cohort = cohort

    async def open(self) -> None:
        """Open the campaign, and say what that means."""
        campaign = await open_campaign(self._service, self._cohort)
        progress = await self._kept.campaigns.progress(campaign.id, campaign.classes)
        exempt = sum(state.state is State.EXEMPT for _, state in await self._standing(campaign))
        self._transcript.line(
            "opened", title=campaign.title, classes=len(campaign.classes), total=progress.total, exempt=exempt
        )
        render = self._service.known.wording.render
        for stage in campaign.stages:
            owner = self._service.known.wording.label(f"owner.{stage.owner}")
            deadline = render(deadline_words(stage.deadline))
            self._transcript.line("deadline", owner=owner, deadline=deadline, words=stage.deadline.words)

    async def owing(self) -> set[str]:
        """The sids of all who still owe, from the states in the store."""
        standing = [row for campaign in await self._kept.campaigns.all() for row in await self._standing(campaign)]
        return {student.sid for student, state in standing if state.counted in OWING}

    async def sheet(self, **where: int) -> None:
        """Write the sign-off sheet of a class and the list of those who still owe."""
        (campaign,) = await self._kept.campaigns.all()
        roster = await self._kept.rosters.current()
        chosen = sorted(roster.classes.values(), key=lambda found: found.name)[where["class"] - 1]
        members = await self._kept.rosters.members(chosen.id)
        states = await self._kept.campaigns.states(campaign.id, chosen.id)
        now = self._service.clock.now()
        head = await self._kept.evidence.seal(now)
        pages = sign_off_pages(
            campaign, chosen, members, states, item_labels=campaign.paper_labels, made_at=now, head=head
        )
        signing = sign_off_xlsx(pages, made_at=now)
        self._transcript.line("sheet", path=str(await self._write(f"sign-off-{chosen.id}.xlsx", signing)))
        everybody = {student.sid: state for student, state in await self._standing(campaign)}
        listed = unconfirmed(campaign, roster.classes, roster.students.values(), everybody, made_at=now)
        written = await self._write("unconfirmed.xlsx", listing_xlsx(listed, made_at=now, head=head))
        self._transcript.line("unconfirmed", path=str(written))

    async def summary(self) -> None:
        """Figures, counted in the store."""
        (campaign,) = await self._kept.campaigns.all()
        roster = await self._kept.rosters.current()
        for class_id in sorted(campaign.classes, key=lambda found: roster.classes[found].name):
            progress = await self._kept.campaigns.progress(campaign.id, [class_id])
            self._transcript.line(
                "class_line", name=roster.classes[class_id].name, total=progress.total, done=progress.done,
                office=progress.with_office, owing=progress.owing,
            )  # fmt: skip
        outcomes = Counter(type(attempt.outcome) for attempt in await self._kept.outbox.ledger(campaign.id))
        self._transcript.line(
            "ledger", accepted=outcomes[Accepted], refused=outcomes[Refused], unknown=outcomes[Unknown]
        )
        self._transcript.line("slots", claimed=len(await self._kept.outbox.claimed(campaign.id)))
        questions = len(await self._kept.questions.kept())
        looks = await self._kept.looks.total(campaign.id)
        self._transcript.line("questions", count=questions, looks=looks)

    async def _standing(self, campaign: Campaign) -> list[tuple[Student, StudentState]]:
        standing = []
        for class_id in campaign.classes:
            states = await self._kept.campaigns.states(campaign.id, class_id)
            members = await self._kept.rosters.members(class_id)
            standing += [(student, states.get(student.sid, NOTHING_YET)) for student in members]
        return standing

    async def _write(self, name: str, data: bytes) -> Path:
        path = self._folder / name
        await asyncio.to_thread(path.write_bytes, data)
        return path
