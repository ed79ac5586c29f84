"""Thirty-two senders in a process of their own, which outlives every relay that is killed.

Reads ``URL\\n`` of the relay in force from standard input, again whenever it changes, and writes a
line with the number of each callback that was answered 200; numbers of all that were tried are one
to the last line, ``tried N``, written when standard input ends. Like Telesign, a sender tries a
callback again until it is answered 200.
"""

from __future__ import annotations

import asyncio
import sys

from tests.relay.conftest import report, signed

SENDERS = 32


async def main() -> None:
    loop = asyncio.get_running_loop()
    stdin = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    address = (await stdin.readline()).decode().split()
    tried = 0
    stopped = asyncio.Event()

    async def send() -> None:
        nonlocal tried
        writer: asyncio.StreamWriter | None = None
        connected: list[str] = []
        while not stopped.is_set():
            tried += 1
            number = tried
            body = report(number)
            head = (
                f"X-TS-Authorization: {signed(body)['X-TS-Authorization']}\r\nContent-Length: {len(body)}\r\n"
            )
            request = f"POST /callbacks/telesign HTTP/1.1\r\nHost: relay\r\n{head}\r\n".encode() + body
            while True:
                try:
                    if writer is None or connected != address:
                        connected = address
                        reader, writer = await asyncio.open_connection(connected[0], int(connected[1]))
                    writer.write(request)
                    answer = await reader.readuntil(b"\r\n\r\n")
                    length = int(answer.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                    await reader.readexactly(length)
                except (OSError, asyncio.IncompleteReadError):
                    if writer is not None:
                        writer.close()
                    writer = None
                    if stopped.is_set():
                        return
                    await asyncio.sleep(0.01)  # the relay is away: asked again until it is back
                    continue
                if answer.startswith(b"HTTP/1.1 200 "):
                    sys.stdout.write(f"{number}\n")
                    break
                if stopped.is_set():
                    break
        if writer is not None:
            writer.close()

    async with asyncio.TaskGroup() as tasks:
        for _ in range(SENDERS):
            tasks.create_task(send())
        while line := await stdin.readline():
            address = line.decode().split()
            sys.stdout.flush()
        stopped.set()
    sys.stdout.write(f"tried {tried}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
