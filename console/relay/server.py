"""Running a relay: inside another program, or as one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import ssl
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from console.relay.app import RelayApp, create_app
from console.relay.config import RelayConfig
from console.relay.maintenance import Maintenance
from console.relay.protocol import GuardedProtocol, Limits, guarded, sweep
from console.relay.store import Store
from console.relay.stores import open_store

log = logging.getLogger(__name__)

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, slots=True)
class RelayHandle:
    """A relay that runs."""

    url: str
    store: Store
    app: RelayApp


class _Server(uvicorn.Server):
    """uvicorn's server that says when it is up and lets waiting readers go before it stops."""

    def __init__(self, config: uvicorn.Config, app: RelayApp) -> None:
        super().__init__(config)
        self._relay = app
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()  # before readers are let go, or they would come back to us
        await self._relay.feed.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Embedded, signals belong to the program around us. Alone, uvicorn would raise a signal
        # again at the end, which would end the process before the store is closed.
        yield


@asynccontextmanager
async def running_relay(config: RelayConfig) -> AsyncIterator[RelayHandle]:
    """A relay on the running loop, stopped at the end. Works in any thread; leaves signals alone.

    What was accepted is finished before it ends; readers that wait are let go.

    Raises:
        OSError: the address or the database cannot be used.
        ConfigError: the database's URL cannot be used.
    """
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(contextlib.closing(_listen(config)))
        store = await stack.enter_async_context(open_store(config.database, set_aside=True))
        app = create_app(store, config)
        stack.push_async_callback(app.close)
        server = _Server(_settings(config, app), app)
        server.config.load()
        app.start()
        stack.push_async_callback(
            _ended, asyncio.create_task(_sweeping(server, config, app), name="relay-sweep")
        )
        upkeep = Maintenance(store, app.metrics, config, reload_tls=_tls_reloader(server.config, config))
        stack.push_async_callback(_ended, asyncio.create_task(upkeep.run(), name="relay-maintenance"))
        serving = asyncio.create_task(server.serve([listener]), name="relay")
        up = asyncio.create_task(server.up.wait())
        try:
            await asyncio.wait({serving, up}, return_when=asyncio.FIRST_COMPLETED)
            if serving.done():
                await serving
                raise OSError("the relay has not started")
            yield RelayHandle(_url(config, listener), store, app)
        finally:
            up.cancel()
            server.should_exit = True
            await serving


def serve(config: RelayConfig, *, started: Callable[[str], None] = lambda _url: None) -> None:
    """Run until SIGINT or SIGTERM; what is in progress is finished first.

    ``started`` is told the URL once requests are taken. Raises as :func:`running_relay`.
    """

    async def run() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        before = {
            number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
            for number in _SIGNALS
        }
        try:
            async with running_relay(config) as relay:
                log.info("listening", extra={"url": relay.url, "store": relay.store.identity})
                started(relay.url)
                await stop.wait()
                log.info("stopping")
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    _raise_limits(config.max_connections)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(run())
    log.info("stopped")


def _settings(config: RelayConfig, app: RelayApp) -> uvicorn.Config:
    limits = Limits(
        head_seconds=config.head_seconds,
        body_seconds=config.body_seconds,
        write_seconds=config.write_seconds,
        connections=config.max_connections,
    )
    return uvicorn.Config(
        app,
        http=guarded(limits, lambda reason: app.metrics.refused.labels(reason).inc()),
        interface="asgi3",
        lifespan="off",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=2048,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=config.stop_seconds,
        ssl_certfile=config.tls_cert,
        ssl_keyfile=config.tls_key,
    )


async def _sweeping(server: _Server, config: RelayConfig, app: RelayApp) -> None:
    shortest = min(config.head_seconds, config.body_seconds, config.write_seconds)
    app.metrics.connections.set_function(lambda: float(len(server.server_state.connections)))
    protocol = server.config.http_protocol_class
    assert issubclass(protocol, GuardedProtocol)
    await sweep(protocol.bound, every=min(1.0, shortest / 2))


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()  # it failed: that must not pass unseen


def _tls_reloader(settings: uvicorn.Config, config: RelayConfig) -> Callable[[], None] | None:
    """Takes up a certificate that was renewed: new connections get it, no restart.

    A pair is read into a context of its own and given to connections only as a whole: between the
    writing of a new key and of its certificate the two do not fit, and a context that was given
    one of them could not serve anybody.
    """
    context, cert, key = settings.ssl, config.tls_cert, config.tls_key
    if context is None or cert is None:
        return None
    files = (cert, cert if key is None else key)
    loaded = refused = _stamps(files)
    newest: ssl.SSLContext | None = None

    def choose(connection: ssl.SSLObject, _name: str | None, _context: ssl.SSLContext) -> None:
        if newest is not None:
            connection.context = newest

    def reload() -> None:
        nonlocal loaded, refused, newest
        if (now := _stamps(files)) in (loaded, refused):
            return
        fresh = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        try:
            fresh.load_cert_chain(cert, key)
        except (OSError, ssl.SSLError):
            refused = now
            log.exception("the renewed certificate cannot be used; the old one stays in use")
            return
        loaded, newest = now, fresh
        log.info("the renewed certificate is in use")

    context.sni_callback = choose
    return reload


def _stamps(files: tuple[Path, ...]) -> tuple[int, ...]:
    return tuple(_stamp(file) for file in files)


def _stamp(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _listen(config: RelayConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    # The protocol must be named: asyncio turns Nagle's algorithm off only where it is, and without
    # that every answer waits 40 ms for the client's acknowledgement of its first half.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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


def _raise_limits(connections: int) -> None:
    """Let this process open as many files as it may hold connections, as far as it is allowed."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - absent on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = connections + 256
    if hard != resource.RLIM_INFINITY and hard < wanted:
        log.warning("at most %d connections: the system allows this process no more files", hard - 256)
        wanted = hard
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop  # noqa: PLC0415 - absent on Windows
    except ImportError:
        return asyncio.new_event_loop
    return uvloop.new_event_loop
