"""The stand-in's HTTP API is as strict as the platform: tokens, the application, appchats, webhooks."""

import base64
import hashlib
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from bot.cli import app as command_line
from bot.standins.wecom import WecomStandin
from tests.integration.wecom.test_standin import BUTTONS, GROUP, NOTICE, STUDENT, markdown

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(200))
TEXT = {"msgtype": "text", "text": {"content": "请核对学籍"}}
CARD = {"msgtype": "template_card", "template_card": BUTTONS}


class Application:
    """A bare client of /cgi-bin/."""

    def __init__(self, standin: WecomStandin, http: httpx.AsyncClient) -> None:
        self.standin = standin
        self.http = http
        self.token = ""

    async def get_token(self, **changes: str) -> dict[str, Any]:
        app = self.standin.world.app
        query = {"corpid": app.corp_id, "corpsecret": app.secret, **changes}
        answer: dict[str, Any] = (await self.http.get(self._url("gettoken"), params=query)).json()
        self.token = answer.get("access_token", self.token)
        return answer

    async def call(self, path: str, **asked: Any) -> dict[str, Any]:
        answer = await self.http.post(self._url(path), params={"access_token": self.token}, json=asked)
        assert answer.status_code == 200
        body: dict[str, Any] = answer.json()
        return body

    async def send(self, to: str = STUDENT, /, **body: Any) -> dict[str, Any]:
        agent = self.standin.world.app.agent_id
        return await self.call("message/send", touser=to, agentid=agent, **{**TEXT, **body})

    async def upload(self, path: str, content: bytes, **query: str) -> dict[str, Any]:
        files = {"media": ("a.png", content)}
        answer: dict[str, Any] = (await self.http.post(self._url(path), params=query, files=files)).json()
        return answer

    def _url(self, path: str) -> str:
        return f"{self.standin.http_url}/cgi-bin/{path}"


@pytest.fixture
async def app() -> AsyncIterator[Application]:
    async with WecomStandin() as standin, httpx.AsyncClient(timeout=20) as http:
        standin.world.freeze(1_700_000_000.0)
        standin.world.member(user=STUDENT)
        standin.world.member(user="Stu02")
        standin.world.member(user="Far01", visible=False)
        app = Application(standin, http)
        await app.get_token()
        yield app


async def test_a_token_is_given_for_the_right_secret_and_lives_two_hours(app: Application) -> None:
    first = app.token
    assert (await app.get_token(corpsecret="wrong"))["errcode"] == 40001
    assert (await app.get_token(corpid="wrong"))["errcode"] == 40013
    assert (await app.get_token())["access_token"] == first
    app.standin.app.fresh_tokens = True
    second = await app.get_token()
    assert (second["access_token"] == first, second["expires_in"]) == (False, 7200)
    assert (await app.send())["errcode"] == 0
    app.standin.world.clock(advance=7201)
    assert (await app.send())["errcode"] == 42001


@pytest.mark.parametrize("code", [40014, 42001])
async def test_a_token_may_die_early_and_be_called_either_invalid_or_expired(app: Application, code: int) -> None:
    app.standin.expire_tokens(code=code)
    assert (await app.send())["errcode"] == code
    await app.get_token()
    assert (await app.send())["errcode"] == 0


