"""A connection that cannot be held open by doing little or nothing.

uvicorn has no deadline for a request's head, no cap on its size, none for a response that is not
read, and a keep-alive time-out that any byte puts off. Here each connection has at most one
deadline at a time, a number that one sweep a second compares with the clock: next to nothing is spent
on the requests that behave, and nothing on readers that wait.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from console.relay.http import CONNECTION, Answer, Refusal, Send, header_lines, raw_answer

MAX_HEAD: Final = 32 * 1024
"""Bytes of a request's line and headers. Telesign's have about one thousand."""
_NEVER: Final = float("inf")
_OK: Final = b"HTTP/1.1 200 OK\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Seconds, and a number of connections."""

    head_seconds: float
    """From the connection or the first byte of a request to the end of its headers."""
    body_seconds: float
    """From there to the end of its body."""
    write_seconds: float
    """How long a client may leave an answer unread."""
    connections: int


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol with deadlines. Made by :func:`guarded`."""

    limits: Limits
    refused: Callable[[str], None]
    bound: set[GuardedProtocol]
    """The connections that have a deadline."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self.deadline = _NEVER
        self.parked: asyncio.Future[Any] | None = None
        """What the reader on this connection waits for; told ``None`` when the connection is lost."""
        self.lost = False
        self._head = 0
        """Bytes received of a head that is not complete; 0: none is under way."""
        self._chunk = self._most = 0
        """Bytes received at once; bytes that a head may have at most, with what came together with it."""
        self._reading = False
        """Between the first byte of a request and the end of its body."""
        self._paused = False

    @property
    def whole(self) -> bool:
        """Nothing of the request that is being answered is still to come."""
        return not self._reading

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._bind(self.loop.time() + self.limits.head_seconds)
        if len(self.connections) > self.limits.connections:
            self._refuse(
                Refusal(503, "too_many_connections", "too many connections are open", Retry_After="5")
            )

    def connection_lost(self, exc: Exception | None) -> None:
        self._bind(_NEVER)
        self.lost = True
        if self.parked is not None and not self.parked.done():
            self.parked.set_result(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.lost or self.transport.is_closing():
            return
        if self.deadline == _NEVER:
            # Whatever these bytes are, more must make a request of them in time.
            self._bind(self.loop.time() + self.limits.head_seconds)
        self._chunk = len(data)
        if self._head:
            self._head += self._chunk
            self._most += self._chunk
        super().data_received(data)
        if self._head > MAX_HEAD:
            self._refuse(Refusal(431, "head_too_large", "the request's headers are too large"))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reading = True
        self._head, self._most = 1, self._chunk

    def on_headers_complete(self) -> None:
        self._head = 0
        if self._most > MAX_HEAD and self._head_bytes() > MAX_HEAD:
            self._refuse(Refusal(431, "head_too_large", "the request's headers are too large"))
            return
        self.scope[CONNECTION] = self  # type: ignore[typeddict-unknown-key]
        # A little later than the application's own deadline, whose answer is the better one.
        self._bind(self.loop.time() + self.limits.body_seconds + 1)
        super().on_headers_complete()

    def _head_bytes(self) -> int:
        return sum(len(name) + len(value) for name, value in self.headers) + len(self.url)

    def on_message_complete(self) -> None:
        self._reading = False
        if not self._paused:
            self._bind(_NEVER)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._reading:  # answered before the body was there: it must still come to an end
            self._bind(min(self.deadline, self.loop.time() + self.limits.body_seconds))

    def pause_writing(self) -> None:
        super().pause_writing()
        self._paused = True
        self._bind(self.loop.time() + self.limits.write_seconds)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._paused:
            self._paused = False
            self._bind(_NEVER)

    def sent(self, send: Send, answer: Answer, *, tls: bool) -> bool:
        """Send an answer of status 200 in one piece; ``False``: it must go the usual way.

        uvicorn looks at every header of every answer with two regular expressions, which took a third of
        all that a callback cost. Here it is left as it would leave itself.
        """
        cycle = getattr(send, "__self__", None)  # of several on their way, the one that is answered
        if (
            type(cycle) is not RequestResponseCycle
            or cycle.response_started
            or cycle.disconnected
            or not cycle.keep_alive
            or cycle.waiting_for_100_continue
            or self._paused
        ):
            return False
        cycle.response_started = cycle.response_complete = True
        self.transport.write(_OK + header_lines(cycle.default_headers) + answer.written(tls=tls))
        cycle.message_event.set()
        cycle.on_response()
        return True

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's sentence is replaced
        self._refuse(Refusal(400, "bad_request", "this is not HTTP as it should be"))

    def _bind(self, deadline: float) -> None:
        self.deadline = deadline
        if deadline == _NEVER:
            self.bound.discard(self)
        else:
            self.bound.add(self)

    def overdue(self) -> None:
        """The deadline has passed."""
        self._bind(_NEVER)
        if self._between():
            self._refuse(Refusal(408, "too_slow", "the request did not arrive in time"))
        else:
            self.refused("too_slow")
            self.transport.abort()

    def _between(self) -> bool:
        """Whether no request is being answered, so that an answer may be written."""
        cycle: RequestResponseCycle | None = self.cycle  # None until the first request
        return (cycle is None or cycle.response_complete) and not self._paused

    def _refuse(self, refusal: Refusal) -> None:
        self.refused(refusal.error)
        if not self.transport.is_closing():
            if self._between():
                self.transport.write(raw_answer(refusal))
            self.transport.close()


def guarded(limits: Limits, refused: Callable[[str], None]) -> type[GuardedProtocol]:
    """The protocol with these limits; ``refused`` is told the reason whenever one is met."""
    own = {"limits": limits, "refused": staticmethod(refused), "bound": set()}
    return type("Guarded", (GuardedProtocol,), own)


async def sweep(bound: set[GuardedProtocol], *, every: float) -> None:
    """Enforce the deadlines of ``bound``, a live set, until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(every)
        now = loop.time()
        for each in list(bound):
            if each.deadline < now:
                with contextlib.suppress(RuntimeError):  # the transport went away meanwhile
                    each.overdue()
