"""What came in: one message, press or picture of a person, without any platform's words."""

from dataclasses import dataclass
from datetime import datetime

from scheduler.messages import Action, Address

UNKNOWN_BUTTON = "unknown-button"
"""How a receiver says in `InboundMessage.other` that a pressed button was none of this bot's."""

JOINED = "joined"
"""How a receiver says in `InboundMessage.other` that the bot was brought into a group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundMessage:
    """One thing a person did in a chat.

    `id` is the platform's own, unique within the platform; `account` is `platform:user` as the platform
    spells it. `private` tells a chat with one person from a group. `addressed`: the bot was spoken to
    (a private chat, a mention, a reply to it, a command). Exactly one of `text`, `action`, `picture` or
    `other` says what it is: `text` is already masked; `other` names a kind the bot does not read
    (sticker, voice …). `masked` lists the kinds of secrets that were taken out before anything was stored
    (`id-number`, `mobile`, `code`, `password`, `list`); `erased`: the bot has deleted the message that held them.
    `replaces` is the message whose button was pressed.
    """

    id: str
    address: Address
    account: str
    at: datetime
    private: bool
    addressed: bool
    text: str | None = None
    action: Action | None = None
    picture: bool = False
    other: str | None = None
    masked: tuple[str, ...] = ()
    erased: bool = False
    reply_to: str | None = None
    replaces: str | None = None
    edited: bool = False

    @property
    def private_address(self) -> Address:
        """Where to write to this person alone; on every platform so far a private chat has the user's own id."""
        if self.private:
            return self.address
        return Address(platform=self.address.platform, chat=self.account.partition(":")[2])