async def test_who_cannot_be_written_to_is_listed_in_lower_case(app: Application) -> None:
    sent = await app.send(f"{STUDENT}|NoBody|Far01")
    assert (sent["errcode"], sent["invaliduser"]) == (0, "nobody|far01")
    assert (await app.send("NoBody|Far01"))["errcode"] == 81013
    assert [shown["text"] for shown in await app.standin.messages(user=STUDENT)] == ["请核对学籍"]
    assert await app.standin.messages(user="Far01") == []


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"touser": ""}, 82001),
        ({"touser": "|".join(f"u{n}" for n in range(1001))}, 40035),
        ({"touser": [STUDENT]}, 40035),
        ({"agentid": 7}, 301002),
        ({"text": {"content": "学" * 682 + "ab"}}, 0),
        ({"text": {"content": "学" * 683}}, 45002),
        ({"text": {"content": ""}}, 44004),
        ({"msgtype": "stream"}, 40008),
        (markdown("x" * 2049), 45002),
        ({"msgtype": "image", "image": {"media_id": "gone"}}, 40007),
        ({"msgtype": "template_card", "template_card": {**BUTTONS, "task_id": ""}}, 40058),
    ],
)
async def test_what_the_platform_refuses_is_refused(app: Application, asked: dict[str, Any], code: int) -> None:
    sent = {"touser": STUDENT, "agentid": app.standin.world.app.agent_id, **TEXT, **asked}
    assert (await app.call("message/send", **sent))["errcode"] == code


async def test_a_call_has_to_be_json_in_utf8_itself(app: Application) -> None:
    url = f"{app.standin.http_url}/cgi-bin/message/send?access_token={app.token}"
    body = {"touser": STUDENT, "agentid": app.standin.world.app.agent_id, **TEXT}
    codes = [
        (await app.http.post(url, content=content)).json()["errcode"]
        for content in (json.dumps(body), json.dumps(body, ensure_ascii=False), "{")
    ]
    assert codes == [40033, 0, 47001]


async def test_the_same_within_the_interval_is_not_shown_twice_where_that_is_asked_for(app: Application) -> None:
    checked = {"enable_duplicate_check": 1, "duplicate_check_interval": 600}
    for advance in (0, 60, 601):
        app.standin.world.clock(advance=advance)
        assert (await app.send(**checked))["errcode"] == 0
    await app.send()
    assert len(await app.standin.messages(user=STUDENT)) == 3


async def test_the_thirty_first_message_of_a_minute_to_a_member_is_dropped_in_silence(app: Application) -> None:
    codes = [(await app.send())["errcode"] for _ in range(31)]
    assert codes == [0] * 31
    assert len(await app.standin.messages(user=STUDENT)) == 30


async def test_a_card_is_changed_once_by_its_code_and_for_those_named(app: Application) -> None:
    sent = await app.send(f"{STUDENT}|Stu02", **CARD)
    change = {
        "agentid": app.standin.world.app.agent_id,
        "response_code": sent["response_code"],
        "userids": [STUDENT, "NoBody"],
        "template_card": NOTICE,
    }
    assert (await app.call("message/update_template_card", **change, button={}))["errcode"] == 40058
    assert (await app.call("message/update_template_card", **change))["invaliduser"] == ["nobody"]
    assert (await app.call("message/update_template_card", **change))["errcode"] == 40058
    (changed,) = await app.standin.messages(user=STUDENT)
    (kept,) = await app.standin.messages(user="Stu02")
    assert (changed["buttons"], kept["buttons"]) == ([], ["核对无误", "有错误"])
    late = await app.send(**CARD)
    app.standin.world.clock(advance=72 * 3600 + 1)
    await app.get_token()
    change["response_code"] = late["response_code"]
    assert (await app.call("message/update_template_card", **change))["errcode"] == 40058


async def test_only_cards_that_can_be_pressed_come_with_a_code(app: Application) -> None:
    assert "response_code" not in await app.send(**{**CARD, "template_card": NOTICE})
    assert "response_code" not in await app.send()


async def test_a_message_is_recalled_within_a_day(app: Application) -> None:
    sent = await app.send()
    assert (await app.call("message/recall", msgid=sent["msgid"]))["errcode"] == 0
    (shown,) = await app.standin.messages(user=STUDENT)
    assert shown["recalled"]
    sent = await app.send()
    app.standin.world.clock(advance=24 * 3600 + 1)
    await app.get_token()
    assert (await app.call("message/recall", msgid=sent["msgid"]))["errcode"] == 40058


