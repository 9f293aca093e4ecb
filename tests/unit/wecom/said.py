"""What WeCom calls with, as dicts: a text to the robot or to the application, an event, a press."""

from datetime import UTC, datetime
from typing import Any

from bot.buttons import ButtonSeal
from bot.platforms.wecom.receiver import Reader, Source, raw_update
from bot.ports import RawUpdate
from scheduler.messages import Action, Verb

NOW = datetime(2019, 12, 14, 1, tzinfo=UTC)
SEAL = ButtonSeal(b"a secret of the tests")
READER = Reader(seal=SEAL, robot_name="答疑机器人")
ASK = Action(verb=Verb.ASK, subject="course-selection")
ID_NUMBER = "11010519491231002X"
MOBILE = "13812345678"
URL = "https://qyapi.weixin.qq.com/cgi-bin/aibot/response?response_code=13812345678"


def robot(**more: Any) -> dict[str, Any]:
    """What the 智能机器人 is told of a private text, with these fields instead of the usual ones."""
    usual = {
        "msgid": "m/1+=",
        "aibotid": "aibX",
        "chattype": "single",
        "from": {"userid": "Stu01"},
        "response_url": URL,
        "msgtype": "text",
        "text": {"content": "何时选课"},
    }
    return {**usual, **more}


def in_group(text: str, **more: Any) -> dict[str, Any]:
    return robot(chatid="wrX", chattype="group", text={"content": text}, **more)


def event(name: str, inner: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    said = robot(msgtype="event", create_time=1576285200, event={"eventtype": name, name: inner or {}}, **more)
    del said["text"]
    return said


def press(key: str, **more: Any) -> dict[str, Any]:
    inner = {"card_type": "button_interaction", "event_key": key, "task_id": "xj-1"}
    return event("template_card_event", inner, chatid="wrX", chattype="group", **more)


def app(**more: Any) -> dict[str, Any]:
    """What the 自建应用 is told of a text, its XML as a dict."""
    usual = {
        "ToUserName": "wx1",
        "FromUserName": "Stu01",
        "CreateTime": "1576285200",
        "MsgType": "text",
        "Content": "何时选课",
        "MsgId": "4561255354251345929",
        "AgentID": "218",
    }
    return {**usual, **more}


def app_event(name: str, **more: Any) -> dict[str, Any]:
    said = app(MsgType="event", Event=name, **more)
    del said["MsgId"], said["Content"]
    return said


def taken(message: dict[str, Any], source: Source = Source.ROBOT_URL, req_id: str = "") -> RawUpdate:
    raw = raw_update(source, message, NOW, req_id=req_id)
    assert raw is not None
    return raw
