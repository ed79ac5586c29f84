"""What the menus and the history do about files: an export of many, a report of one."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMarginsF, Qt
from PySide6.QtGui import QPageLayout, QPageSize, QPdfWriter, QTextDocument
from PySide6.QtWidgets import QFileDialog

from console import __version__
from console.cascade.words import tr, trn
from console.desk.files import WholeFile
from console.ui.deeds import DeskDeeds, Spawn
from console.ui.menus import add_action
from console.ui.starting import open_place

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.ui.window import MainWindow


class ExportDeeds(DeskDeeds):
    """Adds its deeds to the message menu of ``window``."""

    def __init__(self, window: MainWindow, spawn: Spawn) -> None:
        super().__init__(window, spawn)
        menu = window.menus.message
        menu.addSeparator()
        export = add_action(menu, tr("&Export…"), "Ctrl+E", "exportAction", "external")
        report = add_action(menu, tr("&Report of this case…"), "Ctrl+Shift+E", "caseReportAction", "external")
        self._wait_for_desk(export, self.export)
        self._wait_for_desk(report, self.report)
        window.history.export_wanted.connect(self.export)
        window.history.report_wanted.connect(self.report)

    # -- many ---------------------------------------------------------------------------------

    def export(self) -> None:
        """Ask what should go into a file."""
        from console.ui.export_dialog import ExportDialog  # noqa: PLC0415 - only who opens it pays

        if self._desk is None:
            return
        history = self._window.history
        dialog = ExportDialog(self._desk, self._spawn, history.chosen(), history.listed(), self._window)
        dialog.exported.connect(self._exported)
        dialog.open()

    def _exported(self, path: str, count: int) -> None:
        text = trn(
            "{n} message exported to {file}.", "{n} messages exported to {file}.", count, file=Path(path).name
        )
        self._window.notify(text, action=(tr("Open folder"), lambda: open_place(Path(path).parent)))

    # -- one ----------------------------------------------------------------------------------

    def report(self) -> None:
        """Ask where the report of the message on screen should go."""
        message_id = self._window.timeline.message_id
        if self._desk is None or message_id is None:
            self._window.notify(tr("Choose a message first."))
            return
        pdf, page = tr("Document (*.pdf)"), tr("Web page (*.html)")
        dialog = QFileDialog(self._window, tr("Report of this case"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilters([pdf, page])
        dialog.setDefaultSuffix("pdf")
        dialog.filterSelected.connect(
            lambda chosen: dialog.setDefaultSuffix("pdf" if chosen == pdf else "html")
        )
        dialog.selectFile("cascade-case.pdf")
        dialog.fileSelected.connect(lambda path: self.write_report(message_id, Path(path)))
        dialog.open()

    def write_report(self, message_id: str, target: Path) -> None:
        """Write the report of a message, as PDF or HTML by the name of the file."""
        if self._desk is not None:
            self._spawn(self._write_report(self._desk, message_id, target))

    async def _write_report(self, desk: Desk, message_id: str, target: Path) -> None:
        from console.ui.case_rules import Making, case_page  # noqa: PLC0415 - only who wants one pays

        case = await desk.exports.case(message_id)
        if case is None:
            self._window.notify(tr("This message is no longer here."))
            return
        making = Making(
            at=desk.clock().astimezone(),
            program=tr("Cascade {version}", version=__version__),
            account=desk.settings.customer_id,
        )
        try:
            await asyncio.to_thread(lambda: _write(case_page(case.timeline, case.evidence, making), target))
        except OSError as error:
            reason = error.strerror or str(error)
            self._window.notify(tr("The report could not be written ({reason}).", reason=reason))
            return
        self._window.notify(
            tr("The report is in {file}.", file=target.name),
            action=(tr("Open"), lambda: open_place(target)),
        )


def _write(page: str, target: Path) -> None:
    """Whole or not at all; as PDF unless the name says otherwise.

    Raises:
        OSError: it cannot be written.
    """
    with WholeFile(target) as written:
        if target.suffix.lower() in (".html", ".htm"):
            written.write_text(page, encoding="utf-8", errors="backslashreplace")
        else:
            print_page(page, written)


def print_page(page: str, target: Path) -> None:
    """Lay a page out on A4 sheets, numbered, as a PDF. For any thread.

    Raises:
        OSError: it cannot be written.
    """
    writer = QPdfWriter(str(target))
    writer.setResolution(96)
    writer.setCreator(tr("Cascade {version}", version=__version__))
    writer.setPageLayout(
        QPageLayout(
            QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF(0, 0, 0, 0)
        )
    )
    document = QTextDocument()
    document.setHtml(page)
    document.print_(writer)  # without a page size of its own it leaves margins and numbers the sheets
    del writer
    if not target.stat().st_size:
        raise OSError(tr("nothing was written"))
