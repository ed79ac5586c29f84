"""Small parts that several panes are made of, each of one look."""

from __future__ import annotations

from PySide6.QtCore import Property, QPropertyAnimation, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QColor,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from console.ui import theme
from console.ui.direction import placed, right_to_left
from console.ui.flow import FlowLayout
from console.ui.icons import icon, paint_icon
from console.ui.theme import SPACE
from console.ui.timeline_text import tip


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a property that the style sheet looks at, and let it look again if that changed anything."""
    if widget.property(name) == value:
        return
    widget.setProperty(name, value)
    widget.style().unpolish(widget)
    widget.style().polish(widget)
    widget.update()


def label(text: str, role: str = "", *, buddy: QWidget | None = None) -> QLabel:
    """A label that shows plain text only, whatever the text holds."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if buddy is not None:
        made.setBuddy(buddy)
    return made


class Sentence(QLabel):
    """Plain text that wraps to the room there is and never asks for more, in whatever font or language.

    A word longer than that room is cut off; the tool tip then has the whole.
    """

    def __init__(self, text: str = "", role: str = "", *, buddy: QWidget | None = None) -> None:
        super().__init__()
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        self.setSizePolicy(policy)
        if role:
            self.setProperty("role", role)
        if buddy is not None:
            self.setBuddy(buddy)
        self.setText(text)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._explain()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._explain()

    def _explain(self) -> None:
        cut = self.minimumSizeHint().width() > self.width()
        self.setToolTip(tip(self.text()) if cut else "")


def yielding(combo: QComboBox, least: int = 8) -> QComboBox:
    """``combo``, which shows at least ``least`` characters of its choice and the rest in tool tips."""
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(least)
    combo.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    for at in range(combo.count()):
        combo.setItemData(at, tip(combo.itemText(at)), Qt.ItemDataRole.ToolTipRole)
    combo.currentTextChanged.connect(lambda text: combo.setToolTip(tip(text)))
    combo.setToolTip(tip(combo.currentText()))
    return combo


def yielding_check(text: str) -> QCheckBox:
    """A check box that is rather cut off than widens its page, in whatever language."""
    made = QCheckBox(text)
    made.setToolTip(tip(text))
    made.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return made


def name(widget: QWidget, object_name: str, accessible: str, description: str = "") -> None:
    """Name a widget for tests and for screen readers."""
    widget.setObjectName(object_name)
    widget.setAccessibleName(accessible)
    if description:
        widget.setAccessibleDescription(description)


def dialog_button(object_name: str, text: str, icon_name: str = "", role: str = "") -> QPushButton:
    """A button of a dialog; Enter elsewhere in the dialog does not press it."""
    made = QPushButton(text)
    made.setAutoDefault(False)
    if role:
        made.setProperty("role", role)
    if icon_name:
        made.setIcon(icon(icon_name, "accent_text" if role == "primary" else "text_muted"))
    name(made, object_name, text.replace("&", "").rstrip("…"))
    return made


def search_edit(object_name: str, accessible: str, hint: str, longest: int | None = None) -> QLineEdit:
    """A field to search with; ``longest`` is in characters."""
    made = QLineEdit()
    made.setPlaceholderText(hint)
    made.setToolTip(tip(hint))  # a narrow field cuts the hint off
    made.setClearButtonEnabled(True)
    if longest is not None:
        made.setMaxLength(longest)
    made.addAction(icon("search"), QLineEdit.ActionPosition.LeadingPosition)
    name(made, object_name, accessible)
    return made


def speak(widget: QWidget, text: str, *, urgent: bool = False) -> None:
    """Have a screen reader say something about ``widget``; what is urgent interrupts it."""
    event = QAccessibleAnnouncementEvent(widget, text)
    event.setPoliteness(
        QAccessible.AnnouncementPoliteness.Assertive if urgent else QAccessible.AnnouncementPoliteness.Polite
    )
    QAccessible.updateAccessibility(event)


