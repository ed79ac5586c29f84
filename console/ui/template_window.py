"""The templates of this desk: written, changed, deleted, brought in from a file and given to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from console.cascade.sms import count_sms
from console.cascade.speech import plain
from console.cascade.templates import (
    CATEGORY_LIMIT,
    NAME_LIMIT,
    Template,
    TemplateError,
    checked,
    found,
)
from console.cascade.viber import count_viber
from console.cascade.words import tr, trn
from console.ui.compose_encoding import Marks
from console.ui.compose_rules import sms_counter, viber_counter
from console.ui.compose_texts import MessageEdit
from console.ui.deeds import Spawn
from console.ui.rows import RowList
from console.ui.template_files import TemplateFiles
from console.ui.theme import SPACE
from console.ui.timeline_actions import Question
from console.ui.unmatched_rules import Row
from console.ui.widgets import FieldNote, dialog_button, label, name, search_edit

if TYPE_CHECKING:
    from console.cascade.message import Draft
    from console.desk.desk import Desk

_TYPING_MS: Final = 80
_MOST_ROWS: Final = 500
"""Lines listed at once; a search narrows the rest."""
_FIRST_WORDS: Final = 80
_FILTER: Final = "*.json"


class TemplateDialog(QDialog):
    """Follows the templates of ``desk`` while it is open. Use ``open()``."""

    def __init__(self, desk: Desk, spawn: Spawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Templates"))
        name(self, "templateDialog", tr("Templates"))
        self.resize(1020, 640)
        self._desk = desk
        self._spawn = spawn
        self._open = True
        self._all: list[Template] = []
        self._editing: Template | None = None
        """What the fields were filled from; ``None`` for a new one."""
        self._wanted: str | None = None
        """The key to choose once the list has been read."""
        self._make()
        self._lay_out()
        self._connect()
        self._read()

    # -- building ---------------------------------------------------------------------------

    def _make(self) -> None:
        self._search = search_edit(
            "templateSearch", tr("Search the templates"), tr("Search name, category or text"), longest=500
        )
        self._list = RowList(
            "templateList",
            tr("Templates"),
            (tr("Category"), tr("Name"), tr("Text")),
            "pencil",
            chosen_first=False,
        )
        self._name = QLineEdit()
        self._name.setMaxLength(NAME_LIMIT)
        name(self._name, "templateName", tr("Name"))
        self._category = QLineEdit()
        self._category.setMaxLength(CATEGORY_LIMIT)
        self._category.setPlaceholderText(tr("For example deliveries"))
        name(self._category, "templateCategory", tr("Category"))
        self._viber = MessageEdit(least_lines=4)
        name(
            self._viber,
            "templateViberText",
            tr("Viber text of the template"),
            tr("A word in braces, such as {name}, is a field to fill in before sending."),
        )
        self._viber.setPlaceholderText(tr("Hello {name}, your order {order} is ready."))
        self._viber_marks = Marks(self._viber.document(), encoding=False)
        self._same = QCheckBox(tr("SMS says the same"))
        self._same.setChecked(True)
        name(self._same, "templateSmsSame", self._same.text())
        self._sms = MessageEdit(least_lines=3)
        name(self._sms, "templateSmsText", tr("SMS text of the template"))
        self._sms_marks = Marks(self._sms.document(), encoding=True)
        self._counts = label("", "caption")
        name(self._counts, "templateCounts", "")
        self._note = FieldNote("templateProblem", tr("About this template"))
        self._question = Question()
        self._save = dialog_button("templateSave", tr("&Save"), "check", role="primary")
        self._delete = dialog_button("templateDelete", tr("&Delete…"), "trash")
        self._copy = dialog_button("templateCopy", tr("D&uplicate"), "copy")
        self._new = dialog_button("templateNew", tr("&New"), "plus")
        self._import = dialog_button("templateImport", tr("&Import…"), "arrow-down")
        self._export = dialog_button("templateExport", tr("&Export…"), "external")
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)

    def _lay_out(self) -> None:
        left = QWidget()
        side = QVBoxLayout(left)
        side.setContentsMargins(0, 0, 3 * SPACE, 0)
        side.setSpacing(2 * SPACE)
        side.addWidget(self._search)
        side.addWidget(self._list, 1)
        side.addWidget(self._new)

        names = QHBoxLayout()
        names.setSpacing(3 * SPACE)
        for caption, edit in ((tr("Name"), self._name), (tr("Category"), self._category)):
            column = QVBoxLayout()
            column.setSpacing(SPACE)
            column.addWidget(label(caption, "label", buddy=edit))
            column.addWidget(edit)
            names.addLayout(column, 1)
        right = QWidget()
        form = QVBoxLayout(right)
        form.setContentsMargins(3 * SPACE, 0, 0, 0)
        form.setSpacing(2 * SPACE)
        form.addLayout(names)
        form.addWidget(label(tr("Viber text"), "label", buddy=self._viber))
        form.addWidget(self._viber)
        form.addWidget(self._same)
        form.addWidget(self._sms)
        form.addWidget(self._counts)
        form.addWidget(self._note)
        form.addStretch(1)
        line = QHBoxLayout()
        line.setSpacing(2 * SPACE)
        for button in (self._save, self._copy, self._delete):
            line.addWidget(button)
        line.addStretch(1)
        form.addLayout(line)

        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.setChildrenCollapsible(False)
        sides.setHandleWidth(1)
        sides.addWidget(left)
        sides.addWidget(right)
        sides.setSizes([440, 520])

        whole = QVBoxLayout(self)
        whole.setContentsMargins(6 * SPACE, 5 * SPACE, 6 * SPACE, 5 * SPACE)
        whole.setSpacing(3 * SPACE)
        whole.addWidget(label(tr("Templates"), "title"))
        whole.addWidget(self._question)
        whole.addWidget(sides, 1)
        whole.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        close = dialog_button("templateClose", tr("Close"), "close")
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.setSpacing(2 * SPACE)
        foot.addWidget(self._import)
        foot.addWidget(self._export)
        foot.addStretch(1)
        foot.addWidget(close)
        return foot

    def _connect(self) -> None:
        self._search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._show_list)
        self._list.chosen.connect(self._chosen)
        for edit in (self._name, self._category):
            edit.textChanged.connect(self._edited)
        for text in (self._viber, self._sms):
            text.textChanged.connect(self._edited)
        self._same.toggled.connect(self._edited)
        self._new.clicked.connect(lambda: self._leave_for(None))
        self._copy.clicked.connect(self._duplicate)
        self._save.clicked.connect(self._keep)
        self._delete.clicked.connect(self._ask_delete)
        self.files = TemplateFiles(self._desk, self._spawn, self._question, self)
        self._import.clicked.connect(self.files.ask_import)
        self._export.clicked.connect(self.files.ask_export)
        unwatch = self._desk.templates.watch(self._read)
        self.finished.connect(unwatch)
        self.finished.connect(self._ended)
        self._fill(None)

    def _ended(self) -> None:
        self._open = False

    def begin_with(self, draft: Draft) -> None:
        """Start a new template from what stands in the form."""
        self._fill(None)
        self._viber.setPlainText(draft.viber_text)
        self._same.setChecked(draft.sms_follows or not draft.sms_enabled)
        if not self._same.isChecked():
            self._sms.setPlainText(draft.sms_text)
        self._name.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- the list ---------------------------------------------------------------------------

    def _read(self) -> None:
        self._spawn(self._bring())

    async def _bring(self) -> None:
        templates = await self._desk.templates.all()
        if not self._open:
            return
        self._all = sorted(templates, key=lambda each: (each.category.casefold(), each.key))
        self._export.setEnabled(bool(self._all))
        self._show_list()

    def _show_list(self) -> None:
        query = self._search.text().strip()
        hits = found(self._all, query) if query else self._all
        if query:
            self._list.say_empty(tr("Nothing found"), tr("No template has this in its name or text."))
        else:
            self._list.say_empty(tr("No template yet"), tr("Write one, or import a file."))
        blocked = self._list.blockSignals(True)
        rows = [
            (each.key, Row(each.category or "–", each.name, plain(each.viber_text)[:_FIRST_WORDS]))
            for each in hits[:_MOST_ROWS]
        ]
        self._list.show_rows(rows)
        self._list.blockSignals(blocked)
        if self._wanted is not None:
            self._list.choose(self._wanted)
            self._wanted = None

    def _chosen(self) -> None:
        key = self._list.key
        chosen = next((each for each in self._all if each.key == key), None)
        if chosen is not None and chosen != self._editing:
            self._leave_for(chosen)

    def _leave_for(self, template: Template | None) -> None:
        """Show another one, after a question where something typed would be lost."""
        if not self._unsaved:
            self._fill(template)
            return
        self._question.ask(
            tr("What you changed here is not saved."), tr("Discard it"), lambda: self._fill(template)
        )

    # -- the fields ---------------------------------------------------------------------------

    def _fill(self, template: Template | None) -> None:
        self._editing = template
        shown = template or Template(name="", viber_text="")
        self._name.setText(shown.name)
        self._category.setText(shown.category)
        self._viber.setPlainText(shown.viber_text)
        self._same.setChecked(shown.sms_text is None)
        self._sms.setPlainText(shown.sms_text or "")
        self._question.withdraw()
        self._edited()
        if template is None:
            self._list.tree.clearSelection()
            self._name.setFocus(Qt.FocusReason.OtherFocusReason)

    def _parts(self) -> tuple[str, str, str, str | None]:
        sms = None if self._same.isChecked() else self._sms.toPlainText()
        return self._name.text(), self._category.text(), self._viber.toPlainText(), sms

    @property
    def _unsaved(self) -> bool:
        standing = self._parts()
        old = self._editing
        if old is None:
            return any((standing[0], standing[1], standing[2], standing[3]))
        return standing != (old.name, old.category, old.viber_text, old.sms_text)

    def _edited(self) -> None:
        title, category, viber, sms = self._parts()
        self._sms.setVisible(sms is not None)
        template, problem = None, ""
        try:
            template = checked(title, category, viber, sms)
        except TemplateError as error:
            problem = str(error)
        names = Template(name=title, viber_text=viber, sms_text=sms).fields
        self._viber_marks.show_fields(names)
        self._sms_marks.show_fields(names)
        self._counts.setText(
            " · ".join(
                (
                    tr("Viber {count}", count=viber_counter(count_viber(viber))),
                    sms_counter(count_sms(viber if sms is None else sms)),
                    trn("{n} field", "{n} fields", len(names)),
                )
            )
        )
        self._counts.setAccessibleName(self._counts.text())
        self._note.say(problem if self._unsaved else "", "warning")
        self._save.setEnabled(template is not None and self._unsaved)
        self._save.setToolTip(problem)
        self._delete.setEnabled(self._editing is not None)
        self._copy.setEnabled(self._editing is not None)

    def _duplicate(self) -> None:
        title, category, viber, sms = self._parts()
        self._fill(None)
        self._name.setText(tr("{name} (copy)", name=title)[:NAME_LIMIT])
        self._category.setText(category)
        self._viber.setPlainText(viber)
        self._same.setChecked(sms is None)
        self._sms.setPlainText(sms or "")
        self._name.selectAll()

    def _keep(self) -> None:
        try:
            template = checked(*self._parts())
        except TemplateError as error:  # the button is disabled then; a key may be quicker
            self._note.say(str(error), "bad")
            return
        self._save.setEnabled(False)
        self._spawn(self._save_it(template, self._editing.key if self._editing else ""))

    async def _save_it(self, template: Template, instead_of: str) -> None:
        try:
            await self._desk.templates.save(template, instead_of=instead_of)
        except TemplateError as error:
            if self._open:
                self._note.say(str(error), "bad")
                self._save.setEnabled(True)
            return
        if self._open:
            self._wanted = template.key
            self._fill(template)

    def _ask_delete(self) -> None:
        chosen = self._editing
        if chosen is not None:
            self._question.ask(
                tr("Delete the template “{name}”?", name=chosen.name),
                tr("Delete"),
                lambda: self._spawn(self._forget(chosen.key)),
            )

    async def _forget(self, key: str) -> None:
        await self._desk.templates.delete(key)
        if self._open:
            self._fill(None)
