"""The list of profiles over real folders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTreeWidget, QWidget

from console.desk.owners import only_window
from console.desk.profiles import Profiles
from console.desk.settings import Secrets, Settings, journal_dir, save_settings
from console.ui.profile_window import ProfileDialog
from console.ui.starting import command
from tests.ui.conftest import Spawned, dispose


class NoKeys:
    """A keychain with nothing in it."""

    def load(self) -> Secrets:
        return Secrets()

    def store(self, secrets: Secrets) -> None:
        raise AssertionError(f"nothing to store, not {type(secrets)}")


class Room:
    """The window with its widgets by name."""

    def __init__(self, spawned: Spawned, root: Path, current: str = "default") -> None:
        self.spawned = spawned
        self.dialog = ProfileDialog(Profiles(root, lambda _name: NoKeys()), current, spawned)
        self.wanted: list[str] = []
        self.dialog.profile_wanted.connect(self.wanted.append)
        self.dialog.show()
        self.settle()

    def settle(self) -> None:
        self.spawned.settle()
        QApplication.processEvents()

    @property
    def tree(self) -> QTreeWidget:
        found = self.dialog.findChild(QTreeWidget, "profileList")
        assert found is not None
        return found

    @property
    def listed(self) -> list[tuple[str, str, str]]:
        items = (self.tree.topLevelItem(place) for place in range(self.tree.topLevelItemCount()))
        return [(item.text(0), item.text(1), item.text(2)) for item in items if item is not None]

    def choose(self, place: int) -> None:
        item = self.tree.topLevelItem(place)
        assert item is not None
        self.tree.setCurrentItem(item)

    def type(self, text: str) -> None:
        edit = self.dialog.findChild(QLineEdit, "profileName")
        assert edit is not None
        edit.setText(text)

    def button(self, name: str) -> QPushButton:
        found = self.dialog.findChild(QPushButton, name)
        assert found is not None
        return found

    def press(self, name: str) -> None:
        assert self.button(name).isEnabled(), name
        self.button(name).click()
        self.settle()

    @property
    def note(self) -> str:
        found = self.dialog.findChild(QLabel, "profileNote")
        assert found is not None
        return found.text()

    @property
    def question(self) -> str:
        shown = [each for each in self.dialog.findChildren(QWidget, "questionNotice") if each.isVisible()]
        return " ".join(found.text() for each in shown for found in each.findChildren(QLabel))


@pytest.fixture
def room(app: QApplication, spawned: Spawned, tmp_path: Path) -> Iterator[Room]:
    save_settings(tmp_path, Settings(profile="shop", customer_id="CUST-9"))
    made = Room(spawned, tmp_path)
    yield made
    dispose(made.dialog)


def test_profiles_are_listed_with_their_accounts_and_which_is_here(room: Room) -> None:
    assert room.listed == [("default", "–", "this window"), ("shop", "CUST-9", "")]


def test_another_one_is_opened_and_this_one_is_not(room: Room) -> None:
    room.choose(0)
    assert not room.button("profileOpen").isEnabled()
    room.choose(1)
    room.press("profileOpen")
    assert room.wanted == ["shop"]


def test_a_new_one_is_made_and_a_taken_name_refused(room: Room) -> None:
    room.type("support")
    room.press("profileCreate")
    assert ("support", "–", "") in room.listed
    room.type("SHOP")
    room.press("profileCreate")
    assert "already" in room.note
    room.type("../away")
    room.press("profileCreate")
    assert room.note


def test_one_is_renamed_but_not_the_default_one(room: Room, tmp_path: Path) -> None:
    room.choose(0)
    room.type("other")
    assert not room.button("profileRename").isEnabled()
    room.choose(1)
    room.press("profileRename")
    assert ("other", "CUST-9", "") in room.listed
    assert journal_dir(tmp_path, "other", sandbox=False).is_dir()


def test_deleting_says_what_goes_and_asks(room: Room, tmp_path: Path) -> None:
    room.choose(1)
    room.press("profileDelete")
    assert "deleted for good" in room.question
    assert journal_dir(tmp_path, "shop", sandbox=False).is_dir()
    room.press("questionYes")
    assert [name for name, _, _ in room.listed] == ["default"]
    assert not journal_dir(tmp_path, "shop", sandbox=False).exists()


def test_one_that_is_open_elsewhere_is_neither_renamed_nor_deleted(
    app: QApplication, spawned: Spawned, tmp_path: Path
) -> None:
    save_settings(tmp_path, Settings(profile="shop"))
    with only_window(journal_dir(tmp_path, "shop", sandbox=False)):
        room = Room(spawned, tmp_path)
        assert ("shop", "–", "open") in room.listed
        room.choose(1)
        room.type("other")
        assert not room.button("profileRename").isEnabled()
        assert not room.button("profileDelete").isEnabled()
        dispose(room.dialog)


@pytest.mark.parametrize("frozen", [True, False])
def test_another_window_is_started_installed_or_from_a_checkout(
    monkeypatch: pytest.MonkeyPatch, frozen: bool
) -> None:
    monkeypatch.setattr("sys.frozen", frozen, raising=False)
    _, words = command("--profile", "shop")
    assert words == (["--profile", "shop"] if frozen else ["-m", "console", "--profile", "shop"])
