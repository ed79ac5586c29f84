"""The look: colour tokens, one type scale, a 4-pixel grid, applied live as the system changes.

Everything drawn takes its colours from :func:`current`. One accent means "this can be
done"; green, amber and red mean good, careful and bad; violet and teal name the channels
Viber and SMS and mean nothing else. ``tests/ui/test_theme.py`` computes the contrast of
every text colour on every background it may stand on (WCAG 2.2 AA).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyle

from console.ui.style import style_sheet

SPACE: Final = 4
"""The grid in device-independent pixels: every margin and gap is a multiple of it."""

CAPTION: Final = 12
BODY: Final = 13
SUBTITLE: Final = 15
TITLE: Final = 18
DISPLAY: Final = 26
"""The type scale, in device-independent pixels."""

RADIUS: Final = 6
"""Corners of fields and buttons."""
RADIUS_LARGE: Final = 10
"""Corners of cards, banners and bubbles."""


class Mode(StrEnum):
    """Which theme a person chose."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """Colour tokens as ``#RRGGBB``. ``*_soft`` are backgrounds for the colour they are named after."""

    name: str
    dark: bool
    window: str
    """Behind everything."""
    surface: str
    """Panes, fields and lists."""
    surface_raised: str
    """Menus, cards and bubbles above a surface."""
    hover: str
    pressed: str
    border: str
    """Between regions; decoration only."""
    grid: str
    """Behind a chart; leads the eye and stays quiet in high contrast too."""
    border_strong: str
    """Around controls: at least 3:1 against surfaces."""
    text: str
    text_muted: str
    text_faint: str
    """Hints and ticks; still at least 4.5:1."""
    scroll: str
    """Handles of scroll bars, which stay quiet until the pointer is there."""
    disabled: str
    """Text of what cannot be used now (exempt from contrast rules, kept above 2.5:1)."""
    accent: str
    accent_hover: str
    accent_pressed: str
    accent_text: str
    """Text on ``accent``."""
    accent_soft: str
    good: str
    good_soft: str
    warning: str
    warning_soft: str
    bad: str
    bad_soft: str
    viber: str
    viber_soft: str
    sms: str
    sms_soft: str
    focus: str
    """The ring around the control that has the keyboard."""
    selection: str
    mark: str
    """Behind a character that needs attention inside a text."""

    @property
    def active(self) -> str:
        """Something under way."""
        return self.accent


LIGHT: Final = Theme(
    name="light",
    dark=False,
    window="#F4F5F7",
    surface="#FFFFFF",
    surface_raised="#FFFFFF",
    hover="#EDEFF3",
    pressed="#E2E5EB",
    border="#E2E5EA",
    grid="#E2E5EA",
    border_strong="#868E9C",
    text="#1B1E24",
    text_muted="#4F5867",
    text_faint="#646D7B",
    scroll="#C9CED6",
    disabled="#949BA7",
    accent="#1F66E0",
    accent_hover="#1A5ACB",
    accent_pressed="#164EB2",
    accent_text="#FFFFFF",
    accent_soft="#E8F0FE",
    good="#15753A",
    good_soft="#E6F5EC",
    warning="#8A5200",
    warning_soft="#FDF1DC",
    bad="#C02727",
    bad_soft="#FDEBEA",
    viber="#6350E0",
    viber_soft="#EFEDFD",
    sms="#0A706D",
    sms_soft="#E0F4F2",
    focus="#1F66E0",
    selection="#C9DDFC",
    mark="#FFDF9E",
)

DARK: Final = Theme(
    name="dark",
    dark=True,
    window="#15171B",
    surface="#1C1F25",
    surface_raised="#262A31",
    hover="#2A2E36",
    pressed="#333842",
    border="#2D323A",
    grid="#2D323A",
    border_strong="#717A8A",
    text="#E9EBEF",
    text_muted="#B0B7C3",
    text_faint="#969EAC",
    scroll="#454C58",
    disabled="#6E7684",
    accent="#6BA4FF",
    accent_hover="#82B3FF",
    accent_pressed="#9AC2FF",
    accent_text="#0B1526",
    accent_soft="#1A2A47",
    good="#56C788",
    good_soft="#14301F",
    warning="#E5B05A",
    warning_soft="#35280F",
    bad="#FF8A84",
    bad_soft="#3D1C1C",
    viber="#A99BFF",
    viber_soft="#2A2650",
    sms="#4FC9C2",
    sms_soft="#11312F",
    focus="#6BA4FF",
    selection="#2C4A7D",
    mark="#6B4C10",
)

# High contrast keeps the hues and removes every half-tone that text or borders depend on.
LIGHT_CONTRAST: Final = replace(
    LIGHT,
    name="light high contrast",
    window="#FFFFFF",
    border="#4F5867",
    scroll="#4F5867",
    border_strong="#1B1E24",
    text="#000000",
    text_muted="#22262E",
    text_faint="#333944",
    accent="#0B49B3",
    accent_hover="#093C94",
    accent_pressed="#072F75",
    focus="#0B49B3",
)
DARK_CONTRAST: Final = replace(
    DARK,
    name="dark high contrast",
    window="#000000",
    surface="#000000",
    surface_raised="#101215",
    border="#B0B7C3",
    scroll="#B0B7C3",
    border_strong="#E9EBEF",
    text="#FFFFFF",
    text_muted="#E9EBEF",
    text_faint="#D5DAE2",
)


