"""`xueji standin`: a strict stand-in of a platform, to try the bot without the platform."""

import typer

from bot.standins.telegram import main as run_telegram
from bot.standins.telegram import server as telegram_server
from bot.standins.wecom import main as run_wecom
from bot.standins.wecom import server as wecom_server

app = typer.Typer(help="Run a stand-in of a platform on this machine.", no_args_is_help=True)

_FIRST_LINE = "The first line printed is JSON: its addresses and the credentials it accepts."
_PORT = typer.Option(0, min=0, max=65535, help="0: any free one.")


def _as_it_stands(text: str | None) -> str:
    """A text whose lines are not to be joined."""
    return "\n\n".join(f"\b\n{paragraph}" for paragraph in (text or "").strip().split("\n\n"))


@app.command(help=_as_it_stands(telegram_server.__doc__), epilog=_FIRST_LINE)
def telegram(port: int = _PORT) -> None:
    """Speak the Bot API."""
    run_telegram(port)


@app.command(help=_as_it_stands(wecom_server.__doc__), epilog=_FIRST_LINE)
def wecom(port: int = _PORT) -> None:
    """Speak for WeCom."""
    run_wecom(port)
