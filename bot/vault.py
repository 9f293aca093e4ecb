"""What students write of their own data, sealed before it is stored; by a key that stands in no database."""

import json
from collections.abc import Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet


class Vault:
    """Seals texts with the first key and opens what any of them sealed (Fernet: AES-128-CBC with HMAC-SHA256).

    Without a key nothing can be sealed, and nothing is to be asked for.
    """

    def __init__(self, keys: Sequence[str] = ()) -> None:
        """ValueError for what is no key: 32 bytes in URL-safe base64."""
        self._fernet = MultiFernet([Fernet(key) for key in keys]) if keys else None

    @property
    def keeps(self) -> bool:
        """Whether there is a key."""
        return self._fernet is not None

    def seal(self, values: Mapping[str, str]) -> str:
        """The values as a text that says nothing without a key; LookupError where there is none."""
        if self._fernet is None:
            raise LookupError("there is no key to seal with")
        return self._fernet.encrypt(json.dumps(dict(values), ensure_ascii=False).encode()).decode()

    def open(self, sealed: str) -> Mapping[str, str] | None:
        """The values; None for what none of the keys has sealed."""
        if self._fernet is None:
            return None
        try:
            values: dict[str, str] = json.loads(self._fernet.decrypt(sealed.encode()))
        except InvalidToken:
            return None
        return values

    def renew(self, sealed: str) -> str | None:
        """The same sealed with the first key; None for what none of the keys has sealed."""
        if self._fernet is None:
            return None
        try:
            return self._fernet.rotate(sealed.encode()).decode()
        except InvalidToken:
            return None


def new_key() -> str:
    """A key nobody has seen."""
    return Fernet.generate_key().decode()
