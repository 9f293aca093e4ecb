"""A record that was changed anywhere does not hold, and one that was made anew does not fit a head that is known."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scheduler import evidence
from scheduler.evidence import BEGINNING, Broken, Head, export, follow, pseudonym, verify

ENTRIES = st.lists(st.text(st.characters(blacklist_characters="\n", blacklist_categories=["Cs"]), min_size=1))
SOME = ENTRIES.filter(lambda entries: len(entries) > 0)
FEW = ["{1}", "{2}", "{3}"]


def head_of(entries: Sequence[str]) -> Head:
    head = BEGINNING
    for entry in entries:
        head = follow(head, entry)
    return head


def record(entries: Sequence[str]) -> list[bytes]:
    return list(export(entries))


def as_file(lines: Sequence[bytes], path: Path) -> Path:
    path.write_bytes(b"".join(lines))
    return path


@given(ENTRIES, st.data())
def test_what_is_exported_holds_and_fits_every_head_it_ever_had(entries: list[str], data: st.DataObject) -> None:
    earlier = data.draw(st.integers(0, len(entries)))
    heads = [head_of(entries[:earlier]), head_of(entries)]
    assert verify(record(entries), heads).broken is None
    assert verify(record(entries), heads).head == head_of(entries)


@given(SOME, st.data())
def test_a_byte_that_was_changed_anywhere_is_found(entries: list[str], data: st.DataObject) -> None:
    whole = bytearray(b"".join(record(entries)))
    place = data.draw(st.integers(0, len(whole) - 2))  # the last line break is no part of the record
    whole[place] ^= data.draw(st.integers(1, 255))
    assert verify(bytes(whole).split(b"\n")[:-1]).broken is not None


@given(SOME, st.data())
def test_an_entry_that_was_taken_out_is_found(entries: list[str], data: st.DataObject) -> None:
    lines = record(entries)
    del lines[data.draw(st.integers(1, len(entries)))]
    assert verify(lines).broken in {Broken.OUT_OF_ORDER, Broken.CUT}


@given(SOME, st.data())
def test_an_entry_that_was_put_in_is_found(entries: list[str], data: st.DataObject) -> None:
    lines = record(entries)
    place = data.draw(st.integers(1, len(entries)))
    lines.insert(place, data.draw(st.sampled_from(lines[1:-1])))
    assert verify(lines).broken is not None


@given(ENTRIES, st.data())
def test_entries_in_another_order_are_found(entries: list[str], data: st.DataObject) -> None:
    lines = record(entries)
    mixed = [lines[0], *data.draw(st.permutations(lines[1:-1])), lines[-1]]
    assume(mixed != lines)
    assert verify(mixed).broken is Broken.OUT_OF_ORDER


@given(SOME, st.data())
def test_a_record_that_was_cut_is_found_even_with_an_end_that_fits(entries: list[str], data: st.DataObject) -> None:
    kept = data.draw(st.integers(0, len(entries) - 1))
    assert verify(record(entries)[: kept + 1]).broken is Broken.CUT
    assert verify(record(entries[:kept]), [head_of(entries)]).broken is Broken.SHORTER


@given(SOME, st.data())
def test_a_record_made_anew_is_found_by_a_head_that_was_printed(entries: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(entries) - 1))
    made_anew = [*entries[:place], entries[place] + "!", *entries[place + 1 :]]
    assert verify(record(made_anew)).broken is None
    printed = Head.parse(str(head_of(entries)))
    assert verify(record(made_anew), [printed]).broken is Broken.OTHER


def test_what_breaks_is_said_with_its_line() -> None:
    lines = record(FEW)
    cases = {
        Broken.NO_RECORD: (b"something else\n", *lines[1:]),
        Broken.NO_LINE: (lines[0], b"\n", *lines[1:]),
        Broken.OUT_OF_ORDER: (lines[0], *lines[2:]),
        Broken.CHANGED: (*lines[:2], lines[2].replace(b"{2}", b"{9}"), *lines[3:]),
        Broken.CUT: (*lines, lines[-1]),
    }
    verdicts = {broken: verify(changed) for broken, changed in cases.items()}
    assert {broken: (verdict.broken, verdict.line, verdict.head.count) for broken, verdict in verdicts.items()} == {
        Broken.NO_RECORD: (Broken.NO_RECORD, 1, 0),
        Broken.NO_LINE: (Broken.NO_LINE, 2, 0),
        Broken.OUT_OF_ORDER: (Broken.OUT_OF_ORDER, 2, 0),
        Broken.CHANGED: (Broken.CHANGED, 3, 1),
        Broken.CUT: (Broken.CUT, 5, 3),
    }


def test_nothing_at_all_is_no_record() -> None:
    assert verify([]).broken is Broken.NO_RECORD


def test_a_head_of_the_beginning_fits_every_record_and_another_one_fits_none() -> None:
    assert verify(record(FEW), [BEGINNING]).broken is None
    assert verify(record(FEW), [Head(count=0, digest="0" * 64)]).broken is Broken.OTHER


@pytest.mark.parametrize("text", ["", "12", "12-", "12-abc", "x-" + "0" * 24, "12-" + "g" * 24, "012-" + "0" * 24])
def test_what_is_no_head_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="head"):
        Head.parse(text)


@given(st.text(min_size=1), st.text(min_size=1), st.text())
def test_somebody_is_known_by_their_key_alone(key: str, other: str, who: str) -> None:
    assume(key != other)
    assert pseudonym(key, who) == pseudonym(key, who)
    assert pseudonym(key, who) != pseudonym(other, who)


def test_the_file_alone_checks_a_record_with_nothing_but_python(tmp_path: Path) -> None:
    alone = as_file([Path(evidence.__file__).read_bytes()], tmp_path / "evidence.py")
    whole = as_file(record(FEW), tmp_path / "whole")
    broken = as_file(record(FEW)[:-1], tmp_path / "broken")

    def run(*words: str | Path) -> tuple[int, str]:
        ended = subprocess.run(
            [sys.executable, "-I", "-S", alone, *words], capture_output=True, text=True, check=False, cwd=tmp_path
        )
        return ended.returncode, ended.stdout

    head = head_of(FEW)
    assert run(whole, str(head)) == (0, f"holds: {head}\n")
    assert run(broken) == (1, f"cut at line 5; it holds up to {head}\n")
    assert run(whole, str(head_of(["{1}", "{2}", "{3}", "{4}"])))[0] == 1
    assert run(whole, "nonsense")[0] == 2
    assert run(tmp_path / "nowhere")[0] == 2
    assert run()[0] == 2
