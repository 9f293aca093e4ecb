"""Whatever Telegram, or somebody who pretends to be it, sends: nothing crashes and nothing is logged of it."""

import json
from datetime import UTC, datetime
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bot.buttons import ButtonSeal
from bot.messages import InboundMessage
from bot.platforms.telegram.arrivals import Hearing, Unstorable, to_raw
from bot.platforms.telegram.changes import Moved, Owned, Place, to_change
from bot.platforms.telegram.receiver import Me, Unreadable, press_id, to_inbound
from bot.ports import RawUpdate

ME = Me(id=7, username="xueji_bot", reads_groups=True)
SEAL = ButtonSeal(b"a secret of the tests")
NOW = datetime(2026, 11, 22, tzinfo=UTC)

PERSON = {"id": 11, "is_bot": False, "first_name": "business"}
CHAT = {"id": -1001, "type": "supergroup", "title": "群"}
TEXT = {
    "message_id": 3, "date": 1_790_000_000, "chat": CHAT, "from": PERSON, "text": "@xueji_bot business",
    "entities": [{"type": "mention", "offset": 0, "length": 10}],
    "reply_to_message": {"message_id": 2, "date": 1_790_000_000, "chat": CHAT, "from": PERSON, "text": "在吗"},
}  # fmt: skip
PICTURE = {
    "message_id": 4, "date": 1_790_000_000, "chat": CHAT, "from": PERSON,
    "photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}],
}  # fmt: skip
PRESS = {"id": "5", "from": PERSON, "message": TEXT, "chat_instance": "1", "data": "AAAA"}
START = {**TEXT, "chat": {"id": 11, "type": "private", "first_name": "小明"}, "text": "/start AAAA"}
MEMBER = {"status": "member", "user": {"id": 7, "is_bot": True, "first_name": "xueji"}}
ADDED = {
    "chat": CHAT,
    "from": PERSON,
    "date": 1,
    "old_chat_member": {**MEMBER, "status": "left"},
    "new_chat_member": MEMBER,
}
GIVEN_AWAY = {**ADDED, "old_chat_member": {"status": "creator", "user": PERSON, "is_anonymous": False}}
MIGRATED = {"message_id": 5, "date": 1, "chat": CHAT, "from": PERSON, "migrate_to_chat_id": -1002}
UPDATES: list[dict[str, Any]] = [
    {"message": TEXT}, {"edited_message": PICTURE}, {"callback_query": PRESS}, {"message": START},
    {"my_chat_member": ADDED}, {"message": MIGRATED}, {"chat_member": GIVEN_AWAY},
]  # fmt: skip

junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.just(10**30)
    | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=2),
    max_leaves=5,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def spoilt(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with `new` at one place; `...` takes the place out."""
    if not path:
        return new
    key, rest = path[0], path[1:]
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    kept = {name: spoilt(item, rest, new) if name == key else item for name, item in pairs}
    if new is ... and not rest:
        del kept[key]
    return kept if isinstance(value, dict) else list(kept.values())


@st.composite
def malformed(draw: st.DrawFn) -> Any:
    update: Any = draw(st.sampled_from(UPDATES))
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.sampled_from([path for path in places(update) if path] or [()]))
        update = spoilt(update, place, draw(st.just(...) | junk) if place else draw(junk))
        if not isinstance(update, dict):
            break
    return update


def hear(stored: RawUpdate) -> InboundMessage | Moved | Owned | Place | str | None:
    """What is heard, or the one word an unreadable update is given, which is nothing of its own."""
    try:
        return to_change(stored) or to_inbound(stored, ME, SEAL)
    except Unreadable as error:
        return str(error)


def raw(body: bytes) -> RawUpdate:
    return RawUpdate(platform="telegram", key="1", chat="", body=body, received_at=NOW)


@settings(max_examples=500, deadline=None)
@given(st.lists(malformed(), min_size=20, max_size=20))
@example([{"message": {**TEXT, "from": {**PERSON, "id": -1}}}])  # no user has such an id
def test_ten_thousand_malformed_updates_are_heard_left_out_or_named_unreadable(updates: list[Any]) -> None:
    with capture_logs() as logged:
        for number, update in enumerate(updates):
            hear_or_set_aside({"update_id": number, **update} if isinstance(update, dict) else update)
    assert "business" not in str(logged)


def hear_or_set_aside(update: Any) -> None:
    """What happens to an update on its way through receiving."""
    hearing = Hearing()
    try:
        stored = to_raw(update, NOW)
    except Unstorable as error:
        hearing.leave_out(str(error))
        return
    assert press_id(stored) is None or isinstance(press_id(stored), str)
    heard = hear(stored)
    if isinstance(heard, InboundMessage):
        assert heard.account.removeprefix("telegram:").isdecimal()
        assert isinstance(heard.text, str | None)


@settings(max_examples=200)
@given(st.binary(max_size=60) | junk.map(lambda value: json.dumps(value).encode()))
def test_bytes_that_are_no_update_are_left_out_or_named_unreadable(body: bytes) -> None:
    assert not isinstance(hear(raw(body)), InboundMessage)


def test_an_update_nested_without_end_is_unreadable() -> None:
    body = b'{"message": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    assert press_id(raw(body)) is None
    assert hear(raw(body)) == "RecursionError"
