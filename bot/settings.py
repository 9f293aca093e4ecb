"""The settings, read once from the environment; nothing else in the project reads it."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

_PREFIX = "XUEJI_"


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


def _redis_url(url: str) -> str:
    if not url.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return url


class Settings(BaseSettings):
    """Everything that differs between installations; each field is the variable XUEJI_<NAME>."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, extra="forbid", frozen=True, env_ignore_empty=True)

    data: Path = Field(default=Path("data"), description="Folder of the embedded database and of exported files")
    redis_url: Annotated[str, AfterValidator(_redis_url)] | None = Field(
        default=None, description="External Redis or Valkey; empty: the embedded one in the data folder"
    )
    redis_prefix: str = Field(
        default="xj", pattern=r"^[a-z0-9-]{1,16}$", description="First part of every key, for sharing one server"
    )
    scope: str = Field(default="national", description="Scope of an asker who is in no roster and no class group")
    group_mode: GroupMode = Field(default=GroupMode.ADDRESSED, description="addressed or ambient")
    host: str = Field(default="127.0.0.1", description="Address the web pages listen on")
    port: int = Field(default=8080, ge=0, le=65535, description="Port of the web pages; 0: any free one")
    telegram_token: SecretStr | None = Field(default=None, description="The token BotFather gave; empty: no Telegram")
    telegram_base_url: str = Field(
        default="https://api.telegram.org", pattern=r"^https?://", description="Bot API server"
    )
    secret: SecretStr | None = Field(
        default=None, min_length=16, description="Signs the buttons; empty: one is made in the data folder"
    )
    catch_up_minutes: int = Field(default=120, ge=1, le=1440, description="How late a reminder may still go out")
    log_format: LogFormat = Field(default=LogFormat.CONSOLE, description="console or json")


def read(**given: Any) -> Settings:
    """The settings of the environment, with `given` before it; BadSettings names every fault at once."""
    unknown = _unknown_variables()
    try:
        settings = Settings(**given)
    except ValidationError as error:
        raise BadSettings([*unknown, *map(_line, error.errors())]) from None
    if unknown:
        raise BadSettings(unknown)
    return settings


def _unknown_variables() -> list[str]:
    known = {f"{_PREFIX}{name}".upper() for name in Settings.model_fields}
    strangers = sorted(name for name in os.environ if name.upper().startswith(_PREFIX) and name.upper() not in known)
    return [f"{name}: no such setting; docs/settings.md lists them" for name in strangers]


def _line(error: Any) -> str:
    name = _PREFIX + "_".join(str(part) for part in error["loc"][:1]).upper()
    return f"{name}: {cast('str', error['msg']).removeprefix('Value error, ')}"
