"""From the bot to the room: one message in words becomes the room's own."""

from bot.buttons import ButtonSeal
from bot.platforms.chatroom.room import TEXT_LIMIT, Button, Chatroom, RoomMessage
from bot.platforms.rendering import split_text
from scheduler.messages import Accepted, OutboundMessage, Outcome, Refused, RefusedWhy


class ChatroomMessenger:
    """Says things in the room; implements `scheduler.ports.Messenger`."""

    def __init__(self, room: Chatroom, seal: ButtonSeal) -> None:
        self._room = room
        self._seal = seal

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        """Accepted with the id of the last part, or Refused(UNREACHABLE) where the room has no such chat.

        A long text becomes several messages: the picture goes with the first, the buttons with the last.
        """
        first, *rest = split_text(text, TEXT_LIMIT)
        buttons = tuple(Button(label=choice.label, token=self._seal.seal(choice.action)) for choice in message.choices)
        said = self._begin(message, first, () if rest else buttons)
        for place, part in enumerate(rest, start=1):
            said = self._room.say(message.to.chat, part, buttons=buttons if place == len(rest) else ())
        return Accepted(message_id=said.id) if said else Refused(why=RefusedWhy.UNREACHABLE)

    def _begin(self, message: OutboundMessage, text: str, buttons: tuple[Button, ...]) -> RoomMessage | None:
        """The first part, in the place of the message it replaces where that still stands."""
        chat = message.to.chat
        edited = message.replaces and self._room.edit(
            chat, message.replaces, text, buttons=buttons, picture=message.picture
        )
        return edited or self._room.say(
            chat,
            text,
            buttons=buttons,
            picture=message.picture,
            files=tuple(file.name for file in message.files),
            reply_to=message.reply_to,
        )
