"""Offers of paid help are known from questions about them."""

import pytest

from bot.dialogue.alerting import Offers
from bot.dialogue.wording import ContentWording
from knowledge.loading import load

CONTENT = load()
OFFERS = Offers(ContentWording(CONTENT.phrases, "你"), CONTENT.lexicon)


@pytest.mark.parametrize(
    "text",
    [
        "代办学历，加微信xl2026",
        "学信网代注册，10元一位，私聊我",
        "还在为学籍核对发愁吗？代核对，不用本人，当天弄好！",
        "专业代办学历认证，包过",
        "學信網代註冊，需要的聯繫我",
        "有需要代 办学籍 的加V",
        "内部渠道，学信网可查，包毕业",
    ],
)
def test_an_offer_is_one(text: str) -> None:
    assert OFFERS.made_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "学籍代办靠谱吗",
        "群里有人说代注册学信网加他微信，是骗子吧",
        "提醒大家别信代办学历的，让加微信的都是骗子",
        "谁能代办学籍认证啊，可以付费",
        "代办委托书怎么写，电话要写吗",
        "总部盖章可以请人代办吗？",
        "代拿快递加微信",
        "代办校园卡，低价，加我",
        "学信网注册要付费吗",
        "今晚核对登记表，有问题私聊我",
    ],
)
def test_who_asks_or_warns_or_sells_something_else_offers_nothing(text: str) -> None:
    assert not OFFERS.made_in(text)
