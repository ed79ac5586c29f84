"""Whose message it is: one operating-system lock per process, which dies with the process.

A message belongs to the process that queued it, and only that process sends it. The lock file
is held as long as the process lives and the system lets go of it however the process ends, so
whoever can take it knows for certain that the owner is gone.
"""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

FOLDER: Final = "owners"
WINDOW_LOCK: Final = "window.lock"


class Owner:
    """This process as an owner of messages. Held from construction to :meth:`release`."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / FOLDER
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self.name = uuid.uuid4().hex
        self._lock = FileLock(self._path(self.name), mode=0o600)
        self._lock.acquire(blocking=False)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"

    def release(self) -> None:
        """Let go: everything this process left unfinished may be taken over."""
        self._lock.release()
        with contextlib.suppress(OSError):
            self._path(self.name).unlink()

    @contextmanager
    def of_the_dead(self, name: str) -> Iterator[bool]:
        """Whether the owner called ``name`` is gone; while inside, nobody else can take over from it."""
        if name == self.name:
            yield False
            return
        lock = FileLock(self._path(name), mode=0o600)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            yield False
            return
        try:
            yield True
            # Nobody is ever called this again.
            with contextlib.suppress(OSError):
                self._path(name).unlink()
        finally:
            lock.release()


class SecondInstance(Exception):  # noqa: N818 - a state of the world
    """Another window is open on the same data."""


@contextmanager
def only_window(directory: Path) -> Iterator[None]:
    """Hold the right to be the one window on this data.

    Raises:
        SecondInstance: another process holds it.
    """
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = FileLock(directory / WINDOW_LOCK, mode=0o600)
    try:
        lock.acquire(blocking=False)
    except Timeout as error:
        raise SecondInstance from error
    try:
        yield
    finally:
        lock.release()
