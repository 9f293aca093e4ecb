"""A person moves through a guide by its choices, and back again."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.guides import Control, Guide, Left, Position, advance, start
from knowledge.loading import CONTENT, load
from tests.unit import content_folder

GUIDES = tuple(load(CONTENT).guides.values())
moves = st.lists(st.one_of(st.integers(-1, 5), st.sampled_from([Control.BACK, Control.SKIP, Control.DIFFERS])))


@pytest.fixture
def guide(tmp_path: Path) -> Guide:
    return load(content_folder.write(tmp_path)).guides["check"]


def _walk(guide: Guide, moves: list[int | Control]) -> Position | Left:
    at: Position | Left = start(guide)
    for move in moves:
        if isinstance(at, Left):
            break
        at = advance(guide, at, move)
    return at


def test_a_choice_leads_on_and_the_last_one_finishes(guide: Guide) -> None:
    assert _walk(guide, [0]) == Position(guide="check", step="look", trail=("open",))
    assert _walk(guide, [0, 0]) is Left.FINISHED


def test_back_undoes_forward(guide: Guide) -> None:
    assert _walk(guide, [0, Control.BACK]) == start(guide)
    assert _walk(guide, [Control.BACK]) == start(guide)


def test_a_detour_leads_back_and_is_forgotten(guide: Guide) -> None:
    assert _walk(guide, [1]) == Position(guide="check", step="help", trail=("open",))
    assert _walk(guide, [1, 0]) == start(guide)


def test_skip_takes_the_first_choice_and_quit_leaves(guide: Guide) -> None:
    assert _walk(guide, [Control.SKIP]) == _walk(guide, [0])
    assert _walk(guide, [Control.QUIT]) is Left.QUIT


def test_a_choice_that_does_not_exist_moves_nobody(guide: Guide) -> None:
    assert _walk(guide, [7, -1, Control.DIFFERS]) == start(guide)


def test_whose_step_has_gone_begins_anew(guide: Guide) -> None:
    assert advance(guide, Position(guide="check", step="gone", trail=("open",)), 0) == start(guide)
    forgotten = Position(guide="check", step="look", trail=("gone",))
    assert advance(guide, forgotten, Control.BACK) == start(guide)


def test_the_progress_counts_no_detours(guide: Guide) -> None:
    walks: list[list[int | Control]] = [[], [0], [1], [0, Control.BACK, 1]]
    standing = [_walk(guide, walk) for walk in walks]
    assert [guide.progress(at) for at in standing if isinstance(at, Position)] == [(1, 2), (2, 2), (1, 2), (1, 2)]


@given(guide=st.sampled_from(GUIDES), moves=moves)
def test_nobody_is_ever_lost(guide: Guide, moves: list[int | Control]) -> None:
    at = _walk(guide, moves)
    if isinstance(at, Position):
        place, count = guide.progress(at)
        assert guide.step(at.step) is not None
        assert 1 <= place <= count
        assert at.step not in at.trail
        assert len(set(at.trail)) == len(at.trail)


@given(guide=st.sampled_from(GUIDES), moves=moves, choice=st.integers(0, 4))
def test_back_returns_to_the_step_before(guide: Guide, moves: list[int | Control], choice: int) -> None:
    at = _walk(guide, moves)
    if isinstance(at, Position):
        onward = advance(guide, at, choice)
        if isinstance(onward, Position) and onward.step not in (at.step, *at.trail):
            assert advance(guide, onward, Control.BACK) == at
