"""The icon in the tray: how many replies are unread, and the shortest ways into the window."""

from __future__ import annotations

from functools import cache

import shiboken6
from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from console.cascade.words import tr
from console.resources import resource
from console.ui import theme
from console.ui.notifying_rules import Notice, badge_text, tray_tip

_SIZES = (16, 22, 24, 32, 48, 64, 128)


@cache
def program_icon() -> QIcon:
    """Cascade's own icon, in every size a desktop asks for."""
    drawing = QSvgRenderer(str(resource("app", "cascade.svg")))
    made = QIcon()
    for size in _SIZES:
        picture = QPixmap(size, size)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        drawing.render(painter)
        painter.end()
        made.addPixmap(picture)
    return made


def badged(icon: QIcon, text: str) -> QIcon:
    """The icon with a round badge; the icon itself where there is nothing to say."""
    if not text:
        return icon
    worn = theme.current()
    made = QIcon()
    for size in _SIZES:
        picture = QPixmap(icon.pixmap(size, size))
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = size * 0.62
        wide = side * (1.0 if len(text) == 1 else 1.25 if len(text) == 2 else 1.5)
        badge = QRectF(size - wide, size - side, wide, side)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(worn.bad))
        painter.drawRoundedRect(badge, side / 2, side / 2)
        font = QFont(painter.font())
        font.setPixelSize(max(int(side * 0.72), 6))
        font.setBold(True)
        painter.setFont(font)
        painter.setPen(QColor(worn.accent_text))
        painter.drawText(badge, int(Qt.AlignmentFlag.AlignCenter), text)
        painter.end()
        made.addPixmap(picture)
    return made


class Tray(QObject):
    """Stands in the tray while there is one; without one every method does nothing."""

    show_wanted = Signal()
    new_wanted = Signal()
    unread_wanted = Signal()
    quit_wanted = Signal()
    clicked = Signal(object)
    """The :class:`Notice` whose balloon was clicked."""

    def __init__(self, *, available: bool | None = None) -> None:
        super().__init__()
        self._plain = program_icon()
        self._last: Notice | None = None
        self._unread = -1
        there = QSystemTrayIcon.isSystemTrayAvailable() if available is None else available
        self.icon: QSystemTrayIcon | None = None
        if there:
            self.icon = QSystemTrayIcon(self._plain, self)
            self.icon.setObjectName("trayIcon")
            self._menu = self._make_menu()
            self.icon.setContextMenu(self._menu)
            self.icon.activated.connect(self._activated)
            self.icon.messageClicked.connect(self._balloon_clicked)
            self.icon.show()
        self.show_unread(0)

    def _make_menu(self) -> QMenu:
        menu = QMenu()
        menu.setObjectName("trayMenu")
        menu.addAction(tr("Show Cascade")).triggered.connect(self.show_wanted)
        menu.addAction(tr("New message")).triggered.connect(self.new_wanted)
        self._unread_action = menu.addAction(tr("Next unread reply"))
        self._unread_action.triggered.connect(self.unread_wanted)
        menu.addSeparator()
        menu.addAction(tr("Quit")).triggered.connect(self.quit_wanted)
        return menu

    def show_unread(self, unread: int) -> None:
        """Say how many replies nobody has seen."""
        if unread == self._unread:
            return
        self._unread = unread
        QGuiApplication.instance().setBadgeNumber(unread)  # type: ignore[union-attr]
        if self.icon is not None:
            self.icon.setIcon(badged(self._plain, badge_text(unread)))
            self.icon.setToolTip(tray_tip(unread))
            self._unread_action.setEnabled(unread > 0)

    def show_notice(self, notice: Notice) -> bool:
        """Show a balloon; whether there is a tray that can."""
        if self.icon is None or not QSystemTrayIcon.supportsMessages():
            return False
        self._last = notice
        self.icon.showMessage(notice.title, notice.text, self._plain)
        return True

    def close(self) -> None:
        """Leave the tray, and let nothing of it outlive the application."""
        QGuiApplication.instance().setBadgeNumber(0)  # type: ignore[union-attr]
        if self.icon is not None:
            self.icon.hide()
            shiboken6.delete(self.icon)
            shiboken6.delete(self._menu)
            self.icon = None

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in (
            QSystemTrayIcon.ActivationReason.Trigger,
            QSystemTrayIcon.ActivationReason.DoubleClick,
        ):
            self.show_wanted.emit()

    def _balloon_clicked(self) -> None:
        if self._last is not None:
            self.clicked.emit(self._last)
