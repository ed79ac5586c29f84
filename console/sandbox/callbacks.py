"""Telling the relay: signed callbacks, tried as often as Telesign tries (reference, section 5).

Up to four attempts, each waiting 5 s for an answer; after anything but a 200 a pause of 5, 10
and 15 provider seconds. The wait for an answer is real time and not sped up: the relay is real.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from http import HTTPStatus
from types import TracebackType
from typing import Final

import httpcore
import truststore

from console.sandbox.store import Call
from console.telesign.signing import AccountKey, callback_signature

PAUSES: Final = (5.0, 10.0, 15.0)
"""Provider seconds after the first, second and third attempt; there is no fourth pause."""
ANSWER_SECONDS: Final = 5.0
"""Real seconds an attempt waits."""
CALLBACK_PATH: Final = "/callbacks/telesign"

_log = logging.getLogger(__name__)


def pause_after(attempt: int) -> float | None:
    """Provider seconds until the next attempt, or ``None`` after the last. ``attempt`` counts from 1."""
    return PAUSES[attempt - 1] if attempt <= len(PAUSES) else None


class Caller:
    """Makes single attempts; the pauses between them are the agenda's business."""

    def __init__(self, key: AccountKey, relay_url: str, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._key = key
        self._relay_url = relay_url.rstrip("/")
        self._answer_seconds = answer_seconds
        # httpcore and not httpx, which takes four times as long to import: the window waits for us.
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), keepalive_expiry=30.0
        )

    async def __aenter__(self) -> Caller:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._pool.aclose()

    async def attempt(self, call: Call) -> bool:
        """Make one attempt; whether the receiver took it (answered 200)."""
        body = call.body.encode()
        signature = callback_signature(self._key, body)
        headers = {
            "Content-Type": "application/json",
            "Authorization": f"TSA {self._key.customer_id}:{signature}",
            "X-TS-Authorization": signature,
        }
        url = call.url or self._relay_url + CALLBACK_PATH + (f"/{call.label}" if call.label else "")
        try:
            async with asyncio.timeout(self._answer_seconds):
                response = await self._pool.request(
                    call.method, url, headers=list(headers.items()), content=body
                )
        except (httpcore.NetworkError, httpcore.ProtocolError, TimeoutError) as error:
            _log.debug("callback attempt %d: %s", call.attempt, type(error).__name__)
            return False
        return response.status == HTTPStatus.OK
