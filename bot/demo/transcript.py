"""The story as people read it: what was said where, line by line."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from bot.platforms.chatroom.room import Chatroom, RoomMessage, is_private

Write = Callable[[str], None]


class Transcript:
    """Writes down what is new in the room since it last looked."""

    def __init__(self, room: Chatroom, words: Mapping[str, str], write: Write) -> None:
        self._room = room
        self._words = words
        self._write = write
        self._seen: dict[str, RoomMessage] = {}

    def line(self, key: str, **values: str | int) -> None:
        """Write one line of the story's own words."""
        self._write(self._words[key].format(**values))

    def look(self) -> tuple[RoomMessage, ...]:
        """Write what the bot said since the last look; all of it, in order. Equal private messages are written once."""
        fresh = self._fresh()
        said = [message for message in fresh if message.sender is None]
        times = Counter(message.text for message in said if is_private(message.chat))
        written: set[str] = set()
        for message in said:
            if is_private(message.chat):
                if message.text in written:
                    continue
                written.add(message.text)
            self._bot(message)
            if is_private(message.chat) and times[message.text] > 1:
                self.line("same", count=times[message.text])
        return tuple(said)

    def pass_over(self) -> tuple[RoomMessage, ...]:
        """What the bot said since the last look, without writing it."""
        return tuple(message for message in self._fresh() if message.sender is None)

    def said(self, account: str, chat: str, text: str) -> None:
        """Write what a person said."""
        self.line("said", chat=self._chat(chat), who=self._room.persons[account].name, text=text)

    def pressed(self, account: str, chat: str, label: str) -> None:
        """Write what a person pressed."""
        self.line("pressed", chat=self._chat(chat), who=self._room.persons[account].name, label=label)

    def _fresh(self) -> list[RoomMessage]:
        chats = {chat for account in self._room.persons for chat in self._room.chats_of(account)}
        now = {message.id: message for chat in chats for message in self._room.history(chat)}
        fresh = [message for key, message in now.items() if self._seen.get(key) != message]
        self._seen = now
        return sorted(fresh, key=lambda message: (message.at, int(message.id)))

    def _bot(self, message: RoomMessage) -> None:
        head = self._words["bot"].format(chat=self._chat(message.chat), text="")
        text = message.text.replace("\n", "\n" + " " * 8)
        self._write(head + (self._words["edited"] if message.edited else "") + text)
        if message.picture:
            self.line("picture", picture=message.picture)
        if message.buttons:
            self.line("buttons", labels=" · ".join(button.label for button in message.buttons))

    def _chat(self, chat: str) -> str:
        if is_private(chat):
            person = next(person for person in self._room.persons.values() if person.id == chat)
            return self._words["private"].format(name=person.name)
        return self._room.classes[chat.removeprefix("g-")]


def contains_all(messages: Sequence[RoomMessage], wanted: Sequence[str]) -> bool:
    """Whether each of the wanted words stands in one of the messages."""
    whole = "\n".join(message.text for message in messages)
    return all(word in whole for word in wanted)
