"""The settings: account, relay, and how this desk behaves. Never modal for the event loop: ``open()``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.cascade.words import tr
from console.desk.values import CheckResult
from console.ui import theme
from console.ui.icons import icon
from console.ui.settings_fields import TryLine
from console.ui.settings_form import make_fields, read_form
from console.ui.settings_rules import (
    Form,
    Keychain,
    Stored,
    keychain_notice,
    problems,
    undo_text,
)
from console.ui.theme import SPACE
from console.ui.widgets import Notice, Sentence, label, name, yielding_check

_ACCOUNT: Final = ("customer_id", "api_key", "auth", "api_url", "proxy", "ca_file")
_RELAY: Final = ("relay_url", "relay_token", "proxy", "ca_file")
"""What the relay is reached by: other fields leave the result of its test standing."""
PAGES: Final = ("account", "relay", "privacy", "general")

_TYPING: Final = 300
"""Milliseconds after a change until the journal is asked what it means."""
_SPEAKING: Final = ("undo_seconds", "retention_days")
"""Fields that say what their value means, and can hold nothing wrong."""


class SettingsDialog(QDialog):
    """Shows a :class:`Form` and gives back the one that was typed.

    ``overridden`` names the fields somebody else decides, each with the sentence that says who.
    """

    saved = Signal(object)
    """The agent wants this :class:`Form`. The dialog stays until :meth:`accept` or :meth:`fail`."""
    retention_wanted = Signal(int)
    """What would keeping messages for so many days delete? Answered by :meth:`retention_previewed`."""
    account_test = Signal(object)
    relay_test = Signal(object)

    def __init__(
        self,
        form: Form,
        stored: Stored,
        overridden: Mapping[str, str],
        keychain: Keychain,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name(self, "settingsDialog", tr("Settings"))
        self.resize(720, 620)
        self._stored = stored
        self._keychain = keychain
        self._tried = False
        self._session = yielding_check(tr("Use the keys typed here until Cascade is closed"))
        name(self._session, "sessionKeysCheck", self._session.text())
        self._fields = make_fields(form, stored, overridden)
        self._account_try = TryLine(
            "testAccountButton", tr("&Test the account"), lambda: self._try("account")
        )
        self._relay_try = TryLine("testRelayButton", tr("&Test the relay"), lambda: self._try("relay"))
        self._lay_out()
        self._fields["undo_seconds"].say(undo_text(form.undo_seconds), "")
        self._ask_retention = QTimer(self)
        self._ask_retention.setSingleShot(True)
        self._ask_retention.setInterval(_TYPING)
        self._ask_retention.timeout.connect(lambda: self.retention_wanted.emit(self._retention()))
        self._fields["retention_days"].changed.connect(self._ask_retention.start)
        for key, field in self._fields.items():
            field.changed.connect(lambda key=key: self._edited(key))
        self._edited("")
        self._session.toggled.connect(lambda: self._edited("api_key"))

    # -- building ---------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._pages = QStackedWidget()
        self._pages.addWidget(
            self._page(
                tr("Telesign account"),
                tr("From Telesign's portal. The key stays on this computer."),
                _ACCOUNT,
                self._account_try,
                with_keychain=True,
            )
        )
        self._pages.addWidget(
            self._page(
                tr("Relay"),
                tr("The relay receives Telesign's reports and passes them on to this desk."),
                ("relay_url", "relay_token", "poll_wait", "poll_interval"),
                self._relay_try,
            )
        )
        self._pages.addWidget(
            self._page(
                tr("Privacy"),
                tr("What stays on this computer, and who sees it."),
                ("retention_days", "mask_numbers", "notifications", "notification_text"),
                None,
            )
        )
        self._pages.addWidget(
            self._page(tr("This desk"), "", ("default_country", "undo_seconds", "theme", "language"), None)
        )
        self._nav = self._make_nav()
        self._wear_theme()
        theme.theme_changed.connect(self._wear_theme)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(6 * SPACE, 3 * SPACE, 6 * SPACE, 4 * SPACE)
        buttons.setSpacing(2 * SPACE)
        self._message = Sentence()
        name(self._message, "settingsMessage", tr("What keeps the settings from being saved"))
        cancel = QPushButton(tr("Cancel"))
        name(cancel, "settingsCancel", tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self._save = QPushButton(tr("Save"))
        self._save.setProperty("role", "primary")
        self._save.setDefault(True)
        name(self._save, "settingsSave", tr("Save"))
        self._save.clicked.connect(self._submit)
        buttons.addWidget(self._message, 1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._save)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        middle.addWidget(self._nav)
        middle.addWidget(self._pages, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(middle, 1)
        column.addLayout(buttons)

    def _make_nav(self) -> QListWidget:
        nav = QListWidget()
        nav.setProperty("role", "nav")
        name(nav, "settingsPages", tr("Pages of the settings"))
        nav.setFrameShape(QFrame.Shape.NoFrame)
        nav.setSpacing(2)
        nav.setIconSize(QSize(16, 16))
        width = 42 * SPACE
        for symbol, text in (
            ("user", tr("Account")),
            ("relay", tr("Relay")),
            ("eye", tr("Privacy")),
            ("settings", tr("This desk")),
        ):
            item = QListWidgetItem(icon(symbol), text)
            # Beside the text: the icon, and what stands around both.
            width = max(width, nav.fontMetrics().horizontalAdvance(text) + 18 * SPACE)
            item.setSizeHint(QSize(140, 36))
            nav.addItem(item)
        nav.setFixedWidth(width)
        nav.currentRowChanged.connect(self._pages.setCurrentIndex)
        nav.setCurrentRow(0)
        return nav

    def _wear_theme(self) -> None:
        """The list of pages stands on the window's colour, not on a field's."""
        worn = self._nav.palette()
        worn.setColor(QPalette.ColorRole.Highlight, theme.current().accent_soft)
        worn.setColor(QPalette.ColorRole.Base, theme.current().window)
        self._nav.setPalette(worn)

    def _page(
        self,
        title: str,
        text: str,
        keys: tuple[str, ...],
        test: TryLine | None,
        *,
        with_keychain: bool = False,
    ) -> QScrollArea:
        page = QWidget()
        page.setProperty("role", "pane")
        page.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(page)
        column.setContentsMargins(6 * SPACE, 6 * SPACE, 6 * SPACE, 6 * SPACE)
        column.setSpacing(4 * SPACE)
        column.addWidget(label(title, "title"))
        if text:
            column.addWidget(Sentence(text, "muted"))
        for key in keys:
            column.addWidget(self._fields[key])
            if key == "api_key" and with_keychain:
                column.addWidget(self._keychain_part())
        if test is not None:
            column.addWidget(test)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        return scroll

    def _keychain_part(self) -> QWidget:
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE)
        notice = Notice()
        notice.setObjectName("keychainNotice")
        text, tone = keychain_notice(self._keychain)
        notice.say(text, tone)
        column.addWidget(notice)
        self._session.setVisible(not self._keychain.available)
        column.addWidget(self._session)
        return part

    # -- use --------------------------------------------------------------------------------

    def show_page(self, page: str) -> None:
        """Go to a page of :data:`PAGES`; any other name stays where it is."""
        if page in PAGES:
            self._nav.setCurrentRow(PAGES.index(page))

    def form(self) -> Form:
        """What is typed now."""
        return read_form(self._fields, session_only=self._session.isChecked())

    def account_tested(self, result: CheckResult) -> None:
        """The account's test has ended."""
        self._account_try.end(result)

    def relay_tested(self, result: CheckResult) -> None:
        """The relay's test has ended."""
        self._relay_try.end(result)

    def retention_previewed(self, text: str, tone: str) -> None:
        """What the time of keeping in the field would delete."""
        self._fields["retention_days"].say(text, tone)

    def ask_to_delete(self, text: str, agreed: Callable[[], None]) -> None:
        """Ask before messages are deleted, as ``text`` says; on no, the settings stay open and unsaved."""
        question = QMessageBox(self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name(question, "retentionQuestion", tr("Delete old messages?"))
        question.setIcon(QMessageBox.Icon.Warning)
        question.setWindowTitle(tr("Delete old messages?"))
        question.setTextFormat(Qt.TextFormat.PlainText)
        question.setText(tr("Delete old messages?"))
        question.setInformativeText(text)
        delete = question.addButton(tr("Delete and save"), QMessageBox.ButtonRole.AcceptRole)
        name(delete, "retentionDelete", delete.text())
        question.setDefaultButton(question.addButton(QMessageBox.StandardButton.Cancel))
        delete.clicked.connect(agreed)
        question.rejected.connect(lambda: self.fail(""))
        question.open()

    def _retention(self) -> int:
        return self._fields["retention_days"].number

    def fail(self, text: str) -> None:
        """The settings could not be saved."""
        self._say(text)
        self._save.setEnabled(True)

    def _edited(self, key: str) -> None:
        if key in _ACCOUNT:
            self._account_try.forget()
        if key in _RELAY:
            self._relay_try.forget()
        shown = self._fields["notification_text"]
        shown.editor.setEnabled(self._fields["notifications"].checked and not shown.overridden)
        undo = self._fields["undo_seconds"]
        undo.say(undo_text(undo.number), "")
        if self._tried:
            self._check()

    def _check(self, page: str | None = None) -> bool:
        """Say what is wrong beside each field; whether nothing is (on ``page``, or at all)."""
        found = problems(self.form(), self._stored, self._keychain)
        first = {problem.field: problem for problem in reversed(found)}
        for key, field in self._fields.items():
            if key not in _SPEAKING:
                field.say(first[key].text if key in first and not field.overridden else "")
        relevant = [
            problem
            for problem in found
            if page in (None, problem.page)
            and not (problem.field in self._fields and self._fields[problem.field].overridden)
        ]
        self._say(relevant[0].text if relevant else "")
        if relevant:
            self.show_page(relevant[0].page)
        return not relevant

    def _say(self, text: str) -> None:
        self._message.setText(text)
        self._message.setProperty("tone", "bad" if text else "")
        self._message.style().polish(self._message)

    def _try(self, page: str) -> None:
        self._tried = True
        if not self._check(page):
            return
        if page == "account":
            self._account_try.begin()
            self.account_test.emit(self.form())
        else:
            self._relay_try.begin()
            self.relay_test.emit(self.form())

    def _submit(self) -> None:
        self._tried = True
        if self._check():
            self._save.setEnabled(False)
            self.saved.emit(self.form())
