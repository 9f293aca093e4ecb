"""Values survive being stored, whatever they hold."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversations import Conversation
from knowledge.guides import Position
from scheduler.calendar import ZONE, Deadline, QuietHours
from scheduler.campaigns import Campaign, CampaignStatus, CheckItem, Grade, Owner, Stage, State, StudentState
from scheduler.deliveries import Delivery, Kind
from scheduler.messages import (
    Accepted,
    Action,
    Address,
    Choice,
    OutboundMessage,
    Outcome,
    Phrase,
    Purpose,
    Refused,
    RefusedWhy,
    RetryLater,
    Text,
    Unknown,
    Verb,
)
from scheduler.storage.records import from_json, from_json_union, to_json

words = st.text(st.characters(exclude_categories=[]), max_size=8)
instants = st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
addresses = st.builds(Address, platform=words, chat=words, thread=st.none() | words)
actions = st.builds(Action, verb=st.sampled_from(Verb), subject=words, detail=words)
choices = st.lists(st.builds(Choice, label=words, action=actions), max_size=3).map(tuple)
leaf_phrases = st.builds(Phrase, key=words, values=st.dictionaries(words, words | st.integers(), max_size=3))
phrases = st.builds(Phrase, key=words, values=st.dictionaries(words, words | st.integers() | leaf_phrases, max_size=3))
messages = st.builds(
    OutboundMessage,
    to=addresses,
    body=phrases | st.builds(Text, text=words),
    purpose=st.sampled_from(Purpose),
    choices=choices,
    picture=st.none() | words,
    expires_at=st.none() | instants,
)
deliveries = st.builds(
    Delivery,
    id=words,
    kind=st.sampled_from(Kind),
    message=messages,
    classes=st.lists(words, max_size=3).map(tuple),
    sid=words,
    not_before=st.none() | instants,
    repeat=st.booleans(),
)
outcomes = st.one_of(
    st.builds(Accepted, message_id=words),
    st.builds(RetryLater, at=instants, why=words),
    st.builds(Refused, why=st.sampled_from(RefusedWhy), moved_to=st.none() | words),
    st.builds(Unknown, why=words),
)
states = st.builds(
    StudentState,
    state=st.sampled_from(State),
    count=st.integers(0, 99),
    at=st.none() | instants,
    by=words,
    grade=st.none() | st.sampled_from(Grade),
    items=st.lists(words, max_size=3).map(tuple),
    receipt=words,
    late=st.booleans(),
)
conversations = st.builds(
    Conversation,
    offered=choices,
    offered_until=st.none() | instants,
    guide=st.none() | st.builds(Position, guide=words, step=words, trail=st.lists(words, max_size=3).map(tuple)),
    guide_at=st.none() | instants,
    pending=st.none() | actions,
)


@given(value=st.one_of(messages, deliveries, states, conversations))
def test_a_value_comes_back_as_it_was_stored(value: OutboundMessage | Delivery | StudentState | Conversation) -> None:
    stored = to_json(value)
    stored.encode()
    assert from_json(type(value), stored) == value


@given(outcome=outcomes)
def test_an_outcome_comes_back_as_the_kind_it_was(outcome: Outcome) -> None:
    assert from_json_union(Outcome, to_json(outcome, Outcome)) == outcome


def test_a_campaign_comes_back_with_its_dates_times_and_zone() -> None:
    deadline = Deadline(words="by then", day=date(2019, 12, 22), at=time(17, 30), zone=ZONE)
    stage = Stage(id="student", owner=Owner.STUDENT, deadline=deadline, waves=(timedelta(days=7), timedelta(hours=3)))
    campaign = Campaign(
        id="check-2019",
        title="t",
        scope="glut",
        cohort="2019",
        status=CampaignStatus.OPEN,
        stages=(stage,),
        classes=("c1", "c2"),
        quiet=QuietHours(start=time(22), end=time(8)),
        expected_status="s",
        checklist=(CheckItem(id="name", label="n", takes_value=True),),
        exempt=("x",),
        remarks=(),
        opened_at=datetime(2019, 12, 14, tzinfo=UTC),
    )
    assert from_json(Campaign, to_json(campaign)) == campaign


def test_a_record_of_an_older_program_reads_with_the_new_fields_at_their_defaults() -> None:
    assert from_json(StudentState, '{"state":"none","forgotten":1}') == StudentState(state=State.NONE)


def test_a_type_that_nobody_taught_to_be_stored_is_refused() -> None:
    @dataclass(frozen=True)
    class Strange:
        thing: object

    with pytest.raises(TypeError):
        to_json(Strange(thing=1))
