"""The command line `xueji`: every command an operator or a clerk types."""

import os
import sys

import typer

from bot.cli import (
    asking,
    campaign,
    content,
    correction,
    evidence,
    notice,
    outbox,
    person,
    platforms,
    roster,
    serving,
    staff,
    standin,
    switch,
)
from bot.settings import BadSettings
from knowledge.faults import ContentFaults

app = typer.Typer(
    name="xueji",
    help="The bot of a registrar's office: answers, guides and verification campaigns.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(serving.serve)
app.command()(serving.work)
app.command()(serving.demo)
app.command()(asking.ask)
app.add_typer(content.app, name="content")
app.add_typer(roster.app, name="roster")
app.add_typer(campaign.app, name="campaign")
app.add_typer(correction.app, name="correction")
app.add_typer(notice.app, name="notice")
app.add_typer(evidence.app, name="evidence")
app.add_typer(person.app, name="person")
app.add_typer(staff.app, name="staff")
app.add_typer(switch.app, name="switch")
app.add_typer(outbox.app, name="outbox")
app.add_typer(platforms.app, name="platforms")
app.add_typer(standin.app, name="standin")


def main() -> None:
    """Run a command; faults of settings or content, and a file that cannot be used, are one line each on the error
    stream, exit 2."""
    os.umask(0o077)  # rosters and lists are for the account that runs the bot
    try:
        app()
    except (BadSettings, ContentFaults) as faults:
        sys.stderr.write(f"{faults}\n")
        sys.exit(2)
    except OSError as fault:
        if fault.filename is None:
            raise
        sys.stderr.write(f"{fault.filename}: {fault.strerror}\n")
        sys.exit(2)
