"""The relay's HTTP: callbacks in, events out."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import logging
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from console.relay.config import RelayConfig
from console.relay.cursors import BadCursor, CursorExpired, read_cursor, write_cursor
from console.relay.metrics import Metrics
from console.relay.store import NewEvent, Page, Store, StoredEvent, StoreUnavailable
from console.relay.waiting import Waiting
from console.telesign.callbacks import parse_callback
from console.telesign.jsons import as_reference
from console.telesign.signing import callback_signature, find_signer

log = logging.getLogger(__name__)

LATEST: Final = "latest"
MAX_LIMIT: Final = 1000
DEFAULT_LIMIT: Final = 200
MAX_WAIT: Final = 55
_RETRY_AFTER: Final = "5"
_DISCARDED: Final = 1024 * 1024
"""How much of a body over the cap is read and dropped, so that its sender gets to see the answer."""
_LABEL: Final = re.compile(r"[a-z0-9-]{1,32}", re.ASCII)
_WAIT: Final = re.compile(r"[0-9]{1,2}(\.[0-9]{1,6})?", re.ASCII)
_LIMIT: Final = re.compile(r"[0-9]{1,4}", re.ASCII)
_CODES: Final = {404: "not_found", 405: "method_not_allowed"}
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Refusal(Exception):  # noqa: N818 - an answer, not a mistake
    """A request that is answered with an error."""

    def __init__(self, status: int, error: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.error = error
        self.detail = detail
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class RelayApp:
    """The handlers and what they share."""

    def __init__(self, store: Store, config: RelayConfig) -> None:
        self._store = store
        self._config = config
        self._tokens = {hash_token(token): name for name, token in config.tokens.items()}
        self._readers: Counter[str] = Counter()
        self.metrics = Metrics()
        self.waiting = Waiting()
        store.on_commit(self._committed)

    def _committed(self, new: int, seconds: float) -> None:
        self.metrics.commit.observe(seconds)
        if new:
            self.waiting.wake_from_thread()

    # Callbacks

    async def callback(self, request: Request) -> Response:
        label = request.path_params.get("label")
        if label is not None and _LABEL.fullmatch(label) is None:
            raise Refusal(404, "not_found", "a label has 1 to 32 characters of a-z, 0-9 and -")
        body = await self._body(request)
        signer = find_signer(
            body,
            x_ts_authorization=request.headers.get("x-ts-authorization"),
            authorization=request.headers.get("authorization"),
            keys=self._config.keys,
        )
        if signer is None:
            raise Refusal(401, "bad_signature", "the callback is not signed with a key of this relay")
        told = parse_callback(body)
        event = NewEvent(
            received_at=datetime.now(UTC),
            kind=told.kind,
            reference_id=_storable(told.reference_id),
            external_id=_storable(told.external_id),
            customer_id=signer.customer_id,
            label=label,
            signature=callback_signature(signer, body),
            body=body,
        )
        (new,) = await self._store.append((event,))
        if new:
            self.metrics.accepted.labels(told.kind).inc()
        else:
            self.metrics.duplicates.inc()
        return JSONResponse({})

    async def _body(self, request: Request) -> bytes:
        cap = self._config.max_body
        body = bytearray()
        dropped = 0
        try:
            async with asyncio.timeout(self._config.body_seconds):
                async for chunk in request.stream():
                    if not dropped and len(body) + len(chunk) <= cap:
                        body += chunk
                        continue
                    dropped += len(chunk)
                    if dropped > _DISCARDED:
                        break
        except TimeoutError:
            raise Refusal(408, "too_slow", "the body did not arrive in time", Connection="close") from None
        except ClientDisconnect:
            raise Refusal(400, "cut_off", "the body did not arrive whole") from None
        if dropped:
            detail = f"a callback has at most {cap} bytes"
            raise Refusal(413, "too_large", detail, Connection="close")
        return bytes(body)

    # Events

    async def events(self, request: Request) -> Response:
        limit, wait = _limit(request), _wait(request)
        name = await self._reader(request)
        with self._counted(name):
            seen = self.waiting.seen()
            after = await self._after(request)
            page = await self._read(after, limit)
            if not page.events and wait:
                page = await self._held(request, page.next, limit, wait, seen)
        return self._answer(page)

    async def _held(self, request: Request, after: int, limit: int, wait: float, seen: int) -> Page:
        """Wait for the first events after a position, without asking the store meanwhile."""
        loop = asyncio.get_running_loop()
        end = loop.time() + wait
        gone = asyncio.create_task(_disconnected(request.receive))
        try:
            while (left := end - loop.time()) > 0:
                if not await self.waiting.wait(seen, seconds=left, gone=gone):
                    break
                seen = self.waiting.seen()
                await self._reader(request)  # a token that was revoked meanwhile reads nothing more
                page = await self._read(after, limit)
                if page.events:
                    return page
        finally:
            gone.cancel()
        return Page((), after, more=False)

    async def transaction(self, request: Request) -> Response:
        limit = _limit(request)
        name = await self._reader(request)
        with self._counted(name):
            after = await self._after(request)
            reference_id = as_reference(request.path_params["reference_id"])
            page = await self._read(after, limit, reference_id=_storable(reference_id) or "")
        return self._answer(page)

    async def _reader(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and token.strip():
            hashed = hash_token(token.strip())
            name = self._tokens.get(hashed) or await self._store.token_name(hashed)
            if name is not None:
                return name
        raise Refusal(401, "bad_token", "a valid token is needed", WWW_Authenticate="Bearer")

    @contextmanager
    def _counted(self, name: str) -> Iterator[None]:
        if self._readers[name] >= self._config.max_readers:
            detail = "too many requests with this token are open"
            raise Refusal(429, "too_many_readers", detail, Retry_After=_RETRY_AFTER)
        self._readers[name] += 1
        self.metrics.readers.inc()
        try:
            yield
        finally:
            self.metrics.readers.dec()
            self._readers[name] -= 1
            if not self._readers[name]:
                del self._readers[name]

    async def _after(self, request: Request) -> int | None:
        text = request.query_params.get("after")
        if text is None:
            return None
        if text == LATEST:
            return await self._store.latest()
        try:
            return read_cursor(text, identity=self._store.identity)
        except BadCursor as error:
            raise Refusal(400, "bad_cursor", str(error)) from None
        except CursorExpired as error:
            raise Refusal(410, "cursor_expired", str(error)) from None

    async def _read(self, after: int | None, limit: int, *, reference_id: str | None = None) -> Page:
        try:
            return await self._store.read(after, limit, reference_id=reference_id)
        except CursorExpired as error:
            raise Refusal(410, "cursor_expired", str(error)) from None

    def _answer(self, page: Page) -> Response:
        identity = self._store.identity
        events = [_event(event, identity) for event in page.events]
        return JSONResponse({"events": events, "next": write_cursor(identity, page.next), "more": page.more})

    # Health

    async def healthy(self, _request: Request) -> Response:
        return JSONResponse({"status": "alive"})

    async def ready(self, _request: Request) -> Response:
        await self._store.probe()
        return JSONResponse({"status": "ready"})

    async def measured(self, _request: Request) -> Response:
        return Response(self.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    # Errors

    async def refused(self, _request: Request, error: Exception) -> Response:
        if isinstance(error, StoreUnavailable):
            log.error("the store is unavailable: %s", error)
            detail = "nothing can be stored or read at the moment"
            error = Refusal(503, "unavailable", detail, Retry_After=_RETRY_AFTER)
        if isinstance(error, HTTPException):
            code = _CODES.get(error.status_code, "refused")
            error = Refusal(error.status_code, code, error.detail, **dict(error.headers or {}))
        if not isinstance(error, Refusal):
            error = Refusal(500, "internal_error", "the relay has failed; its log says more")
        self.metrics.refused.labels(error.error).inc()
        told = {"error": error.error, "detail": error.detail}
        return JSONResponse(told, status_code=error.status, headers=error.headers)


class _SecurityHeaders:
    """Adds what tells browsers to do nothing with our answers."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        await self._app(scope, receive, with_headers)


