"""`xueji campaign rehearse`: the whole campaign on paper, before anything is sent."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import typer

from bot.bootstrap import Stores
from bot.cli import papers
from bot.cli.office import content_and_words, with_stores
from bot.dialogue.wording import ContentWording
from bot.rehearsing import rehearsal, school_of, underway
from bot.settings import read
from scheduler.calendar import ZONE
from scheduler.campaigns import Campaign
from scheduler.deliveries import Kind
from scheduler.letters import day_words, moment_words
from scheduler.reach import reach
from scheduler.rehearsed import DIGEST, Line, School, Underway, Why

_PERCENT = 100

_MOVED = frozenset({Why.HOURS, Why.DAY_OFF, Why.NEW_YEAR})
_WHOLE = frozenset({Why.PAST, Why.LEFT_TO_NEXT})
"""What keeps a whole wave from going out."""


def rehearse(
    campaign_id: str = typer.Argument(..., help="The campaign's id; a draft is rehearsed as if it were opened now."),
    confirming: int = typer.Option(
        0, min=0, max=_PERCENT, help="Assume that after each reminder so many per cent of those who owe confirm."
    ),
    as_json: bool = typer.Option(False, "--json", help="One line a message: at, campaign, wave, class, address …"),
) -> None:
    """Show every message the campaign would send from now on, and what would not be sent and why; nothing is sent."""
    content, wording = content_and_words()
    now, settings = datetime.now(UTC), read()

    async def work(kept: Stores) -> tuple[Underway, School]:
        campaign = await papers.known(kept, campaign_id, wording)
        school = await school_of(kept, campaign, content.tree, now, offices=settings.staff_chat or ())
        return await underway(kept, campaign, school.members), school

    own, school = with_stores(work)
    lines = rehearsal(
        own,
        school,
        now,
        wording=wording,
        tree=content.tree,
        confirming=confirming / _PERCENT,
        most_a_week=settings.reminders_a_week,
    )
    if as_json:
        for line in lines:
            typer.echo(as_row(line, school))
        return
    for part in Report(wording, own.campaign, school, tuple(lines)).parts(now, confirming):
        typer.echo(part)


def as_row(line: Line, school: School) -> str:
    """A line as one JSON object: at, campaign, wave, class, address, kind, text, reason, students."""
    names = [school.classes[class_id].name for class_id in line.classes if class_id in school.classes]
    return json.dumps(
        {
            "at": line.at.astimezone(ZONE).isoformat(timespec="seconds"),
            "campaign": "+".join((line.campaign, *line.also)),
            "wave": line.wave,
            "class": "+".join(names),
            "address": str(line.to) if line.to else "",
            "kind": line.kind or "",
            "text": line.text,
            "reason": "+".join(line.why),
            "students": line.students,
        },
        ensure_ascii=False,
    )


class Report:
    """A rehearsal as a clerk reads it."""

    def __init__(self, wording: ContentWording, campaign: Campaign, school: School, lines: Sequence[Line]) -> None:
        self._wording = wording
        self._campaign = campaign
        self._school = school
        self._lines = lines

    def parts(self, now: datetime, confirming: int) -> Iterator[str]:
        """Line by line: the head, each wave, what each person gets, and who is not reached."""
        yield self._say("head", title=self._campaign.title, id=self._campaign.id, at=self._at(now))
        yield self._say("assumed" if confirming else "nobody-answers", percent=confirming)
        for campaign, wave in dict.fromkeys((line.campaign, line.wave) for line in self._lines):
            yield ""
            lines = [line for line in self._lines if (line.campaign, line.wave) == (campaign, wave)]
            if wave == DIGEST:
                yield from self._digests(lines)
            else:
                yield from self._wave(lines) if campaign == self._campaign.id else self._other(lines)
        yield ""
        yield from self._burden()
        yield from self._unreached()

    def _wave(self, lines: Sequence[Line]) -> Iterator[str]:
        sent = [line for line in lines if line.text]
        stage = self._campaign.stage(lines[0].wave.partition(":")[0])
        name = self._say("wave", owner=self._wording.label(f"owner.{stage.owner}"), wave=lines[0].wave)
        if lines[0].why[-1:] and lines[0].why[-1] in _WHOLE:
            yield self._say("not-sent", at=self._at(lines[0].at), wave=name, why=self._whys(lines[0].why))
            return
        kinds = Counter(line.kind for line in sent)
        yield self._say(
            "sent",
            at=self._at(min(line.at for line in lines)),
            wave=name,
            groups=kinds[Kind.GROUP_WAVE],
            persons=kinds[Kind.PRIVATE_WAVE],
            staff=kinds[Kind.STAFF_WAVE],
        )
        yield from (f"  {said}" for said in self._details(lines, sent))

    def _digests(self, lines: Sequence[Line]) -> Iterator[str]:
        """How many of the staff are told on each day; in each message stands what concerns that person."""
        days = Counter(line.at.astimezone(ZONE).date() for line in lines)
        for day, number in sorted(days.items()):
            yield self._say("digests", day=self._wording.render(day_words(day)), number=number)

    def _other(self, lines: Sequence[Line]) -> Iterator[str]:
        """What another campaign sends meanwhile, in numbers."""
        title = next(one.campaign.title for one in self._school.others if one.campaign.id == lines[0].campaign)
        kinds = Counter(line.kind for line in lines)
        yield self._say(
            "other",
            at=self._at(min(line.at for line in lines)),
            title=title,
            groups=kinds[Kind.GROUP_WAVE],
            persons=kinds[Kind.PRIVATE_WAVE],
            staff=kinds[Kind.STAFF_WAVE],
        )

    def _details(self, lines: Sequence[Line], sent: Sequence[Line]) -> Iterator[str]:
        moved = [why for line in sent[:1] for why in line.why if why in _MOVED]
        if moved:
            yield self._say("moved", why=self._whys(moved))
        if any(Why.PACE in line.why for line in sent):
            yield self._say("pace", at=self._at(max(line.at for line in sent)))
        if any(Why.ALONG in line.why for line in sent):
            yield self._say("along")
        for why in (Why.TOGETHER, Why.WITH_OTHERS):
            if number := sum(why in line.why for line in sent):
                yield self._say(f"{why}", number=number)
        yield from self._texts(sent)
        yield from self._left_out(lines)

    def _texts(self, sent: Sequence[Line]) -> Iterator[str]:
        """Each text once, with how many hear it."""
        for (kind, text), number in Counter((line.kind, line.text) for line in sent).items():
            yield self._say(f"text.{kind}", number=number, text=text)

    def _left_out(self, lines: Sequence[Line]) -> Iterator[str]:
        for why in (Why.FEW, Why.ENOUGH, Why.UNREACHABLE, Why.IN_DIGEST):
            found = [line for line in lines if not line.text and line.why == (why,)]
            if found:
                students = sum(line.students for line in found)
                yield self._say(f"left-out.{why}", students=students, number=len(found))

    def _burden(self) -> Iterator[str]:
        """How many persons get how many private messages."""
        told = Counter(line.to for line in self._lines if line.kind is Kind.PRIVATE_WAVE and line.text)
        for times, persons in sorted(Counter(told.values()).items()):
            yield self._say("burden", times=times, persons=persons)

    def _unreached(self) -> Iterator[str]:
        """In each class, how many of those who take part hear nothing in private."""
        school = self._school
        groups = [group for group in school.groups if group.address not in school.lost]
        grouped = {class_id for group in groups for class_id in group.classes}
        found = reach(self._campaign, school.members, school.bindings, school.groups, school.lost)
        for class_id, ways in sorted(found.items()):
            alone = len(ways.group) + len(ways.nowhere)
            key = "unreached.in-group" if class_id in grouped else "unreached.no-group"
            if alone or class_id not in grouped:
                name = school.classes[class_id].name
                yield self._say(key, name=name, alone=alone, total=len(ways.private) + alone)

    def _whys(self, whys: Sequence[Why]) -> str:
        return self._wording.label("list.comma").join(self._say(f"why.{why}") for why in whys)

    def _at(self, moment: datetime) -> str:
        return self._wording.render(moment_words(moment))

    def _say(self, key: str, **values: str | int) -> str:
        return self._wording.label(f"rehearsal.{key}", **values)
