"""The sandbox inside the console: stand-in and real relay in one background thread.

Importing this module is cheap; the servers are imported in the thread, while the window paints.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from console.sandbox.scenarios import scenario as scenario_named

if TYPE_CHECKING:
    from console.sandbox.telesign import Received, StandIn
    from console.sandbox.world import World


class Sandbox:
    """The sandbox's servers. Use ``with``, ``async with``, or ``start`` and ``stop``.

    ``api_url``, ``relay_url``, ``customer_id``, ``api_key`` and ``relay_token`` are known once
    ``ready`` is done; before that they raise ``RuntimeError``. The address and the token are new
    with each start; the account and everything stored under ``data_dir`` stay.

    ``speed`` (provider seconds in one real second) and ``scenario`` (an id of the catalogue,
    ``None``: by recipient) may be set at any time and from any thread.
    """

    def __init__(self, data_dir: Path, *, speed: float = 1.0, scenario: str | None = None) -> None:
        self._data_dir = data_dir
        self._speed = speed
        self._scenario: str | None = None
        self._world: World | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self.ready: Future[None] = Future()
        """Done when both servers answer; holds the ``OSError`` or ``sqlite3.Error`` where they
        cannot, and an ``ImportError`` where the relay's dependencies are not installed.
        From a coroutine: ``await asyncio.wrap_future(sandbox.ready)``."""
        self.scenario = scenario

    # -- life -------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to start, and return at once. Only once for each ``Sandbox``."""
        self.ready.set_running_or_notify_cancel()
        self._thread = threading.Thread(target=self._run, name="cascade-sandbox", daemon=True)
        self._thread.start()

    def stop(self, within: float = 5.0) -> bool:
        """Stop both servers; whether they ended ``within`` that many seconds. May be called twice."""
        if self._thread is None:
            return True
        with contextlib.suppress(Exception):  # it is stopped all the same; ready tells why it failed
            self.ready.result(within)
        if self._loop is not None and self._stopping is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended already
                self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(within)
        return not self._thread.is_alive()

    def __enter__(self) -> Self:
        self.start()
        self.ready.result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        self.start()
        await asyncio.wrap_future(self.ready)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.stop)

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:
            if self.ready.done():
                raise
            self.ready.set_exception(error)

    async def _main(self) -> None:
        # Here and not above: these import the servers, which the window must not wait for.
        from console.sandbox.world import WorldSettings, running_world  # noqa: PLC0415

        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        settings = WorldSettings(data_dir=self._data_dir, speed=self._speed, scenario=self._scenario)
        async with running_world(settings) as world:
            self._world = world
            # What was set while the servers were starting; from here on the setters reach them.
            world.stand_in.speed, world.stand_in.scenario = self._speed, self._scenario
            self.ready.set_result(None)
            await self._stopping.wait()

    # -- what it offers -----------------------------------------------------------------------

    @property
    def _running(self) -> World:
        if self._world is None:
            raise RuntimeError("the sandbox is not ready")
        return self._world

    @property
    def _stand_in(self) -> StandIn:
        return self._running.stand_in

    @property
    def api_url(self) -> str:
        """For ``CASCADE_API_URL``."""
        return self._stand_in.url

    @property
    def relay_url(self) -> str:
        """For ``CASCADE_RELAY_URL``."""
        return self._running.relay_url

    @property
    def customer_id(self) -> str:
        return self._running.key.customer_id

    @property
    def api_key(self) -> str:
        """Base64, as Telesign writes keys."""
        return self._running.key.api_key

    @property
    def relay_token(self) -> str:
        """For ``CASCADE_RELAY_TOKEN``."""
        token = self._running.relay_token
        assert token is not None  # the embedded relay is always our own
        return token

    @property
    def speed(self) -> float:
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if not 0 < speed < float("inf"):
            raise ValueError(f"speed must be a positive number, not {speed}")
        self._speed = speed
        if self._world is not None and self._loop is not None:
            with contextlib.suppress(RuntimeError):  # stopped
                self._loop.call_soon_threadsafe(setattr, self._world.stand_in, "speed", speed)

    @property
    def scenario(self) -> str | None:
        return self._scenario

    @scenario.setter
    def scenario(self, scenario: str | None) -> None:
        if scenario is not None:
            scenario_named(scenario)
        self._scenario = scenario
        if self._world is not None:
            self._world.stand_in.scenario = scenario

    @property
    def received(self) -> tuple[Received, ...]:
        """The latest requests that reached the stand-in, oldest first."""
        return self._stand_in.received

    def at_rest(self) -> Future[None]:
        """Done when nothing is due any more: every step has happened, every callback is told."""
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(self._stand_in.at_rest(), self._loop)
