"""What a measured console talks to: a relay in a process of its own, a stand-in for Telesign, and
other consoles that wait at the same relay."""

from __future__ import annotations

import contextlib
import http.client
import json
import sqlite3
import threading
import time
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

from console.journal.opening import FILE
from console.telesign.signing import callback_signature
from tests.benchmarks.stock import KEY, TOKEN

NOWHERE: Final = "http://127.0.0.1:9"
"""An address where nobody answers."""


def account(*, api_url: str = NOWHERE, relay_url: str = "") -> dict[str, str]:
    """Settings of a console with an account."""
    return {
        "CASCADE_API_URL": api_url,
        "CASCADE_CUSTOMER_ID": KEY.customer_id,
        "CASCADE_API_KEY": KEY.api_key,
        "CASCADE_RELAY_URL": relay_url,
        "CASCADE_RELAY_TOKEN": TOKEN,
        "NO_PROXY": "*",
    }


class Teller:
    """Tells a relay callbacks on one connection, as Telesign does."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def tell(self, body: bytes) -> float:
        """The moment of its 200."""
        headers = {"X-TS-Authorization": callback_signature(KEY, body), "Content-Type": "application/json"}
        self._connection.request("POST", "/callbacks/telesign", body, headers)
        answer = self._connection.getresponse()
        moment = time.monotonic()
        told = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the relay refused a callback: {answer.status} {told!r}")
        return moment

    def close(self) -> None:
        self._connection.close()


class Telesign:
    """Takes messages, and looks whether each was in the journal, on disk, before it came here.

    ``silent``: takes the connection and never answers.
    """

    def __init__(self, journal: Path, *, silent: bool) -> None:
        self.received = 0
        self.unrecorded: list[str] = []
        self.ended = threading.Event()
        place = journal / FILE
        owner = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                external_id = json.loads(body)["external_id"]
                # A connection of its own sees committed rows only.
                with contextlib.closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as db:
                    found = db.execute(
                        "SELECT count(*) FROM facts f JOIN messages m ON m.row = f.message"
                        " JOIN requests r ON r.message = m.row"
                        " WHERE m.external_id = ? AND f.kind IN ('queued', 'send_began') AND r.body = ?",
                        (external_id, body),
                    ).fetchone()[0]
                owner.received += 1
                if found != 2:
                    owner.unrecorded.append(external_id)
                if silent:
                    owner.ended.wait(60)
                    return
                told = {
                    "reference_id": uuid.uuid4().hex.upper(),
                    "external_id": external_id,
                    "status": {"code": 3001, "description": "Request in progress"},
                }
                answer = json.dumps(told).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - theirs
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def end(self) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def telesign(journal: Path, *, silent: bool) -> Iterator[Telesign]:
    """A stand-in that is gone at the end."""
    running = Telesign(journal, silent=silent)
    try:
        yield running
    finally:
        running.end()
