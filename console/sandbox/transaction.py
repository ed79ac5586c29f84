"""One accepted message as Telesign would know it, and the bodies that tell about it.

The shapes are the documented ones with their irregularities (reference, sections 4 and 5):
``external_id`` is the string ``"null"`` in callbacks where none was given, a channel that is
still at 3001 has no reference id of its own, and one callback mixes several time formats.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Final

from console.sandbox.plan import DELIVERED, IN_PROGRESS, Change, moving
from console.sandbox.scenarios import Reply, TimeForm
from console.sandbox.texts import describe, known

QUERYABLE_SECONDS: Final = 12 * 3600.0
"""Provider seconds for which ``GET`` of the status knows a transaction."""
_NOT_ENABLED: Final = 3200
_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

JsonObject = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStatus:
    """One element of ``channel_status``."""

    channel: str
    code: int
    description: str
    reference_id: str
    updated_on: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """An accepted message and how far it is."""

    reference_id: str
    """32 upper-case hexadecimal digits."""
    external_id: str | None
    scenario_id: str
    phone_number: str
    asked: tuple[str, ...]
    """The channels of the request, in order."""
    accepted_at: float
    """Provider time."""
    updated_on: datetime
    reply_id: str | None = None
    sender_id: str | None = None
    callback_url: str | None = None
    channels: tuple[ChannelStatus, ...] = ()
    """Channels that were tried, in order, and any that report unasked."""

    def after(self, change: Change, *, at: datetime, channel_reference: str) -> Transaction:
        """This transaction once ``change`` has happened; the reference is for a channel not seen before."""
        status = ChannelStatus(
            channel=change.channel,
            code=change.code,
            description=change.description,
            reference_id=channel_reference,
            updated_on=at,
        )
        earlier = {each.channel: each for each in self.channels}
        if change.channel in earlier:
            status = replace(status, reference_id=earlier[change.channel].reference_id)
        channels = tuple((earlier | {change.channel: status}).values())
        return replace(self, channels=channels, updated_on=at)

    @property
    def code(self) -> int:
        """The status of the whole transaction, from those of its channels."""
        codes = {each.channel: each.code for each in self.channels}
        if delivered := DELIVERED & set(codes.values()):
            return max(delivered)  # read outranks delivered
        if all(channel in codes and not moving(codes[channel]) for channel in self.asked):
            return 3006 if set(codes.values()) == {_NOT_ENABLED} else 3003
        current = codes.get(self.last_channel or "", IN_PROGRESS)
        if current in (3002, 3004) or not known(current):
            return current
        return 3002 if current == 3040 else IN_PROGRESS

    @property
    def last_channel(self) -> str | None:
        """The last channel tried."""
        tried = [each.channel for each in self.channels if each.channel in self.asked]
        return tried[-1] if tried else None

    def to_json(self) -> str:
        """For the store."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def from_json(cls, text: str) -> Transaction:
        """The inverse of :meth:`to_json`."""
        fields = json.loads(text)
        channels = tuple(
            ChannelStatus(**{**each, "updated_on": datetime.fromisoformat(each["updated_on"])})
            for each in fields.pop("channels")
        )
        updated_on = datetime.fromisoformat(fields.pop("updated_on"))
        asked = tuple(fields.pop("asked"))
        return cls(**fields, asked=asked, updated_on=updated_on, channels=channels)


def write_time(moment: datetime, form: TimeForm) -> str:
    """``moment`` (aware) as Telesign writes it in ``form``; coarse forms cut, never round."""
    utc = moment.astimezone(UTC)
    second = utc.strftime("%Y-%m-%dT%H:%M:%S")
    milliseconds = f"{utc.microsecond // 1000:03d}"
    # Not strftime's %a and %b: those follow the process's locale.
    day, month = _DAYS[utc.weekday()], _MONTHS[utc.month - 1]
    written = {
        TimeForm.MICROSECONDS: f"{second}.{utc.microsecond:06d}Z",
        TimeForm.NO_ZONE: f"{second}.{utc.microsecond:06d}",
        TimeForm.COLON: f"{second.replace('T', ' ')}:{milliseconds}",
        TimeForm.MILLISECONDS: f"{second.replace('T', ' ')}.{milliseconds}",
        TimeForm.ZERO_FRACTION: f"{second}.000000Z",
        TimeForm.SECONDS: f"{second}Z",
        TimeForm.HTTP_DATE: f"{day}, {utc.day:02d} {month} {utc.year} {utc:%H:%M:%S} GMT",
    }
    return written[form]


