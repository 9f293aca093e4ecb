"""The dialogue wired over one version of the content: the half of the wiring that is done anew with each reload."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.codes import new_code, receipt
from bot.desk import staff_desk, vault
from bot.dialogue.alerting import Alerting
from bot.dialogue.answering import Answering
from bot.dialogue.askers import Askers
from bot.dialogue.binding import BindingTalk
from bot.dialogue.chatter import Chatter
from bot.dialogue.claiming import Claiming
from bot.dialogue.commands import Commands
from bot.dialogue.composing import Composing
from bot.dialogue.confirming import Confirming
from bot.dialogue.dispatcher import Dispatcher
from bot.dialogue.grouping import Grouping
from bot.dialogue.guiding import Guiding
from bot.dialogue.joining import Joining
from bot.dialogue.limiting import Limiting
from bot.dialogue.manners import Manners
from bot.dialogue.monitoring import Monitoring
from bot.dialogue.notice_names import NoticeNames
from bot.dialogue.noticing import Noticing
from bot.dialogue.offline import Offline
from bot.dialogue.own_state import OwnState
from bot.dialogue.owners import Look, Owners
from bot.dialogue.people import People
from bot.dialogue.privacy import Privacy
from bot.dialogue.quieting import Quieting
from bot.dialogue.rating import Rating
from bot.dialogue.reading import ReadingNotices
from bot.dialogue.records import Records
from bot.dialogue.reporting import Reporting
from bot.dialogue.routing import Routes
from bot.dialogue.sparing import Sparing
from bot.dialogue.statements import Statements
from bot.dialogue.suspecting import Suspecting
from bot.dialogue.switching import Switching
from bot.dialogue.telling import Telling
from bot.dialogue.understanding import Understanding
from bot.dialogue.wording import ContentWording
from bot.drafting import hours_of
from bot.metrics import Metrics
from bot.platforms.recalling import recallable
from bot.platforms.wecom.refs import PLATFORM as WECOM
from bot.settings import GroupMode, Settings, UseridIs
from bot.storage.stores import Stores
from knowledge.loading import CONTENT, Content
from knowledge.scopes import NATIONAL
from knowledge.search.artefact import folder_of
from knowledge.search.searcher import Searcher
from scheduler.addressing import Addressing
from scheduler.announcing import Announcing
from scheduler.broadcasts import Broadcasts
from scheduler.erasing import Erasing
from scheduler.ports import Clock, Messenger, StaffRoom, Wording
from scheduler.staff_room import StaffChats
from scheduler.stating import Stating


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """One version of the content, read from a folder, with the search over it and the words of its phrases."""

    folder: Path
    content: Content
    searcher: Searcher
    wording: ContentWording


def knowledge_of(content: Content, folder: Path = CONTENT, *, searcher: Searcher | None = None) -> Knowledge:
    """Everything that is made of the content; the searcher is opened over it where none is given."""
    return Knowledge(
        folder=folder,
        content=content,
        searcher=searcher or Searcher.open(content, folder_of(folder)),
        wording=ContentWording(content.phrases, content.tree[NATIONAL].address),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A version of the content and all that speaks of it: changed together, in one assignment."""

    known: Knowledge
    dispatcher: Dispatcher
    owners: Owners


def talk(
    settings: Settings,
    kept: Stores,
    messengers: Mapping[str, Messenger],
    looks: Mapping[str, Look],
    clock: Clock,
    metrics: Metrics,
    offline: Offline,
    known: Knowledge,
) -> Talk:
    """A version of the content with its dialogue."""
    askers = Askers(
        rosters=kept.rosters,
        bindings=kept.bindings,
        staff=kept.staff,
        campaigns=kept.campaigns,
        tree=known.content.tree,
        default_scope=settings.scope,
    )
    room = staff_chats(settings, messengers.keys(), kept, clock)
    owners = Owners(
        looks,
        bindings=kept.bindings,
        groups=kept.group_codes,
        rosters=kept.rosters,
        askers=askers,
        office=room,
        wording=known.wording,
    )
    dispatcher = _dispatcher(settings, known, kept, messengers, askers, owners, room, clock, metrics, offline)
    return Talk(known=known, dispatcher=dispatcher, owners=owners)


def _dispatcher(
    settings: Settings,
    known: Knowledge,
    kept: Stores,
    messengers: Mapping[str, Messenger],
    askers: Askers,
    owners: Owners,
    room: StaffRoom,
    clock: Clock,
    metrics: Metrics,
    offline: Offline,
) -> Dispatcher:
    wording, manners = known.wording, Manners(kept.groups, known.content.topics, known.wording)
    suspecting = Suspecting(kept.campaigns, kept.staff, room, kept.outbox)
    grouping = Grouping(kept.rosters, kept.group_codes, askers, owners, Telling(kept.outbox), wording, new_code)
    commands = Commands(wording)
    return Dispatcher(
        conversations=kept.conversations,
        askers=askers,
        commands=commands,
        routes=_routes(settings, known, kept, askers, manners, grouping, clock, metrics, suspecting, room),
        manners=manners,
        limiting=Limiting(kept.limits, commands),
        offline=offline,
        messengers=messengers,
        switches=kept.switches,
        outbox=kept.outbox,
        wording=wording,
        clock=clock,
    )


