"""Who may act for a class, and see how its students stand."""

from bot.dialogue.turns import Asker
from scheduler.roster import BindingStrength


def looks_after(asker: Asker, class_id: str) -> bool:
    """A class's monitor by a strong binding, or staff of the class: looked up anew every time."""
    if asker.staff is not None and class_id in asker.staff.classes:
        return True
    return (
        asker.student is not None
        and asker.binding is not None
        and asker.binding.strength is BindingStrength.STRONG
        and asker.student.is_monitor
        and asker.student.class_id == class_id
    )
