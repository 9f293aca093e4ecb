"""The chatroom as a lane of the bot, with everybody of the sample college in it."""

from dataclasses import dataclass

from bot.bootstrap import Knowledge, Lane, Service, Stores, seal
from bot.buttons import ButtonSeal
from bot.demo.college import bind_everybody, import_roster, persons
from bot.messages import InboundMessage
from bot.metrics import Metrics
from bot.platforms.chatroom.receiver import ChatroomReceiver
from bot.platforms.chatroom.room import PLATFORM, Chatroom
from bot.platforms.chatroom.sender import ChatroomMessenger
from bot.ports import RawUpdate
from bot.settings import Settings
from scheduler.clocks import VirtualClock


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """A service whose only platform is the chatroom."""

    service: Service
    room: Chatroom
    receiver: ChatroomReceiver
    metrics: Metrics
    seal: ButtonSeal


async def demo(
    settings: Settings, known: Knowledge, kept: Stores, clock: VirtualClock, cohort: int, roster_file: tuple[str, bytes]
) -> Demo:
    """Import the roster, open the room, bind everybody, wire the service."""
    roster = await import_roster(kept, known.content, cohort, *roster_file)
    counsellor = next(found.counsellor for found in roster.classes.values())
    room = Chatroom(
        bot_name=known.wording.label("bot.name"),
        classes={found.id: found.name for found in sorted(roster.classes.values(), key=lambda found: found.name)},
        persons=persons(roster, counsellor),
        clock=clock,
    )
    await bind_everybody(kept, room, roster)
    buttons = seal(settings)
    metrics = Metrics()

    async def receive(raw: RawUpdate) -> InboundMessage | None:
        return receiver.to_inbound(raw)

    lane = Lane(name=PLATFORM, messenger=ChatroomMessenger(room, buttons), receive=receive, budgets=lambda to: ())
    service = Service(settings=settings, known=known, kept=kept, clock=clock, lanes=(lane,), metrics=metrics)
    receiver = ChatroomReceiver(room, kept.intake, buttons, when_store_is_away=service.dispatcher.handle_without_store)
    return Demo(service=service, room=room, receiver=receiver, metrics=metrics, seal=buttons)
