"""WeCom's routes as they are configured, wired: any subset of them is one lane."""

from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from fastapi import APIRouter
from pydantic import SecretStr

from bot.bootstrap import Lane, Stores, seal
from bot.metrics import Metrics
from bot.platforms.wecom.api import Caller
from bot.platforms.wecom.app import Application
from bot.platforms.wecom.appchat import Appchats
from bot.platforms.wecom.appmedia import AppMedia
from bot.platforms.wecom.callbacks import Callbacks
from bot.platforms.wecom.cards import Cards
from bot.platforms.wecom.connection import Connection, ConnectionHealth
from bot.platforms.wecom.envelope import Envelope
from bot.platforms.wecom.hook import Webhooks
from bot.platforms.wecom.lane import Hearing, Stateless, WeCom, budgets
from bot.platforms.wecom.media import RobotMedia
from bot.platforms.wecom.receiver import Reader
from bot.platforms.wecom.refs import PLATFORM, GroupRoute
from bot.platforms.wecom.robot import Robot
from bot.platforms.wecom.routes import Route
from bot.platforms.wecom.sharing import Sharing
from bot.platforms.wecom.streams import PassiveReplies, RobotUrl
from bot.platforms.wecom.tokens import AppCalls
from bot.settings import Settings
from bot.storage.errands import RedisErrands
from bot.storage.leases import RedisConnectionLease
from bot.storage.replies import RedisPendingReplies, RedisUsedSignatures
from bot.storage.ways import RedisAnswerWays
from scheduler.ports import Clock, Wording


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What WeCom's routes stand on. `without_store` answers what comes by the long connection while nothing can be
    stored; `figures` is the folder of the pictures; what has to be closed again goes into `opened`.
    With `hears` false the robot's connection is another process's, by which this one sends."""

    settings: Settings
    kept: Stores
    wording: Wording
    figures: Path
    clock: Clock
    metrics: Metrics
    without_store: Stateless
    opened: AsyncExitStack
    alone: bool = False
    hears: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Wired:
    """WeCom, the addresses it calls, how the bot uses it, and by which of its lanes nobody is reached."""

    wecom: WeCom
    routers: tuple[APIRouter, ...]
    unserved: tuple[str, ...]

    @property
    def lane(self) -> Lane:
        """WeCom as a platform."""
        return Lane(
            name=PLATFORM,
            messenger=self.wecom,
            receive=self.wecom.receive,
            handled=self.wecom.handled,
            recall=self.wecom.recall,
            look=self.wecom.look,
            drops_repeats=self.wecom.drops_repeats,
            budgets=budgets,
            routes=tuple(GroupRoute),
        )


async def wecom(ground: Ground) -> Wired | None:
    """The configured routes; None if there are none."""
    wiring = _Wiring(ground)
    application = await wiring.application()
    robot = wiring.robot()
    url = await wiring.robot_url()
    webhooks = await wiring.webhooks()
    routes: list[Route] = [route for route in (application, robot, url, webhooks) if route is not None]
    if not routes:
        return None
    lane = WeCom(
        routes=routes,
        reader=wiring.reader,
        ways=wiring.ways,
        connection=robot.connection if robot is not None else None,
        url=url,
        application=application,
    )
    by_robot = robot is not None or url is not None
    served = {
        PLATFORM: by_robot or application is not None,
        f"{PLATFORM}-{GroupRoute.ROBOT}": by_robot,
        f"{PLATFORM}-{GroupRoute.APPCHAT}": application is not None,
        f"{PLATFORM}-{GroupRoute.HOOK}": webhooks is not None,
    }
    unserved = tuple(name for name, reached in served.items() if not reached)
    return Wired(wecom=lane, routers=tuple(wiring.routers()), unserved=unserved)


class _Wiring:
    """Makes each route, if it is configured, of what they share."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._settings = ground.settings
        database = ground.kept.database
        button_seal = seal(ground.settings)
        self._cards = Cards(seal=button_seal, wording=ground.wording, thumbs=True)
        self._replies = RedisPendingReplies(database)
        self._signatures = RedisUsedSignatures(database)
        self._tokens = ground.kept.tokens
        self.ways = RedisAnswerWays(database)
        self.reader = Reader(seal=button_seal, robot_name=ground.settings.wecom_robot_name)

    def robot(self) -> Robot | None:
        """The robot by long connection."""
        ground, settings = self._ground, self._settings
        if settings.wecom_robot_id is None or settings.wecom_robot_secret is None:
            return None
        hearing = Hearing(
            intake=ground.kept.intake,
            reader=self.reader,
            clock=ground.clock,
            when_store_is_away=ground.without_store,
        )
        name = f"{PLATFORM}:{settings.wecom_robot_id}"
        errands = RedisErrands(ground.kept.database, name)
        connection = Connection(
            url=settings.wecom_socket_url,
            bot_id=settings.wecom_robot_id,
            secret=settings.wecom_robot_secret.get_secret_value(),
            lease=RedisConnectionLease(ground.kept.database, name, alone=ground.alone),
            tries=ground.kept.tries,
            clock=ground.clock,
            hand_on=hearing.hear,
            sharing=Sharing(errands=errands, clock=ground.clock),
            health=ConnectionHealth(elsewhere=not ground.hears),
        )
        media = RobotMedia(folder=ground.figures, connection=connection, uploads=ground.kept.uploads)
        return Robot(connection=connection, ways=self.ways, cards=self._cards, media=media, clock=ground.clock)

    async def robot_url(self) -> RobotUrl | None:
        """The robot by callback URL."""
        if self._settings.wecom_robot_token is None:
            return None
        return RobotUrl(
            replies=self._replies,
            ways=self.ways,
            cards=self._cards,
            calls=await self._caller(),
            clock=self._ground.clock,
        )

    async def application(self) -> Application | None:
        """The application, with the groups it made."""
        ground, settings = self._ground, self._settings
        corp_id, agent_id, secret = settings.wecom_corp_id, settings.wecom_agent_id, settings.wecom_app_secret
        if corp_id is None or agent_id is None or secret is None:
            return None
        calls = AppCalls(
            await self._caller(), self._tokens, ground.clock, corp_id=corp_id, secret=secret.get_secret_value()
        )
        media = AppMedia(folder=ground.figures, calls=calls, uploads=ground.kept.uploads, owner=corp_id)
        return Application(
            calls=calls,
            agent_id=agent_id,
            appchats=Appchats(calls=calls, media=media, wording=ground.wording, clock=ground.clock),
            media=media,
            ways=self.ways,
            cards=replace(self._cards, thumbs=False),  # the application has none
            clock=ground.clock,
            hears=settings.wecom_app_token is not None,
        )

    async def webhooks(self) -> Webhooks | None:
        """The group webhooks."""
        if not self._settings.wecom_webhooks:
            return None
        return Webhooks(
            caller=await self._caller(),
            keys={name: key.get_secret_value() for name, key in self._settings.wecom_webhooks.items()},
            figures=self._ground.figures,
            uploads=self._ground.kept.uploads,
            wording=self._ground.wording,
            clock=self._ground.clock,
        )

    def routers(self) -> Iterator[APIRouter]:
        """The addresses of the routes that are called back."""
        ground, settings = self._ground, self._settings
        robot = _envelope(settings.wecom_robot_token, settings.wecom_robot_aes_key, "")
        app = _envelope(settings.wecom_app_token, settings.wecom_app_aes_key, settings.wecom_corp_id or "")
        if robot is None and app is None:
            return
        passive = PassiveReplies(
            replies=self._replies,
            cards=self._cards,
            wording=ground.wording,
            figures=ground.figures,
            clock=ground.clock,
        )
        yield Callbacks(
            robot=robot,
            app=app,
            passive=passive,
            intake=ground.kept.intake,
            signatures=self._signatures,
            clock=ground.clock,
            count=lambda route, outcome: ground.metrics.callbacks.labels(f"{PLATFORM}-{route}", outcome).inc(),
        ).router()

    async def _caller(self) -> Caller:
        return await self._ground.opened.enter_async_context(Caller(self._settings.wecom_base_url))


def _envelope(token: SecretStr | None, key: SecretStr | None, receive_id: str) -> Envelope | None:
    if token is None or key is None:
        return None
    return Envelope(token=token.get_secret_value(), aes_key=key.get_secret_value(), receive_id=receive_id)
