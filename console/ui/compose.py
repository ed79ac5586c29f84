"""The compose pane: from nothing to a message on its way, without a mouse.

What is typed is saved as a draft shortly after the last key and again when the window
closes. Nothing typed is dropped when sending is refused or asked about first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QElapsedTimer, Qt, QTimer, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from console.cascade.message import Checked, Draft, DraftField, check
from console.cascade.recipient import parse_recipient
from console.cascade.templates import Template, field_names
from console.cascade.words import tr
from console.ui.compose_fallback import FallbackField
from console.ui.compose_options import AdvancedFields, KindField, TwoWayField
from console.ui.compose_recipient import RecipientField
from console.ui.compose_rules import after_send, send_reason
from console.ui.compose_send import SendBar
from console.ui.compose_template import TemplateField
from console.ui.compose_texts import SmsField, ViberField
from console.ui.deeds import Spawn
from console.ui.preview import SmsPreview, ViberPreview
from console.ui.template_walk import FieldWalker
from console.ui.theme import SPACE
from console.ui.timeline_sending import took
from console.ui.widgets import label

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.desk.settings import Settings
    from console.desk.values import Change

SAVE_AFTER_MS: Final = 400
"""How long after the last change a draft is saved."""
_PREVIEW_AFTER_MS: Final = 60
_SCROLLING_MS: Final = 500
"""A wheel that scrolled the pane this recently does not move the slider that comes under it."""


class ComposePane(QWidget):
    """Everything a message needs, checked on every key."""

    sent = Signal(str)
    """A message was taken into the journal; its ``message_id``."""

    def __init__(self, spawn: Spawn) -> None:
        super().__init__()
        self._spawn = spawn
        self._desk: Desk | None = None
        self._settings: Settings | None = None
        self._unwatch: Callable[[], None] = lambda: None
        self._answers: str | None = None
        self._filling = False
        self._busy = False
        self._undoable: tuple[str, Draft] | None = None
        self._saved = Draft()
        self._checked = check(Draft(), default_region=None)
        self.setObjectName("composePane")
        self.setAccessibleName(tr("New message"))
        self.setProperty("role", "pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(88 * SPACE)

        self.recipient = RecipientField()
        self.template = TemplateField()
        self.viber = ViberField()
        self.sms = SmsField()
        self.fields = FieldWalker((self.viber.edit, self.viber.marks), (self.sms.edit, self.sms.marks))
        self.fallback = FallbackField()
        self.kind = KindField()
        self.two_way = TwoWayField()
        self.advanced = AdvancedFields()
        self.viber_preview = ViberPreview()
        self.sms_preview = SmsPreview()
        self.bar = SendBar()
        self._preview = self._build_preview()
        self._lay_out()

        self._saving = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._saving.timeout.connect(self._autosave)
        self._previewing = QTimer(self, singleShot=True, interval=_PREVIEW_AFTER_MS)
        self._previewing.timeout.connect(self._show_previews)
        self._connect()
        self._changed()

    # -- life ---------------------------------------------------------------------------------

    def attach(self, desk: Desk) -> None:
        """Send through ``desk`` from now on, and bring back the draft it kept."""
        self._unwatch()
        self._desk = desk
        self._unwatch = desk.watch(self._desk_changed)
        self._use_settings(desk)
        self.template.attach(desk, self._spawn)
        self.fallback.adviser.attach(desk.adviser)
        self._spawn(self._begin(desk))

    def _desk_changed(self, change: Change) -> None:
        if change.status_changed and self._desk is not None and self._desk.settings is not self._settings:
            self._use_settings(self._desk)

    def _use_settings(self, desk: Desk) -> None:
        self._settings = settings = desk.settings
        self.recipient.set_region(settings.default_country or None)
        self.fallback.use_clock(desk.clock, settings.time_scale)
        self._changed()

    async def _begin(self, desk: Desk) -> None:
        # The first number read loads a numbering plan: not while somebody waits for a key.
        await asyncio.to_thread(parse_recipient, "+12025550100", None)
        draft = await desk.load_draft()
        if draft is not None and self.draft().blank:
            self.fill(draft)

    async def flush(self) -> None:
        """Save the draft now; for the moment before the window goes away."""
        self._saving.stop()
        if self._desk is not None and (draft := self.draft()) != self._saved:
            self._saved = draft
            await self._desk.save_draft(draft)

    # -- the draft ------------------------------------------------------------------------------

    def draft(self) -> Draft:
        """What stands in the form."""
        two_way = self.two_way.check.isChecked()
        return Draft(
            to=self.recipient.edit.text(),
            viber_text=self.viber.edit.toPlainText(),
            sms_text=self.sms.own_text,
            sms_enabled=self.sms.enabled.isChecked(),
            sms_follows=self.sms.follows.isChecked(),
            fallback_time=self.fallback.seconds,
            message_type=self.kind.kind,
            two_way=two_way,
            # A folded field is out of sight; what it holds must not be sent.
            reply_id=self.two_way.reply_id.text() if two_way else "",
            session=two_way and self.two_way.session.isChecked(),
            sender_id=self.advanced.value(DraftField.SENDER_ID),
            external_id=self.advanced.value(DraftField.EXTERNAL_ID),
            callback_url=self.advanced.value(DraftField.CALLBACK_URL),
            lifecycle_event=str(self.advanced.lifecycle.currentData()),
            originating_ip=self.advanced.value(DraftField.ORIGINATING_IP),
            answers=self._answers,
            open_fields=self._open_fields(),
        )

    def _open_fields(self) -> tuple[str, ...]:
        if not self.fields.open:
            return ()
        standing = field_names(self.viber.edit.toPlainText(), self.sms.own_text)
        return tuple(field for field in self.fields.open if field in standing)

    def fill(self, draft: Draft) -> None:
        """Show ``draft`` in place of what stands in the form."""
        self._filling = True
        self._answers = draft.answers
        self.template.clear()
        self.fields.set_open(draft.open_fields)
        self.recipient.edit.setText(draft.to)
        self.viber.edit.setPlainText(draft.viber_text)
        self.sms.set_values(
            draft.viber_text, draft.sms_text, enabled=draft.sms_enabled, follows=draft.sms_follows
        )
        self.fallback.set_seconds(draft.fallback_time)
        self.kind.set_kind(draft.message_type)
        self.two_way.set_values(draft)
        self.advanced.set_values(draft)
        self._filling = False
        self._changed()

    def fill_recipient(self, number: str) -> None:
        """Put a number into the form and leave the rest as it is."""
        self.recipient.edit.setText(number)
        self.viber.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def use_template(self, template: Template) -> None:
        """Put a template into the texts, as one step that Undo takes back, and go to its first field."""
        typed = self.viber.edit.toPlainText()
        lost = bool(typed.strip()) and typed != template.viber_text
        self._filling = True
        self.fields.add_open(template.fields)
        self.viber.edit.replace_all(template.viber_text)
        self.sms.use_template(template.viber_text, template.sms_text)
        self._filling = False
        self._changed()
        self.template.say(tr("It took the place of your text. Ctrl+Z brings that back.") if lost else "")
        self.viber.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.fields.go_to_first(self.viber.edit)

    def begin(self) -> None:
        """Put the keyboard where a message begins."""
        self.recipient.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.recipient.edit.selectAll()

    # -- what happens on every key --------------------------------------------------------------

    def _changed(self) -> None:
        if self._filling:
            return
        draft = self.draft()
        self._checked = self._check(draft)
        self.recipient.show_problems(self._checked)
        self.viber.show_problems(self._checked)
        self.sms.show_problems(self._checked)
        self.two_way.show_problems(self._checked)
        self.advanced.show_problems(self._checked)
        self.fallback.show_sms(draft.sms_enabled)
        recipient = self._checked.recipient
        self.fallback.adviser.show_region(recipient.region if recipient is not None else None)
        self.bar.put_question_away()
        self._show_reason()
        if not self._previewing.isActive():
            self._previewing.start()
        if draft != self._saved:
            self._saving.start()

    def _check(self, draft: Draft) -> Checked:
        if self._desk is not None:
            return self._desk.check(draft)
        return check(draft, default_region=None)

    def _show_reason(self) -> None:
        reason = send_reason(self._checked)
        if not reason and self._desk is None:
            reason = tr("Starting…")
        self.bar.show_reason(reason, busy=self._busy)

    def _viber_changed(self) -> None:
        if not self._filling:
            self.sms.follow(self.viber.edit.toPlainText())
        self._changed()

    def _show_previews(self) -> None:
        text = self.viber.edit.toPlainText()
        self.viber_preview.show_text(text)
        self.sms_preview.show_count(self.sms.count, enabled=self.sms.enabled.isChecked())
        shown = bool(text) or not self.sms_preview.isHidden()
        self._preview.setVisible(shown)

    def _autosave(self) -> None:
        self._spawn(self.flush())

    # -- sending --------------------------------------------------------------------------------

    def send(self) -> None:
        """Send what stands in the form, as the Send button does."""
        self._send(confirmed=False)

    def _send(self, *, confirmed: bool) -> None:
        if self._desk is None or self._busy or self._checked.message is None:
            return
        self._busy = True
        self._show_reason()
        self._spawn(self._hand_over(self._desk, self.draft(), confirmed=confirmed))

    async def _hand_over(self, desk: Desk, draft: Draft, *, confirmed: bool) -> None:
        try:
            answer = took(await desk.send(draft, confirmed=confirmed))
        finally:
            self._busy = False
            self._show_reason()
        self.bar.forget_trouble()
        if answer.message_id is not None:
            self._taken(answer.message_id, draft)
        elif answer.question:
            self.bar.ask(answer.question)
        else:
            self.bar.complain(answer.problem)

    def _taken(self, message_id: str, sent: Draft) -> None:
        self.fill(after_send(self.draft(), sent))
        self._saving.stop()
        self._autosave()
        self._scroll.verticalScrollBar().setValue(0)
        self.recipient.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self._undoable = (message_id, sent)
        if self._desk is not None and self._desk.settings.undo_seconds > 0:
            self.bar.offer_undo(self._desk.settings.undo_seconds)
        self.sent.emit(message_id)

    def _undo(self) -> None:
        if self._desk is not None and self._undoable is not None:
            self._spawn(self._take_back(self._desk, *self._undoable))

    async def _take_back(self, desk: Desk, message_id: str, sent: Draft) -> None:
        if not await desk.withdraw(message_id):
            self.bar.complain(tr("Too late: the message was already on its way."))
        elif self.draft().blank:
            self.fill(sent)

    # -- building -------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.viber.changed.connect(self._viber_changed)
        for part in (self.recipient, self.sms, self.fallback, self.kind, self.two_way, self.advanced):
            part.changed.connect(self._changed)
        self.template.chosen.connect(self.use_template)
        self.fields.changed.connect(self._changed)
        self.bar.send.connect(self.send)
        self.bar.confirmed.connect(lambda: self._send(confirmed=True))
        self.bar.undo.connect(self._undo)
        for keys in ("Ctrl+Return", "Ctrl+Enter"):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(self.send)
        for keys, field in (
            ("Alt+T", self.recipient.edit),
            ("Alt+P", self.template.combo),
            ("Alt+B", self.viber.edit),
            ("Alt+S", self.sms.edit),
            ("Alt+L", self.fallback.slider),
            ("Alt+K", self.kind.combo),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(partial(_go_to, field))
        self._since_scroll = QElapsedTimer()
        self._scroll.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.fallback.slider.wheel_allowed = self._wheel_rests

    def _scrolled(self) -> None:
        self._since_scroll.restart()

    def _wheel_rests(self) -> bool:
        return not self._since_scroll.isValid() or self._since_scroll.hasExpired(_SCROLLING_MS)

    def _build_preview(self) -> QWidget:
        preview = QWidget()
        column = QVBoxLayout(preview)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3 * SPACE)
        column.addWidget(_line())
        column.addWidget(label(tr("Preview"), "label"))
        column.addWidget(self.viber_preview)
        column.addWidget(self.sms_preview)
        preview.hide()
        return preview

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(5 * SPACE, 4 * SPACE, 4 * SPACE, 2 * SPACE)
        head.addWidget(label(tr("New message"), "title"), 1)

        form = QWidget()
        fields = QVBoxLayout(form)
        fields.setContentsMargins(5 * SPACE, 2 * SPACE, 5 * SPACE, 5 * SPACE)
        fields.setSpacing(4 * SPACE)
        # The template stands before the number: from the number, one Tab leads on to the text.
        first = (self.template, self.recipient)
        for part in (*first, self.viber, self.sms, self.fallback, _line(), self.kind):
            fields.addWidget(part)
        rare = QVBoxLayout()
        rare.setSpacing(2 * SPACE)
        rare.addWidget(self.two_way)
        rare.addWidget(self.advanced)
        fields.addLayout(rare)
        fields.addWidget(self._preview)
        fields.addStretch(1)

        self._scroll = QScrollArea()
        self._scroll.verticalScrollBar().rangeChanged.connect(
            # What the scroll bar takes, the margin gives: the fields do not move.
            lambda _least, most: fields.setContentsMargins(
                5 * SPACE, 2 * SPACE, (2 if most else 5) * SPACE, 5 * SPACE
            )
        )
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.viewport().setAutoFillBackground(False)
        self._scroll.setWidget(form)
        form.setAutoFillBackground(False)  # setWidget switches it on

        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.bar)
        # The exact field stands above the slider and comes after it.
        self.setTabOrder(self.fallback.slider, self.fallback.spin)
        self.setTabOrder(self.fallback.spin, self.fallback.adviser.chart)
        self.setTabOrder(self.fallback.adviser.chart, self.fallback.adviser.toggle)


def _go_to(field: QWidget) -> None:
    field.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _line() -> QFrame:
    line = QFrame()
    line.setProperty("role", "line")
    return line
