"""Which language is spoken, and what comes with it."""

from __future__ import annotations

import gettext
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QLocale, Qt
from PySide6.QtWidgets import QApplication, QMessageBox

from console.cascade import formats
from console.cascade.countries import country_name
from console.cascade.words import install, left_to_right, tr, trn
from console.languages import PSEUDO, PSEUDO_RTL, Pseudo, catalogue, choose, languages, spoken_by_system
from console.ui.language import place_of, speak

NOON = datetime(2026, 3, 7, 14, 5, 9, tzinfo=UTC)


@pytest.fixture
def shipped(tmp_path: Path) -> Path:
    """A folder that has Ukrainian and Brazilian Portuguese."""
    for code in ("uk", "pt_BR"):
        place = tmp_path / code / "LC_MESSAGES"
        place.mkdir(parents=True)
        (place / "cascade.mo").write_bytes(b"")
    return tmp_path


@pytest.mark.parametrize(
    ("wanted", "system", "spoken"),
    [
        ("system", ("uk-UA", "en-US"), "uk"),
        ("system", ("uk",), "uk"),
        ("system", ("uk_UA.UTF-8",), "uk"),
        ("system", ("uk-Cyrl-UA",), "uk"),
        ("system", ("de-DE", "uk-UA"), "uk"),
        ("system", ("en-US", "uk-UA"), "en"),
        ("system", ("de_DE@euro",), "en"),
        ("system", ("pt-BR",), "pt_BR"),
        ("system", ("C",), "en"),
        ("system", ("", "../uk"), "en"),
        ("system", (), "en"),
        ("uk", ("en-US",), "uk"),
        ("en", ("uk-UA",), "en"),
        ("xx", ("uk-UA",), "en"),
        (PSEUDO, (), PSEUDO),
        (PSEUDO_RTL, (), PSEUDO_RTL),
    ],
)
def test_the_wanted_language_is_spoken_else_the_first_of_the_systems_that_is_there(
    shipped: Path, wanted: str, system: tuple[str, ...], spoken: str
) -> None:
    assert choose(wanted, system, shipped) == spoken


@given(st.text(), st.lists(st.text()))
def test_whatever_a_system_says_some_language_is_found(wanted: str, system: list[str]) -> None:
    assert choose(wanted, system) in {"en", "uk", PSEUDO, PSEUDO_RTL}


@pytest.mark.skipif(sys.platform == "win32", reason="the environment names languages elsewhere only")
@pytest.mark.parametrize(
    ("env", "spoken"),
    [
        ({}, ()),
        ({"LANG": "C.UTF-8"}, ()),
        ({"LC_ALL": "POSIX", "LANG": "uk_UA.UTF-8"}, ()),
        ({"LANG": "uk_UA.UTF-8"}, ("uk_UA.UTF-8",)),
        ({"LC_MESSAGES": "uk_UA", "LANG": "en_US"}, ("uk_UA",)),
        ({"LANG": "en_US", "LANGUAGE": "uk:en"}, ("uk", "en", "en_US")),
        ({"LANG": "C", "LANGUAGE": "uk"}, ()),
    ],
)
def test_the_environment_is_read_as_gettext_reads_it(env: dict[str, str], spoken: tuple[str, ...]) -> None:
    assert spoken_by_system(env) == spoken


def test_english_and_ukrainian_are_offered_by_their_own_names() -> None:
    assert languages() == (("en", "English"), ("uk", "Українська"))


def test_a_catalogue_that_cannot_be_read_leaves_english(tmp_path: Path) -> None:
    place = tmp_path / "uk" / "LC_MESSAGES"
    place.mkdir(parents=True)
    assert catalogue("uk", tmp_path / "nowhere") is None
    for broken in (b"", b"\xde\x12\x04\x95", b"nonsense" * 100):
        (place / "cascade.mo").write_bytes(broken)
        catalogue.cache_clear()
        assert catalogue("uk", tmp_path) is None


def test_the_window_speaks_ukrainian_with_qts_own_words_and_ukrainian_figures(qt: QApplication) -> None:
    assert speak(qt, "uk", QLocale.c()) == "uk"
    assert tr("Send") == "Надіслати"
    assert country_name("UA") == "Україна"
    box = QMessageBox()
    box.setStandardButtons(QMessageBox.StandardButton.Cancel)
    assert box.button(QMessageBox.StandardButton.Cancel).text() == "Скасувати"
    assert formats.number_text(1234567) == "1\u00a0234\u00a0567"
    assert formats.decimal_text(2.5) == "2,5"
    assert formats.day_figures(date(2026, 3, 7)) == "07.03.2026"
    assert formats.time_text(NOON) == "14:05"
    assert formats.time_text(NOON, seconds=True) == "14:05:09"
    assert formats.moment_figures(NOON) == "07.03.2026 14:05"
    assert qt.layoutDirection() is Qt.LayoutDirection.LeftToRight


