"""The conversation under a timeline: what was sent, what came back, and the answer."""

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
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from console.cascade.outcome import Timeline
from console.cascade.words import tr
from console.ui import theme
from console.ui.icons import icon, paint_icon
from console.ui.replies_rules import Bubble, no_reply_reason, reply_caution
from console.ui.theme import BODY, CAPTION, SPACE
from console.ui.timeline_paint import Wrapped, wrapped
from console.ui.widgets import FieldNote, name

Index = QModelIndex | QPersistentModelIndex

_ROLE: Final = int(Qt.ItemDataRole.UserRole)
_LINES: Final = 24
_WIDEST: Final = 460
_PAD: Final = 10
_ANSWER_LIMIT: Final = 1000
_ANSWER_LINES: Final = 4


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
        width, height = text.width + 2 * _PAD + 2, text.height + 2 * _PAD - 4
        left = area.right() - 4 * SPACE - width if bubble.ours else area.left() + 4 * SPACE
        box = QRectF(left, area.top() + SPACE, width, height)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if bubble.warning:
            painter.setBrush(QColor(worn.warning_soft))
        else:
            painter.setBrush(QColor(worn.hover) if bubble.ours else theme.channel_soft(bubble.channel))
        painter.drawRoundedRect(box, theme.RADIUS_LARGE, theme.RADIUS_LARGE)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(worn.focus), 1.5))
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), theme.RADIUS_LARGE, theme.RADIUS_LARGE)
        painter.setPen(QColor(worn.text))
        text.draw(painter, box.left() + _PAD, box.top() + _PAD - 2)
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
            paint_icon(painter, symbol, QRectF(box.left() + 2, top + metrics.height() / 2 - 7, 14, 14), tint)
        painter.setPen(colour)
        painter.drawText(left, top + metrics.ascent(), caption)


def _channel_icon(channel: str) -> str:
    return {"viber": "viber", "sms": "sms"}.get(channel, "relay")


def _text_box(bubble: Bubble, width: int) -> Wrapped:
    room = max(min(_WIDEST, width * 3 // 4) - 2 * _PAD, 60)
    # Measured first: a text that runs from right to left begins at the right of its line.
    natural = wrapped(bubble.text, BODY, room, _LINES)
    return wrapped(bubble.text, BODY, min(natural.width + 1, room), _LINES)


class Conversation(QListView):
    """The bubbles; Ctrl+C copies one whole."""

    def __init__(self, model: ConversationModel) -> None:
        super().__init__()
        name(self, "conversationView", tr("What was sent and what the customer replied"))
        self.setModel(model)
        self.setItemDelegate(BubbleDelegate(self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.verticalScrollBar().setSingleStep(24)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
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

    def _copy(self) -> None:
        bubble = self.currentIndex().data(_ROLE)
        if isinstance(bubble, Bubble):
            QGuiApplication.clipboard().setText(bubble.whole)


class AnswerEdit(QPlainTextEdit):
    """One line that grows to four; Ctrl+Enter sends."""

    submitted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        needed = max(int(self.document().size().height()), 1)
        lines = min(needed, _ANSWER_LINES)
        off, on = Qt.ScrollBarPolicy.ScrollBarAlwaysOff, Qt.ScrollBarPolicy.ScrollBarAsNeeded
        self.setVerticalScrollBarPolicy(on if needed > _ANSWER_LINES else off)
        self.setFixedHeight(max(lines * QFontMetrics(theme.font(BODY)).lineSpacing() + 18, 34))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.submitted.emit()
            return
        super().keyPressEvent(event)


class AnswerBox(QWidget):
    """Where the customer is answered; says why where that is not possible."""

    answered = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._reason = no_reply_reason(None)
        self._busy = False
        self.edit = AnswerEdit()
        name(
            self.edit, "replyEdit", tr("Your answer"), tr("Answers the customer on Viber. Ctrl+Enter sends.")
        )
        self.button = QPushButton(tr("Reply"))
        self.button.setIcon(icon("reply"))
        self.button.setIconSize(QSize(16, 16))
        name(self.button, "replyButton", tr("Reply"))
        self._note = FieldNote("replyNote", tr("About answering"))
        line = QHBoxLayout()
        line.setSpacing(2 * SPACE)
        line.addWidget(self.edit, 1)
        line.addWidget(self.button, 0, Qt.AlignmentFlag.AlignBottom)
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * SPACE, 2 * SPACE, 4 * SPACE, 3 * SPACE)
        column.setSpacing(SPACE)
        column.addLayout(line)
        column.addWidget(self._note)
        self.edit.textChanged.connect(self._update)
        self.edit.submitted.connect(self._submit)
        self.button.clicked.connect(self._submit)
        self._update()

    def show_timeline(self, timeline: Timeline | None) -> None:
        """Say whether this message can be answered."""
        self._reason = no_reply_reason(timeline)
        caution = "" if self._reason or timeline is None else reply_caution(timeline)
        self.say(caution, "warning" if caution else "")
        self._update()

    def set_busy(self, busy: bool) -> None:
        """While an answer is being journalled it cannot be sent twice."""
        self._busy = busy
        self._update()

    def say(self, text: str, tone: str) -> None:
        """One sentence under the answer."""
        self._note.say(text, tone)

    def clear(self) -> None:
        """Take the answer away, once it is safe."""
        self.edit.clear()

    @property
    def reason(self) -> str:
        """Why the button is disabled; empty if it is not."""
        if self._reason:
            return self._reason
        text = self.edit.toPlainText().strip()
        if not text:
            return tr("Write an answer first.")
        if len(text) > _ANSWER_LIMIT:
            return tr("{n} characters too many.", n=len(text) - _ANSWER_LIMIT)
        return tr("The answer is on its way.") if self._busy else ""

    def _update(self) -> None:
        reason = self.reason
        self.edit.setEnabled(not self._reason)
        self.edit.setPlaceholderText(self._reason or tr("Answer the customer on Viber"))
        self.button.setEnabled(not reason)
        self.button.setToolTip(reason or tr("Send this answer (Ctrl+Enter)"))
        self.button.setAccessibleDescription(reason)

    def _submit(self) -> None:
        if not self.reason:
            self.answered.emit(self.edit.toPlainText().strip())
