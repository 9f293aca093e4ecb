"""What WeCom calls with is read as what a person did, by whichever route it came, and kept without what is secret."""

from typing import Any

import pytest

from bot.messages import UNKNOWN_BUTTON, InboundMessage
from bot.platforms.wecom.receiver import WELCOME, Reader, Source, raw_update, ways_of
from scheduler.messages import Action, Address, Verb
from tests.unit.wecom.said import (
    ASK,
    ID_NUMBER,
    MOBILE,
    NOW,
    READER,
    SEAL,
    URL,
    app,
    app_event,
    event,
    in_group,
    press,
    robot,
    taken,
)


def heard(message: dict[str, Any], source: Source = Source.ROBOT_URL, reader: Reader = READER) -> InboundMessage:
    inbound = reader.inbound(taken(message, source))
    assert inbound is not None
    return inbound


def test_a_private_text_is_what_that_member_said() -> None:
    assert heard(robot()) == InboundMessage(
        id="m/1+=",
        address=Address(platform="wecom", chat="Stu01"),
        account="wecom:Stu01",
        at=NOW,
        private=True,
        addressed=True,
        text="何时选课",
    )


def test_the_same_message_is_the_same_by_url_and_by_long_connection() -> None:
    assert heard(robot(), Source.ROBOT) == heard(robot(), Source.ROBOT_URL)


def test_a_text_to_the_application_is_what_that_member_said() -> None:
    said = heard(app(), Source.APP)
    assert (said.address, said.account, said.private, said.text) == (
        Address(platform="wecom", chat="Stu01"),
        "wecom:Stu01",
        True,
        "何时选课",
    )


def test_a_group_is_known_by_its_id_and_its_asker_by_theirs() -> None:
    said = heard(in_group("@答疑机器人 何时选课"))
    assert said.address == Address(platform="wecom", chat="bot/wrX")
    assert said.private_address == Address(platform="wecom", chat="Stu01")
    assert (said.private, said.addressed) == (False, True)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("@答疑机器人 何时选课", "何时选课"),
        ("@答疑机器人\u2005何时选课", "何时选课"),
        ("请问 @答疑机器人 何时选课", "请问 何时选课"),
        ("何时选课@答疑机器人", "何时选课"),
        ("@答疑机器人何时选课", "何时选课"),
        ("@答疑机器人", ""),
    ],
)
def test_the_mention_of_the_robot_is_no_part_of_the_question(typed: str, meant: str) -> None:
    assert heard(in_group(typed)).text == meant


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("@小助手 何时选课", "何时选课"), ("@小助手", ""), ("邮箱 a@b.cn 对吗", "邮箱 a@b.cn 对吗")],
)
def test_without_a_name_what_stands_between_the_sign_and_a_space_is_the_mention(typed: str, meant: str) -> None:
    assert heard(in_group(typed), reader=Reader(seal=SEAL)).text == meant


def test_in_private_nothing_is_a_mention() -> None:
    assert heard(robot(text={"content": "@答疑机器人 是谁"})).text == "@答疑机器人 是谁"


def test_a_quote_is_the_question_only_where_nothing_was_said_beside_it() -> None:
    quote = {"msgtype": "text", "text": {"content": "何时选课"}}
    assert heard(in_group("@答疑机器人 ", quote=quote)).text == "何时选课"
    assert heard(in_group("@答疑机器人 这个怎么办", quote=quote)).text == "这个怎么办"


def test_a_quoted_picture_alone_is_a_picture() -> None:
    quote = {"msgtype": "image", "image": {"url": "https://example.com/p", "aeskey": "k"}}
    assert heard(in_group("@答疑机器人", quote=quote)).picture


def test_what_was_spoken_is_a_text() -> None:
    spoken = robot(msgtype="voice", voice={"content": "何时选课"})
    assert heard(spoken).text == "何时选课"


def test_a_picture_with_words_is_its_words_and_one_without_is_a_picture() -> None:
    image = {"msgtype": "image", "image": {"url": "https://example.com/p"}}
    words = {"msgtype": "text", "text": {"content": "@答疑机器人 这是什么"}}
    both = in_group("", msgtype="mixed", mixed={"msg_item": [words, image]})
    assert heard(both).text == "这是什么"
    assert heard(robot(msgtype="mixed", mixed={"msg_item": [image]})).picture
    assert heard(robot(msgtype="image", image={"url": "https://example.com/p"})).picture
    assert heard(app(MsgType="image", PicUrl="https://example.com/p"), Source.APP).picture