def test_back_to_english_nothing_of_another_language_stays(qt: QApplication) -> None:
    speak(qt, "uk", QLocale.c())
    speak(qt, "en", QLocale.c())
    assert tr("Send") == "Send"
    box = QMessageBox()
    box.setStandardButtons(QMessageBox.StandardButton.Cancel)
    assert box.button(QMessageBox.StandardButton.Cancel).text() == "Cancel"
    assert formats.day_figures(date(2026, 3, 7)) == "2026-03-07"
    assert formats.number_text(1234567) == "1,234,567"


@pytest.mark.parametrize(
    ("code", "system", "written"),
    [
        ("en", "en_US", "2:05\u202fPM 3/7/2026 1,234.5"),
        ("en", "en_GB", "14:05 07/03/2026 1,234.5"),
        ("en", "de_DE", "14:05 07/03/2026 1.234,5"),
        ("uk", "en_US", "14:05 07.03.2026 1\u00a0234,5"),
        ("uk", "uk_UA", "14:05 07.03.2026 1\u00a0234,5"),
    ],
)
def test_figures_follow_the_country_where_the_language_is_spoken_there(
    qt: QApplication, code: str, system: str, written: str
) -> None:
    place = QLocale(system)
    speak(qt, code, place)
    shown = f"{formats.time_text(NOON)} {formats.day_figures(NOON)} {formats.decimal_text(1234.5)}"
    if (code, system) == ("en", "de_DE"):
        # How the English of Germany writes is Qt's to know; that it is not American is ours.
        assert place_of(code, place).territory() is not QLocale.Country.UnitedStates  # type: ignore[union-attr]
        assert shown.startswith("14:05 07/03/2026")
    else:
        assert shown == written


def test_twelve_hours_keep_their_half_of_the_day_with_seconds(qt: QApplication) -> None:
    speak(qt, "en", QLocale("en_US"))
    assert formats.time_text(NOON, seconds=True) == "2:05:09\u202fPM"


def test_a_count_is_written_with_its_thousands_apart(qt: QApplication) -> None:
    speak(qt, "uk", QLocale.c())
    assert trn("{n} message", "{n} messages", 12345) == "12\u00a0345 повідомлень"


def test_from_right_to_left_the_window_is_mirrored_and_numbers_are_not(qt: QApplication) -> None:
    assert left_to_right("+1 202") == "+1 202"
    speak(qt, PSEUDO_RTL, QLocale.c())
    assert qt.layoutDirection() is Qt.LayoutDirection.RightToLeft
    assert left_to_right("+1 202") == "\u2066+1 202\u2069"
    assert left_to_right("") == ""


_SPACES = st.text(alphabet=" \t\n\u00a0")


@given(_SPACES, _SPACES)
def test_the_pseudo_language_keeps_fields_and_outer_spaces(before: str, after: str) -> None:
    assert Pseudo().gettext(f"{before}{{name}}{after}").startswith(f"{before}[{{name}}~~")
    assert Pseudo().gettext(f"{before}{{name}}{after}").endswith(f"~]{after}")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Send", "[Šèńð~~]"),
        ("&File", "[&Ƒìľè~~]"),
        ("", ""),
        (" s", " [š~~]"),
        ("{n} s", "[{n} š~~]"),
        ("run --force", "[ŕùń --force~~~]"),
        ("see https://example.com/a", "[šèè https://example.com/a~~~~~~~~]"),
    ],
)
def test_the_pseudo_language_is_english_with_accents_and_longer(said: str, shown: str) -> None:
    assert Pseudo().gettext(said) == shown


def test_plural_forms_follow_the_rules_of_the_language(qt: QApplication) -> None:
    """Checked against the Unicode consortium's rules, which Babel brings."""
    from babel import Locale

    rule = Locale("uk").plural_form
    forms = {
        "one": "Надсилання через {n} секунду.",
        "few": "Надсилання через {n} секунди.",
        "many": "Надсилання через {n} секунд.",
    }
    speak(qt, "uk", QLocale.c())
    for n in (*range(300), 1_000, 1_001, 1_004, 1_011, 1_000_001):
        expected = forms[rule(n)].format(n=formats.number_text(n))
        assert trn("Sending in {n} second.", "Sending in {n} seconds.", n) == expected


def test_a_catalogue_can_be_taken_away_again() -> None:
    class Loud(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return message.upper()

    install(Loud())
    assert tr("Send") == "SEND"
    install(None)
    assert tr("Send") == "Send"
