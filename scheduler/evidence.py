"""The chain of evidence: what was told and what changed, each entry bound to all that came before it.

An entry is one line of JSON. Its digest is SHA-256 over the digest before it and the entry, so that nothing can be
changed, taken out or put in without every later digest becoming another. Whoever holds a head (how many entries there
were, and the digest of the last) can tell whether a record still begins as it did then. People stand in it by
pseudonyms only: HMAC-SHA256 over who it is, with a key of that person; once the key is dropped, nobody can say who it
was.

Nothing but the standard library is used here, so that a record can be checked without the bot: with this file alone,
`python evidence.py RECORD [HEAD ...]` says whether it holds, and ends with 0 or 1.
"""

import hashlib
import hmac
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

FORMAT = b"xueji-evidence 1"
"""The first line of an exported record; it is also what the first entry's digest is bound to."""

_LINE = re.compile(rb"([1-9][0-9]*) ([0-9a-f]{64}) (.+)")
_END = re.compile(rb"end (0|[1-9][0-9]*) ([0-9a-f]{64})")
_HEAD = re.compile(r"(0|[1-9][0-9]*)-([0-9a-f]{24,64})")
_PRINTED = 24
_PSEUDONYM = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How far a record reaches: the number of its entries, and the last one's digest (64 hex digits, or its first 24
    at least where it was read from paper). As text it is short enough to be printed: `1200-9f3ac2…`."""

    count: int
    digest: str

    def __str__(self) -> str:
        return f"{self.count}-{self.digest[:_PRINTED]}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """The head that was printed; ValueError if it is none."""
        found = _HEAD.fullmatch(text.strip())
        if found is None:
            raise ValueError("a head is a number, a dash, and at least 24 of the digits 0-9a-f")
        return cls(count=int(found[1]), digest=found[2])


BEGINNING = Head(count=0, digest=hashlib.sha256(FORMAT).hexdigest())
"""The head of a record without an entry."""


class Broken(StrEnum):
    """Why a record does not hold."""

    NO_RECORD = "no-record"
    """The file does not begin as a record does."""
    NO_LINE = "no-line"
    """A line is neither an entry nor the end."""
    OUT_OF_ORDER = "out-of-order"
    """An entry has not the next number: one was taken out, put in or moved."""
    CHANGED = "changed"
    """An entry, or one before it, is not the one its digest was made of."""
    CUT = "cut"
    """The last line is not the end that fits the entries."""
    SHORTER = "shorter"
    """A head that is known lies beyond the end: entries are missing there."""
    OTHER = "other"
    """The record has another digest where a head that is known says which it had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of checking a record: how far it holds, and what is wrong after that (None: nothing).

    `line` is the line of the file at which it shows, counted from 1; 0 where it shows at no line.
    """

    head: Head
    broken: Broken | None = None
    line: int = 0


def pseudonym(key: str, who: str) -> str:
    """By what `who` stands in the record as long as they have this key."""
    return hmac.new(key.encode(), who.encode(), hashlib.sha256).hexdigest()[:_PSEUDONYM]


def follow(head: Head, entry: str) -> Head:
    """The head after one more entry; an entry is one line."""
    return _follow(head, entry.encode())


def export(entries: Iterable[str]) -> Iterator[bytes]:
    """A record's entries from the first as the lines of a file, each with its number and digest, and the end."""
    head = BEGINNING
    yield FORMAT + b"\n"
    for entry in entries:
        head = follow(head, entry)
        yield f"{head.count} {head.digest} {entry}\n".encode()
    yield f"end {head.count} {head.digest}\n".encode()


def verify(lines: Iterable[bytes], heads: Sequence[Head] = ()) -> Verdict:
    """Check a record line by line, and against heads that are known from elsewhere.

    Without a head only what is inconsistent is found: a record that somebody made anew as a whole is consistent.
    """
    head = BEGINNING
    known = [one for one in heads if one.count != 0]
    reader = enumerate((line.removesuffix(b"\n") for line in lines), start=1)
    if any(not BEGINNING.digest.startswith(one.digest) for one in heads if one.count == 0):
        return Verdict(head=head, broken=Broken.OTHER, line=1)
    if next(reader, (1, b""))[1] != FORMAT:
        return Verdict(head=head, broken=Broken.NO_RECORD, line=1)
    number = 1
    for number, line in reader:
        if end := _END.fullmatch(line):
            after = next(reader, None)
            complete = after is None and (int(end[1]), end[2].decode()) == (head.count, head.digest)
            return _compared(head, known) if complete else Verdict(head=head, broken=Broken.CUT, line=number)
        broken, after_it = _step(head, line)
        if broken is None and any(_differs(after_it, one) for one in known):
            broken = Broken.OTHER
        if broken is not None:
            return Verdict(head=head, broken=broken, line=number)
        head = after_it
    return Verdict(head=head, broken=Broken.CUT, line=number + 1)


def _step(head: Head, line: bytes) -> tuple[Broken | None, Head]:
    entry = _LINE.fullmatch(line)
    if entry is None:
        return Broken.NO_LINE, head
    if int(entry[1]) != head.count + 1:
        return Broken.OUT_OF_ORDER, head
    after = _follow(head, entry[3])
    return (None if after.digest == entry[2].decode() else Broken.CHANGED), after


def _compared(head: Head, known: Sequence[Head]) -> Verdict:
    beyond = any(one.count > head.count for one in known)
    return Verdict(head=head, broken=Broken.SHORTER if beyond else None)


def _differs(head: Head, known: Head) -> bool:
    return head.count == known.count and not head.digest.startswith(known.digest)


def _follow(head: Head, entry: bytes) -> Head:
    digest = hashlib.sha256(head.digest.encode() + b" " + entry).hexdigest()
    return Head(count=head.count + 1, digest=digest)


def main(words: Sequence[str]) -> int:
    """Check the file that is named first against the heads named after it; 0 if it holds."""
    if not words:
        sys.stderr.write("usage: evidence.py RECORD [HEAD ...]\n")
        return 2
    try:
        heads = [Head.parse(word) for word in words[1:]]
        with Path(words[0]).open("rb") as record:
            verdict = verify(record, heads)
    except (OSError, ValueError) as why:
        sys.stderr.write(f"{why}\n")
        return 2
    if verdict.broken is None:
        sys.stdout.write(f"holds: {verdict.head}\n")
        return 0
    sys.stdout.write(f"{verdict.broken} at line {verdict.line}; it holds up to {verdict.head}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
