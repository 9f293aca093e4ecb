"""`xueji standin`: a strict stand-in of a platform, to try the bot without the platform."""

import typer

from bot.standins.telegram import main

app = typer.Typer(help="Run a stand-in of a platform on this machine.", no_args_is_help=True)


@app.callback()
def _several() -> None:
    """Run a stand-in of a platform on this machine."""


@app.command()
def telegram(port: int = typer.Option(0, min=0, max=65535, help="0: any free one.")) -> None:
    """Speak the Bot API on loopback; the first line printed is JSON with its addresses and the token it accepts."""
    main(port)
