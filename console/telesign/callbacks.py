"""What Telesign tells us: delivery reports, replies and classic SMS reports, read from raw bytes.

The parser is total: any bytes give a value. Telesign documents no discriminator, so a body is
told apart by its shape (reference, section on irregularities):

* ``content``, ``user_response``, ``sub_resource: mo_*`` or status code 1500 → a reply
* ``channel_status``, or ``last_channel`` in the status → a Messaging delivery report
* ``status`` with a code in 2xx-5xx, or ``sub_resource: sms`` → a classic SMS report
* another ``status`` with a code, and an id → a delivery report that names no channel
* anything else → unknown: kept as bytes, believed in nothing
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from console.cascade.facts import ChannelReport, Replied, Reported, Source, Verification
from console.telesign.jsons import as_code, as_id, as_list, as_object, as_reference, as_text, read_object
from console.telesign.times import parse_time
from console.telesign.usual import REPLY_CODE, Report, usual_report

Kind = Literal["delivery", "reply", "sms_report", "unknown"]

_CLASSIC: Final = range(200, 600)
"""Status codes of the classic SMS product. Messaging's own begin at 3000; of these it used 201 and 516."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCallback:
    """A Messaging delivery report, or the answer to a status query, which has the same body."""

    reference_id: str | None
    external_id: str | None
    code: int | None
    description: str
    last_channel: str | None
    updated_raw: str | None
    channels: tuple[ChannelReport, ...] = ()
    price: str | None = None
    currency: str | None = None
    kind: Kind = "delivery"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyCallback:
    """An inbound message."""

    reference_id: str | None
    channel: str
    phone_number: str | None
    text: str
    original_reference_id: str | None = None
    reply_id: str | None = None
    action: str | None = None
    media: str | None = None
    file_name: str | None = None
    updated_raw: str | None = None
    external_id: str | None = None
    kind: Kind = "reply"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsReportCallback:
    """A report of Telesign's classic SMS product, which may share the callback address."""

    reference_id: str | None
    external_id: str | None
    code: int | None
    description: str
    updated_raw: str | None
    kind: Kind = "sms_report"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnknownCallback:
    """Bytes that are none of the above."""

    reference_id: str | None = None
    external_id: str | None = None
    kind: Kind = "unknown"


Callback = DeliveryCallback | ReplyCallback | SmsReportCallback | UnknownCallback


def digest(body: bytes) -> str:
    """Identity of a body: SHA-256 in hex. Telesign promises no id of a callback's own."""
    return hashlib.sha256(body).hexdigest()


_PLACE: Final = 100
"""Characters of an external id that a fact's identity begins with: all that Telesign takes (documented)."""


def fact_id(
    body: bytes, source: Source, verification: Verification, *, external_id: str | None = None
) -> str:
    """Identity of the fact that ``body`` states; ``external_id`` is what a delivery report in it names.

    The same bytes heard again are the same fact. But what failed verification, and what we asked
    for ourselves, are facts of their own: a forged copy that comes first must not take the place
    of the genuine one.

    The external id comes first so that the facts of one message stand side by side in an index. By the
    digest alone each lands on a page of its own, and a thousand of them are a thousand pages to write:
    storing took 2.4 times as long. It follows from the bytes, so it tells nothing of its own.
    """
    name = digest(body)
    if external_id:
        name = f"{external_id[:_PLACE]}.{name}"
    if verification is Verification.FAILED:
        return f"{name}-failed"
    return f"{name}-query" if source is Source.QUERY else name


def parse_callback(body: bytes) -> Callback:
    """Read one callback. Never raises."""
    usual = usual_report(body)
    if usual is not None:
        return _usual(usual)
    told = _read(body)
    status = as_object(told.get("status"))
    outline = _outline(told, status)
    if outline.kind == "reply":
        return _reply(told, status)
    if outline.kind == "delivery":
        return _delivery(told, status, outline)
    if outline.kind == "sms_report":
        return SmsReportCallback(
            reference_id=outline.reference_id,
            external_id=outline.external_id,
            code=outline.code,
            description=as_text(status.get("description")),
            updated_raw=as_id(status.get("updated_on")),
        )
    return UnknownCallback(reference_id=outline.reference_id, external_id=outline.external_id)


