"""The composition root of the desktop console: wires everything, owns start and stop.

The window is painted first; the journal, the network and the sandbox come after, off its
thread, and are attached when they are ready.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QSessionManager
from PySide6.QtWidgets import QApplication

from console import __version__
from console.cascade.link import SCHEME, parse_link
from console.cascade.words import tr
from console.crash import CrashReports
from console.desk.owners import SecondInstance, only_window
from console.desk.settings import (
    Secrets,
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

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.sandbox.embedded import Sandbox
    from console.ui.presence import Presence

_log = logging.getLogger(__name__)
SANDBOX_SPEED: Final = 10.0
"""Provider seconds in one real second in ``cascade --sandbox``: five minutes pass in half of one."""
DEFAULT_PROFILE: Final = "default"
_TURN: Final = 0.001
"""Seconds for which a thread may keep the interpreter from another that wants it."""
_FIRST_PAINT: Final = 1.0
"""Seconds that are waited for it at most."""
_STALL: Final = 0.05
"""Seconds the window may stand still before it is remembered where."""
_BEAT: Final = 0.1
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


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for."""

    sandbox: bool = False
    profile: str = DEFAULT_PROFILE
    data_dir: Path | None = None
    link: str | None = None


@dataclass(slots=True)
class Application:
    """The running console."""

    window: MainWindow
    leaving: Leaving
    closed: asyncio.Event
    """Set when somebody wants the window closed."""
    crashes: CrashReports = field(default_factory=lambda: CrashReports(Path()))
    desk: Desk | None = None
    """``None`` where the journal could not be opened; the window says why."""
    presence: Presence | None = None
    """Tray and notifications, once there is a desk."""
    sandbox: Sandbox | None = None
    root: Path = Path()
    """The data folder of all profiles."""
    directory: Path = Path()
    """The folder of this profile."""
    given: Secrets = field(default_factory=Secrets)
    """Secrets that the environment decides."""
    settings: Settings = field(default_factory=Settings)
    secrets: Secrets = field(default_factory=Secrets)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    ending: bool = False
    """From here on the window starts nothing new: the desk is about to close."""

    def spawn(self, work: Coroutine[object, object, None]) -> None:
        """Run ``work`` in this application's own group; its errors reach the loop's handler."""
        if self.ending:
            work.close()
            return
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            task.get_loop().call_exception_handler(
                {"message": "a task of the window failed", "exception": error}
            )


def parse_options(argv: Sequence[str]) -> Options:
    """Read the command line of the window."""
    parser = argparse.ArgumentParser(prog="cascade", description=tr("The Cascade console."))
    parser.add_argument("--sandbox", action="store_true", help=tr("no account, nothing leaves this computer"))
    parser.add_argument("--profile", default=DEFAULT_PROFILE, help=tr("which of several accounts"))
    parser.add_argument("--data-dir", type=Path, help=tr("where the journal lives"))
    parser.add_argument("--version", action="version", version=f"cascade {__version__}")
    parser.add_argument("link", nargs="?", help=tr("a cascade: link; it fills the form and never sends"))
    given = parser.parse_args(list(argv))
    if given.link is not None and not given.link.lower().startswith(SCHEME):
        parser.error(tr("“{word}” is neither a command nor a cascade: link", word=given.link))
    return Options(sandbox=given.sandbox, profile=given.profile, data_dir=given.data_dir, link=given.link)


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
        stack.callback(_helpful(application))
        stack.callback(_open_door(application, directory))
        application.secrets = await _secrets(application, environment)
        await _begin(application)
        _propose(application, options.link)
        collector.settle()
        yield application


def _show(options: Options, settings: Settings, directory: Path) -> Application:
    qt = QApplication.instance()
    if not isinstance(qt, QApplication):
        raise RuntimeError("there is no QApplication")  # noqa: TRY004 - not an argument's type
    # The end of the application is ours to order: Qt must not leave the loop when the window closes.
    qt.setQuitOnLastWindowClosed(False)
    # While the journal's thread works, the window gets its turn within this time and not within 5 ms.
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


def _helpful(application: Application) -> Callable[[], None]:
    """Fill the help menu and watch over stalls from now on; returns how to stop."""
    from console.ui.help_deeds import HelpDeeds
    from console.ui.watchdog import StallWatchdog, stall_text

    watchdog = StallWatchdog(threshold=_STALL, beat=_BEAT)
    helps = HelpDeeds(
        application.window,
        application.spawn,
        directory=application.directory,
        account=lambda: (application.settings, application.secrets),
        stalls=lambda: [stall_text(stall) for stall in watchdog.worst()],
    )
    helps.tell_failures(application.crashes)
    watchdog.start()
    return watchdog.stop


