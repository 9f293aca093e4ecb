"""The story told without a browser: people act, the clock is turned, and what must come of it is checked.

Everything goes the way it goes in service: through the intake, the dialogue, APScheduler and the outbox. A step
whose expectation is not met ends the story with `StoryFailed`.
"""

import asyncio
import shutil
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.bootstrap import Knowledge, stores
from bot.demo import sample
from bot.demo.chat import Demo, demo
from bot.demo.office import Office
from bot.demo.transcript import Transcript, Write, contains_all
from bot.platforms.chatroom.room import RoomMessage, group_chat, is_private
from bot.settings import Settings
from scheduler.campaigns import CampaignStatus
from scheduler.clocks import VirtualClock
from scheduler.letters import moment_words
from scheduler.planner import plan
from scheduler.roster import Student

_STORY = Path(__file__).parent / "story.yaml"


class StoryFailed(Exception):
    """What had to come of a step did not; the message says of which and what came instead."""


async def play(settings: Settings, known: Knowledge, write: Write) -> None:
    """Play the whole story on a virtual clock, in a fresh data folder; StoryFailed where it does not come true.

    It is told without keys: with some, students would be asked for values.
    """
    settings = settings.model_copy(update={"correction_keys": None})
    script: dict[str, Any] = yaml.safe_load(await asyncio.to_thread(_STORY.read_text, encoding="utf-8"))
    await asyncio.to_thread(shutil.rmtree, settings.data, ignore_errors=True)
    clock = VirtualClock(datetime.fromisoformat(script["starts"]))
    cohort: int = script["cohort"]
    async with stores(settings, serving=True) as (kept, _):
        file = (f"roster-{cohort}.xlsx", await asyncio.to_thread(sample.roster_xlsx, cohort))
        shown = await demo(settings, known, kept, clock, cohort, file)
        await shown.service.reminders.start()
        try:
            await _Player(shown, clock, script["words"], write, settings.data, cohort).play(script["scenes"])
        finally:
            await shown.service.reminders.stop()


