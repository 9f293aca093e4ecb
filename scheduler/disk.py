"""Room on the store's disk: with too little of it nothing large is begun, because a full disk ends the store."""

from typing import Protocol


class DiskSpace(Protocol):
    """The disk of the store."""

    def is_low(self) -> bool:
        """Whether it has so little room that no campaign and no notice may begin."""


class ElsewhereSpace:
    """`DiskSpace` of a store on another machine, whose disk is looked after there."""

    def is_low(self) -> bool:
        """Never, as far as is known here."""
        return False