async def _tell_of_updates(application: Application) -> None:
    """Where the administrator named an address: one sentence when there is a newer version."""
    from console.desk.updates import EVERY, newer_version

    while True:
        if sentence := await newer_version(application.settings):
            application.window.notify(sentence, "active")
        await asyncio.sleep(EVERY)


async def _secrets(application: Application, environment: Mapping[str, str]) -> Secrets:
    """Keys from the environment, else from the keychain; the sandbox brings its own."""
    given = secrets_from(environment)
    if application.settings.sandbox or (given.api_key and given.relay_token):
        return given
    from console.desk.keychain import Keychain, KeychainProblem

    def load() -> Secrets:
        return Keychain(application.settings.profile).load()

    try:
        kept = await asyncio.to_thread(load)
    except KeychainProblem as problem:
        if application.settings.customer_id and not given.api_key:
            application.window.notify(problem.sentence, "warning")
        return given
    return Secrets(api_key=given.api_key or kept.api_key, relay_token=given.relay_token or kept.relay_token)


async def _begin(application: Application) -> None:
    from console.journal.errors import JournalProblem
    from console.ui.mask_toggle import add_toggle, apply_settings
    from console.ui.presence import Presence
    from console.ui.profile_deeds import ProfileDeeds
    from console.ui.settings_control import SettingsControl

    if application.settings.sandbox:
        await _start_sandbox(application)
    # httpx, phonenumbers and their like take their time to import: not on this thread.
    module = await asyncio.to_thread(import_module, "console.desk.desk")
    await asyncio.to_thread(_warm_up)
    if application.settings.customer_id or application.settings.relay_url:
        from console.desk.connections import load_network

        await load_network()
    desk: Desk = module.Desk(application.settings, application.secrets, directory=application.directory)
    try:
        await desk.start()
    except JournalProblem as problem:
        application.window.notify(problem.sentence, "bad")
        return
    application.desk = desk
    application.window.attach(desk)
    application.leaving.attach(desk)
    application.presence = Presence(application.window, desk)
    application.spawn(desk.care.run())
    application.spawn(desk.adviser.run())
    if application.settings.update_url and not application.settings.sandbox:
        application.spawn(_tell_of_updates(application))
    for notice in (*desk.status.notices, *application.settings.policy.problems):
        application.window.notify(notice, "warning")
    control = SettingsControl(
        application.spawn,
        desk,
        directory=application.root,
        secrets=application.secrets,
        given=application.given,
        window=application.window,
    )
    toggle = add_toggle(application.window, application.settings)
    control.applied.connect(lambda settings, _: apply_settings(toggle, settings))
    application.window.settings_wanted.connect(control.open)
    application.window.timeline.settings_wanted.connect(control.open)
    for offer in (application.window.timeline.sandbox_wanted, control.sandbox_wanted):
        offer.connect(lambda: _to_sandbox(application))
    ProfileDeeds(
        application.window,
        application.spawn,
        root=application.root,
        current=application.settings.profile,
        sandbox=application.settings.sandbox,
        control=control,
    )


def _warm_up() -> None:
    """What the first number and the first text would otherwise wait for."""
    from console.cascade.recipient import format_as_typed, parse_recipient
    from console.cascade.viber import count_viber

    parse_recipient("+12015550123", None)
    format_as_typed("+1201555", None)
    count_viber("é")


async def _start_sandbox(application: Application) -> None:
    from console.sandbox.embedded import Sandbox

    sandbox = Sandbox(application.directory, speed=SANDBOX_SPEED)
    sandbox.start()
    await asyncio.wrap_future(sandbox.ready)
    application.sandbox = sandbox
    application.settings = replace(
        application.settings,
        api_url=sandbox.api_url,
        relay_url=sandbox.relay_url,
        customer_id=sandbox.customer_id,
        auth="digest",
        proxy="",
    )
    application.secrets = Secrets(api_key=sandbox.api_key, relay_token=sandbox.relay_token)


def _to_sandbox(application: Application) -> None:
    """Open the sandbox in a process of its own, and make room for it."""
    from console.ui.starting import start

    if start("--sandbox", "--data-dir", str(application.root)):
        application.closed.set()
    else:
        application.window.notify(
            tr("The sandbox could not be started. Run “cascade --sandbox” instead."), "bad"
        )


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
