"""The settings, read once from the environment; nothing else in the project reads it."""

import os
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, DirectoryPath, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from knowledge.loading import CONTENT
from scheduler.messages import Address

_PREFIX = "XUEJI_"

_TOGETHER: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("telegram_webhook_url", "telegram_webhook_secret"): (),
    ("wecom_robot_id", "wecom_robot_secret"): (),
    ("wecom_robot_token", "wecom_robot_aes_key"): (),
    ("wecom_corp_id", "wecom_agent_id", "wecom_app_secret"): ("wecom_app_token", "wecom_app_aes_key"),
    ("wecom_app_token", "wecom_app_aes_key"): (),
}
"""Settings that are of use only together, and those that are of no use without them."""

_ONE_OF_TWO = ("wecom_robot_token", "wecom_robot_secret")
"""The console's own rule: a 智能机器人 has a callback URL or a long connection, never both."""

_BETWEEN_PAIRS = re.compile(r"[,，\s]+")
_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
_WEBHOOK_NAME = re.compile(r"[^\s=,/:]{1,64}")
_FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
_WEBHOOK_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")


class BadSettings(Exception):
    """Settings that cannot be used: `faults` has one line each, naming the variable and the mend."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class GroupMode(StrEnum):
    """What the bot answers in a group."""

    ADDRESSED = "addressed"
    """Only who mentions it or replies to it."""
    AMBIENT = "ambient"
    """Also a question put to nobody, when it is very sure of the answer."""


class LogFormat(StrEnum):
    """How log lines are written."""

    CONSOLE = "console"
    JSON = "json"


class UseridIs(StrEnum):
    """What the account of a member of WeCom is, where the school named them all alike."""

    NONE = "none"
    NUMBER = "number"
    """The student number: WeCom's own word for who somebody is then proves it."""


def _webhook_secret(secret: SecretStr) -> SecretStr:
    if not _WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError
    return secret


def _aes_key(key: SecretStr) -> SecretStr:
    if not _AES_KEY.fullmatch(key.get_secret_value()):
        raise ValueError
    return key


def _webhooks(given: Any) -> Any:
    """The keys by their names, from `name=key, name=key`; in place of a key the whole address may stand."""
    if not isinstance(given, str):
        return given
    found: dict[str, str] = {}
    for pair in filter(None, _BETWEEN_PAIRS.split(given)):
        name, _, key = pair.partition("=")
        key = key.rpartition("key=")[2]
        if name in found or not (_WEBHOOK_NAME.fullmatch(name) and _WEBHOOK_KEY.fullmatch(key)):
            raise ValueError
        found[name] = key
    return found


def _addresses(given: Any) -> Any:
    """The chats of `platform:chat, platform:chat`, as the bot itself names a chat that asks for its id."""
    if not isinstance(given, str):
        return given
    named = [word for word in _BETWEEN_PAIRS.split(given) if word]
    if any(len(word.split(":")) not in (2, 3) or not all(word.split(":")) for word in named):
        raise ValueError
    return tuple(dict.fromkeys(Address.parse(word) for word in named))


def _fernet_keys(given: Any) -> Any:
    """The keys of `key, key`, each 32 bytes in URL-safe base64."""
    if not isinstance(given, str):
        return given
    keys = tuple(filter(None, _BETWEEN_PAIRS.split(given)))
    if not keys or not all(_FERNET_KEY.fullmatch(key) for key in keys):
        raise ValueError
    return tuple(SecretStr(key) for key in keys)


_WebhookSecret = Annotated[SecretStr, AfterValidator(_webhook_secret)]
_AesKey = Annotated[SecretStr, AfterValidator(_aes_key)]
_Webhooks = Annotated[Mapping[str, SecretStr], NoDecode, BeforeValidator(_webhooks)]
_FernetKeys = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_fernet_keys)]
_Addresses = Annotated[tuple[Address, ...], NoDecode, BeforeValidator(_addresses)]


