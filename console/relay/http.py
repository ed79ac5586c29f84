"""As much of HTTP over ASGI as a relay needs: answers, refusals, bodies with a cap and a deadline."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import parse_qsl

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

CONNECTION: Final = "cascade.connection"
"""Where a scope carries the connection, if the server has one that tells of itself (see ``protocol``)."""
_DISCARDED: Final = 1024 * 1024
"""How much of a body over the cap is read and dropped, so that its sender gets to see the answer."""
_SAFE: Final = (
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)
_TLS_ONLY: Final = (b"strict-transport-security", b"max-age=31536000")
_JSON: Final = b"application/json"


class Refusal(Exception):  # noqa: N818 - an answer, not a mistake
    """A request that is answered with an error.

    Args:
        status: of HTTP.
        error: the code; also the ``reason`` in the metrics.
        detail: one sentence for a person.
        headers: more headers; ``_`` in a name stands for ``-``.
    """

    def __init__(self, status: int, error: str, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status = status
        self.error = error
        self.headers = tuple(
            (name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()
        )

    @property
    def body(self) -> bytes:
        return json.dumps({"error": self.error, "detail": str(self)}).encode()


class Gone(Exception):  # noqa: N818 - a state, not a mistake
    """The client has hung up: there is nobody to answer."""


@dataclass(slots=True)
class Answer:
    """What is sent back."""

    body: bytes
    status: int = 200
    content_type: bytes = _JSON
    headers: tuple[tuple[bytes, bytes], ...] = ()
    _written: dict[bool, bytes] = field(default_factory=dict, repr=False)

    def every_header(self, *, tls: bool) -> list[tuple[bytes, bytes]]:
        """Its own headers and those every answer carries."""
        return [
            (b"content-type", self.content_type),
            (b"content-length", b"%d" % len(self.body)),
            *_SAFE,
            *self.headers,
            *((_TLS_ONLY,) if tls else ()),
        ]

    def written(self, *, tls: bool) -> bytes:
        """Its headers and its body as bytes, for one that is sent again and again made only once."""
        if tls not in self._written:
            self._written[tls] = header_lines(self.every_header(tls=tls)) + b"\r\n" + self.body
        return self._written[tls]


@dataclass(slots=True)
class Request:
    """A request, read only as far as is asked for."""

    scope: Scope
    receive: Receive = field(repr=False)

    def header(self, name: bytes) -> str | None:
        """The first header of this (lower case) name."""
        for each, value in self.scope["headers"]:
            if each == name:
                return str(value.decode("latin-1"))
        return None

    def query(self, *known: str) -> dict[str, str]:
        """The parameters, each of them one of ``known`` and given once.

        Raises:
            Refusal: the query is not one, or holds others: a misspelt ``after`` would otherwise
                begin at the oldest event in silence.
        """
        try:
            text = self.scope["query_string"].decode("ascii")
            given = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=20)
        except ValueError:
            raise Refusal(400, "bad_query", "the query cannot be read") from None
        query = dict(given)
        if not query.keys() <= set(known) or len(query) < len(given):
            detail = f"only these parameters are known, each given once: {', '.join(known)}"
            raise Refusal(400, "bad_query", detail)
        return query

    async def body(self, *, cap: int, seconds: float) -> bytes:
        """The whole body. Where it is there already, no deadline is set up: that costs as much as reading it.

        Raises:
            Refusal: it is larger than ``cap``, or slower than ``seconds``.
            Gone: the client hung up.
        """
        connection = self.scope.get(CONNECTION)
        if connection is not None and connection.whole:
            return await self._body(cap)
        try:
            async with asyncio.timeout(seconds):
                return await self._body(cap)
        except TimeoutError:
            detail = "the body did not arrive in time"
            raise Refusal(408, "too_slow", detail, Connection="close") from None

    async def _body(self, cap: int) -> bytes:
        body = b""
        while True:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Gone
            chunk = message.get("body", b"")
            if len(body) + len(chunk) > cap:
                await self._discard(len(chunk), more=message.get("more_body", False))
                detail = f"a callback has at most {cap} bytes"
                raise Refusal(413, "too_large", detail, Connection="close")
            body = body + chunk if body else chunk
            if not message.get("more_body", False):
                return bytes(body)

    async def _discard(self, dropped: int, *, more: bool) -> None:
        # Closing with bytes unread would reset the connection under the answer.
        while more and dropped < _DISCARDED:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Gone
            dropped += len(message.get("body", b""))
            more = message.get("more_body", False)


async def send_answer(send: Send, answer: Answer, scope: Scope) -> None:
    """Send it: at once, where the server can do that."""
    tls, connection = scope["scheme"] == "https", scope.get(CONNECTION)
    if connection is not None and answer.status == HTTPStatus.OK and connection.sent(send, answer, tls=tls):
        return
    headers = answer.every_header(tls=tls)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def header_lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Headers as they are written."""
    return b"".join([name + b": " + value + b"\r\n" for name, value in headers])


def raw_answer(refusal: Refusal) -> bytes:
    """The same refusal as bytes for a connection on which there is no request to answer."""
    head = (
        f"HTTP/1.1 {refusal.status} Refused\r\nconnection: close\r\ncontent-length: {len(refusal.body)}\r\n"
    )
    lines = header_lines([(b"content-type", _JSON), *_SAFE])
    return head.encode() + lines + b"\r\n" + refusal.body
