"""Several profiles: each an account with its own settings, keys, journal and window.

A profile is a folder; its keys are entries of the keychain under its name. The keychain may wait for
a person, so nothing here belongs on the window's thread.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from filelock import FileLock, Timeout

from console.cascade.formats import day_figures
from console.cascade.words import tr, trn
from console.desk.keychain import Keychain, KeychainProblem
from console.desk.owners import FOLDER, WINDOW_LOCK
from console.desk.settings import Secrets, SettingsProblem, check_profile, journal_dir, settings_file
from console.journal.opening import FILE

DEFAULT: Final = "default"
_SETTINGS_READ: Final = 1_000_000
"""Bytes; a larger file holds no settings of ours."""


class Keys(Protocol):
    """The keys of one profile, as :class:`console.desk.keychain.Keychain` keeps them."""

    def load(self) -> Secrets: ...

    def store(self, secrets: Secrets) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One profile, as a list shows it."""

    name: str
    customer_id: str = ""
    in_use: bool = False
    """A window or a sending script has it open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a profile holds, for the question before it is deleted."""

    messages: int = 0
    unfinished: int = 0
    """Of those, still to be sent or without an outcome."""
    oldest: datetime | None = None
    readable: bool = True


class Profiles:
    """The profiles of one data folder. ``keys`` gives the keychain of a profile."""

    def __init__(self, root: Path, keys: Callable[[str], Keys] = Keychain) -> None:
        self._root = root
        self._keys = keys

    def list(self) -> tuple[Profile, ...]:
        """Every profile, the default one first. Folders that cannot be profiles are passed over."""
        names = {DEFAULT}
        with contextlib.suppress(OSError):
            names.update(path.name for path in (self._root / "profiles").iterdir() if path.is_dir())
        found = []
        for name in sorted(names, key=lambda name: (name != DEFAULT, name.lower())):
            with contextlib.suppress(SettingsProblem):
                place = self._place(name)
                found.append(Profile(name=name, customer_id=_customer(place), in_use=is_in_use(place)))
        return tuple(found)

    def create(self, name: str) -> None:
        """Make an empty profile.

        Raises:
            SettingsProblem: no profile can have this name, or one has it.
        """
        name = check_profile(name.strip())
        self._want_free(name)
        try:
            self._place(name).mkdir(parents=True, mode=0o700)
        except OSError as error:
            raise _refused(error) from None

    def rename(self, old: str, new: str) -> None:
        """Give a profile another name; its journal, settings and keys go along.

        The keys are written under the new name before anything else and removed under the old one
        last: whatever fails between, they are somewhere.

        Raises:
            SettingsProblem: the name cannot be used, the profile is open, or the system refuses.
        """
        new = check_profile(new.strip())
        old_place, new_place = self._existing(old), self._place(new)
        if new.lower() != old.lower():
            self._want_free(new)
        elif new == old:
            return
        self._want_closed(old)
        kept = self._load(old)
        if kept != Secrets():
            self._store(new, kept)
        try:
            old_place.rename(new_place)
        except OSError as error:
            if kept != Secrets():
                self._store(new, Secrets())
            raise _refused(error) from None
        if kept != Secrets():
            self._store(old, Secrets())

    def contents(self, name: str) -> Contents:
        """What :meth:`delete` would delete."""
        path = self._place(name) / FILE
        if not path.exists():
            return Contents()
        try:
            with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
                messages, unfinished, oldest = db.execute(
                    "SELECT count(*), coalesce(sum(settled = 0), 0), min(created_at) FROM messages"
                ).fetchone()
        except sqlite3.Error:
            return Contents(readable=False)
        return Contents(
            messages=messages,
            unfinished=unfinished,
            oldest=None if oldest is None else datetime.fromtimestamp(oldest, UTC),
        )

    def delete(self, name: str) -> None:
        """Delete a profile for good: keys, settings, journal, copies, logs.

        Raises:
            SettingsProblem: it is open, does not exist, or the system refuses; then some of it may be
                gone, its keys first.
        """
        place = self._existing(name)
        self._want_closed(name)
        if self._load(name) != Secrets():
            self._store(name, Secrets())
        try:
            if place.is_symlink():
                place.unlink()  # what it points to is somebody else's
            else:
                shutil.rmtree(place)
        except OSError as error:
            raise _refused(error) from None

    def _place(self, name: str) -> Path:
        return journal_dir(self._root, name, sandbox=False)

    def _existing(self, name: str) -> Path:
        place = self._place(name)
        if not place.is_dir():
            raise SettingsProblem(tr("There is no profile “{name}”.", name=name))
        return place

    def _want_free(self, name: str) -> None:
        # On some systems Shop and shop are one folder.
        if name.lower() in {profile.name.lower() for profile in self.list()}:
            raise SettingsProblem(tr("There is a profile of this name already."))

    def _want_closed(self, name: str) -> None:
        if is_in_use(self._place(name)):
            raise SettingsProblem(tr("“{name}” is open. Close its window first.", name=name))

    def _load(self, name: str) -> Secrets:
        keys = self._keys(name)
        if isinstance(keys, Keychain) and keys.state().kind != "ready":
            return Secrets()  # no keychain holds no keys
        try:
            return keys.load()
        except KeychainProblem as problem:
            raise SettingsProblem(problem.sentence) from None

    def _store(self, name: str, secrets: Secrets) -> None:
        try:
            self._keys(name).store(secrets)
        except KeychainProblem as problem:
            raise SettingsProblem(problem.sentence) from None


def is_in_use(place: Path) -> bool:
    """Whether a living process has the profile in this folder open."""
    locks = [place / WINDOW_LOCK]
    with contextlib.suppress(OSError):
        locks += (place / FOLDER).glob("*.lock")
    return any(lock.exists() and _is_held(lock) for lock in locks)


def _is_held(path: Path) -> bool:
    lock = FileLock(path, mode=0o600)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return True
    except OSError:
        return False
    lock.release()
    return False


def deletion_text(name: str, contents: Contents) -> str:
    """What deleting a profile means, in words for a person."""
    told = [tr("“{name}” is deleted for good: its settings, its keys and its journal.", name=name)]
    if not contents.readable:
        told.append(tr("Its journal cannot be read, so what it holds is not known."))
    elif contents.messages and contents.oldest is not None:
        told.append(
            trn(
                "The journal holds {n} message since {day}.",
                "The journal holds {n} messages since {day}.",
                contents.messages,
                day=day_figures(contents.oldest),
            )
        )
        told.append(tr("What became of them, and who answered STOP, is no longer known here."))
    else:
        told.append(tr("The journal holds no messages."))
    if contents.unfinished:
        told.append(trn("{n} has no outcome yet.", "{n} have no outcome yet.", contents.unfinished))
    told.append(tr("Nothing at Telesign or on the relay changes. This cannot be undone."))
    return " ".join(told)


def _customer(place: Path) -> str:
    try:
        with settings_file(place.parent.parent, place.name).open("rb") as file:
            told = json.loads(file.read(_SETTINGS_READ))
    except (OSError, ValueError, RecursionError):
        return ""
    customer = told.get("customer_id") if isinstance(told, dict) else None
    return customer if isinstance(customer, str) else ""


def _refused(error: OSError) -> SettingsProblem:
    return SettingsProblem(tr("The system refused ({reason}).", reason=error.strerror or error))
