"""Facts as versioned JSON and back. Old files stay readable; fields of newer ones are passed over."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, cast

from console.cascade.facts import (
    Answered,
    ChannelReport,
    Decided,
    Decision,
    Fact,
    MessageType,
    Queued,
    Replied,
    Reported,
    SendBegan,
    SendFailed,
    SendFailure,
    Source,
    StatusUnavailable,
    Verification,
)

_KINDS: Final[Mapping[str, type[Any]]] = {
    "queued": Queued,
    "send_began": SendBegan,
    "answered": Answered,
    "send_failed": SendFailed,
    "reported": Reported,
    "replied": Replied,
    "status_unavailable": StatusUnavailable,
    "decided": Decided,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}
_VERSION: Final = 1
"""Of the JSON below. A fact of a later version is passed over: half understood is misunderstood."""
_MOMENTS: Final = frozenset({"at", "updated_on", "retry_at"})
_ENUMS: Final[Mapping[str, Callable[[str], StrEnum]]] = {
    "message_type": MessageType,
    "source": Source,
    "verification": Verification,
    "failure": SendFailure,
    "decision": Decision,
}


_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


_FIELDS: Final[Mapping[type[Any], Mapping[str, object]]] = {
    cls: {field.name: field.default for field in dataclasses.fields(cls)}
    for cls in (*_KINDS.values(), ChannelReport)
}
"""The fields of each kind with their defaults: asked for with every fact of every message."""


def kind_of(fact: Fact) -> str:
    """The name a fact's kind is stored under."""
    return _NAMES[type(fact)]


def encode(fact: Fact) -> str:
    """One fact as JSON. Fields that hold their default are left out."""
    return _ENCODER.encode({"v": _VERSION, **_fields(fact)})


def _fields(value: Any) -> dict[str, Any]:
    told = {}
    for name, default in _FIELDS[type(value)].items():
        content = getattr(value, name)
        # Nothing equals the mark that stands for "no default".
        if content is default or content == default:
            continue
        if isinstance(content, datetime):
            moment = content if content.tzinfo is UTC else content.astimezone(UTC)
            content = moment.isoformat(timespec="microseconds")
        elif isinstance(content, tuple):
            content = [_fields(each) for each in content]
        told[name] = content
    return told


def decode(kind: str, text: str) -> Fact | None:
    """The fact, or ``None`` for a kind or a form that only a newer version knows."""
    cls = _KINDS.get(kind)
    told = json.loads(text)
    # Without a version: written before there was one, in the form of the first.
    if cls is None or told.get("v", _VERSION) > _VERSION:
        return None
    return cast("Fact", _build(cls, told))


def _build(cls: type[Any], told: Mapping[str, Any]) -> Any:
    known = _FIELDS[cls]
    values: dict[str, Any] = {}
    for name, content in told.items():
        if name not in known:
            continue
        if content is not None and name in _MOMENTS:
            values[name] = datetime.fromisoformat(content)
        elif content is not None and name in _ENUMS:
            values[name] = _ENUMS[name](content)
        elif name == "channels":
            values[name] = tuple(_build(ChannelReport, each) for each in content)
        else:
            values[name] = content
    return cls(**values)
