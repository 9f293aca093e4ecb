"""Links that pretend to be 学信网 are known, and genuine ones are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.links import LONGEST, genuine, pretenders
from knowledge.loading import load

KNOWN = genuine(load().links, ("学信网", "学信档案", "xuexinwang"))
CYRILLIC = "сhsi"  # the first letter is none of the Latin alphabet


@pytest.mark.parametrize(
    "text",
    [
        "https://www.chsi.com.cn/",
        "登录www.chsi.com.cn。谢谢",
        "my.chsi.com.cn/archive/index.action",
        "ＷＷＷ．ＣＨＳＩ．ＣＯＭ．ＣＮ",
        "https://account.chsi.com.cn:443/passport/login?service=https%3A%2F%2Fmy.chsi.com.cn",
        "写信给kefu@chsi.com.cn",
        "去https://user@my.chsi.com.cn/看",
        "https://jwc.glut.edu.cn/chsi-guide.html",
        "我的邮箱chsi2019@163.com",
        "http://techsite.com 和 machinist.cn",
        "学信网怎么注册。com是什么",
        "版本1.5.1，3.14",
        "chsi",
        "",
    ],
)
def test_a_genuine_address_and_one_that_pretends_nothing_are_left_alone(text: str) -> None:
    assert pretenders(text, KNOWN) == ()


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("http://www.chsi.com.cn.evil.com/login", "www.chsi.com.cn.evil.com"),
        ("快登录chsi-xx.com注册", "chsi-xx.com"),
        ("chsi.com", "chsi.com"),
        ("chsi.net.cn", "chsi.net.cn"),
        ("my-chsi.com.cn", "my-chsi.com.cn"),
        ("www.chsi.cn。", "www.chsi.cn"),
        ("chs1.com.cn", "chs1.com.cn"),
        ("CHSl.com.cn", "chsl.com.cn"),
        ("ch5i.com.cn", "ch5i.com.cn"),
        ("chsii.com.cn", "chsii.com.cn"),
        ("c-h-s-i.com", "c-h-s-i.com"),
        ("chsi2026.top", "chsi2026.top"),
        (f"{CYRILLIC}.com.cn", f"{CYRILLIC}.com.cn"),
        (f"xn--{CYRILLIC.encode('punycode').decode()}.com.cn", "xn--hsi-3ed.com.cn"),
        ("cħsi.com.cn", "cħsi.com.cn"),
        ("chşi.com.cn", "chşi.com.cn"),
        ("http://www.chsi.com.cn@evil.com/a", "evil.com"),
        ("chsi。com。cn。evil。top", "chsi.com.cn.evil.top"),
        ("c\u200bhsi.com", "chsi.com"),
        ("www.学信网.com", "学信网.com"),
        ("学信档案.top", "学信档案.top"),
        ("xuexinwang.cn", "xuexinwang.cn"),
        ("kefu@chsi-help.com", "chsi-help.com"),
    ],
)
def test_an_address_that_only_reads_like_the_site_is_found(text: str, host: str) -> None:
    assert pretenders(text, KNOWN) == (host,)


@given(
    st.sampled_from(["www.", "my.", "", "a.b."]),
    st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=12),
    st.sampled_from(["com", "top", "net", "xyz"]),
)
def test_the_true_name_before_somebody_elses_domain_never_helps(before: str, owner: str, ending: str) -> None:
    assert pretenders(f"看 http://{before}chsi.com.cn.{owner}.{ending}/x 吧", KNOWN) != ()


@given(st.text("abcdefghijklmnopqrstuvwxyz-", min_size=0, max_size=20), st.text("/abc?=&%", max_size=20))
def test_whatever_lies_below_the_true_domain_is_genuine(below: str, path: str) -> None:
    host = f"{below.strip('-')}.chsi.com.cn".lstrip(".")
    assert pretenders(f"https://{host}/{path}", KNOWN) == ()


@given(st.text(max_size=200))
def test_any_text_can_be_looked_through(text: str) -> None:
    assert all("." in host for host in pretenders(text, KNOWN))


@pytest.mark.parametrize("unit", ["a", "a.", "-", "a@", "http://", "xn--", ".", "学信网.", "\u0301"])
def test_a_flood_is_looked_through_as_far_as_the_longest_message_goes(unit: str) -> None:
    flood = (unit * 60_000)[:60_000]
    assert pretenders(flood + " chsi.com", KNOWN) == pretenders(flood[:LONGEST], KNOWN)
