"""The body of a request: a checked message as Telesign's canonical JSON (reference, section 2.3).

Only documented fields are written, and of the optional ones only those that are filled in.
"""

from __future__ import annotations

import json
from typing import Any, Final

from console.cascade.facts import Channel
from console.cascade.message import EXTERNAL_ID_LIMIT, Message

MAX_REQUEST_BYTES: Final = 10_000
"""Telesign documents "10 KB" (else 3116 or HTTP 413) and not whether that is 10 000 or 10 240 bytes."""


def request_body(message: Message, external_id: str) -> bytes:
    """The exact bytes to post, UTF-8, always the same for the same message.

    ``fallback_time`` is written in whole seconds also where Viber is the only channel: the SDKs do,
    and it says how long Telesign may try. The caller compares the length with
    :data:`MAX_REQUEST_BYTES`.

    Raises:
        ValueError: ``external_id`` is not 1 to 100 printable ASCII characters, or is ``null``, which
            Telesign writes for "none". A text with half a surrogate pair raises its subclass
            ``UnicodeEncodeError``; :func:`console.cascade.message.check` lets none through.
    """
    printable = external_id.isascii() and external_id.isprintable()
    if not printable or not 0 < len(external_id) <= EXTERNAL_ID_LIMIT or external_id.lower() == "null":
        raise ValueError("the external id must be 1 to 100 printable ASCII characters, and not null")
    viber: dict[str, str] = {"text": message.viber_text}
    if message.reply_id is not None:
        viber["reply_id"] = message.reply_id
    channels: list[dict[str, Any]] = [{"channel": Channel.VIBER, "fallback_time": message.fallback_time}]
    blocks: dict[str, Any] = {
        Channel.VIBER: {"template": "text_session" if message.session else "text", "parameters": viber}
    }
    if message.sms_text is not None:
        channels.append({"channel": Channel.SMS})
        blocks[Channel.SMS] = {"template": "text", "parameters": {"text": message.sms_text}}
    optional = {
        "sender_id": message.sender_id,
        "callback_url": message.callback_url,
        "account_lifecycle_event": message.lifecycle_event,
        "originating_ip": message.originating_ip,
    }
    fields = {
        "channels": channels,
        "recipient": {"phone_number": message.to},
        "message": blocks,
        "message_type": message.message_type,
        "external_id": external_id,
        **{name: value for name, value in optional.items() if value is not None},
    }
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
