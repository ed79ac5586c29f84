"""Relays in processes of their own, to be killed."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.relay.conftest import KEY, READER, TOKEN

PROGRAM: tuple[str, ...] = ("-m", "console.relay.cli")
"""What Python runs; a test may put something broken here."""


class RelayProcess:
    """``cascade-relay serve``."""

    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self.url = url

    @property
    def address(self) -> str:
        parts = httpx.URL(self.url)
        return f"{parts.host} {parts.port}"

    @classmethod
    async def start(cls, database: str, *wrapper: str, log: int = asyncio.subprocess.DEVNULL) -> RelayProcess:
        process = await asyncio.create_subprocess_exec(
            *wrapper,
            sys.executable,
            *PROGRAM,
            "serve",
            "--port",
            "0",
            env={
                **os.environ,
                "CASCADE_RELAY_DATABASE": database,
                "CASCADE_RELAY_KEYS": f"{KEY.customer_id}:{KEY.api_key}",
                "CASCADE_RELAY_TOKENS": f"console:{TOKEN}",
            },
            cwd=Path(__file__).parents[2],
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        assert process.stdout is not None
        line = (await process.stdout.readline()).decode()
        assert line, "the relay has not started"
        return cls(process, line.split()[-1])

    async def end(self, number: int = signal.SIGTERM) -> int:
        if self.process.returncode is None:
            self.process.send_signal(number)
        await self.process.communicate()
        assert self.process.returncode is not None
        return self.process.returncode


@asynccontextmanager
async def relay_process(database: str) -> AsyncIterator[RelayProcess]:
    relay = await RelayProcess.start(database)
    try:
        yield relay
    finally:
        await relay.end()


async def everything(url: str, limit: int) -> list[dict[str, Any]]:
    """All events, from the oldest, by pages of ``limit``."""
    events: list[dict[str, Any]] = []
    async with httpx.AsyncClient(base_url=url, timeout=30, trust_env=False) as client:
        params: dict[str, str] = {"limit": str(limit)}
        more = True
        while more:
            answer = await client.get("/v1/events", params=params, headers=READER)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            events += page["events"]
            params["after"], more = page["next"], page["more"]
    return events
