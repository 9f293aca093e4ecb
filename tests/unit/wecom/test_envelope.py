"""An envelope is opened only if everything about it is right; the samples of others fix what that is."""

import base64
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.platforms.wecom.envelope import Envelope, Rejected, Sealed, Why, decrypted, encrypted
from tests.architecture.sources import ROOT

VECTORS = json.loads((ROOT / "tests/fixtures/wecom/vectors.json").read_text("utf-8"))
SAMPLES: dict[str, dict[str, Any]] = {one["id"]: one for one in VECTORS["callbacks"]}
KEY = SAMPLES["bot-text"]["aes_key"]
OURS = Envelope(token="token", aes_key=KEY)
NOW = datetime(2019, 12, 14, 1, tzinfo=UTC)


def envelope(sample: dict[str, Any]) -> Envelope:
    return Envelope(token=sample["token"], aes_key=sample["aes_key"], receive_id=sample["receive_id"])


def sealed(sample: dict[str, Any], **changes: str) -> Sealed:
    named = {name: sample[name] for name in ("encrypt", "signature", "timestamp", "nonce")}
    return Sealed(**{**named, **changes})


def then(sample: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(int(sample["timestamp"]), UTC)


def seal(message: str, at: datetime = NOW, **changes: str) -> Sealed:
    sent = OURS.seal(message, timestamp=str(int(at.timestamp())), nonce="nonce")
    return replace(sent, **changes)


def signed_anew(encrypt: str) -> Sealed:
    """Whatever this is, with the right signature around it: only a holder of the token can make that."""
    timestamp = str(int(NOW.timestamp()))
    parts = sorted(part.encode(errors="replace") for part in (OURS.token, timestamp, "n", encrypt))
    signature = hashlib.sha1(b"".join(parts), usedforsecurity=False).hexdigest()
    return Sealed(encrypt=encrypt, signature=signature, timestamp=timestamp, nonce="n")


def why_not(envelope: Envelope, sealed: Sealed, now: datetime) -> Why:
    with pytest.raises(Rejected) as caught:
        envelope.open(sealed, now)
    return caught.value.why


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_opened(name: str) -> None:
    sample = SAMPLES[name]
    assert envelope(sample).open(sealed(sample), then(sample)) == sample["message"]


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_sealed_again_to_the_last_character(name: str) -> None:
    sample = SAMPLES[name]
    again = envelope(sample).seal(
        sample["message"],
        timestamp=sample["timestamp"],
        nonce=sample["nonce"],
        salt=bytes.fromhex(sample["salt"]),
    )
    assert again == sealed(sample)


def test_a_file_of_a_message_is_encrypted_in_the_same_way() -> None:
    media = VECTORS["media"]
    key, data = base64.b64decode(media["aes_key"]), base64.b64decode(media["ciphertext"])
    assert decrypted(key, data).decode() == media["plain"]
    assert encrypted(key, media["plain"].encode()) == data


def test_the_longest_pad_is_a_whole_block() -> None:
    assert SAMPLES["bot-pad32"]["pad"] == 32
    plain = bytes(64)
    key = bytes(range(32))
    assert len(encrypted(key, plain)) == 96
    assert decrypted(key, encrypted(key, plain)) == plain


def test_an_envelope_for_a_company_is_not_the_robots() -> None:
    sample = SAMPLES["official-msg"]
    robot = replace(envelope(sample), receive_id="")
    assert why_not(robot, sealed(sample), then(sample)) is Why.RECEIVER


def test_an_envelope_for_the_robot_is_no_companys() -> None:
    sample = SAMPLES["bot-text"]
    assert why_not(replace(envelope(sample), receive_id="wx1"), sealed(sample), then(sample)) is Why.RECEIVER


@pytest.mark.parametrize("name", SAMPLES)
def test_a_signature_with_one_digit_changed_is_none(name: str) -> None:
    sample = SAMPLES[name]
    for place, digit in enumerate(sample["signature"]):
        other = "0" if digit != "0" else "1"
        changed = sample["signature"][:place] + other + sample["signature"][place + 1 :]
        assert why_not(envelope(sample), sealed(sample, signature=changed), then(sample)) is Why.SIGNATURE


def test_a_plus_that_became_a_space_spoils_the_signature() -> None:
    sample = SAMPLES["official-echo"]
    assert "+" in sample["encrypt"]
    spoilt = sealed(sample, encrypt=sample["encrypt"].replace("+", " "))
    assert why_not(envelope(sample), spoilt, then(sample)) is Why.SIGNATURE


@pytest.mark.parametrize("part", ["timestamp", "nonce", "encrypt"])
def test_the_signature_covers_every_part(part: str) -> None:
    sample = SAMPLES["bot-text"]
    changed = sealed(sample, **{part: sample[part][:-1] + ("7" if sample[part][-1] != "7" else "8")})
    assert why_not(envelope(sample), changed, then(sample)) is Why.SIGNATURE


def test_another_token_makes_another_signature() -> None:
    sample = SAMPLES["bot-text"]
    assert why_not(replace(envelope(sample), token="other"), sealed(sample), then(sample)) is Why.SIGNATURE


def test_what_another_key_encrypted_is_torn() -> None:
    other = SAMPLES["wechatpy-echo"]["aes_key"]
    foreign = replace(OURS, aes_key=other).seal("hello", timestamp=str(int(NOW.timestamp())), nonce="n")
    assert why_not(OURS, foreign, NOW) in {Why.TORN, Why.RECEIVER}


@pytest.mark.parametrize("off", [timedelta(minutes=-5), timedelta(), timedelta(minutes=5)])
def test_a_clock_five_minutes_off_is_still_right(off: timedelta) -> None:
    assert OURS.open(seal("hello", NOW + off), NOW) == "hello"


@pytest.mark.parametrize("off", [timedelta(minutes=-5, seconds=-1), timedelta(minutes=5, seconds=1)])
def test_a_clock_further_off_is_stale(off: timedelta) -> None:
    assert why_not(OURS, seal("hello", NOW + off), NOW) is Why.STALE


@pytest.mark.parametrize("timestamp", ["", "-1", "1e9", "soon", "١٢٣", "9" * 40])
def test_a_time_that_is_none_is_stale(timestamp: str) -> None:
    assert why_not(OURS, OURS.seal("hello", timestamp=timestamp, nonce="n"), NOW) is Why.STALE


@pytest.mark.parametrize("encrypt", ["", "====", "not base64!", "QUJD", "QUJD" * 8])
def test_what_no_block_holds_is_torn(encrypt: str) -> None:
    assert why_not(OURS, signed_anew(encrypt), NOW) is Why.TORN


def test_cut_off_anywhere_with_a_right_signature_it_is_torn() -> None:
    whole = base64.b64decode(seal("x" * 200).encrypt)
    for end in range(len(whole)):
        cut = signed_anew(base64.b64encode(whole[:end]).decode())
        assert why_not(OURS, cut, NOW) in {Why.TORN, Why.RECEIVER}


@pytest.mark.parametrize(
    "block",
    [
        b"",
        bytes(16),
        bytes(16) + (5).to_bytes(4, "big") + b"four",
        bytes(16) + (2**32 - 1).to_bytes(4, "big"),
        bytes(16) + (2).to_bytes(4, "big") + b"\xff\xfe",
    ],
    ids=["nothing", "salt alone", "too short", "endless", "no text"],
)
def test_a_length_that_does_not_fit_is_torn(block: bytes) -> None:
    key = base64.b64decode(f"{KEY}=")
    assert why_not(OURS, signed_anew(base64.b64encode(encrypted(key, block)).decode()), NOW) is Why.TORN


def test_neither_token_nor_key_is_shown_by_accident() -> None:
    assert "token'" not in repr(OURS)
    assert KEY not in repr(OURS)


@given(st.text(), st.text(alphabet=st.characters(codec="ascii"), max_size=20))
@example("", "")
@example("学" * 10_000, "wx5823bf96d3bd56c7")
def test_what_is_sealed_is_opened_again(message: str, receiver: str) -> None:
    ours = replace(OURS, receive_id=receiver)
    assert ours.open(ours.seal(message, timestamp=str(int(NOW.timestamp())), nonce="n"), NOW) == message


@settings(max_examples=4_500)
@given(
    st.one_of(
        st.text(),
        st.binary().map(lambda data: base64.b64encode(data).decode()),
        st.integers(1, 8)
        .flatmap(lambda n: st.binary(min_size=32 * n, max_size=32 * n))
        .map(lambda data: base64.b64encode(data).decode()),
    ),
    st.booleans(),
    st.text(max_size=20),
)
@example("\ud800", False, "\ud800")
def test_nothing_malformed_gets_through_or_breaks_anything(encrypt: str, signed: bool, other: str) -> None:
    given = signed_anew(encrypt) if signed else Sealed(encrypt=encrypt, signature=other, timestamp=other, nonce=other)
    why_not(OURS, given, NOW)
