#!/usr/bin/env python3
"""Makes the installers, from a clean checkout, with one command on each platform.

    python3 packaging/build.py linux      a .deb, an AppImage and a self-extracting .run, in dist/
    python  packaging\\build.py windows    the installer .exe (needs NSIS), in dist\\
    python3 packaging/build.py macos      Cascade.app in a .dmg, in dist/
    python3 packaging/build.py measure    sizes and starts against bare bundles (Linux)

Standard library only. A virtual environment of its own, in ``build/``, gets the locked packages of
``packaging/locks/package.txt``, each checked against its hash. The same commit built twice with the
same Python on the same system gives the same bytes (except where a signature holds the time).

Signing happens when its variables are there, and is left out when not:
``CASCADE_SIGN_PFX`` and ``CASCADE_SIGN_PASSWORD`` (Windows), ``CASCADE_MAC_IDENTITY`` and
``CASCADE_NOTARY_PROFILE`` (macOS), ``CASCADE_GPG_KEY`` (Linux).
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from dev import ROOT, give_up, install_system_packages, make_venv, missing_libraries, on_debian, say

sys.path.append(str(ROOT / "packaging" / "linux"))
import appimage

PACKAGING: Final = ROOT / "packaging"
LOCK: Final = PACKAGING / "locks" / "package.txt"
APPIMAGE_LOCK: Final = PACKAGING / "locks" / "appimage.txt"
BUILD: Final = ROOT / "build"
_NO_TIME: Final = "1767225600"
"""The date of what is built where no commit tells one."""
_LINUX_TOOLS: Final = {
    "objdump": "binutils",
    "strip": "binutils",
    "xz": "xz-utils",
    "dpkg-deb": "dpkg",
    "makeself": "makeself",
    "mksquashfs": "squashfs-tools",
    "desktop-file-validate": "desktop-file-utils",
    "appstreamcli": "appstream",
}


def version() -> str:
    """The one place that knows it is ``console/__init__.py``."""
    told: dict[str, str] = {}
    exec((ROOT / "console" / "__init__.py").read_text("utf-8"), told)  # noqa: S102 - our own two lines
    return told["__version__"]


def commit_time() -> str:
    """When the checkout's commit was made, in seconds since 1970: the date of everything built."""
    if told := os.environ.get("SOURCE_DATE_EPOCH"):
        return told
    if shutil.which("git") is None:
        return _NO_TIME
    found = subprocess.run(
        ["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return found.stdout.strip() or _NO_TIME


_LOCKED: Final = ("--require-hashes", "--no-deps", "--only-binary", ":all:", "-r")


class Environment:
    """The virtual environment that freezes: the locked packages and this checkout, nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._programs = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self._programs / ("python.exe" if os.name == "nt" else "python")

    def prepare(self) -> None:
        """Make it, unless it is there with just this lock; our own code is put in anew each time."""
        stamp = self._folder / ".installed"
        wanted = hashlib.sha256(LOCK.read_bytes() + platform.python_version().encode()).hexdigest()
        if not stamp.exists() or stamp.read_text() != wanted:
            say("installing the locked packages for building")
            make_venv(self._folder)
            self._pip("install", *_LOCKED, str(LOCK))
            stamp.write_text(wanted)
        self._pip("install", "--no-deps", "--no-build-isolation", "--force-reinstall", str(ROOT))

    def fetch(self, lock: Path, into: Path) -> Path:
        """The one wheel of ``lock``, unread and not installed."""
        shutil.rmtree(into, ignore_errors=True)
        self._pip("download", "--dest", str(into), *_LOCKED, str(lock))
        (wheel,) = into.glob("*.whl")
        return wheel

    def _pip(self, *words: str) -> None:
        command = [str(self.python), "-m", "pip", "--disable-pip-version-check", "--quiet", *words]
        if subprocess.run(command, check=False, cwd=self._folder).returncode:
            give_up("the packages could not be installed (pip's words are above).")

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> None:
        """Run one of our scripts, or ``-m MODULE``, and stop if it fails."""
        run([str(self.python), *words], env)


def run(command: Sequence[str | Path], env: Mapping[str, str] | None = None, cwd: Path = ROOT) -> None:
    """Run a tool, and stop the build if it fails."""
    done = subprocess.run(
        [str(word) for word in command], env={**os.environ, **(env or {})}, check=False, cwd=cwd
    )
    if done.returncode:
        give_up(f"{Path(str(command[0])).name} failed with exit code {done.returncode}.")


def freeze(
    environment: Environment, recipe: Path, into: Path, extra: Mapping[str, str] | None = None
) -> None:
    """Let PyInstaller make its folder in ``into``; what it needs on the way is kept in ``build/``."""
    environment.run(
        "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR",
        "--distpath", str(into), "--workpath", str(BUILD / "work"), str(recipe),
        env={
            "PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": commit_time(),
            # Its cache is emptied by --clean: two checkouts that build at once must not share it.
            "PYINSTALLER_CONFIG_DIR": str(BUILD / "pyinstaller"), **(extra or {}),
        },
    )  # fmt: skip


def bundle(environment: Environment, extra: Mapping[str, str] | None = None) -> Path:
    """The frozen console with its licences and its list of parts; the folder's path."""
    say("freezing the console")
    into = BUILD / "bundle"
    shutil.rmtree(into, ignore_errors=True)
    freeze(environment, PACKAGING / "freeze" / "cascade.spec", into, extra)
    tell_parts(environment, str(into / "cascade"))
    return into / "cascade"


def tell_parts(environment: Environment, *words: str) -> None:
    """Write the licences and the list of parts of the bundle just made; ``words`` are ``parts.py``'s."""
    *options, folder = words
    contents = BUILD / "work" / "cascade" / "contents.json"
    environment.run(
        str(PACKAGING / "freeze" / "parts.py"), *options, str(contents), folder,
        env={"SOURCE_DATE_EPOCH": commit_time()},
    )  # fmt: skip


def needs_linux() -> None:
    """The tools and libraries that building on Linux takes."""
    if not on_debian():
        missing = [tool for tool in _LINUX_TOOLS if shutil.which(tool) is None]
        if missing:
            give_up(f"building needs these programs: {', '.join(missing)}.")
        return
    packages = {package for tool, package in _LINUX_TOOLS.items() if shutil.which(tool) is None}
    libpython = Path(sysconfig.get_config_var("LIBDIR") or "/") / str(sysconfig.get_config_var("INSTSONAME"))
    if sys.prefix == "/usr" and not libpython.exists():
        packages.add(f"libpython3.{sys.version_info.minor}")
    install_system_packages([*sorted(packages), *missing_libraries()], "Building the packages")


def linux(environment: Environment, out: Path) -> None:
    """``.deb``, AppImage and ``.run``."""
    made = bundle(environment)
    icons = BUILD / "icons"
    environment.run(str(PACKAGING / "freeze" / "icons.py"), str(icons), env={"QT_QPA_PLATFORM": "offscreen"})
    manual = BUILD / "manual"
    environment.run(
        str(PACKAGING / "linux" / "manual.py"), str(manual), env={"SOURCE_DATE_EPOCH": commit_time()}
    )
    environment.run(
        str(PACKAGING / "linux" / "packages.py"),
        "--bundle", str(made), "--icons", str(icons), "--manual", str(manual), "--out", str(out),
        "--version", version(), *_for_appimage(environment),
        env={"SOURCE_DATE_EPOCH": commit_time()},
    )  # fmt: skip
    if key := os.environ.get("CASCADE_GPG_KEY"):
        sign_apart(out, key)


def sign_apart(out: Path, key: str) -> None:
    """Put a signature beside each Linux package in ``out``; ``key`` is what gpg calls it."""
    for package in sorted(out.iterdir()):
        if package.suffix in (".deb", ".AppImage", ".run"):
            run(["gpg", "--batch", "--yes", "--local-user", key, "--armor", "--detach-sign", package])


def _for_appimage(environment: Environment) -> list[str]:
    """What ``packages.py`` needs for an AppImage; nothing, and why, where it cannot be made."""
    if platform.machine() not in appimage.RUNTIMES:
        say(f"no AppImage: its runtime is known for {', '.join(appimage.RUNTIMES)} only")
        return []
    papers = BUILD / "appimage" / "papers"
    tell_parts(environment, "--appimage", str(papers))
    wheel = environment.fetch(APPIMAGE_LOCK, BUILD / "appimage" / "wheel")
    return ["--appimage-wheel", str(wheel), "--appimage-papers", str(papers)]


def windows(environment: Environment, out: Path) -> None:
    """The NSIS installer."""
    if platform.system() != "Windows":
        give_up(
            "the Windows installer is made on Windows; here only its script is checked (tests/packaging)."
        )
    tool = shutil.which("makensis") or r"C:\Program Files (x86)\NSIS\makensis.exe"
    icons = BUILD / "icons"
    environment.run(str(PACKAGING / "freeze" / "icons.py"), str(icons))
    details = BUILD / "version.txt"
    environment.run(str(PACKAGING / "windows" / "details.py"), version(), str(details))
    extra = {"CASCADE_ICON": str(icons / "cascade.ico"), "CASCADE_VERSION_FILE": str(details)}
    made = bundle(environment, extra)
    signing = str(PACKAGING / "windows" / "sign.py")
    environment.run(signing, str(made / "cascade.exe"), str(made / "cascade-relay.exe"))
    installer = out / f"cascade-{version()}-setup.exe"
    run([
        tool, "/V2", f"/DVERSION={version()}", f"/DBUNDLE={made}", f"/DICON={icons / 'cascade.ico'}",
        f"/DOUTPUT={installer}", f"/DPYTHON={environment.python}", f"/DSIGN={signing}",
        PACKAGING / "windows" / "cascade.nsi",
    ])  # fmt: skip
    environment.run(signing, str(installer))


def macos(environment: Environment, out: Path) -> None:
    """``Cascade.app`` in a ``.dmg``."""
    if platform.system() != "Darwin":
        give_up("the macOS application is made on macOS; here only its lists are checked (tests/packaging).")
    icons = BUILD / "icons"
    environment.run(str(PACKAGING / "freeze" / "icons.py"), str(icons), env={"QT_QPA_PLATFORM": "offscreen"})
    made = bundle(environment, {"CASCADE_ICON": str(icons / "cascade.icns")})
    run(["sh", PACKAGING / "macos" / "dmg.sh", made.parent / "Cascade.app", made, version(), out])


def measure(environment: Environment, out: Path) -> None:
    """Compare the console's bundle with bare ones that PyInstaller makes in the same run."""
    made = bundle(environment)
    environment.run(
        str(PACKAGING / "freeze" / "measure.py"), str(made), str(BUILD / "bare"), str(out / "measured.json")
    )


def main() -> int:
    """Build for the platform named."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ways = {"linux": linux, "windows": windows, "macos": macos, "measure": measure}
    parser.add_argument("platform", choices=ways)
    parser.add_argument(
        "--out", type=Path, default=ROOT / "dist", help="where the packages go (default: dist/)"
    )
    given = parser.parse_args()
    if given.platform in ("linux", "measure"):
        if sys.platform != "linux":
            give_up("the Linux packages are made on Linux.")
        needs_linux()
    given.out.mkdir(parents=True, exist_ok=True)
    environment = Environment(BUILD / "package-venv")
    if given.platform in ("windows", "macos") and sys.platform == "linux":
        ways[given.platform](environment, given.out)
    environment.prepare()
    ways[given.platform](environment, given.out.resolve())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
