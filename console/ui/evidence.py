"""The raw callback behind a line of the timeline: what came, when, from whom, and who vouches for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QTextOption
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from console.cascade.formats import day_figures, time_text
from console.cascade.outcome import Event
from console.cascade.words import tr, trn
from console.ui import theme
from console.ui.evidence_rules import Kind, exact, kind_of, readable
from console.ui.icons import icon
from console.ui.theme import SPACE
from console.ui.timeline_rules import Badge, badge
from console.ui.timeline_text import isolated, shortened
from console.ui.widgets import IconLabel, label, name

_LONGEST_LABEL: Final = 96


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known behind one event. ``body`` is ``None`` where nothing was received."""

    event: Event
    body: bytes | None
    received_at: datetime | None
    signature: str | None


class EvidenceDialog(QDialog):
    """Shows one :class:`Evidence`; as text only, whatever the bytes pretend to be. Use ``open()``."""

    def __init__(self, evidence: Evidence, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Raw evidence"))
        self.resize(720, 560)
        name(self, "evidenceDialog", tr("Raw evidence"))
        column = QVBoxLayout(self)
        column.setContentsMargins(6 * SPACE, 5 * SPACE, 6 * SPACE, 5 * SPACE)
        column.setSpacing(4 * SPACE)
        heading = label(shortened(isolated(evidence.event.title), 140), "title")
        heading.setWordWrap(True)
        column.addWidget(heading)
        column.addLayout(self._facts(evidence))
        if evidence.body is None:
            nothing = label(tr("Nothing was received for this line: this desk recorded it itself."), "muted")
            nothing.setWordWrap(True)
            column.addWidget(nothing)
            column.addStretch(1)
        else:
            column.addWidget(bytes_view(evidence.body), 1)
        column.addLayout(self._buttons(evidence.body))

    def _facts(self, evidence: Evidence) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(4 * SPACE)
        grid.setVerticalSpacing(SPACE)
        grid.setColumnStretch(1, 1)
        for row, (title, value) in enumerate(facts_of(evidence)):
            grid.addWidget(label(title, "caption"), row, 0, Qt.AlignmentFlag.AlignTop)
            shown = label(value)
            shown.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            shown.setAccessibleName(f"{title}: {value}")
            shown.setWordWrap(True)
            grid.addWidget(shown, row, 1)
        proof = badge(evidence.event)
        if proof.text:
            row = grid.rowCount()
            grid.addWidget(label(tr("Proof"), "caption"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(_Proof(proof), row, 1)
        return grid

    def _buttons(self, body: bytes | None) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(2 * SPACE)
        if body is not None:
            copy = QPushButton(tr("&Copy"))
            copy.setIcon(icon("copy"))
            copy.setIconSize(QSize(16, 16))
            name(copy, "evidenceCopy", tr("Copy the bytes as text"))
            copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(exact(body)))
            line.addWidget(copy)
        line.addStretch(1)
        close = QPushButton(tr("Close"))
        close.setDefault(True)
        close.setProperty("role", "primary")
        name(close, "evidenceClose", tr("Close"))
        close.clicked.connect(self.close)
        line.addWidget(close)
        return line


class _Proof(QWidget):
    """The badge with its sentence."""

    def __init__(self, proof: Badge) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * SPACE)
        token = {"good": "good", "bad": "bad", "warning": "warning"}.get(proof.tone.value, "text_muted")
        line.addWidget(IconLabel(proof.icon, token), 0, Qt.AlignmentFlag.AlignTop)
        said = label(proof.detail)
        said.setWordWrap(True)
        line.addWidget(said, 1)


def facts_of(evidence: Evidence) -> list[tuple[str, str]]:
    """Title and value of everything known besides the bytes."""
    event = evidence.event
    found: list[tuple[str, str]] = []
    received = evidence.received_at or event.heard_at
    local = received.astimezone()
    here = f"{day_figures(local)} {time_text(local, seconds=True)}"
    moment = f"{here} ({received.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC)"
    found.append((tr("Received") if evidence.body is not None else tr("Recorded"), moment))
    if event.code is not None:
        found.append((tr("Status"), shortened(f"{event.code} {isolated(event.description)}", _LONGEST_LABEL)))
    if event.reference_id:
        found.append((tr("Reference id"), shortened(isolated(event.reference_id), _LONGEST_LABEL)))
    if evidence.signature:
        found.append((tr("Signature"), shortened(isolated(evidence.signature), _LONGEST_LABEL)))
    return found


def bytes_view(body: bytes) -> QTabWidget:
    """``body`` as text to read and copy: indented where it is JSON, and exactly as it came."""
    tabs = QTabWidget()
    tabs.setDocumentMode(True)
    name(tabs, "evidenceTabs", tr("Ways to see the bytes"))
    if kind_of(body) is Kind.JSON:
        tabs.addTab(_page("evidenceReadable", tr("Readable"), readable(body)), tr("&Readable"))
    size = trn("{n} byte", "{n} bytes", len(body))
    title = tr("E&xact bytes ({size})", size=size)
    tabs.addTab(_page("evidenceExact", tr("Exact bytes"), exact(body)), title)
    return tabs


def _page(object_name: str, accessible: str, text: str) -> QPlainTextEdit:
    page = QPlainTextEdit()
    name(page, object_name, accessible)
    page.setReadOnly(True)
    page.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    page.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)
    font = theme.fixed_font()
    page.setFont(font)
    page.setTabStopDistance(4 * QFontMetrics(font).horizontalAdvance(" "))
    page.setPlainText(text)
    return page
