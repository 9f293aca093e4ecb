"""Personal binding codes: made up here, given once to each student by the store."""

import secrets
from collections.abc import Mapping, Sequence

from scheduler.ports import BindingStore

_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Without letters and figures that are taken for each other."""

_LENGTH = 8
"""40 bits: not to be guessed at five tries an hour."""


async def fresh_codes(bindings: BindingStore, sids: Sequence[str]) -> Mapping[str, str]:
    """Everybody's code by sid: the one they have not used yet, or a new one."""
    given: dict[str, str] = {}
    while missing := [sid for sid in sids if sid not in given]:  # a code that was somebody's already is drawn anew
        given.update(await bindings.codes(missing, {sid: _code() for sid in missing}))
    return given


def _code() -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
