"""The buttons of a timeline, and the question that a risky one asks first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QMenu, QPushButton, QToolButton, QVBoxLayout, QWidget

from console.cascade.words import tr
from console.ui.flow import FlowLayout
from console.ui.icons import icon
from console.ui.theme import SPACE
from console.ui.timeline_deeds import Action
from console.ui.widgets import Notice, name


class ActionBar(QWidget):
    """One button for each thing that can be done now; without any it takes no room."""

    wanted = Signal(object)
    """An :class:`Action` was pressed."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[Action, ...] = ()
        self._buttons: list[QPushButton] = []
        self._line = FlowLayout(2 * SPACE)
        self._line.setContentsMargins(0, SPACE, 0, 0)
        self.setLayout(self._line)
        self.hide()

    def show_actions(self, actions: tuple[Action, ...]) -> None:
        """Show these buttons."""
        if actions == self._shown:
            return
        self._shown = actions
        for button in self._buttons:
            self._line.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(action) for action in actions]
        for button in self._buttons:
            self._line.addWidget(button)
        self.setVisible(bool(actions))

    def _button(self, action: Action) -> QPushButton:
        button = QPushButton(action.label)
        button.setIcon(icon(action.icon, "accent_text" if action.primary else "text_muted"))
        button.setIconSize(QSize(16, 16))
        if action.primary:
            button.setProperty("role", "primary")
        name(button, f"action_{action.do}", action.label, action.detail)
        button.setToolTip(action.detail)
        button.clicked.connect(lambda: self.wanted.emit(action))
        return button

    def set_busy(self, busy: bool) -> None:
        """While one action is under way none can be pressed."""
        self.setEnabled(not busy)


class MoreMenu(QToolButton):
    """What is possible with every message."""

    reuse_wanted = Signal()
    resend_wanted = Signal()
    """Send again, whatever the state: warn first."""

    def __init__(self) -> None:
        super().__init__()
        self.setIcon(icon("more"))
        self.setIconSize(QSize(18, 18))
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        name(self, "timelineMore", tr("More actions"))
        self.setToolTip(tr("More actions"))
        menu = QMenu(self)
        menu.addAction(icon("pencil"), tr("Use as new draft")).triggered.connect(self.reuse_wanted)
        self._resend = menu.addAction(icon("retry"), tr("Send again…"))
        self._resend.triggered.connect(self.resend_wanted)
        self.setMenu(menu)

    def offer_resend(self, offered: bool) -> None:
        """Whether sending again is offered here: not where a button offers it already."""
        self._resend.setVisible(offered)


class Passing(QLabel):
    """A short confirmation that goes away by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", "caption")
        self.setObjectName("passingNote")
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.setInterval(2500)
        self._forget.timeout.connect(self.clear)

    def say(self, text: str) -> None:
        """Show ``text`` for a moment."""
        self.setText(text)
        self._forget.start()


class Question(QWidget):
    """Asks before something risky, or says why something did not work; sits in the pane, covers nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._notice: Notice | None = None
        self.hide()

    def ask(self, text: str, yes: str, then: Callable[[], None]) -> None:
        """Show ``text``; ``then`` runs if the agent presses ``yes``."""
        notice = self._fresh(text, "warning")
        agree = notice.add_button(yes, role="danger", object_name="questionYes")
        refuse = notice.add_button(tr("Cancel"), object_name="questionNo")
        agree.clicked.connect(then)
        agree.clicked.connect(self.withdraw)
        refuse.clicked.connect(self.withdraw)
        refuse.setFocus(Qt.FocusReason.OtherFocusReason)

    def say(self, text: str, tone: str) -> None:
        """Show one sentence that can be closed."""
        notice = self._fresh(text, tone)
        close = notice.add_button(tr("Close"), role="quiet", object_name="questionClose")
        close.clicked.connect(self.withdraw)

    def withdraw(self) -> None:
        """Take the question away."""
        self.hide()
        if self._notice is not None:
            # It lives until the loop turns; the next question must not stand beside it.
            self._notice.hide()
            self._notice.deleteLater()
            self._notice = None

    def _fresh(self, text: str, tone: str) -> Notice:
        self.withdraw()
        notice = Notice()
        notice.setObjectName("questionNotice")
        notice.say(text, tone)
        self._column.addWidget(notice)
        self._notice = notice
        self.show()
        return notice
