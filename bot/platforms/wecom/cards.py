"""What a message looks like on WeCom: markdown in parts, a card with buttons, or choices by number.

Nothing here talks to anybody. The robot's markdown has no escape that every client knows, so a mark that would
take effect is written as its full-width twin: it looks the same and means nothing. Addresses stay as they are.
"""

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.buttons import ButtonSeal
from bot.platforms.rendering import split_text
from scheduler.messages import Action, Choice, Phrase, Verb
from scheduler.ports import Wording

MARKDOWN_BYTES = 20_480
"""Most bytes of one markdown message of the 智能机器人; the application and the webhooks take less."""

MOST_BUTTONS = 6

CARD_CHARACTERS = 112
"""How much text a card shows whole; more may be cut off by the client."""

_BUTTON_CHARACTERS = 10
_SITE = "https://www.chsi.com.cn/"
"""Where a card without buttons leads: it has to lead somewhere."""

Card = Mapping[str, Any]
"""A `template_card` as WeCom's JSON."""

_TWIN = 0xFEE0
"""From a printable ASCII character to its full-width twin."""

_ADDRESS = r"https?://[A-Za-z0-9\-._~:/?#@!$&'(),;=%+]+"
_BEGINS_A_BLOCK = r"^[ ]{0,3}(?:[#>]|[-+](?=\s|$)|[0-9]{1,9}[.)](?=\s|$))"
_RULES_A_LINE = r"^[ ]{0,3}[-=|:][-=|: \t]*$"
_MARK = (
    r"[*`~]"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|<(?=[A-Za-z/!?@])"
    r"|\](?=[(\[:])"
    r"|&(?=#?\w+;)"
    r"|\\(?=[!-/:-@\[-`{-~]|$)"
)
_TAKES_EFFECT = re.compile(
    f"(?P<address>{_ADDRESS})|(?P<block>{_BEGINS_A_BLOCK})|{_RULES_A_LINE}|{_MARK}", re.MULTILINE
)
_CODE_BY_INDENT = re.compile(r"^(?: {4}| {0,3}\t)[ \t]*", re.MULTILINE)
_MAY_GROW = re.compile(r"[-+*`~_<\]&\\#>=|:.)]")
_TWIN_BYTES = 3
_UNSENDABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f]")


def utf8_length(text: str) -> int:
    """How many bytes a text has: what WeCom counts. A lone surrogate counts as three."""
    return len(text.encode("utf-8", "surrogatepass"))


def sendable(text: str) -> str:
    """The text without lone surrogates and control characters, which JSON or the client would stumble over."""
    return _UNSENDABLE.sub("", text.encode("utf-8", "replace").decode())


def escape_markdown(text: str) -> str:
    """The text so that markdown shows it as it stands; whole lines, since what begins a line may be a mark."""
    return _TAKES_EFFECT.sub(_harmless, _CODE_BY_INDENT.sub("   ", text))


