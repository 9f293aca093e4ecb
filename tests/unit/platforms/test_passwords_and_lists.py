"""Passwords, old ID numbers and lists of people are secrets too."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.platforms.masking import kinds_in, mask
from bot.platforms.rendering import utf16_length

digits = st.text("0123456789", min_size=3, max_size=12)
passwords = st.from_regex(r"[A-Za-z@#_]{3,10}[0-9]{3,8}[A-Za-z!]{0,4}", fullmatch=True).filter(
    lambda text: not text.lower().startswith(("http", "www", "is"))
)
old_ids = st.from_regex(
    r"(1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5])[0-9]{4}[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])[0-9]{3}",
    fullmatch=True,
)
names = st.text(
    "张王李赵陈刘杨黄周吴徐孙马朱胡郭何高林罗雅婷伟芳娜敏静丽强磊军洋勇艳杰娟涛明超", min_size=2, max_size=4
)
numbers = st.from_regex(r"3[0-9]{9}|1[3-9][0-9]{9}|2026[0-9]{8}", fullmatch=True)
people = st.lists(st.tuples(names, numbers), min_size=3, max_size=12)


@pytest.mark.parametrize(
    "text",
    [
        "密码是{}", "密码: {}", "我的学信网密码：{}，帮我看看", "账号abc密码{}", "密码是：{}。", "密码改成了{}",
        "登录口令为 {}", "password is {}", "Password: {}", "pwd={}", "mima是{}", "密码“{}”", "密码{}是对的吗",
    ],
)  # fmt: skip
@given(password=passwords)
def test_a_password_beside_its_word_is_masked(text: str, password: str) -> None:
    masked = mask(text.format(password))
    assert masked.kinds == ("password",)
    assert password not in masked.text


@pytest.mark.parametrize(
    "text",
    [
        "密码忘了怎么办", "学信网密码是什么", "密码是多少位", "密码是8-16位吗", "密码要求6-20个字符", "密码是6位数字",
        "密码错误，提示502", "密码：https://my.chsi.com.cn/password 在这里改", "密码是chsi账号的密码吗",
        "密码输错3次被锁了",
        "密码 2019年设的", "密码20190901注册的", "忘记password怎么办", "密码是不是学号", "用户名密码忘了",
        "密码重置要24小时吗",
    ],
)  # fmt: skip
def test_a_question_about_a_password_is_none(text: str) -> None:
    assert mask(text).text == text


@given(old_ids, st.sampled_from([str, lambda n: f"{n[:6]} {n[6:12]} {n[12:]}", "\u200b".join]))
def test_an_old_id_number_with_a_believable_day_of_birth_is_masked(number: str, spelling: object) -> None:
    text = f"老身份证{spelling(number)}查不到学历"  # type: ignore[operator]
    masked = mask(text)
    assert masked.kinds == ("id-number",)
    assert number[6:] not in "".join(char for char in masked.text if char.isdecimal())


@pytest.mark.parametrize(
    "text",
    ["学号450102800101123", "编码450102801301123", "单号990102800101123", "IMEI 869999030000000", "1234567890123456"],
)
def test_fifteen_digits_that_are_no_such_number_stay(text: str) -> None:
    assert mask(text).text == text


@pytest.mark.parametrize(
    ("row", "between"),
    [
        ("{name} {number}", "\n"), ("{number}\t{name}\t计科2601", "\r\n"), ("{place}. {name} 女 {number}", "\n"),
        ("{name}{number}", "、"), ("{name}：{number}", "；"), ("{number} {name}", "，"), ("{name}, {number}", "   "),
    ],
)  # fmt: skip
@given(people=people)
def test_a_list_of_people_with_numbers_loses_both(row: str, between: str, people: list[tuple[str, str]]) -> None:
    rows = [row.format(name=name, number=number, place=place) for place, (name, number) in enumerate(people, start=1)]
    masked = mask("还没核对的同学。\n" + between.join(rows))
    assert "list" in masked.kinds
    assert not any(name in masked.text or number in masked.text for name, number in people)
    assert masked.text.startswith("还没核对的同学。")


@given(people.map(lambda rows: rows[:2]))
def test_one_or_two_people_are_no_list(people: list[tuple[str, str]]) -> None:
    assert "list" not in mask("\n".join(f"{name} {number}" for name, number in people)).kinds


@pytest.mark.parametrize(
    "text",
    [
        "教务处 0773-5896123\n学生处 0773-5896124\n后勤处 010-67410388",
        "报名 20191001 审核 20191105 公示 20191222",
        "10月1日报名\n11月5日审核\n12月22日公示，都在2019年",
        "我的学号是3190801001，考生号19450102110123，专业代码080901",
        "绑定 3190801001 王雅婷",
        "一、登录学信网\n二、看学籍\n三、点我核对好了",
    ],
)
def test_offices_days_and_what_one_person_says_of_themselves_are_no_list(text: str) -> None:
    assert mask(text).text == text


@given(st.lists(st.one_of(st.text(max_size=12), passwords, old_ids, numbers, names, st.sampled_from(
    ["密码", "密码是", "口令：", "学号", "\n", " ", "、", "验证码", "𠮷"])), max_size=14).map("".join))  # fmt: skip
def test_masking_keeps_the_length_and_changes_nothing_the_second_time(text: str) -> None:
    masked = mask(text)
    assert utf16_length(masked.text) == utf16_length(text)
    assert mask(masked.text) == masked
    assert kinds_in(masked.text) == masked.kinds


def test_a_name_of_rare_characters_keeps_the_length_of_its_row() -> None:
    text = "𠮷野家 3190801001\n张三 3190801002\n𡈽田 3190801003"
    masked = mask(text)
    assert utf16_length(masked.text) == utf16_length(text)
    assert masked.kinds == ("list",)


@pytest.mark.parametrize(
    "unit", ["张三3190801001 ", "密码", "密码是a1", "1 ", "\n1张", '密码 "', "李四\n", "4501028001011 "]
)
@pytest.mark.parametrize("length", [3_000, 60_000])
def test_a_secret_behind_a_flood_is_still_masked(unit: str, length: int) -> None:
    """Work that grows faster than the text would not come to an end here."""
    flood = (unit * length)[:length]
    assert "abc12345" not in mask(f"{flood}。密码是abc12345").text
