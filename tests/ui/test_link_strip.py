"""A link is shown before it is used, cannot deceive in what is shown, and never sends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from console.cascade.message import Draft
from console.ui.link_rules import SHOWN, breakable, link_sentence
from console.ui.window import LEAST, MainWindow
from tests.ui.compose_desk import ComposeDesk
from tests.ui.conftest import Spawned


@pytest.fixture
def desk() -> ComposeDesk:
    return ComposeDesk()


@pytest.fixture
def window(app: QApplication, spawned: Spawned, desk: ComposeDesk) -> MainWindow:
    made = MainWindow(spawned)
    made.attach(desk)  # type: ignore[arg-type]
    made.show()
    spawned.settle()
    return made


def press(window: MainWindow, name: str) -> None:
    button = window.findChild(QPushButton, name)
    assert isinstance(button, QPushButton)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)


def plain(sentence: str) -> str:
    return sentence.replace("\u2068", "").replace("\u2069", "")


LINK = Draft(to="+12025550101", viber_text="Your order\nis ready.", sms_text="Ready.", sms_follows=False)


def test_without_a_link_there_is_no_strip(window: MainWindow) -> None:
    assert window.link.isHidden()
    assert window.link.sentence == ""


def test_a_link_is_shown_and_the_form_stays_as_it_was(window: MainWindow) -> None:
    window.compose.fill(Draft(to="1", viber_text="mine"))
    window.link.propose(LINK)
    assert window.link.isVisible()
    assert plain(window.link.sentence) == (
        "A link wants to fill this form: to +12025550101, text “Your order is ready.”, SMS text “Ready.”"
    )
    assert window.compose.draft().viber_text == "mine"


def test_use_it_fills_the_form_and_sends_nothing(
    window: MainWindow, desk: ComposeDesk, spawned: Spawned
) -> None:
    window.link.propose(LINK)
    press(window, "linkUseButton")
    spawned.settle()
    draft = window.compose.draft()
    assert draft == replace(LINK, to="+1 202-555-0101")
    assert window.link.isHidden()
    assert desk.sends == []


def test_what_was_being_written_can_be_brought_back(window: MainWindow) -> None:
    window.compose.fill(Draft(viber_text="mine"))
    window.link.propose(LINK)
    press(window, "linkUseButton")
    press(window, "noticeAction")
    assert window.compose.draft().viber_text == "mine"


def test_ignore_leaves_the_form_alone(window: MainWindow) -> None:
    window.compose.fill(Draft(viber_text="mine"))
    window.link.propose(LINK)
    press(window, "linkIgnoreButton")
    assert window.link.isHidden()
    assert window.compose.draft().viber_text == "mine"


def test_the_newest_link_is_the_one_that_is_used(window: MainWindow) -> None:
    window.link.propose(LINK)
    window.link.propose(Draft(viber_text="second"))
    press(window, "linkUseButton")
    assert window.compose.draft().viber_text == "second"


def test_a_link_does_not_take_the_keyboard_from_who_is_typing(window: MainWindow) -> None:
    window.compose.viber.edit.setFocus()
    before = window.focusWidget()
    window.link.propose(LINK)
    assert window.focusWidget() is before


@pytest.mark.parametrize(
    "text",
    ["<b>bold</b><img src=x>", "W" * 5000, "a\n" * 2000, "👩‍🔧" * 500, "\u05d0" * 300, "“, to +44 1"],
    ids=["markup", "one word", "many lines", "emoji", "right to left", "quotes"],
)
def test_hostile_texts_stay_text_and_fit(window: MainWindow, text: str) -> None:
    window.resize(LEAST)
    window.link.propose(Draft(to="W" * 64, viber_text=text, sms_text=text[::-1], sms_follows=False))
    QTest.qWait(0)
    assert window.size() == LEAST
    sentence = window.findChild(QLabel, "linkSentence")
    assert isinstance(sentence, QLabel)
    assert sentence.textFormat() == Qt.TextFormat.PlainText
    assert window.link.height() < 200
    for name in ("linkUseButton", "linkIgnoreButton"):
        button = window.findChild(QWidget, name)
        assert isinstance(button, QWidget)
        assert window.rect().contains(button.mapTo(window, button.rect().bottomRight()))


def test_a_long_text_is_shortened_and_says_so() -> None:
    shown = plain(link_sentence(Draft(viber_text="a" * 1000)))
    assert shown.count("a") <= SHOWN + len("A link wants to fill this form")
    assert shown.endswith("…”")


def test_each_text_is_kept_from_turning_round_its_surroundings() -> None:
    shown = link_sentence(Draft(to="1", viber_text="\u05d0"))
    assert shown.count("\u2068") == shown.count("\u2069") == 2


def test_only_long_words_are_made_breakable() -> None:
    assert breakable("short words only") == "short words only"
    assert breakable("a" * 60).count("\u200b") == 2
