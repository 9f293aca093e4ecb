"""Who sees what beside a name, and how long lists are cut."""

from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.columns import Column, Entry, columns, page_words, pages
from scheduler.campaigns import Grade, State
from scheduler.forms.unconfirmed import unconfirmed
from scheduler.letters import private_letter
from scheduler.messages import Phrase
from scheduler.planner import owes, progress_of
from tests.samples import CAMPAIGN, school_class, stands, student

STATES = st.sampled_from(list(State))


def said(phrase: Phrase) -> list[Phrase]:
    """A phrase and all that is in it."""
    inner = [one for value in phrase.values.values() if isinstance(value, Phrase) for one in said(value)]
    return [phrase, *inner]


@given(st.lists(st.tuples(STATES, st.sampled_from(["", "休学"])), max_size=30), st.booleans())
def test_everybody_is_in_one_column_and_without_the_right_nobody_has_a_reason(
    given_states: list[tuple[State, str]], reasons: bool
) -> None:
    members = [student(number, status=status) for number, (_, status) in enumerate(given_states)]
    states = {one.sid: stands(state, items=("major",)) for one, (state, _) in zip(members, given_states, strict=True)}
    found = columns(CAMPAIGN, members, states, reasons=reasons)
    listed = [entry for entries in found.values() for entry in entries]
    assert len({entry.name for entry in listed}) == len(listed)
    if reasons:
        assert len(listed) == len(members)
    else:
        assert set(found) == {Column.OWING, Column.OFFICE, Column.DONE}
        assert all(entry.why is None for entry in listed)


@given(st.lists(st.tuples(STATES, st.sampled_from([None, *Grade]), st.sampled_from(["", "休学"])), max_size=20))
def test_names_totals_reminders_and_the_office_s_list_agree_on_who_still_owes(
    given_states: list[tuple[State, Grade | None, str]],
) -> None:
    members = [student(number, status=status) for number, (_, _, status) in enumerate(given_states)]
    states = {one.sid: stands(state, grade=grade) for one, (state, grade, _) in zip(members, given_states, strict=True)}
    owing = [one for one in members if owes(CAMPAIGN, one, states[one.sid])]
    named = columns(CAMPAIGN, members, states, reasons=False)
    assert [entry.name for entry in named[Column.OWING]] == [one.name for one in owing]
    assert progress_of(CAMPAIGN, members, states).owing == len(owing)
    at = CAMPAIGN.stages[0].deadline.instant
    listed = {row[1] for row in unconfirmed(CAMPAIGN, {"c-one": school_class()}, members, states, made_at=at).rows}
    assert {one.number for one in owing} <= listed
    assert all(
        private_letter(CAMPAIGN, "student", "3d", states[one.sid], told_before=0, now=at) is not None for one in owing
    )


def test_the_counsellor_hears_which_item_was_reported_and_why_somebody_is_exempt() -> None:
    members = [student(1), student(2, status="休学"), student(3)]
    states = {members[0].sid: stands(State.WRONG, items=("major",)), members[2].sid: stands(State.NO_LOGIN)}
    found = columns(CAMPAIGN, members, states, reasons=True)
    words = page_words(tuple(found.items()), dict.fromkeys(found, 1))
    values = [value for phrase in said(words) for value in phrase.values.values()]
    assert "专业名称" in values
    assert "休学" in values
    assert "names.why.no-login" in {phrase.key for phrase in said(words)}


@given(st.dictionaries(st.sampled_from(list(Column)), st.integers(0, 150), min_size=1), st.integers(1, 70))
def test_a_long_list_is_cut_without_losing_or_moving_a_name(sizes: dict[Column, int], most: int) -> None:
    found = {column: [Entry(name=f"{column}{n}") for n in range(size)] for column, size in sizes.items()}
    cut = pages(found, most)
    assert all(sum(len(entries) for _, entries in page) <= most for page in cut)
    again: dict[Column, list[Entry]] = {}
    for page in cut:
        for column, entries in page:
            again.setdefault(column, []).extend(entries)
    assert again == found