class Settings(BaseSettings):
    """Everything that differs between installations; each field is the variable XUEJI_<NAME>."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    data: Path = Field(default=Path("data"), description="Folder of the embedded database and of exported files")
    redis_url: str | None = Field(
        default=None,
        pattern=r"^(unix|rediss?(\+(sentinel|cluster))?)://",
        description="External Redis or Valkey; empty: the embedded one in the data folder",
    )
    redis_wait: int = Field(
        default=0, ge=0, le=5, description="How many replicas must have a write before it counts; not for a Cluster"
    )
    redis_prefix: str = Field(
        default="xj", pattern=r"^[a-z0-9-]{1,16}$", description="First part of every key, for sharing one server"
    )
    content: DirectoryPath | None = Field(
        default=None, description="Content folder, with its artefact in it; empty: the one that comes with the package"
    )
    scope: str = Field(default="national", description="Scope of an asker who is in no roster and no class group")
    group_mode: GroupMode = Field(default=GroupMode.ADDRESSED, description="addressed or ambient")
    host: str = Field(default="127.0.0.1", description="Address the web pages listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of the web pages; 0: any free one")
    telegram_token: SecretStr | None = Field(default=None, description="The token BotFather gave; empty: no Telegram")
    telegram_base_url: str = Field(
        default="https://api.telegram.org", pattern=r"^https?://", description="Bot API server"
    )
    telegram_webhook_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s?#]+/telegram/updates$",
        description="Where Telegram is to call; empty: updates are fetched",
    )
    telegram_webhook_secret: _WebhookSecret | None = Field(
        default=None, description="What Telegram shows with each call: letters, digits, _ and -"
    )
    wecom_robot_id: str | None = Field(default=None, description="Robot by long connection: its BotID")
    wecom_robot_secret: SecretStr | None = Field(default=None, description="Robot by long connection: its Secret")
    wecom_robot_token: SecretStr | None = Field(default=None, description="Robot by callback URL: Token")
    wecom_robot_aes_key: _AesKey | None = Field(default=None, description="Robot by callback URL: EncodingAESKey")
    wecom_robot_name: str | None = Field(
        default=None, description="What groups call the robot, without @; empty: whatever stands between @ and a space"
    )
    wecom_corp_id: str | None = Field(default=None, description="Application: CorpID")
    wecom_agent_id: int | None = Field(default=None, ge=1, description="Application: AgentId")
    wecom_app_secret: SecretStr | None = Field(default=None, description="Application: its Secret")
    wecom_app_token: SecretStr | None = Field(default=None, description="Callbacks of the application: Token")
    wecom_app_aes_key: _AesKey | None = Field(default=None, description="Callbacks of the application: EncodingAESKey")
    wecom_userid_is: UseridIs = Field(
        default=UseridIs.NONE, description="number: members' accounts are their student numbers; none: they are not"
    )
    wecom_webhooks: _Webhooks | None = Field(
        default=None, description="Group webhooks: name=key, name=key; a group is bound by the name"
    )
    wecom_base_url: str = Field(
        default="https://qyapi.weixin.qq.com", pattern=r"^https?://", description="WeCom's API server"
    )
    wecom_socket_url: str = Field(
        default="wss://openws.work.weixin.qq.com", pattern=r"^wss?://", description="Server of the long connection"
    )
    staff_chat: _Addresses | None = Field(
        default=None, description="The office's own chats, platform:chat: alarms and the daily figures; empty: none"
    )
    secret: SecretStr | None = Field(
        default=None, min_length=16, description="Signs the buttons; empty: one is made in the data folder"
    )
    reminders_a_week: int = Field(
        default=5, ge=1, le=50, description="How many reminders a person gets in private within a week"
    )
    relay: bool = Field(default=True, description="Whether `xueji serve` also sends what waits; no: `xueji work` does")
    correction_keys: _FernetKeys | None = Field(
        default=None,
        description="Seal what students write of wrong items: key, key; the first seals, all open; empty: none taken",
    )
    correction_days: int = Field(
        default=90, ge=1, le=3650, description="Days for which that is kept after the correction was closed"
    )
    ledger_days: int = Field(
        default=180,
        ge=30,
        le=3650,
        description="Days for which it is kept what was sent to which address, and its outcome",
    )
    record_folder: DirectoryPath | None = Field(
        default=None, description="Exports of chsi.com.cn, <campaign>.xlsx, followed each night; empty: none are"
    )
    catch_up_minutes: int = Field(default=120, ge=1, le=1440, description="How late a reminder may still go out")
    notice_alone: int = Field(
        default=30, ge=0, description="To how many addresses a notice may go without a second person's release"
    )
    log_format: LogFormat = Field(default=LogFormat.CONSOLE, description="console or json")


def read(*, scopes: Collection[str] | None = None, **given: Any) -> Settings:
    """The settings of the environment, with `given` before it; BadSettings names every fault at once.

    `scopes` are those the content has, for a command that answers questions.
    """
    named = {name: value for name, value in {**_environment(), **given}.items() if value is not None}
    faults = [*_unknown(named), *_half_configured(named), *_waits_in_vain(named), *_unknown_scope(named, scopes)]
    try:
        settings = Settings(**given)
    except ValidationError as error:
        wrong = dict.fromkeys(str(fault["loc"][0]) for fault in error.errors(include_input=False))
        faults += [_line(name, _words()["wanted"][name]) for name in wrong if name in Settings.model_fields]
    if faults:
        raise BadSettings(faults)
    return settings


def content_folder() -> Path:
    """The folder of the content, before the other settings are looked at: which scopes there are depends on it.

    The packaged one where the variable names no folder; `read` then says what is wrong with it.
    """
    given = Path(_environment().get("content", CONTENT))
    return given if given.is_dir() else CONTENT


def _environment() -> Mapping[str, str]:
    """What the environment sets, by the names of fields; an empty variable counts as not set."""
    return {
        name.upper().removeprefix(_PREFIX).lower(): value
        for name, value in os.environ.items()
        if name.upper().startswith(_PREFIX) and value
    }


def _unknown(named: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(named.keys() - Settings.model_fields.keys()):
        yield _line(name, _words()["faults"]["unknown"])


def _half_configured(named: Mapping[str, Any]) -> Iterator[str]:
    for needed, useless_alone in _TOGETHER.items():
        given = [name for name in (*needed, *useless_alone) if name in named]
        missing = [name for name in needed if name not in named] if given else []
        yield from (_line(name, _words()["faults"]["missing"], given=_variable(given[0])) for name in missing)
    if named.keys() >= set(_ONE_OF_TWO):
        first, second = _ONE_OF_TWO
        yield _line(first, _words()["faults"]["one_of_two"], given=_variable(second))


def _waits_in_vain(named: Mapping[str, Any]) -> Iterator[str]:
    kind = str(named.get("redis_url", "")).partition("://")[0]
    if str(named.get("redis_wait", 0)) != "0" and (not kind or kind.endswith("+cluster")):
        yield _line("redis_wait", _words()["faults"]["no_replicas"])


def _unknown_scope(named: Mapping[str, Any], scopes: Collection[str] | None) -> Iterator[str]:
    scope = named.get("scope", Settings.model_fields["scope"].default)
    if scopes is not None and scope not in scopes:
        yield _line("scope", _words()["faults"]["scope"], given=scope, known=", ".join(scopes))


def _line(name: str, sentence: str, **values: str) -> str:
    return f"{_variable(name)}: {sentence.format(**values)}"


def _variable(name: str) -> str:
    return f"{_PREFIX}{name}".upper()


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((Path(__file__).parent / "settings.toml").read_text("utf-8"))
