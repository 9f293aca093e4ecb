"""Switches of staff: 学信网 does not work now, or a cohort is not registered yet; what they change in an answer."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from bot.dialogue.commands import Called, Command
from bot.dialogue.rights import Right, may
from bot.dialogue.turns import Reply, Turn, preceded
from bot.dialogue.wording import ContentWording
from bot.ports import CHSI, Switch, SwitchKind, SwitchStore
from knowledge.loading import Content
from knowledge.scopes import NATIONAL
from knowledge.topics import Kind, Topic
from scheduler.calendar import ZONE
from scheduler.letters import day_words, moment_words
from scheduler.messages import Body, Phrase, Purpose

INCIDENT_LASTS = timedelta(hours=12)
"""How long an incident holds unless it is said again."""

FARTHEST = timedelta(days=200)
"""How far ahead a day of registration can be expected; what is farther is a mistake in the year."""

NOT_FOUND_TOPIC = "enrollment-not-found"
NOT_FOUND_GUIDE = "not-found"

_DAY = re.compile(r"\D*(?:(?P<year>20\d\d)\D+)?(?P<month>\d{1,2})\D+(?P<day>\d{1,2})\D?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a member of staff typed: which switch, on or off, and the day it names."""

    kind: SwitchKind
    subject: str
    on: bool
    expected: date | None = None


def incident(system: str, now: datetime, before: Iterable[Switch] = ()) -> Switch:
    """An incident from now on; one that holds already goes on from its own beginning."""
    since = next(
        (s.since for s in before if s.kind is SwitchKind.INCIDENT and s.subject == system and s.holds(now)), now
    )
    return Switch(kind=SwitchKind.INCIDENT, subject=system, since=since, until=now + INCIDENT_LASTS)


def unregistered(cohort: str, expected: date, now: datetime) -> Switch | None:
    """A cohort that is not registered yet, until the expected day is over; None for a day that is past or too far."""
    if not now.astimezone(ZONE).date() <= expected <= (now + FARTHEST).date():
        return None
    until = datetime.combine(expected + timedelta(days=1), time(), ZONE).astimezone(UTC)
    return Switch(kind=SwitchKind.UNREGISTERED, subject=cohort, since=now, until=until, expected=expected)


def holding(switches: Iterable[Switch], now: datetime) -> tuple[Switch, ...]:
    """Those that are on."""
    return tuple(switch for switch in switches if switch.holds(now))


def needs_chsi(topic: Topic, content: Content) -> bool:
    """Whether what a topic advises is done on 学信网: it tells how the site works, or a guide of the whole country
    goes with it."""
    guide = content.guides.get(topic.guide or "")
    return any(answer.kind is Kind.MECHANICS for answer in topic.answers) or (
        guide is not None and guide.scope == NATIONAL
    )


def under_incident(turn: Turn, body: Body) -> Body:
    """An answer that needs 学信网 with the dated line of an incident before it, if there is one."""
    for switch in turn.switches:
        if switch.kind is SwitchKind.INCIDENT and switch.subject == CHSI:
            return preceded(turn, "incident.answer", body, since=moment_words(switch.since))
    return body


def not_registered_yet(turn: Turn) -> Phrase | None:
    """What an asker hears who finds no record while nobody of their cohort has one; None for everybody else."""
    for switch in turn.switches:
        if switch.kind is SwitchKind.UNREGISTERED and switch.expected and _all_of(turn.asker.cohorts, switch.subject):
            return turn.phrase("unregistered.wait", cohort=switch.subject, expected=day_words(switch.expected))
    return None


def read_day(text: str, today: date) -> date | None:
    """A day as people type it, month and day with or without the year; without one it is the next such day."""
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    try:
        day = date(int(found["year"] or today.year), int(found["month"]), int(found["day"]))
        return day if found["year"] or day >= today else day.replace(year=today.year + 1)
    except ValueError:
        return None


class Switching:
    """Takes the switches that staff type in private."""

    def __init__(self, switches: SwitchStore, wording: ContentWording) -> None:
        self._switches = switches
        self._on, self._off = wording.words("words.on"), wording.words("words.off")
        self._chsi = wording.words("words.chsi")
        self._of_cohort = wording.words("words.of-cohort")

    async def order(self, turn: Turn, called: Called) -> Reply | None:
        """The reply to a switch; None where it is none: not of staff, or not in private."""
        if not may(turn.asker, Right.SWITCH) or not turn.message.private:
            return None
        order = self.read(called, turn.now)
        if order is None:
            return turn.reply("switch.usage")
        if not order.on:
            ended = await self._switches.end(order.kind, order.subject)
            return turn.reply("switch.ended" if ended else "switch.was-off", purpose=Purpose.RECEIPT)
        switch = _switched_on(order, turn)
        if switch is None:
            return turn.reply("switch.bad-day")
        await self._switches.put(switch)
        return turn.reply(_receipt(turn, switch), purpose=Purpose.RECEIPT)

    def read(self, called: Called, now: datetime) -> Order | None:
        """What the words after the command say; None for what cannot be understood."""
        subject, *rest = called.rest or ("",)
        said = "".join(rest)
        if called.command is Command.INCIDENT:
            if subject not in self._chsi or said not in (*self._on, *self._off):
                return None
            return Order(kind=SwitchKind.INCIDENT, subject=CHSI, on=said in self._on)
        cohort = unicodedata.normalize("NFKC", subject)
        for ending in self._of_cohort:
            cohort = cohort.removesuffix(ending)
        expected = None if said in self._off else read_day(said, now.astimezone(ZONE).date())
        if not re.match(r"20\d\d", cohort) or (expected is None and said not in self._off):
            return None
        return Order(kind=SwitchKind.UNREGISTERED, subject=cohort, on=expected is not None, expected=expected)


def _switched_on(order: Order, turn: Turn) -> Switch | None:
    if order.expected is None:
        return incident(order.subject, turn.now, turn.switches)
    return unregistered(order.subject, order.expected, turn.now)


def _receipt(turn: Turn, switch: Switch) -> Phrase:
    if switch.expected is None:
        return turn.phrase("switch.incident", since=moment_words(switch.since), until=moment_words(switch.until))
    return turn.phrase("switch.unregistered", cohort=switch.subject, expected=day_words(switch.expected))


def _all_of(cohorts: tuple[str, ...], subject: str) -> bool:
    """Whether all of the asker's cohorts are the named one; a year stands for both of its terms."""
    return bool(cohorts) and all(re.fullmatch(rf"{re.escape(subject)}(?!\d).*", cohort) for cohort in cohorts)
