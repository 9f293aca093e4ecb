"""Button data: an action signed and short, so that a press says only what this bot once offered.

A token is URL-safe base64 of the action's text and ten bytes of HMAC-SHA256 over it, at most 64 characters
(Telegram's limit for callback data). It names what is asked for and never who asks: that is the update's.
"""

import base64
import binascii
import hmac

from scheduler.messages import Action, Verb

_MAC_BYTES = 10
_TOKEN_LIMIT = 64

MOST_BYTES = _TOKEN_LIMIT * 3 // 4 - _MAC_BYTES
"""How long an action's text can be, in UTF-8."""


class ButtonSeal:
    """Signs actions into tokens and opens tokens again."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def seal(self, action: Action) -> str:
        """The token of an action; ValueError when its ids are too long for a button."""
        plain = f"{action.verb}.{action.subject}.{action.detail}".rstrip(".").encode()
        token = base64.urlsafe_b64encode(self._mac(plain) + plain).decode().rstrip("=")
        if len(token) > _TOKEN_LIMIT:
            raise ValueError(
                f"button data of {action.verb} {action.subject} {action.detail} has {len(token)} characters"
            )
        return token

    def open(self, token: str) -> Action | None:
        """The action of a token this bot signed; None for anything else."""
        try:
            sealed = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        mac, plain = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(plain)):
            return None
        verb, _, rest = plain.decode().partition(".")
        subject, _, detail = rest.partition(".")
        if verb not in set(Verb):  # a button from before an update of the bot
            return None
        return Action(verb=Verb(verb), subject=subject, detail=detail)

    def _mac(self, plain: bytes) -> bytes:
        return hmac.digest(self._secret, plain, "sha256")[:_MAC_BYTES]
