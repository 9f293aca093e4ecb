"""Every key of the bot's own stores, its type, and why it is there; `docs/decisions/0002-keys.md` has the table.

Three tags, none of which a script crosses: `{in:k}` for each partition of the intake, `{talk:…}` for each
chat, `{aux}` for what may be lost without harm to anybody. Chats and accounts stand in keys as digests:
with some platforms an account's name is the student number.
"""

import hashlib
import zlib


class IntakeKeys:
    """One partition of the intake."""

    def __init__(self, prefix: str, partition: int) -> None:
        self._root = f"{prefix}:{{in:{partition}}}:"
        self.updates = self._root + "updates"
        """stream: what platforms delivered and nobody has finished yet."""
        self.seen = self._root + "seen"
        """sorted set platform:key by ms: by which a repeat is dropped."""
        self.lease = self._root + "lease"
        """string fence, expiring: which process hands out this partition's updates."""
        self.fence = self._root + "fence"
        """string: counts the leases, so that a late one is known."""
        self.tries = self._root + "tries"
        """hash entry -> number: how often an update was handed out; one that kills its handler is set aside."""
        self.aside = self._root + "aside"
        """hash why -> number: what could not be handled, counted."""


class TalkKeys:
    """One person's conversation in one chat."""

    def __init__(self, prefix: str, chat: str, account: str) -> None:
        self._root = f"{prefix}:{{talk:{digest(chat)}}}:{digest(account)}:"
        self.conversation = self._root + "conversation"
        """string: where the person stands; swept after thirty days."""
        self.lock = self._root + "lock"
        """string fence, expiring: who holds the conversation."""
        self.fence = self._root + "fence"
        """string: counts the holds, so that one that ran out cannot save; swept with the conversation."""


class GroupKeys:
    """One group, whoever speaks there."""

    def __init__(self, prefix: str, chat: str) -> None:
        self.talk = f"{prefix}:{{talk:{digest(chat)}}}:group"
        """hash revision, talk: what was answered and how much was said there; swept after two days."""


class AuxKeys:
    """Questions, ratings, switches and tries."""

    def __init__(self, prefix: str) -> None:
        self._root = f"{prefix}:{{aux}}:"
        self.questions = self._root + "questions"
        """sorted set [scope, masked question] by times asked: what nobody could answer."""
        self.asked = self._root + "asked"
        """sorted set [scope, masked question] by ms: when each was asked last."""
        self.differs = self._root + "differs"
        """hash guide/step -> number: pages that looked different from what a step says."""

        self.switches = self._root + "switches"
        """hash kind:subject -> JSON: what staff said of the outside world, with the moment it ends by itself."""
        self.ratings = self._root + "ratings"
        """hash topic/verdict -> number: how often an answer was found to help, and not to help."""

    def rated(self, topic: str, by: str) -> str:
        """string verdict: what somebody said of a topic's answer, so that it counts once; swept after thirty days."""
        return f"{self._root}rated:{digest(f'{topic}|{by}')}"

    def tries(self, who: str) -> str:
        """sorted set by ms: the misses of one account or for one student number, of the last hour."""
        return f"{self._root}tries:{digest(who)}"


def digest(text: str) -> str:
    """A short name for what must not stand in a key."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=9).hexdigest()


def partition(chat: str, partitions: int) -> int:
    """The partition of the intake that a chat's updates go through."""
    return zlib.crc32(chat.encode(errors="surrogatepass")) % partitions
