"""Profiles are kept apart, go along with their keys, and are deleted whole or not at all."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from console.desk.keychain import KeychainProblem
from console.desk.owners import Owner, only_window
from console.desk.profiles import Contents, Profiles, deletion_text
from console.desk.settings import Secrets, Settings, SettingsProblem, load_settings, save_settings
from console.journal.journal import Journal
from tests.journal.conftest import AT, accepted, queued

KEYS = Secrets(api_key="c2VjcmV0", relay_token="token")


@dataclass
class Kept:
    """A keychain in memory."""

    all: dict[str, Secrets] = field(default_factory=dict)
    locked: bool = False

    def __call__(self, name: str) -> Drawer:
        return Drawer(self, name)


@dataclass
class Drawer:
    kept: Kept
    name: str

    def load(self) -> Secrets:
        if self.kept.locked:
            raise KeychainProblem("The keychain is locked.")
        return self.kept.all.get(self.name, Secrets())

    def store(self, secrets: Secrets) -> None:
        if self.kept.locked:
            raise KeychainProblem("The keychain is locked.")
        self.kept.all[self.name] = secrets
        if secrets == Secrets():
            del self.kept.all[self.name]


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def profiles(tmp_path: Path, kept: Kept) -> Profiles:
    return Profiles(tmp_path, kept)


def names(profiles: Profiles) -> list[str]:
    return [profile.name for profile in profiles.list()]


def shop(root: Path, kept: Kept) -> Path:
    save_settings(root, Settings(profile="shop", customer_id="CUST-1"))
    kept.all["shop"] = KEYS
    place = root / "profiles" / "shop"
    with closing(Journal(place)) as journal:
        accepted(journal)
        journal.add_message(queued("m2"), request=b"{}", owner="me")
    return place


def test_there_is_always_a_default_one_and_it_comes_first(tmp_path: Path, profiles: Profiles) -> None:
    assert names(profiles) == ["default"]
    for name in ("zoo", "Alpha"):
        profiles.create(name)
    (tmp_path / "profiles" / "not a profile").mkdir()
    (tmp_path / "profiles" / "file").touch()
    assert names(profiles) == ["default", "Alpha", "zoo"]
    assert (tmp_path / "profiles" / "zoo").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["", "..", "a/b", "x" * 65, "default", "SHOP", "käse", "a\0b"])
def test_a_name_that_cannot_be_used_is_refused(profiles: Profiles, name: str) -> None:
    profiles.create("shop")
    with pytest.raises(SettingsProblem):
        profiles.create(name)
    assert names(profiles) == ["default", "shop"]


def test_settings_keys_and_journal_go_along_with_a_new_name(
    tmp_path: Path, profiles: Profiles, kept: Kept
) -> None:
    old = shop(tmp_path, kept)
    profiles.rename("shop", " store ")
    assert not old.exists()
    assert kept.all == {"store": KEYS}
    assert load_settings(tmp_path, "store", {}).customer_id == "CUST-1"
    assert profiles.contents("store").messages == 2


def test_only_the_size_of_letters_may_change(tmp_path: Path, profiles: Profiles, kept: Kept) -> None:
    shop(tmp_path, kept)
    profiles.rename("shop", "Shop")
    assert names(profiles) == ["default", "Shop"]
    assert kept.all == {"Shop": KEYS}


def test_a_rename_that_fails_changes_nothing(tmp_path: Path, profiles: Profiles, kept: Kept) -> None:
    place = shop(tmp_path, kept)
    (tmp_path / "profiles" / "taken").write_text("a file in the way", encoding="utf-8")
    with pytest.raises(SettingsProblem):
        profiles.rename("shop", "taken")
    assert kept.all == {"shop": KEYS}
    kept.locked = True
    with pytest.raises(SettingsProblem, match="locked"):
        profiles.rename("shop", "free")
    with pytest.raises(SettingsProblem, match="locked"):
        profiles.delete("shop")
    assert place.is_dir()
    assert profiles.contents("shop").messages == 2


def test_what_is_open_is_neither_renamed_nor_deleted(tmp_path: Path, profiles: Profiles, kept: Kept) -> None:
    place = shop(tmp_path, kept)
    with only_window(place):
        assert [profile.in_use for profile in profiles.list()] == [False, True]
        with pytest.raises(SettingsProblem, match="open"):
            profiles.rename("shop", "b")
        with pytest.raises(SettingsProblem, match="open"):
            profiles.delete("shop")
    script = Owner(place)
    with pytest.raises(SettingsProblem, match="open"):
        profiles.delete("shop")
    script.release()
    assert kept.all == {"shop": KEYS}
    profiles.delete("shop")


def test_deleting_takes_keys_and_everything_and_only_this_one(
    tmp_path: Path, profiles: Profiles, kept: Kept
) -> None:
    place = shop(tmp_path, kept)
    profiles.create("other")
    kept.all["other"] = KEYS
    profiles.delete("shop")
    assert not place.exists()
    assert kept.all == {"other": KEYS}
    assert names(profiles) == ["default", "other"]
    with pytest.raises(SettingsProblem, match="no profile"):
        profiles.delete("shop")


def test_a_link_is_removed_and_not_what_it_points_to(tmp_path: Path, profiles: Profiles) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").touch()
    profiles.create("a")
    (tmp_path / "profiles" / "link").symlink_to(elsewhere)
    profiles.delete("link")
    assert (elsewhere / "precious").exists()


def test_the_question_before_deleting_says_what_is_lost(
    tmp_path: Path, profiles: Profiles, kept: Kept
) -> None:
    place = shop(tmp_path, kept)
    contents = profiles.contents("shop")
    assert contents == Contents(messages=2, unfinished=2, oldest=AT)
    said = deletion_text("shop", contents)
    for part in ("“shop”", "2 messages since 2026-05-04", "2 have no outcome", "STOP", "cannot be undone"):
        assert part in said
    assert "no messages" in deletion_text("x", profiles.contents("default"))
    (place / "journal.db").write_bytes(b"never a database" * 100)
    for log in place.glob("journal.db-*"):
        log.unlink()
    assert "cannot be read" in deletion_text("shop", profiles.contents("shop"))


@pytest.mark.parametrize("content", [b"", b"[]", b'{"customer_id": 7}', b"\xff", b"[" * 99_999])
def test_hostile_settings_do_not_keep_the_list_from_showing(
    tmp_path: Path, profiles: Profiles, content: bytes
) -> None:
    profiles.create("odd")
    (tmp_path / "profiles" / "odd" / "settings.json").write_bytes(content)
    assert [profile.customer_id for profile in profiles.list()] == ["", ""]
