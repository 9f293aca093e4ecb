"""Instants as the scripts know them: whole milliseconds since the epoch, in UTC."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def to_ms(instant: datetime) -> int:
    """The milliseconds of an instant, rounded down."""
    return (instant - _EPOCH) // _MS


def from_ms(ms: float | str) -> datetime:
    """The instant of these milliseconds."""
    return _EPOCH + int(float(ms)) * _MS
