"""What a window says, wherever it can say something, and which of it never went through translation."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from PySide6.QtCore import QAbstractItemModel, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QFileDialog, QTabBar, QTableView, QWidget

from console.ui.timeline_header import Elided

_SAYS = (
    "text", "title", "placeholderText", "toolTip", "statusTip", "whatsThis", "accessibleName",
    "accessibleDescription", "windowTitle", "suffix", "prefix", "specialValueText", "plainText",
)  # fmt: skip
_ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
    Qt.ItemDataRole.AccessibleDescriptionRole,
)
_INNERMOST = re.compile(r"\[[^\[\]]*~\]")
_TAG = re.compile(r"<[^<>]*>")
_WORD = re.compile(r"[^\W\d_]{2,}")
_ID = re.compile(r"\b(?:cascade-)?[0-9a-fA-F]{12,}\b")
"""Reference and external ids: chance makes words of their letters."""
NAMES = frozenset({
    "Viber", "SMS", "Telesign", "Cascade", "Qt", "PySide", "Python", "HTTP", "UTF", "UTC", "GSM", "UCS",
    "Unicode", "STOP", "START", "ARN", "MKT", "OTP", "https", "http", "www", "localhost",
    "Ctrl", "Shift", "Alt", "Enter", "Esc", "Del", "Home", "End", "Space", "Tab", "Ins", "PgUp", "PgDown",
    "Return", "Backspace", "Up", "Down", "Left", "Right", "Linux", "Windows", "Darwin",
})  # fmt: skip
"""Names and keys that are the same in every language."""


def said(root: QObject) -> Iterator[tuple[str, str]]:
    """Everything ``root`` and what is inside it say: where, and the text."""
    for each in (root, *root.findChildren(QObject)):
        if not isinstance(each, (QWidget, QAction)) or _foreign(each):
            continue
        where = f"{type(each).__name__} {each.objectName()}"
        for name in _SAYS:
            value = each.property(name)
            if isinstance(value, str) and value:
                yield f"{where}.{name}", _uncut(each, value) if name == "text" else value
        if isinstance(each, QComboBox):
            yield from ((f"{where} item", each.itemText(at)) for at in range(each.count()))
        if isinstance(each, QTabBar):
            yield from ((f"{where} tab", each.tabText(at)) for at in range(each.count()))
        if isinstance(each, QAbstractItemView) and each.model() is not None:
            yield from _in_model(where, each.model(), headed=isinstance(each, QTableView))


def _uncut(each: QObject, text: str) -> str:
    """The whole of a text that an :class:`Elided` cut at its end, where it is truly of that whole."""
    if isinstance(each, Elided) and text.endswith("…"):
        whole = each.accessibleName()
        if whole.startswith(text.removesuffix("…")):
            return whole
    return text


def _foreign(each: QObject) -> bool:
    """Whether it says what is not ours to say: Qt's own dialog of files, or the names of libraries."""
    above: QObject | None = each
    while above is not None:
        if isinstance(above, QFileDialog) or above.objectName() == "aboutParts":
            return True
        above = above.parent()
    return False


def _in_model(where: str, model: QAbstractItemModel, *, headed: bool) -> Iterator[tuple[str, str]]:
    for column in range(model.columnCount() if headed else 1):
        if headed:
            yield f"{where} head", str(model.headerData(column, Qt.Orientation.Horizontal) or "")
        for row in range(min(model.rowCount(), 50)):
            for role in _ROLES:
                value = model.index(row, column).data(role)
                if isinstance(value, str):
                    yield f"{where} row {row}", value


def untranslated(text: str, allowed: frozenset[str] = frozenset()) -> list[str]:
    """The words of ``text`` that are neither of the pseudo language, nor names, nor ``allowed``."""
    rest = html.unescape(_TAG.sub(" ", text)) if text.startswith("<") else text
    rest = _ID.sub(" ", rest)
    while (shorter := _INNERMOST.sub(" ", rest)) != rest:
        rest = shorter
    return [word for word in _WORD.findall(rest) if word not in NAMES and word not in allowed]
