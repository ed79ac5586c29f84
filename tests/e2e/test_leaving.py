"""Quitting says what it would leave behind; the end of a session saves and asks nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QLabel, QLineEdit, QMessageBox, QPlainTextEdit, QPushButton, QSpinBox

from console.app import Application
from console.ui.leaving_rules import leaving_consequence, leaving_sentence
from tests.e2e.conftest import until, widget

Play = Callable[..., None]


async def send(application: Application, number: str) -> None:
    widget(application, QLineEdit, "recipientEdit").setText(number)
    widget(application, QPlainTextEdit, "viberTextEdit").setPlainText("Hello")
    widget(application, QSpinBox, "fallbackSecondsSpin").setValue(30)
    button = widget(application, QPushButton, "sendButton")
    await until(button.isEnabled, "Send becoming possible")
    button.click()


def box(application: Application) -> QMessageBox | None:
    found = application.window.findChild(QMessageBox, "leavingBox")
    return found if isinstance(found, QMessageBox) else None


async def in_doubt(application: Application) -> QMessageBox:
    """Send a message that ends in doubt, close the window, and return what that asks."""
    await send(application, "+12025550145")
    outcome = widget(application, QLabel, "timelineOutcome")
    await until(lambda: outcome.text() == "May have been sent", "doubt")
    application.window.close()
    await until(lambda: box(application) is not None, "the question")
    asked = box(application)
    assert asked is not None
    return asked


def test_with_nothing_under_way_the_window_just_closes(play: Play) -> None:
    async def story(application: Application) -> None:
        application.window.close()
        await until(application.closed.is_set, "leaving")
        assert box(application) is None

    play(story)


def test_with_a_message_in_doubt_quitting_says_how_many_and_staying_stays(play: Play) -> None:
    async def story(application: Application) -> None:
        asked = await in_doubt(application)
        assert asked.text() == "1 message is in doubt: it may have been sent."
        assert not asked.isModal()
        widget(application, QPushButton, "stayButton").click()
        await until(lambda: box(application) is None, "the question going away")
        assert not application.closed.is_set()
        application.window.close()
        await until(lambda: box(application) is not None, "the question coming again")

    play(story)


def test_quit_anyway_quits(play: Play) -> None:
    async def story(application: Application) -> None:
        await in_doubt(application)
        widget(application, QPushButton, "quitAnywayButton").click()
        assert application.closed.is_set()

    play(story)


def test_closing_twice_asks_once(play: Play) -> None:
    async def story(application: Application) -> None:
        await in_doubt(application)
        application.window.close()
        assert len(application.window.findChildren(QMessageBox, "leavingBox")) == 1

    play(story)


def test_the_end_of_the_session_saves_the_draft_and_does_not_ask(play: Play) -> None:
    async def story(application: Application) -> None:
        asked = await in_doubt(application)
        asked.reject()
        await until(lambda: box(application) is None, "the question going away")
        widget(application, QPlainTextEdit, "viberTextEdit").setPlainText("Half a sen")
        returned: list[bool] = []

        def session_ends() -> None:
            application.leaving.session_ends()
            returned.append(True)

        QTimer.singleShot(0, session_ends)
        await until(lambda: bool(returned), "the handler's end")
        assert application.desk is not None
        kept = await application.desk.load_draft()
        assert kept is not None
        assert kept.viber_text == "Half a sen"
        application.window.close()
        await until(application.closed.is_set, "leaving")
        assert box(application) is None

    play(story)


@pytest.mark.parametrize(
    ("sending", "in_doubt", "said"),
    [
        (0, 0, ""),
        (1, 0, "1 message is still being sent."),
        (2, 0, "2 messages are still being sent."),
        (1, 3, "1 message is still being sent. 3 messages are in doubt: they may have been sent."),
    ],
)
def test_both_kinds_are_counted_apart(sending: int, in_doubt: int, said: str) -> None:
    assert leaving_sentence(sending, in_doubt) == said
    assert bool(leaving_consequence(sending, in_doubt)) == bool(said)
