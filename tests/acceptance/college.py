"""The sample college as tests talk to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.demo.chat import Demo
from bot.demo.college import open_campaign
from bot.platforms.chatroom.receiver import Taken
from bot.platforms.chatroom.room import RoomMessage, group_chat
from scheduler.campaigns import Campaign, StudentState
from scheduler.clocks import VirtualClock
from scheduler.messages import Action
from scheduler.roster import Student

COHORT = 2019
COUNSELLOR = "counsellor"


@dataclass(frozen=True, slots=True, kw_only=True)
class College:
    """Everybody of the college, and the bot among them."""

    demo: Demo
    clock: VirtualClock
    students: Sequence[Student]

    def seat(self, number: int) -> Student:
        """A student of the first class by seat."""
        return self.students[number - 1]

    async def say(self, student: Student, text: str, *, in_group: bool = False) -> list[RoomMessage]:
        """What the bot says to it, everywhere, in order."""
        chat = group_chat(student.class_id) if in_group else student.sid
        return await self._after(self.demo.receiver.post(chat, self.account(student), text))

    async def counsellor_says(self, text: str, *, in_group_of: Student | None = None) -> list[RoomMessage]:
        """What the bot says to the counsellor of all classes, in private or in a student's class group."""
        chat = group_chat(in_group_of.class_id) if in_group_of else COUNSELLOR
        return await self._after(self.demo.receiver.post(chat, f"chatroom:{COUNSELLOR}", text))

    async def counsellor_presses(self, label: str) -> list[RoomMessage]:
        """What the bot says to the newest button of that label in the counsellor's private chat."""
        for message in reversed(self.demo.room.history(COUNSELLOR)):
            for button in message.buttons:
                if label in button.label:
                    pressed = self.demo.receiver.press(COUNSELLOR, f"chatroom:{COUNSELLOR}", message.id, button.token)
                    return await self._after(pressed)
        raise AssertionError(f"no button {label!r}")

    async def press(self, student: Student, label: str, *, in_group: bool = False) -> list[RoomMessage]:
        """What the bot says to the newest button of that label."""
        chat = group_chat(student.class_id) if in_group else student.sid
        for message in reversed(self.demo.room.history(chat)):
            for button in message.buttons:
                if label in button.label:
                    return await self._after(
                        self.demo.receiver.press(chat, self.account(student), message.id, button.token)
                    )
        raise AssertionError(f"no button {label!r}")

    async def press_token(self, student: Student, chat: str, message: str, token: str) -> list[RoomMessage]:
        """What the bot says to any token, as a broken or malicious client may send it."""
        return await self._after(self.demo.receiver.press(chat, self.account(student), message, token))

    async def open_campaign(self) -> Campaign:
        return await open_campaign(self.demo.service, COHORT)

    async def turn_to(self, moment: datetime) -> list[RoomMessage]:
        """What the bot says when the clock is turned."""
        before = self._all()
        self.clock.advance_to(moment)
        await self.demo.service.settle()
        return self._new(before)

    async def state(self, campaign: Campaign, student: Student) -> StudentState:
        return await self.demo.service.kept.campaigns.state(campaign.id, student.class_id, student.sid)

    def account(self, student: Student) -> str:
        return f"chatroom:{student.sid}"

    def seal(self, action: Action) -> str:
        """The token of a button of this bot."""
        return self.demo.seal.seal(action)

    async def _after(self, act: object) -> list[RoomMessage]:
        before = self._all()
        taken = await act  # type: ignore[misc]
        assert isinstance(taken, Taken)
        await self.demo.service.settle()
        return self._new(before)

    def _all(self) -> dict[str, RoomMessage]:
        room = self.demo.room
        chats = {chat for account in room.persons for chat in room.chats_of(account)}
        return {message.id: message for chat in chats for message in room.history(chat)}

    def _new(self, before: dict[str, RoomMessage]) -> list[RoomMessage]:
        fresh = [message for key, message in self._all().items() if before.get(key) != message]
        return [message for message in sorted(fresh, key=lambda found: int(found.id)) if message.sender is None]
