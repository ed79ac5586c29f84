"""Templates from a file and into one: what would change is said before it does."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSaveFile, Qt
from PySide6.QtWidgets import QDialog, QFileDialog

from console.cascade.templates import FILE_LIMIT, TemplateError
from console.cascade.words import tr, trn
from console.desk.files import read_bounded
from console.ui.deeds import Spawn
from console.ui.timeline_actions import Question

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.desk.templates import ImportPlan

_FILTER: Final = "*.json"


class TemplateFiles:
    """Imports and exports the templates of ``desk``; ``question`` in ``window`` asks and tells."""

    def __init__(self, desk: Desk, spawn: Spawn, question: Question, window: QDialog) -> None:
        self._desk = desk
        self._spawn = spawn
        self._question = question
        self._window = window
        self._open = True
        window.finished.connect(self._ended)

    def _ended(self) -> None:
        self._open = False

    def ask_import(self) -> None:
        """Ask which file to take in."""
        dialog = self._file_dialog(tr("Import templates"), QFileDialog.AcceptMode.AcceptOpen)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self._spawn(self.bring_in(Path(path))))
        dialog.open()

    def ask_export(self) -> None:
        """Ask where the file should go."""
        dialog = self._file_dialog(tr("Export templates"), QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("json")
        dialog.selectFile("cascade-templates.json")
        dialog.fileSelected.connect(lambda path: self._spawn(self.give_out(Path(path))))
        dialog.open()

    def _file_dialog(self, title: str, mode: QFileDialog.AcceptMode) -> QFileDialog:
        dialog = QFileDialog(self._window, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setAcceptMode(mode)
        dialog.setNameFilter(tr("Templates ({pattern})", pattern=_FILTER))
        return dialog

    async def bring_in(self, path: Path) -> None:
        """Read a file, say what it would change, and change it once the agent agrees."""
        try:
            content = await asyncio.to_thread(read_bounded, path, FILE_LIMIT)
            plan = await self._desk.templates.compare(content)
        except OSError as error:
            reason = error.strerror or str(error)
            self._question.say(tr("The file cannot be read ({reason}).", reason=reason), "bad")
            return
        except TemplateError as error:
            self._question.say(tr("Nothing was imported. {problem}", problem=error), "bad")
            return
        if not self._open:
            return
        if not plan.new and not plan.changed:
            self._question.say(tr("Nothing to import: every template is here already."), "")
            return
        self._question.ask(plan.sentence, tr("Import"), lambda: self._spawn(self._take(plan)))

    async def _take(self, plan: ImportPlan) -> None:
        await self._desk.templates.take(plan)
        if self._open:
            taken = len(plan.new) + len(plan.changed)
            self._question.say(trn("{n} template imported.", "{n} templates imported.", taken), "good")

    async def give_out(self, path: Path) -> None:
        """Write all templates into a file, whole or not at all."""
        count = len(await self._desk.templates.all())
        content = await self._desk.templates.file()
        problem = await asyncio.to_thread(_write_whole, path, content)
        if not self._open:
            return
        if problem:
            self._question.say(tr("The file cannot be written ({reason}).", reason=problem), "bad")
        else:
            self._question.say(trn("{n} template exported.", "{n} templates exported.", count), "good")


def _write_whole(path: Path, content: bytes) -> str:
    """Put a file in its place at once; why not, or empty.

    Templates hold nothing personal and are made to be shared: unlike an export, the file is readable by
    whomever its folder lets read.
    """
    file = QSaveFile(str(path))
    if not file.open(QSaveFile.OpenModeFlag.WriteOnly):
        return file.errorString()
    file.write(content)
    return "" if file.commit() else file.errorString()
