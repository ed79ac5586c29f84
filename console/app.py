"""The composition root of the desktop console: wires everything, owns start and stop.

The window is painted first; the journal, the network and the sandbox come after, off its
thread, and are attached when they are ready.
"""

from __future__ import annotations

import console.lean  # noqa: F401 - before all that it makes cheaper  # isort: skip

import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication

from console.application import DEFAULT_PROFILE, Application, Options, parse_options
from console.beginning import SANDBOX_SPEED, begin, find_secrets, help_out
from console.cascade.link import parse_link
from console.cascade.words import tr
from console.crash import CrashReports
from console.desk.owners import SecondInstance, only_window
from console.desk.settings import (
    Settings,
    SettingsProblem,
    data_dir,
    journal_dir,
    load_settings,
    secrets_from,
)
from console.logs import start_logging, stop_logging
from console.ui import theme
from console.ui.collector import Collector
from console.ui.language import speak
from console.ui.leaving import Leaving
from console.ui.masking import masking
from console.ui.sandbox_strip import SandboxOffer, ScenarioChoice
from console.ui.window import MainWindow

__all__ = ["Application", "main", "parse_options", "running"]

_log = logging.getLogger(__name__)
_HELPERS: Final = 6
"""Threads for what waits or computes beside the window: names to be looked up, pages to be read."""
_TURN: Final = 0.0002
"""Seconds for which a thread may keep the interpreter from another that wants it."""
_FIRST_PAINT: Final = 1.0
"""Seconds that are waited for it at most."""
_ACCOUNT_VARIABLES: Final = frozenset(
    {
        "CASCADE_API_URL",
        "CASCADE_CUSTOMER_ID",
        "CASCADE_API_KEY",
        "CASCADE_AUTH",
        "CASCADE_RELAY_URL",
        "CASCADE_RELAY_TOKEN",
    }
)


@asynccontextmanager
async def running(
    argv: Sequence[str] = (), *, env: Mapping[str, str] | None = None
) -> AsyncIterator[Application]:
    """The whole application on the running qasync loop, from first paint to orderly end.

    Raises:
        SecondInstance: a window is open on the same data already.
        SettingsProblem: the environment holds a setting that cannot be used.
        OSError: the data folder cannot be made or written.
    """
    options = parse_options(argv)
    environment = dict(os.environ if env is None else env)
    if options.sandbox:
        environment = {key: value for key, value in environment.items() if key not in _ACCOUNT_VARIABLES}
    root = data_dir(options.data_dir, environment)
    directory = journal_dir(root, options.profile, options.sandbox)
    settings = load_settings(root, options.profile, environment)
    # qasync's own would begin ten threads at once, each with memory of its own; here a thread is begun only
    # when all others are busy.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_HELPERS, "helper"))
    async with AsyncExitStack() as stack:
        stack.enter_context(only_window(directory))
        stack.callback(stop_logging, start_logging(directory))
        crashes = CrashReports(directory)
        stack.enter_context(crashes.installed())
        collector = Collector()
        collector.start()
        stack.callback(collector.stop)
        application = _show(options, settings, directory)
        application.crashes = crashes
        application.root, application.given = root, secrets_from(environment)
        stack.enter_context(_session(application))
        stack.push_async_callback(_end, application)
        await _painted(application.window)
        await _completed(application.window)
        from console import heap  # after the first paint, which needs no ctypes

        heap.settle()
        stack.callback(help_out(application))
        stack.callback(_open_door(application, directory))
        application.secrets = await find_secrets(application, environment)
        await begin(application)
        _propose(application, options.link)
        collector.settle()
        yield application


def _show(options: Options, settings: Settings, directory: Path) -> Application:
    qt = QApplication.instance()
    if not isinstance(qt, QApplication):
        raise RuntimeError("there is no QApplication")  # noqa: TRY004 - not an argument's type
    # The end of the application is ours to order: Qt must not leave the loop when the window closes.
    qt.setQuitOnLastWindowClosed(False)
    # While other threads work, the window gets its turn within this time and not within 5 ms.
    sys.setswitchinterval(_TURN)
    speak(qt, settings.language)
    theme.apply(qt, settings.theme)
    offer = None
    application: Application
    if options.sandbox:
        from console.sandbox.scenarios import catalogue

        def choose(scenario_id: str) -> None:
            # The menu fills in the number that plays the scenario; the number decides.
            _log.info("sandbox scenario %s", scenario_id)

        scenarios = tuple(
            ScenarioChoice(each.id, each.title, each.sentence, each.number) for each in catalogue()
        )
        offer = SandboxOffer(scenarios, choose, SANDBOX_SPEED)
        settings = replace(settings, sandbox=True, time_scale=SANDBOX_SPEED)

    def spawn(work: Coroutine[object, object, None]) -> None:
        application.spawn(work)

    masking.switch(settings.mask_numbers)
    window = MainWindow(spawn, data_dir=directory, sandbox=offer, whole=False)
    if offer is None and options.profile != DEFAULT_PROFILE:
        window.setWindowTitle(tr("{profile} – Cascade", profile=options.profile))
    closed = asyncio.Event()
    application = Application(
        window=window,
        leaving=Leaving(window, spawn, closed.set),
        closed=closed,
        directory=directory,
        settings=settings,
    )
    window.show()
    return application


