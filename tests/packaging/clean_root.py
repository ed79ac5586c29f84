"""The clean Debian that ``packaging/linux/check.py`` made, what runs in it, and a person's hands on it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest
import tree

from tests.window.atspi import Desktop, Node, NotShownError, until
from tests.window.conftest import shows
from tests.window.test_without_a_mouse import Keyboard, focus_moves_to

ROOT: Final = Path(os.environ.get("CASCADE_CHECK_ROOT", "/nonexistent"))
PACKAGES: Final = Path(os.environ.get("CASCADE_CHECK_PACKAGES", "/nonexistent"))
PICTURE: Final = Path(os.environ.get("CASCADE_CHECK_PICTURE", "/tmp/cascade-check.png"))
NUMBER, TEXT = "+12025550101", "Your order 4711 is ready."
USER: Final = "1000:1000"
"""Somebody who is not root."""

needs_it = pytest.mark.skipif(not PACKAGES.exists(), reason="run by packaging/linux/check.py")


def package(suffix: str) -> Path:
    """The one package with this suffix."""
    (found,) = PACKAGES.glob(f"*{suffix}")
    return found


def in_root(
    *command: str,
    env: dict[str, str] | None = None,
    code: int | None = 0,
    user: str = "0:0",
    complaints: bool = False,
) -> str:
    """What a command in the clean root prints, or complains of."""
    done = subprocess.run(
        ["chroot", f"--userspec={user}", str(ROOT), *command],
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, **(env or {})},
    )
    assert code is None or done.returncode == code, done.stdout + done.stderr
    return done.stderr if complaints else done.stdout


def files() -> set[str]:
    """Everything on the disk of the clean root, except what dpkg and the desktop's databases keep."""
    elsewhere = {
        ROOT / place for place in ("proc", "dev", "tmp", "sys", "run", "var/cache", "var/log", "var/lib/dpkg")
    }
    found: set[str] = set()
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if Path(folder, name) not in elsewhere]
        found |= {str(Path(folder, name)) for name in (*folders, *names) if not name.endswith(".cache")}
    return found


@contextmanager
def running(*command: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program of the clean root, ended kindly at the end, and hard where that does not help."""
    with subprocess.Popen(["chroot", str(ROOT), *command], env={**os.environ, **(env or {})}) as process:
        try:
            yield process
            os.kill(worker(process.pid), 15)
            assert process.wait(20) == 0
        finally:
            process.kill()


def worker(process: int) -> int:
    """The process that does the work: an AppImage that could not be mounted waits for it."""
    while program_of(process).name.split()[0] not in tree.PROGRAMS:
        process = int(Path(f"/proc/{process}/task/{process}/children").read_text().split()[0])
    return process


def program_of(process: int) -> Path:
    """The file that a process runs; `` (deleted)`` stands behind its name if it is not there any more."""
    return Path(f"/proc/{process}/exe").readlink()


def tab_to(desktop: Desktop, keyboard: Keyboard, object_name: str) -> None:
    """Press Tab until a field has the focus, however many stand before it."""
    wanted = desktop.find(object_name)
    for _ in range(6):
        keyboard.press("Tab")
        with suppress(NotShownError):
            until(lambda: wanted.focused, f"the focus in {object_name}", 2)
            return
    raise NotShownError(f"the focus did not come to {object_name}")


def look_at_screen() -> None:
    """Leave a picture of the screen for whoever wants to see how far it came."""
    subprocess.run(["import", "-window", "root", str(PICTURE)], check=True, timeout=30)


def colours_amid(node: Node) -> int:
    """How many colours the 16 by 16 pixels in the middle of a widget have: a blank one has one."""
    left, top, width, height = node.extents
    middle = f"16x16+{left + width // 2 - 8}+{top + height // 2 - 8}"
    told = subprocess.run(
        ["import", "-window", "root", "-crop", middle, "-format", "%k", "info:-"],
        check=True,
        capture_output=True,
        text=True,
        timeout=30,
    )
    return int(told.stdout)


def send_by_keys(desktop: Desktop) -> None:
    """Do the main job with the keyboard alone, until ``Delivered`` is on the screen."""
    shows(desktop, "connectionIndicator", "Live")
    keyboard = Keyboard("Cascade")
    focus_moves_to(desktop, "recipientEdit")
    keyboard.type(NUMBER)
    tab_to(desktop, keyboard, "viberTextEdit")
    keyboard.type(TEXT)
    look_at_screen()
    button = desktop.find("sendButton")
    until(lambda: button.enabled, "Send becoming possible")
    keyboard.press("ctrl+Return")
    shows(desktop, "timelineOutcome", "Delivered")
    assert any("Your order 4711" in row for row in desktop.find("historyView").texts())
    look_at_screen()
