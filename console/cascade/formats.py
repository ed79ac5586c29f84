"""How times, days and numbers are written: plainly, unless a place says how it is done there.

The domain knows no locale. The composition root of the window installs the system's or the
language's way (:func:`install`); the command line keeps the plain one, which scripts can rely on.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, Protocol


class Formats(Protocol):
    """One place's way of writing."""

    def time(self, moment: datetime, seconds: bool) -> str:
        """The time of day of ``moment``, in the timezone it carries."""
        ...

    def day(self, day: date) -> str:
        """A day in figures, with its year."""
        ...

    def number(self, value: int) -> str:
        """A whole number, its thousands set apart."""
        ...

    def decimal(self, value: float, digits: int) -> str:
        """A number with exactly ``digits`` places behind the point."""
        ...


class Plain:
    """Times and days as in ISO 8601, numbers as in English."""

    def time(self, moment: datetime, seconds: bool) -> str:
        """``14:37`` or ``14:37:02``."""
        return f"{moment:%H:%M:%S}" if seconds else f"{moment:%H:%M}"

    def day(self, day: date) -> str:
        """``2026-11-23``."""
        return f"{day:%Y-%m-%d}"

    def number(self, value: int) -> str:
        """``12,345``."""
        return f"{value:,}"

    def decimal(self, value: float, digits: int) -> str:
        """``12,345.6``."""
        return f"{value:,.{digits}f}"


PLAIN: Final[Formats] = Plain()
_formats: Formats = PLAIN


def install(formats: Formats | None) -> None:
    """Write everything the way of ``formats`` from now on; ``None`` returns to the plain way."""
    global _formats  # noqa: PLW0603 - one place a process, as one language
    _formats = formats or PLAIN


def time_text(moment: datetime, *, seconds: bool = False) -> str:
    """The time of day of ``moment`` in its own timezone: ``14:37``, ``2:37 PM``, ``14:37:02``."""
    return _formats.time(moment, seconds)


def day_figures(day: date) -> str:
    """A day in figures: ``2026-11-23``, ``23.11.2026``, ``11/23/2026``."""
    return _formats.day(day)


def moment_figures(moment: datetime) -> str:
    """A day in figures and the time of day, in the timezone ``moment`` carries: ``2026-11-23 14:37``."""
    return f"{_formats.day(moment)} {_formats.time(moment, False)}"


def number_text(value: int) -> str:
    """A whole number: ``12,345``, ``12 345``."""
    return _formats.number(value)


def decimal_text(value: float, digits: int = 1) -> str:
    """A number with exactly ``digits`` (0 or more) places: ``2.5``, ``2,5``."""
    return _formats.decimal(value, digits)
