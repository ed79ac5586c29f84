"""What is written when the program fails: where in the code, and nothing of what it worked on.

A report holds the types of the errors and the places in the code they passed, never an error's own
words, for those may quote a number or a text. It stays on this computer until somebody passes it on.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import platform
import sys
import threading
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from console import __version__

KEPT: Final = 5
"""Reports kept; older ones go."""
_MOST: Final = 10
"""Reports one process writes at most: an error in a loop must not fill the disk."""
_CHAIN: Final = 10
_SEEN: Final = ".seen.txt"


def describe(error: BaseException) -> str:
    """Types and places of an error and of those that led to it, without their words."""
    told: list[str] = []
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting and len(told) < _CHAIN:
        each = waiting.pop(0)
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        kind = type(each)
        places = "".join(
            f'  File "{_short(frame.filename)}", line {frame.lineno}, in {frame.name}\n'
            for frame in traceback.extract_tb(each.__traceback__, limit=-50)
        )
        told.append(f"{kind.__module__}.{kind.__qualname__}\n{places}")
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += each.exceptions
    return "after:\n".join(told)


class CrashReports:
    """The reports of one profile's folder; writes one for every error nobody caught."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._written = 0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def installed(self) -> Iterator[None]:
        """While inside, errors of the main thread, of threads and of the machine leave a report."""
        own_hook, own_thread_hook = sys.excepthook, threading.excepthook
        # Somebody who asked for faults to be written elsewhere (a debugger, a test) keeps them.
        fault = None if faulthandler.is_enabled() else self._open(f"crash-fault-{os.getpid()}.txt")

        def hook(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
            if not issubclass(kind, KeyboardInterrupt):
                self.write("the main thread", error)
            own_hook(kind, error, where)

        def thread_hook(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
                self.write("a thread", args.exc_value)
            own_thread_hook(args)

        sys.excepthook, threading.excepthook = hook, thread_hook
        if fault is not None:
            faulthandler.enable(fault)
        try:
            yield
        except Exception as error:
            self.write("the main thread", error)
            raise
        finally:
            sys.excepthook, threading.excepthook = own_hook, own_thread_hook
            if fault is not None:
                faulthandler.disable()
                os.close(fault)
                self._drop_empty()

    def write(self, where: str, error: BaseException) -> Path | None:
        """Write a report; ``None`` where that is not possible or enough were written. Never raises."""
        try:
            with self._lock:
                self._written += 1
                if self._written > _MOST:
                    return None
                now = datetime.now(UTC)
                name = f"crash-{now:%Y%m%d-%H%M%S}-{os.getpid()}-{self._written}.txt"
                handle = self._open(name)
                if handle is None:
                    return None
                with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
                    file.write(
                        f"Cascade {__version__}, Python {platform.python_version()}, {sys.platform}\n"
                        f"{now:%Y-%m-%d %H:%M:%S} UTC, in {where}\n\n{describe(error)}"
                    )
                for old in self.all()[KEPT:]:
                    old.unlink(missing_ok=True)
                return self._directory / name
        except Exception:  # the report of a failure must not be another one
            return None

    def all(self) -> tuple[Path, ...]:
        """Every report that says something, newest first."""
        found = []
        with contextlib.suppress(OSError):
            for path in self._directory.glob("crash-*.txt"):
                with contextlib.suppress(OSError):
                    told = path.stat()
                    if told.st_size:
                        found.append((told.st_mtime, path))
        return tuple(path for _, path in sorted(found, reverse=True))

    def unseen(self) -> tuple[Path, ...]:
        """Reports of earlier runs that nobody was told of, newest first."""
        return tuple(path for path in self.all() if not path.name.endswith(_SEEN))

    def mark_seen(self) -> None:
        """Somebody was told of every report there is."""
        for path in self.unseen():
            with contextlib.suppress(OSError):
                path.rename(path.with_name(path.name.removesuffix(".txt") + _SEEN))

    def _open(self, name: str) -> int | None:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            return os.open(self._directory / name, flags, 0o600)
        except OSError:
            return None

    def _drop_empty(self) -> None:
        with contextlib.suppress(OSError):
            path = self._directory / f"crash-fault-{os.getpid()}.txt"
            if path.stat().st_size == 0:
                path.unlink()


def _short(path: str) -> str:
    """A file by its last three parts: what leads to it may name a person."""
    return "/".join(Path(path).parts[-3:])
