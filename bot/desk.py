"""What staff does in the dialogue, wired: how its classes stand, statements by hand, papers, reported items."""

from bot.codes import receipt
from bot.correcting import Correcting
from bot.dialogue.amending import Amending
from bot.dialogue.choosing import Choosing
from bot.dialogue.class_reports import ClassReports
from bot.dialogue.correction_desk import CorrectionDesk
from bot.dialogue.exporting import Exporting
from bot.dialogue.nudging import Nudging
from bot.dialogue.papering import Papering
from bot.dialogue.pasting import Pasting
from bot.dialogue.staff_desk import StaffDesk
from bot.dialogue.telling import Telling
from bot.dialogue.vouching import Vouching
from bot.dialogue.watching import Watching
from bot.dialogue.wording import ContentWording
from bot.settings import Settings
from bot.storage.stores import Stores
from bot.suspending import SwitchedSuspensions
from bot.vault import Vault
from knowledge.scopes import ScopeTree
from scheduler.ports import StaffRoom
from scheduler.stating import Stating


def vault(settings: Settings) -> Vault:
    """What seals the words of wrong items, by the configured keys."""
    return Vault([key.get_secret_value() for key in settings.correction_keys or ()])


def correcting(settings: Settings, kept: Stores, tree: ScopeTree, wording: ContentWording) -> Correcting:
    """What takes reported items from step to step, in a chat and on the command line."""
    return Correcting(
        campaigns=kept.campaigns,
        rosters=kept.rosters,
        bindings=kept.bindings,
        corrections=kept.corrections,
        looks=kept.looks,
        outbox=kept.outbox,
        stating=Stating(kept.campaigns, receipt),
        vault=vault(settings),
        tree=tree,
        wording=wording,
    )


def staff_desk(
    settings: Settings, kept: Stores, tree: ScopeTree, wording: ContentWording, room: StaffRoom
) -> StaffDesk:
    """All that staff can ask for, behind one door."""
    choosing, stating = Choosing(kept.rosters, kept.campaigns, wording), Stating(kept.campaigns, receipt)
    return StaffDesk(
        watching=Watching(kept.rosters, kept.campaigns, kept.looks, choosing, wording),
        nudging=_nudging(settings, kept, choosing, wording),
        vouching=Vouching(
            rosters=kept.rosters,
            campaigns=kept.campaigns,
            bindings=kept.bindings,
            looks=kept.looks,
            outbox=kept.outbox,
            stating=stating,
            choosing=choosing,
            wording=wording,
        ),
        amending=Amending(
            rosters=kept.rosters,
            campaigns=kept.campaigns,
            bindings=kept.bindings,
            stating=stating,
            telling=Telling(kept.outbox),
            choosing=choosing,
            wording=wording,
        ),
        corrections=_correction_desk(settings, kept, tree, wording),
        reports=ClassReports(kept.rosters, kept.campaigns, kept.corrections, kept.looks, choosing, wording),
        exporting=_exporting(kept, room, choosing, wording),
        papering=Papering(kept.rosters, kept.campaigns, kept.papers, choosing, wording),
        pasting=Pasting(kept.campaigns, choosing, wording),
        looks=kept.looks,
    )


def _nudging(settings: Settings, kept: Stores, choosing: Choosing, wording: ContentWording) -> Nudging:
    return Nudging(
        rosters=kept.rosters,
        campaigns=kept.campaigns,
        bindings=kept.bindings,
        reach=kept.reach,
        outbox=kept.outbox,
        suspensions=SwitchedSuspensions(kept.switches),
        choosing=choosing,
        wording=wording,
        most_a_week=settings.reminders_a_week,
    )


def _correction_desk(settings: Settings, kept: Stores, tree: ScopeTree, wording: ContentWording) -> CorrectionDesk:
    return CorrectionDesk(
        rosters=kept.rosters,
        campaigns=kept.campaigns,
        corrections=kept.corrections,
        correcting=correcting(settings, kept, tree, wording),
        vault=vault(settings),
        wording=wording,
    )


def _exporting(kept: Stores, room: StaffRoom, choosing: Choosing, wording: ContentWording) -> Exporting:
    return Exporting(
        rosters=kept.rosters,
        campaigns=kept.campaigns,
        outbox=kept.outbox,
        evidence=kept.evidence,
        looks=kept.looks,
        uploads=kept.uploads,
        room=room,
        choosing=choosing,
        wording=wording,
    )
