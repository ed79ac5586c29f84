"""The relay's feed as a console reads it: pages of events by cursor, with long polling."""

from __future__ import annotations

import asyncio
import base64
import binascii
import math
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import quote

from console.cascade.facts import SendFailure, Verification
from console.cascade.words import tr
from console.telesign.jsons import as_id, as_object, as_reference, as_text, read_object
from console.telesign.received import Missed, Received, now_utc
from console.telesign.signing import AccountKey, find_signer, same_id
from console.telesign.times import parse_time
from console.telesign.usual import Event, usual_page

if TYPE_CHECKING:
    import httpx

LATEST: Final = "latest"
"""As ``after``: begin at now."""
MOST_EVENTS: Final = 1000
LONGEST_WAIT: Final = 55.0
"""Seconds the relay holds a poll at most."""
_MARGIN: Final = 15.0
"""Seconds beyond the wait for the answer to be made and to travel."""
_LONGEST_EVENT: Final = 6 * 64 * 1024 + 4096
"""A body of 64 KiB with every character escaped, and the rest of an event."""
_LONGEST_PAUSE: Final = 3600.0

ProblemKind = Literal["unreachable", "unauthorised", "expired", "overloaded", "unreadable"]
EventKind = Literal["delivery", "reply", "sms_report", "unknown"]
_KINDS: Final[Mapping[str, EventKind]] = {
    "delivery": "delivery",
    "reply": "reply",
    "sms_report": "sms_report",
    "unknown": "unknown",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayEvent:
    """One callback as the relay kept it."""

    cursor: str
    received_at: datetime
    kind: EventKind
    """The relay's opinion; a kind of a newer relay is ``unknown`` here. The body decides."""
    reference_id: str | None
    external_id: str | None
    customer_id: str | None
    label: str | None
    signature: str | None
    raw_body: bytes = field(repr=False)
    """The exact bytes Telesign sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """Some events in order, and where to go on."""

    events: tuple[RelayEvent, ...]
    next: str
    more: bool
    """There is more to fetch at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayProblem:
    """Why there is no page.

    ``unreachable``: no connection, no answer, or a server error; ask again later. ``unauthorised``:
    the token is not accepted. ``expired``: the cursor is of another store or too old; begin anew.
    ``overloaded``: ask again after ``retry_after``. ``unreadable``: this is not a relay we understand.
    """

    kind: ProblemKind
    detail: str
    """One sentence for a person."""
    retry_after: float | None = None
    """Seconds, 0 to 3600, where the relay named them."""
    http_status: int | None = None


class RelayClient:
    """One relay. Belongs to one event loop. Arguments as :class:`console.telesign.exchange.Endpoint`.

    Raises:
        BadUrl: for an address that must not be used.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        proxy: str | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
        ca_file: str = "",
        connect_timeout: float = 10.0,
        margin: float = _MARGIN,
        clock: Callable[[], datetime] = now_utc,
    ) -> None:
        from console.telesign.exchange import Endpoint  # noqa: PLC0415 - httpx comes with the first client

        self._endpoint = Endpoint(
            url,
            proxy=proxy,
            transport=transport,
            tls=tls,
            ca_file=ca_file,
            connect_timeout=connect_timeout,
            clock=clock,
        )
        self._token = token.strip()
        self._margin = margin

    @property
    def server_skew(self) -> timedelta | None:
        """The relay's clock minus ours, to about a second; ``None`` until it has answered."""
        return self._endpoint.server_skew

    async def prepare(self) -> None:
        """Do what is slow (certificates, proxy settings) before the first request, off this thread."""
        await self._endpoint.prepare()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoint.aclose()

    async def events(
        self, after: str | None = None, limit: int = 200, wait: float = 0.0
    ) -> EventPage | RelayProblem:
        """The events after a cursor: one request.

        Args:
            after: a cursor, :data:`LATEST`, or ``None`` for the oldest event.
            limit: 1 to 1000.
            wait: seconds, 0 to 55, that the relay may hold the question while there is nothing.
        """
        limit = min(max(limit, 1), MOST_EVENTS)
        wait = min(max(wait, 0.0), LONGEST_WAIT)
        params = {"limit": str(limit), "wait": f"{wait:g}"}
        if after is not None:
            params["after"] = after
        return await self._page("/v1/events", params, wait, limit)

    async def by_reference(self, reference_id: str) -> EventPage | RelayProblem:
        """All events of one transaction."""
        if reference_id in ("", ".", ".."):
            return RelayProblem(kind="unreadable", detail=tr("This reference id cannot be asked about."))
        path = f"/v1/events/{quote(reference_id, safe='', errors='replace')}"
        return await self._page(path, {}, 0.0, MOST_EVENTS)

    async def health(self) -> RelayProblem | None:
        """Whether the relay is alive; ``None`` is good news. Says nothing about the token."""
        got = await self._get("/healthz", {}, {}, 0.0, 1)
        if isinstance(got, Missed):
            return _missed(got)
        return None if got.http_status == 200 else _refused(got)

    async def _page(
        self, path: str, params: Mapping[str, str], wait: float, limit: int
    ) -> EventPage | RelayProblem:
        if not self._token or not self._token.isascii() or not self._token.isprintable():
            return RelayProblem(kind="unauthorised", detail=tr("The relay token is missing or not one."))
        got = await self._get(path, params, {"Authorization": f"Bearer {self._token}"}, wait, limit)
        if isinstance(got, Missed):
            return _missed(got)
        if got.http_status != 200:
            return _refused(got)
        # A full page takes longer to read than a frame may take to paint.
        page = await asyncio.to_thread(parse_page, got.body)
        return page or _unreadable(got.http_status)

    async def _get(
        self, path: str, params: Mapping[str, str], headers: Mapping[str, str], wait: float, limit: int
    ) -> Received | Missed:
        return await self._endpoint.exchange(
            "GET",
            path,
            headers=headers,
            params=params,
            within=wait + self._margin,
            at_most=(limit + 1) * _LONGEST_EVENT,
        )


def verify_event(event: RelayEvent, keys: Sequence[AccountKey]) -> Verification:
    """How far this desk itself can prove where the event comes from.

    ``DESK`` if one of ``keys`` signed the exact bytes; ``FAILED`` if a key of the very account is
    here and did not; ``RELAY`` if no key here could tell.
    """
    signer = find_signer(event.raw_body, x_ts_authorization=event.signature, authorization=None, keys=keys)
    claimed = event.customer_id or ""
    if signer is not None and (not claimed or same_id(claimed, signer.customer_id)):
        return Verification.DESK
    held = any(same_id(key.customer_id, claimed) for key in keys)
    return Verification.FAILED if held or (keys and not claimed) else Verification.RELAY


def parse_page(body: bytes) -> EventPage | None:
    """Read a page; ``None`` if anything that matters is missing or of the wrong kind."""
    usual = usual_page(body)
    if usual is not None and usual.next:
        found = [_usual(each) for each in usual.events]
        return _page(found, usual.next, more=usual.more)
    fields = read_object(body) or {}
    told, cursor, more = fields.get("events"), fields.get("next"), fields.get("more")
    if not isinstance(told, list) or not isinstance(cursor, str) or not cursor or not isinstance(more, bool):
        return None
    return _page([_event(as_object(each)) for each in told], cursor, more=more)


def _page(events: Sequence[RelayEvent | None], cursor: str, *, more: bool) -> EventPage | None:
    whole = tuple(event for event in events if event is not None)
    # One unreadable event spoils the page: to pass it over would be to lose it.
    return EventPage(events=whole, next=cursor, more=more) if len(whole) == len(events) else None


def _usual(told: Event) -> RelayEvent | None:
    received_at, raw = parse_time(told.received_at), _raw_body(told.body, told.body_encoding)
    if not told.cursor or received_at is None or raw is None:
        return None
    return RelayEvent(
        cursor=told.cursor,
        received_at=received_at,
        kind=_KINDS.get(told.kind, "unknown"),
        reference_id=as_reference(told.reference_id),
        external_id=as_id(told.external_id),
        customer_id=as_id(told.customer_id),
        label=as_id(told.label),
        signature=as_id(told.signature),
        raw_body=raw,
    )


def _event(told: Mapping[str, Any]) -> RelayEvent | None:
    cursor, received_at = told.get("cursor"), parse_time(told.get("received_at"))
    raw = _raw_body(told.get("body"), told.get("body_encoding", "utf-8"))
    if not isinstance(cursor, str) or not cursor or received_at is None or raw is None:
        return None
    return RelayEvent(
        cursor=cursor,
        received_at=received_at,
        kind=_KINDS.get(as_text(told.get("kind")), "unknown"),
        reference_id=as_reference(told.get("reference_id")),
        external_id=as_id(told.get("external_id")),
        customer_id=as_id(told.get("customer_id")),
        label=as_id(told.get("label")),
        signature=as_id(told.get("signature")),
        raw_body=raw,
    )


def _raw_body(body: object, encoding: object) -> bytes | None:
    if not isinstance(body, str):
        return None
    try:
        if encoding == "base64":
            return base64.b64decode(body, validate=True)
        return body.encode() if encoding == "utf-8" else None
    except (binascii.Error, ValueError):
        return None


def _missed(got: Missed) -> RelayProblem:
    kind: ProblemKind = "unreadable" if got.failure is SendFailure.UNREADABLE else "unreachable"
    return RelayProblem(kind=kind, detail=got.detail, http_status=got.http_status)


def _refused(got: Received) -> RelayProblem:
    status = got.http_status
    if status in (401, 403):
        detail = tr("The relay does not accept the token.")
        return RelayProblem(kind="unauthorised", detail=detail, http_status=status)
    if status == 410 and as_text((read_object(got.body) or {}).get("error")) == "cursor_expired":
        detail = tr("The relay no longer has what comes after the last event known here.")
        return RelayProblem(kind="expired", detail=detail, http_status=status)
    if status in (429, 503):
        return RelayProblem(
            kind="overloaded",
            detail=tr("The relay has too much to do at the moment."),
            retry_after=_pause(got.headers.get("retry-after")),
            http_status=status,
        )
    if status >= 500:
        detail = tr("The relay has a fault (HTTP {status}).", status=status)
        return RelayProblem(kind="unreachable", detail=detail, http_status=status)
    return _unreadable(status)


def _unreadable(status: int) -> RelayProblem:
    detail = tr("The answer is not one of a relay's (HTTP {status}): is the address right?", status=status)
    return RelayProblem(kind="unreadable", detail=detail, http_status=status)


def _pause(text: str | None) -> float | None:
    """``Retry-After`` in seconds. As a date it would need a common clock; no relay of ours writes one."""
    try:
        seconds = float(text or "")
    except ValueError:
        return None
    return min(max(seconds, 0.0), _LONGEST_PAUSE) if math.isfinite(seconds) else None
