"""Setting up: account, relay, and what came of it, each part tried for real before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.cascade.words import tr
from console.desk.values import CheckResult
from console.ui.icons import icon
from console.ui.settings_fields import Field, TryLine
from console.ui.settings_form import make_fields, read_form
from console.ui.settings_rules import Form, Keychain, Stored, keychain_notice
from console.ui.theme import SPACE
from console.ui.widgets import (
    FieldNote,
    Notice,
    Sentence,
    dialog_button,
    label,
    name,
    restyle,
    yielding_check,
)
from console.ui.wizard_rules import CONNECTION, FIELDS, STEPS, Step, summary, title, wrong

_RARE: Final = ("api_url", "auth", "proxy", "ca_file")


class Wizard(QDialog):
    """Asks step by step and gives back one :class:`Form`. Use ``open()``.

    Args:
        overridden: the fields somebody else decides, each with the sentence that says who.
    """

    saved = Signal(object)
    """The agent wants this :class:`Form`. The wizard stays until :meth:`accept` or :meth:`fail`."""
    account_test = Signal(object)
    relay_test = Signal(object)
    sandbox_wanted = Signal()

    def __init__(
        self,
        form: Form,
        stored: Stored,
        overridden: Mapping[str, str],
        keychain: Keychain,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Set up Cascade"))
        name(self, "wizard", tr("Set up Cascade"))
        self.resize(620, 640)
        self._stored = stored
        self._keychain = keychain
        self._tried: set[Step] = set()
        self._account_ok: bool | None = None
        self._relay_ok: bool | None = None
        self._session = yielding_check(tr("Use the keys typed here until Cascade is closed"))
        name(self._session, "wizardSession", self._session.text())
        self._fields = make_fields(form, stored, overridden)
        self._account_try = TryLine("wizardTestAccount", tr("&Test the account"), self._try_account)
        self._relay_try = TryLine("wizardTestRelay", tr("&Test the relay"), self._try_relay)
        self._lay_out()
        for key, field in self._fields.items():
            field.changed.connect(lambda key=key: self._edited(key))
        self._session.toggled.connect(lambda: self._edited("api_key"))
        self._go(Step.ACCOUNT)

    # -- building ---------------------------------------------------------------------------

    def _lay_out(self) -> None:
        self._pages = QStackedWidget()
        for step, page in (
            (Step.ACCOUNT, self._account_page()),
            (Step.RELAY, self._relay_page()),
            (Step.READY, self._ready_page()),
        ):
            self._pages.insertWidget(STEPS.index(step), page)
        self._trail = [label("", "caption") for _ in STEPS]
        trail = QHBoxLayout()
        trail.setContentsMargins(6 * SPACE, 4 * SPACE, 6 * SPACE, 0)
        trail.setSpacing(2 * SPACE)
        for number, mark in enumerate(self._trail):
            mark.setObjectName(f"wizardStep{number + 1}")
            trail.addWidget(mark)
        trail.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(trail)
        column.addWidget(self._pages, 1)
        column.addLayout(self._foot())

    def _foot(self) -> QHBoxLayout:
        self._sandbox = dialog_button("wizardSandbox", tr("Try the &sandbox instead"), role="quiet")
        self._sandbox.clicked.connect(self._to_sandbox)
        self._message = Sentence()
        name(self._message, "wizardMessage", tr("What keeps you from going on"))
        self._back = dialog_button("wizardBack", tr("&Back"))
        self._back.clicked.connect(lambda: self._go(STEPS[STEPS.index(self.step) - 1]))
        self._next = dialog_button("wizardNext", tr("&Next"), role="primary")
        self._next.setDefault(True)
        self._next.clicked.connect(self._on)
        foot = QHBoxLayout()
        foot.setContentsMargins(6 * SPACE, 3 * SPACE, 6 * SPACE, 4 * SPACE)
        foot.setSpacing(2 * SPACE)
        foot.addWidget(self._sandbox)
        foot.addWidget(self._message, 1)
        foot.addWidget(self._back)
        foot.addWidget(self._next)
        return foot

    def _page(self, heading: str, text: str) -> tuple[QScrollArea, QVBoxLayout]:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(6 * SPACE, 4 * SPACE, 6 * SPACE, 6 * SPACE)
        column.setSpacing(4 * SPACE)
        column.addWidget(label(heading, "title"))
        column.addWidget(Sentence(text, "muted"))
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(page)
        return scroll, column

    def _account_page(self) -> QWidget:
        page, column = self._page(
            tr("Your Telesign account"),
            tr("Customer id and API key stand in Telesign's portal. The key stays on this computer."),
        )
        column.addWidget(self._fields["customer_id"])
        column.addWidget(self._fields["api_key"])
        notice = Notice()
        notice.setObjectName("wizardKeychain")
        notice.say(*keychain_notice(self._keychain))
        column.addWidget(notice)
        self._session.setVisible(not self._keychain.available)
        column.addWidget(self._session)
        rare = QWidget()
        more = QVBoxLayout(rare)
        more.setContentsMargins(0, 0, 0, 0)
        more.setSpacing(4 * SPACE)
        for key in _RARE:
            more.addWidget(self._fields[key])
        rare.hide()
        unfold = dialog_button("wizardMore", tr("&Region, proxy, certificates"), role="quiet")
        unfold.setIcon(icon("chevron-right"))
        unfold.setCheckable(True)
        unfold.toggled.connect(rare.setVisible)
        unfold.toggled.connect(
            lambda shown: unfold.setIcon(icon("chevron-down" if shown else "chevron-right"))
        )
        self._unfold = unfold
        column.addWidget(unfold, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(rare)
        column.addWidget(self._account_try)
        column.addStretch(1)
        return page

    def _relay_page(self) -> QWidget:
        page, column = self._page(
            tr("Your relay"),
            tr(
                "Telesign tells the relay what became of each message, and passes on replies; this desk asks "
                "the relay. Whoever runs it gives you an address and a token. You may leave this empty "
                "for now."
            ),
        )
        column.addWidget(self._fields["relay_url"])
        column.addWidget(self._fields["relay_token"])
        column.addWidget(self._relay_try)
        self._without = FieldNote("wizardWithout", tr("Without a relay"))
        column.addWidget(self._without)
        column.addStretch(1)
        return page

    def _ready_page(self) -> QWidget:
        page, column = self._page(tr("Ready"), tr("This is what will be kept."))
        self._lines = QVBoxLayout()
        self._lines.setSpacing(2 * SPACE)
        column.addLayout(self._lines)
        column.addWidget(self._fields["default_country"])
        column.addWidget(self._fields["notifications"])
        column.addStretch(1)
        return page

    # -- what the control asks and tells ------------------------------------------------------

    @property
    def step(self) -> Step:
        """The step on screen."""
        return STEPS[self._pages.currentIndex()]

    def form(self) -> Form:
        """What is typed now."""
        return read_form(self._fields, session_only=self._session.isChecked())

    def account_tested(self, result: CheckResult) -> None:
        """The account's test has ended."""
        if self._account_try.end(result):
            self._account_ok = result.ok

    def relay_tested(self, result: CheckResult) -> None:
        """The relay's test has ended."""
        if self._relay_try.end(result):
            self._relay_ok = result.ok

    def fail(self, text: str) -> None:
        """What was typed could not be kept."""
        self._say(text)
        self._next.setEnabled(True)

    # -- going --------------------------------------------------------------------------------

    def _go(self, step: Step) -> None:
        self._pages.setCurrentIndex(STEPS.index(step))
        if step is Step.READY:
            self._show_summary()
        last = step is STEPS[-1]
        self._back.setVisible(step is not STEPS[0])
        self._sandbox.setVisible(step is STEPS[0])
        self._next.setText(tr("&Finish") if last else tr("&Next"))
        self._next.setAccessibleName(self._next.text().replace("&", ""))
        self._say("")
        self._show_without()
        for number, (each, shown) in enumerate(zip(STEPS, self._trail, strict=True), 1):
            here = each is step
            shown.setText(tr("{number} {step}", number=number, step=title(each)))
            restyle(shown, "role", "label" if here else "caption")
        first = next((self._fields[key] for key in FIELDS[step] if not self._fields[key].overridden), None)
        if first is not None:
            first.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on(self) -> None:
        if not self._check(self.step):
            return
        if self.step is STEPS[-1]:
            self._next.setEnabled(False)
            self.saved.emit(self.form())
        else:
            self._go(STEPS[STEPS.index(self.step) + 1])

    def _to_sandbox(self) -> None:
        self.sandbox_wanted.emit()
        self.reject()

    def _check(self, step: Step) -> bool:
        self._tried.add(step)
        found = self._show_problems(step)
        if any(key in found for key in _RARE):
            self._unfold.setChecked(True)
        if found:
            self._say(found.get("session_only") or tr("Look at what is marked above."))
            field: Field | None = next((self._fields[key] for key in FIELDS[step] if key in found), None)
            if field is not None:
                field.editor.setFocus(Qt.FocusReason.OtherFocusReason)
        return not found

    def _show_problems(self, step: Step) -> dict[str, str]:
        found = wrong(step, self.form(), self._stored, self._keychain)
        found = {
            key: text
            for key, text in found.items()
            if key not in self._fields or not self._fields[key].overridden
        }
        for key in FIELDS[step]:
            self._fields[key].say(found.get(key, ""))
        if not found:
            self._say("")
        return found

    def _edited(self, key: str) -> None:
        if key in FIELDS[Step.ACCOUNT]:
            self._account_try.forget()
            self._account_ok = None
        if key in FIELDS[Step.RELAY] or key in CONNECTION:
            self._relay_try.forget()
            self._relay_ok = None
        self._show_without()
        if self.step in self._tried:
            self._show_problems(self.step)

    def _show_without(self) -> None:
        empty = not self._fields["relay_url"].text
        self._without.say(
            tr("Without a relay you can send, but you do not see what became of it.") if empty else "",
            "warning",
        )

    def _show_summary(self) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        told = summary(self.form(), self._stored, self._keychain, self._account_ok, self._relay_ok)
        for number, each in enumerate(told):
            line = FieldNote(f"wizardSummary{number}", tr("What will be kept"))
            self._lines.addWidget(line)
            line.say(each.text, "good" if each.good else "warning")

    def _try_account(self) -> None:
        if self._check(Step.ACCOUNT):
            self._account_try.begin()
            self.account_test.emit(self.form())

    def _try_relay(self) -> None:
        if self._fields["relay_url"].text and self._check(Step.RELAY):
            self._relay_try.begin()
            self.relay_test.emit(self.form())
        elif not self._fields["relay_url"].text:
            self._fields["relay_url"].say(tr("Type the relay's address to try it."))

    def _say(self, text: str) -> None:
        self._message.setText(text)
        restyle(self._message, "tone", "bad" if text else "")

    @property
    def told(self) -> list[str]:
        """The lines of the summary, for tests and screen readers."""
        items = (self._lines.itemAt(place) for place in range(self._lines.count()))
        lines = (item.widget() for item in items if item is not None)
        return [line.text for line in lines if isinstance(line, FieldNote)]
