"""Who is who: the talk about bindings, claims and roles, behind one door."""

from bot.dialogue.binding import BindingTalk
from bot.dialogue.claiming import Claiming
from bot.dialogue.commands import Called, Command
from bot.dialogue.joining import Joining
from bot.dialogue.monitoring import Monitoring
from bot.dialogue.privacy import Privacy
from bot.dialogue.records import Records
from bot.dialogue.turns import Reply, Turn
from bot.dialogue.wording import ContentWording
from scheduler.messages import Action, Verb


class People:
    """Knows which of the modules a command or a press about a person is for."""

    def __init__(
        self,
        *,
        binding: BindingTalk,
        claiming: Claiming,
        records: Records,
        joining: Joining,
        monitoring: Monitoring,
        privacy: Privacy,
        wording: ContentWording,
    ) -> None:
        self.binding = binding
        self.records = records
        self._claiming = claiming
        self._joining = joining
        self._monitoring = monitoring
        self._privacy = privacy
        self._parent = wording.words("words.parent")
        self._own_state = wording.words("words.own-state")

    async def command(self, turn: Turn, called: Called) -> Reply | None:
        """The reply to a command about a person; None for any other."""
        match called.command:
            case Command.ERASE:
                return await self._privacy.erase(turn, sure=False)
            case Command.PRIVACY:
                return await self._privacy.show(turn)
            case Command.CLAIM:
                return await self._claiming.order(turn, called)
            case Command.MONITOR:
                return await self._monitoring.ask(turn)
            case Command.HAND_OVER:
                return await self._monitoring.hand_over(turn, called)
            case Command.STAND_IN:
                return await self._joining.stand_in(turn, called)
            case _:
                return None

    async def press(self, turn: Turn, action: Action) -> Reply | None:
        """The reply to a press about a person; None for any other."""
        match action.verb:
            case Verb.ERASE:
                return await self._privacy.erase(turn, sure=action.detail == "yes")
            case Verb.CLAIM:
                return await self._claiming.press(turn, action)
            case Verb.CLAIM_ME:
                return await self._claiming.ask(turn, action)
            case Verb.JOIN:
                joined = await self._joining.accept(turn, action.subject, sure=action.detail == "yes")
                return joined or turn.reply("binding.wrong-code")
            case Verb.MONITOR:
                return await self._monitoring.decide(turn, action)
            case _:
                return None

    def for_parent(self, turn: Turn) -> Reply | None:
        """What a parent hears who asks how their child stands: that it is told to the child alone."""
        said = "".join((turn.message.text or "").split())
        asks = any(word in said for word in self._parent) and any(word in said for word in self._own_state)
        return turn.reply("parent.only-themselves") if asks else None
