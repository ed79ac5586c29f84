"""Starts other programs: another console in a process of its own, what shows a file or a folder."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices


def command(*arguments: str) -> tuple[str, list[str]]:
    """The program and its arguments that start this console again, installed or from a checkout."""
    if getattr(sys, "frozen", False):
        return sys.executable, list(arguments)
    return sys.executable, ["-m", "console", *arguments]


def start(*arguments: str) -> bool:
    """Start it and let it live on; whether that was possible."""
    program, words = command(*arguments)
    started, _ = QProcess.startDetached(program, words)
    return bool(started)


def open_place(place: Path) -> None:
    """Have the desktop show a file or a folder, by whatever program it uses for that."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(place)))
