"""Whole windows: all is translated, nothing breaks from right to left, Ukrainian does the main job."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import qasync
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QFont, QImage, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QSpinBox,
    QWidget,
)

from console import app as composition
from console.app import Application
from console.cascade import recipient
from console.cascade.speech import channel_name
from console.cascade.words import tr
from console.languages import PSEUDO, PSEUDO_RTL
from console.ui import theme
from console.ui.direction import placed
from console.ui.icons import pixmap
from console.ui.slider import FallbackSlider
from console.ui.timeline_header import Elided
from tests.e2e.conftest import Story, until, widget
from tests.languages.spoken import said, untranslated

Play = Callable[[str, Story], None]

NOT_OURS = frozenset(
    {"Hello", "cascade", "English", "Українська", "example", "com", "none", "create", "delete", "sign", "in",
     "transact", "update", "relay", "proxy", "Thank", "you", "will", "be", "there",
     "rest", "ww", "telesign", "id", "RS", "OK", "Cancel"}
)  # fmt: skip
"""What stands in windows as it is: the messages themselves, languages' own names, addresses and codes that
are examples, Telesign's lifecycle events; and Qt's buttons, which Qt translates."""
LEFT_OPEN = frozenset({"quitAction"})
"""Actions whose work is not to show something."""


@pytest.fixture
def play(tmp_path: Path, qt: QApplication) -> Iterator[Play]:
    """Run a story inside the console on the sandbox, in a language."""
    for earlier in QApplication.topLevelWidgets():
        earlier.setProperty("earlier", True)  # left by another test, in that test's language
    recipient._parse.cache_clear()  # what is wrong with a number is said in the language it was asked in
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    bugs: list[dict[str, object]] = []

    async def run(language: str, story: Story) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: bugs.append(context))
        argv = ["--sandbox", "--data-dir", str(tmp_path)]
        async with composition.running(argv, env={"CASCADE_LANGUAGE": language}) as application:
            await story(application)

    def start(language: str, story: Story) -> None:
        loop.run_until_complete(run(language, story))
        assert bugs == []

    yield start
    loop.close()
    asyncio.set_event_loop(None)


async def send(application: Application, number: str, text: str) -> None:
    to = widget(application, QLineEdit, "recipientEdit")
    to.setFocus()
    QTest.keyClicks(to, number)
    widget(application, QPlainTextEdit, "viberTextEdit").setPlainText(text)
    widget(application, QSpinBox, "fallbackSecondsSpin").setValue(30)
    button = widget(application, QPushButton, "sendButton")
    await until(button.isEnabled, "Send becoming possible")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    await until(lambda: not to.text(), "the form being cleared")


def outcome(application: Application) -> str:
    return widget(application, QLabel, "timelineOutcome").text()


def rows(application: Application) -> list[str]:
    model = widget(application, QAbstractItemView, "timelineView").model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def leaks() -> list[str]:
    """Everything in any window that is not of the pseudo language."""
    found = []
    for root in QApplication.topLevelWidgets():
        if root.property("earlier"):
            continue
        for where, text in said(root):
            # An id is known by its digits.
            words = [word for word in untranslated(text, NOT_OURS) if not _in_an_id(word, text)]
            if words:
                found.append(f"{where}: {text!r} ({', '.join(words)})")
    return found


_ID = re.compile(r"(cascade-)?[0-9A-Fa-f-]+")


def _in_an_id(word: str, text: str) -> bool:
    around = [part for part in text.replace("…", " ").split() if word in part]
    return all(_ID.fullmatch(part) or any(sign.isdigit() for sign in part) for part in around)


def test_every_text_of_every_window_can_be_translated(play: Play) -> None:
    async def story(application: Application) -> None:
        assert leaks() == []
        await send(application, "+12025550103", "Hello")
        delivered = tr("Delivered by {channel}", channel=channel_name("sms"))
        await until(lambda: outcome(application) == delivered, "delivery")
        assert leaks() == []
        await send(application, "+12025550108", "Hello")
        conversation = widget(application, QAbstractItemView, "conversationView").model()
        await until(lambda: conversation.rowCount() == 2, "the reply")
        assert leaks() == []
        for action in application.window.findChildren(QAction):
            named = action.objectName()
            if not named.endswith("Action") or named in LEFT_OPEN or not action.isEnabled():
                continue
            action.trigger()
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert leaks() == [], named
            for other in QApplication.topLevelWidgets():
                if other is not application.window and other.isVisible():
                    other.close()

    play(PSEUDO, story)


def test_the_main_job_is_done_in_ukrainian(play: Play) -> None:
    async def story(application: Application) -> None:
        await send(application, "+12025550103", "Ваше замовлення чекає.")
        assert "піде SMS" in widget(application, QLabel, "fallbackSentence").text()
        await until(lambda: outcome(application) == "Доставлено через SMS", "delivery")
        told = rows(application)
        assert any("Viber: за 30 с не доставлено" in row for row in told)
        indicator = widget(application, QWidget, "connectionIndicator")
        await until(lambda: "На зв’язку" in str(indicator.property("text")), "the indicator")
        assert widget(application, QPushButton, "sendButton").text() == "Надіслати"

    play("uk", story)


def test_the_language_of_the_setting_is_spoken_from_the_next_start_on(play: Play) -> None:
    spoken: list[str] = []

    async def story(application: Application) -> None:
        spoken.append(widget(application, QPushButton, "sendButton").text())

    for language in ("en", "uk", "en"):
        play(language, story)
    assert spoken == ["Send", "Надіслати", "Send"]


def test_no_mnemonic_stands_twice_in_a_menu_of_any_language(play: Play) -> None:
    found: list[tuple[str, list[str]]] = []

    async def story(application: Application) -> None:
        bar = application.window.menuBar()
        found.append(("bar", _mnemonics(bar.actions())))
        for action in bar.actions():
            menu = action.menu()
            if isinstance(menu, QMenu):
                found.append((action.text(), _mnemonics(menu.actions())))

    for language in ("en", "uk"):
        play(language, story)
    assert len(found) > 8
    assert [each for each in found if len(set(each[1])) != len(each[1])] == []


def _mnemonics(actions: list[QAction]) -> list[str]:
    texts = [action.text().replace("&&", "") for action in actions]
    return [text[text.index("&") + 1].lower() for text in texts if "&" in text]


def test_a_cut_text_is_as_translated_as_the_whole_it_was_cut_from(qt: QApplication) -> None:
    shown = Elided("caption")
    shown.resize(120, 20)

    def leaked(text: str) -> list[str]:
        shown.show_text(text)
        assert shown.text().endswith("…")
        return [
            word for where, said_ in said(shown) if where.endswith(".text") for word in untranslated(said_)
        ]

    assert leaked("[Ŵŕìťťèń ńèàŕľý ťŵèńťý ṃìńùťèš àĝò~~~~]") == []
    assert "English" in leaked("[Ŵŕìťťèń ńèàŕľý ťŵèńťý ṃìńùťèš àĝò~~~~] English")
    shown.show_text("[Ŵŕìťťèń ńèàŕľý ťŵèńťý ṃìńùťèš àĝò~~~~]")
    shown.setText("Never translated…")  # not the beginning of what it says to a screen reader
    assert untranslated(next(text for where, text in said(shown) if where.endswith(".text")))


@pytest.fixture
def lettering(qt: QApplication) -> Iterator[Callable[[float], None]]:
    """Set how wide letters run, in percent of the machine's font: a stand-in for fonts it has not."""
    before = QFont(qt.font())

    def set_width(percent: float) -> None:
        theme.apply(qt)  # it chooses the font the first time; later it leaves ours alone
        font = QFont(qt.font())
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, percent)
        qt.setFont(font)

    yield set_width
    qt.setFont(before)


