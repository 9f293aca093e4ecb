"""Who may do what: one table of rights and roles, asked anew at every press."""

from collections.abc import Mapping
from enum import StrEnum

from bot.dialogue.turns import Asker
from scheduler.staffing import StaffRole


class Right(StrEnum):
    """What only some may do, each for the classes they are in charge of."""

    SEE_PROGRESS = "see-progress"
    """How many of a class are done, and how many are not."""
    SEE_NAMES = "see-names"
    """Who still owes, by name; each look is on record."""
    SEE_REASONS = "see-reasons"
    """Why somebody is exempt, was not found, or is compared by photo."""
    SEE_ITEMS = "see-items"
    """Which item a student reported wrong and how far it is, by name; each look is on record."""
    SEE_VALUES = "see-values"
    """What a student wrote as the right value of a wrong item, and the steps the office takes with it."""
    NUDGE = "nudge"
    """Remind those who owe now."""
    PROXY = "proxy"
    """Record a student's statement for them."""
    AMEND = "amend"
    """Take back what a student stated, where they cannot any more."""
    TICK_PAPER = "tick-paper"
    """Record who signed on paper."""
    HAND_IN_CLASS = "hand-in-class"
    HAND_IN_COLLEGE = "hand-in-college"
    EXPORT = "export"
    CLAIM = "claim"
    """Say whose account it is that could not be bound, or was claimed by two."""
    BIND_GROUP = "bind-group"
    """Say which classes a group is of."""
    INVITE = "invite"
    """Make somebody a class's monitor."""
    HUSH = "hush"
    """Ask the bot to be quiet in the class's group."""
    SWITCH = "switch"
    """Say that 学信网 does not work, or that a cohort is not registered yet."""
    OPEN_CAMPAIGN = "open-campaign"
    NOTICE = "notice"
    """Write a notice."""
    RELEASE_NOTICE = "release-notice"
    """Let a notice go out."""


_MONITOR = frozenset(
    {
        Right.SEE_PROGRESS, Right.SEE_NAMES, Right.SEE_ITEMS, Right.NUDGE, Right.PROXY, Right.TICK_PAPER,
        Right.HAND_IN_CLASS, Right.HUSH,
    }
)  # fmt: skip

_COUNSELLOR = _MONITOR | {
    Right.AMEND, Right.SEE_REASONS, Right.EXPORT, Right.CLAIM, Right.BIND_GROUP, Right.INVITE, Right.SWITCH,
    Right.NOTICE,
}  # fmt: skip

_COLLEGE = _COUNSELLOR | {Right.SEE_VALUES, Right.HAND_IN_COLLEGE, Right.RELEASE_NOTICE}

TABLE: Mapping[StaffRole, frozenset[Right]] = {
    StaffRole.MONITOR: _MONITOR,
    StaffRole.COUNSELLOR: _COUNSELLOR,
    StaffRole.TEACHER: _COUNSELLOR,
    StaffRole.COLLEGE: _COLLEGE,
    StaffRole.REGISTRAR: frozenset(Right),
}
"""Each role's rights; who has no role has none."""


def may(asker: Asker, right: Right, class_id: str = "") -> bool:
    """Whether somebody may do this, for that class; without one: for any they are in charge of, or at all."""
    return any(right in TABLE[member.role] and (not class_id or class_id in member.classes) for member in asker.staff)


def classes_with(asker: Asker, right: Right) -> tuple[str, ...]:
    """The classes somebody may do this for, in the order of their roles."""
    found = (class_id for member in asker.staff if right in TABLE[member.role] for class_id in member.classes)
    return tuple(dict.fromkeys(found))
