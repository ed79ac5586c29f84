"""What the Linux packages say of themselves, judged by the desktop's own tools where they are."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from xml.etree import ElementTree as ET

import manual
import pytest
import tree

import build
from console import cli
from console.desk.settings_checks import CHECKS
from tests.packaging.conftest import PACKAGING

LINUX = PACKAGING / "linux"


def tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here")
    return found


def entry() -> configparser.SectionProxy:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(LINUX / "cascade.desktop", "utf-8")
    return parser["Desktop Entry"]


def metainfo(version: str = "1.2.3") -> str:
    text = (LINUX / "cascade.metainfo.xml").read_text("utf-8")
    return text.replace("@VERSION@", version).replace("@DATE@", "2026-01-02")


def test_the_menu_entry_is_valid() -> None:
    subprocess.run([tool("desktop-file-validate"), str(LINUX / "cascade.desktop")], check=True)


def test_the_menu_entry_starts_the_console_and_opens_its_links() -> None:
    assert entry()["Exec"] == "cascade %u"
    assert "x-scheme-handler/cascade" in entry()["MimeType"].split(";")
    assert entry()["Icon"] == "cascade"


def test_the_software_centre_can_read_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "internal.cascade.console.metainfo.xml"
    file.write_text(metainfo(), "utf-8")
    subprocess.run([tool("appstreamcli"), "validate", "--no-net", str(file)], check=True)


def test_the_software_centre_is_led_to_the_menu_entry() -> None:
    root = ET.fromstring(metainfo())
    assert root.findtext("launchable") == "cascade.desktop"
    assert {each.text for each in root.iterfind("provides/binary")} == set(tree.PROGRAMS)
    release = root.find("releases/release")
    assert release is not None
    assert release.get("version") == "1.2.3"


def test_the_manual_names_every_command_and_option_of_the_help() -> None:
    pages = manual.pages("2026-01-02")
    page = re.sub(r"\\(?:f.|&)", "", pages["cascade.1"]).replace("\\-", "-")
    for name, parser in {"": cli._window_parser(), **cli._parsers()}.items():
        assert f".SS {name}\n" in page or not name
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", parser.format_help()):
            assert option in page, option
    assert set(pages) == {"cascade.1", "cascade-relay.1"}
    assert "CASCADE_RELAY_KEYS" in pages["cascade-relay.1"]


@pytest.mark.parametrize("name", ["cascade.1", "cascade-relay.1"])
def test_the_manual_is_good_roff(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(manual.pages("2026-01-02")[name], "utf-8")
    command = [tool("groff"), "-man", "-Tutf8", "-Kutf8", "-ww", "-z", str(tmp_path / name)]
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "error" not in told.stderr


def test_text_cannot_become_a_command_of_roff() -> None:
    assert manual.escaped(".so /etc/passwd\n'x\na\\b -c") == "\\&.so /etc/passwd\n\\&'x\na\\eb \\-c"


def test_the_example_of_a_policy_is_one() -> None:
    text = (LINUX / "policy.toml").read_text("utf-8")
    told = tomllib.loads(re.sub(r"^# (?=\w+ = )", "", text, flags=re.MULTILINE))
    assert set(told) == {"defaults", "locked"}
    for table in told.values():
        assert table
        for key, value in table.items():
            assert CHECKS[key](value) == value


def test_dependencies_are_what_is_linked_to_and_not_shipped() -> None:
    linked = ["libc.so.6", "libX11.so.6", "libglib-2.0.so.0", "libgthread-2.0.so.0", "libxcb-cursor.so.0"]
    needs = tree.depends(linked, ["libxcb-cursor.so.0"], "2.36")
    assert needs == ["libc6 (>= 2.36)", "libglib2.0-0 | libglib2.0-0t64", "libx11-6"]


def test_what_a_shipped_library_reads_is_depended_on_too() -> None:
    assert tree.depends([], ["libxkbcommon.so.0"], "2.36") == ["libc6 (>= 2.36)", "xkb-data"]


def test_a_library_that_nobody_supplies_stops_the_build() -> None:
    with pytest.raises(ValueError, match=r"libodd\.so\.7"):
        tree.depends(["libodd.so.7"], [], "2.36")


def test_a_bare_desktop_lacks_the_cursor_library_so_it_may_not_be_a_dependency() -> None:
    assert "libxcb-cursor.so.0" not in tree.DEPENDS


@pytest.mark.parametrize("name", ["install.sh", "uninstall.sh", "postinst", "postrm"])
def test_the_shell_can_read_the_scripts(name: str) -> None:
    subprocess.run(["sh", "-n", str(LINUX / name)], check=True)


def test_each_package_gets_a_signature_that_can_be_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpg = tool("gpg")
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(keys))
    make = [gpg, "--batch", "--passphrase", "", "--quick-generate-key", "packages@localhost", "ed25519"]
    subprocess.run(make, check=True, capture_output=True)
    out = tmp_path / "out"
    out.mkdir()
    names = ["Cascade.AppImage", "cascade.deb", "cascade.run"]
    for name in [*names, "measured.json"]:
        (out / name).write_text(name)
    build.sign_apart(out, "packages@localhost")
    subprocess.run(["gpgconf", "--kill", "all"], check=True)
    assert sorted(path.name for path in out.glob("*.asc")) == [f"{name}.asc" for name in names]
    for name in names:
        subprocess.run([gpg, "--verify", out / f"{name}.asc", out / name], check=True, capture_output=True)


class TestForOneUser:
    """``install.sh`` and ``uninstall.sh``, with a stand-in for the frozen program."""

    @pytest.fixture
    def unpacked(self, tmp_path: Path) -> Path:
        place = tmp_path / "unpacked"
        (place / "cascade").mkdir(parents=True)
        for name in tree.PROGRAMS:
            program = place / "cascade" / name
            program.write_text("#!/bin/sh\necho cascade 1.2.3\n")
            program.chmod(0o755)
        applications = place / "around" / "share" / "applications"
        applications.mkdir(parents=True)
        shutil.copy(LINUX / "cascade.desktop", applications)
        for name in ("install.sh", "uninstall.sh"):
            shutil.copy(LINUX / name, place)
        return place

    @staticmethod
    def run(script: Path, *words: str, home: Path, code: int = 0) -> str:
        environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
        done = subprocess.run(
            ["sh", str(script), *words], check=False, capture_output=True, text=True, env=environment
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def test_it_is_put_into_the_home_and_taken_away_whole(self, unpacked: Path, tmp_path: Path) -> None:
        home = tmp_path / "a home"
        home.mkdir()
        self.run(unpacked / "install.sh", home=home)
        place = home / ".local"
        told = subprocess.run([str(place / "bin" / "cascade")], check=True, capture_output=True, text=True)
        assert told.stdout == "cascade 1.2.3\n"
        menu = (place / "share" / "applications" / "cascade.desktop").read_text("utf-8")
        assert f'Exec="{place}/lib/cascade/cascade" %u' in menu
        self.run(place / "lib" / "cascade" / "uninstall.sh", home=home)
        assert list(home.iterdir()) == []

    def test_what_others_put_there_stays(self, unpacked: Path, tmp_path: Path) -> None:
        other = tmp_path / ".local/share/applications/other.desktop"
        other.parent.mkdir(parents=True)
        other.write_text("[Desktop Entry]\nType=Application\nName=Other\nExec=other\n")
        self.run(unpacked / "install.sh", home=tmp_path)
        self.run(tmp_path / ".local/lib/cascade/uninstall.sh", home=tmp_path)
        assert other.exists()
        assert sorted(path.name for path in (tmp_path / ".local").iterdir()) == ["share"]

    def test_a_new_version_takes_the_place_of_the_old(self, unpacked: Path, tmp_path: Path) -> None:
        self.run(unpacked / "install.sh", home=tmp_path)
        (tmp_path / ".local/lib/cascade/of-the-old-version").touch()
        self.run(unpacked / "install.sh", home=tmp_path)
        assert not (tmp_path / ".local/lib/cascade/of-the-old-version").exists()
        assert [path.name for path in (tmp_path / ".local/lib").iterdir()] == ["cascade"]

    def test_a_program_that_does_not_run_leaves_the_old_one_whole(
        self, unpacked: Path, tmp_path: Path
    ) -> None:
        self.run(unpacked / "install.sh", home=tmp_path)
        (unpacked / "cascade" / "cascade").write_text("#!/bin/sh\nexit 1\n")
        self.run(unpacked / "install.sh", home=tmp_path, code=1)
        subprocess.run([str(tmp_path / ".local/bin/cascade")], check=True, stdout=subprocess.DEVNULL)

    def test_journals_stay_unless_asked_for(self, unpacked: Path, tmp_path: Path) -> None:
        journal = tmp_path / ".local/share/cascade/default/journal.db"
        journal.parent.mkdir(parents=True)
        journal.touch()
        for words, stays in (((), True), (("--delete-data",), False)):
            self.run(unpacked / "install.sh", home=tmp_path)
            self.run(tmp_path / ".local/lib/cascade/uninstall.sh", *words, home=tmp_path)
            assert journal.exists() is stays

    @pytest.mark.parametrize("words", [("--odd",), ("--prefix",), ("--prefix", "/tmp/$(touch x)")])
    def test_what_it_does_not_understand_changes_nothing(
        self, unpacked: Path, tmp_path: Path, words: tuple[str, ...]
    ) -> None:
        self.run(unpacked / "install.sh", *words, home=tmp_path, code=2)
        assert not (tmp_path / ".local").exists()
