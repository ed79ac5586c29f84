"""What the Help menu does: the words explained, who made this, a file for support, old failures told."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QFileDialog

from console.cascade.words import tr
from console.ui.deeds import Spawn
from console.ui.menus import add_action
from console.ui.starting import open_place

if TYPE_CHECKING:
    from console.crash import CrashReports
    from console.desk.settings import Secrets, Settings
    from console.ui.window import MainWindow


class HelpDeeds(QObject):
    """Adds its deeds to the help menu of ``window``.

    Args:
        directory: the profile's folder.
        account: the settings and secrets of the moment.
        stalls: the longest stops of the window so far, with the places in the code.
    """

    def __init__(
        self,
        window: MainWindow,
        spawn: Spawn,
        *,
        directory: Path,
        account: Callable[[], tuple[Settings, Secrets]],
        stalls: Callable[[], Sequence[str]],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._spawn = spawn
        self._directory = directory
        self._account = account
        self._stalls = stalls
        menu = window.menus.help
        before = window.menus.about
        words = add_action(menu, tr("What the &words mean"), "Shift+F1", "glossaryAction", "info")
        support = add_action(menu, tr("&File for support…"), "", "supportAction", "shield")
        for action, deed in ((words, self.open_glossary), (support, self.ask_support)):
            menu.insertAction(before, action)
            action.triggered.connect(deed)
        before.triggered.connect(self.open_about)

    def open_glossary(self) -> None:
        """Open the list of terms."""
        from console.ui.glossary_window import GlossaryDialog  # noqa: PLC0415 - only who opens it pays

        GlossaryDialog(self._window).show()

    def open_about(self) -> None:
        """Say what this program is made of."""
        from console.ui.about import AboutDialog  # noqa: PLC0415 - only who opens it pays

        AboutDialog(self._directory, self._window).open()

    # -- support ------------------------------------------------------------------------------

    def ask_support(self) -> None:
        """Ask where the masked file for support should go."""
        dialog = QFileDialog(self._window, tr("File for support"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("zip")
        dialog.setNameFilter(tr("Archive (*.zip)"))
        dialog.selectFile("cascade-support.zip")
        dialog.fileSelected.connect(lambda path: self._spawn(self.write_support(Path(path))))
        dialog.open()

    async def write_support(self, target: Path) -> None:
        """Write the file: versions, settings, checks, log and failures, with everything personal masked."""
        from console.desk.diagnostics import Evidence, write_bundle  # noqa: PLC0415
        from console.desk.doctor import examine  # noqa: PLC0415

        settings, secrets = self._account()
        checks = await examine(settings, secrets, self._directory, dict(os.environ))
        evidence = Evidence(
            settings=settings,
            secrets=secrets,
            directory=self._directory,
            checks=checks,
            stalls=tuple(self._stalls()),
        )

        def write() -> None:
            target.unlink(missing_ok=True)  # the agent was asked before
            write_bundle(target, evidence)

        try:
            await asyncio.to_thread(write)
        except OSError as error:
            reason = error.strerror or str(error)
            self._window.notify(tr("The file could not be written ({reason}).", reason=reason), "bad")
            return
        self._window.notify(
            tr(
                "{file} is ready. Numbers, texts and keys in it are masked; look through it all the same.",
                file=target.name,
            ),
            "good",
            action=(tr("Open folder"), lambda: open_place(target.parent)),
        )

    def tell_failures(self, crashes: CrashReports) -> None:
        """Say that the program failed before, if nobody has been told."""
        if crashes.unseen():
            self._window.notify(
                tr(
                    "Cascade failed the last time it ran. What was sent is safe in the journal. A file "
                    "for support holds what went wrong and nothing personal."
                ),
                "warning",
                action=(tr("File for support…"), self.ask_support),
            )
            crashes.mark_seen()
