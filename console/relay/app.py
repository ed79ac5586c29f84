"""The relay's HTTP: callbacks in, events out.

A bare ASGI application: for a handful of paths a framework's routing, request and response objects
cost more than everything else that a callback needs together.
"""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final, get_args

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST

from console.relay.config import RelayConfig
from console.relay.cursors import BadCursor, CursorExpired, Position, read_cursor, write_cursor
from console.relay.feed import Feed, Rendered, Waiter, tell
from console.relay.http import CONNECTION, Answer, Gone, Receive, Refusal, Request, Scope, Send, send_answer
from console.relay.intake import Intake
from console.relay.metrics import Lag, Metrics
from console.relay.openapi import document
from console.relay.probe import probe_answer, probe_id
from console.relay.store import NewEvent, Page, Store, StoredEvent, StoreUnavailable
from console.relay.tokens import Tokens, hash_token
from console.telesign.callbacks import Kind, outline_callback
from console.telesign.jsons import as_reference
from console.telesign.signing import find_signature

log = logging.getLogger(__name__)

LATEST: Final = "latest"
MAX_LIMIT: Final = 1000
DEFAULT_LIMIT: Final = 200
MAX_WAIT: Final = 55
_BOTH: Final = "GET, POST"
_CALLBACKS: Final = "/callbacks/telesign"
_EVENTS: Final = "/v1/events"
_RETRY_AFTER: Final = "5"
_MAX_ID: Final = 255
"""Longest reference or external id that is kept to search by; a longer one stands in the body only."""
_LABEL: Final = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_WAIT: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?", re.ASCII)
_LIMIT: Final = re.compile(r"[0-9]{1,4}", re.ASCII)
_STORED: Final = Answer(b"{}")

Handler = Callable[[Request], Awaitable[Answer]]


