"""Running a relay: inside another program, or as one."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from uvicorn.server import HANDLED_SIGNALS

from console.relay.app import create_app
from console.relay.config import RelayConfig, sqlite_path
from console.relay.sqlite import SqliteStore
from console.relay.store import Store


@dataclass(frozen=True, slots=True)
class RelayHandle:
    """A relay that runs."""

    url: str
    store: Store


class _Server(uvicorn.Server):
    """uvicorn's server that says when it is up and lets waiting readers go before it stops."""

    def __init__(self, config: uvicorn.Config, app: Starlette, *, signals: bool) -> None:
        super().__init__(config)
        self._relay = app.state.relay
        self._signals = signals
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._relay.waiting.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Embedded, signals belong to the program around us. Alone, uvicorn would raise a signal
        # again at the end, which would end the process before the store is closed.
        handled = HANDLED_SIGNALS if self._signals else ()
        before = {number: signal.signal(number, self.handle_exit) for number in handled}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@asynccontextmanager
async def running_relay(config: RelayConfig) -> AsyncIterator[RelayHandle]:
    """A relay on the running loop, stopped at the end. Works in any thread; leaves signals alone.

    Raises:
        OSError: the address or the database cannot be used.
        ConfigError: the database's URL cannot be used.
    """
    async with _open(config, signals=False) as (server, listener, store):
        serving = asyncio.create_task(server.serve([listener]), name="relay")
        up = asyncio.create_task(server.up.wait())
        try:
            await asyncio.wait({serving, up}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                await serving
                raise OSError("the relay has not started")
            yield RelayHandle(_url(config, listener), store)
        finally:
            up.cancel()
            server.should_exit = True
            await serving


def serve(config: RelayConfig, *, started: Callable[[str], None] = lambda _url: None) -> None:
    """Run until SIGINT or SIGTERM; what is in progress is finished first.

    ``started`` is told the URL once requests are taken. Raises as :func:`running_relay`.
    """

    async def run() -> None:
        async with _open(config, signals=True) as (server, listener, _):

            async def announce() -> None:
                await server.up.wait()
                started(_url(config, listener))

            announcing = asyncio.create_task(announce())
            try:
                await server.serve([listener])
            finally:
                announcing.cancel()

    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run())


@asynccontextmanager
async def _open(
    config: RelayConfig, *, signals: bool
) -> AsyncIterator[tuple[_Server, socket.socket, SqliteStore]]:
    listener = _listen(config)
    with contextlib.closing(listener):
        store = await asyncio.to_thread(SqliteStore, sqlite_path(config.database))
        try:
            app = create_app(store, config)
            settings = uvicorn.Config(
                app,
                lifespan="off",
                ws="none",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=config.stop_seconds,
                ssl_certfile=config.tls_cert,
                ssl_keyfile=config.tls_key,
            )
            yield _Server(settings, app, signals=signals), listener, store
        finally:
            await store.close()


def _listen(config: RelayConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # where it would let two relays share an address
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((config.host, config.port))
        listener.listen(2048)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def _url(config: RelayConfig, listener: socket.socket) -> str:
    scheme = "http" if config.tls_cert is None else "https"
    host = f"[{config.host}]" if ":" in config.host else config.host
    return f"{scheme}://{host}:{listener.getsockname()[1]}"


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - absent on Windows
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
