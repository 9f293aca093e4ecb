"""Values as JSON and back, by their types alone: no value knows how it is stored.

A field that has its default is left out, so a value that gains a field with a default still reads what
was written before. A member of a union of values carries its class's name in `is`.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from zoneinfo import ZoneInfo

T = TypeVar("T")
_TAG = "is"

_written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class _Codec(NamedTuple):
    """How values of one type become plain JSON values, and back."""

    plain: Callable[[Any], Any]
    value: Callable[[Any], Any]


def to_json(value: Any, kind: Any = None) -> str:
    """The JSON of a frozen value, of the union or mapping `kind` if it is a member of one; equal values, equal text."""
    written_as: Any = kind or type(value)
    plain = _codec(written_as).plain(value)
    text = _written(plain)
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate that somebody typed
        return json.dumps(plain, separators=(",", ":"))
    return text


def from_json(kind: type[T], text: str) -> T:
    """The value of a class that `to_json` wrote; ValueError, KeyError or TypeError for anything else."""
    return cast("T", from_json_union(kind, text))


def from_json_union(kind: Any, text: str) -> Any:
    """As `from_json`, for a union of values."""
    return _codec(kind).value(json.loads(text))


def _same(value: Any) -> Any:
    return value


_LEAVES: dict[Any, _Codec] = {
    str: _Codec(_same, _same),
    int: _Codec(_same, _same),
    bool: _Codec(_same, _same),
    float: _Codec(_same, _same),
    datetime: _Codec(datetime.isoformat, datetime.fromisoformat),
    date: _Codec(date.isoformat, date.fromisoformat),
    time: _Codec(time.isoformat, time.fromisoformat),
    timedelta: _Codec(timedelta.total_seconds, lambda seconds: timedelta(seconds=seconds)),
    ZoneInfo: _Codec(lambda zone: zone.key, ZoneInfo),
}


@cache
def _codec(kind: Any) -> _Codec:
    if kind in _LEAVES:
        return _LEAVES[kind]
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return _union(args)
    if origin is tuple:
        item = _codec(args[0])
        return _Codec(lambda row: [item.plain(one) for one in row], lambda row: tuple(item.value(one) for one in row))
    if origin is not None and issubclass(origin, Mapping):
        item = _codec(args[1])
        return _Codec(
            lambda rows: {key: item.plain(one) for key, one in rows.items()},
            lambda rows: {key: item.value(one) for key, one in rows.items()},
        )
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _Codec(lambda member: member.value, kind)
    if is_dataclass(kind):
        return _dataclass(kind)
    raise TypeError(f"no way to store {kind}")


def _dataclass(kind: Any) -> _Codec:
    hints = get_type_hints(kind)
    codecs = {field.name: _codec(hints[field.name]) for field in fields(kind)}
    defaults = {
        field.name: field.default if field.default_factory is MISSING else field.default_factory()
        for field in fields(kind)
    }

    parts = [(name, codec.plain, defaults[name]) for name, codec in codecs.items()]

    def plain(value: Any) -> dict[str, Any]:
        kept = {}
        for name, of_field, default in parts:
            one = getattr(value, name)
            if one is not default and one != default:
                kept[name] = of_field(one)
        return kept

    def value(stored: dict[str, Any]) -> Any:
        return kind(**{name: codecs[name].value(one) for name, one in stored.items() if name in codecs})

    return _Codec(plain, value)


def _union(members: tuple[Any, ...]) -> _Codec:
    """A value of a class carries its class's name; of the other members at most one is more than plain JSON."""
    classes: dict[str, Any] = {
        member.__name__: member for member in members if isinstance(member, type) and is_dataclass(member)
    }
    others = [member for member in members if member is not NoneType and not is_dataclass(member)]
    leaf = _codec(next((other for other in others if _codec(other).plain is not _same), str))

    def plain(value: Any) -> Any:
        tag = type(value).__name__
        if tag in classes:
            return {_TAG: tag} | _codec(classes[tag]).plain(value)
        return None if value is None else leaf.plain(value)

    def value(stored: Any) -> Any:
        if isinstance(stored, dict) and _TAG in stored:
            return _codec(classes[stored[_TAG]]).value(stored)
        return None if stored is None else leaf.value(stored)

    return _Codec(plain, value)
