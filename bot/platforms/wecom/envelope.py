"""The envelope of WeCom's callbacks: signed, encrypted, and opened only if everything about it is right.

The signature is the SHA-1 of the sorted strings token, timestamp, nonce and the encrypted text. The encrypted
text is AES-256-CBC over sixteen random bytes, the length of the message in four bytes, the message, and the
receiver's id: the CorpID for the 自建应用, nothing for the 智能机器人. wechatpy has the signature, the cipher and
the padding; it opens a torn envelope as readily as a whole one, so what is inside is taken apart here.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from wechatpy.crypto.cryptography import WeChatCipher
from wechatpy.crypto.pkcs7 import PKCS7Encoder
from wechatpy.utils import WeChatSigner

MOST_OFF = timedelta(minutes=5)
"""How far a callback's clock may be from ours, either way."""

_SALT_BYTES = 16
_LENGTH_BYTES = 4
_BLOCK = 32
"""Texts are padded to whole blocks of this, twice the cipher's own: a pad has 1 to 32 bytes."""

_MOST_DIGITS = 12


class Why(StrEnum):
    """Why a callback is turned away."""

    SIGNATURE = "signature"
    """It is not signed with our token, or not whole."""
    STALE = "stale"
    """Its clock is too far from ours."""
    USED = "used"
    """Its signature was seen around another body."""
    TORN = "torn"
    """The signature is right and what is inside is not: another key, or cut off."""
    RECEIVER = "receiver"
    """It is meant for another receiver."""


class Rejected(Exception):
    """A callback that must not be believed."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A message as it travels: encrypted in base64, signed, with the seconds and the nonce the signature covers."""

    encrypt: str
    signature: str
    timestamp: str
    nonce: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Opens and seals the callbacks of one receiver; `aes_key` are the 43 characters the console shows."""

    token: str = field(repr=False)
    aes_key: str = field(repr=False)
    receive_id: str = ""

    def open(self, sealed: Sealed, now: datetime) -> str:
        """The message; Rejected for one that is forged, stale, torn, or for somebody else."""
        if not hmac.compare_digest(self._signature(sealed).encode(), sealed.signature.encode(errors="replace")):
            raise Rejected(Why.SIGNATURE)
        if not _is_fresh(sealed.timestamp, now):
            raise Rejected(Why.STALE)
        message, receiver = _taken_apart(decrypted(self._key, _from_base64(sealed.encrypt)))
        if receiver != self.receive_id.encode():
            raise Rejected(Why.RECEIVER)
        try:
            return message.decode()
        except UnicodeDecodeError:
            raise Rejected(Why.TORN) from None

    def seal(self, message: str, *, timestamp: str, nonce: str, salt: bytes | None = None) -> Sealed:
        """The message encrypted and signed; `salt` are the sixteen bytes before it, random unless given."""
        plain = message.encode()
        block = (salt or secrets.token_bytes(_SALT_BYTES)) + len(plain).to_bytes(_LENGTH_BYTES, "big") + plain
        encrypt = base64.b64encode(encrypted(self._key, block + self.receive_id.encode())).decode()
        unsigned = Sealed(encrypt=encrypt, signature="", timestamp=timestamp, nonce=nonce)
        return Sealed(encrypt=encrypt, signature=self._signature(unsigned), timestamp=timestamp, nonce=nonce)

    @property
    def _key(self) -> bytes:
        return base64.b64decode(f"{self.aes_key}=")

    def _signature(self, sealed: Sealed) -> str:
        signer = WeChatSigner()
        parts = (self.token, sealed.timestamp, sealed.nonce, sealed.encrypt)
        signer.add_data(*(part.encode(errors="replace") for part in parts))
        return str(signer.signature)


def decrypted(key: bytes, data: bytes) -> bytes:
    """What was encrypted with a key of 32 bytes, without its pad; Rejected if it is not whole or the key is another."""
    if not data or len(data) % _BLOCK:
        raise Rejected(Why.TORN)
    padded: bytes = WeChatCipher(key).decrypt(data)
    pad = padded[-1]
    if not 1 <= pad <= _BLOCK or padded[-pad:] != bytes([pad]) * pad:
        raise Rejected(Why.TORN)
    return padded[:-pad]


def encrypted(key: bytes, plain: bytes) -> bytes:
    """The bytes padded and encrypted with a key of 32 bytes."""
    return bytes(WeChatCipher(key).encrypt(PKCS7Encoder.encode(plain)))


def _taken_apart(block: bytes) -> tuple[bytes, bytes]:
    """The message and the receiver's id."""
    begin = _SALT_BYTES + _LENGTH_BYTES
    end = begin + int.from_bytes(block[_SALT_BYTES:begin], "big")
    if not begin <= end <= len(block):
        raise Rejected(Why.TORN)
    return block[begin:end], block[end:]


def _from_base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise Rejected(Why.TORN) from None


def _is_fresh(timestamp: str, now: datetime) -> bool:
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= _MOST_DIGITS):
        return False
    return abs(now.timestamp() - int(timestamp)) <= MOST_OFF.total_seconds()
