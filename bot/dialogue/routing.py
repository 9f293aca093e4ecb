"""Which module answers a press, a command, a question."""

from dataclasses import replace

from bot.dialogue.alerting import Alerting
from bot.dialogue.answering import Answering
from bot.dialogue.askers import Askers
from bot.dialogue.campaign_buttons import buttons_by_title
from bot.dialogue.chatter import Chatter
from bot.dialogue.commands import OF_STAFF, Called, Command
from bot.dialogue.confirming import Confirming
from bot.dialogue.grouping import Grouping
from bot.dialogue.guiding import Guiding, control_action
from bot.dialogue.helping import told
from bot.dialogue.identifying import said_alone
from bot.dialogue.noticing import Noticing
from bot.dialogue.own_state import OwnState
from bot.dialogue.people import People
from bot.dialogue.quieting import Quieting
from bot.dialogue.rating import Rating
from bot.dialogue.reporting import Reporting
from bot.dialogue.sparing import Sparing
from bot.dialogue.staff_desk import StaffDesk
from bot.dialogue.statements import Statements
from bot.dialogue.switching import NOT_FOUND_GUIDE, NOT_FOUND_TOPIC, Switching, not_registered_yet
from bot.dialogue.turns import Reply, Turn, carried
from scheduler.messages import Action, Verb
from scheduler.roster import Student

_CAMPAIGN_COMMANDS = {
    Command.OPEN: Verb.OPEN,
    Command.WRONG: Verb.WRONG,
    Command.NOT_FOUND: Verb.NOT_FOUND,
    Command.NO_LOGIN: Verb.NO_LOGIN,
    Command.WITHDRAW: Verb.WITHDRAW,
    Command.TOMORROW: Verb.TOMORROW,
}

_ORDERS = {
    Command.QUIET, Command.FEWER, Command.INCIDENT, Command.UNREGISTERED, Command.BIND_CLASS, Command.UNBIND_CLASS,
}  # fmt: skip

_BUTTONS_OF_STAFF = {
    Verb.PROGRESS, Verb.NAMES, Verb.NUDGE, Verb.NUDGE_NOW, Verb.PROXY, Verb.AMEND, Verb.EXPORT, Verb.PAPER,
    Verb.HAND_IN, Verb.REPORTED, Verb.CORRECTION,
}  # fmt: skip

_ASKED_INSTEAD = {Command.NOT_FOUND: NOT_FOUND_TOPIC, Command.WRONG: "enrollment-mismatch"}
"""What a command means to somebody who has no open campaign: the topic of the same words."""


