"""Secrets that somebody writes into a group are spoken of in private and kept nowhere."""

import pytest

from bot.messages import InboundMessage
from bot.platforms.chatroom.room import group_chat
from bot.platforms.masking import mask
from scheduler.messages import Address
from tests.acceptance.college import College

LIST = "还没核对的：\n王雅婷 3190801001\n刘子轩 3190801002\n陈一鸣 13812345678"
SECRETS = {
    "11010519491231002X": "老师我的身份证是11010519491231002X 帮我看看",
    "450102800101123": "我爸的老身份证450102800101123还能查吗",
    "13812345678": "打我电话13812345678",
    "482913": "验证码482913收到了没",
    "Xueji@2026": "密码是Xueji@2026，帮我登一下",
    "王雅婷": LIST,
}


async def kept(college: College, secret: str) -> list[str]:
    """The keys of the store under which a secret stands."""
    database = college.demo.service.kept.database
    await database.call("CONFIG", "SET", "rdbcompression", "no")  # what is compressed cannot be looked through
    found = []
    for key in await database.call("KEYS", f"{database.prefix}:*"):
        dumped = await database.client.dump(key)
        raw = dumped if isinstance(dumped, bytes) else str(dumped).encode()
        if secret.encode() in raw or secret.encode("unicode-escape") in raw:
            found.append(key)
    return found


@pytest.mark.parametrize("secret", SECRETS)
async def test_a_secret_in_the_group_is_answered_in_private_and_kept_nowhere(
    college: College, secret: str, capsys: pytest.CaptureFixture[str]
) -> None:
    student = college.seat(3)
    before = set(await kept(college, secret))  # the roster has the names of its students
    (said,) = await college.say(student, SECRETS[secret], in_group=True)
    assert said.chat == student.sid
    assert "撤回" in said.text
    assert secret not in said.text
    assert set(await kept(college, secret)) == before
    assert secret not in "".join(capsys.readouterr())


async def test_who_gave_a_password_away_is_told_to_change_it(college: College) -> None:
    (said,) = await college.say(college.seat(3), SECRETS["Xueji@2026"], in_group=True)
    assert "改掉" in said.text


async def test_who_posts_a_list_of_students_is_told_where_it_belongs(college: College) -> None:
    (said,) = await college.say(college.seat(1), LIST, in_group=True)
    assert "名单" in said.text
    assert "3190801001" not in said.text


async def test_somebody_without_a_private_chat_is_told_in_the_group_without_repeating_it(college: College) -> None:
    chat = group_chat(college.seat(1).class_id)
    text = mask(LIST)
    message = InboundMessage(
        id="m1", address=Address(platform="chatroom", chat=chat), account="chatroom:nobody", at=college.clock.now(),
        private=False, addressed=False, text=text.text, masked=text.kinds,
    )  # fmt: skip
    await college.demo.service.dispatcher.handle(message)
    *_, said = college.demo.room.history(chat)
    assert "好几个人的姓名和号码" in said.text
    assert said.buttons == ()


async def test_a_question_about_a_forgotten_password_is_answered(college: College) -> None:
    (said,) = await college.say(college.seat(3), "学信网密码忘了怎么办")
    assert "找回" in said.text


async def test_what_a_group_may_not_read_goes_on_in_private_by_a_button(college: College) -> None:
    """Whoever was never reached before opens the private chat with what they began."""
    campaign = await college.open_campaign()
    student = college.seat(4)
    chat = group_chat(student.class_id)
    stranger = InboundMessage(
        id="m2", address=Address(platform="chatroom", chat=chat), account="chatroom:nobody", at=college.clock.now(),
        private=False, addressed=True, text="我的状态",
    )  # fmt: skip
    await college.demo.service.dispatcher.handle(stranger)
    *_, said = college.demo.room.history(chat)
    assert [button.label for button in said.buttons] == ["去私聊"]
    (started,) = await college.press(student, "去私聊", in_group=True)
    assert started.chat == student.sid
    assert "学籍通" in started.text
    assert (await college.state(campaign, student)).receipt == ""