class Outline(NamedTuple):
    """As much of a callback as a relay needs to file it."""

    kind: Kind
    reference_id: str | None
    external_id: str | None
    code: int | None


def outline_callback(body: bytes) -> Outline:
    """What :func:`parse_callback` would say of these three, in half the time. Never raises."""
    usual = usual_report(body)
    if usual is not None:
        reference_id, external_id = as_reference(usual.reference_id), as_id(usual.external_id)
        return Outline("delivery", reference_id, external_id, usual.status.code)
    told = _read(body)
    return _outline(told, as_object(told.get("status")))


def _outline(told: dict[str, Any], status: dict[str, Any]) -> Outline:
    code = as_code(status.get("code"))
    reference_id = as_reference(told.get("reference_id"))
    external_id = as_id(told.get("external_id"))
    kind: Kind = "unknown"
    if _is_reply(told, code):
        kind = "reply"
    elif isinstance(told.get("channel_status"), list | dict) or _channel(status.get("last_channel")):
        kind = "delivery"
    elif told.get("sub_resource") == "sms" or code in _CLASSIC:
        kind = "sms_report"
    elif code is not None and (reference_id is not None or external_id is not None):
        kind = "delivery"
    return Outline(kind, reference_id, external_id, code)


def parse_status(body: bytes) -> DeliveryCallback | None:
    """Read the answer to a status query, or ``None`` if it holds no Telesign status code."""
    told = _read(body)
    status = as_object(told.get("status"))
    outline = _outline(told, status)
    return None if outline.code is None else _delivery(told, status, outline)


def _read(body: bytes) -> dict[str, Any]:
    # One documented key ends in a tab; no key of theirs differs from another by white space.
    return {key.strip(): value for key, value in (read_object(body) or {}).items()}


def _is_reply(told: dict[str, Any], code: int | None) -> bool:
    resource = told.get("sub_resource")
    return (
        code == REPLY_CODE
        or isinstance(told.get("user_response"), dict)
        or (isinstance(told.get("content"), dict) and "channel_status" not in told)
        or (isinstance(resource, str) and resource.lower().startswith("mo_"))
    )


def _delivery(told: dict[str, Any], status: dict[str, Any], outline: Outline) -> DeliveryCallback:
    more = as_object(told.get("additional_info"))
    return DeliveryCallback(
        reference_id=outline.reference_id,
        external_id=outline.external_id,
        code=outline.code,
        description=as_text(status.get("description")),
        last_channel=_channel(status.get("last_channel")),
        updated_raw=as_id(status.get("updated_on")),
        channels=tuple(_channels(told.get("channel_status"))),
        # The schema puts these inside additional_info, the examples at the top.
        price=as_id(told.get("price", more.get("price"))),
        currency=as_id(told.get("currency", more.get("currency"))),
    )


def _usual(told: Report) -> DeliveryCallback:
    status = told.status
    return DeliveryCallback(
        reference_id=as_reference(told.reference_id),
        external_id=as_id(told.external_id),
        code=status.code,
        description=status.description,
        last_channel=_channel(status.last_channel),
        updated_raw=as_id(status.updated_on),
        channels=tuple(
            [
                _report(channel, state.code, state.description, state.reference_id, state.updated_on)
                for element in told.channel_status or ()
                for name, state in element.items()
                if (channel := _channel(name)) is not None
            ]
        ),
        price=as_id(told.price),
        currency=as_id(told.currency),
    )


def _report(
    channel: str, code: int | None, description: str, reference_id: object, updated_on: object
) -> ChannelReport:
    raw = as_id(updated_on)
    return ChannelReport(
        channel=channel,
        code=code,
        description=description,
        reference_id=as_reference(reference_id),
        updated_on=parse_time(raw),
        updated_raw=raw,
    )


