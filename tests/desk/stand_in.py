"""Telesign as a bare socket server that counts what reaches it, a relay, and a desk between them."""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from console.cascade.message import Draft
from console.cascade.outcome import Timeline
from console.desk.desk import Desk
from console.desk.settings import Secrets, Settings
from console.desk.values import Queued_
from console.relay.config import RelayConfig
from console.relay.server import running_relay
from console.telesign.signing import AccountKey, callback_signature

KEY = AccountKey("FFFFFFFF-EEEE-DDDD-1234-AB1234567890", "c2VjcmV0X2FwaV9rZXk=")
OTHER = AccountKey("FFFFFFFF-EEEE-DDDD-1234-AB1234567890", "b3RoZXJfa2V5X2VudGlyZWx5")
REF = "35C8B5D509BC10689196FED2AD551B8A"
DRAFT = Draft(to="+15558675309", viber_text="Hello", fallback_time=60)

Respond = Callable[[asyncio.StreamWriter, int], Awaitable[None]]


def http(status: int, body: bytes, kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def coded(code: int, reference_id: str | None = None) -> bytes:
    return json.dumps({"reference_id": reference_id, "status": {"code": code, "description": ""}}).encode()


TAKEN = http(200, coded(3001, REF))


class Telesign:
    """Counts whole requests and answers each as the test says."""

    def __init__(self, respond: Respond) -> None:
        self._respond = respond
        self.bodies: list[bytes] = []
        self.url = ""
        self._news = asyncio.Event()

    async def reached(self, count: int) -> None:
        """Wait until this many POSTs have arrived whole."""
        async with asyncio.timeout(60):
            while len(self.bodies) < count:
                self._news.clear()
                await self._news.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")]
                length = int(lengths[0].split(b":")[1]) if lengths else 0
                body = await reader.readexactly(length)
                if head.startswith(b"POST"):
                    self.bodies.append(body)
                    self._news.set()
                    await self._respond(writer, len(self.bodies))
                else:
                    writer.write(http(401, coded(3206)))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()


@asynccontextmanager
async def telesign(respond: Respond) -> AsyncIterator[Telesign]:
    stand_in = Telesign(respond)
    server = await asyncio.start_server(stand_in.serve, "127.0.0.1", 0)
    stand_in.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield stand_in
    finally:
        server.close()


def says(*answers: bytes) -> Respond:
    async def respond(writer: asyncio.StreamWriter, number: int) -> None:
        writer.write(answers[min(number, len(answers)) - 1])

    return respond


async def reset(writer: asyncio.StreamWriter, _number: int) -> None:
    sock = writer.get_extra_info("socket")
    sock.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER 0: close with a reset
    writer.transport.abort()


async def half(writer: asyncio.StreamWriter, _number: int) -> None:
    writer.write(TAKEN[: len(TAKEN) - 20])
    await writer.drain()
    writer.close()


async def vanish(writer: asyncio.StreamWriter, _number: int) -> None:
    writer.close()


@asynccontextmanager
async def desk_at(
    url: str, directory: Path, *, relay: str = "", token: str = "", time_scale: float = 60.0, undo: int = 0
) -> AsyncIterator[Desk]:
    settings = Settings(
        api_url=url,
        customer_id=KEY.customer_id,
        proxy="",
        relay_url=relay,
        poll_wait=5,
        time_scale=time_scale,
        undo_seconds=undo,
    )
    desk = Desk(settings, Secrets(api_key=KEY.api_key, relay_token=token), directory=directory)
    await desk.start()
    try:
        yield desk
    finally:
        await desk.stop(within=0.2)


async def sent(desk: Desk, draft: Draft = DRAFT) -> Timeline:
    result = await desk.send(draft)
    assert isinstance(result, Queued_)
    return await desk.posted(result.message_id)


def delivery(external_id: str | None) -> bytes:
    def line(code: int | str, reference_id: str) -> dict[str, object]:
        return {"code": code, "description": "", "reference_id": reference_id}

    told = {"code": 3000, "description": "", "last_channel": "sms", "updated_on": "2026-05-04 22:07:01:226"}
    viber = {"viber": line(3056, "65C77D4A6C5C09085694EFB6C554D2BF")}
    sms = {"sms": line("3000", "65C77D4A6C5C09085694EFB6C558B4C7")}
    return json.dumps(
        {
            "reference_id": REF,
            "external_id": external_id,
            "status": told,
            "channel_status": [viber, sms],
        }
    ).encode()


@asynccontextmanager
async def relay_at(directory: Path, *keys: AccountKey) -> AsyncIterator[str]:
    config = RelayConfig(
        database=f"sqlite:///{directory / 'relay.db'}",
        host="127.0.0.1",
        port=0,
        keys=keys,
        tokens={"desk": "t" * 32},
    )
    async with running_relay(config) as relay:
        yield relay.url


async def call_back(url: str, body: bytes, key: AccountKey = KEY, method: str = "POST") -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.request(
            method,
            f"{url}/callbacks/telesign",
            content=body,
            headers={"X-TS-Authorization": callback_signature(key, body), "Content-Type": "application/json"},
        )
    assert answer.status_code == 200
