"""`xueji platforms`: look whether the configured routes to people work."""

import json
from collections.abc import Sequence
from contextlib import AsyncExitStack

import typer

from bot.bootstrap import Stores, whereabouts
from bot.cli import class_groups
from bot.cli.office import content_and_words, with_stores
from bot.dialogue.wording import ContentWording
from bot.platforms.findings import Finding
from bot.platforms.telegram import checking as telegram
from bot.platforms.wecom import checking as wecom
from bot.platforms.wecom.api import Caller
from bot.platforms.wecom.refs import PLATFORM
from bot.settings import Settings, read
from bot.storage.leases import RedisConnectionLease
from scheduler.clocks import SystemClock
from scheduler.messages import Phrase

app = typer.Typer(help="Look after the platforms the bot speaks on.", no_args_is_help=True)


@app.command()
def check(as_json: bool = typer.Option(False, "--json", help="One JSON object.")) -> None:
    """Try each configured route and say in one line what is wrong and where it is mended; exit 1 if anything is.

    Nobody gets a message by it, and a service that runs on the same data keeps its connection.
    """
    settings = read()
    found = with_stores(lambda kept: look(settings, kept))
    _, wording = content_and_words()
    if as_json:
        typer.echo(json.dumps(_object(found, wording), ensure_ascii=False))
    else:
        for finding in found:
            typer.echo(_line(finding, wording))
        if not found:
            typer.echo(wording.label("platforms.none"))
    if not found or any(finding.wrong for finding in found):
        raise typer.Exit(1)


app.command()(class_groups.make_group)


async def look(settings: Settings, kept: Stores) -> Sequence[Finding]:
    """What is found of each configured route, in the order of the page of settings."""
    found: list[Finding] = []
    clock = SystemClock()
    if settings.telegram_token is not None:
        found += await telegram.check(
            token=settings.telegram_token.get_secret_value(),
            base_url=settings.telegram_base_url,
            webhook_url=settings.telegram_webhook_url,
            whereabouts=whereabouts(kept, clock),
            now=clock.now(),
        )
    async with AsyncExitStack() as held:
        caller = await held.enter_async_context(Caller(settings.wecom_base_url))
        found += await _robot(settings, kept)
        calls = class_groups.app_calls(settings, kept, caller, clock)
        if calls is not None and settings.wecom_agent_id is not None:
            found.append(await wecom.check_app(calls, settings.wecom_agent_id))
        for name, key in (settings.wecom_webhooks or {}).items():
            found.append(await wecom.check_webhook(caller, name, key.get_secret_value()))
    return found


async def _robot(settings: Settings, kept: Stores) -> Sequence[Finding]:
    if settings.wecom_robot_token is not None:
        return (wecom.CALLBACK_URL,)
    if settings.wecom_robot_id is None or settings.wecom_robot_secret is None:
        return ()
    lease = RedisConnectionLease(kept.database, f"{PLATFORM}:{settings.wecom_robot_id}")
    secret = settings.wecom_robot_secret.get_secret_value()
    return (await wecom.check_robot(settings.wecom_socket_url, settings.wecom_robot_id, secret, lease),)


def _object(found: Sequence[Finding], wording: ContentWording) -> dict[str, object]:
    return {
        "works": bool(found) and not any(finding.wrong for finding in found),
        "routes": [
            {
                "route": finding.route,
                **({"name": finding.name} if finding.name else {}),
                "works": not finding.wrong,
                "why": finding.said.key,
                "said": wording.render(finding.said),
            }
            for finding in found
        ],
    }


def _line(finding: Finding, wording: ContentWording) -> str:
    route = Phrase(key=f"platforms.route.{finding.route}", values={"name": finding.name} if finding.name else {})
    key = "platforms.line.wrong" if finding.wrong else "platforms.line.works"
    return wording.render(Phrase(key=key, values={"route": route, "said": finding.said}))
