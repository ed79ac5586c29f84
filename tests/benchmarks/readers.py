"""Consoles that wait: ``readers PORT COUNT`` holds COUNT long polls at a relay and comes back after each.

Says one line when all are there, and ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop

from tests.benchmarks.stock import OTHERS


async def reader(port: int, ready: asyncio.Event) -> None:
    incoming, outgoing = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    after = "latest"
    first = True
    while True:
        # Every waiting reader has its place, so the first question only asks for it.
        wait = "" if first else "&wait=55"
        who = f"Host: relay\r\nAuthorization: Bearer {OTHERS}"
        outgoing.write(f"GET /v1/events?after={after}{wait} HTTP/1.1\r\n{who}\r\n\r\n".encode())
        if not first:
            ready.set()
        head = await incoming.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        body = await incoming.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(head.decode("latin-1"))
        # Only the place is read: what a real console does with a page is its own processor's work.
        after = json.loads(body[body.rindex(b'"next":') - 1 :].replace(b',"next"', b'{"next"'))["next"]
        first = False


async def main() -> None:
    port, count = int(sys.argv[1]), int(sys.argv[2])
    ready = [asyncio.Event() for _ in range(count)]
    tasks = []
    for number in range(count):
        tasks.append(asyncio.create_task(reader(port, ready[number])))
        if number % 50 == 49:
            await ready[number].wait()
    for each in ready:
        await each.wait()
    sys.stdout.write('{"ready": true}\n')
    sys.stdout.flush()
    end = asyncio.create_task(asyncio.to_thread(sys.stdin.read))
    done, _ = await asyncio.wait([end, *tasks], return_when=asyncio.FIRST_COMPLETED)
    for task in tasks:
        task.cancel()
    for task in done:
        task.result()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
