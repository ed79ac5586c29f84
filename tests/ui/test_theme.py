"""The look: every text can be read, light and dark follow the system, icons take the theme's colours."""

from __future__ import annotations

import re
from itertools import product

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from console.resources import resource
from console.ui import theme
from console.ui.icons import icon, pixmap
from console.ui.style import style_sheet
from console.ui.theme import DARK, DARK_CONTRAST, LIGHT, LIGHT_CONTRAST, Mode, Theme

THEMES = [LIGHT, DARK, LIGHT_CONTRAST, DARK_CONTRAST]
GROUNDS = ["window", "surface", "surface_raised", "hover"]
SOFT_GROUNDS = ["accent_soft", "good_soft", "warning_soft", "bad_soft", "viber_soft", "sms_soft", "selection"]

TEXT_PAIRS = [
    *product(["text", "text_muted"], [*GROUNDS, "pressed"]),
    *product(["text_faint", "accent"], ["window", "surface", "surface_raised"]),
    *product(["good", "warning", "bad", "viber", "sms"], ["window", "surface", "surface_raised"]),
    *product(["text"], [*SOFT_GROUNDS, "mark"]),
    *((f"{tone}", f"{tone}_soft") for tone in ("accent", "good", "warning", "bad", "viber", "sms")),
    ("accent_text", "accent"),
    ("accent_text", "accent_hover"),
    ("accent_text", "accent_pressed"),
    ("accent_text", "bad"),  # the badge in the tray
]
CONTROL_PAIRS = [
    *product(["border_strong", "focus", "accent"], ["window", "surface"]),
]


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance."""
    parts = []
    for part in (1, 3, 5):
        value = int(colour[part : part + 2], 16) / 255
        parts.append(value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4)
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio, 1 to 21."""
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_the_measure_agrees_with_the_standards_ends() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("worn", THEMES, ids=lambda worn: worn.name)
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS)
def test_every_text_can_be_read_on_every_ground_it_stands_on(worn: Theme, ink: str, ground: str) -> None:
    assert contrast(getattr(worn, ink), getattr(worn, ground)) >= 4.5


@pytest.mark.parametrize("worn", THEMES, ids=lambda worn: worn.name)
@pytest.mark.parametrize(("line", "ground"), CONTROL_PAIRS)
def test_the_edges_of_controls_can_be_seen(worn: Theme, line: str, ground: str) -> None:
    assert contrast(getattr(worn, line), getattr(worn, ground)) >= 3


def test_the_choice_of_a_person_outranks_the_system() -> None:
    assert theme.choose(Mode.SYSTEM, system_dark=True, high_contrast=False) is DARK
    assert theme.choose(Mode.SYSTEM, system_dark=False, high_contrast=False) is LIGHT
    assert theme.choose(Mode.LIGHT, system_dark=True, high_contrast=False) is LIGHT
    assert theme.choose(Mode.DARK, system_dark=False, high_contrast=True) is DARK_CONTRAST


@pytest.mark.parametrize("worn", THEMES, ids=lambda worn: worn.name)
def test_the_style_sheet_names_only_colours_of_its_theme_and_pictures_that_exist(worn: Theme) -> None:
    sheet = style_sheet(worn)
    assert "$" not in sheet
    tokens = {getattr(worn, token).upper() for token in Theme.__slots__ if token not in ("name", "dark")}
    assert {colour.upper() for colour in re.findall(r"#[0-9A-Fa-f]{6}", sheet)} <= tokens
    pictures = re.findall(r'url\("([^"]+)"\)', sheet)
    assert pictures
    assert all(resource("styles", picture.rsplit("/", 1)[-1]).is_file() for picture in pictures)


def test_turning_dark_dresses_the_application_and_says_so(app: QApplication) -> None:
    heard = []
    listen = lambda: heard.append(theme.current().name)  # noqa: E731
    theme.theme_changed.connect(listen)
    try:
        theme.apply(app, Mode.DARK)
        assert theme.current().dark
        assert app.palette().window().color() == QColor(DARK.window)
        assert heard == ["dark"]
    finally:
        theme.theme_changed.disconnect(listen)
        theme.apply(app, Mode.LIGHT)
    assert theme.current() is LIGHT


def test_an_icon_made_in_light_is_painted_in_the_colours_of_dark(app: QApplication) -> None:
    made = icon("send", "text")
    before = made.pixmap(QSize(20, 20)).toImage()
    try:
        theme.apply(app, Mode.DARK)
        after = made.pixmap(QSize(20, 20)).toImage()
    finally:
        theme.apply(app, Mode.LIGHT)
    assert before != after
    assert after == pixmap("send", 20, DARK.text).toImage()


@pytest.mark.parametrize("name", sorted(path.stem for path in resource("icons").glob("*.svg")))
def test_every_icon_draws_something_inside_its_box(app: QApplication, name: str) -> None:
    image = pixmap(name, 40, "#000000").toImage()
    inked = {(x, y) for x in range(40) for y in range(40) if image.pixelColor(x, y).alpha() > 60}
    assert len(inked) > 12
    assert not any(x in (0, 39) or y in (0, 39) for x, y in inked)


def test_an_unknown_icon_or_colour_is_an_error_at_once(app: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        icon("no-such-icon")
    with pytest.raises(AttributeError):
        icon("send", "no_such_token")


def test_an_unknown_tone_is_plain_text(app: QApplication) -> None:
    assert theme.tone_colour("nonsense") == QColor(LIGHT.text)
    assert theme.channel_colour("whatsapp") == QColor(LIGHT.text_muted)