@pytest.mark.parametrize("percent", [100, 125])
@pytest.mark.parametrize("language", ["en", "uk", PSEUDO, PSEUDO_RTL])
def test_the_form_stays_as_wide_as_its_pane_however_long_the_words(
    play: Play, lettering: Callable[[float], None], language: str, percent: float
) -> None:
    async def story(application: Application) -> None:
        lettering(percent)
        pane = application.window.compose
        pane.two_way.check.setChecked(True)
        pane.advanced.fold.unfold()
        pane.viber.edit.setPlainText("“Ваше замовлення” – чекає…")
        pane.bar.ask(tr("Too late: the message was already on its way."))
        for room in (QSize(1280, 800), QSize(1000, 640)):
            application.window.resize(room)
            await until(lambda: not pane.sms_preview.isHidden(), "the preview")
            await until(lambda: _outside(pane) == [], "everything within the pane")
        pane.setMaximumWidth(pane.minimumWidth())
        await until(
            lambda: pane.width() == pane.minimumWidth() and _outside(pane) == [], "the narrowest pane"
        )

    play(language, story)


def _outside(pane: QWidget) -> list[str]:
    """What of the form reaches out of the pane's sides."""
    found = []
    for each in pane.findChildren(QWidget):
        if not each.isVisibleTo(pane) or each.isWindow():
            continue
        left = each.mapTo(pane, QPoint(0, 0)).x()
        if left < 0 or left + each.width() > pane.width():
            found.append(f"{type(each).__name__} {each.objectName()}: {left} + {each.width()}")
    return found


