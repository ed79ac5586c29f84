"""The bubbles of a conversation: words in and out, files as links that only a person follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    QUrl,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QDesktopServices,
    QFontMetrics,
    QGuiApplication,
    QKeySequence,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QMessageBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from console.cascade.conversation import MediaLink
from console.cascade.words import tr
from console.ui import theme
from console.ui.direction import placed
from console.ui.icons import icon, paint_icon
from console.ui.replies_rules import Bubble
from console.ui.theme import BODY, CAPTION, SPACE
from console.ui.timeline_paint import Wrapped, wrapped
from console.ui.timeline_text import tip
from console.ui.widgets import name

Index = QModelIndex | QPersistentModelIndex

_ROLE: Final = int(Qt.ItemDataRole.UserRole)
_LINES: Final = 24
_WIDEST: Final = 460
_PAD: Final = 10
_LINK_ICON: Final = 18


class ConversationModel(QAbstractListModel):
    """The bubbles of one timeline."""

    def __init__(self) -> None:
        super().__init__()
        self._bubbles: list[Bubble] = []

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._bubbles)

    def data(self, index: Index, role: int = int(Qt.ItemDataRole.DisplayRole)) -> object:
        if not index.isValid():
            return None
        bubble = self._bubbles[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return bubble.spoken
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(bubble.caption)  # a narrow pane cuts it off
        return bubble if role == _ROLE else None

    def show_bubbles(self, bubbles: Sequence[Bubble]) -> bool:
        """Show ``bubbles``; whether that changed anything."""
        wanted = list(bubbles)
        if wanted == self._bubbles:
            return False
        have = len(self._bubbles)
        if have and wanted[:have] == self._bubbles:
            self.beginInsertRows(QModelIndex(), have, len(wanted) - 1)
            self._bubbles = wanted
            self.endInsertRows()
        else:
            self.beginResetModel()
            self._bubbles = wanted
            self.endResetModel()
        return True


class BubbleDelegate(QStyledItemDelegate):
    """Paints a bubble: ours at the right, the customer's at the left."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        bubble = cast(Bubble, index.data(_ROLE))
        width = cast(QListView, option.widget).viewport().width()
        text = _text_box(bubble, width)
        caption = QFontMetrics(theme.font(CAPTION)).height()
        return QSize(width, text.height + 2 * _PAD - 4 + caption + 2 + 2 * SPACE)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        bubble = cast(Bubble, index.data(_ROLE))
        worn = theme.current()
        area = option.rect
        text = _text_box(bubble, area.width())
        inset = _LINK_ICON if bubble.is_file else 0
        width, height = text.width + 2 * _PAD + 2 + inset, text.height + 2 * _PAD - 4
        left = area.right() - 4 * SPACE - width if bubble.ours else area.left() + 4 * SPACE
        box = QRectF(left, area.top() + SPACE, width, height)
        shown = placed(box, area)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if bubble.warning:
            painter.setBrush(QColor(worn.warning_soft))
        else:
            painter.setBrush(QColor(worn.hover) if bubble.ours else theme.channel_soft(bubble.channel))
        painter.drawRoundedRect(shown, theme.RADIUS_LARGE, theme.RADIUS_LARGE)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(worn.focus), 1.5))
            painter.drawRoundedRect(shown.adjusted(1, 1, -1, -1), theme.RADIUS_LARGE, theme.RADIUS_LARGE)
        if bubble.is_file:
            middle = box.top() + _PAD - 2 + QFontMetrics(theme.font(BODY)).height() / 2
            symbol, tint = ("external", worn.accent) if bubble.link else ("warning", worn.text_muted)
            place = placed(QRectF(box.left() + _PAD, middle - 7, 14, 14), area)
            paint_icon(painter, symbol, place, QColor(tint))
        painter.setPen(QColor(worn.accent if bubble.link else worn.text))
        words = placed(QRectF(box.left() + _PAD + inset, box.top() + _PAD - 2, text.width + 1, 1), area)
        text.draw(painter, words.left(), words.top())
        self._paint_caption(painter, area, box, bubble)
        painter.restore()

    def _paint_caption(self, painter: QPainter, area: QRect, box: QRectF, bubble: Bubble) -> None:
        worn = theme.current()
        painter.setFont(theme.font(CAPTION))
        metrics = painter.fontMetrics()
        room = area.width() - 8 * SPACE - 18
        caption = metrics.elidedText(bubble.caption, Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(caption)
        left = int(box.right()) - width - 2 if bubble.ours else int(box.left()) + 20
        top = int(box.bottom()) + 2
        colour = QColor(worn.warning if bubble.warning else worn.text_faint)
        if not bubble.ours:
            symbol = "warning" if bubble.warning else _channel_icon(bubble.channel)
            tint = colour if bubble.warning else theme.channel_colour(bubble.channel)
            place = placed(QRectF(box.left() + 2, top + metrics.height() / 2 - 7, 14, 14), area)
            paint_icon(painter, symbol, place, tint)
        painter.setPen(colour)
        line = placed(QRect(left, top, width, metrics.height()), area)
        painter.drawText(line.left(), top + metrics.ascent(), caption)


def _channel_icon(channel: str) -> str:
    return {"viber": "viber", "sms": "sms"}.get(channel, "relay")


def _text_box(bubble: Bubble, width: int) -> Wrapped:
    room = max(min(_WIDEST, width * 3 // 4) - 2 * _PAD, 60)
    # Measured first: a text that runs from right to left begins at the right of its line.
    natural = wrapped(bubble.text, BODY, room, _LINES)
    return wrapped(bubble.text, BODY, min(natural.width + 1, room), _LINES)


class Conversation(QListView):
    """The bubbles; Ctrl+C copies one whole.

    Attributes:
        rewrapped: its width has changed, and with it how high the bubbles stand.
    """

    rewrapped = Signal()

    def __init__(self, model: ConversationModel) -> None:
        super().__init__()
        name(self, "conversationView", tr("What was sent and what the customer replied"))
        self._open = QAction(icon("external"), tr("Open the file in the browser…"), self)
        self._open.setObjectName("openFileAction")
        self._open.setEnabled(False)
        self._open.triggered.connect(self.ask_to_open)
        self.addAction(self._open)
        self.setModel(model)
        self.setItemDelegate(BubbleDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalScrollBar().setSingleStep(24)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.activated.connect(self.ask_to_open)
        self.clicked.connect(lambda index: self.ask_to_open() if _link_of(index) else None)
        copy = QAction(icon("copy"), tr("Copy text"), self)
        copy.setShortcut(QKeySequence(QKeySequence.StandardKey.Copy))
        copy.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        copy.triggered.connect(self._copy)
        self.addAction(copy)
        theme.theme_changed.connect(self.scheduleDelayedItemsLayout)

    def content_height(self) -> int:
        """How high all bubbles stand, in pixels."""
        return sum(self.sizeHintForRow(row) for row in range(self.model().rowCount()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()
            self.rewrapped.emit()

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._open.setEnabled(_link_of(current) is not None)

    def ask_to_open(self) -> None:
        """Say where the file of the current bubble lies, and give it to the browser if that is wanted."""
        link = _link_of(self.currentIndex())
        if link is None:
            return
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        name(box, "openFileBox", tr("Open a file the customer sent?"))
        box.setWindowTitle(tr("Open a file the customer sent?"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(tr("The file is at {host}.", host=link.host))
        warning = tr("Anybody on the way can read and change it: the address is not encrypted.") + " "
        box.setInformativeText(
            ("" if link.secure else warning)
            + tr("It comes from the customer and was not checked. Open it in the browser?")
        )
        yes = box.addButton(tr("Open in the browser"), QMessageBox.ButtonRole.AcceptRole)
        yes.setObjectName("openFileButton")
        box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Cancel))
        yes.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(link.url)))
        box.open()

    def _copy(self) -> None:
        bubble = self.currentIndex().data(_ROLE)
        if isinstance(bubble, Bubble):
            QGuiApplication.clipboard().setText(bubble.whole)


def _link_of(index: Index) -> MediaLink | None:
    bubble = index.data(_ROLE)
    return bubble.link if isinstance(bubble, Bubble) else None
