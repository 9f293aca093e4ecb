"""Two bots that answer every text with itself, each in a process of its own, so that they can be killed.

`python -m tests.integration.telegram.echoing ours|ptb BASE_URL TOKEN STORE PREFIX`: this project's receiving with its
durable intake, or python-telegram-bot's own application, which is given the last two for nothing. The text
"hold on" is answered and then never done with, as something slow that the kill interrupts.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from telegram import Update
from telegram.ext import ApplicationBuilder, ContextTypes, MessageHandler, filters

from bot.bootstrap import Stores, whereabouts
from bot.buttons import ButtonSeal
from bot.platforms.telegram.lane import Telegram
from bot.platforms.telegram.outage import Outages
from bot.ports import TakenUpdate
from bot.storage.connection import connect
from scheduler.clocks import SystemClock
from scheduler.messages import OutboundMessage, Purpose, Text

HOLD_ON = "hold on"


async def _nobody(*_: Any) -> int:
    return 0


async def ours(base_url: str, token: str, store: str, prefix: str) -> None:
    """This project's way."""
    kept, clock = Stores(connect(store, prefix), alone=True), SystemClock()
    async with Telegram(
        token=token, base_url=base_url, seal=ButtonSeal(b"a secret of the tests"), intake=kept.intake,
        uploads=kept.uploads, whereabouts=whereabouts(kept, clock), outages=Outages(kept.hearing, _nobody),
        clock=clock, figures=Path(), menu=dict,
    ) as bot:  # fmt: skip

        async def handle(taken: TakenUpdate) -> None:
            message = await bot.receive(taken.update)
            if message is not None and message.text:
                said = OutboundMessage(to=message.address, body=Text(text=message.text), purpose=Purpose.ANSWER)
                await bot.send(said, message.text)
                await _hold_on(message.text, taken.redelivered)

        await asyncio.gather(bot.run(), kept.intake.run(handle))


def ptb(base_url: str, token: str) -> None:
    """The library's own way."""

    async def echo(update: Update, _: ContextTypes.DEFAULT_TYPE) -> None:
        assert update.message is not None
        assert update.message.text is not None
        await update.message.reply_text(update.message.text)
        await _hold_on(update.message.text, redelivered=False)

    application = ApplicationBuilder().token(token).base_url(f"{base_url}/bot").job_queue(None).build()
    application.add_handler(MessageHandler(filters.TEXT, echo))
    application.run_polling(timeout=5)


async def _hold_on(text: str, redelivered: bool) -> None:
    if text == HOLD_ON and not redelivered:
        await asyncio.Event().wait()


def main() -> None:
    """Run the one that is asked for until killed."""
    which, base_url, token, store, prefix = sys.argv[1:]
    if which == "ptb":
        ptb(base_url, token)
    else:
        asyncio.run(ours(base_url, token, store, prefix))


if __name__ == "__main__":
    main()
