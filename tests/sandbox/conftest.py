"""A stand-in with a receiver for its callbacks, on real sockets, at a thousand times the speed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.sandbox.server import HttpServer, Request, Response
from console.sandbox.store import Store
from console.sandbox.telesign import OMNICHANNEL, StandIn
from console.telesign.signing import AccountKey, find_signer
from tests.sandbox.requests import signed_get, signed_post

KEY = AccountKey("FFFFFFFF-EEEE-DDDD-1234-AB1234567890", "c2VjcmV0X2FwaV9rZXlfb2ZfdGhlX3NhbmRib3g=")
SPEED = 1000.0


@dataclass(frozen=True)
class Told:
    """A callback as it arrived."""

    method: str
    path: str
    raw: bytes
    signature: str
    authorization: str
    genuine: bool

    @property
    def body(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Receiver:
    """Takes callbacks as a relay would, and answers what ``answers`` says, then 200.

    While ``silent`` it answers nothing until ``released`` is set.
    """

    answers: list[int] = field(default_factory=list)
    silent: bool = False
    told: list[Told] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._changed = asyncio.Condition()
        self.released = asyncio.Event()
        self.server = HttpServer(self._take, host="127.0.0.1", port=0)

    async def _take(self, request: Request) -> Response:
        signature = request.headers.get("x-ts-authorization")
        authorization = request.headers.get("authorization")
        signer = find_signer(
            request.body, x_ts_authorization=signature, authorization=authorization, keys=[KEY]
        )
        async with self._changed:
            self.told.append(
                Told(
                    method=request.method,
                    path=request.path,
                    raw=request.body,
                    signature=signature or "",
                    authorization=authorization or "",
                    genuine=signer == KEY,
                )
            )
            self._changed.notify_all()
        if self.silent:
            await self.released.wait()
        return Response(status=self.answers.pop(0) if self.answers else 200, body=b"{}")

    async def until(self, enough: Callable[[list[Told]], bool]) -> list[Told]:
        """Wait until what was told is enough."""
        async with self._changed:
            await self._changed.wait_for(lambda: enough(self.told))
        return self.told


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    found = Receiver()
    await found.server.start()
    found.url = found.server.url
    yield found
    await found.server.stop()


@dataclass
class Bench:
    """One stand-in and a client that signs."""

    stand_in: StandIn
    client: httpx.AsyncClient
    key: AccountKey = KEY

    async def post(self, body: bytes) -> httpx.Response:
        return await self.client.send(signed_post(self.stand_in.url + OMNICHANNEL, KEY, body))

    async def status(self, reference_id: str) -> httpx.Response:
        url = f"{self.stand_in.url}{OMNICHANNEL}/{reference_id}"
        return await self.client.send(signed_get(url, KEY))


StartBench = Callable[..., Any]


@pytest.fixture
async def start_bench(receiver: Receiver, tmp_path: Path) -> AsyncIterator[StartBench]:
    """Start stand-ins (one after the other on the same file shows what a restart keeps)."""
    running: list[tuple[StandIn, Store]] = []

    async def start(**changes: Any) -> Bench:
        store = Store(tmp_path / "sandbox.db")
        settings: dict[str, Any] = {"key": KEY, "relay_url": receiver.url, "store": store, "speed": SPEED}
        stand_in = StandIn(**(settings | changes))
        await stand_in.start()
        running.append((stand_in, store))
        return Bench(stand_in, client)

    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        yield start
        for stand_in, store in running:
            await stand_in.stop()
            store.close()


@pytest.fixture
async def bench(start_bench: StartBench) -> Bench:
    found: Bench = await start_bench()
    return found
