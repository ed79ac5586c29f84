"""A relay on a real socket, and what calls it as Telesign and as a console do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.relay.app import MAX_WAIT
from console.relay.config import RelayConfig
from console.relay.server import RelayHandle, running_relay
from console.telesign.signing import AccountKey, callback_signature
from tests.relay.postgres import Cluster, running_cluster

KEY = AccountKey("FFFFFFFF-EEEE-DDDD-1234-AB1234567890", "c2VjcmV0X2tleV9vZl90aGVfcmVsYXk=")
OTHER_KEY = AccountKey("AAAAAAAA-EEEE-DDDD-1234-AB1234567890", "YW5vdGhlcl9rZXk=")
TOKEN = "token-of-the-console"
READER = {"Authorization": f"Bearer {TOKEN}"}


def report(number: int) -> bytes:
    """A delivery report about transaction ``number``."""
    body = {
        "reference_id": reference(number),
        "external_id": f"external-{number}",
        "status": {"code": 3001, "description": "Delivered", "last_channel": "viber"},
    }
    return json.dumps(body).encode()


def reference(number: int) -> str:
    return f"{number:032X}"


def held(wait: object) -> bool:
    """Whether a question with this ``wait`` may be held for as long as it says."""
    try:
        return 0 < float(str(wait)) <= MAX_WAIT
    except ValueError:
        return False


def signed(body: bytes, key: AccountKey = KEY) -> dict[str, str]:
    return {"X-TS-Authorization": callback_signature(key, body)}


@dataclass
class Bench:
    """A relay that runs and a client."""

    relay: RelayHandle
    client: httpx.AsyncClient

    async def tell(self, body: bytes, path: str = "/callbacks/telesign", **headers: str) -> httpx.Response:
        return await self.client.post(path, content=body, headers=headers or signed(body))

    async def ask(self, **params: str | int) -> httpx.Response:
        return await self.client.get("/v1/events", params=params, headers=READER)

    async def page(self, **params: str | int) -> Any:
        response = await self.ask(**params)
        assert response.status_code == 200, response.text
        return response.json()

    async def metric(self, name: str) -> float:
        """The value of one sample, by its name with labels."""
        lines = (await self.client.get("/metrics")).text.splitlines()
        values = [line.rpartition(" ")[2] for line in lines if line.rpartition(" ")[0] == name]
        return float(values[0]) if values else 0.0

    async def until_readers(self, count: int) -> None:
        """Wait until so many requests for events are open."""
        async with asyncio.timeout(20):
            while await self.metric("cascade_relay_readers") != count:
                pass


Start = Callable[..., AbstractAsyncContextManager[Bench]]


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """One PostgreSQL server for all tests. Fails, rather than skips, where there is none."""
    with running_cluster() as running:
        yield running


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{(tmp_path / 'relay.db').as_posix()}"


@pytest.fixture
def postgresql_url(cluster: Cluster) -> str:
    return cluster.new_database()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def each_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


def starter(url: str) -> Start:
    """Starts a relay on a database; settings can be changed by name."""

    @asynccontextmanager
    async def starting(**changes: Any) -> AsyncIterator[Bench]:
        settings: dict[str, Any] = {"database": url, "port": 0, "keys": (KEY,), "tokens": {"console": TOKEN}}
        config = RelayConfig(**(settings | changes))
        async with (
            running_relay(config) as relay,
            httpx.AsyncClient(base_url=relay.url, timeout=30, trust_env=False) as client,
        ):
            yield Bench(relay, client)

    return starting


@pytest.fixture
def start(sqlite_url: str) -> Start:
    """Starts a relay on this test's SQLite file."""
    return starter(sqlite_url)


@pytest.fixture
def each_start(each_url: str) -> Start:
    """Starts a relay on each kind of store."""
    return starter(each_url)


@pytest.fixture
async def bench(start: Start) -> AsyncIterator[Bench]:
    async with start() as running:
        yield running


@pytest.fixture
async def each_bench(each_start: Start) -> AsyncIterator[Bench]:
    async with each_start() as running:
        yield running
