"""Facts as versioned JSON and back. Old files stay readable; fields of newer ones are passed over.

Nearly every fact is in the form that this version writes: msgspec reads it in a fifth of the time, and
writes reports, which come by the thousand. Whatever it refuses goes the general way.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, cast, get_type_hints

import msgspec

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


_BEGINNING: Final = f'{{"v":{_VERSION},'
_DECODERS: Final[Mapping[str, msgspec.json.Decoder[Any]]] = {
    name: msgspec.json.Decoder(cls) for name, cls in _KINDS.items()
}


def _mirror(cls: type[Any], **inner: Any) -> type[msgspec.Struct]:
    """A type with the fields of ``cls`` that is written without those that hold their default."""
    hints = get_type_hints(cls) | inner
    fields = [
        (name, hints[name]) if default is dataclasses.MISSING else (name, hints[name], default)
        for name, default in _FIELDS[cls].items()
    ]
    return msgspec.defstruct(cls.__name__, fields, omit_defaults=True, kw_only=True)


_CHANNEL: Final[Any] = _mirror(ChannelReport)
_REPORTED: Final = _mirror(Reported, channels=tuple[_CHANNEL, ...])
_ENCODE: Final = msgspec.json.Encoder().encode


def kind_of(fact: Fact) -> str:
    """The name a fact's kind is stored under."""
    return _NAMES[type(fact)]


def encode(fact: Fact) -> str:
    """One fact as JSON. Fields that hold their default are left out."""
    if type(fact) is Reported and _in_utc(fact):
        told = _ENCODE(msgspec.convert(fact, _REPORTED, from_attributes=True)).decode()
        return _BEGINNING + told[1:]
    return _ENCODER.encode({"v": _VERSION, **_fields(fact)})


def _in_utc(fact: Reported) -> bool:
    moments = (fact.at, fact.updated_on, *[each.updated_on for each in fact.channels])
    return all(moment is None or moment.tzinfo is UTC for moment in moments)


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
    if cls is not None and text.startswith(_BEGINNING):
        try:
            return cast("Fact", _DECODERS[kind].decode(text))
        except msgspec.ValidationError:
            pass  # a form that another version wrote, or damage: the general way says which
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
