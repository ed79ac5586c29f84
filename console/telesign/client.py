"""Telesign's API as this desk uses it: post a message once, ask for its status.

Outcomes are values. What went wrong on the way is told by :class:`NoAnswer`, whose ``failure`` says
whether the message may have been taken; see :mod:`console.telesign.exchange` for how that is known.
"""

from __future__ import annotations

import re
import ssl
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal

from console.cascade.facts import Reported, SendFailure, Source, Verification
from console.cascade.words import tr
from console.telesign.answers import Answer, parse_answer
from console.telesign.callbacks import DeliveryCallback, delivery_fact, fact_id, parse_status
from console.telesign.jsons import as_reference
from console.telesign.received import KEEP_ALIVE, Missed, Received, now_utc
from console.telesign.signing import AccountKey, basic_headers, digest_headers

if TYPE_CHECKING:
    import httpx

OMNICHANNEL: Final = "/v1/omnichannel"
LONGEST_ANSWER: Final = 1024 * 1024
"""Bytes; Telesign's answers have a few hundred."""
EXPIRED: Final = -10004
"""A reference can be asked about for 12 hours (documented)."""
NOT_ENABLED: Final = 3206
_REFUSED_QUERY: Final = frozenset({3204, NOT_ENABLED, 3311, 3500, *range(3400, 3500)})
_REFERENCE: Final = re.compile(r"[0-9A-Za-z_-]{1,100}", re.ASCII)
_TOLERATED: Final = timedelta(seconds=30)

Auth = Literal["digest", "basic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAnswer:
    """The POST ended without a status code of Telesign's."""

    failure: SendFailure
    """``NOT_CONNECTED`` is certain: nothing left this machine. Everything else is in doubt."""
    detail: str
    http_status: int | None = None


SendResult = Answer | NoAnswer


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """Telesign told the status of a transaction."""

    told: DeliveryCallback
    raw: bytes

    def fact(self, received_at: datetime) -> Reported:
        """The fact this states."""
        return delivery_fact(
            self.told,
            fact_id=fact_id(self.raw, Source.QUERY, Verification.DIRECT, external_id=self.told.external_id),
            at=received_at,
            source=Source.QUERY,
            verification=Verification.DIRECT,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRefusal:
    """No status was told."""

    description: str
    """Telesign's words, or ours where Telesign said nothing."""
    http_status: int | None = None
    code: int | None = None
    failure: SendFailure | None = None
    """Set where Telesign said nothing that could be read."""

    @property
    def final(self) -> bool:
        """No later question about this transaction can succeed."""
        return self.code in (EXPIRED, NOT_ENABLED)


QueryResult = StatusReport | StatusRefusal


class TelesignClient:
    """One account at one API address. Belongs to one event loop.

    Args:
        base_url: ``https://…``, or ``http://…`` on this machine. A path is kept and signed.
        key: the account's key.
        auth: ``digest`` (the key never travels) or ``basic``.
        proxy: an address; ``None`` for the system's settings, ``""`` for none.
        read_timeout: seconds from the request's first byte to the answer's last.
        clock: aware moments; the ``Date`` that Digest signs, corrected by the server's measured
            clock where that differs by more than half a minute.
        nonce: a fresh one each call; as in the SDKs a random UUID.
        tls, ca_file, transport, connect_timeout, keep_alive: see :class:`console.telesign.exchange.Endpoint`.

    Raises:
        BadUrl: for an address that must not be used.
    """

    def __init__(
        self,
        base_url: str,
        key: AccountKey,
        *,
        auth: Auth = "digest",
        proxy: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
        ca_file: str = "",
        connect_timeout: float = 10.0,
        read_timeout: float = 30.0,
        keep_alive: float = KEEP_ALIVE,
        clock: Callable[[], datetime] = now_utc,
        nonce: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> None:
        from console.telesign.exchange import Endpoint  # noqa: PLC0415 - httpx comes with the first client

        self._endpoint = Endpoint(
            base_url,
            proxy=proxy,
            tls=tls,
            ca_file=ca_file,
            transport=transport,
            connect_timeout=connect_timeout,
            keep_alive=keep_alive,
            clock=clock,
        )
        self._key = key
        self._auth = auth
        self._read_timeout = read_timeout
        self._clock = clock
        self._nonce = nonce

    @property
    def server_skew(self) -> timedelta | None:
        """Telesign's clock minus ours, to about a second; ``None`` until it has answered."""
        return self._endpoint.server_skew

    async def prepare(self) -> None:
        """Do what is slow (certificates, proxy settings) before the first request, off this thread.

        Raises:
            BadUrl: where the system's proxy settings name a proxy that cannot be used.
        """
        await self._endpoint.prepare()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoint.aclose()

    async def send(self, body: bytes) -> SendResult:
        """Post one message: at most one request on the wire, whatever happens.

        Cancelling this call leaves it in doubt whether the message was taken.
        """
        got = await self._exchange("POST", OMNICHANNEL, body, "application/json")
        if isinstance(got, Missed):
            return NoAnswer(failure=got.failure, detail=got.detail, http_status=got.http_status)
        answer = parse_answer(got.http_status, got.body)
        if answer is None:
            return NoAnswer(
                failure=SendFailure.UNREADABLE,
                detail=tr("The answer was not one of Telesign's (HTTP {status}).", status=got.http_status),
                http_status=got.http_status,
            )
        return answer

    async def query(self, reference_id: str) -> QueryResult:
        """Ask for the status of a transaction: one request, no retry."""
        if _REFERENCE.fullmatch(reference_id) is None:
            return StatusRefusal(description=tr("This reference id cannot be asked about."))
        got = await self._exchange("GET", f"{OMNICHANNEL}/{reference_id}", b"", "")
        if isinstance(got, Missed):
            return StatusRefusal(description=got.detail, http_status=got.http_status, failure=got.failure)
        told = parse_status(got.body)
        if told is None or told.code is None:
            return _unreadable(got.http_status)
        if got.http_status != 200 or told.code < 0 or told.code in _REFUSED_QUERY:
            return StatusRefusal(description=told.description, http_status=got.http_status, code=told.code)
        asked = as_reference(reference_id)
        if told.reference_id not in (None, asked):
            return _unreadable(got.http_status)
        return StatusReport(told=replace(told, reference_id=asked), raw=got.body)

    async def _exchange(self, method: str, path: str, body: bytes, content_type: str) -> Received | Missed:
        return await self._endpoint.exchange(
            method,
            path,
            headers=self._headers(method, path, body, content_type),
            content=body,
            within=self._read_timeout,
            at_most=LONGEST_ANSWER,
        )

    def _headers(self, method: str, path: str, body: bytes, content_type: str) -> dict[str, str]:
        if self._auth == "basic":
            headers = basic_headers(self._key)
            return {**headers, "Content-Type": content_type} if content_type else headers
        skew = self.server_skew
        correction = skew if skew is not None and abs(skew) > _TOLERATED else timedelta()
        return digest_headers(
            self._key,
            method=method,
            path=f"{self._endpoint.base_path}{path}",
            body=body,
            content_type=content_type,
            date=self._clock() + correction,
            nonce=self._nonce(),
        )


def _unreadable(http_status: int) -> StatusRefusal:
    return StatusRefusal(
        description=tr("The answer was not one of Telesign's (HTTP {status}).", status=http_status),
        http_status=http_status,
        failure=SendFailure.UNREADABLE,
    )