def write_json(body: JsonObject) -> str:
    """Compact JSON that can be encoded in UTF-8, also where the values hold lone surrogates."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return json.dumps(body, separators=(",", ":"))
    return text


def answer_body(
    code: int, *, description: str, external_id: str | None, reference_id: str | None
) -> JsonObject:
    """The body of an answer to a POST; ``reference_id`` is left out where Telesign leaves it out."""
    status: JsonObject = {"code": code, "description": description}
    head: JsonObject = {} if reference_id is None else {"reference_id": reference_id}
    return {**head, "status": status, "external_id": external_id}


def delivery_body(transaction: Transaction, forms: Sequence[TimeForm]) -> JsonObject:
    """The body of a delivery-status callback (section 5.2)."""
    return {
        "reference_id": transaction.reference_id,
        "external_id": "null" if transaction.external_id is None else transaction.external_id,
        "status": _status(transaction, forms),
        "channel_status": _channel_status(transaction, forms),
    }


def status_body(transaction: Transaction, forms: Sequence[TimeForm]) -> JsonObject:
    """The body of the answer to a status ``GET`` (section 4)."""
    return {
        "reference_id": transaction.reference_id,
        "external_id": transaction.external_id,
        "status": _status(transaction, forms),
        # The schema puts these two inside additional_info; the documented examples here.
        "price": "0.0050",
        "currency": "USD",
        "additional_info": {"mcc": "310", "mnc": "012"},
        "channel_status": _channel_status(transaction, forms),
    }


def reply_body(transaction: Transaction, reply: Reply, *, at: datetime, own_reference: str) -> JsonObject:
    """The body of an inbound message (MO) callback (section 5.4), by the channel's own shape."""
    shape = _viber_reply if reply.channel == "viber" else _sms_reply
    reference_id = own_reference if reply.own_reference else transaction.reference_id
    moment = write_time(at, TimeForm.MICROSECONDS)
    status: JsonObject = {"updated_on": moment, "description": describe(1500), "code": 1500}
    return {"reference_id": reference_id, "status": status, **shape(transaction, reply, moment)}


def _viber_reply(transaction: Transaction, reply: Reply, _moment: str) -> JsonObject:
    return {
        "phone_number": transaction.phone_number,
        "content": {
            "original_reference_id": transaction.reference_id,
            "text": reply.text,
            "tracking_data": transaction.reply_id or "",
            "media": "",
            "file_name": "",
        },
    }


def _sms_reply(transaction: Transaction, reply: Reply, moment: str) -> JsonObject:
    return {
        "sub_resource": "mo_sms",
        "submit_timestamp": moment,
        "errors": {},
        "user_response": {
            "sender_id": transaction.sender_id or "12025550000",
            "iso_country_code": "US",
            "action": reply.action or "generic",
            "keyword": reply.text if reply.action else "",
            "phone_number": transaction.phone_number,
            "mo_message": reply.text,
            "price": "0.0075",
        },
    }


def _status(transaction: Transaction, forms: Sequence[TimeForm]) -> JsonObject:
    return {
        "code": transaction.code,
        "description": describe(transaction.code),
        "last_channel": transaction.last_channel,
        "updated_on": write_time(transaction.updated_on, forms[0]),
    }


def _channel_status(transaction: Transaction, forms: Sequence[TimeForm]) -> list[Mapping[str, object]]:
    told: list[Mapping[str, object]] = []
    for place, each in enumerate(transaction.channels):
        line: JsonObject = {"code": each.code, "description": each.description}
        if each.code != IN_PROGRESS:
            line["reference_id"] = each.reference_id
        line["updated_on"] = write_time(each.updated_on, forms[(place + 1) % len(forms)])
        told.append({each.channel: line})
    return told
