"""Frames are built as WeCom takes them, and whatever comes in is read or set aside."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.platforms.wecom import frames, refs
from bot.platforms.wecom.frames import Ack, Callback, Command
from bot.platforms.wecom.refs import GroupRoute
from scheduler.messages import Address

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


def mixed(usual: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return usual | JSON


FRAMES = st.fixed_dictionaries(
    {},
    optional={
        "cmd": mixed(st.sampled_from([*Command, "", "other"])),
        "headers": mixed(st.fixed_dictionaries({}, optional={"req_id": mixed(st.text())})),
        "body": mixed(st.fixed_dictionaries({}, optional={"event": JSON, "msgtype": JSON})),
        "errcode": mixed(st.sampled_from([0, "0", -1, 846605, True, "9" * 50])),
    },
)


@settings(max_examples=10_000)
@given(st.one_of(FRAMES.map(json.dumps), st.text(), st.binary(), JSON.map(json.dumps)))
@example("[" * 100_000)
@example('{"headers": {"req_id": "\\ud800"}, "errcode": 0}')
def test_whatever_comes_in_is_read_or_set_aside(text: str | bytes) -> None:
    frame = frames.read(text)
    assert frame is None or frames.write(Command.PING, frame.req_id).encode()
    if isinstance(frame, Callback):
        assert isinstance(frame.event, str)


def test_a_message_is_read_with_the_id_it_is_answered_by() -> None:
    text = '{"cmd": "aibot_msg_callback", "headers": {"req_id": "r1"}, "body": {"msgtype": "text"}}'
    assert frames.read(text) == Callback(req_id="r1", command=Command.MESSAGE, body={"msgtype": "text"})


def test_control_characters_within_a_frame_do_no_harm() -> None:
    text = '{"cmd": "aibot_msg_callback", "headers": {"req_id": "r1"}, "body": {"text": "a\x01b"}}'
    assert isinstance(frames.read(text), Callback)


@pytest.mark.parametrize("code", [0, "0"])
def test_an_answer_has_a_code_and_no_command(code: object) -> None:
    frame = {"headers": {"req_id": "r1"}, "errcode": code, "errmsg": "ok", "body": {"upload_id": "u"}}
    assert frames.read(json.dumps(frame)) == Ack(req_id="r1", code=0, body={"upload_id": "u"})


def test_an_event_says_its_name() -> None:
    body = {"msgtype": "event", "event": {"eventtype": frames.DISCONNECTED}}
    callback = Callback(req_id="r", command=Command.EVENT, body=body)
    assert callback.event == "disconnected_event"
    assert Callback(req_id="r", command=Command.MESSAGE, body=body).event == ""


def test_a_frame_keeps_chinese_as_it_is() -> None:
    written = frames.write(Command.RESPOND, "r1", frames.markdown("好"))
    assert "好" in written
    assert json.loads(written) == {
        "cmd": "aibot_respond_msg",
        "headers": {"req_id": "r1"},
        "body": {"msgtype": "markdown", "markdown": {"content": "好"}},
    }


@pytest.mark.parametrize(
    ("to", "chat", "kind"),
    [
        (refs.person("zhang:san"), "zhang:san", 1),
        (refs.group(GroupRoute.ROBOT, "wr/AbC=="), "wr/AbC==", 2),
    ],
)
def test_a_push_says_whether_it_is_for_a_group(to: Address, chat: str, kind: int) -> None:
    assert frames.to(to, {"msgtype": "x"}) == {"chatid": chat, "chat_type": kind, "msgtype": "x"}


def test_a_card_is_changed_for_who_pressed_it_alone() -> None:
    changed = frames.update({"card_type": "text_notice"}, "stu01")
    assert (changed["response_type"], changed["userids"]) == ("update_template_card", ["stu01"])


def test_request_ids_never_repeat() -> None:
    assert len({frames.new_req_id(Command.SEND) for _ in range(100)}) == 100
