"""Replies, through real widgets: they arrive, are counted, read and answered; STOP holds."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QToolButton,
    QTreeWidget,
    QWidget,
)

from console.app import Application
from console.sandbox.scenarios import scenario
from console.ui.widgets import Notice
from tests.e2e.conftest import until, widget

Play = Callable[..., None]


async def send(application: Application, scenario_id: str, text: str = "Your order is ready.") -> None:
    to = widget(application, QLineEdit, "recipientEdit")
    to.setFocus()
    QTest.keyClicks(to, scenario(scenario_id).number)
    widget(application, QPlainTextEdit, "viberTextEdit").setPlainText(text)
    button = widget(application, QPushButton, "sendButton")
    await until(button.isEnabled, "Send becoming possible")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def said(application: Application) -> list[str]:
    model = widget(application, QAbstractItemView, "conversationView").model()
    return [str(model.index(row, 0).data()) for row in range(model.rowCount())]


def trigger(application: Application, name: str) -> None:
    action = application.window.findChild(QAction, name)
    assert isinstance(action, QAction)
    assert action.isEnabled()
    action.trigger()


async def press(application: Application, name: str) -> None:
    def there() -> list[QPushButton]:
        return [each for each in application.window.findChildren(QPushButton, name) if each.isVisible()]

    await until(lambda: len(there()) == 1, f"the button {name}")
    QTest.mouseClick(there()[0], Qt.MouseButton.LeftButton)


def asked(application: Application) -> str:
    found = [each for each in application.window.findChildren(Notice) if each.isVisible()]
    return " ".join(each.text.text() for each in found)


def messages(application: Application) -> int:
    return widget(application, QAbstractItemView, "historyView").model().rowCount()


@pytest.mark.parametrize(
    ("scenario_id", "words"),
    [
        ("reply_viber", "The customer replied by Viber: Thank you, I will be there 👍"),
        ("reply_sms", "The customer replied by SMS: Can we make it an hour later?"),
    ],
)
def test_a_reply_stands_in_the_conversation(play: Play, scenario_id: str, words: str) -> None:
    async def story(application: Application) -> None:
        await send(application, scenario_id)
        await until(lambda: words in said(application), "the reply")
        assert said(application)[0].startswith("You wrote: Your order is ready.")

    play(story)


def test_a_reply_to_a_message_that_is_not_on_screen_is_counted_and_found(play: Play) -> None:
    async def story(application: Application) -> None:
        await send(application, "reply_viber")
        await until(lambda: messages(application) == 1, "the first message")
        await send(application, "viber_delivered", "Something else.")
        await until(lambda: messages(application) == 2, "the second message")
        unread = widget(application, QToolButton, "unreadIndicator")
        await until(lambda: unread.isVisible() and unread.text() == "1 unread", "the count")
        QTest.mouseClick(unread, Qt.MouseButton.LeftButton)
        await until(lambda: any("I will be there" in each for each in said(application)), "the reply")
        await until(lambda: not unread.isVisible(), "the count going away")

    play(story)


@pytest.mark.parametrize("scenario_id", ["stop", "stop_viber"])
def test_who_says_stop_is_listed_and_written_to_only_on_purpose(play: Play, scenario_id: str) -> None:
    async def story(application: Application) -> None:
        number = scenario(scenario_id).number
        await send(application, scenario_id)
        await until(
            lambda: any("asks not to be written to" in each for each in said(application)), "STOP being shown"
        )
        trigger(application, "optOutAction")
        tree = widget(application, QTreeWidget, "optOutList")
        await until(lambda: tree.topLevelItemCount() == 1, "the number in the list")
        item = tree.topLevelItem(0)
        assert item is not None
        assert item.text(1) == number
        assert "STOP" in item.text(2)
        await press(application, "optOutClose")

        before = messages(application)
        await send(application, scenario_id, "One more thing.")
        await until(lambda: "answered STOP" in asked(application), "the question")
        assert messages(application) == before

    play(story)


def test_sending_again_to_who_said_stop_asks_about_that_by_itself(play: Play) -> None:
    async def story(application: Application) -> None:
        await send(application, "stop")
        await until(
            lambda: any("asks not to be written to" in each for each in said(application)), "STOP being shown"
        )
        application.window.timeline._more.resend_wanted.emit()
        await until(lambda: "twice" in asked(application), "the question about sending twice")
        await press(application, "questionYes")
        await until(lambda: "answered STOP" in asked(application), "the question about STOP")
        assert messages(application) == 1
        await press(application, "questionYes")
        await until(lambda: messages(application) == 2, "the message the agent insisted on")

    play(story)


def test_nothing_is_unmatched_where_every_reply_has_its_message(play: Play) -> None:
    async def story(application: Application) -> None:
        await send(application, "reply_viber")
        await until(lambda: len(said(application)) == 2, "the reply")
        assert not widget(application, QWidget, "unmatchedIndicator").isVisible()
        trigger(application, "unmatchedAction")
        empty = widget(application, QLabel, "unmatchedListEmpty")
        await until(lambda: empty.isVisible() and empty.text() == "Nothing is waiting", "the empty tray")
        await press(application, "unmatchedClose")

    play(story)
