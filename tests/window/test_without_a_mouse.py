"""The whole main job by real key presses, heard rather than seen."""

from __future__ import annotations

import subprocess

import pytest

from tests.window.atspi import Desktop, until
from tests.window.conftest import shows

pytestmark = pytest.mark.window


class Keyboard:
    """A keyboard of the X server, in front of one window."""

    def __init__(self, window_name: str) -> None:
        # Where no window manager runs, somebody has to give the window the keyboard.
        found = until(
            lambda: self._tell("search", "--onlyvisible", "--name", window_name).split(), "the window"
        )
        self._tell("windowfocus", "--sync", found[-1])

    @staticmethod
    def _tell(*words: str) -> str:
        done = subprocess.run(["xdotool", *words], check=False, capture_output=True, text=True, timeout=30)
        return done.stdout

    def press(self, *keys: str) -> None:
        """Keys one after the other, named as in X: ``Tab``, ``ctrl+Return``."""
        self._tell("key", *keys)

    def type(self, text: str) -> None:
        self._tell("type", "--delay", "5", text)


@pytest.fixture
def keyboard(desktop: Desktop, console: subprocess.Popen[bytes]) -> Keyboard:
    shows(desktop, "connectionIndicator", "Live")
    return Keyboard("Cascade")


def focus_moves_to(desktop: Desktop, object_name: str) -> None:
    node = desktop.find(object_name)
    until(lambda: node.focused, f"the focus in {object_name}")


def test_a_message_is_written_sent_and_heard_to_its_end_by_keys_alone(
    desktop: Desktop, keyboard: Keyboard
) -> None:
    ear = desktop.listen()
    focus_moves_to(desktop, "recipientEdit")
    keyboard.type("+12025550103")
    keyboard.press("Tab")
    focus_moves_to(desktop, "viberTextEdit")
    keyboard.type("Your order 4711 is ready.")
    keyboard.press("Tab")
    focus_moves_to(desktop, "smsEnabledCheck")
    keyboard.press("Tab", "Tab", "Tab")
    focus_moves_to(desktop, "fallbackSlider")
    keyboard.press("Home")
    until(lambda: "30 s" in ear.heard, "the slider's step said aloud")
    button = desktop.find("sendButton")
    until(lambda: button.enabled, "Send becoming possible")
    keyboard.press("ctrl+Return")

    def end() -> bool:
        return any(said.startswith("Delivered by SMS") for said in ear.heard)

    until(end, "the end of the cascade said aloud", 60)
    assert len([said for said in ear.heard if said.startswith("Delivered by SMS")]) == 1
    assert any("SMS" in said and "trying" in said for said in ear.heard), ear.heard


def test_every_stop_of_the_tab_key_has_a_name_and_the_round_comes_back(
    desktop: Desktop, keyboard: Keyboard
) -> None:
    expected = [
        "recipientEdit", "viberTextEdit", "smsEnabledCheck", "smsFollowsCheck", "smsTextEdit",
        "fallbackSlider", "fallbackSecondsSpin", "messageTypeCombo", "twoWayCheck", "advancedButton",
    ]  # fmt: skip
    for object_name in expected:
        focus_moves_to(desktop, object_name)
        assert desktop.find(object_name).name
        keyboard.press("Tab")
    for _ in range(40):
        if desktop.find("recipientEdit").focused:
            break
        keyboard.press("Tab")
    focus_moves_to(desktop, "recipientEdit")


def test_an_answer_is_heard_and_answered_by_keys_alone(desktop: Desktop, keyboard: Keyboard) -> None:
    ear = desktop.listen()
    keyboard.type("+12025550108")
    keyboard.press("Tab")
    keyboard.type("Shall we deliver tomorrow?")
    for _ in range(7):
        keyboard.press("Tab")
    focus_moves_to(desktop, "twoWayCheck")
    keyboard.press("space", "Tab")
    focus_moves_to(desktop, "replyIdEdit")
    keyboard.type("order-4711")
    keyboard.press("ctrl+Return")
    until(lambda: any("The customer answered by" in said for said in ear.heard), "the reply said aloud", 60)
    keyboard.press("ctrl+r")
    focus_moves_to(desktop, "replyEdit")
    keyboard.type("See you tomorrow.")
    keyboard.press("ctrl+Return")
    shows_in_list(desktop, "conversationView", "See you tomorrow.")


def shows_in_list(desktop: Desktop, object_name: str, text: str) -> None:
    def look() -> bool:
        return any(text in line for line in desktop.find(object_name).texts())

    until(look, f"“{text}” in {object_name}", 30)
