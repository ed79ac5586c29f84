"""What an AppImage is put together from, and how it chooses between its two programs."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import appimage
import pytest

from tests.packaging.conftest import PACKAGING

LINUX = PACKAGING / "linux"
PROGRAM = b"program and its sections"


def elf(kind: int = 2) -> bytes:
    """An ELF program as far as its length goes: a header, something, two section headers of 64 bytes."""
    head = b"\x7fELF" + bytes([kind])
    at = 64 + len(PROGRAM)
    return head.ljust(40, b"\0") + struct.pack("<Q10xHH2x", at, 64, 2) + PROGRAM + b"s" * 128


def wheel(folder: Path, member: bytes) -> Path:
    made = folder / "some.whl"
    with zipfile.ZipFile(made, "w") as opened:
        opened.writestr(appimage.RUNTIMES["x86_64"][0], member)
    return made


def test_a_program_ends_where_its_section_headers_do() -> None:
    assert appimage.program_length(elf() + b"image behind it") == len(elf())


@pytest.mark.skipif(sys.platform != "linux", reason="it looks at a program of this system")
def test_a_real_program_is_as_long_as_it_says() -> None:
    image = Path("/bin/sh").resolve().read_bytes()
    assert appimage.program_length(image + b"image behind it") == len(image)


@pytest.mark.parametrize("image", [b"", b"#!/bin/sh\n", b"MZ".ljust(64, b"\0"), elf(kind=1)])
def test_what_is_no_64_bit_program_is_refused(image: bytes) -> None:
    with pytest.raises(ValueError, match="ELF"):
        appimage.program_length(image)


def test_another_runtime_than_the_known_one_stops_the_build(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not the one that is known"):
        appimage.runtime(wheel(tmp_path, elf() + b"image"), "x86_64")


def test_the_lock_pins_the_wheel_by_hash_and_nothing_else() -> None:
    locked = (PACKAGING / "locks" / "appimage.txt").read_text("utf-8")
    asked = (PACKAGING / "locks" / "appimage.in").read_text("utf-8").splitlines()[-1]
    assert re.findall(r"^\S+==\S+", locked, re.MULTILINE) == [asked]
    assert "--hash=sha256:" in locked


def test_its_menu_entry_is_valid_and_needs_nothing_on_the_path(tmp_path: Path) -> None:
    if (validate := shutil.which("desktop-file-validate")) is None:
        pytest.skip("desktop-file-validate is not here")
    file = tmp_path / "cascade.desktop"
    file.write_text(appimage.menu_entry((LINUX / "cascade.desktop").read_text("utf-8"), "1.2.3"), "utf-8")
    subprocess.run([validate, str(file)], check=True)
    own, action = file.read_text("utf-8").split("[Desktop Action")
    assert "\nX-AppImage-Version=1.2.3\n" in own
    assert "TryExec" not in own + action


class TestBeginning:
    """``AppRun``, with stand-ins for the frozen programs."""

    @pytest.fixture
    def run(self, tmp_path: Path) -> Path:
        home = tmp_path / "a mount" / "usr/lib/cascade"
        home.mkdir(parents=True)
        for name in ("cascade", "cascade-relay"):
            program = home / name
            program.write_text(f'#!/bin/sh\necho {name} "$@"\n')
            program.chmod(0o755)
        made = shutil.copy(LINUX / "AppRun", tmp_path / "a mount")
        Path(made).chmod(0o755)
        return Path(made)

    @staticmethod
    def said(*command: str | Path, called: str | None = None, cwd: Path | None = None) -> str:
        environment = {"PATH": "/usr/bin:/bin"} | ({"ARGV0": called} if called else {})
        done = subprocess.run(
            [str(word) for word in command],
            check=True,
            capture_output=True,
            text=True,
            env=environment,
            cwd=cwd,
        )
        return done.stdout.strip()

    @pytest.mark.parametrize("called", ["./Cascade-1.2.3-x86_64.AppImage", "/opt/cascade", None])
    def test_it_is_the_console(self, run: Path, called: str | None) -> None:
        assert self.said(run, "--sandbox", "a b", called=called) == "cascade --sandbox a b"

    @pytest.mark.parametrize(
        "called", ["cascade-relay", "/opt/bin/cascade-relay", "./cascade-relay.AppImage"]
    )
    def test_it_is_the_relay_where_it_is_called_so(self, run: Path, called: str) -> None:
        assert self.said(run, "serve", called=called) == "cascade-relay serve"

    def test_it_is_the_relay_where_the_first_word_says_so(self, run: Path) -> None:
        assert self.said(run, "cascade-relay", "serve") == "cascade-relay serve"
        assert self.said(run, "serve", "cascade-relay") == "cascade serve cascade-relay"

    def test_unpacked_it_starts_from_anywhere_and_by_a_link(self, run: Path, tmp_path: Path) -> None:
        link = tmp_path / "cascade-relay"
        link.symlink_to(run)
        assert self.said(link, "serve") == "cascade-relay serve"
        assert self.said("./AppRun", "send", cwd=run.parent) == "cascade send"
        assert self.said("sh", "AppRun", "send", cwd=run.parent) == "cascade send"

    def test_unpacked_by_the_runtime_it_is_out_of_the_way_of_other_starts(self, run: Path) -> None:
        unpacked = run.parent.rename(run.parent.parent / "appimage_extracted_of_this_file")
        program = unpacked / "usr/lib/cascade/cascade"
        program.write_text(f'#!/bin/sh\nls -d "$APPDIR"/usr/lib; ls -d "{unpacked}"; echo "$@"; exit 3\n')
        done = subprocess.run(
            [unpacked / "AppRun", "send", "a b"], check=False, capture_output=True, text=True
        )
        assert done.returncode == 3
        assert re.fullmatch(rf"{re.escape(str(unpacked))}\.\d+/usr/lib\nsend a b\n", done.stdout)
        assert list(unpacked.parent.iterdir()) == [unpacked]
        assert list(unpacked.iterdir()) == []