class RelayApp:
    """The handlers and what they share. ``start`` and ``close`` belong around all requests."""

    def __init__(self, store: Store, config: RelayConfig) -> None:
        self._store = store
        self._config = config
        self._tokens = Tokens(store, config.tokens)
        self._readers: Counter[str] = Counter()
        self._allowance: dict[str, tuple[float, float]] = {}
        self._lag = Lag()
        self.metrics = Metrics()
        # To find a counter by its label takes longer than to count.
        self._accepted = {kind: self.metrics.accepted.labels(kind) for kind in get_args(Kind)}
        self.feed = Feed(store, self._render)
        self.intake = Intake(store, committed=self.feed.look, measured=self._measured)
        self._description = json.dumps(document()).encode()
        self._plain: dict[str, tuple[str, Handler]] = {
            _EVENTS: ("GET", self._events),
            "/healthz": ("GET", self._healthy),
            "/readyz": ("GET", self._ready),
            "/metrics": ("GET", self._counts),
            "/openapi.json": ("GET", self._described),
        }

    def start(self) -> None:
        """On the running loop."""
        self.feed.start()

    async def close(self) -> None:
        """Let waiting readers go, take no more callbacks, commit those that were taken."""
        await self.feed.close()
        await self.intake.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"a relay speaks HTTP, not {scope['type']}")
        request = Request(scope, receive)
        try:
            answer = await self._answered(request)
        except Gone:
            self.metrics.refused.labels("cut_off").inc()
            return
        await send_answer(send, answer, scope)

    async def _answered(self, request: Request) -> Answer:
        try:
            return await self._handler(request)(request)
        except Refusal as refusal:
            return self._refused(refusal)
        except StoreUnavailable:
            detail = "nothing can be stored or read at the moment"
            return self._refused(Refusal(503, "unavailable", detail, Retry_After=_RETRY_AFTER))
        except CursorExpired as error:
            return self._refused(Refusal(410, "cursor_expired", str(error)))
        except Gone:
            raise
        except Exception:
            log.exception("a request failed")
            return self._refused(Refusal(500, "internal_error", "the relay has failed; its log says more"))

    def _refused(self, refusal: Refusal) -> Answer:
        self.metrics.refused.labels(refusal.error).inc()
        return Answer(refusal.body, refusal.status, headers=refusal.headers)

    def _handler(self, request: Request) -> Handler:
        path, method = request.scope["path"], request.scope["method"]
        allowed: str
        handler: Handler
        if path == _CALLBACKS or path.startswith(f"{_CALLBACKS}/"):
            allowed, handler = _BOTH, self._callback
        elif path in self._plain:
            allowed, handler = self._plain[path]
        elif path.startswith(f"{_EVENTS}/") and "/" not in path[len(_EVENTS) + 1 :]:
            allowed, handler = "GET", self._transaction
        else:
            raise Refusal(404, "not_found", "there is nothing at this address")
        if method not in allowed.split(", "):
            raise Refusal(405, "method_not_allowed", f"only {allowed} is answered here", Allow=allowed)
        return handler

    # Callbacks

    async def _callback(self, request: Request) -> Answer:
        rest = request.scope["path"].removeprefix(_CALLBACKS)
        label = rest[1:] if rest else None
        if label is not None and _LABEL.fullmatch(label) is None:
            raise Refusal(404, "not_found", "a label has 1 to 32 characters of a-z, 0-9 and -")
        body = await request.body(cap=self._config.max_body, seconds=self._config.body_seconds)
        signed = find_signature(
            body,
            x_ts_authorization=request.header(b"x-ts-authorization"),
            authorization=request.header(b"authorization"),
            keys=self._config.keys,
        )
        if signed is None:
            raise Refusal(401, "bad_signature", "the callback is not signed with a key of this relay")
        if (seen := probe_id(body)) is not None:
            await self.intake.probe()
            self.metrics.probes.inc()
            return Answer(probe_answer(seen))
        told = outline_callback(body)
        event = NewEvent(
            received_at=datetime.now(UTC),
            kind=told.kind,
            reference_id=_storable(told.reference_id),
            external_id=_storable(told.external_id),
            customer_id=signed.key.customer_id,
            label=label,
            signature=signed.signature,
            body=body,
        )
        if await self.intake.put(event):
            self._accepted[told.kind].inc()
        else:
            self.metrics.duplicates.inc()
        return _STORED

    def _measured(self, seconds: float, failed: bool) -> None:
        self.metrics.commit.observe(seconds)
        if failed:
            self.metrics.failed.inc()

    # Events

    async def _events(self, request: Request) -> Answer:
        query = request.query("after", "limit", "wait")
        limit, wait = _limit(query), _wait(query)
        token_hash, name = await self._reader(request)
        with self._counted(name):
            after = await self._after(query)
            page = None
            if not wait or after != self.feed.newest or self.feed.stale:
                await self.feed.refresh()
                seen = self.feed.newest
                page = await self.feed.read(after, limit)
            else:
                seen = self.feed.newest
            if wait and (page is None or page.empty):
                place = after if page is None else page.next
                assert place is not None
                page = await self._held(request, token_hash, after=place, limit=limit, wait=wait, seen=seen)
            assert page is not None
        self._lag.moved(after, page.next, behind=page.next.number < self.feed.newest.number)
        self.metrics.served.inc()
        return page.answer

    async def _held(
        self, request: Request, token_hash: str, *, after: Position, limit: int, wait: float, seen: Position
    ) -> Rendered:
        """Wait for the first events after a place, without asking the store meanwhile."""
        loop = asyncio.get_running_loop()
        end = loop.time() + wait
        connection = request.scope.get(CONNECTION)
        while True:
            if self.feed.stale:  # what was committed while nobody waited
                await self.feed.refresh()
            told: Rendered | None = None
            if self.feed.newest == seen:
                waiter: Waiter = loop.create_future()
                ending = loop.call_at(end, tell, (waiter,), None)
                if connection is not None:
                    if connection.lost:  # while the store was asked
                        ending.cancel()
                        raise Gone
                    connection.parked = waiter
                self.feed.park(waiter, after, limit)
                try:
                    told = await waiter
                finally:
                    ending.cancel()
                    self.feed.unpark(waiter, after, limit)
                    if connection is not None:
                        connection.parked = None
                if told is None:
                    if connection is not None and connection.lost:
                        raise Gone
                    return self._rendered(Page((), after, more=False))
            if await self._tokens.name(token_hash) is None:
                raise _bad_token()  # it was revoked meanwhile
            if told is not None and not told.empty:
                return told
            seen = self.feed.newest
            page = await self.feed.read(after, limit)
            if not page.empty:
                return page

    async def _transaction(self, request: Request) -> Answer:
        query = request.query("after", "limit")
        limit = _limit(query)
        _, name = await self._reader(request)
        with self._counted(name):
            after = await self._after(query)
            reference_id = as_reference(request.scope["path"][len(_EVENTS) + 1 :])
            page = await self._store.transaction(_storable(reference_id) or "", after, limit)
        return Answer(self._render(page))

    async def _reader(self, request: Request) -> tuple[str, str]:
        scheme, _, token = (request.header(b"authorization") or "").partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            token_hash = hash_token(token.strip())
            name = await self._tokens.name(token_hash)
            if name is not None:
                self._spend(name)
                return token_hash, name
        raise _bad_token()

    def _spend(self, name: str) -> None:
        """One request of this token's allowance: so many a second, and a burst for a general waking."""
        rate, burst = self._config.read_rate, self._config.read_rate + 2 * self._config.max_readers
        now = time.monotonic()
        left, since = self._allowance.get(name, (float(burst), now))
        left = min(burst, left + (now - since) * rate)
        if left < 1:
            detail = "too many requests with this token"
            raise Refusal(429, "too_many_requests", detail, Retry_After="1")
        self._allowance[name] = (left - 1, now)

    @contextmanager
    def _counted(self, name: str) -> Iterator[None]:
        if self._readers[name] >= self._config.max_readers:
            detail = "too many requests with this token are open"
            raise Refusal(429, "too_many_readers", detail, Retry_After=_RETRY_AFTER)
        self._readers[name] += 1
        try:
            yield
        finally:
            self._readers[name] -= 1
            if not self._readers[name]:
                del self._readers[name]

    async def _after(self, query: dict[str, str]) -> Position | None:
        text = query.get("after")
        if text is None:
            return None
        if text == LATEST:
            return await self.feed.refresh()
        try:
            return read_cursor(text, identity=self._store.identity)
        except BadCursor as error:
            raise Refusal(400, "bad_cursor", str(error)) from None

    def _rendered(self, page: Page) -> Rendered:
        return Rendered(page, self._render(page))

    def _render(self, page: Page) -> bytes:
        identity = self._store.identity
        told = {
            "events": [_event(event, identity) for event in page.events],
            "next": write_cursor(identity, page.next),
            "more": page.more,
        }
        return msgspec.json.encode(told)

    # Health

    async def _healthy(self, _request: Request) -> Answer:
        return Answer(b'{"status":"alive"}')

    async def _ready(self, _request: Request) -> Answer:
        await self.intake.probe()
        return Answer(b'{"status":"ready"}')

    async def _described(self, _request: Request) -> Answer:
        return Answer(self._description)

    async def _counts(self, _request: Request) -> Answer:
        metrics = self.metrics
        metrics.readers.set(self._readers.total())
        metrics.parked.set(self.feed.waiting)
        metrics.waiting.set(self.intake.waiting)
        metrics.oldest.set(self.intake.oldest_seconds)
        metrics.newest.set(self.feed.newest.number)
        events, seconds = self._lag.worst(self.feed.newest)
        metrics.lag.set(events)
        metrics.lag_seconds.set(seconds)
        try:
            metrics.blocked.set(await self._store.blocked_seconds())
        except StoreUnavailable:
            metrics.blocked.set(float("nan"))
        return Answer(metrics.text(), content_type=CONTENT_TYPE_LATEST.encode())


