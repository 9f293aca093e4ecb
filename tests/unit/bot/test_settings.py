"""Settings: every fault named at once, and nothing read that is not a setting."""

import pytest

from bot.settings import BadSettings, GroupMode, read


def test_nothing_has_to_be_set() -> None:
    settings = read()
    assert settings.redis_url is None
    assert settings.group_mode is GroupMode.ADDRESSED


def test_every_fault_is_named_at_once_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUEJI_PORT", "seventy")
    monkeypatch.setenv("XUEJI_REDIS_URL", "http://example.invalid")
    monkeypatch.setenv("XUEJI_GROUP_MODE", "loud")
    monkeypatch.setenv("XUEJI_COLOUR", "red")
    with pytest.raises(BadSettings) as caught:
        read()
    named = [fault.split(":")[0] for fault in caught.value.faults]
    assert sorted(named) == ["XUEJI_COLOUR", "XUEJI_GROUP_MODE", "XUEJI_PORT", "XUEJI_REDIS_URL"]
    assert all("\n" not in fault for fault in caught.value.faults)


def test_a_faulty_secret_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUEJI_SECRET", "short-one")
    with pytest.raises(BadSettings) as caught:
        read()
    assert "short-one" not in str(caught.value)


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUEJI_TELEGRAM_TOKEN", "")
    assert read().telegram_token is None