class _Changes(QObject):
    theme_changed = Signal()


_changes = _Changes()
theme_changed = _changes.theme_changed
"""Emitted after the application wears another theme: repaint what you painted yourself."""

_current: Theme = LIGHT
_mode: Mode = Mode.SYSTEM
_following = False


def current() -> Theme:
    """The theme worn now."""
    return _current


def choose(mode: Mode, *, system_dark: bool, high_contrast: bool) -> Theme:
    """The theme for a person's choice on a system that is dark or not, in high contrast or not."""
    dark = system_dark if mode is Mode.SYSTEM else mode is Mode.DARK
    if high_contrast:
        return DARK_CONTRAST if dark else LIGHT_CONTRAST
    return DARK if dark else LIGHT


def apply(app: QApplication, mode: Mode | str = Mode.SYSTEM) -> None:
    """Dress the application, now and whenever the system turns light or dark."""
    global _mode, _following  # noqa: PLW0603 - an application wears one theme
    _mode = Mode(mode)
    if not _following:
        _following = True
        app.setStyle("fusion")
        app.setFont(_interface_font())
        app.styleHints().colorSchemeChanged.connect(_follow)
    scheme = {Mode.LIGHT: Qt.ColorScheme.Light, Mode.DARK: Qt.ColorScheme.Dark}.get(_mode)
    # Title bars and native parts follow a choice that differs from the system's.
    if scheme is None:
        app.styleHints().unsetColorScheme()
    else:
        app.styleHints().setColorScheme(scheme)
    _follow()


def _follow() -> None:
    global _current  # noqa: PLW0603
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return
    dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
    theme = choose(_mode, system_dark=dark, high_contrast=_wants_high_contrast())
    if theme is _current and app.styleSheet():
        return
    _current = theme
    app.setPalette(palette(theme))
    app.setStyleSheet(style_sheet(theme))
    theme_changed.emit()


def _wants_high_contrast() -> bool:
    hints = getattr(QGuiApplication.styleHints(), "accessibility", None)  # Qt 6.10 and later
    return hints is not None and hints().contrastPreference() is Qt.ContrastPreference.HighContrast


def palette(theme: Theme) -> QPalette:
    """Qt's palette in the colours of ``theme``, for everything the style sheet does not name."""
    role = QPalette.ColorRole
    made = QPalette(QColor(theme.window))
    for which, colour in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.window),
        (role.Text, theme.text),
        (role.Button, theme.surface),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.accent_text),
        (role.PlaceholderText, theme.text_faint),
        (role.ToolTipBase, theme.surface_raised),
        (role.ToolTipText, theme.text),
        (role.Highlight, theme.selection),
        (role.HighlightedText, theme.text),
        (role.Link, theme.accent),
        (role.LinkVisited, theme.accent),
        (role.Light, theme.surface_raised),
        (role.Midlight, theme.hover),
        (role.Mid, theme.border),
        (role.Dark, theme.border_strong),
        (role.Shadow, theme.border_strong),
        (role.Accent, theme.accent),
    ):
        made.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(theme.disabled))
    return made


def _interface_font() -> QFont:
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    if font.family() in {"Sans Serif", "Sans", "DejaVu Sans", "MS Shell Dlg 2"}:
        # The desktop expressed no wish: take the first of these that is there.
        font.setFamilies(["Inter", "Noto Sans", "Cantarell", "Ubuntu", "Segoe UI", font.family()])
    font.setPixelSize(BODY)
    return font


@cache
def font(size: int = BODY, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The interface font at a step of the type scale. Do not change the font returned; copy it."""
    made = QFont(QApplication.font())
    made.setPixelSize(size)
    made.setWeight(weight)
    return made


@cache
def fixed_font(size: int = CAPTION) -> QFont:
    """The system's fixed-width font, for ids and raw bytes."""
    made = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    made.setPixelSize(size)
    return made


def tone_colour(tone: str) -> QColor:
    """The colour of a tone: ``good``, ``warning``, ``bad``, ``active``, ``muted``; else the text's."""
    theme = current()
    return QColor(
        {
            "good": theme.good,
            "warning": theme.warning,
            "bad": theme.bad,
            "active": theme.accent,
            "accent": theme.accent,
            "muted": theme.text_muted,
            "neutral": theme.text_muted,
        }.get(tone, theme.text)
    )


def tone_soft(tone: str) -> QColor:
    """The background that belongs to a tone."""
    theme = current()
    return QColor(
        {
            "good": theme.good_soft,
            "warning": theme.warning_soft,
            "bad": theme.bad_soft,
            "active": theme.accent_soft,
            "accent": theme.accent_soft,
        }.get(tone, theme.hover)
    )


def channel_colour(channel: str) -> QColor:
    """Viber's violet, SMS's teal; any other channel is muted."""
    theme = current()
    return QColor({"viber": theme.viber, "sms": theme.sms}.get(channel, theme.text_muted))


def channel_soft(channel: str) -> QColor:
    """The background that belongs to a channel."""
    theme = current()
    return QColor({"viber": theme.viber_soft, "sms": theme.sms_soft}.get(channel, theme.hover))


def motion_ms(milliseconds: int) -> int:
    """How long a movement may take: as asked, or 0 where the system asks for no motion."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        return 0
    wanted = app.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration)
    return milliseconds if wanted > 0 and app.isEffectEnabled(Qt.UIEffect.UI_General) else 0
