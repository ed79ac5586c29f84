"""A small HTTP/1.1 server whose answers can break on purpose.

ASGI servers own the socket and cannot stop half-way through an answer; this one, h11 on
asyncio streams, can: an :class:`Answer` says how it is to be broken.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

import h11

MAX_REQUEST: Final = 64 * 1024
"""Bytes of body above which a request is answered 413."""
_PATIENCE: Final = 16 * MAX_REQUEST
_IDLE_SECONDS: Final = 499.0
"""Telesign closes idle connections after this time (reference, section 1)."""
_CHUNK: Final = 64 * 1024
_LINGER: Final = "hh" if sys.platform == "win32" else "ii"  # struct linger


class Break(StrEnum):
    """How an answer fails."""

    NEVER = "never"
    """Nothing is sent; the connection stays open until the client gives up."""
    CUT = "cut"
    """Half of the body is sent, then the connection is reset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A whole request."""

    method: str
    path: str
    """Without the query string."""
    headers: Mapping[str, str]
    """Names in lower case; of repeated ones the last."""
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer, or how it breaks."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    broken: Break | None = None


Handler = Callable[[Request], Awaitable[Response]]


class HttpServer:
    """Serves ``handler`` on ``host``:``port`` (0: any free port) between ``start`` and ``stop``."""

    def __init__(self, handler: Handler, *, host: str, port: int) -> None:
        self._handler = handler
        self._host, self._port = host, port
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The base URL, without a slash at its end."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    async def start(self) -> None:
        """Begin to listen. Raises ``OSError`` where the address cannot be had."""
        self._server = await asyncio.start_server(self._connected, self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is None:
            return
        self._server.close()
        for connection in tuple(self._connections):
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            with contextlib.suppress(ConnectionError, TimeoutError):
                await _Connection(reader, writer, self._handler).serve()
        except asyncio.CancelledError:
            # Only stop() cancels a connection; the stream's own callback would report it as a failure.
            pass
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await writer.wait_closed()


class _Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler) -> None:
        self._reader, self._writer, self._handler = reader, writer, handler
        self._h11 = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        while True:
            try:
                request = await self._request()
            except h11.RemoteProtocolError as error:
                if self._h11.our_state in (h11.IDLE, h11.SEND_RESPONSE):
                    await self._send(Response(status=error.error_status_hint, content_type="text/html"))
                return
            if request is None:
                return
            if not await self._answer(await self._respond(request)):
                return
            if self._h11.our_state is not h11.DONE or self._h11.their_state is not h11.DONE:
                return
            self._h11.start_next_cycle()

    async def _respond(self, request: Request) -> Response:
        if len(request.body) > MAX_REQUEST:
            return Response(status=413, content_type="text/html", headers={"connection": "close"})
        return await self._handler(request)

    async def _request(self) -> Request | None:
        head: h11.Request | None = None
        body = bytearray()
        while True:
            event = self._h11.next_event()
            if event is h11.NEED_DATA:
                if self._h11.they_are_waiting_for_100_continue:
                    self._write(h11.InformationalResponse(status_code=100, headers=[]))
                async with asyncio.timeout(_IDLE_SECONDS):
                    self._h11.receive_data(await self._reader.read(_CHUNK))
            elif isinstance(event, h11.Request):
                head = event
            elif isinstance(event, h11.Data):
                # Read on past the limit for a while, so that the client gets to read the answer.
                body += event.data
                if len(body) > _PATIENCE:
                    break
            elif isinstance(event, h11.EndOfMessage):
                break
            else:  # ConnectionClosed, or PAUSED after it
                return None
        if head is None:
            return None
        target = urlsplit(head.target.decode("latin-1"))
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        return Request(
            method=head.method.decode("latin-1"), path=target.path, headers=headers, body=bytes(body)
        )

    async def _answer(self, response: Response) -> bool:
        """Send it; whether the connection may be used again."""
        if response.broken is Break.NEVER:
            while await self._reader.read(_CHUNK):
                pass  # whatever else the client says, it gets no answer
            return False
        await self._send(response)
        return response.broken is None

    async def _send(self, response: Response) -> None:
        headers = {
            "date": formatdate(usegmt=True),
            "server": "cascade-sandbox",
            "content-type": response.content_type,
            "content-length": str(len(response.body)),
            **response.headers,
        }
        self._write(h11.Response(status_code=response.status, headers=list(headers.items())))
        if response.broken is Break.CUT:
            self._write(h11.Data(data=response.body[: len(response.body) // 2]))
            await self._writer.drain()
            _reset(self._writer)
            return
        self._write(h11.Data(data=response.body))
        self._write(h11.EndOfMessage())
        await self._writer.drain()

    def _write(self, event: h11.Event) -> None:
        data = self._h11.send(event)
        if data:
            self._writer.write(data)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the other side sees a reset, not an orderly end."""
    connection: socket.socket | None = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(_LINGER, 1, 0))
    writer.transport.abort()