class IconLabel(QWidget):
    """A small icon that takes its colour from a tone, a channel or a token."""

    def __init__(self, icon_name: str, token: str = "text_muted", size: int = 16) -> None:  # noqa: S107
        super().__init__()
        self._icon = icon_name
        self._token = token
        self.setFixedSize(size, size)
        theme.theme_changed.connect(self.update)

    def show_icon(self, icon_name: str, token: str) -> None:
        self._icon, self._token = icon_name, token
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        worn = theme.current()
        colour = getattr(worn, self._token) if self.isEnabled() else worn.disabled
        paint_icon(painter, self._icon, self.rect(), colour)
        painter.end()


class FieldNote(QWidget):
    """One sentence under a field: an icon that names the tone without colour, and the text."""

    _ICONS = {"bad": "error", "warning": "warning", "good": "check-circle", "": "info"}  # noqa: RUF012

    def __init__(self, object_name: str, accessible: str) -> None:
        super().__init__()
        self._icon = IconLabel("info", size=14)
        self._text = Sentence("", "caption")
        name(self._text, object_name, accessible)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE + 2)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._text, 1)
        self._icon.setContentsMargins(0, 2, 0, 0)
        self.hide()

    @property
    def text(self) -> str:
        return "" if self.isHidden() else self._text.text()

    def say(self, text: str, tone: str = "") -> None:
        """Show ``text``; an empty one takes the note away."""
        if text:
            self._text.setText(text)
            restyle(self._text, "tone", tone)
            self._icon.show_icon(self._ICONS.get(tone, "info"), tone or "text_faint")
        self.setVisible(bool(text))