@contextmanager
def _session(application: Application) -> Iterator[None]:
    """While inside, the end of the desktop session is heard."""

    def end(_manager: QSessionManager) -> None:
        application.leaving.session_ends()

    qt = cast("QApplication", QApplication.instance())
    qt.commitDataRequest.connect(end, Qt.ConnectionType.DirectConnection)
    try:
        yield
    finally:
        qt.commitDataRequest.disconnect(end)


async def _painted(window: MainWindow) -> None:
    """Let the window paint before anything heavy is imported."""
    handle = window.windowHandle()
    end = asyncio.get_running_loop().time() + _FIRST_PAINT
    # A window that starts minimised, or on a screen that is locked, is never exposed.
    while not handle.isExposed() and asyncio.get_running_loop().time() < end:  # noqa: ASYNC110 - Qt tells nobody
        await asyncio.sleep(0)
    await _turns()


async def _turns() -> None:
    """Let what waits for the loop have its turn."""
    for _ in range(3):
        await asyncio.sleep(0)


async def _completed(window: MainWindow) -> None:
    """Make the rest of the window, piece by piece."""
    for _ in window.complete():
        await asyncio.sleep(0)


def _open_door(application: Application, directory: Path) -> Callable[[], None]:
    """Hear other starts from now on; returns how to stop."""
    from console.ui.handover import Door

    door = Door(directory)
    door.knocked.connect(lambda link: _knocked(application, link))
    if sys.platform == "darwin":
        from console.ui.opened_links import OpenedLinks

        links = OpenedLinks(application.window)
        links.opened.connect(lambda link: _knocked(application, link))
        cast("QApplication", QApplication.instance()).installEventFilter(links)
    return door.close


def _propose(application: Application, link: str | None) -> None:
    if link is None:
        return
    draft = parse_link(link)
    if draft is None:
        application.window.notify(tr("The link that opened Cascade says nothing it can use."), "warning")
        return
    application.window.link.propose(draft)


def _knocked(application: Application, link: str) -> None:
    """Somebody started the console again: this is the window they get."""
    application.window.bring_to_front()
    _propose(application, link or None)


async def _end(application: Application) -> None:
    """In order: what is typed is saved, POSTs under way end, the feed stops, the window goes."""
    if application.desk is not None:
        await application.window.flush()
    if application.presence is not None:
        application.presence.close()
    application.ending = True
    for task in list(application.tasks):
        task.cancel()
    await asyncio.gather(*application.tasks, return_exceptions=True)
    if application.desk is not None:
        await application.desk.stop()
    if application.sandbox is not None:
        await asyncio.to_thread(application.sandbox.stop)
    application.window.close_now()
    application.window.deleteLater()
    await _turns()  # Qt deletes it on the way round its loop


def main(argv: Sequence[str] | None = None) -> int:
    """``cascade`` without a command: open the window and stay until it is closed."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parse_options(arguments)  # wrong ones, --help and --version need no window
    import qasync

    qt = QApplication([sys.argv[0]])
    qt.setApplicationName("cascade")
    qt.setApplicationDisplayName("Cascade")
    qt.setDesktopFileName("cascade")
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    with loop:
        return int(loop.run_until_complete(_stay(arguments)))


async def _stay(arguments: Sequence[str]) -> int:
    try:
        async with running(arguments) as application:
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(_handler(application))
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: loop.call_soon_threadsafe(application.closed.set))
            await application.closed.wait()
    except SecondInstance:
        from console.ui.handover import hand_over

        options = parse_options(arguments)
        root = data_dir(options.data_dir, os.environ)
        if hand_over(journal_dir(root, options.profile, options.sandbox), options.link):
            return 0
        return _refuse(tr("Cascade is already open with this data. Use the window that is there."))
    except SettingsProblem as problem:
        return _refuse(problem.sentence)
    except OSError as error:
        return _refuse(
            tr(
                "Cascade cannot use its data folder ({reason}). Make it writable, or choose another one "
                "with --data-dir.",
                reason=error.strerror or str(error),
            )
        )
    return 0


def _handler(application: Application) -> Any:
    """The one place where a bug ends up: logged, told, and the window lives on."""

    def handle(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        _log.error("%s", context.get("message"), exc_info=error)
        if isinstance(error, Exception):
            application.crashes.write("the window's loop", error)
        application.window.notify(
            tr(
                "Something went wrong inside Cascade; it is in the log. Messages already sent are "
                "not affected. If the window behaves oddly, restart it."
            ),
            "bad",
        )

    return handle


def _refuse(sentence: str) -> int:
    sys.stderr.write(f"cascade: {sentence}\n")
    return 2
