"""When a switch is on, whom it concerns, and how staff type it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations import Conversation
from bot.dialogue.commands import Commands
from bot.dialogue.switching import (
    INCIDENT_LASTS,
    Order,
    Switching,
    holding,
    incident,
    needs_chsi,
    not_registered_yet,
    read_day,
    unregistered,
)
from bot.dialogue.turns import Asker, Turn
from bot.dialogue.wording import ContentWording
from bot.messages import InboundMessage
from bot.ports import CHSI, Switch, SwitchKind
from bot.storage.switches import RedisSwitches
from knowledge.loading import load
from scheduler.messages import Address
from scheduler.storage.database import Database

CONTENT = load()
WORDING = ContentWording(CONTENT.phrases, "你")
NOW = datetime(2026, 10, 12, 4, 0, tzinfo=UTC)
TWENTY_FIFTH = date(2026, 10, 25)


def turn(*cohorts: str, switches: tuple[Switch, ...]) -> Turn:
    chat = Address(platform="telegram", chat="1")
    message = InboundMessage(id="1", address=chat, account="telegram:1", at=NOW, private=True, addressed=True, text="")
    asker = Asker(scope="glut", you="你", office="", cohorts=cohorts)
    return Turn(message=message, conversation=Conversation(), asker=asker, to=chat, now=NOW, switches=switches)


@given(st.integers(-1, 3 * 24 * 60))
def test_an_incident_holds_for_twelve_hours_and_no_longer(minutes: int) -> None:
    switch = incident(CHSI, NOW)
    held = holding([switch], NOW + timedelta(minutes=minutes))
    assert bool(held) == (0 <= minutes < 12 * 60)


def test_an_incident_said_again_goes_on_from_its_own_beginning() -> None:
    first = incident(CHSI, NOW)
    renewed = incident(CHSI, NOW + timedelta(hours=10), [first])
    assert (renewed.since, renewed.until) == (NOW, NOW + timedelta(hours=10) + INCIDENT_LASTS)
    assert incident(CHSI, NOW + timedelta(hours=13), [first]).since == NOW + timedelta(hours=13)


def test_a_cohort_counts_as_unregistered_until_the_expected_day_is_over() -> None:
    switch = unregistered("2026", TWENTY_FIFTH, NOW)
    assert switch is not None
    assert switch.holds(datetime(2026, 10, 25, 15, 59, tzinfo=UTC))
    assert not switch.holds(datetime(2026, 10, 25, 16, 0, tzinfo=UTC))  # midnight of the school's own clock


@pytest.mark.parametrize("day", [date(2026, 10, 11), date(2027, 10, 11)])
def test_a_day_that_is_past_or_a_year_away_is_refused(day: date) -> None:
    assert unregistered("2026", day, NOW) is None


@pytest.mark.parametrize(
    ("cohorts", "concerned"),
    [(("2026",), True), (("2026秋",), True), (("2026春", "2026秋"), True), (("2025", "2026"), False), ((), False),
     (("20261",), False)],
)  # fmt: skip
def test_it_concerns_who_is_of_the_cohort_and_nobody_whose_cohort_is_not_known(
    cohorts: tuple[str, ...], concerned: bool
) -> None:
    switch = unregistered("2026", TWENTY_FIFTH, NOW)
    assert switch is not None
    assert (not_registered_yet(turn(*cohorts, switches=(switch,))) is not None) == concerned


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("预计10-25", TWENTY_FIFTH),
        ("预计10月25日", TWENTY_FIFTH),
        ("１０．２５", TWENTY_FIFTH),
        ("2026-10-25", TWENTY_FIFTH),
        ("预计1-10", date(2027, 1, 10)),
        ("13-40", None),
        ("预计月底", None),
        ("2-29", None),
    ],
)
def test_a_day_is_read_as_people_type_it(text: str, day: date | None) -> None:
    assert read_day(text, NOW.date()) == day


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("故障 学信网 开", Order(kind=SwitchKind.INCIDENT, subject=CHSI, on=True)),
        ("故障 学信网 关", Order(kind=SwitchKind.INCIDENT, subject=CHSI, on=False)),
        (
            "未注册 2026级 预计10-25",
            Order(kind=SwitchKind.UNREGISTERED, subject="2026", on=True, expected=TWENTY_FIFTH),
        ),
        (
            "未注册2026秋 预计 10-25",
            Order(kind=SwitchKind.UNREGISTERED, subject="2026秋", on=True, expected=TWENTY_FIFTH),
        ),
        ("未注册 2026级 关", Order(kind=SwitchKind.UNREGISTERED, subject="2026", on=False)),
        ("故障 教务系统 开", None),
        ("故障", None),
        ("未注册 新生 预计10-25", None),
        ("未注册 2026级", None),
    ],
)
def test_what_staff_type_is_read_exactly_or_not_at_all(text: str, order: Order | None, database: Database) -> None:
    called = Commands(WORDING).read(text)
    assert called is not None
    assert Switching(RedisSwitches(database), WORDING).read(called, NOW) == order


def test_what_is_done_on_the_site_needs_it_and_what_is_asked_at_a_desk_does_not() -> None:
    assert needs_chsi(CONTENT.topics["forgot-password"], CONTENT)
    assert needs_chsi(CONTENT.topics["enrollment-not-found"], CONTENT)
    assert not needs_chsi(CONTENT.topics["certificate-lost"], CONTENT)
    assert not needs_chsi(CONTENT.topics["headquarters-stamp"], CONTENT)
