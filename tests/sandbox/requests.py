"""Requests as the sandbox's tests make them."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import httpx

from console.telesign.signing import AccountKey, digest_headers, string_to_sign


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


def signed_post(url: str, key: AccountKey, content: bytes, **headers: str) -> httpx.Request:
    """A POST signed with Digest; ``headers`` replace the ones it would have."""
    return _signed("POST", url, key, content, headers)


def signed_get(url: str, key: AccountKey, **headers: str) -> httpx.Request:
    """A GET signed with Digest."""
    return _signed("GET", url, key, b"", headers)


def signed_post_with_own_date(url: str, key: AccountKey, content: bytes) -> httpx.Request:
    """A POST signed with Digest over ``x-ts-date``, as clients do that may not set ``Date``."""
    moment, nonce = format_datetime(datetime.now(UTC), usegmt=True), str(uuid.uuid4())
    signed = string_to_sign(
        method="POST",
        content_type="application/json",
        date="",
        x_ts_date=moment,
        nonce=nonce,
        body=content,
        path=httpx.URL(url).path,
    )
    headers = {
        "Authorization": f"TSA {key.customer_id}:{key.sign(signed)}",
        "Content-Type": "application/json",
        "x-ts-auth-method": "HMAC-SHA256",
        "x-ts-date": moment,
        "x-ts-nonce": nonce,
    }
    return httpx.Request("POST", url, content=content, headers=headers)


def _signed(
    method: str, url: str, key: AccountKey, content: bytes, replaced: dict[str, str]
) -> httpx.Request:
    content_type = "application/json" if method == "POST" else ""
    headers = digest_headers(
        key,
        method=method,
        path=httpx.URL(url).path,
        body=content,
        content_type=content_type,
        date=datetime.now(UTC),
        nonce=str(uuid.uuid4()),
    )
    return httpx.Request(method, url, content=content, headers=headers | replaced)
