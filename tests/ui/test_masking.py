"""Numbers are shortened wherever they are shown, and stay whole wherever they are used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QApplication

from console.desk.policy_file import Policy
from console.desk.settings import Settings
from console.ui.history_rules import row_text, row_title
from console.ui.mask_toggle import add_toggle, apply_settings
from console.ui.masking import masking, shown
from console.ui.window import MainWindow
from tests.ui.conftest import Spawned
from tests.ui.fake_desk import history_row
from tests.ui.test_history import NOW


@pytest.fixture(autouse=True)
def _whole() -> Iterator[None]:
    yield
    masking.switch(False)


@pytest.mark.parametrize(
    ("number", "short"),
    [("+1 202-555-0143", "+1202•••••43"), ("+381601234567", "+3816••••••67"), ("", "")],
)
def test_a_number_keeps_enough_to_tell_two_apart(number: str, short: str) -> None:
    assert shown(number) == number
    masking.switch(True)
    assert shown(number) == short


def test_history_rows_hide_the_number_from_eyes_and_screen_readers() -> None:
    row = replace(history_row(1), to="12025550143", formatted_to="+1 202-555-0143")
    assert "555" in row_title(row)
    for text in (row_title(row, masked=True), row_text(row, NOW, masked=True)):
        assert "5550143" not in text.replace("-", "").replace(" ", "")
        assert "•" in text


@pytest.fixture
def window(app: QApplication, spawned: Spawned) -> Iterator[MainWindow]:
    made = MainWindow(spawned)
    yield made
    made.close_now()
    made.deleteLater()
    app.processEvents()


def test_the_switch_in_the_menu_works_at_once_and_does_not_change_the_settings(window: MainWindow) -> None:
    action = add_toggle(window, Settings())
    assert action.shortcut().toString() == "Ctrl+Shift+M"
    action.trigger()
    assert masking.on
    action.trigger()
    assert not masking.on


def test_it_follows_the_settings_and_an_administrator_has_the_last_word(window: MainWindow) -> None:
    action = add_toggle(window, Settings(mask_numbers=True))
    assert (masking.on, action.isChecked(), action.isEnabled()) == (True, True, True)
    apply_settings(action, Settings(mask_numbers=False))
    assert (masking.on, action.isChecked()) == (False, False)
    apply_settings(action, Settings(mask_numbers=True, policy=Policy(locked={"mask_numbers": True})))
    assert (masking.on, action.isEnabled()) == (True, False)
