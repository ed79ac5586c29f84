"""The slim bar under the window: account, relay, and how old the last report is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QToolButton, QWidget

from console.cascade.words import tr
from console.ui import theme
from console.ui.deeds import Spawn
from console.ui.icons import icon
from console.ui.statusbar_rules import (
    Indicator,
    account_indicator,
    last_event_text,
    next_age_change,
    relay_indicator,
    skew_text,
    unmatched_indicator,
    unread_indicator,
)
from console.ui.theme import SPACE
from console.ui.timeline_text import tip
from console.ui.widgets import label, name, restyle

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.desk.values import Change


_TOKENS = {"good": "good", "warning": "warning", "bad": "bad", "active": "accent"}


class IndicatorButton(QToolButton):
    """An indicator that opens its settings when pressed."""

    def __init__(self, object_name: str, subject: str) -> None:
        super().__init__()
        self._subject = subject
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(14, 14))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setProperty("role", "indicator")
        name(self, object_name, subject)

    def show_indicator(self, said: Indicator) -> None:
        """Show icon, word and tool tip; the accessible name carries the word too."""
        self.setText(said.text)
        self.setIcon(icon(said.icon, _TOKENS.get(said.tone.value, "text_muted")))
        self.setToolTip(tip(said.detail))
        self.setAccessibleName(f"{self._subject}: {said.text}")
        self.setAccessibleDescription(said.detail)
        restyle(self, "tone", said.tone.value)


class StatusBar(QFrame):
    """Follows the desk's status; ticks only as often as a shown age changes."""

    settings_wanted = Signal(str)
    """The agent pressed an indicator: ``account`` or ``relay``."""
    unread_wanted = Signal()
    """The agent wants to see the next unread reply."""
    unmatched_wanted = Signal()
    """The agent wants to see what belongs to no message."""

    def __init__(self, spawn: Spawn) -> None:
        super().__init__()
        del spawn  # a status bar starts nothing; the parameter is every pane's
        self.setProperty("role", "footer")
        name(self, "statusBar", tr("Status"))
        self._desk: Desk | None = None
        self._unwatch: Callable[[], None] | None = None
        self._unwatch_replies: Callable[[], None] | None = None
        self._account = IndicatorButton("accountIndicator", tr("Account"))
        self._account.clicked.connect(lambda: self.settings_wanted.emit("account"))
        self._relay = IndicatorButton("connectionIndicator", tr("Relay"))
        self._relay.clicked.connect(lambda: self.settings_wanted.emit("relay"))
        self._unread = IndicatorButton("unreadIndicator", tr("Unread replies"))
        self._unread.clicked.connect(self.unread_wanted)
        self._unmatched = IndicatorButton("unmatchedIndicator", tr("Unmatched"))
        self._unmatched.clicked.connect(self.unmatched_wanted)
        self._skew = label("", "caption")
        self._skew.setObjectName("skewNote")
        self._age = label("", "caption")
        name(self._age, "lastEventAge", tr("Age of the last report"))
        line = QHBoxLayout(self)
        line.setContentsMargins(3 * SPACE, 0, 4 * SPACE, 0)
        line.setSpacing(2 * SPACE)
        line.addWidget(self._account)
        line.addWidget(_Divider())
        line.addWidget(self._relay)
        for button in (self._unread, self._unmatched):
            button.hide()
            line.addWidget(button)
        line.addStretch(1)
        line.addWidget(self._skew)
        line.addWidget(self._age)
        self.setFixedHeight(32)
        self._ticker = QTimer(self)
        self._ticker.setSingleShot(True)
        self._ticker.timeout.connect(self._show_age)

    def attach(self, desk: Desk) -> None:
        """Follow the status of ``desk`` from now on."""
        if self._unwatch is not None:
            self._unwatch()
        self._desk = desk
        self._unwatch = desk.watch(self._changed)
        if self._unwatch_replies is not None:
            self._unwatch_replies()
        self._unwatch_replies = desk.replies.watch(self._show_replies)
        self._show_status()
        self._show_replies()

    def _changed(self, change: Change) -> None:
        if change.status_changed:
            self._show_status()

    def _show_status(self) -> None:
        if self._desk is None:
            return
        status = self._desk.status
        self._account.show_indicator(account_indicator(status.account, sandbox=self._desk.settings.sandbox))
        self._relay.show_indicator(relay_indicator(status.relay, self._now()))
        slow = skew_text(status.skew)
        self._skew.setText(slow)
        restyle(self._skew, "tone", "warning" if slow else "")
        self._show_age()

    def _show_replies(self) -> None:
        if self._desk is None:
            return
        replies = self._desk.replies
        self._unread.show_indicator(unread_indicator(replies.unread))
        self._unread.setVisible(replies.unread > 0)
        self._unmatched.show_indicator(unmatched_indicator(replies.unmatched))
        self._unmatched.setVisible(replies.unmatched > 0)

    def _show_age(self) -> None:
        self._ticker.stop()
        moment = self._desk.status.last_event_at if self._desk is not None else None
        now = self._now()
        text = last_event_text(moment, now)
        self._age.setText(text)
        self._age.setAccessibleName(text or tr("No report yet"))
        if moment is not None and self.isVisible():
            self._ticker.start(int(next_age_change(moment, now) * 1000) + 50)

    def _now(self) -> datetime:
        return (self._desk.clock() if self._desk is not None else datetime.now(UTC)).astimezone()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_age()

    def hideEvent(self, event: QHideEvent) -> None:
        self._ticker.stop()
        super().hideEvent(event)


class _Divider(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(1, 16)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().border))
        painter.end()
