"""Addresses that pretend to be one of the allowed ones.

An address is genuine if its host is the allowed one or lies below the same registered domain. It pretends if it
is not genuine and a word of its host begins or ends like the name of that domain: spelled with look-alike letters
of other alphabets or digits, in punycode, with hyphens or more letters beside it, under another ending, or as the
first labels of somebody else's domain.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

LONGEST = 4_000
"""Characters of a message that are looked through: as long as any platform's."""

_LABEL = r"(?:[^\W_\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]|-){1,63}"
_ADDRESS = re.compile(
    r"(?:(?P<before>https?://(?:[^\s/@]{1,200}@)?|[\w.+-]{1,64}@)|(?<![a-z0-9.@-])(?<![^/]/))"
    rf"(?P<host>(?:{_LABEL}\.){{1,9}}{_LABEL})"
)
_IDEOGRAPHIC_DOT = re.compile("(?<=[a-z0-9])[\u3002\uff61](?=[a-z0-9])")
_ENDING = r"\.(?:com|cn|net|org|top|vip|xyz|cc|site|online|club|info|shop|asia|wang|ltd)(?![a-z0-9])"
_SECOND_LEVELS = frozenset({"ac", "com", "edu", "gov", "net", "org"})
"""Labels below a country's ending that are no registered domains themselves."""

# Letters of other alphabets, digits and marks that are taken for Latin letters.
_LOOKS_LIKE = {
    "a": "\u0430\u03b1\u0251@4", "b": "\u044c\u0432", "c": "\u0441\u03f2\u1d04\u0188", "e": "\u0435\u03b5\u0454",
    "h": "\u04bb\u0570\u043d\u029c\u0127", "i": "\u0456\u03b9\u0131\u0457\u0269\u026a1l!|",
    "n": "\u0578\u0438", "o": "\u043e\u03bf\u0585\u03c30", "s": "\u0455\ua731\u01bd5$", "u": "\u03c5\u057d",
    "x": "\u0445\u03c7", "y": "\u0443\u03b3",
}  # fmt: skip
_LETTER = str.maketrans({other: letter for letter, others in _LOOKS_LIKE.items() for other in others})


@dataclass(frozen=True, slots=True, kw_only=True)
class Genuine:
    """What is genuine, and what it is called: registered domains, names that only they may bear, and the address to
    name to who was misled."""

    domains: tuple[str, ...]
    names: tuple[str, ...]
    address: str


def genuine(links: Sequence[str], called: Iterable[str] = ()) -> Genuine:
    """What an allow-list of addresses, the one to name first, says; `called` are other names of the same site."""
    domains = tuple(dict.fromkeys(_registered(_host(link)) for link in links))
    own = [domain.partition(".")[0] for domain in domains]
    return Genuine(domains=domains, names=tuple(dict.fromkeys(map(_skeleton, (*own, *called)))), address=links[0])


def pretenders(text: str, known: Genuine) -> tuple[str, ...]:
    """The hosts in a text that read like a genuine one and are none, in order."""
    plain = _plain(text[:LONGEST])
    return tuple(dict.fromkeys((*_hosts(plain, known), *_in_words(plain, known))))


def _hosts(text: str, known: Genuine) -> Iterator[str]:
    for found in _ADDRESS.finditer(text):
        before, host = found["before"] or "", found["host"].strip("-")
        if _registered(host) in known.domains:
            continue
        hidden = before.startswith("http") and _reads_like(before.partition("://")[2].rstrip("@"), known)
        if hidden or _reads_like(host, known):
            yield host


def _in_words(text: str, known: Genuine) -> Iterator[str]:
    """Names that are no Latin letters, with an ending behind them."""
    words = [re.escape(name) for name in known.names if not name.isascii()]
    if words:
        yield from (found[0] for found in re.finditer(f"(?:{'|'.join(words)}){_ENDING}", text))


def _reads_like(host: str, known: Genuine) -> bool:
    names = tuple(name for name in known.names if name.isascii())
    words = [word for label in host.split(".") for word in _unpunycoded(label).split("-")]
    read = [_skeleton(word) for word in (*words, host.replace("-", "").partition(".")[0])]
    return any(word.startswith(names) or word.endswith(names) for word in read)


def _plain(text: str) -> str:
    """Width and case folded, invisible characters gone, the dots of other scripts made plain ones."""
    seen = (character for character in text if unicodedata.category(character) not in {"Cf", "Mn", "Cs"})
    return _IDEOGRAPHIC_DOT.sub(".", unicodedata.normalize("NFKC", "".join(seen)).casefold())


def _skeleton(label: str) -> str:
    """What a word reads like: accents, hyphens and doubled letters gone, look-alikes made the letter they look like."""
    bare = (c for c in unicodedata.normalize("NFKD", label) if unicodedata.category(c) != "Mn" and c != "-")
    return re.sub(r"(.)\1+", r"\1", "".join(bare).translate(_LETTER))


def _unpunycoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode").casefold()
    except UnicodeError:
        return label


def _host(link: str) -> str:
    return re.sub(r"^https?://|^.*@|/.*$", "", link)


def _registered(host: str) -> str:
    """The part of a host that somebody registered: two labels, or three under endings like `com.cn`."""
    labels = host.split(".")
    several = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS  # noqa: PLR2004 - cn, uk, …
    return ".".join(labels[-3:] if several else labels[-2:])