def _channels(value: object) -> list[ChannelReport]:
    """``channel_status`` is an array of one-key objects; several keys in one are allowed by the schema."""
    reports = []
    for element in [value] if isinstance(value, dict) else as_list(value):
        for name, state in as_object(element).items():
            if (channel := _channel(name)) is None or not isinstance(state, dict):
                continue
            code, description = as_code(state.get("code")), as_text(state.get("description"))
            reports.append(
                _report(channel, code, description, state.get("reference_id"), state.get("updated_on"))
            )
    return reports


def _channel(value: object) -> str | None:
    name = as_id(value)
    return name.lower()[:40] if name is not None else None


def _reply(told: dict[str, Any], status: dict[str, Any]) -> ReplyCallback:
    content = as_object(told.get("content"))
    answer = as_object(told.get("user_response"))
    resource = as_text(told.get("sub_resource")).lower()
    # Viber and WhatsApp replies name no channel. Viber's is the one we ask for, and the only one
    # whose content carries tracking_data; mo_viber is not documented but would be honoured.
    channel = resource.removeprefix("mo_") or ("sms" if answer else "viber")
    action = as_id(answer.get("action")) or as_id(content.get("action"))
    return ReplyCallback(
        reference_id=as_reference(told.get("reference_id")),
        external_id=as_id(told.get("external_id")),
        channel=channel[:40],
        phone_number=_digits(told.get("phone_number") or answer.get("phone_number")),
        text=as_text(content.get("text")) or as_text(answer.get("mo_message")) or as_text(answer.get("text")),
        original_reference_id=as_reference(
            content.get("original_reference_id") or answer.get("original_reference_id")
        ),
        reply_id=as_id(content.get("tracking_data")),
        action=action.lower() if action is not None else None,
        media=as_id(content.get("media")),
        file_name=as_id(content.get("file_name")),
        updated_raw=as_id(status.get("updated_on")) or as_id(told.get("submit_timestamp")),
    )


def _digits(value: object) -> str | None:
    digits = "".join(letter for letter in as_text(value) if letter.isascii() and letter.isdigit())
    return digits or None


def callback_fact(
    body: bytes, *, received_at: datetime, source: Source, verification: Verification
) -> Reported | Replied | None:
    """The fact a callback states, or ``None`` where it states none (unknown bodies)."""
    told = parse_callback(body)
    named = told.external_id if isinstance(told, DeliveryCallback | SmsReportCallback) else None
    identity = fact_id(body, source, verification, external_id=named)
    if isinstance(told, DeliveryCallback):
        return delivery_fact(told, fact_id=identity, at=received_at, source=source, verification=verification)
    if isinstance(told, SmsReportCallback):
        return Reported(
            fact_id=identity,
            at=received_at,
            source=source,
            verification=verification,
            reference_id=told.reference_id,
            external_id=told.external_id,
            code=told.code,
            description=told.description,
            last_channel="sms",
            updated_on=parse_time(told.updated_raw),
            updated_raw=told.updated_raw,
        )
    if isinstance(told, ReplyCallback):
        return Replied(
            fact_id=identity,
            at=received_at,
            source=source,
            verification=verification,
            channel=told.channel,
            phone_number=told.phone_number,
            text=told.text,
            reference_id=told.reference_id,
            original_reference_id=told.original_reference_id,
            reply_id=told.reply_id,
            action=told.action,
            media=told.media,
            file_name=told.file_name,
            updated_on=parse_time(told.updated_raw),
            updated_raw=told.updated_raw,
        )
    return None


def delivery_fact(
    told: DeliveryCallback, *, fact_id: str, at: datetime, source: Source, verification: Verification
) -> Reported:
    """The fact of a delivery report, by callback or by query."""
    return Reported(
        fact_id=fact_id,
        at=at,
        source=source,
        verification=verification,
        reference_id=told.reference_id,
        external_id=told.external_id,
        code=told.code,
        description=told.description,
        last_channel=told.last_channel,
        updated_on=parse_time(told.updated_raw),
        updated_raw=told.updated_raw,
        channels=told.channels,
        price=told.price,
        currency=told.currency,
    )
