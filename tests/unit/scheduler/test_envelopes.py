"""A delivery is read as it was stored."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scheduler.deliveries import Delivery, Kind, Section
from scheduler.messages import Address, OutboundMessage, Purpose, Text
from scheduler.storage.envelopes import envelope, opened, written

WORDS = st.text("abc-.19", min_size=1, max_size=8)
MOMENTS = st.integers(0, 10**10).map(lambda ms: datetime(2019, 12, 1, tzinfo=UTC) + timedelta(milliseconds=ms))
SECTIONS = st.builds(
    Section,
    campaign=WORDS,
    stage=WORDS,
    wave=WORDS,
    classes=st.lists(WORDS, min_size=1, max_size=3).map(tuple),
    sid=st.just("") | WORDS,
)
MESSAGES = st.builds(
    OutboundMessage,
    to=st.builds(Address, platform=WORDS, chat=WORDS, thread=st.none() | WORDS),
    body=st.builds(Text, text=st.text()),
    purpose=st.sampled_from(Purpose),
    expires_at=st.none() | MOMENTS,
)
FIELDS = {
    "id": WORDS,
    "kind": st.sampled_from(Kind),
    "message": MESSAGES,
    "account": st.just("") | WORDS,
    "not_before": st.none() | MOMENTS,
    "repeat": st.booleans(),
    "tried_at": st.none() | MOMENTS,
    "dropped": st.integers(0, 99),
    "notice": st.integers(0, 9_999),
    "target": st.just("") | WORDS,
    "awake": st.lists(MOMENTS, max_size=4).map(tuple),
}
OF_SECTIONS = {"campaign", "stage", "wave", "classes", "sid", "also"}


@given(st.builds(Delivery, **FIELDS), st.lists(SECTIONS, max_size=3))
def test_a_delivery_is_read_as_it_was_written(delivery: Delivery, sections: list[Section]) -> None:
    whole = delivery.saying(sections) if sections else delivery
    assert opened(whole.id, written(envelope(whole))) == whole


def test_no_field_of_a_delivery_is_left_out_of_that() -> None:
    assert FIELDS.keys() | OF_SECTIONS == {field.name for field in fields(Delivery)}
