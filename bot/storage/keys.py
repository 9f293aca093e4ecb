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
        self.asked = self._root + "asked"
        """string: the last question, masked; swept after an hour."""
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
        """sorted set [scope, masked question, topic] by times asked: without a good answer."""
        self.asked = self._root + "asked"
        """sorted set [scope, masked question, topic] by ms: when each was asked last."""
        self.clusters = self._root + "clusters"
        """string JSON: these questions as they were put together last."""
        self.rewritten = self._root + "rewritten"
        """string: the night in which the log on the disk was written anew last."""
        self.clustered = self._root + "clustered"
        """string date: the night they were put together, by whichever process."""
        self.differs = self._root + "differs"
        """hash guide/step -> number: pages that looked different from what a step says."""

        self.switches = self._root + "switches"
        """hash kind:subject -> JSON: what staff said of the outside world, with the moment it ends by itself."""
        self.ratings = self._root + "ratings"
        """hash topic/verdict -> number: how often an answer was found to help, and not to help."""

        self.heard = self._root + "heard"
        """hash platform -> ms: when each was last heard, so that an outage is known after it."""

        self.reload = self._root + "reload"
        """string id: the reload of the content that was asked for last."""
        self.processes = self._root + "processes"
        """sorted set process by ms of the server: the serving processes, and when each was last seen."""

    def reloaded(self, request: str) -> str:
        """hash process -> JSON: what came of one reload in each process; swept after a day."""
        return f"{self._root}reloaded:{request}"

    def upload(self, owner: str, content: str) -> str:
        """string name: what a platform calls a file this owner uploaded; swept when the platform forgets it."""
        return f"{self._root}upload:{digest(f'{owner}|{content}')}"

    def file(self, content: str) -> str:
        """string base64: a file that staff gave, by its content's digest; swept after sixty days."""
        return f"{self._root}file:{content}"

    def rated(self, topic: str, by: str) -> str:
        """string verdict: what somebody said of a topic's answer, so that it counts once; swept after thirty days."""
        return f"{self._root}rated:{digest(f'{topic}|{by}')}"

    def ways(self, reference: str) -> str:
        """hash kind -> JSON: how what came in can still be answered; swept when the last way has closed."""
        return f"{self._root}ways:{digest(reference)}"

    def lease(self, name: str) -> str:
        """string fence, expiring: which process has a connection that a platform allows once."""
        return f"{self._root}lease:{digest(name)}"

    def lease_fence(self, name: str) -> str:
        """string: counts that lease's holders, so that a late one is known."""
        return f"{self._root}lease-fence:{digest(name)}"

    def token(self, secret: str) -> str:
        """hash number, token, until, by, code, refused: what a platform gave for a secret, or how it refused."""
        return f"{self._root}token:{digest(secret)}"

    def fetching(self, secret: str) -> str:
        """string who, expiring: who fetches a token, so that it is fetched once."""
        return f"{self._root}fetching:{digest(secret)}"

    def reply(self, reply: str) -> str:
        """stream: what is said in a reply that a platform fetches; swept after fifteen minutes."""
        return f"{self._root}reply:{digest(reply)}"

    def signature(self, signature: str) -> str:
        """string digest: around which message a callback's signature came; swept after eleven minutes."""
        return f"{self._root}signature:{digest(signature)}"

    def answered(self, who: str) -> str:
        """sorted set message by ms: what an account was answered within the last minutes; swept soon after."""
        return f"{self._root}answered:{digest(who)}"

    def held_back(self, who: str) -> str:
        """hash until (ms), by (message): an account that went beyond the limit and was told so; swept soon after."""
        return f"{self._root}held-back:{digest(who)}"

    def errands(self, name: str) -> str:
        """list [id, text]: what other processes ask of the one that has that connection; swept after ten seconds."""
        return f"{self._root}errands:{digest(name)}"

    def errand_bell(self, name: str) -> str:
        """stream of one entry: when the last of them was asked; swept after ten seconds."""
        return f"{self._root}errand-bell:{digest(name)}"

    def errand_answer(self, errand: str) -> str:
        """stream of one entry: the answer to an errand; swept after ten seconds."""
        return f"{self._root}errand-answer:{errand}"

    def tries(self, who: str) -> str:
        """sorted set by ms: the misses of one account or for one student number, of the last hour."""
        return f"{self._root}tries:{digest(who)}"


def digest(text: str) -> str:
    """A short name for what must not stand in a key."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=9).hexdigest()


def partition(chat: str, partitions: int) -> int:
    """The partition of the intake that a chat's updates go through."""
    return zlib.crc32(chat.encode(errors="surrogatepass")) % partitions
