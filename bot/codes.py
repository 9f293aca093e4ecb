"""What people type or read out: binding codes, one-time codes, receipts. Made up here, given out once by the stores."""

import secrets
from collections.abc import Mapping, Sequence

from scheduler.ports import BindingStore

_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without letters and figures that are taken for each other."""

_CODE_LENGTH = 8
"""40 bits: not to be guessed at five tries an hour."""


async def fresh_codes(bindings: BindingStore, sids: Sequence[str]) -> Mapping[str, str]:
    """Everybody's code by sid: the one they have not used yet, or a new one."""
    given: dict[str, str] = {}
    while missing := [sid for sid in sids if sid not in given]:  # a code that was somebody's already is drawn anew
        given.update(await bindings.codes(missing, {sid: _drawn(_CODE_LENGTH) for sid in missing}))
    return given


def new_code() -> str:
    """A one-time code a person can type: 50 bits, not to be guessed at five tries an hour."""
    return _drawn(10)


def receipt() -> str:
    """A short number a person can read out."""
    return _drawn(4)


def _drawn(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
