#!/usr/bin/env python3
"""Uses each Linux package in a clean Debian 12 as a person would, and removes it.

    python3 packaging/linux/check.py [FOLDER]   as root on Debian 12; FOLDER holds the packages (else: built)

The clean root (debootstrap) holds a minimal Debian and what the .deb depends on, nothing else;
that a default GNOME, KDE and Xfce desktop all bring those along is asked of apt. Then the network is
taken away, and ``test_installed.py`` (the .deb) and ``test_without_root.py`` (AppImage and .run) of
``tests/packaging`` run: their console is the frozen one in the clean root; the screen, the session bus
and the keys that are pressed are outside.
"""

from __future__ import annotations

import ctypes.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

from dev import (  # noqa: E402
    VENV,
    give_up,
    install_system_packages,
    is_root,
    missing_programs,
    on_debian,
    say,
    setup,
    venv_python,
    virtual_screen,
)

SUITE: Final = "bookworm"
DESKTOPS: Final = ("task-gnome-desktop", "task-kde-desktop", "task-xfce-desktop")
# A font, and the two databases that every desktop has, so that their upkeep is seen to work.
SURROUNDINGS: Final = ("fonts-dejavu-core", "hicolor-icon-theme", "desktop-file-utils")
# What the .run unpacks itself with.
UNPACKERS: Final = ("tar", "xz-utils")
TESTS: Final = ("tests/packaging/test_installed.py", "tests/packaging/test_without_root.py")
_TOOLS: Final = {
    "debootstrap": "debootstrap",
    "dpkg-deb": "dpkg",
    "gnome-keyring-daemon": "gnome-keyring",
    "import": "imagemagick",
    "ip": "iproute2",
    "makensis": "nsis",
    "unshare": "util-linux",
}


def output(*command: str | Path) -> str:
    """What a command says; a failure ends the check."""
    done = subprocess.run([str(word) for word in command], check=False, capture_output=True, text=True)
    if done.returncode:
        give_up(f"{command[0]} failed: {done.stdout}{done.stderr}")
    return done.stdout


def dependencies(deb: Path) -> list[str]:
    """The packages that ``deb`` depends on: of alternatives the first, which is Debian 12's."""
    field = output("dpkg-deb", "--field", deb, "Depends")
    return [re.split(r"[ |(]", alternative.strip())[0] for alternative in field.split(",")]


def clean_root(into: Path, packages: list[str]) -> None:
    """A minimal Debian with ``packages``; kept as an archive in ``build/``, for the next check."""
    archive = ROOT / "build" / "check" / f"{SUITE}.tar"
    wanted = archive.with_suffix(".packages")
    if archive.exists() and wanted.exists() and wanted.read_text().split() == packages:
        into.mkdir()
        output("tar", "--extract", "--file", archive, "--directory", into)
        return
    say("making a clean Debian 12")
    output("debootstrap", "--variant=minbase", f"--include={','.join(packages)}", SUITE, into)
    archive.parent.mkdir(parents=True, exist_ok=True)
    output("tar", "--create", "--file", archive, "--directory", into, "--one-file-system", ".")
    wanted.write_text(" ".join(packages))


def on_every_desktop(root: Path, packages: list[str]) -> None:
    """Stop unless each default desktop of Debian 12 brings all ``packages`` along."""
    nothing_yet = ("--option", "Dir::State::status=/dev/null")
    for desktop in DESKTOPS:
        told = output("chroot", root, "apt-get", "--simulate", *nothing_yet, "install", desktop)
        there = set(re.findall(r"^Inst (\S+)", told, re.MULTILINE))
        if lacking := sorted(set(packages) - there):
            give_up(f"{desktop} does not bring along: {', '.join(lacking)}")


def inside() -> int:
    """The second half, in namespaces of its own: no network, and mounts that go with it."""
    scratch, packages = Path(sys.argv[2]), sys.argv[3]
    root = scratch / "root"
    output("ip", "link", "set", "lo", "up")
    for kind, place in (("proc", "proc"), ("--rbind", "dev"), ("--bind", "tmp")):
        source = ["-t", "proc", "proc"] if kind == "proc" else [kind, f"/{place}"]
        output("mount", *source, root / place)
    with virtual_screen() as screen:
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("CASCADE_", "QT_"))
        }
        environment |= screen | {
            "CASCADE_CHECK_ROOT": str(root),
            "CASCADE_CHECK_PACKAGES": packages,
            "HOME": str(scratch),
            "XDG_RUNTIME_DIR": str(scratch / "runtime"),
            "LC_ALL": "C.UTF-8",
            "PYTHONDONTWRITEBYTECODE": "1",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        }
        tests = [str(venv_python()), "-m", "pytest", *TESTS, "-p", "no:cacheprovider"]
        return subprocess.run(
            ["dbus-run-session", "--", *tests], env=environment, check=False, cwd=ROOT
        ).returncode


def main() -> int:
    """Everything, in order; the exit code of the tests."""
    if not is_root() or not on_debian():
        give_up("this check needs root on Debian 12: it makes a clean system and enters it.")
    missing = [package for tool, package in _TOOLS.items() if shutil.which(tool) is None]
    if ctypes.util.find_library("fuse") is None:  # the AppImage's runtime opens it, to mount itself
        missing.append("libfuse2")
    install_system_packages([*missing, *missing_programs()], "Checking the packages")
    if Path(sys.prefix) != VENV:  # started by the system's Python
        setup("dev")
        return subprocess.run([str(venv_python()), *sys.argv], check=False).returncode
    if len(sys.argv) > 1:
        packages = Path(sys.argv[1]).resolve()
    else:
        packages = ROOT / "dist"
        shutil.rmtree(packages, ignore_errors=True)
        output(sys.executable, ROOT / "packaging" / "build.py", "linux")
    (deb,) = packages.glob("*.deb")
    needed = sorted({*dependencies(deb), *UNPACKERS})
    # Everything that talks across the edge of the clean root does it below /tmp.
    with tempfile.TemporaryDirectory(prefix="cascade-check-", dir="/tmp") as folder:
        scratch = Path(folder)
        (scratch / "runtime").mkdir(mode=0o700)
        clean_root(scratch / "root", sorted({*needed, *SURROUNDINGS}))
        on_every_desktop(scratch / "root", needed)
        command = [
            "unshare",
            "--net",
            "--mount",
            sys.executable,
            __file__,
            "--inside",
            str(scratch),
            str(packages),
        ]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(inside() if sys.argv[1:2] == ["--inside"] else main())
