"""The command line `xueji`: every command an operator or a clerk types."""

import sys

import typer

from bot.cli import asking, content, serving
from bot.settings import BadSettings

app = typer.Typer(
    name="xueji",
    help="The bot of a registrar's office: answers, guides and verification campaigns.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("ask")(asking.ask)
app.add_typer(content.app, name="content")


def main() -> None:
    """Run a command; faults in the settings are one line each on the error stream, exit 2."""
    try:
        app()
    except BadSettings as bad:
        sys.stderr.write("\n".join(bad.faults) + "\n")
        sys.exit(2)