async def test_an_appchat_is_made_read_and_spoken_in_and_takes_no_cards(app: Application) -> None:
    assert (await app.call("appchat/create", userlist=[STUDENT]))["errcode"] == 40035
    made = await app.call("appchat/create", name="会计1班", owner=STUDENT, userlist=[STUDENT, "Stu02"], chatid="class1")
    assert made["chatid"] == "class1"
    assert (await app.call("appchat/create", userlist=[STUDENT, "Stu02"], chatid="class1"))["errcode"] == 86215
    query = {"access_token": app.token, "chatid": "class1"}
    read = (await app.http.get(f"{app.standin.http_url}/cgi-bin/appchat/get", params=query)).json()
    assert read["chat_info"]["userlist"] == [STUDENT, "Stu02"]
    assert (await app.call("appchat/send", chatid="class1", **TEXT))["errcode"] == 0
    assert (await app.call("appchat/send", chatid="class1", **CARD))["errcode"] == 40008
    assert (await app.call("appchat/send", chatid="none", **TEXT))["errcode"] == 86003
    assert (await app.call("appchat/update", chatid="class1", del_user_list=["Stu02"]))["errcode"] == 0
    assert [shown["text"] for shown in await app.standin.messages(chat="class1")] == ["请核对学籍"]
    assert await app.standin.messages(user=STUDENT) == []


async def test_a_member_of_an_appchat_misses_what_is_too_much_in_a_minute(app: Application) -> None:
    await app.call("appchat/create", userlist=[STUDENT, "Stu02"], chatid="class1")
    app.standin.limit(appchat_member=[(1, 60)])
    codes = [(await app.call("appchat/send", chatid="class1", **TEXT))["errcode"] for _ in range(2)]
    assert codes == [0, 0]
    assert [shown["to"] for shown in await app.standin.messages(chat="class1")] == [[STUDENT, "Stu02"], []]


async def test_a_picture_is_uploaded_and_sent(app: Application) -> None:
    done = await app.upload("media/upload", PICTURE, access_token=app.token, type="image")
    assert (await app.send(msgtype="image", image={"media_id": done["media_id"]}))["errcode"] == 0
    assert (await app.upload("media/upload", b"tiny", access_token=app.token, type="image"))["errcode"] == 40006
    assert (await app.upload("media/upload", PICTURE, access_token=app.token, type="song"))["errcode"] == 40004
    app.standin.world.clock(advance=3 * 24 * 3600 + 1)
    await app.get_token()
    assert (await app.send(msgtype="image", image={"media_id": done["media_id"]}))["errcode"] == 40007


async def test_the_directory_shows_whom_the_application_may_see(app: Application) -> None:
    async def get(path: str, **query: str) -> dict[str, Any]:
        url = f"{app.standin.http_url}/cgi-bin/{path}"
        answer: dict[str, Any] = (await app.http.get(url, params={"access_token": app.token, **query})).json()
        return answer

    assert (await get("user/get", userid=STUDENT.lower()))["userid"] == STUDENT
    assert (await get("user/get", userid="Far01"))["errcode"] == 60011
    assert (await get("user/get", userid="nobody"))["errcode"] == 40003
    listed = await get("user/simplelist", department_id="1")
    assert [user["userid"] for user in listed["userlist"]] == [STUDENT, "Stu02"]
    assert (await get("department/list"))["department"][0]["id"] == 1
    app.standin.change_robot(hides_ids=True)
    hidden = app.standin.world.spelled(STUDENT)
    opened = await app.call("batch/openuserid_to_userid", open_userid_list=[hidden, "wo-none"])
    assert opened["userid_list"] == [{"open_userid": hidden, "userid": STUDENT}]
    assert opened["invalid_open_userid_list"] == ["wo-none"]


@pytest.mark.parametrize("code", [-1, 45009, 45033, 48002, 60020])
async def test_any_error_can_be_asked_for(app: Application, code: int) -> None:
    app.standin.fault(call="message/send", code=code, times=2)
    assert [(await app.send())["errcode"] for _ in range(3)] == [code, code, 0]


