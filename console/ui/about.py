"""What this program is made of: versions, licences, and where its files are."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from console import __version__
from console.cascade.words import tr
from console.ui.icons import icon
from console.ui.rows import RowList
from console.ui.theme import SPACE
from console.ui.tray import program_icon
from console.ui.unmatched_rules import Row
from console.ui.widgets import label, name

if TYPE_CHECKING:
    from collections.abc import Sequence

_PARTS: Final = (
    "PySide6-Essentials", "shiboken6", "filelock", "httpx", "httpcore", "h11", "anyio", "certifi", "idna",
    "keyring", "phonenumbers", "platformdirs", "qasync", "regex", "setproctitle", "truststore",
    "starlette", "uvicorn", "SecretStorage", "jeepney", "cryptography",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A library that is in here."""

    name: str
    version: str
    licence: str


def parts(names: Sequence[str] = _PARTS) -> tuple[Part, ...]:
    """The libraries that are installed, with the licence each names for itself."""
    found = []
    for each in names:
        try:
            told = metadata(each)
        except PackageNotFoundError:
            continue  # another platform's, or the relay's
        found.append(Part(told["Name"] or each, told["Version"] or "", _licence(told)))
    return tuple(sorted(found, key=lambda part: part.name.casefold()))


def _licence(told: object) -> str:
    get = told.get_all  # type: ignore[attr-defined]
    expression = get("License-Expression") or []
    if expression:
        return str(expression[0])
    classified = [
        line.rsplit(" :: ", 1)[-1] for line in get("Classifier") or [] if line.startswith("License ::")
    ]
    if classified:
        return ", ".join(classified)
    plain = get("License") or []
    return str(plain[0]).splitlines()[0][:80] if plain and plain[0].strip() else tr("see its licence file")


class AboutDialog(QDialog):
    """Use ``open()``."""

    def __init__(self, directory: Path | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("About Cascade"))
        name(self, "aboutDialog", tr("About Cascade"))
        self.resize(640, 560)
        self._parts = parts()
        picture = QLabel()
        picture.setPixmap(program_icon().pixmap(64, 64))
        words = QVBoxLayout()
        words.setSpacing(SPACE)
        words.addWidget(label(tr("Cascade {version}", version=__version__), "title"))
        words.addWidget(label(tr("Viber first, SMS second, and you see what happened."), "muted"))
        words.addWidget(label(_runs_on(), "caption"))
        head = QHBoxLayout()
        head.setSpacing(4 * SPACE)
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)

        libraries = RowList(
            "aboutParts",
            tr("Libraries in this program"),
            (tr("Library"), tr("Version"), tr("Licence")),
            chosen_first=False,
        )
        libraries.show_rows([(part.name, Row(part.name, part.version, part.licence)) for part in self._parts])
        notes = [
            tr("Cascade itself is under the MIT licence."),
            tr(
                "Qt and PySide6 are used under the LGPL, version 3. Their libraries are files of their own "
                "and may be replaced by yours; their source is offered at download.qt.io."
            ),
        ]
        if directory is not None:
            notes.append(tr("This profile's data: {folder}", folder=str(directory)))
        whole = QVBoxLayout(self)
        whole.setContentsMargins(6 * SPACE, 5 * SPACE, 6 * SPACE, 5 * SPACE)
        whole.setSpacing(3 * SPACE)
        whole.addLayout(head)
        whole.addWidget(libraries, 1)
        for text in notes:
            line = label(text, "caption")
            line.setWordWrap(True)
            line.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            whole.addWidget(line)
        whole.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        copy = QPushButton(tr("&Copy"))
        copy.setIcon(icon("copy"))
        copy.setAutoDefault(False)
        name(copy, "aboutCopy", tr("Copy the versions"))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text))
        close = QPushButton(tr("Close"))
        close.setDefault(True)
        name(close, "aboutClose", tr("Close"))
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addWidget(copy)
        foot.addStretch(1)
        foot.addWidget(close)
        return foot

    @property
    def text(self) -> str:
        """Everything as plain text, for a ticket."""
        lines = [f"Cascade {__version__}", _runs_on()]
        lines += [f"{part.name} {part.version} ({part.licence})" for part in self._parts]
        return "\n".join(lines)


def _runs_on() -> str:
    return f"Python {platform.python_version()} · Qt {qVersion()} · {platform.system()} {platform.machine()}"