class Switch(QCheckBox):
    """A check box that looks like the switch it is; role, keys and name stay a check box's."""

    _WIDTH, _HEIGHT = 32, 18

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._place = 0.0
        self._glide = QPropertyAnimation(self, b"knob", self)
        self.toggled.connect(self._move)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        theme.theme_changed.connect(self.update)

    def _get_knob(self) -> float:
        return self._place

    def _set_knob(self, place: float) -> None:
        self._place = place
        self.update()

    knob = Property(float, _get_knob, _set_knob)

    def _move(self, on: bool) -> None:
        self._glide.stop()
        duration = theme.motion_ms(120) if self.isVisible() else 0
        if not duration:
            self._set_knob(float(on))
            return
        self._glide.setDuration(duration)
        self._glide.setStartValue(self._place)
        self._glide.setEndValue(float(on))
        self._glide.start()

    def sizeHint(self) -> QSize:
        text = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        return QSize(
            self._WIDTH + 2 * SPACE + text.width() + SPACE, max(self._HEIGHT + 2 * SPACE, text.height())
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(self._WIDTH + 12 * SPACE, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setToolTip(tip(self.text()) if self.width() < self.sizeHint().width() else "")

    def hitButton(self, position: object) -> bool:  # noqa: ARG002 - all of it can be pressed
        return True

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        worn = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(1, (self.height() - self._HEIGHT) / 2, self._WIDTH, self._HEIGHT)
        track = placed(track, self.rect())
        off, on = QColor(worn.border_strong), QColor(worn.accent)
        if not self.isEnabled():
            off = on = QColor(worn.disabled)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(on if self._place > 0.5 else off)
        painter.drawRoundedRect(track, track.height() / 2, track.height() / 2)
        radius = track.height() / 2 - 3
        place = 1 - self._place if right_to_left() else self._place
        centre = track.left() + track.height() / 2 + place * (track.width() - track.height())
        painter.setBrush(QColor(worn.surface))
        painter.drawEllipse(QRectF(centre - radius, track.center().y() - radius, 2 * radius, 2 * radius))
        if self.hasFocus():
            painter.setPen(QPen(QColor(worn.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = track.adjusted(-0, -2, 2, 2)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
        painter.setPen(QColor(worn.text if self.isEnabled() else worn.disabled))
        area = placed(self.rect().adjusted(self._WIDTH + 2 * SPACE, 0, 0, 0), self.rect())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextHideMnemonic
        text = self.text()
        if self.width() < self.sizeHint().width():
            text = self.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, int(flags), text)
        painter.end()


class Foldout(QWidget):
    """A heading that folds and unfolds what belongs to it."""

    toggled = Signal(bool)

    def __init__(self, title: str, object_name: str, content: QWidget) -> None:
        super().__init__()
        self._button = QPushButton(title)
        self._button.setProperty("role", "disclosure")
        self._button.setCheckable(True)
        self._button.setIcon(icon("chevron-right"))
        self._button.setIconSize(QSize(16, 16))
        self._button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        name(self._button, object_name, title.replace("&", ""))
        self._content = content
        content.setVisible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * SPACE)
        column.addWidget(self._button)
        column.addWidget(content)
        self._button.toggled.connect(self._show)

    def _show(self, unfolded: bool) -> None:
        self._button.setIcon(icon("chevron-down" if unfolded else "chevron-right"))
        self._content.setVisible(unfolded)
        self.toggled.emit(unfolded)

    @property
    def unfolded(self) -> bool:
        return self._button.isChecked()

    def unfold(self, unfolded: bool = True) -> None:
        self._button.setChecked(unfolded)


class Notice(QFrame):
    """One sentence that matters, with what can be done about it; sits inside the window, never over it."""

    closed = Signal()

    _ICONS = {  # noqa: RUF012
        "bad": "error",
        "warning": "warning",
        "good": "check-circle",
        "active": "info",
    }

    def __init__(self, *, bar: bool = False, closable: bool = False) -> None:
        super().__init__()
        self.setProperty("role", "notice")
        if bar:
            self.setProperty("shape", "bar")
        self._icon = IconLabel("info")
        self.text = Sentence()
        # Beside the text buttons keep their line; below it they may need a second one.
        self.buttons: QLayout = QHBoxLayout() if bar else FlowLayout(2 * SPACE)
        self.buttons.setSpacing(2 * SPACE)
        inner: QHBoxLayout | QVBoxLayout = QHBoxLayout() if bar else QVBoxLayout()
        inner.setSpacing(2 * SPACE)
        inner.addWidget(self.text, 1)
        inner.addLayout(self.buttons)
        row = QHBoxLayout(self)
        side = 4 * SPACE if bar else 3 * SPACE
        row.setContentsMargins(side, 2 * SPACE, side, 2 * SPACE)
        row.setSpacing(2 * SPACE)
        edge = Qt.AlignmentFlag.AlignVCenter if bar else Qt.AlignmentFlag.AlignTop
        row.addWidget(self._icon, 0, edge)
        row.addLayout(inner, 1)
        if closable:
            close = QPushButton()
            close.setProperty("role", "quiet")
            close.setIcon(icon("close"))
            close.clicked.connect(self.closed)
            self._close: QPushButton | None = close
            row.addWidget(close, 0, edge)
        else:
            self._close = None

    def say(self, text: str, tone: str) -> None:
        self.text.setText(text)
        self.text.setAccessibleName(text)
        restyle(self, "tone", tone)
        known = tone if tone in self._ICONS else ""
        token = {"active": "accent", "": "text_muted"}.get(known, known)
        self._icon.show_icon(self._ICONS.get(tone, "info"), token)

    def add_button(self, text: str, *, role: str = "", object_name: str = "") -> QPushButton:
        button = QPushButton(text)
        if role:
            button.setProperty("role", role)
        if object_name:
            button.setObjectName(object_name)
        button.setAccessibleName(text.replace("&", ""))
        self.buttons.addWidget(button)
        return button

    def name_close(self, text: str) -> None:
        if self._close is not None:
            self._close.setAccessibleName(text)
            self._close.setToolTip(text)
