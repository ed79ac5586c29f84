"""Every deed the menus hold, as the palette and the list of shortcuts show it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar

from console.ui.palette_rules import Command

_MNEMONIC: Final = re.compile(r"&(.)")


def commands_of(bar: QMenuBar) -> list[tuple[Command, QAction]]:
    """The visible deeds of ``bar`` and of the menus in its menus, in their order."""
    return list(_within(bar, ()))


def _within(menu: QMenuBar | QMenu, path: tuple[str, ...]) -> Iterator[tuple[Command, QAction]]:
    for action in menu.actions():
        if action.isSeparator() or not action.isVisible():
            continue
        title, _, shown = action.text().partition("\t")
        title = _MNEMONIC.sub(r"\1", title)
        inner = action.menu()
        if isinstance(inner, QMenu):
            yield from _within(inner, (*path, title))
        else:
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText) or shown
            yield Command(title.rstrip("…"), " › ".join(path), keys), action
