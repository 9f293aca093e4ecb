"""Deliveries as they are stored: what the scripts must know of them, around the JSON of the message."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from scheduler.deliveries import Delivery, Kind, Section, Stream
from scheduler.messages import OutboundMessage, Purpose
from scheduler.storage.instants import from_ms, to_ms
from scheduler.storage.records import from_json, to_json

written = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""The JSON of envelopes, and of whatever they go to the scripts with."""

RANKS = {purpose: rank for rank, purpose in enumerate(Purpose)}
"""Within one conversation's budget the lowest goes first."""

_WORDED_LATER = frozenset({Kind.GROUP_WAVE, Kind.PRIVATE_WAVE, Kind.STAFF_WAVE, Kind.GROUP_NOTICE, Kind.NOTICE})
"""What gets its words, and its buttons, when it is sent."""


def envelope(delivery: Delivery) -> dict[str, Any]:
    """What is stored of a delivery beside its id; `written` is how the scripts are given it."""
    message = delivery.message
    own, *others = [_of(one) for one in delivery.sections]
    sometimes = {
        "also": others,
        "account": delivery.account,
        "tried": _ms(delivery.tried_at),
        "dropped": delivery.dropped,
        "notice": delivery.notice,
        "target": delivery.target,
        "awake": [to_ms(moment) for moment in delivery.awake],
    }
    return {
        **{name: value for name, value in sometimes.items() if value},
        "lane": message.to.lane,
        "stream": Stream.NOW if delivery.kind is Kind.REPLY else Stream.BULK,
        "to": str(message.to),
        "rank": RANKS[message.purpose],
        **sized(message, worded_later=delivery.kind in _WORDED_LATER),
        "kind": delivery.kind,
        **own,
        "not_before": _ms(delivery.not_before),
        "expires": _ms(message.expires_at),
        "repeat": int(delivery.repeat),
        "body": to_json(message),
    }


def _ms(at: datetime | None) -> int:
    return to_ms(at) if at else 0


def _at(ms: int) -> datetime | None:
    return from_ms(ms) if ms else None


def _of(section: Section) -> dict[str, str]:
    return {
        "campaign": section.campaign,
        "classes": " ".join(section.classes),
        "sid": section.sid,
        "wave": f"{section.stage}:{section.wave}" if section.wave else "",
    }


def sized(message: OutboundMessage, *, worded_later: bool = False) -> dict[str, int]:
    """What a platform may count beside the text: a card with buttons (1 or 0), and how many pictures and files."""
    shown = len(message.files) or int(message.picture is not None)
    return {"card": int(bool(message.choices) or worded_later), "picture": shown}


def opened(delivery_id: str, text: str) -> Delivery:
    """The delivery as it is to be sent: what is left of its sections, what was tried before, what was dropped.

    KeyError, TypeError or ValueError: a newer version wrote it.
    """
    read = json.loads(text)
    own, *others = [_section(one) for one in (read, *read.get("also", ()))]
    return Delivery(
        id=delivery_id,
        kind=Kind(read["kind"]),
        message=from_json(OutboundMessage, read["body"]),
        campaign=own.campaign,
        stage=own.stage,
        wave=own.wave,
        classes=own.classes,
        sid=own.sid,
        also=tuple(others),
        account=read.get("account", ""),
        not_before=_at(read["not_before"]),
        repeat=bool(read["repeat"]),
        tried_at=_at(read.get("tried", 0)),
        dropped=read.get("dropped", 0),
        notice=read.get("notice", 0),
        target=read.get("target", ""),
        awake=tuple(from_ms(moment) for moment in read.get("awake", ())),
    )


def _section(read: Mapping[str, str]) -> Section:
    stage, _, wave = read["wave"].partition(":")
    return Section(
        campaign=read["campaign"],
        stage=stage,
        wave=wave,
        classes=tuple(read["classes"].split()),
        sid=read["sid"],
    )
