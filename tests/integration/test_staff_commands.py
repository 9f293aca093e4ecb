"""`xueji staff` as a clerk types it: invited once, listed, reviewed, extended, stood in for, dismissed."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
import structlog
from typer.testing import CliRunner, Result

from bot.bootstrap import Stores, stores
from bot.cli import app
from bot.settings import read
from scheduler.messages import Address
from scheduler.roster import Binding, BindingStrength
from scheduler.staffing import StaffMember, StaffRole, end_of_term
from tests.integration.school import import_students, student

T = TypeVar("T")
ACCOUNT, OTHER = "telegram:9", "telegram:8"
PRIVATE = Address(platform="telegram", chat="9")


def staff(*words: str) -> Result:
    return CliRunner().invoke(app, ["staff", *words])


def in_store(work: Callable[[Stores], Awaitable[T]]) -> T:
    async def attached() -> T:
        async with stores(read(), serving=False) as (kept, _):
            return await work(kept)

    return asyncio.run(attached())


def shown(code: str, account: str = ACCOUNT) -> StaffMember | None:
    taken = in_store(lambda kept: kept.staff.accept(code, account, PRIVATE, datetime.now(UTC)))
    return taken[-1] if taken else None


@pytest.fixture(autouse=True)
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two classes, the first of them with a monitor who has proved to be themselves."""
    monkeypatch.setenv("XUEJI_DATA", str(tmp_path / "data"))

    async def fill(kept: Stores) -> None:
        await import_students(kept.rosters, student("s1", is_monitor=True), student("s2", "c2"))
        monitor = Binding(account="telegram:1", sid="s1", strength=BindingStrength.STRONG, private=PRIVATE)
        await kept.bindings.bind(monitor)

    in_store(fill)
    yield
    structlog.reset_defaults()


def invited(*words: str) -> str:
    said = staff("invite", *words)
    assert said.exit_code == 0, said.output
    found = re.search(r"绑定 ([A-Z2-9]{10})", said.output)
    assert found
    return found[1]


def test_an_invitation_is_good_once_and_till_the_end_of_the_term() -> None:
    code = invited("counsellor", "--class", "class c1")
    member = shown(code)
    assert member is not None
    assert (member.role, member.classes) == (StaffRole.COUNSELLOR, ("c1",))
    assert member.until == end_of_term(datetime.now(UTC))
    assert shown(code, OTHER) is None
    assert ACCOUNT in staff("list").output


def test_an_invitation_names_its_own_last_day() -> None:
    member = shown(invited("college", "--college", "college", "--until", "2099-01-31"))
    assert member is not None
    assert member.until == datetime(2099, 1, 31, 16, tzinfo=UTC)
    assert "2099-01-31" in staff("list").output


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("monitor", "--class", "class c1"), "我是班长"),
        (("registrar", "--class", "class c1"), "全校"),
        (("college", "--class", "class c1"), "--college"),
        (("counsellor",), "--class"),
        (("counsellor", "--class", "nowhere"), "nowhere"),
        (("college", "--college", "nowhere"), "nowhere"),
    ],
)
def test_an_invitation_that_makes_no_sense_is_refused_whole(words: tuple[str, ...], why: str) -> None:
    said = staff("invite", *words)
    assert (said.exit_code in {1, 2}, why in said.output) == (True, True), said.output
    assert in_store(lambda kept: kept.staff.all()) == ()


def test_a_review_says_who_may_see_names_and_whose_role_is_over() -> None:
    shown(invited("counsellor", "--class", "class c1"))
    staff("until", ACCOUNT, "2020-01-31")
    lines = staff("review").output.splitlines()
    assert ["已到期" in line for line in lines if ACCOUNT in line] == [True]
    assert ["班长" in line and "class c1" in line for line in lines if "telegram:1 " in line] == [True]


def test_a_deputy_is_named_with_dates_and_a_dismissed_member_takes_them_along() -> None:
    shown(invited("counsellor", "--class", "class c1"))
    now = datetime.now(UTC)
    days = ("--from", f"{now - timedelta(days=2):%Y-%m-%d}", "--to", f"{now + timedelta(days=2):%Y-%m-%d}")
    assert staff("deputy", OTHER, ACCOUNT, *days).exit_code == 0
    (principal,) = in_store(lambda kept: kept.staff.about(OTHER))
    assert principal.account == ACCOUNT
    assert f"（代班：{OTHER}，" in staff("list").output
    staff("dismiss", ACCOUNT)
    assert in_store(lambda kept: kept.staff.about(OTHER)) == ()


def test_one_of_somebodys_roles_is_extended_and_ended_by_its_name() -> None:
    shown(invited("counsellor", "--class", "class c1"))
    shown(invited("college", "--college", "college"))
    assert staff("until", ACCOUNT, "2099-01-31", "--role", "college").exit_code == 0
    assert ["2099-01-31" in line for line in staff("list").output.splitlines()] == [False, True]
    assert staff("dismiss", ACCOUNT, "--role", "counsellor").exit_code == 0
    (left,) = in_store(lambda kept: kept.staff.all())
    assert left.role is StaffRole.COLLEGE


def test_nobody_stands_in_for_who_is_no_staff_or_backwards_in_time() -> None:
    assert staff("deputy", OTHER, ACCOUNT, "--from", "2026-01-01", "--to", "2026-01-02").exit_code == 1
    assert staff("deputy", OTHER, ACCOUNT, "--from", "2026-01-03", "--to", "2026-01-01").exit_code == 2
    assert staff("until", ACCOUNT, "2026-01-01").exit_code == 1


def test_a_list_of_members_says_how_many_match_and_binds_them_when_asked(tmp_path: Path) -> None:
    members = tmp_path / "members.csv"
    members.write_text("账号,学号\nZhang,2019s1\n2019s2,\nteacher,\n", "utf-8")

    def bound() -> set[str]:
        sids = ["s1", "s2"]
        found = in_store(lambda kept: kept.bindings.of_students(sids))
        return {one.account for own in found.values() for one in own}

    looked = CliRunner().invoke(app, ["roster", "userids", str(members)])
    assert "对上2人；1个账号" in looked.output
    assert bound() == {"telegram:1"}
    for _ in range(2):
        CliRunner().invoke(app, ["roster", "userids", str(members), "--apply"])
        assert bound() == {"telegram:1", "wecom:Zhang", "wecom:2019s2"}
