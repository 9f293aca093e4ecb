"""Who may act for a class, and see how its students stand."""

from bot.dialogue.turns import Asker
from scheduler.roster import BindingStrength


def may_bind(asker: Asker, class_id: str) -> bool:
    """Staff of the class alone: what a group is bound to decides what is told there, so a monitor may not say it."""
    return asker.staff is not None and class_id in asker.staff.classes


def looks_after(asker: Asker, class_id: str) -> bool:
    """A class's monitor by a strong binding, or staff of the class: looked up anew every time."""
    if may_bind(asker, class_id):
        return True
    return (
        asker.student is not None
        and asker.binding is not None
        and asker.binding.strength is BindingStrength.STRONG
        and asker.student.is_monitor
        and asker.student.class_id == class_id
    )
