"""What was found out before, by the text it was found out for."""

import threading
from collections import OrderedDict
from typing import Generic, TypeVar

V = TypeVar("V")


class Remembered(Generic[V]):
    """The values of the texts that were asked for last, at most `most` of them; thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._values: OrderedDict[str, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> V | None:
        """The value of a text, which is now the last that was asked for; None if it is not remembered."""
        with self._lock:
            value = self._values.get(text)
            if value is not None:
                self._values.move_to_end(text)
            return value

    def put(self, text: str, value: V) -> V:
        """Remember it, in the place of the one that was not asked for the longest; the value itself."""
        with self._lock:
            self._values[text] = value
            self._values.move_to_end(text)
            if len(self._values) > self._most:
                self._values.popitem(last=False)
            return value
