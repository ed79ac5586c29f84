"""Requests as the sandbox's tests make them."""

from __future__ import annotations

import json
from typing import Any


def fields(**changes: Any) -> dict[str, Any]:
    """A valid request to the default scenario's number; a change to ``...`` leaves the field out."""
    base: dict[str, Any] = {
        "channels": [{"channel": "viber", "fallback_time": 60}, {"channel": "sms"}],
        "recipient": {"phone_number": "12025550102"},
        "message": {
            "viber": {"template": "text", "parameters": {"text": "Hi", "reply_id": "100035"}},
            "sms": {"template": "text", "parameters": {"text": "Hi"}},
        },
        "message_type": "ARN",
        "external_id": "order-1",
    }
    return {name: value for name, value in (base | changes).items() if value is not ...}


def body(**changes: Any) -> bytes:
    """The same as the bytes of a POST."""
    return json.dumps(fields(**changes)).encode()


def to(number: str, **changes: Any) -> bytes:
    """A valid request to that number (E.164)."""
    return body(recipient={"phone_number": number.removeprefix("+")}, **changes)
