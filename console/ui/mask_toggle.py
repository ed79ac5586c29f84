"""The switch in the View menu that shortens numbers on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.cascade.words import tr
from console.ui.masking import masking
from console.ui.menus import add_action

if TYPE_CHECKING:
    from PySide6.QtGui import QAction

    from console.desk.settings import Settings
    from console.ui.window import MainWindow


def add_toggle(window: MainWindow, settings: Settings) -> QAction:
    """Put the switch into the menu of ``window``, standing as the settings say.

    Where an administrator wants numbers shortened, nobody shows them whole.
    """
    view = window.menus.view
    view.addSeparator()
    action = add_action(view, tr("Shorten &numbers on the screen"), "Ctrl+Shift+M", "maskAction", "eye")
    action.setCheckable(True)
    apply_settings(action, settings)
    action.toggled.connect(masking.switch)
    return action


def apply_settings(action: QAction, settings: Settings) -> None:
    """Stand as ``settings`` say from now on."""
    masking.switch(settings.mask_numbers)
    action.setChecked(settings.mask_numbers)
    action.setEnabled(not (settings.mask_numbers and "mask_numbers" in settings.decided))
