"""The pacing rule in Lua is the one of scheduler/pacing.py."""

import asyncio

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.storage.connection import close, connect
from scheduler.pacing import Budget, decide
from scheduler.storage import scripting

_RULE = scripting.Script.of(
    scripting.load("scheduler.storage", "gcra").text
    + "\nlocal allowed, tat = gcra(tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))"
    + "\nreturn {allowed and 1 or 0, string.format('%.17g', tat)}"
)

moments = st.floats(min_value=0, max_value=4e9, allow_nan=False)
budgets = st.builds(
    Budget, key=st.just("b"), per=st.integers(1, 10_000), seconds=st.floats(min_value=0.001, max_value=86_400)
)


near = st.tuples(moments, st.floats(-200, 200)).map(lambda pair: (max(0.0, pair[0] + pair[1]), pair[0]))


@settings(max_examples=50, deadline=None)
@given(cases=st.lists(st.tuples(near | st.tuples(moments, moments), budgets), min_size=1, max_size=20))
def test_the_rule_in_lua_decides_as_the_rule_in_python(
    valkey_url: str, cases: list[tuple[tuple[float, float], Budget]]
) -> None:
    asyncio.run(_agree(valkey_url, cases))


async def _agree(valkey_url: str, cases: list[tuple[tuple[float, float], Budget]]) -> None:
    database = connect(valkey_url, "pacing")
    for (tat, now), budget in cases:
        allowed, new = await database.run(_RULE, [], (repr(tat), repr(now), repr(budget.interval)))
        decision = decide(tat, now, budget)
        assert (bool(allowed), float(new)) == (decision.allowed, decision.tat)
    await close(database)
