"""The simulation keeps to the platforms' limits and comes near to them."""

from tests.bench.simulation import loads, simulated


def test_a_wave_takes_a_little_longer_than_the_platform_asks_for_and_never_less() -> None:
    found = [simulated(load) for load in loads(4_000, 120)]
    assert [lane["lane"] for lane in found] == ["telegram", "wecom", "wecom-bot", "wecom-hook"]
    assert all(0.5 < float(lane["share"]) <= 1 for lane in found), "few messages: the last answer takes its time"
    assert 0.95 <= float(found[0]["share"]) < 0.97
