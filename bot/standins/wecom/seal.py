"""The envelope of callbacks and the ciphering of media, from the platform's side."""

import base64
import hashlib
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

_BLOCK = 32
_RANDOM = 16
_LENGTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Token and key of one callback address; `receive_id` is empty for the robot, the CorpID for an application."""

    token: str
    aes_key: str
    receive_id: str = ""

    @property
    def key(self) -> bytes:
        """The 32 bytes behind the 43 letters."""
        return base64.b64decode(self.aes_key + "=")

    def sign(self, timestamp: str, nonce: str, encrypted: str) -> str:
        """The signature that goes with an encrypted text."""
        joined = "".join(sorted((self.token, timestamp, nonce, encrypted)))
        return hashlib.sha1(joined.encode(), usedforsecurity=False).hexdigest()

    def encrypt(self, text: str, random: bytes | None = None) -> str:
        """The text as it travels."""
        content = text.encode()
        head = (random or secrets.token_bytes(_RANDOM)) + len(content).to_bytes(_LENGTH, "big")
        return base64.b64encode(encrypt_media(head + content + self.receive_id.encode(), self.key)).decode()

    def decrypt(self, encrypted: str) -> str:
        """The text that travelled; ValueError for what is not whole, or is for somebody else."""
        plain = decrypt_media(base64.b64decode(encrypted, validate=True), self.key)
        start = _RANDOM + _LENGTH
        end = start + int.from_bytes(plain[_RANDOM:start], "big")
        if end > len(plain) or plain[end:] != self.receive_id.encode():
            raise ValueError("the receiveid is not mine")
        return plain[start:end].decode()


def encrypt_media(content: bytes, key: bytes) -> bytes:
    """AES-256-CBC as WeCom does it: the vector is the key's beginning, the padding goes to 32 bytes."""
    pad = _BLOCK - len(content) % _BLOCK
    cipher = Cipher(AES(key), CBC(key[:16])).encryptor()
    return cipher.update(content + bytes([pad]) * pad) + cipher.finalize()


def decrypt_media(content: bytes, key: bytes) -> bytes:
    """The way back; ValueError for what was not made that way."""
    cipher = Cipher(AES(key), CBC(key[:16])).decryptor()
    plain = cipher.update(content) + cipher.finalize()
    if not plain or not 1 <= plain[-1] <= _BLOCK or plain[-plain[-1] :] != plain[-1:] * plain[-1]:
        raise ValueError("the padding is wrong")
    return plain[: -plain[-1]]