class Routes:
    """The modules of the dialogue, and the way to each."""

    def __init__(
        self,
        *,
        askers: Askers,
        answering: Answering,
        guiding: Guiding,
        confirming: Confirming,
        people: People,
        staff: StaffDesk,
        switching: Switching,
        rating: Rating,
        quieting: Quieting,
        sparing: Sparing,
        grouping: Grouping,
        alerting: Alerting,
        chatter: Chatter,
        statements: Statements,
        noticing: Noticing,
        reporting: Reporting,
        own_state: OwnState,
    ) -> None:
        self._askers = askers
        self._answering = answering
        self._guiding = guiding
        self._confirming = confirming
        self._people = people
        self._staff = staff
        self._switching = switching
        self._rating = rating
        self._quieting = quieting
        self._sparing = sparing
        self._grouping = grouping
        self._alerting = alerting
        self._chatter = chatter
        self._statements = statements
        self._noticing = noticing
        self._reporting = reporting
        self._own_state = own_state

    async def press(self, turn: Turn, action: Action) -> Reply:
        """The reply to a button, or to a number that picked one."""
        await self._staff.note_sign(turn)
        waiting = not_registered_yet(turn)
        if waiting is not None and (action.verb is Verb.NOT_FOUND or _begins_diagnosis(action)):
            return turn.reply(waiting)  # nobody of the cohort is found: there is nothing to record or to look for
        match action.verb:
            case Verb.ASK | Verb.NONE_OF_THESE:
                return self._guiding.beside(turn, await self._answering.act(turn, action))
            case Verb.RATE:
                return await self._rating.take(turn, action)
            case Verb.PRIVATE:
                return await self._go_on(turn, carried(action))
            case Verb.GUIDE | Verb.STEP:
                return await self._walk(turn, action)
            case _ if action.verb in _BUTTONS_OF_STAFF:
                return await self._staff.press(turn, action)
            case Verb.GROUP_CODE:
                return await self._grouping.press(turn, action)
            case Verb.NOTICE | Verb.READ:
                return await self._noticing.press(turn, action) or self._people.binding.wanted_for(turn, action)
            case Verb.RECORD:
                return await self._record(turn, action)
            case _ if (said := await self._people.press(turn, action)) is not None:
                return said
            case _ if turn.asker.student is None:
                return await self._bound_first(turn, action)
            case _:
                turn = turn.about(action.subject)
                return self._people.records.ask(turn, action) or await self._confirming.act(turn, action)

    async def filled(self, turn: Turn, called: Called | None) -> Reply | None:
        """The reply to a text that was asked for; None for any other."""
        return (
            await self._noticing.written(turn, called)
            or await self._reporting.typed(turn, called)
            or await self._staff.typed(turn, called)
        )

    async def pick(self, turn: Turn, picked: Action) -> Reply:
        """The reply to a number that stands for something that was offered."""
        return self._statements.numbered(turn, picked) or await self.press(turn.acting(picked), picked)

    async def command(self, turn: Turn, called: Called) -> Reply:
        """The reply to a word that is a command."""
        await self._staff.note_sign(turn)
        match called.command:
            case Command.START | Command.HELP | Command.PERSON | Command.WHERE | Command.THANKS:
                return turn.reply(told(turn, called.command))
            case Command.STATUS if turn.asker.student is not None:
                return self._people.records.ask(turn, None) or await self._own_state.asked(turn)
            case Command.STATUS:
                found = await self._people.binding.by_directory(turn)
                return found[0] if found else turn.reply("binding.wanted")
            case _ if called.command in OF_STAFF:
                return await self._staff.command(turn, called) or await self.question(turn)
            case Command.WRITE_NOTICE | Command.NOTICES:
                return await self._noticing.command(turn, called) or await self.question(turn)
            case Command.ACKNOWLEDGE:
                return await self._statements.acknowledged(turn)
            case Command.BIND:
                return await self._bind(turn, called)
            case _ if (said := await self._people.command(turn, called)) is not None:
                return said
            case _ if called.command in _ORDERS:
                return await self._order(turn, called) or await self.question(turn)
            case Command.BACK | Command.SKIP | Command.QUIT | Command.DIFFERS:
                return await self._control(turn, called.command)
            case _:
                return await self._campaign_command(turn, called.command)

    async def _order(self, turn: Turn, called: Called) -> Reply | None:
        """The reply to what somebody tells the bot to do; None where the words are none of that."""
        match called.command:
            case Command.QUIET:
                return await self._quieting.order(turn, called)
            case Command.FEWER:
                return await self._sparing.order(turn, called)
            case Command.INCIDENT | Command.UNREGISTERED:
                return await self._switching.order(turn, called)
            case _:
                return await self._grouping.order(turn, called)

    async def question(self, turn: Turn) -> Reply:
        """The reply to a sentence."""
        if turn.message.private and not turn.asker.records and (who := said_alone(turn.message.text or "")):
            return await self._bind(turn, Called(command=Command.BIND, rest=who))
        said = (
            await self._alerting.reply(turn)
            or self._people.for_parent(turn)
            or await self._statements.claimed(turn)
            or self._chatter.reply(turn)
        )
        return said or self._guiding.beside(turn, await self._answering.ask(turn))

    async def without_store(self, turn: Turn) -> Reply:
        """The reply to a sentence while nothing can be recorded."""
        said = self._chatter.reply(turn) or await self._answering.ask(turn, keep=False)
        return turn.reply("store.away").then(said)

    async def _go_on(self, turn: Turn, action: Action | None) -> Reply:
        """What was begun in a group, here where others do not read it."""
        if action is None:
            return await self.command(turn, Called(command=Command.START))
        return await self.press(turn.acting(action), action)

    async def _bind(self, turn: Turn, called: Called) -> Reply:
        """Bind, and go on with what had to wait for it."""
        reply, student = await self._people.binding.bind(turn, called.rest)
        pending = turn.conversation.pending
        return reply if student is None or pending is None else await self._resumed(turn, reply, student, pending)

    async def _bound_first(self, turn: Turn, action: Action) -> Reply:
        """Who pressed has to be known first: by the directory, or by what they are asked."""
        found = await self._people.binding.by_directory(turn)
        return await self._resumed(turn, *found, action) if found else self._people.binding.wanted_for(turn, action)

    async def _resumed(self, turn: Turn, reply: Reply, student: Student, pending: Action) -> Reply:
        """The reply to a binding, and what comes of the press that had to wait for it, from whom they are now known
        to be and how surely."""
        asker = (await self._askers.who(turn.message, turn.now)).meaning(student.sid)
        bound = replace(turn, asker=asker, conversation=replace(reply.conversation, pending=None)).acting(pending)
        return reply.then(await self.press(bound, pending))

    async def _walk(self, turn: Turn, action: Action) -> Reply:
        """Begin a guide, or take a step in it."""
        if action.verb is Verb.GUIDE:
            return self._guiding.begin(turn, action.subject)
        return await self._guiding.move(turn, action)

    async def _record(self, turn: Turn, action: Action) -> Reply:
        """Somebody says which of their records they mean: go on with what had to wait for it."""
        pending = turn.conversation.pending
        meant = self._people.records.choose(turn, action.subject)
        if pending is None:
            return await self.command(meant, Called(command=Command.STATUS))
        return await self.press(meant.acting(pending), pending)

    async def _control(self, turn: Turn, command: Command) -> Reply:
        position = turn.conversation.walking(turn.now)
        if position is None and command is Command.QUIT:
            return turn.reply("command.nothing-to-quit")
        if position is None:
            return await self.question(turn)
        return await self._guiding.move(turn, control_action(position, command.value))

    async def _campaign_command(self, turn: Turn, command: Command) -> Reply:
        campaigns, verb = turn.asker.campaigns, _CAMPAIGN_COMMANDS[command]
        if len(campaigns) > 1 and turn.asker.student is not None:
            return turn.reply("campaign.which", buttons_by_title(campaigns, verb))
        if campaigns and turn.asker.student is not None:
            action = Action(verb=verb, subject=campaigns[0].id)
            return await self.press(turn.acting(action), action)
        topic = _ASKED_INSTEAD.get(command)
        return self._answering.topic(turn, topic) if topic else turn.reply("status.no-campaign")


def _begins_diagnosis(action: Action) -> bool:
    return action.verb is Verb.GUIDE and action.subject == NOT_FOUND_GUIDE
