"""Reading a ``POST /v1/omnichannel`` body as Telesign documents it (reference, sections 2 and 3).

What Telesign checks at once refuses the request; what it finds only while trying a channel
(unknown channel, missing template, bad number) is noted as that channel's fault and told
asynchronously, after a 200 with 3001. Where its documentation leaves the answer open
(``fallback_time`` out of range, undocumented fields) the stand-in is strict: 3110.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from console.sandbox.texts import describe

MAX_BODY: Final = 10_000
"""Bytes; whether Telesign's 10 KB means 10,000 or 10,240 is unknown."""
MAX_EXTERNAL_ID: Final = 100
FALLBACK_SECONDS: Final = range(30, 3601)
FALLBACK_DEFAULT: Final = 300
MESSAGE_TYPES: Final = frozenset({"ARN", "MKT", "OTP"})
LIFECYCLE_EVENTS: Final = frozenset({"create", "sign-in", "transact", "update", "delete"})
KNOWN_CHANNELS: Final = frozenset({"rcs", "whatsapp", "sms", "mms", "viber", "email"})
ENABLED_CHANNELS: Final = frozenset({"viber", "sms"})
_FIELDS: Final = frozenset(
    {
        "channels",
        "recipient",
        "phone_number",
        "message",
        "message_type",
        "external_id",
        "callback_url",
        "account_lifecycle_event",
        "sender_id",
        "originating_ip",
    }
)
_TEMPLATES: Final[Mapping[str, Mapping[str, frozenset[str]]]] = MappingProxyType(
    {
        # template -> parameters it cannot do without
        "viber": MappingProxyType(
            {
                "text": frozenset({"text"}),
                "text_session": frozenset({"text"}),
                "text_2way": frozenset({"text"}),
                "image": frozenset({"url"}),
                "image_session": frozenset({"url"}),
                "video": frozenset({"url"}),
                "text_video": frozenset({"text", "url", "url_thumbnail"}),
                "url_action_video": frozenset({"text", "url"}),
                "url_action": frozenset({"text", "url", "url_text", "url_id"}),
                "otp_verify": frozenset({"otp_code"}),
            }
        ),
        "sms": MappingProxyType({"text": frozenset({"text"})}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelOrder:
    """One element of ``channels``."""

    channel: str
    fallback_time: int
    """Provider seconds, 30–3600."""
    fault: int | None = None
    """The code with which this channel fails as soon as it is tried."""
    fault_value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A request that Telesign takes."""

    phone_number: str
    """As given: the number is checked only when a channel is tried (3101)."""
    channels: tuple[ChannelOrder, ...]
    external_id: str | None
    reply_id: str | None
    sender_id: str | None
    callback_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invalid:
    """A request that Telesign refuses, with HTTP 400 and this code."""

    code: int
    description: str
    external_id: str | None = None


class _RefusedError(Exception):
    def __init__(self, code: int, value: object = "") -> None:
        super().__init__(code)
        self.invalid = Invalid(code=code, description=describe(code, value))


def read_order(body: bytes) -> Order | Invalid:
    """What the bytes of a POST ask for, or why Telesign refuses them. Never raises."""
    if len(body) > MAX_BODY:
        return Invalid(code=3116, description=describe(3116))
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError
        return Invalid(code=3110, description=describe(3110))
    if not isinstance(fields, dict):
        return Invalid(code=3110, description=describe(3110))
    external_id = fields.get("external_id")
    try:
        return _order(fields)
    except _RefusedError as refused:
        echo = external_id if isinstance(external_id, str) and _good_external_id(external_id) else None
        return Invalid(code=refused.invalid.code, description=refused.invalid.description, external_id=echo)


def _order(fields: Mapping[str, object]) -> Order:
    if fields.keys() - _FIELDS:
        raise _RefusedError(3110)
    names = _channels(fields)
    phone_number = _phone_number(fields)
    message = fields.get("message")
    if message is None:
        raise _RefusedError(3303)
    if not isinstance(message, dict):
        raise _RefusedError(3110)
    _check_scalars(fields)
    channels = tuple(_channel_order(name, seconds, message, phone_number) for name, seconds in names)
    return Order(
        phone_number=phone_number,
        channels=channels,
        external_id=_text(fields, "external_id"),
        reply_id=_reply_id(message),
        sender_id=_text(fields, "sender_id"),
        callback_url=_text(fields, "callback_url"),
    )


def _channels(fields: Mapping[str, object]) -> list[tuple[str, int]]:
    channels = fields.get("channels")
    if channels is None or channels == []:
        raise _RefusedError(3300)
    if not isinstance(channels, list):
        raise _RefusedError(3110)
    found: list[tuple[str, int]] = []
    for element in channels:
        if not isinstance(element, dict) or element.keys() - {"channel", "fallback_time"}:
            raise _RefusedError(3110)
        name = element.get("channel")
        if name is None or name == "":
            raise _RefusedError(3301)
        seconds = element.get("fallback_time", FALLBACK_DEFAULT)
        if not isinstance(name, str) or type(seconds) is not int or seconds not in FALLBACK_SECONDS:
            raise _RefusedError(3110)
        if any(name == earlier for earlier, _ in found):
            raise _RefusedError(3113, name)
        found.append((name, seconds))
    return found


def _phone_number(fields: Mapping[str, object]) -> str:
    recipient = fields.get("recipient")
    if recipient is None:
        number = fields.get("phone_number")
    elif not isinstance(recipient, dict) or recipient.keys() - {"phone_number", "email"}:
        raise _RefusedError(3110)
    else:
        number = recipient.get("phone_number")
    if number is None or number == "":
        raise _RefusedError(3302)
    if not isinstance(number, str):
        raise _RefusedError(3110)
    return number


def _check_scalars(fields: Mapping[str, object]) -> None:
    if fields.get("message_type") is None:
        raise _RefusedError(3304)
    message_type = fields["message_type"]
    if not isinstance(message_type, str) or message_type not in MESSAGE_TYPES:
        raise _RefusedError(3102, message_type)
    external_id = fields.get("external_id")
    if external_id is not None and not (isinstance(external_id, str) and _good_external_id(external_id)):
        raise _RefusedError(3103, external_id)
    event = fields.get("account_lifecycle_event")
    if event is not None and not (isinstance(event, str) and event in LIFECYCLE_EVENTS):
        raise _RefusedError(3104, event)
    address = fields.get("originating_ip")
    if address is not None and not _is_address(address):
        raise _RefusedError(3105, address)
    url = fields.get("callback_url")
    if url is not None and not _is_url(url):
        raise _RefusedError(3106, url)
    if not isinstance(fields.get("sender_id", ""), str | None):
        raise _RefusedError(3110)


def _channel_order(name: str, seconds: int, message: Mapping[str, object], phone_number: str) -> ChannelOrder:
    code, value = _fault(name, message.get(name, message.get("default")), phone_number)
    return ChannelOrder(channel=name, fallback_time=seconds, fault=code, fault_value=value)


def _fault(name: str, block: object, phone_number: str) -> tuple[int | None, str]:
    """Why this channel cannot be tried: a code and the value its text quotes."""
    if name not in KNOWN_CHANNELS:
        return 3100, name
    if name not in ENABLED_CHANNELS:
        return 3200, name
    if not (phone_number.isascii() and phone_number.isdigit() and 7 <= len(phone_number) <= 15):
        return 3101, phone_number
    return _block_fault(name, block), ""


def _block_fault(name: str, block: object) -> int | None:
    if not isinstance(block, dict) or not isinstance(block.get("parameters"), dict):
        return 3306
    template, parameters = block.get("template"), block["parameters"]
    needed = _TEMPLATES[name].get(template) if isinstance(template, str) else None
    if needed is None:
        return 3112
    given = (parameters.get(each) for each in needed)
    return None if all(isinstance(each, str) and each for each in given) else 3305


def _reply_id(message: Mapping[str, object]) -> str | None:
    block = message.get("viber")
    parameters = block.get("parameters") if isinstance(block, dict) else None
    reply_id = parameters.get("reply_id") if isinstance(parameters, dict) else None
    return reply_id if isinstance(reply_id, str) else None


def _text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None


def _good_external_id(text: str) -> bool:
    return text.isascii() and len(text) <= MAX_EXTERNAL_ID


def _is_address(value: object) -> bool:
    try:
        ipaddress.ip_address(value if isinstance(value, str) else "")
    except ValueError:
        return False
    return True


def _is_url(value: object) -> bool:
    if not isinstance(value, str) or not value.isascii():
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # also a port that is none
        return False