def _harmless(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "address":
            return found[0]
        case "block":
            return found[0][:-1] + _twins(found[0][-1])
        case _:
            return _twins(found[0])


def _twins(marks: str) -> str:
    return "".join(chr(ord(mark) + _TWIN) if "!" <= mark <= "~" else mark for mark in marks)


def markdown_parts(text: str, limit: int = MARKDOWN_BYTES) -> tuple[str, ...]:
    """The text as markdown messages of at most `limit` bytes each, escaped; none for a text without a word in it."""
    parts = split_text(sendable(text), limit, measure=_escaped_at_most)
    return tuple(filter(None, (escape_markdown(part.strip()) for part in parts)))


def _escaped_at_most(text: str) -> int:
    return utf8_length(text) + (_TWIN_BYTES - 1) * len(_MAY_GROW.findall(text))


def text_parts(text: str, limit: int) -> tuple[str, ...]:
    """The text as plain messages of at most `limit` bytes each; none for a text without a word in it."""
    parts = split_text(sendable(text), limit, measure=utf8_length)
    return tuple(filter(None, (part.strip() for part in parts)))


def new_task_id(key: str = "") -> str:
    """An id no other card of this bot has, but the same for the same `key`; WeCom takes letters, digits and `_-@`, at
    most 128."""
    return f"xj-{hashlib.sha256(key.encode(errors='replace')).hexdigest()[:16] if key else secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cards:
    """Puts choices under a text: as a card's buttons, each with a sealed token, or by number.

    `thumbs`: WeCom itself lets people rate what this route says, so that choices to rate an answer are no buttons.
    """

    seal: ButtonSeal
    wording: Wording
    thumbs: bool = False

    def under(self, text: str, choices: Sequence[Choice], key: str = "") -> tuple[str, Card | None]:
        """The text to say, and the card that follows it: none where there are no choices, or too many for buttons.

        Labels too long for a button stand in the text, by number. With the same `key` it is the same card.
        """
        choices = self._offered(choices)
        buttons = self._buttons(choices)
        if buttons is None:
            return self.numbered(text, choices), None
        if any(_too_long(choice.label) for choice in choices):
            text = self._phrase("wecom.choices.beside-buttons", text=text, choices=self._list(choices))
        return text, self._button_card(self._phrase("wecom.card.choose"), "", buttons, new_task_id(key))

    def numbered(self, text: str, choices: Sequence[Choice]) -> str:
        """The text with its choices under it, to be picked by number."""
        choices = self._offered(choices)
        if not choices:
            return text
        return self._phrase("wecom.choices.by-number", text=text, choices=self._list(choices))

    def whole(self, text: str, choices: Sequence[Choice], task_id: str | None = None) -> Card | None:
        """The message as a single card, put in the place of card `task_id` if given; None if it does not fit."""
        shown, thumb = sendable(text).strip(), self.thumb(choices)
        choices = self._offered(choices)
        if not shown or len(shown) > CARD_CHARACTERS or any(_too_long(choice.label) for choice in choices):
            return None
        if not choices:
            return {**self._notice(shown, task_id or new_task_id()), **rated_under(thumb)}
        buttons = self._buttons(choices)
        if buttons is None:
            return None
        card = self._button_card(self._phrase("bot.name"), shown, buttons, task_id or new_task_id())
        return {**card, **rated_under(thumb)}

    def taken(self, task_id: str) -> Card:
        """What stands in the place of a card whose button was pressed, when the answer is a message of its own."""
        return self._notice(self._phrase("wecom.card.taken"), task_id)

    def thumb(self, choices: Sequence[Choice]) -> str:
        """The id under which WeCom tells of a thumb: the sealed topic. Empty where the choices rate no answer."""
        topics = [choice.action.subject for choice in choices if choice.action.verb is Verb.RATE]
        if not topics or not self.thumbs:
            return ""
        try:
            return self.seal.seal(Action(verb=Verb.RATE, subject=topics[0]))
        except ValueError:  # an id too long for a button
            return ""

    def _offered(self, choices: Sequence[Choice]) -> Sequence[Choice]:
        return [choice for choice in choices if choice.action.verb is not Verb.RATE] if self.thumbs else choices

    def _buttons(self, choices: Sequence[Choice]) -> tuple[Card, ...] | None:
        """The buttons; None where there are none, too many, or such as WeCom cannot tell apart or carry."""
        if not 1 <= len(choices) <= MOST_BUTTONS:
            return None
        try:
            tokens = [self.seal.seal(choice.action) for choice in choices]
        except ValueError:  # ids too long for a button
            return None
        if len(set(tokens)) < len(tokens):
            return None
        numbers = any(_too_long(choice.label) for choice in choices)
        labels = [_label(place, choice.label) if numbers else choice.label for place, choice in enumerate(choices, 1)]
        return tuple(
            {"text": sendable(label), "style": 1 if place == 0 else 2, "key": token}
            for place, (label, token) in enumerate(zip(labels, tokens, strict=True))
        )

    def _list(self, choices: Sequence[Choice]) -> str:
        lines = [
            self._phrase("wecom.choices.line", number=number, label=choice.label)
            for number, choice in enumerate(choices, start=1)
        ]
        return "\n".join(lines)

    def _button_card(self, title: str, text: str, buttons: Sequence[Card], task_id: str) -> Card:
        return {
            "card_type": "button_interaction",
            "main_title": {"title": title},
            **({"sub_title_text": text} if text else {}),
            "button_list": list(buttons),
            "task_id": task_id,
        }

    def _notice(self, text: str, task_id: str) -> Card:
        return {
            "card_type": "text_notice",
            "main_title": {"title": self._phrase("bot.name")},
            "sub_title_text": text,
            "card_action": {"type": 1, "url": _SITE},
            "task_id": task_id,
        }

    def _phrase(self, key: str, **values: str | int) -> str:
        return self.wording.render(Phrase(key=key, values=values))


def rated_under(thumb: str) -> Card:
    """The part of a message that asks for thumbs under it; nothing for an empty id."""
    return {"feedback": {"id": thumb}} if thumb else {}


def _too_long(label: str) -> bool:
    return len(label) > _BUTTON_CHARACTERS


def _label(number: int, label: str) -> str:
    """A label with its number, as much of it as a button shows."""
    whole = f"{number} {label}"
    return whole if not _too_long(whole) else f"{whole[: _BUTTON_CHARACTERS - 1]}\u2026"
