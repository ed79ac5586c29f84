"""The whole application on a qasync loop: real widgets, real relay, real HTTP, the embedded sandbox."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TypeVar

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
import qasync
from PySide6.QtWidgets import QApplication, QWidget

from console import app as composition
from console.app import Application

W = TypeVar("W", bound=QWidget)
Story = Callable[[Application], Awaitable[None]]


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Run a story inside the running console; by default on the sandbox with data of its own."""
    qt = QApplication.instance() or QApplication([])
    loop = qasync.QEventLoop(qt)
    asyncio.set_event_loop(loop)
    bugs: list[dict[str, object]] = []

    async def run(story: Story, argv: list[str], env: dict[str, str]) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: bugs.append(context))
        async with composition.running([*argv, "--data-dir", str(tmp_path)], env=env) as application:
            await story(application)

    def start(story: Story, argv: list[str] | None = None, env: dict[str, str] | None = None) -> None:
        loop.run_until_complete(run(story, ["--sandbox"] if argv is None else argv, env or {}))
        assert bugs == []

    yield start
    loop.close()
    asyncio.set_event_loop(None)


def widget(application: Application, kind: type[W], object_name: str) -> W:
    """The widget of this name; there must be one."""
    found = application.window.findChild(kind, object_name)
    assert isinstance(found, kind), f"no {kind.__name__} named {object_name}"
    return found


async def until(done: Callable[[], bool], what: str, within: float = 20.0) -> None:
    """Let the loop run until ``done``."""
    try:
        async with asyncio.timeout(within):
            while not done():  # noqa: ASYNC110
                # Qt widgets tell of changes in a hundred ways; looking is the one way that fits all.
                await asyncio.sleep(0.01)
    except TimeoutError:
        pytest.fail(f"{what} did not happen within {within:.0f} s")
