"""What the menus and the form do about templates: open their window, make one of what is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.cascade.words import tr
from console.ui.deeds import DeskDeeds, Spawn
from console.ui.menus import add_action

if TYPE_CHECKING:
    from console.ui.window import MainWindow


class TemplateDeeds(DeskDeeds):
    """Adds its deeds to the message menu of ``window``."""

    def __init__(self, window: MainWindow, spawn: Spawn) -> None:
        super().__init__(window, spawn)
        menu = window.menus.message
        menu.addSeparator()
        manage = add_action(menu, tr("&Templates…"), "Ctrl+T", "templatesAction", "pencil")
        keep = add_action(menu, tr("Save as tem&plate…"), "Ctrl+Shift+T", "saveTemplateAction", "plus")
        self._wait_for_desk(manage, self.open_templates)
        self._wait_for_desk(keep, self.save_as_template)
        window.compose.template.manage.connect(self.open_templates)

    def open_templates(self) -> None:
        """Open the window of templates."""
        self._open(begin=False)

    def save_as_template(self) -> None:
        """Open it with a new template that says what stands in the form."""
        self._open(begin=True)

    def _open(self, *, begin: bool) -> None:
        from console.ui.template_window import TemplateDialog  # noqa: PLC0415 - only who opens it pays

        if self._desk is None:
            return
        dialog = TemplateDialog(self._desk, self._spawn, self._window)
        if begin:
            dialog.begin_with(self._window.compose.draft())
        dialog.open()
