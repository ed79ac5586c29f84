"""What the relay is measured against: the least that could be called one, and less than that.

``reference``: a bare ASGI function that checks the HMAC and hands rows to one writer thread with
group commit (at most 256) and ``synchronous=FULL``, nothing else. It parses nothing, knows no
duplicates, caps nothing and times nothing out. ``noop`` checks the same HMAC and answers.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import queue
import sqlite3
import sys
import threading
from typing import Any

import uvicorn
import uvloop

from tests.relay.conftest import KEY, TOKEN

SECRET = base64.b64decode(KEY.api_key)
BEARER = f"Bearer {TOKEN}".encode()
_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", b"2")],
}
_END = {"type": "http.response.body", "body": b"{}"}


class Reference:
    def __init__(self, path: str | None) -> None:
        self._path = path
        self._rows: queue.SimpleQueue[tuple[asyncio.Future[None], bytes, str]] = queue.SimpleQueue()
        self._parked: set[asyncio.Future[None]] = set()
        if path is not None:
            threading.Thread(target=self._write, daemon=True).start()

    def _write(self) -> None:
        assert self._path is not None
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(
            "CREATE TABLE events (number INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB, signature)"
        )
        while True:
            batch = [self._rows.get()]
            while len(batch) < 256 and not self._rows.empty():
                batch.append(self._rows.get())
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT INTO events (body, signature) VALUES (?, ?)", [row[1:] for row in batch]
            )
            connection.execute("COMMIT")
            batch[0][0].get_loop().call_soon_threadsafe(self._done, [row[0] for row in batch])

    def _done(self, answers: list[asyncio.Future[None]]) -> None:
        for answer in answers:
            answer.set_result(None)
        parked, self._parked = self._parked, set()
        for each in parked:
            each.set_result(None)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "GET":
            await self._park(scope)
        else:
            body = b""
            more = True
            while more:
                message = await receive()
                body += message["body"]
                more = message["more_body"]
            signature = next(value for name, value in scope["headers"] if name == b"x-ts-authorization")
            expected = base64.b64encode(hmac.digest(SECRET, body, hashlib.sha256))
            assert hmac.compare_digest(signature, expected)
            if self._path is not None:
                answer = asyncio.get_running_loop().create_future()
                self._rows.put((answer, body, signature.decode()))
                await answer
        await send(_START)
        await send(_END)

    async def _park(self, scope: Any) -> None:
        if scope["path"] == "/v1/events" and any(value == BEARER for _, value in scope["headers"]):
            waiter = asyncio.get_running_loop().create_future()
            self._parked.add(waiter)
            await waiter


def main() -> None:
    """``relay_reference PORT [DATABASE]``: with a database the reference, without one the no-op."""
    import resource

    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    app = Reference(sys.argv[2] if len(sys.argv) > 2 else None)
    config = uvicorn.Config(
        app,
        port=int(sys.argv[1]),
        lifespan="off",
        log_config=None,
        access_log=False,
        ws="none",
        http="httptools",
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
