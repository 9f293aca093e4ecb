"""The card whose press a message answers."""

from datetime import datetime

from bot.ports import AnswerWays, Way, WayKind
from scheduler.messages import OutboundMessage


async def pressed_card(ways: AnswerWays, message: OutboundMessage, kind: WayKind, now: datetime) -> Way | None:
    """The way to change the card; None where nothing was pressed, it was changed already, or it is too late.

    The press is kept twice, for a message in the card's place and for a new one in the chat; the first of them leaves
    nothing for the others of the same answer.
    """
    here = str(message.to)
    way = await ways.take(message.replaces or here, kind, now)
    if way is not None and message.replaces:
        await ways.take(here, kind, now)
    return way
