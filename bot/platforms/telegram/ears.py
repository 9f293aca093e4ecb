"""In which bound groups the bot hears a question that is not a command: asked of Telegram at start, then told by it."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import structlog
from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden, TelegramError

from bot.platforms.telegram import refs
from bot.platforms.telegram.changes import Place, is_admin, is_there
from bot.platforms.telegram.outcomes import is_gone
from bot.platforms.telegram.receiver import Me
from bot.platforms.telegram.request import Flood
from bot.platforms.whereabouts import Whereabouts
from scheduler.messages import Phrase
from scheduler.roster import Group

_log = structlog.get_logger(__name__)

_NAMED = 5
"""Most classes named in a note."""

_UNSAID_SECONDS = 5.0


class Ears:
    """What is known of the bot's place in groups."""

    def __init__(self, bot: Bot, whereabouts: Whereabouts, pause: Callable[[float], Awaitable[None]]) -> None:
        self._bot = bot
        self._whereabouts = whereabouts
        self._pause = pause
        self._admin_in: set[str] = set()
        self._deaf_in: dict[str, str] = {}

    async def look(self, me: Me) -> None:
        """Ask for every bound group how the bot stands there; what cannot be asked now is left as it was."""
        for group in await self._whereabouts.bound(refs.PLATFORM):
            try:
                await self._look_into(group, me)
            except ChatMigrated as moved:
                await self._whereabouts.moved(group.address, refs.address(moved.new_chat_id))
            except (Forbidden, BadRequest) as error:
                if isinstance(error, Forbidden) or is_gone(error):
                    await self._whereabouts.lost(group.address)
            except TelegramError as error:
                _log.info("group not looked into", why=type(error).__name__)
        _log.info("groups looked into", deaf=len(self._deaf_in), admin=len(self._admin_in))

    async def told(self, place: Place, me: Me) -> None:
        """Telegram says how the bot stands somewhere from now on."""
        self._note(place.chat.chat, admin=place.admin and place.there)
        if place.there and not self._hears(place.chat.chat, me):
            for group in await self._whereabouts.bound(refs.PLATFORM):
                if group.address.chat == place.chat.chat:
                    self._deaf_in[place.chat.chat] = await self._whereabouts.classes_of(group)
        else:
            self._deaf_in.pop(place.chat.chat, None)

    def is_admin(self, chat: str) -> bool:
        """Whether the bot is known to be an admin there."""
        return chat in self._admin_in

    def notes(self, me: Me) -> tuple[Phrase, ...]:
        """What staff should know: the groups whose questions it cannot hear, by their classes."""
        deaf = sorted(self._deaf_in.values())
        said = [Phrase(key="telegram.note.deaf", values={"classes": name}) for name in deaf[:_NAMED]]
        if len(deaf) > _NAMED:
            said.append(Phrase(key="telegram.note.deaf-too", values={"groups": len(deaf) - _NAMED}))
        if not me.reads_groups and not deaf and not self._admin_in:
            said.append(Phrase(key="telegram.note.privacy-mode"))
        return tuple(said)

    async def _look_into(self, group: Group, me: Me) -> None:
        chat = group.address.chat
        while True:
            try:
                member = await self._bot.get_chat_member(chat, me.id)
            except Flood as flood:
                await self._pause(flood.pause / timedelta(seconds=1) if flood.pause else _UNSAID_SECONDS)
            else:
                break
        if not is_there(member):
            await self._whereabouts.lost(group.address)
            return
        self._note(chat, admin=is_admin(member))
        if not self._hears(chat, me):
            self._deaf_in[chat] = await self._whereabouts.classes_of(group)

    def _note(self, chat: str, *, admin: bool) -> None:
        if admin:
            self._admin_in.add(chat)
        else:
            self._admin_in.discard(chat)

    def _hears(self, chat: str, me: Me) -> bool:
        return me.reads_groups or chat in self._admin_in
