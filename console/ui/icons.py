"""Icons: own-drawn strokes in ``resources/icons``, recoloured from the theme, sharp at any scale.

An icon asks the theme for its colour each time it paints, so it follows light and dark
by itself.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from console.resources import resource
from console.ui import theme
from console.ui.direction import right_to_left

_CACHED: Final = 400
"""Pictures kept; one is a few kilobytes."""

DIRECTIONAL: Final = frozenset(
    {
        "arrow-right",
        "chevron-left",
        "chevron-right",
        "external",
        "panel-right",
        "reply",
        "retry",
        "send",
        "undo",
    }
)
"""Icons that point along the line one reads: they are mirrored where that runs from right to left."""

_pictures: dict[tuple[str, str, int, int, bool], QPixmap] = {}


@cache
def _drawing(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text(encoding="utf-8")


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_drawing(name).replace("currentColor", colour).encode()))


def paint_icon(painter: QPainter, name: str, rect: QRectF | QRect, colour: QColor | str) -> None:
    """Draw an icon into the square ``rect`` in ``colour``; for widgets and delegates that paint themselves.

    Drawing strokes takes up to a millisecond, and a timeline shows dozens: a kept picture is
    laid on whole device pixels instead, which is also sharper.
    """
    box = QRectF(rect)
    to_device = painter.deviceTransform()
    if to_device.isRotating():
        _renderer(name, QColor(colour).name()).render(painter, box)
        return
    across, down = to_device.m11(), to_device.m22()
    side = round(box.width() * across)
    x, y = round(box.left() * across + to_device.dx()), round(box.top() * down + to_device.dy())
    place = QRectF((x - to_device.dx()) / across, (y - to_device.dy()) / down, side / across, side / down)
    painter.drawPixmap(place, pixmap(name, side, colour), QRectF(0, 0, side, side))


def pixmap(name: str, size: int, colour: QColor | str, ratio: float = 1.0) -> QPixmap:
    """An icon as a picture of ``size`` device-independent pixels for a screen of that pixel ratio."""
    colour_name = QColor(colour).name()
    side = round(size * ratio)
    mirrored = name in DIRECTIONAL and right_to_left()
    key = (name, colour_name, side, round(ratio * 100), mirrored)
    if (found := _pictures.get(key)) is not None:
        return found
    made = QPixmap(side, side)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    if mirrored:
        painter.translate(side, 0)
        painter.scale(-1, 1)
    _renderer(name, colour_name).render(painter, QRectF(0, 0, side, side))
    painter.end()
    made.setDevicePixelRatio(ratio)
    if len(_pictures) >= _CACHED:
        _pictures.clear()
    _pictures[key] = made
    return made


class _Engine(QIconEngine):
    """Paints one drawing in the token's present colour."""

    def __init__(self, name: str, token: str) -> None:
        super().__init__()
        self._name = name
        self._token = token

    def _colour(self, mode: QIcon.Mode) -> str:
        worn = theme.current()
        if mode is QIcon.Mode.Disabled:
            return worn.disabled
        return str(getattr(worn, self._token))

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:  # noqa: ARG002
        side = min(rect.width(), rect.height())
        place = QRectF(0, 0, side, side)
        place.moveCenter(QRectF(rect).center())
        paint_icon(painter, self._name, place, self._colour(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(  # sizes come in device pixels here
        self,
        size: QSize,
        mode: QIcon.Mode,
        state: QIcon.State,  # noqa: ARG002
        scale: float,  # noqa: ARG002
    ) -> QPixmap:
        side = min(size.width(), size.height())
        if size.width() == size.height():
            return QPixmap(pixmap(self._name, side, self._colour(mode)))
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        painter.drawPixmap(
            QPoint((size.width() - side) // 2, (size.height() - side) // 2),
            pixmap(self._name, side, self._colour(mode)),
        )
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._token)

    def key(self) -> str:
        return "cascade"


@cache
def icon(name: str, token: str = "text_muted") -> QIcon:  # noqa: S107 - a colour token, not a secret
    """The icon ``resources/icons/<name>.svg`` in the colour of a theme token.

    Raises:
        FileNotFoundError: there is no such icon.
        AttributeError: there is no such token.
    """
    _drawing(name)
    getattr(theme.current(), token)
    return QIcon(_Engine(name, token))