@pytest.mark.parametrize("kind", ["file", "video"])
def test_a_file_is_something_nobody_here_reads(kind: str) -> None:
    assert heard(robot(msgtype=kind, **{kind: {"url": "https://example.com/f"}})).other == kind


@pytest.mark.parametrize("kind", ["voice", "location", "link", "video"])
def test_what_the_application_gets_without_words_is_something_nobody_here_reads(kind: str) -> None:
    assert heard(app(MsgType=kind), Source.APP).other == kind


@pytest.mark.parametrize(
    ("message", "source"),
    [
        (event("enter_chat"), Source.ROBOT),
        (app_event("subscribe"), Source.APP),
    ],
)
def test_who_opens_the_chat_for_the_first_time_gets_the_help(message: dict[str, Any], source: Source) -> None:
    said = heard(message, source)
    assert (said.text, said.private) == (WELCOME, True)


@pytest.mark.parametrize(
    "named",
    [
        event("template_card_event", {"event_key": SEAL.seal(ASK), "task_id": "xj-1"}),
        event("template_card_event", {"EventKey": SEAL.seal(ASK), "TaskId": "xj-1"}),
        robot(
            msgtype="event",
            event={"eventtype": "template_card_event", "event_key": SEAL.seal(ASK), "task_id": "xj-1"},
        ),
    ],
    ids=["nested", "capitals", "flat"],
)
def test_a_press_is_what_its_button_asks_for(named: dict[str, Any]) -> None:
    said = heard(named)
    assert (said.action, said.replaces) == (ASK, "card/xj-1/m/1+=")


@pytest.mark.parametrize("name", ["template_card_event", "TEMPLATE_CARD_EVENT", "template_card_menu_event"])
def test_a_press_on_a_card_of_the_application_is_one_too(name: str) -> None:
    said = heard(app_event(name, EventKey=SEAL.seal(ASK), TaskId="xj-1", ResponseCode="RC"), Source.APP)
    assert (said.action, said.private) == (ASK, True)
    assert (said.replaces or "").startswith("card/xj-1/")


@pytest.mark.parametrize("key", ["", "made up", SEAL.seal(ASK)[:-1]])
def test_a_button_of_somebody_elses_is_an_unknown_one(key: str) -> None:
    said = heard(press(key))
    assert (said.action, said.other) == (None, UNKNOWN_BUTTON)


@pytest.mark.parametrize("source", [Source.ROBOT, Source.ROBOT_URL])
def test_of_a_flood_only_the_beginning_is_kept_and_no_number_cut_in_two(source: Source) -> None:
    flood = "学" * 3_990 + ID_NUMBER + "学" * 60_000
    assert heard(robot(text={"content": flood}), source).text == "学" * 3_990
    quoted = {"msgtype": "text", "text": {"content": flood}}
    assert heard(robot(text={"content": ""}, quote=quoted), source).text == "学" * 3_990


@pytest.mark.parametrize(("kind", "verdict"), [(1, "solved"), ("2", "unsolved")])
def test_a_thumb_under_an_answer_that_named_its_topic_is_a_verdict(kind: int | str, verdict: str) -> None:
    asked = SEAL.seal(Action(verb=Verb.RATE, subject="course-selection"))
    said = heard(event("feedback_event", {"id": asked, "type": kind}))
    assert said.action == Action(verb=Verb.RATE, subject="course-selection", detail=verdict)


@pytest.mark.parametrize("inner", [{}, {"id": "s1", "type": 1}, {"id": SEAL.seal(ASK), "type": 1}])
def test_a_thumb_that_says_nothing_of_a_topic_is_left_alone(inner: dict[str, Any]) -> None:
    assert READER.inbound(taken(event("feedback_event", inner))) is None


def test_a_thumb_taken_back_is_left_alone() -> None:
    asked = SEAL.seal(Action(verb=Verb.RATE, subject="course-selection"))
    assert READER.inbound(taken(event("feedback_event", {"id": asked, "type": 3}))) is None


