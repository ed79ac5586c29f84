"""Every deed of the menus is found by a few letters and done by Enter; F1 lists every key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QTreeWidget

from console.ui.commands import commands_of
from console.ui.palette import Palette
from console.ui.palette_rules import Command, ranked, score
from console.ui.shortcuts import shortcuts
from console.ui.window import MainWindow
from tests.ui.compose_desk import ComposeDesk
from tests.ui.conftest import Spawned

TITLES = ("Settings", "Quit", "New message", "Send", "History", "Search the history", "Next pane")
COMMANDS = [Command(title, "Menu", "") for title in TITLES]


def best(query: str) -> str:
    return TITLES[ranked(query, COMMANDS)[0]]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("hist", "History"),
        ("sh", "Search the history"),
        ("np", "Next pane"),
        ("nm", "New message"),
        ("SEND", "Send"),
        ("sénd", "Send"),
        ("new mess", "New message"),
        ("qt", "Quit"),
    ],
)
def test_a_few_letters_find_what_was_meant(query: str, title: str) -> None:
    assert best(query) == title


def test_nothing_typed_leaves_the_order_of_the_menus() -> None:
    assert ranked("", COMMANDS) == ranked("  ", COMMANDS) == list(range(len(COMMANDS)))


def test_letters_nobody_has_find_nothing() -> None:
    assert ranked("xyz", COMMANDS) == []


def test_the_menus_name_helps_but_a_title_comes_first() -> None:
    commands = [Command("Quit", "View", ""), Command("Review", "File", "")]
    assert ranked("view", commands) == [1, 0]


@given(st.text(max_size=30), st.text(max_size=80))
def test_a_fit_is_there_exactly_where_the_letters_stand_in_order(query: str, text: str) -> None:
    from console.ui.palette_rules import folded

    rest = iter(folded(text))
    in_order = all(letter in rest for letter in "".join(folded(query).split()))
    assert (score(query, text) is not None) == in_order


@given(st.text(max_size=20))
def test_ranking_never_doubles_nor_invents(query: str) -> None:
    found = ranked(query, COMMANDS)
    assert len(set(found)) == len(found)
    assert set(found) <= set(range(len(COMMANDS)))


@pytest.fixture
def window(app: QApplication, spawned: Spawned) -> MainWindow:
    made = MainWindow(spawned)
    made.attach(ComposeDesk())  # type: ignore[arg-type]
    made.resize(1400, 800)
    made.show()
    spawned.settle()
    return made


@pytest.fixture
def palette(window: MainWindow) -> Palette:
    action = window.findChild(QAction, "paletteAction")
    assert isinstance(action, QAction)
    assert action.shortcut().toString() == "Ctrl+K"
    action.trigger()
    opened = window.findChild(Palette, "palette")
    assert isinstance(opened, Palette)
    return opened


def field(palette: Palette) -> QLineEdit:
    found = palette.findChild(QLineEdit, "paletteEdit")
    assert isinstance(found, QLineEdit)
    return found


def listed(palette: Palette) -> list[str]:
    found = palette.findChild(QTreeWidget, "paletteList")
    assert isinstance(found, QTreeWidget)
    return [item.text(0) for n in range(found.topLevelItemCount()) if (item := found.topLevelItem(n))]


def test_it_lists_every_deed_of_the_menus(window: MainWindow, palette: Palette) -> None:
    known = commands_of(window.menuBar())
    assert {action.objectName() for _, action in known} >= {"settingsAction", "sendAction", "aboutAction"}
    assert len(listed(palette)) == len(known) - 1, "all but the palette itself"
    assert not any("&" in line for line in listed(palette))


def test_enter_does_what_the_letters_found(window: MainWindow, palette: Palette) -> None:
    assert window.history.isVisible()
    QTest.keyClicks(field(palette), "view hist")
    assert listed(palette)[0] == "View › History"
    QTest.keyClick(field(palette), Qt.Key.Key_Return)
    assert window.history.isHidden()
    assert palette.isHidden()


def test_the_arrows_choose_while_the_field_keeps_the_keyboard(window: MainWindow, palette: Palette) -> None:
    QTest.keyClicks(field(palette), "search")
    field(palette).clear()
    place = listed(palette).index("View › History")
    for _ in range(place):
        QTest.keyClick(field(palette), Qt.Key.Key_Down)
    QTest.keyClick(field(palette), Qt.Key.Key_Return)
    assert window.history.isHidden()


def test_what_is_chosen_is_told_to_who_cannot_see_it(palette: Palette) -> None:
    QTest.keyClicks(field(palette), "search")
    assert field(palette).accessibleDescription() == "Search the history, Ctrl+F"


def test_a_deed_that_is_not_possible_now_is_not_offered(window: MainWindow) -> None:
    action = window.findChild(QAction, "searchAction")
    assert isinstance(action, QAction)
    action.setEnabled(False)
    assert not any("Search" in line for line in listed(Palette(window)))


def test_without_a_fit_it_says_so_and_enter_does_nothing(palette: Palette) -> None:
    field(palette).setText("<b>zzz\u202e")
    none = palette.findChild(QLabel, "paletteNone")
    assert isinstance(none, QLabel)
    assert none.isVisible()
    assert field(palette).accessibleDescription() == none.text()
    QTest.keyClick(field(palette), Qt.Key.Key_Return)
    assert palette.isVisible()


def test_the_list_of_shortcuts_holds_every_key_of_the_menus(window: MainWindow) -> None:
    told = {keys for _, rows in shortcuts(window) for keys, _ in rows}
    given = {
        action.shortcut().toString(): action.objectName()
        for action in window.menuBar().findChildren(QAction)
        if not action.shortcut().isEmpty()
    }
    assert {"Ctrl+K", "F1", "Ctrl+N"} <= set(given)
    assert set(given) <= told
