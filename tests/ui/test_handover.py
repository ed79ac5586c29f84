"""A second start hands its link to the open window; nobody else gets anything into it that way."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtNetwork import QLocalSocket
from PySide6.QtWidgets import QApplication

from console.ui.handover import LONGEST, Door, decode, encode, hand_over, socket_name

LINK = "cascade:?to=1&viber=Schöne Grüße"


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("d")


@pytest.fixture
def knocks(app: QApplication, folder: Path) -> Iterator[list[str]]:
    heard: list[str] = []
    door = Door(folder)
    door.knocked.connect(heard.append)
    yield heard
    door.close()


def until(app: QApplication, condition: Callable[[], bool]) -> None:
    last = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < last, "it did not happen"
        app.processEvents()


CODE = """
import sys
from pathlib import Path
from console.ui.handover import hand_over
sys.exit(0 if hand_over(Path(sys.argv[1]), sys.argv[2] or None) else 1)
"""


def knock(app: QApplication, folder: Path, link: str | None) -> bool:
    """What a second start does, in a process of its own."""
    second = subprocess.Popen([sys.executable, "-c", CODE, str(folder), link or ""])
    try:
        until(app, lambda: second.poll() is not None)
    finally:
        second.kill()
        second.wait()
    return second.returncode == 0


@pytest.mark.parametrize("link", [LINK, None])
def test_the_open_window_hears_the_link_of_a_second_start(
    app: QApplication, folder: Path, knocks: list[str], link: str | None
) -> None:
    assert knock(app, folder, link)
    until(app, lambda: bool(knocks))
    assert knocks == [link or ""]


def test_where_no_window_is_open_nobody_hears(app: QApplication, folder: Path) -> None:
    assert not hand_over(folder, LINK)


def test_a_window_that_closed_hears_nothing_more(app: QApplication, folder: Path) -> None:
    door = Door(folder)
    door.close()
    assert not hand_over(folder, LINK)


def test_a_socket_left_by_a_crash_is_in_nobodys_way(app: QApplication, folder: Path) -> None:
    Path(socket_name(folder)).write_bytes(b"")
    heard: list[str] = []
    door = Door(folder)
    door.knocked.connect(heard.append)
    assert knock(app, folder, LINK)
    until(app, lambda: bool(heard))
    door.close()


@pytest.mark.parametrize(
    "raw",
    [b"https://elsewhere/\n", b"\xff\xfe\n", b"quit\n", b"a" * (LONGEST + 10)],
    ids=["no link", "no text", "a word", "too much"],
)
def test_malformed_messages_are_ignored_and_the_next_one_is_heard(
    app: QApplication, folder: Path, knocks: list[str], raw: bytes
) -> None:
    guest = QLocalSocket()
    guest.connectToServer(socket_name(folder))
    assert guest.waitForConnected(3000)
    guest.write(raw)
    until(app, lambda: guest.state() == QLocalSocket.LocalSocketState.UnconnectedState)
    assert knocks == []
    assert knock(app, folder, LINK)
    until(app, lambda: knocks == [LINK])


@pytest.mark.skipif(os.name != "posix", reason="sockets are files on POSIX systems")
def test_only_this_user_may_knock(knocks: list[str], folder: Path) -> None:
    assert stat.S_IMODE(Path(socket_name(folder)).stat().st_mode) & 0o077 == 0


def test_every_data_folder_has_a_door_of_its_own_and_a_long_path_too(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    names = {socket_name(each) for each in (tmp_path / "a", tmp_path / "b", deep, deep / "x")}
    assert len(names) == 4
    assert all(len(os.fsencode(each)) <= 80 for each in names)


def test_a_deep_data_folder_works_as_well(app: QApplication, tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    heard: list[str] = []
    door = Door(deep)
    door.knocked.connect(heard.append)
    assert knock(app, deep, None)
    until(app, lambda: heard == [""])
    door.close()


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=2000))
def test_every_link_arrives_as_it_was_given(rest: str) -> None:
    assert decode(encode("cascade:" + rest)) == "cascade:" + rest


@given(st.one_of(st.binary(), st.text().map(encode), st.binary().map(lambda raw: b"cascade:" + raw)))
def test_what_is_heard_is_one_line_and_a_link_or_nothing(raw: bytes) -> None:
    link = decode(raw)
    assert link is None or link == "" or (link.lower().startswith("cascade:") and "\n" not in link)
