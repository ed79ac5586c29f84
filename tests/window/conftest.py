"""A desktop that can be listened to, and the real program on it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.window.atspi import Desktop, Node, until

_LAUNCHER = "/usr/libexec/at-spi-bus-launcher"


@pytest.fixture(scope="module")
def desktop() -> Iterator[Desktop]:
    with subprocess.Popen([_LAUNCHER, "--launch-immediately"], stderr=subprocess.DEVNULL) as launcher:
        found = Desktop()
        yield found
        found.close()
        launcher.terminate()


@pytest.fixture
def console(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "xcb", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
    command = [sys.executable, "-m", "console", "--sandbox", "--data-dir", str(tmp_path)]
    with subprocess.Popen(command, env=environment) as process:
        yield process
        process.terminate()
        assert process.wait(20) == 0


def shows(desktop: Desktop, object_name: str, text: str) -> Node:
    """The widget, once its text holds ``text``."""

    def look() -> Node | None:
        node = desktop.find(object_name)
        return node if text in node.text or text in node.name else None

    return until(look, f"“{text}” in {object_name}", 30)
