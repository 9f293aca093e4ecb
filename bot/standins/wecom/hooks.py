"""Group webhooks: whoever has the key may speak in the group, and nothing else."""

from collections.abc import Mapping
from typing import Any

from bot.standins.wecom.bodies import (
    HOOK_MARKDOWN_BYTES,
    HOOK_PICTURE_BYTES,
    TEXT_BYTES,
    check_picture,
    check_upload,
    msgtype,
    part,
    words,
)
from bot.standins.wecom.cards import INTERACTIVE, check_card, wrong
from bot.standins.wecom.faults import Code, WecomError
from bot.standins.wecom.pace import Pace
from bot.standins.wecom.world import Route, World

Json = dict[str, Any]

_MOST_ARTICLES = 8


class Hooks:
    """webhook/send and webhook/upload_media."""

    def __init__(self, world: World, pace: Pace) -> None:
        self._world = world
        self._pace = pace

    def send(self, query: Mapping[str, str], body: Json) -> Json:
        """Speak in the key's group; what is refused counts as well."""
        key = self._key(query)
        if not self._pace.take("hook", key, self._world.now):
            raise WecomError(Code.TOO_OFTEN)
        kind = msgtype(body, ("text", "markdown", "markdown_v2", "image", "news", "file", "voice", "template_card"))
        given = part(body, kind)
        match kind:
            case "text":
                words(given.get("content"), TEXT_BYTES)
                _check_mentions(given)
            case "markdown" | "markdown_v2":
                words(given.get("content"), HOOK_MARKDOWN_BYTES)
            case "image":
                check_picture(given, HOOK_PICTURE_BYTES)
            case "news":
                articles = given.get("articles")
                if not isinstance(articles, list) or not 1 <= len(articles) <= _MOST_ARTICLES:
                    raise WecomError(Code.BAD_FIELD, "articles invalid")
            case "template_card":
                if check_card(given)["card_type"] in INTERACTIVE:
                    raise wrong("card_type", "cannot be pressed here")
            case _:
                self._world.check_media(given.get("media_id"), kind, key)
        self._world.keep(Route.HOOK, self._world.hooks[key], {"msgtype": kind, kind: given})
        return {}

    def upload(self, query: Mapping[str, str], content: bytes) -> Json:
        """Keep a file that only this key can send."""
        key, kind = self._key(query), query.get("type", "")
        if kind not in ("file", "voice"):
            raise WecomError(Code.BAD_MEDIA_TYPE, "invalid media type")
        check_upload(kind, content)
        media_id = self._world.upload(kind, content, key)
        return {"type": kind, "media_id": media_id, "created_at": str(int(self._world.now))}

    def _key(self, query: Mapping[str, str]) -> str:
        key = query.get("key", "")
        if key not in self._world.hooks:
            raise WecomError(Code.BAD_HOOK)
        return key


def _check_mentions(given: Json) -> None:
    for field in ("mentioned_list", "mentioned_mobile_list"):
        names = given.get(field, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise WecomError(Code.BAD_FIELD, f"text.{field} invalid")
