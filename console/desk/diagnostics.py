"""The file for support: what runs here and what the doctor says, with nothing personal in it."""

from __future__ import annotations

import io
import json
import os
import platform
import sqlite3
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from console import __version__
from console.cascade.privacy import HIDDEN, mask
from console.cascade.words import tr
from console.crash import CrashReports
from console.desk.settings import Secrets, Settings
from console.desk.values import CheckResult
from console.logs import LOG_FILE

_LOG_TAIL: Final = 200_000
"""Bytes of the log that go along."""
_CRASHES: Final = 5
_LIBRARIES: Final = (
    "PySide6-Essentials", "filelock", "httpx", "keyring", "phonenumbers", "qasync", "regex", "truststore",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What goes into the file."""

    settings: Settings
    secrets: Secrets
    directory: Path
    """The profile's folder, with its log and its crash reports."""
    checks: Mapping[str, CheckResult]
    stalls: Sequence[str] = ()
    """The longest stops of the window, with the places in the code."""


def write_bundle(path: Path, evidence: Evidence) -> None:
    """Write the file for support (0600), whole or not at all.

    Raises:
        FileExistsError: there is such a file already.
        OSError: it cannot be written.
    """
    content = bundle(evidence)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def bundle(evidence: Evidence) -> bytes:
    """The file for support as it is written: a zip of plain texts."""
    parts = {
        "README.txt": tr(
            "Made by Cascade for its support. Numbers, texts, keys and the names of people's folders are "
            "masked. Look through it before you pass it on."
        ),
        "versions.json": _json(_versions()),
        "settings.json": _json(masked_settings(evidence.settings, evidence.secrets)),
        "doctor.json": _json({name: asdict(result) for name, result in evidence.checks.items()}),
        "log.txt": _tail(evidence.directory / LOG_FILE),
        "stalls.txt": "\n\n".join(evidence.stalls),
    }
    for number, path in enumerate(CrashReports(evidence.directory).all()[:_CRASHES], 1):
        parts[f"crash-{number}.txt"] = _tail(path)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, without_home(mask(text), Path.home()).encode("utf-8", "backslashreplace"))
    return written.getvalue()


def masked_settings(settings: Settings, secrets: Secrets) -> dict[str, object]:
    """The settings without what is private: keys only as there or not, addresses without their users."""
    customer = settings.customer_id
    return {
        "customer_id": customer[:4] + HIDDEN if len(customer) > 8 else HIDDEN if customer else "",
        "api_key": bool(secrets.api_key),
        "relay_token": bool(secrets.relay_token),
        "api_url": _origin(settings.api_url),
        "relay_url": _origin(settings.relay_url),
        "proxy": _origin(settings.proxy) if settings.proxy else settings.proxy,
        "ca_file": bool(settings.ca_file),
        **{
            name: getattr(settings, name)
            for name in (
                "auth", "poll_wait", "poll_interval", "default_country", "undo_seconds", "theme",
                "language", "retention_days", "notifications", "notification_text", "mask_numbers", "sandbox",
            )
        },
        "decided_elsewhere": sorted(settings.decided),
        "policy": settings.policy.path is not None,
    }  # fmt: skip


def without_home(text: str, home: Path) -> str:
    """``text`` with the folder of the person at this computer as ``~``, however it is written."""
    whole = str(home)
    if len(whole) < 4:  # the root's own root: too short to name anybody
        return text
    for written in (whole, whole.replace("\\", "\\\\"), home.as_posix()):
        text = text.replace(written, "~")
    return text


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return HIDDEN
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else ""


def _versions() -> dict[str, str]:
    told = {
        "cascade": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "sqlite": sqlite3.sqlite_version,
        "frozen": str(getattr(sys, "frozen", False)),
    }
    for name in _LIBRARIES:
        try:
            told[name] = version(name)
        except PackageNotFoundError:
            told[name] = "-"
    return told


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _LOG_TAIL))
            raw = file.read(_LOG_TAIL)
    except OSError:
        return ""
    text = raw.decode("utf-8", "backslashreplace")
    # The first line was cut, and half a line can hide from the mask what the whole would show it.
    return text.partition("\n")[2] if size > _LOG_TAIL else text
