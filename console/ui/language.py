"""The window in one language: its texts, Qt's own, the way of writing times and numbers, the direction."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from PySide6.QtCore import QDate, QLibraryInfo, QLocale, Qt, QTime, QTranslator
from PySide6.QtWidgets import QApplication

from console.cascade import formats, words
from console.languages import PSEUDO, PSEUDO_RTL, catalogue, choose

_PSEUDO_PLACES: Final = {PSEUDO: "en_GB", PSEUDO_RTL: "he_IL"}


class Localised:
    """Times, days and numbers the way of a Qt locale."""

    def __init__(self, place: QLocale) -> None:
        self._place = place
        short = place.timeFormat(QLocale.FormatType.ShortFormat)
        self._short = short
        self._long = short if "s" in short else short.replace("mm", "mm:ss", 1)
        self._day = place.dateFormat(QLocale.FormatType.ShortFormat)
        if "yyyy" not in self._day:
            self._day = self._day.replace("yy", "yyyy")

    def time(self, moment: datetime, seconds: bool) -> str:
        """A time of day, with twelve or twenty-four hours as is usual there."""
        form = self._long if seconds else self._short
        return self._place.toString(QTime(moment.hour, moment.minute, moment.second), form)

    def day(self, day: date) -> str:
        """A day in figures, the year in full."""
        return self._place.toString(QDate(day.year, day.month, day.day), self._day)

    def number(self, value: int) -> str:
        """A whole number."""
        return self._place.toString(value)

    def decimal(self, value: float, digits: int) -> str:
        """A number with ``digits`` places."""
        return self._place.toString(float(value), "f", digits)


def place_of(code: str, system: QLocale) -> QLocale | None:
    """How things are written for who reads ``code`` on a computer set to ``system``.

    The computer's own way where it is set to that language; otherwise that language's way in the
    computer's country, or at home. ``None``, the plain way, for a computer without a country
    (``C``) that speaks English.
    """
    if code in _PSEUDO_PLACES:
        return QLocale(_PSEUDO_PLACES[code])
    spoken = QLocale(code)
    if system.language() == QLocale.Language.C:
        return None if code == "en" else spoken
    if spoken.language() == system.language():
        return system
    there = QLocale(spoken.language(), system.territory())
    if there.territory() == system.territory():
        return there
    # English in a country that has no English of its own: the international, not the American.
    return QLocale("en_GB") if code == "en" else spoken


def speak(qt: QApplication, wanted: str, system: QLocale | None = None) -> str:
    """Install the language ``wanted`` (``system`` or a code) and return the code of what is spoken.

    To be called before the first text is made. ``system`` is for tests.
    """
    system = system or QLocale.system()
    code = choose(wanted, system.uiLanguages())
    right_to_left = code == PSEUDO_RTL or QLocale(code).textDirection() == Qt.LayoutDirection.RightToLeft
    words.install(catalogue(code), right_to_left=right_to_left)
    place = place_of(code, system)
    formats.install(Localised(place) if place is not None else None)
    QLocale.setDefault(place or QLocale.c())
    qt.setLayoutDirection(Qt.LayoutDirection.RightToLeft if right_to_left else Qt.LayoutDirection.LeftToRight)
    _translate_qt(qt, code)
    return code


def _translate_qt(qt: QApplication, code: str) -> None:
    """Qt's own words: buttons of questions, menus of text fields. English needs no file."""
    before = qt.findChild(QTranslator, "language")
    if before is not None:
        qt.removeTranslator(before)
        before.setParent(None)  # no longer found; it goes with the last reference
    if code in ("en", PSEUDO, PSEUDO_RTL):
        return
    translator = QTranslator(qt)
    translator.setObjectName("language")
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    if translator.load(f"qtbase_{code}", folder):
        qt.installTranslator(translator)