def test_from_right_to_left_the_panes_change_sides_and_the_number_does_not_turn(play: Play) -> None:
    async def story(application: Application) -> None:
        window = application.window
        window.resize(1400, 800)
        await send(application, "+12025550103", "Hello")
        history = widget(application, QAbstractItemView, "historyView")
        number = "\u2066+1 202-555-0103\u2069"
        await until(lambda: number in str(history.model().index(0, 0).data()), "the row")
        compose = window.compose.mapTo(window, QPoint(0, 0)).x()
        assert history.mapTo(window, QPoint(0, 0)).x() < compose
        assert widget(application, QLineEdit, "recipientEdit").text() == ""

    play(PSEUDO_RTL, story)


def test_from_right_to_left_the_slider_grows_to_the_left(qt: QApplication) -> None:
    before = qt.layoutDirection()
    try:
        for direction in (Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft):
            qt.setLayoutDirection(direction)
            slider = FallbackSlider()
            slider.resize(300, slider.sizeHint().height())
            QTest.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(297, 10))
            assert isinstance(slider, QSlider)
            far = slider.maximum() if direction is Qt.LayoutDirection.LeftToRight else slider.minimum()
            assert slider.value() == far
    finally:
        qt.setLayoutDirection(before)


def test_boxes_are_mirrored_within_their_surroundings(qt: QApplication) -> None:
    before = qt.layoutDirection()
    try:
        qt.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        assert placed(QRect(10, 5, 20, 8), QRect(0, 0, 100, 50)) == QRect(70, 5, 20, 8)
        assert placed(QRectF(110, 5, 20, 8), QRect(100, 0, 100, 50)) == QRectF(170, 5, 20, 8)
        qt.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
        assert placed(QRect(10, 5, 20, 8), QRect(0, 0, 100, 50)) == QRect(10, 5, 20, 8)
    finally:
        qt.setLayoutDirection(before)


def test_icons_that_point_along_the_line_are_mirrored_and_others_are_not(qt: QApplication) -> None:
    before = qt.layoutDirection()

    def drawn(name: str, direction: Qt.LayoutDirection) -> QPixmap:
        qt.setLayoutDirection(direction)
        return pixmap(name, 32, "black")

    try:
        for name, turns in (("send", True), ("chevron-right", True), ("check", False), ("viber", False)):
            usual = drawn(name, Qt.LayoutDirection.LeftToRight).toImage()
            other = drawn(name, Qt.LayoutDirection.RightToLeft).toImage()
            assert (other != usual) is turns, name
            assert _ink(other, 0) == pytest.approx(_ink(usual, 1 if turns else 0), rel=0.1), name
    finally:
        qt.setLayoutDirection(before)


def _ink(image: QImage, half: int) -> int:
    """How much is drawn in the left (0) or the right (1) half."""
    start = half * image.width() // 2
    return sum(
        image.pixelColor(x, y).alpha()
        for x in range(start, start + image.width() // 2)
        for y in range(image.height())
    )
