"""The rules of template cards: what a card has to have, how much of it, and where the application's differ."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.standins.wecom.faults import Code, WecomError

Json = dict[str, Any]

MOST_BUTTONS = 6
KEY_BYTES = 1024
_TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")

_IN_CAMEL = re.compile(r"(?<!^)(?=[A-Z])")
_NUMBERS = frozenset({"type", "style", "desc_color", "mode", "disable", "is_checked"})

_COMMON = {"card_type", "source", "action_menu", "main_title", "task_id", "card_action", "feedback", "replace_text"}
_SHOWN = {"sub_title_text", "horizontal_content_list", "jump_list", "quote_area"}
_FIELDS: Mapping[str, set[str]] = {
    "text_notice": {*_COMMON, *_SHOWN, "emphasis_content"},
    "news_notice": {*_COMMON, *_SHOWN, "card_image", "image_text_area", "vertical_content_list"},
    "button_interaction": {*_COMMON, *_SHOWN, "button_selection", "button_list"},
    "vote_interaction": {*_COMMON, "checkbox", "submit_button"},
    "multiple_interaction": {*_COMMON, "select_list", "submit_button"},
}
INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
"""The cards that people can press."""


def wrong(field: str, why: str) -> WecomError:
    """WeCom's error for a malformed card: its text names the field."""
    return WecomError(Code.BAD_FIELD, f"template_card.{field} {why}")


def check_card(card: object, *, by_app: bool = False, update: bool = False) -> Json:
    """The card, if the platform takes it; an `update` need not bring a task id."""
    if not isinstance(card, dict):
        raise wrong("", "missing")
    kind = card.get("card_type")
    if not isinstance(kind, str) or kind not in _FIELDS:
        raise wrong("card_type", "invalid")
    if strangers := sorted(set(card) - _FIELDS[kind]):
        raise wrong(strangers[0], "unknown")
    _check_titles(card, kind)
    _check_task(card, needed=not update and (kind in INTERACTIVE or "action_menu" in card))
    for field, most in (("horizontal_content_list", 6), ("jump_list", 3), ("vertical_content_list", 4)):
        _listed(card, field, most)
    if "action_menu" in card:
        _check_keys("action_menu.action_list", card["action_menu"].get("action_list"), 3)
    if kind in ("text_notice", "news_notice"):
        _check_action(card)
    if kind == "news_notice" and not (card.get("card_image") or card.get("image_text_area")):
        raise wrong("card_image", "missing")
    _check_interaction(card, kind, by_app=by_app)
    return card


def from_xml(name: str, value: Any) -> tuple[str, Any]:
    """A part of a card as the XML of an answer writes it (`<MainTitle>`), and what it is in JSON (`main_title`)."""
    named = _IN_CAMEL.sub("_", name).lower().replace("check_box", "checkbox")
    if named.endswith("_list") and not isinstance(value, list):
        value = [value]
    match value:
        case dict():
            return named, dict(from_xml(*part) for part in value.items())
        case list():
            return named, [from_xml("", one)[1] for one in value]
        case _:
            return named, int(value) if named in _NUMBERS else value or ""


def buttons(card: Json) -> list[Json]:
    """What can be pressed on a card, each with `text` and `key`."""
    menu = card.get("action_menu", {}).get("action_list", [])
    submit = [card["submit_button"]] if "submit_button" in card else []
    return [*card.get("button_list", []), *submit, *menu]


def _check_titles(card: Json, kind: str) -> None:
    title = card.get("main_title", {})
    if not isinstance(title, dict) or not all(isinstance(part, str) for part in title.values()):
        raise wrong("main_title", "invalid")
    sub = card.get("sub_title_text", "")
    if not isinstance(sub, str):
        raise wrong("sub_title_text", "invalid")
    if kind == "text_notice":
        if not title.get("title") and not sub:
            raise wrong("main_title.title", "missing")
    elif not title.get("title"):
        raise wrong("main_title.title", "missing")


def _check_task(card: Json, *, needed: bool) -> None:
    task = card.get("task_id")
    if task is None and not needed:
        return
    if not isinstance(task, str) or not _TASK_ID.fullmatch(task):
        raise wrong("task_id", "invalid")


def _check_action(card: Json) -> None:
    action = card.get("card_action")
    if not isinstance(action, dict) or action.get("type") not in (1, 2):
        raise wrong("card_action.type", "invalid")
    if action["type"] == 1 and not str(action.get("url", "")).startswith(("http://", "https://")):
        raise wrong("card_action.url", "invalid")


def _check_interaction(card: Json, kind: str, *, by_app: bool) -> None:
    if kind == "button_interaction":
        listed = _check_keys("button_list", card.get("button_list"), MOST_BUTTONS, urls=by_app)
        if any(button.get("style", 1) not in (1, 2, 3, 4) for button in listed):
            raise wrong("button_list.style", "invalid")
    elif kind in INTERACTIVE:
        _check_keys("submit_button", [card.get("submit_button")], 1)
        field, most, options = ("checkbox", 1, 20) if kind == "vote_interaction" else ("select_list", 3, 10)
        questions = [card.get(field)] if field == "checkbox" else _listed(card, field, most, least=1)
        for question in questions:
            if not isinstance(question, dict) or not question.get("question_key"):
                raise wrong(f"{field}.question_key", "missing")
            _listed(question, "option_list", options, least=1)


def _check_keys(field: str, listed: object, most: int, *, urls: bool = False) -> Sequence[Json]:
    if not isinstance(listed, list) or not 1 <= len(listed) <= most:
        raise wrong(field, "invalid length")
    keys = []
    for button in listed:
        if not isinstance(button, dict) or not isinstance(button.get("text"), str) or not button["text"].strip():
            raise wrong(f"{field}.text", "missing")
        if urls and button.get("type") == 1:
            continue
        key = button.get("key")
        if not isinstance(key, str) or not 1 <= len(key.encode()) <= KEY_BYTES:
            raise wrong(f"{field}.key", "invalid")
        keys.append(key)
    if len(set(keys)) < len(keys):
        raise wrong(f"{field}.key", "duplicate")
    return listed


def _listed(card: Json, field: str, most: int, least: int = 0) -> list[Any]:
    found = card.get(field, [])
    if not isinstance(found, list) or not least <= len(found) <= most:
        raise wrong(field, "invalid length")
    return found
