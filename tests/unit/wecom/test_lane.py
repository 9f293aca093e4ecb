"""Which route speaks: back the way it came, else by the one that reaches, else by the next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from bot.buttons import ButtonSeal
from bot.platforms.wecom import refs
from bot.platforms.wecom.lane import WeCom, budgets
from bot.platforms.wecom.receiver import Reader, Source, raw_update
from bot.platforms.wecom.refs import GroupRoute
from bot.ports import RawUpdate, Way, WayKind
from scheduler.messages import (
    Accepted,
    Address,
    OutboundMessage,
    Outcome,
    Phrase,
    Purpose,
    Refused,
    RefusedWhy,
    Text,
    Unknown,
)
from scheduler.pacing import Room

NOW = datetime(2019, 12, 14, 1, tzinfo=UTC)
STUDENT = refs.person("stu01")
CLASS = refs.group(GroupRoute.ROBOT, "wrX")
YES = Accepted(message_id="1")
GONE = Refused(why=RefusedWhy.UNREACHABLE)


@dataclass(kw_only=True)
class Scripted:
    """A route that reaches these addresses and says these things."""

    reached: Sequence[Address]
    answers: Outcome | None = None
    sends: Outcome = YES
    trouble: str = ""
    asked: list[str] = field(default_factory=list)

    def reaches(self, to: Address) -> bool:
        return to in self.reached

    async def answer(self, message: OutboundMessage, text: str) -> Outcome | None:
        self.asked.append(f"answer {text}")
        return self.answers

    async def send(self, message: OutboundMessage, text: str) -> Outcome:
        self.asked.append(f"send {text}")
        return self.sends

    def troubles(self) -> Sequence[Phrase]:
        return [Phrase(key=self.trouble)] if self.trouble else []


class NoWays:
    """Keeps nothing; `kept` are the references it was given."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    async def keep(self, reference: str, ways: Sequence[Way], now: datetime) -> None:
        self.kept.append(reference)

    async def peek(self, reference: str, kind: WayKind, now: datetime) -> Way | None:
        return None

    async def take(self, reference: str, kind: WayKind, now: datetime) -> Way | None:
        return None


def lane(*routes: Scripted) -> WeCom:
    return WeCom(routes=routes, reader=Reader(seal=ButtonSeal(b"a secret of the tests")), ways=NoWays())


def message(to: Address = STUDENT, purpose: Purpose = Purpose.ANSWER) -> OutboundMessage:
    return OutboundMessage(to=to, body=Text(text="x"), purpose=purpose)


@pytest.mark.parametrize("purpose", [Purpose.ANSWER, Purpose.RECEIPT])
async def test_an_answer_goes_back_the_way_it_came(purpose: Purpose) -> None:
    app, robot = Scripted(reached=[STUDENT]), Scripted(reached=[STUDENT], answers=Unknown(why="x"))
    assert await lane(app, robot).send(message(purpose=purpose), "x") == Unknown(why="x")
    assert (app.asked, robot.asked) == (["answer x"], ["answer x"])


@pytest.mark.parametrize("purpose", [Purpose.DEADLINE, Purpose.NOTICE])
async def test_what_answers_nothing_uses_up_no_way_to_answer(purpose: Purpose) -> None:
    app, robot = Scripted(reached=[STUDENT]), Scripted(reached=[STUDENT], answers=YES)
    assert await lane(app, robot).send(message(purpose=purpose), "x") == YES
    assert (app.asked, robot.asked) == (["send x"], [])


async def test_an_answer_without_a_way_back_is_sent_like_anything_else() -> None:
    app, robot = Scripted(reached=[]), Scripted(reached=[CLASS])
    assert await lane(app, robot).send(message(CLASS), "x") == YES
    assert (app.asked, robot.asked) == (["answer x"], ["answer x", "send x"])


async def test_whom_one_route_does_not_reach_the_next_one_may() -> None:
    app, robot = Scripted(reached=[STUDENT], sends=GONE), Scripted(reached=[STUDENT])
    assert await lane(app, robot).send(message(purpose=Purpose.NOTICE), "x") == YES


@pytest.mark.parametrize("sends", [Unknown(why="no-answer"), Refused(why=RefusedWhy.BAD_CONTENT)])
async def test_what_may_have_arrived_or_never_will_is_not_tried_on_another_route(sends: Outcome) -> None:
    app, robot = Scripted(reached=[STUDENT], sends=sends), Scripted(reached=[STUDENT])
    assert await lane(app, robot).send(message(purpose=Purpose.NOTICE), "x") == sends
    assert robot.asked == []


async def test_where_no_configured_route_reaches_there_is_no_right() -> None:
    hook = refs.group(GroupRoute.HOOK, "class-1")
    refused = await lane(Scripted(reached=[STUDENT])).send(message(hook, Purpose.NOTICE), "x")
    assert refused == Refused(why=RefusedWhy.NO_RIGHT)


def update(userid: str) -> RawUpdate:
    said = {
        "msgid": "m1",
        "chattype": "single",
        "from": {"userid": userid},
        "msgtype": "text",
        "text": {"content": "?"},
    }
    raw = raw_update(Source.ROBOT, said, NOW, req_id="r1")
    assert raw is not None
    return raw


async def test_encrypted_ids_are_explained_to_staff() -> None:
    ours = lane(Scripted(reached=[], trouble="wecom.trouble.trusted-ip"))
    await ours.receive(update("woming"))
    assert [note.key for note in ours.notes()] == ["wecom.trouble.trusted-ip"]
    await ours.receive(update("woAJ2GCAAAd1asdasdjO4wKmE8AabjAjXA"))
    assert [note.key for note in ours.notes()] == ["wecom.trouble.trusted-ip", "wecom.note.open-userid"]


@pytest.mark.parametrize(
    ("to", "per_minute"),
    [
        (STUDENT, 30),
        (CLASS, 30),
        (refs.group(GroupRoute.APPCHAT, "c1"), 200),
        (refs.group(GroupRoute.HOOK, "class-1"), 20),
    ],
)
def test_no_conversation_gets_more_than_wecom_allows(to: Address, per_minute: int) -> None:
    (room,) = [budget for budget in budgets(to) if isinstance(budget, Room) and budget.key == str(to)]
    assert min(window.most * 60 / window.seconds for window in room.windows[:1]) == per_minute