async def test_answers_can_be_spoilt_after_the_call_was_carried_out(app: Application) -> None:
    app.standin.fault(call="message/send", kind="broken-json")
    with pytest.raises(json.JSONDecodeError):
        await app.send()
    app.standin.fault(call="message/send", kind="cut")
    with pytest.raises(httpx.RemoteProtocolError):
        await app.send()
    app.standin.release()
    app.standin.fault(call="message/send", kind="slow", seconds=60)
    assert (await app.send())["errcode"] == 0
    app.standin.fault(call="message/send", kind="server-error")
    with pytest.raises(AssertionError):
        await app.send()
    assert len(await app.standin.messages(user=STUDENT)) == 3


async def hook(app: Application, key: str, **body: Any) -> int:
    url = f"{app.standin.http_url}/cgi-bin/webhook/send"
    return int((await app.http.post(url, params={"key": key}, json=body)).json()["errcode"])


def image(content: bytes, md5: str = "") -> dict[str, Any]:
    digest = md5 or hashlib.md5(content, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": base64.b64encode(content).decode(), "md5": digest}}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"msgtype": "text", "text": {"content": "开会", "mentioned_list": [STUDENT, "@all"]}}, 0),
        ({"msgtype": "text", "text": {"content": "开会", "mentioned_list": STUDENT}}, 40058),
        ({"msgtype": "text", "text": {"content": "x" * 2049}}, 45002),
        (markdown("学" * 1365), 0),
        (markdown("学" * 1366), 45002),
        (image(PICTURE), 0),
        (image(PICTURE, md5="0" * 32), 40058),
        (image(PICTURE[:60]), 40123),
        (image(PICTURE + bytes(2 * 1024 * 1024)), 93018),
        ({"msgtype": "template_card", "template_card": NOTICE}, 0),
        (CARD, 40058),
        ({"msgtype": "stream"}, 40008),
    ],
)
async def test_a_webhook_takes_what_the_platform_takes(app: Application, body: dict[str, Any], code: int) -> None:
    assert await hook(app, app.standin.world.hook(chat=GROUP)["key"], **body) == code
    assert len(await app.standin.messages(chat=GROUP)) == (code == 0)


async def test_a_webhook_speaks_twenty_times_a_minute_refused_ones_included(app: Application) -> None:
    key = app.standin.world.hook(chat=GROUP)["key"]
    assert await hook(app, key, msgtype="stream") == 40008
    assert [await hook(app, key, **TEXT) for _ in range(20)] == [0] * 19 + [45009]
    assert await hook(app, app.standin.world.hook(chat=GROUP)["key"], **TEXT) == 0
    app.standin.world.clock(advance=61)
    assert await hook(app, key, **TEXT) == 0
    assert await hook(app, "0" * 32, **TEXT) == 93000


async def test_a_file_of_one_key_is_not_another_keys(app: Application) -> None:
    mine, other = (app.standin.world.hook(chat=GROUP)["key"] for _ in range(2))
    done = await app.upload("webhook/upload_media", b"a list", key=mine, type="file")
    body = {"msgtype": "file", "file": {"media_id": done["media_id"]}}
    assert [await hook(app, key, **body) for key in (mine, other)] == [0, 40007]
    assert (await app.upload("webhook/upload_media", b"a list", key="wrong", type="file"))["errcode"] == 93000


async def test_what_the_help_describes_is_there(app: Application) -> None:
    shown = CliRunner().invoke(command_line, ["standin", "wecom", "--help"]).output
    members, scripts = shown.split("Scripts, on")
    for side, text in (("user", members), ("script", scripts)):
        verbs = re.findall(r"POST ([a-z-]+)", text)
        assert verbs
        for verb in verbs:
            answer = await app.http.post(f"{app.standin.http_url}/{side}/{verb}", json={})
            assert answer.status_code in (200, 400), verb
