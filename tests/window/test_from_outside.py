"""The real program in a real window, worked from outside its process as a screen reader would."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.window.atspi import Desktop, until
from tests.window.conftest import shows

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(sys.platform != "linux", reason="AT-SPI is Linux's"),
]


def test_an_agent_sends_and_hears_the_cascade_end_without_seeing_the_window(
    desktop: Desktop, console: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    shows(desktop, "connectionIndicator", "Live")
    desktop.find("recipientEdit").write("+1 202 555 0103")
    desktop.find("viberTextEdit").write("Your order 4711 is ready.")
    desktop.find("fallbackSlider").slide(30)
    assert desktop.find("fallbackSecondsSpin").value == 30
    button = desktop.find("sendButton")
    until(lambda: button.enabled, "Send becoming possible")
    button.press()
    shows(desktop, "timelineOutcome", "Delivered by SMS")
    rows = desktop.find("timelineView").texts()
    assert any("Viber did not deliver within 30 s" in row for row in rows)
    assert any("Your order 4711" in row for row in desktop.find("historyView").texts())


def test_a_second_console_hands_its_link_to_the_open_window_and_leaves(
    desktop: Desktop, console: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    shows(desktop, "connectionIndicator", "Live")
    link = "cascade:?to=%2B12025550101&viber=From%20outside"
    command = [sys.executable, "-m", "console", "--sandbox", "--data-dir", str(tmp_path), link]
    second = subprocess.run(
        command,
        check=False,
        capture_output=True,
        timeout=60,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert second.returncode == 0, second.stderr
    desktop.find("linkUseButton").press()
    text = desktop.find("viberTextEdit")
    until(lambda: text.text == "From outside", "the link in the form")
