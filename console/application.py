"""The running console as a value: what was asked for, and what runs."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from console import __version__
from console.cascade.link import SCHEME
from console.cascade.words import tr
from console.crash import CrashReports
from console.desk.settings import Secrets, Settings

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.sandbox.embedded import Sandbox
    from console.ui.leaving import Leaving
    from console.ui.presence import Presence
    from console.ui.window import MainWindow

DEFAULT_PROFILE: Final = "default"


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
