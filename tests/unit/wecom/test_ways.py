"""By which references, how and how long what came in can be answered."""

from dataclasses import replace
from datetime import timedelta

from bot.platforms.wecom.receiver import Callback, Source, press_reference, reply_id, ways_of
from bot.ports import Occasion, Way, WayKind
from tests.unit.wecom.said import NOW, URL, app, app_event, event, in_group, press, robot, taken


def test_a_private_message_by_url_is_answered_by_its_stream_and_once_by_its_address() -> None:
    raw = taken(robot())
    stream = Way(kind=WayKind.STREAM, token=reply_id(raw), until=NOW + timedelta(minutes=5, seconds=30), many=True)
    posted = Way(kind=WayKind.RESPONSE_URL, token=URL, until=NOW + timedelta(hours=1), many=False)
    assert dict(ways_of(raw)) == {"wecom:Stu01": (stream, posted), "m/1+=": (stream, posted)}


def test_a_message_by_long_connection_is_answered_for_a_day() -> None:
    (frame, _), *_ = dict(ways_of(taken(in_group("hi"), Source.ROBOT, "req-1"))).values()
    assert frame == Way(kind=WayKind.FRAME, token="req-1", until=NOW + timedelta(hours=24), many=True)


def test_the_card_of_a_press_is_changed_once_within_five_seconds_and_for_who_pressed() -> None:
    raw = taken(press("key"), Source.ROBOT, "req-1")
    card, frame, *_ = dict(ways_of(raw))[press_reference(raw)]
    assert card == Way(
        kind=WayKind.FRAME_CARD,
        token="req-1",
        until=NOW + timedelta(seconds=5),
        many=False,
        who="Stu01",
        card="xj-1",
    )
    assert (frame.occasion, frame.until) == (Occasion.PRESS, NOW + timedelta(hours=24))


def test_a_press_in_a_group_is_answered_there_or_to_its_person_alone() -> None:
    told = {**press("key"), "chattype": "group", "chatid": "wrX"}
    raw = taken(told, Source.ROBOT, "req-1")
    assert [place for place, _ in ways_of(raw)] == ["wecom:bot/wrX", press_reference(raw), "wecom:Stu01"]
    raw = taken(told, Source.ROBOT_URL)
    assert [place for place, _ in ways_of(raw)] == ["wecom:bot/wrX", press_reference(raw)]


def test_who_opens_the_chat_is_welcomed_within_five_seconds() -> None:
    said = event("enter_chat")
    del said["response_url"]
    (way,) = dict(ways_of(taken(said)))["wecom:Stu01"]
    assert (way.occasion, way.until) == (Occasion.OPENED, NOW + timedelta(seconds=5))


def test_a_card_of_the_application_is_changed_by_its_code_and_nothing_of_the_robot_is_left() -> None:
    raw = taken(app_event("template_card_event", EventKey="k", TaskId="t", ResponseCode="RC"), Source.APP)
    code = Way(kind=WayKind.CARD_CODE, token="RC", until=NOW + timedelta(hours=72), many=False, who="Stu01", card="t")
    assert dict(ways_of(raw)) == {
        "wecom:Stu01": (replace(code, until=NOW + timedelta(seconds=5)),),
        press_reference(raw): (code,),
    }
    assert dict(ways_of(taken(app(), Source.APP))) == {"wecom:Stu01": ()}


def test_an_event_that_takes_no_answer_changes_nothing_about_other_answers() -> None:
    raw = taken(event("feedback_event"))
    assert Callback.of(raw).occasion is None
    assert ways_of(raw) == ()


def test_only_an_address_of_the_web_is_one_to_answer_by() -> None:
    raw = taken(robot(response_url="file:///etc/passwd"))
    assert [way.kind for way in dict(ways_of(raw))["m/1+="]] == [WayKind.STREAM]