def create_app(store: Store, config: RelayConfig) -> Starlette:
    """The ASGI application over a store that is open. ``app.state.relay`` is the :class:`RelayApp`."""
    relay = RelayApp(store, config)
    headers = dict(_HEADERS)
    if config.tls_cert is not None:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    handlers: dict[Any, Callable[[Request, Exception], Any]] = dict.fromkeys(
        (Refusal, StoreUnavailable, HTTPException, Exception), relay.refused
    )
    app = Starlette(
        routes=[
            Route("/callbacks/telesign", relay.callback, methods=["GET", "POST"]),
            Route("/callbacks/telesign/{label}", relay.callback, methods=["GET", "POST"]),
            Route("/v1/events", relay.events),
            Route("/v1/events/{reference_id}", relay.transaction),
            Route("/healthz", relay.healthy),
            Route("/readyz", relay.ready),
            Route("/metrics", relay.measured),
        ],
        middleware=[Middleware(_SecurityHeaders, headers=headers)],
        exception_handlers=handlers,
    )
    app.router.redirect_slashes = False
    app.state.relay = relay
    return app


def hash_token(token: str) -> str:
    """SHA-256 in hex: tokens are long and random, so that nothing slower is needed."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _event(event: StoredEvent, identity: str) -> dict[str, str | None]:
    try:
        body, encoding = event.body.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        body, encoding = base64.b64encode(event.body).decode("ascii"), "base64"
    return {
        "cursor": write_cursor(identity, event.position),
        "received_at": event.received_at,
        "kind": event.kind,
        "reference_id": event.reference_id,
        "external_id": event.external_id,
        "customer_id": event.customer_id,
        "label": event.label,
        "signature": event.signature,
        "body": body,
        "body_encoding": encoding,
    }


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if _LIMIT.fullmatch(text) is None or not 1 <= int(text) <= MAX_LIMIT:
        raise Refusal(400, "bad_limit", f"limit must be a whole number from 1 to {MAX_LIMIT}")
    return int(text)


def _wait(request: Request) -> float:
    text = request.query_params.get("wait", "0")
    if _WAIT.fullmatch(text) is None or float(text) > MAX_WAIT:
        raise Refusal(400, "bad_wait", f"wait must be a number of seconds from 0 to {MAX_WAIT}")
    return float(text)


def _storable(text: str | None) -> str | None:
    """``text`` without what no database stores (halves of surrogate pairs, from JSON's escapes, and NUL)."""
    return None if text is None else text.encode("utf-8", "replace").decode("utf-8").replace("\0", "?")


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