@pytest.mark.parametrize(
    ("message", "source"),
    [
        (event("something_new"), Source.ROBOT_URL),
        (robot(msgtype="something_new"), Source.ROBOT_URL),
        (app_event("LOCATION", Latitude="25.2", Longitude="110.1"), Source.APP),
        (app_event("enter_agent"), Source.APP),
    ],
)
def test_what_nobody_has_to_answer_is_left_alone(message: dict[str, Any], source: Source) -> None:
    raw = taken(message, source)
    assert READER.inbound(raw) is None


@pytest.mark.parametrize(
    "message",
    [
        robot(**{"from": {}}),
        robot(**{"from": "Stu01"}),
        robot(**{"from": {"userid": "sys"}}),
        robot(chattype="group"),
        event("disconnected_event", **{"from": None}),
    ],
    ids=["no id", "no sender", "the system", "a group without id", "an event of nobody"],
)
def test_what_nobody_said_is_not_even_stored(message: dict[str, Any]) -> None:
    assert raw_update(Source.ROBOT_URL, message, NOW) is None


def test_a_secret_is_taken_out_before_anything_is_stored_and_the_person_is_told() -> None:
    raw = taken(robot(text={"content": f"我的身份证 {ID_NUMBER} 手机 {MOBILE}"}))
    assert ID_NUMBER.encode() not in raw.body
    said = READER.inbound(raw)
    assert said is not None
    assert said.masked == ("id-number", "mobile")
    assert heard(app(Content=f"我的手机是{MOBILE}"), Source.APP).masked == ("mobile",)


def test_the_platforms_own_ids_are_kept_although_they_look_like_secrets() -> None:
    raw = taken(in_group("hi", msgid=MOBILE, **{"from": {"userid": MOBILE}}) | {"chatid": MOBILE})
    assert raw.key == MOBILE
    said = READER.inbound(raw)
    assert said is not None
    assert (said.account, said.address.chat) == (f"wecom:{MOBILE}", f"bot/{MOBILE}")
    assert dict(ways_of(raw))[MOBILE][1].token == URL


def test_where_a_picture_lies_and_where_somebody_is_is_not_kept() -> None:
    image = {"msgtype": "image", "image": {"url": "https://example.com/p", "aeskey": "secret-key"}}
    stored = taken(robot(msgtype="mixed", mixed={"msg_item": [image]}, quote=image)).body
    stored += taken(app(MsgType="location", Location_X="25.274", Label="雁山区"), Source.APP).body
    stored += taken(app(MsgType="image", PicUrl="https://example.com/p", MediaId="media-1"), Source.APP).body
    for gone in ("example.com", "secret-key", "25.274", "雁山区", "media-1"):
        assert gone.encode() not in stored


def test_a_repeat_has_the_key_of_the_first() -> None:
    assert taken(robot()).key == taken(robot(response_url=URL + "1")).key
    assert taken(app(), Source.APP).key == taken(app(), Source.APP).key


def test_events_of_one_second_are_told_apart_by_all_they_say() -> None:
    one = app_event("template_card_event", EventKey="a", TaskId="t1")
    keys = {
        taken(said, Source.APP).key
        for said in (
            one,
            {**one, "EventKey": "b"},
            {**one, "TaskId": "t2"},
            {**one, "FromUserName": "Stu02"},
            {**one, "CreateTime": "1576285201"},
            {**one, "Event": "click"},
        )
    }
    assert len(keys) == 6
    assert taken(one, Source.APP).key == taken({**one, "ResponseCode": "another"}, Source.APP).key


def test_presses_without_an_id_are_told_apart_too() -> None:
    keys = {taken(press(key, msgid="")).key for key in ("a", "b")}
    assert len(keys) == 2
    assert all("Stu01" not in key for key in keys)


def test_a_message_and_an_event_of_the_application_and_one_of_the_robot_never_share_a_key() -> None:
    number = "4561255354251345929"
    assert taken(app(MsgId=number), Source.APP).key != taken(robot(msgid=number)).key


def test_updates_of_one_chat_are_of_one_order_and_by_url_and_application_the_same() -> None:
    assert taken(robot()).chat == taken(app(), Source.APP).chat == "Stu01"
    assert taken(in_group("hi")).chat == "bot/wrX"