class _Player:
    """Plays the scenes of a script."""

    def __init__(
        self, shown: Demo, clock: VirtualClock, words: Mapping[str, str], write: Write, folder: Path, cohort: int
    ) -> None:
        self._shown = shown
        self._clock = clock
        self._transcript = Transcript(shown.room, words, write)
        self._office = Office(shown.service, self._transcript, folder, cohort)
        self._steps: dict[str, Callable[..., Any]] = {
            "say": self._say,
            "press": self._press,
            "walk": self._walk,
            "confirm": self._confirm,
            "next-wave": self._next_wave,
            "until": self._until,
            "open": self._office.open,
            "sheet": self._office.sheet,
            "summary": self._office.summary,
        }

    async def play(self, scenes: list[dict[str, Any]]) -> None:
        self._transcript.line("title")
        for scene in scenes:
            self._transcript.line("scene", title=scene["title"])
            for step in scene["steps"]:
                expected = step.pop("expect", None)
                (verb, values), *_ = step.items()
                came = (
                    await self._steps[verb](**values) if isinstance(values, dict) else await self._steps[verb](values)
                )
                self._expect(expected, came or (), step)

    def _expect(self, expected: Any, came: tuple[RoomMessage, ...], step: Mapping[str, Any]) -> None:
        if expected == "silence":
            if came:
                raise StoryFailed(f"{step}: expected silence, came {[message.text for message in came]}")
            self._transcript.line("silence")
        elif expected is not None and not contains_all(came, expected):
            raise StoryFailed(f"{step}: expected {expected}, came {[message.text for message in came]}")

    async def _say(self, *, seat: int, text: str, **where: str) -> tuple[RoomMessage, ...]:
        student = await self._student(1, seat)
        chat = self._chat(student, where["in"])
        self._transcript.pass_over()
        self._transcript.said(self._account(student), chat, text)
        await self._shown.receiver.post(chat, self._account(student), text)
        return await self._what_comes()

    async def _press(self, *, seat: int, button: str, **where: str) -> tuple[RoomMessage, ...]:
        student = await self._student(1, seat)
        label = await self._push(student, self._chat(student, where["in"]), button)
        self._transcript.pressed(self._account(student), self._chat(student, where["in"]), label)
        return await self._what_comes()

    async def _walk(self, *, seat: int, detour: list[str], differs: bool) -> tuple[RoomMessage, ...]:
        """Take the first choice of each step to the guide's end, each of `detour` where it is first offered."""
        student = await self._student(1, seat)
        chat = self._chat(student, "private")
        step = self._shown.room.history(chat)[-1]
        guide = step.buttons
        while step.buttons and step.buttons != guide[:0] and len(step.buttons) > 1:
            labels = [button.label for button in step.buttons]
            off = next((wanted for wanted in detour if wanted in labels), None)
            if off:
                detour = [wanted for wanted in detour if wanted != off]
            elif differs and not detour:
                off, differs = next(label for label in labels if self._is_control(label, "differs")), False
            label = await self._push(student, chat, off or labels[0])
            self._transcript.pressed(self._account(student), chat, label)
            await self._what_comes()
            step = self._shown.room.history(chat)[-1]
        return (step,)

    async def _confirm(self, *, seats: list[int], **where: int) -> None:
        """The same two taps by many, written as one line."""
        first, last = seats
        students = [await self._student(where["class"], seat) for seat in range(first, last + 1)]
        group = group_chat(students[0].class_id)
        for student in students:
            await self._push(student, group, self._label("button.open"))
        await self._shown.service.settle()
        for student in students:
            await self._push(student, self._chat(student, "private"), self._label("button.confirm"))
        await self._shown.service.settle()
        self._transcript.pass_over()
        name = self._shown.room.classes[students[0].class_id]
        self._transcript.line("many", classname=name, count=len(students))

    async def _next_wave(self, *, only_owing: bool = False) -> tuple[RoomMessage, ...]:
        """Turn the clock to the next moment that APScheduler holds a job for."""
        service = self._shown.service
        coming = [
            wave.at
            for campaign in await service.kept.campaigns.all()
            if campaign.status is CampaignStatus.OPEN
            for wave in plan(campaign, self._clock.now()).coming
        ]
        return await self._turn_to(min(coming), only_owing=only_owing)

    async def _until(self, moment: str) -> tuple[RoomMessage, ...]:
        """Turn the clock wave by wave up to a moment."""
        end = datetime.fromisoformat(moment)
        came: tuple[RoomMessage, ...] = ()
        while True:
            coming = [
                wave.at
                for campaign in await self._shown.service.kept.campaigns.all()
                for wave in plan(campaign, self._clock.now()).coming
            ]
            if not coming or min(coming) > end:
                break
            came += await self._turn_to(min(coming))
        self._clock.advance_to(end)
        return came

    async def _turn_to(self, moment: datetime, *, only_owing: bool = False) -> tuple[RoomMessage, ...]:
        self._transcript.pass_over()
        self._clock.advance_to(moment)
        self._transcript.line("clock", when=self._say_moment(moment))
        owing = await self._office.owing()
        await self._shown.service.settle()
        came = self._transcript.look()
        told = {message.chat for message in came if is_private(message.chat)}
        groups = sum(not is_private(message.chat) for message in came)
        self._transcript.line("wave", groups=groups, private=len(told))
        if only_owing:
            if told != owing:
                raise StoryFailed(f"reminded {len(told)} people while {len(owing)} owe")
            self._transcript.line("only_owing", count=len(owing))
        return came

    async def _push(self, student: Student, chat: str, label: str) -> str:
        """Press the newest button of that label in a chat; its whole label."""
        for message in reversed(self._shown.room.history(chat)):
            for button in message.buttons:
                if label in button.label:
                    await self._shown.receiver.press(chat, self._account(student), message.id, button.token)
                    return button.label
        raise StoryFailed(f"no button {label!r} in {chat}")

    async def _what_comes(self) -> tuple[RoomMessage, ...]:
        await self._shown.service.settle()
        return self._transcript.look()

    async def _student(self, place: int, seat: int) -> Student:
        classes = sorted(self._shown.room.classes.items(), key=lambda item: item[1])
        members = await self._shown.service.kept.rosters.members(classes[place - 1][0])
        return members[seat - 1]

    def _account(self, student: Student) -> str:
        return next(person.account for person in self._shown.room.persons.values() if person.sid == student.sid)

    def _chat(self, student: Student, where: str) -> str:
        return student.sid if where == "private" else group_chat(student.class_id)

    def _label(self, key: str) -> str:
        return self._shown.service.known.wording.label(key)

    def _is_control(self, label: str, control: str) -> bool:
        return label == self._label(f"guide.control.{control}")

    def _say_moment(self, moment: datetime) -> str:
        return self._shown.service.known.wording.render(moment_words(moment))
