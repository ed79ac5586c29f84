"""The AppImage and the ``.run`` in a clean Debian; ``packaging/linux/check.py`` runs this."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.packaging.clean_root import (
    ROOT,
    TEXT,
    USER,
    files,
    in_root,
    needs_it,
    package,
    program_of,
    running,
    send_by_keys,
    worker,
)
from tests.window.atspi import Desktop
from tests.window.conftest import desktop as desktop  # noqa: PLC0414 - a fixture

pytestmark = [pytest.mark.window, needs_it]


@pytest.mark.skipif(platform.machine() != "x86_64", reason="no runtime is known for this machine")
class TestAppImage:
    @pytest.fixture
    def image(self, tmp_path: Path) -> Path:
        """Where the clean root sees it too."""
        return Path(shutil.copy(package(".AppImage"), tmp_path))

    def test_a_message_goes_by_key_presses_where_nothing_can_be_mounted(
        self, desktop: Desktop, image: Path, tmp_path: Path
    ) -> None:
        before = files()
        scratch = tmp_path / "scratch"
        scratch.mkdir()
        unpacked = {"TMPDIR": str(scratch), "APPIMAGE_EXTRACT_AND_RUN": "1"}
        words = ("--sandbox", "--data-dir", str(tmp_path / "data"))
        refused = in_root(str(image), "--version", env={"TMPDIR": str(scratch)}, code=None)
        assert "cascade" not in refused  # there is no libfuse here
        with running(str(image), *words, env=unpacked) as console:
            send_by_keys(desktop)
            told = in_root(str(image), "history", *words, "--json", env=unpacked)
            message = json.loads(told.splitlines()[0])["message_id"]
            shown = json.loads(in_root(str(image), "show", message, *words, "--json", env=unpacked))
            assert (shown["outcome"], shown["viber_text"]) == ("delivered", TEXT)
            # Those two starts have unpacked and cleaned up, and not under the console's feet.
            assert program_of(worker(console.pid)).exists()
        assert list(scratch.iterdir()) == []
        assert files() - before == set()

    def test_it_runs_mounted_as_the_console_or_as_the_relay(self, image: Path, tmp_path: Path) -> None:
        relay = tmp_path / "cascade-relay"
        relay.symlink_to(image)
        for command, said in (
            ([image], r"cascade \d"),
            ([relay], r"cascade-relay \d"),
            ([image, "cascade-relay"], r"cascade-relay \d"),
        ):
            told = subprocess.run([*command, "--version"], check=True, capture_output=True, text=True)
            assert re.match(said, told.stdout)

    def test_it_brings_what_puts_it_into_a_menu_and_every_licence(self, image: Path, tmp_path: Path) -> None:
        subprocess.run([image, "--appimage-extract"], check=True, cwd=tmp_path, stdout=subprocess.DEVNULL)
        root = tmp_path / "squashfs-root"
        assert (root / ".DirIcon").read_bytes().startswith(b"\x89PNG")
        assert (root / "cascade.svg").exists()
        menu = (root / "cascade.desktop").read_text("utf-8")
        assert menu == (root / "usr/share/applications/cascade.desktop").read_text("utf-8")
        assert "X-AppImage-Version=" in menu
        assert (root / "usr/share/metainfo/internal.cascade.console.metainfo.xml").exists()
        documents = root / "usr/share/doc/cascade-console"
        parts = {part["name"] for part in json.loads((documents / "sbom.cdx.json").read_text())["components"]}
        assert {"AppImage runtime", "squashfuse", "liblzma", "CPython"} <= parts
        licences = (documents / "copyright").read_text("utf-8")
        assert all(name in licences for name in ("Simon Peter", "Dave Vasilevsky", "XZ Utils"))


class TestSelfExtracting:
    @pytest.fixture
    def home(self) -> Iterator[Path]:
        home = ROOT / "home/desk"
        home.mkdir(parents=True)
        shutil.copy(package(".run"), home / "cascade.run")
        os.chown(home, 1000, 1000)
        yield home
        shutil.rmtree(home)

    def test_somebody_without_root_installs_starts_and_removes_it(self, home: Path) -> None:
        desk = {"HOME": "/home/desk", "TMPDIR": "/home/desk"}
        before = files()
        in_root("sh", "/home/desk/cascade.run", env=desk, user=USER)
        assert {path.name for path in home.iterdir()} == {"cascade.run", ".local"}
        place = "/home/desk/.local"
        for name in ("cascade", "cascade-relay"):
            told = in_root(f"{place}/bin/{name}", "--version", env=desk, user=USER)
            assert told.startswith(f"{name} ")
        known = (home / ".local/share/applications/mimeinfo.cache").read_text()
        assert "x-scheme-handler/cascade=cascade.desktop;" in known
        in_root("sh", f"{place}/lib/cascade/uninstall.sh", env=desk, user=USER)
        assert files() - before == set()
        assert not list(home.rglob("*.cache"))