def _routes(
    settings: Settings,
    known: Knowledge,
    kept: Stores,
    askers: Askers,
    manners: Manners,
    grouping: Grouping,
    clock: Clock,
    metrics: Metrics,
    suspecting: Suspecting,
    room: StaffRoom,
) -> Routes:
    content, wording = known.content, known.wording
    guiding = Guiding(content, wording, kept.questions)
    rating = Rating(kept.ratings, kept.questions, wording)
    ambient = settings.group_mode is GroupMode.AMBIENT
    sealed, stating = vault(settings), Stating(kept.campaigns, receipt)
    reporting = Reporting(kept.campaigns, kept.corrections, stating, sealed, wording, receipt)
    own_state = OwnState(kept.campaigns, kept.corrections, sealed, wording)
    return Routes(
        askers=askers,
        answering=Answering(
            content,
            Understanding(content, known.searcher, wording),
            wording,
            kept.questions,
            rating,
            ambient=ambient,
            count=lambda band: metrics.answers.labels(band).inc(),
        ),
        guiding=guiding,
        confirming=Confirming(kept.campaigns, kept.outbox, guiding, wording, stating, reporting, own_state, suspecting),
        reporting=reporting,
        own_state=own_state,
        people=_people(settings, kept, wording),
        staff=staff_desk(settings, kept, content.tree, wording, room),
        switching=Switching(kept.switches, wording),
        rating=rating,
        quieting=Quieting(manners, wording),
        sparing=Sparing(kept.bindings, wording),
        grouping=grouping,
        alerting=Alerting(content, wording, manners),
        chatter=Chatter(wording, ambient=ambient),
        statements=Statements(kept.campaigns, wording, content.lexicon),
        noticing=_noticing(settings, kept, known, clock),
    )


def _number_of(settings: Settings, account: str) -> str:
    """The student number that an account is by the school's own directory; empty where it says nothing of it."""
    platform, _, userid = account.partition(":")
    return userid if platform == WECOM and settings.wecom_userid_is is UseridIs.NUMBER else ""


def _people(settings: Settings, kept: Stores, wording: ContentWording) -> People:
    telling = Telling(kept.outbox)
    joining = Joining(kept.staff, kept.rosters, wording, new_code)
    return People(
        binding=BindingTalk(
            kept.rosters, kept.bindings, kept.tries, telling, joining, wording, partial(_number_of, settings)
        ),
        claiming=Claiming(kept.rosters, kept.bindings, telling, wording),
        records=Records(wording),
        joining=joining,
        monitoring=Monitoring(kept.rosters, kept.bindings, kept.staff, telling, wording),
        privacy=_privacy(settings, kept, wording),
        wording=wording,
    )


def _privacy(settings: Settings, kept: Stores, wording: ContentWording) -> Privacy:
    erasing = Erasing(
        bindings=kept.bindings,
        corrections=kept.corrections,
        campaigns=kept.campaigns,
        evidence=kept.evidence,
        persons=kept.persons,
    )
    texts, sends = timedelta(days=settings.correction_days), timedelta(days=settings.ledger_days)
    return Privacy(kept.campaigns, kept.corrections, erasing, wording, texts_last=texts, sends_last=sends)


def staff_chats(settings: Settings, platforms: Collection[str], kept: Stores, clock: Clock) -> StaffChats:
    """The office's own chats on the platforms that are served."""
    chats = [chat for chat in settings.staff_chat or () if chat.platform in platforms]
    return StaffChats(chats, kept.staff, kept.outbox, clock)


def _noticing(settings: Settings, kept: Stores, known: Knowledge, clock: Clock) -> Noticing:
    wording, desk = known.wording, announcing(settings, kept, known.content, known.wording, clock)
    return Noticing(
        announcing=desk,
        composing=Composing(desk, kept.rosters, wording),
        names=NoticeNames(desk, kept.rosters, kept.looks, wording),
        reading=ReadingNotices(kept.notices, kept.rosters, kept.campaigns, wording),
        notices=kept.notices,
        rosters=kept.rosters,
        campaigns=kept.campaigns,
        wording=wording,
    )


def addressing(kept: Stores) -> Addressing:
    """Whom a notice reaches."""
    return Addressing(
        rosters=kept.rosters,
        bindings=kept.bindings,
        staff=kept.staff,
        campaigns=kept.campaigns,
        reach=kept.reach,
        notices=kept.notices,
        results=kept.notice_results,
    )


def announcing(settings: Settings, kept: Stores, content: Content, wording: Wording, clock: Clock) -> Announcing:
    """The desk at which notices are made and watched."""
    return Announcing(
        notices=kept.notices,
        results=kept.notice_results,
        addressing=addressing(kept),
        outbox=kept.outbox,
        wording=wording,
        clock=clock,
        recallable=recallable,
        hours_of=partial(hours_of, content),
        most_alone=settings.notice_alone,
        disk=kept.disk,
    )


def broadcasts(kept: Stores, clock: Clock) -> Broadcasts:
    """What moves notices on."""
    return Broadcasts(kept.notices, kept.notice_results, kept.outbox, addressing(kept), clock, recallable)
