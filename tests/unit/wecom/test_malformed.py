"""Whatever a callback holds, it is stored and read, left out, or set aside."""

import contextlib
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.platforms.wecom.receiver import Callback, Source, Unreadable, raw_update, ways_of
from tests.unit.wecom.said import NOW, READER, app, in_group, press, robot, taken


def test_a_message_nested_too_deep_is_set_aside_before_it_is_stored() -> None:
    deep: Any = "x"
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Unreadable):
        raw_update(Source.ROBOT, robot(text=deep), NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


ODD: list[Any] = [
    None, True, 0, -1, 1e300, float("nan"), 10**30, "", " ", "x" * 5_000, "\ud800", "\x00", "@", "https://",
    [], [None], ["event"], {}, {"": ""}, {"content": 1}, {"content": ["x"]}, {"msg_item": None}, {"msg_item": [1, {}]},
    "13812345678", {"userid": None}, {"eventtype": []}, {"eventtype": "feedback_event", "feedback_event": 1},
]  # fmt: skip


def mostly(usual: Any) -> st.SearchStrategy[Any]:
    """The usual value, now and then one that does not belong there."""
    return st.sampled_from([usual] * len(ODD) + ODD)


def messages(usual: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional={name: mostly(value) for name, value in usual.items()})


EVENT = {"eventtype": "template_card_event", "template_card_event": {"event_key": "k", "task_id": "t"}}
ROBOTS = messages({**in_group("hi"), "mixed": {"msg_item": [{}]}, "quote": {"msgtype": "text"}, "voice": {}})
EVENTS = messages({**in_group("hi"), "msgtype": "event", "event": EVENT, "create_time": 1})
APPS = messages({**app(), "Event": "template_card_event", "EventKey": "k", "TaskId": "t", "ResponseCode": "r"})


@settings(max_examples=4_000)
@given(st.sampled_from(Source), ROBOTS | EVENTS | APPS)
@example(Source.ROBOT_URL, robot(msgid="\ud800", **{"from": {"userid": "\udc80"}}))
@example(Source.ROBOT, press("k") | {"event": {"eventtype": ["x"], "event_key": {}}})
@example(Source.ROBOT, robot(msgtype="mixed", mixed={"msg_item": "ab"}))
def test_whatever_comes_in_is_stored_and_read_left_out_or_set_aside(source: Source, message: dict[str, Any]) -> None:
    raw = raw_update(source, message, NOW, req_id="r")
    if raw is None:
        return
    for name in (raw.key, raw.chat):
        name.encode()
    Callback.of(raw)
    ways_of(raw)
    with contextlib.suppress(Unreadable):
        inbound = READER.inbound(raw)
        assert inbound is None or str(inbound.address).startswith("wecom:")


def test_what_is_wrong_with_a_callback_is_said_without_its_words() -> None:
    with pytest.raises(Unreadable) as caught:
        READER.inbound(taken(robot(msgtype="mixed", mixed={"msg_item": "何时选课"})))
    assert str(caught.value).isidentifier()


@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_a_stored_body_that_is_none_is_set_aside(body: bytes) -> None:
    with pytest.raises(Unreadable):
        READER.inbound(replace(taken(robot()), body=body))
