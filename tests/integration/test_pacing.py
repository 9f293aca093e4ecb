"""The pacing rules in Lua are those of scheduler/pacing.py."""

import asyncio
import json
import secrets

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.storage.connection import close, connect
from scheduler.pacing import Place, Window, free_from, place
from scheduler.storage import scripting

_RULES = "local order = KEYS[1]\n" + scripting.load("scheduler.storage", "pacing").text

_PLACE = scripting.Script.of(
    _RULES
    + "\nlocal free, moment, tat = place(tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]))"
    + "\nreturn {free and 1 or 0, string.format('%.17g', moment), string.format('%.17g', tat or 0)}"
)
_TAKE = scripting.Script.of(
    _RULES
    + "\nlocal now, windows, takes = tonumber(ARGV[1]), cjson.decode(ARGV[2]), tonumber(ARGV[3])"
    + "\nlocal free = free_from(KEYS[2], now, windows, takes)"
    + "\nif free == now then take_room(KEYS[2], now, windows, takes) end"
    + "\nreturn string.format('%.0f', free)"
)

moments = st.integers(0, 4 * 10**12).map(float)
near = st.tuples(moments, st.integers(-200_000, 200_000)).map(lambda pair: (max(0.0, pair[0] + pair[1]), pair[0]))
spans = st.tuples(st.integers(1, 10**6), st.integers(0, 2_000))
windows = st.lists(st.builds(Window, most=st.integers(1, 8), seconds=st.integers(1, 60)), min_size=1, max_size=3)
steps = st.lists(st.tuples(st.integers(0, 20_000), st.integers(1, 3)), min_size=1, max_size=30)


@settings(max_examples=50, deadline=None)
@given(cases=st.lists(st.tuples(near | st.tuples(moments, moments), spans), min_size=1, max_size=20))
def test_a_place_in_lua_is_the_place_in_python(
    valkey_url: str, cases: list[tuple[tuple[float, float], tuple[int, int]]]
) -> None:
    asyncio.run(_places(valkey_url, cases))


async def _places(valkey_url: str, cases: list[tuple[tuple[float, float], tuple[int, int]]]) -> None:
    database = connect(valkey_url, "pacing")
    for (tat, now), (interval, ahead) in cases:
        free, moment, following = await database.run(
            _PLACE, ["{p}:order"], (f"{tat:.0f}", f"{now:.0f}", interval, ahead)
        )
        found = place(tat / 1_000, now / 1_000, interval / 1_000, ahead / 1_000)
        assert bool(free) == isinstance(found, Place)
        expected = (found.at, found.tat) if isinstance(found, Place) else (found, 0)
        assert abs(float(moment) / 1_000 - expected[0]) < 1e-5
        assert abs(float(following) / 1_000 - expected[1]) < 1e-5
    await close(database)


@settings(max_examples=30, deadline=None)
@given(steps=steps, windows=windows)
def test_room_in_lua_is_the_room_in_python(
    valkey_url: str, steps: list[tuple[int, int]], windows: list[Window]
) -> None:
    asyncio.run(_fill(valkey_url, steps, windows))


async def _fill(valkey_url: str, steps: list[tuple[int, int]], windows: list[Window]) -> None:
    database = connect(valkey_url, "pacing")
    keys = [f"{{p}}:{name}:{secrets.token_hex(4)}" for name in ("order", "room")]
    told = json.dumps([[window.most, window.span] for window in windows])
    now = 1_700_000_000_000
    sent: list[int] = []
    for step, takes in steps:
        now += step
        free = int(await database.run(_TAKE, keys, (now, told, takes)))
        assert free == free_from(sent, now, windows, takes)
        sent += [now] * takes if free == now else []
    await database.call("DEL", *keys)
    await close(database)