def create_app(store: Store, config: RelayConfig) -> RelayApp:
    """The ASGI application over a store that is open."""
    return RelayApp(store, config)


def _bad_token() -> Refusal:
    return Refusal(401, "bad_token", "a valid token is needed", WWW_Authenticate="Bearer")


def _event(event: StoredEvent, identity: str) -> dict[str, Any]:
    try:
        body, encoding = event.body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        body, encoding = base64.b64encode(event.body).decode("ascii"), "base64"
    return {
        "cursor": write_cursor(identity, event.position),
        "received_at": event.received_at.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z",
        "kind": event.kind,
        "reference_id": event.reference_id,
        "external_id": event.external_id,
        "customer_id": event.customer_id,
        "label": event.label,
        "signature": event.signature,
        "body": body,
        "body_encoding": encoding,
    }


def _limit(query: dict[str, str]) -> int:
    text = query.get("limit", str(DEFAULT_LIMIT))
    if _LIMIT.fullmatch(text) is None or not 1 <= int(text) <= MAX_LIMIT:
        raise Refusal(400, "bad_limit", f"limit must be a whole number from 1 to {MAX_LIMIT}")
    return int(text)


def _wait(query: dict[str, str]) -> float:
    text = query.get("wait", "0")
    if _WAIT.fullmatch(text) is None or float(text) > MAX_WAIT:
        raise Refusal(400, "bad_wait", f"wait must be a number of seconds from 0 to {MAX_WAIT}")
    return float(text)


def _storable(text: str | None) -> str | None:
    """``text`` as both databases can keep and search it.

    No halves of surrogate pairs (JSON's escapes can make them) and no NUL; nothing longer than an
    index takes.
    """
    if text is None or len(text) > _MAX_ID:
        return None
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")
