"""Load on a relay: signed callbacks by an open schedule, or as fast as they are answered.

Open: callback *n* is due at *n / rate*, whatever came of those before it; its time counts from
when it was due, so a server that falls behind cannot hide it. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import sys
import time
from collections import deque
from typing import cast

import uvloop

from tests.relay.conftest import signed


class Connection(asyncio.Protocol):
    """One callback at a time; asks ``owner`` for the next."""

    def __init__(self, owner: Load) -> None:
        self.owner = owner
        self.due = 0.0
        self.rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's own is no subclass of it
        self.owner.free.append(self)

    def send(self, request: bytes, due: float) -> None:
        self.due = due
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.rest += data
        head, found, body = self.rest.partition(b"\r\n\r\n")
        if not found:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self.rest = b""
        self.owner.answered(self, head.startswith(b"HTTP/1.1 200"))


class Load:
    def __init__(self, requests: list[bytes], rate: float, seconds: float) -> None:
        self.requests = deque(requests)
        self.rate = rate
        self.seconds = seconds
        self.free: deque[Connection] = deque()
        self.late: deque[float] = deque()
        self.times: list[float] = []
        self.refused = 0
        self.ended = asyncio.Event()
        self.open = 0
        self.scheduled = False

    def answered(self, connection: Connection, good: bool) -> None:
        now = time.perf_counter()
        self.times.append(now - connection.due)
        self.refused += not good
        self.open -= 1
        if self.rate == 0:
            if now < self.end and self.requests:
                self.open += 1
                connection.send(self.requests.popleft(), now)
                return
        elif self.late and self.requests:
            self.open += 1
            connection.send(self.requests.popleft(), self.late.popleft())
            return
        self.free.append(connection)
        if self.open == 0 and (self.rate == 0 or self.scheduled):
            self.ended.set()

    async def run(self) -> dict[str, float]:
        start = time.perf_counter()
        self.end = start + self.seconds
        if self.rate == 0:
            for connection in list(self.free):
                self.open += 1
                connection.send(self.requests.popleft(), time.perf_counter())
        else:
            await self._schedule(start)
            self.scheduled = True
            if self.open == 0:
                self.ended.set()
        await self.ended.wait()
        took = time.perf_counter() - start
        ranked = sorted(self.times)
        return {
            "answered": len(ranked),
            "refused": self.refused,
            "per_second": len(ranked) / took,
            "p50_ms": ranked[len(ranked) // 2] * 1000,
            "p99_ms": ranked[int(len(ranked) * 0.99)] * 1000,
        }

    async def _schedule(self, start: float) -> None:
        number, total = 0, int(self.rate * self.seconds)
        while number < total:
            now = time.perf_counter()
            while number < total and start + number / self.rate <= now:
                due = start + number / self.rate
                number += 1
                if self.free:
                    self.open += 1
                    self.free.popleft().send(self.requests.popleft(), due)
                else:
                    self.late.append(due)
            await asyncio.sleep(0.0005)


def callback(number: int) -> bytes:
    """A report. Four in a row tell of one message: its external id grows with time, as a console's do; its
    reference id is Telesign's and like one drawn by chance."""
    message, step = divmod(number, 4)
    drawn = hashlib.md5(message.to_bytes(16, "big"), usedforsecurity=False).hexdigest().upper()
    body = {
        "reference_id": drawn,
        "external_id": f"cascade-{message:032x}",
        "status": {"code": 3001, "description": f"Step {step}", "last_channel": "viber"},
    }
    return json.dumps(body).encode()


def posted(body: bytes) -> bytes:
    """The request that brings a callback, signed."""
    head = f"X-TS-Authorization: {signed(body)['X-TS-Authorization']}\r\nContent-Length: {len(body)}\r\n"
    return f"POST /callbacks/telesign HTTP/1.1\r\nHost: relay\r\n{head}\r\n".encode() + body


async def load(port: int, connections: int, rate: float, seconds: float, most: float) -> dict[str, float]:
    prefix = int.from_bytes(os.urandom(5), "big") << 40
    requests = []
    for number in range(int((rate or most) * seconds) + connections + 1):
        requests.append(posted(callback(prefix + number)))
    work = Load(requests, rate, seconds)
    loop = asyncio.get_running_loop()
    for _ in range(connections):
        await loop.create_connection(lambda: Connection(work), "127.0.0.1", port)
    return await work.run()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0, help="callbacks a second; 0: as fast as answered")
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--most", type=float, default=60_000, help="callbacks a second prepared for rate 0")
    given = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        told = runner.run(load(given.port, given.connections, given.rate, given.seconds, given.most))
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
