"""Settings: every fault named at once, and nothing read that is not a setting."""

from collections.abc import Mapping

import pytest

from bot.settings import BadSettings, GroupMode, Settings, read

APP = {"XUEJI_WECOM_CORP_ID": "ww1", "XUEJI_WECOM_AGENT_ID": "1000002", "XUEJI_WECOM_APP_SECRET": "hidden-secret"}
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


def faults(monkeypatch: pytest.MonkeyPatch, environment: Mapping[str, str], *, scopes: list[str] | None = None) -> str:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(BadSettings) as caught:
        read(scopes=scopes)
    return str(caught.value)


def variables(lines: str) -> list[str]:
    return sorted(line.split(":")[0] for line in lines.splitlines())


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


def test_a_route_that_is_configured_by_half_has_a_line_for_each_setting_that_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    half = {"XUEJI_WECOM_ROBOT_ID": "aib1", "XUEJI_WECOM_APP_TOKEN": "t", "XUEJI_PORT": "many"}
    assert variables(faults(monkeypatch, half)) == [
        "XUEJI_PORT",
        "XUEJI_WECOM_AGENT_ID",
        "XUEJI_WECOM_APP_AES_KEY",
        "XUEJI_WECOM_APP_SECRET",
        "XUEJI_WECOM_CORP_ID",
        "XUEJI_WECOM_ROBOT_SECRET",
    ]


@pytest.mark.parametrize("url", ["", "redis+cluster://a,b,c", "rediss+cluster://a"])
def test_nothing_waits_for_replicas_where_there_are_none_or_none_can_be_waited_for(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    assert variables(faults(monkeypatch, {"XUEJI_REDIS_URL": url, "XUEJI_REDIS_WAIT": "1"})) == ["XUEJI_REDIS_WAIT"]
    monkeypatch.setenv("XUEJI_REDIS_WAIT", "0")
    assert read().redis_wait == 0
    monkeypatch.setenv("XUEJI_REDIS_WAIT", "2")
    assert read(redis_url="redis+sentinel://a/m").redis_wait == 2


def test_an_application_needs_no_callbacks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in APP.items():
        monkeypatch.setenv(name, value)
    settings = read()
    assert (settings.wecom_corp_id, settings.wecom_agent_id) == ("ww1", 1000002)
    assert "hidden-secret" not in repr(settings)


def test_a_robot_has_a_long_connection_or_a_callback_url(monkeypatch: pytest.MonkeyPatch) -> None:
    both = {"ID": "aib1", "SECRET": "s", "TOKEN": "t", "AES_KEY": AES_KEY}
    said = faults(monkeypatch, {f"XUEJI_WECOM_ROBOT_{name}": value for name, value in both.items()})
    assert variables(said) == ["XUEJI_WECOM_ROBOT_TOKEN"]
    assert "XUEJI_WECOM_ROBOT_SECRET" in said


def test_webhooks_have_names_and_a_whole_address_does_for_a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    address = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a-91f6"
    monkeypatch.setenv("XUEJI_WECOM_WEBHOOKS", f"会计19-1=0f-1, 会计19-2={address}，office=k_3,")
    webhooks = read().wecom_webhooks or {}
    keys = {name: key.get_secret_value() for name, key in webhooks.items()}
    assert keys == {"会计19-1": "0f-1", "会计19-2": "693a-91f6", "office": "k_3"}
    assert "693a" not in repr(read())


@pytest.mark.parametrize("pairs", ["no-key", "a=1,a=2", "a/b=1", "=1", "a=", "a=http://x/?key=", "a=b c=d e"])
def test_webhooks_that_cannot_be_told_apart_are_refused(monkeypatch: pytest.MonkeyPatch, pairs: str) -> None:
    assert variables(faults(monkeypatch, {"XUEJI_WECOM_WEBHOOKS": pairs})) == ["XUEJI_WECOM_WEBHOOKS"]


def test_the_offices_chats_are_written_as_the_bot_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XUEJI_STAFF_CHAT", "telegram:-1001, wecom:hook/值班，telegram:-1002:7,telegram:-1001")
    assert [str(chat) for chat in read().staff_chat or ()] == ["telegram:-1001", "wecom:hook/值班", "telegram:-1002:7"]


@pytest.mark.parametrize("chats", ["telegram", "telegram:", ":-1001", "telegram:-1001:7:8", "telegram:1,office"])
def test_a_chat_without_its_platform_is_refused(monkeypatch: pytest.MonkeyPatch, chats: str) -> None:
    assert variables(faults(monkeypatch, {"XUEJI_STAFF_CHAT": chats})) == ["XUEJI_STAFF_CHAT"]


def test_an_unknown_scope_is_named_beside_the_other_faults(monkeypatch: pytest.MonkeyPatch) -> None:
    said = faults(monkeypatch, {"XUEJI_SCOPE": "glutt", "XUEJI_PORT": "many"}, scopes=["national", "glut"])
    assert variables(said) == ["XUEJI_PORT", "XUEJI_SCOPE"]
    assert "national, glut" in said


@pytest.mark.parametrize("name", Settings.model_fields)
@pytest.mark.parametrize("value", ["?!", "-1", "字=字"])
def test_every_setting_that_can_be_wrong_says_in_chinese_what_it_takes(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"XUEJI_{name.upper()}", value)
    try:
        read()
    except BadSettings as caught:
        for line in caught.faults:
            variable, _, sentence = line.partition(": ")
            assert variable.startswith("XUEJI_")
            assert any("一" <= character <= "龥" for character in sentence)
            assert value not in sentence
