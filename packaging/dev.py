#!/usr/bin/env python3
"""Everything a newcomer or a developer runs, with nothing but Python 3.11+ to begin with.

    python3 packaging/dev.py run      the console on the sandbox: no account, no network
    python3 packaging/dev.py test     every check CI makes, tests included
    python3 packaging/dev.py setup    only prepare the virtual environment
    python3 packaging/dev.py messages gather the texts for translation and compile the catalogues
    python3 packaging/dev.py lock     resolve the dependencies anew (maintainers)

Standard library only. The first run makes a virtual environment in ``.venv`` and installs
the locked dependencies into it, each checked against its hash; later runs notice that
nothing changed. Where system libraries are missing on Debian or Ubuntu they are installed
if you are root; otherwise the command to run is printed and nothing is half done.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
LOCKS = ROOT / "packaging" / "locks"
STAMP = VENV / ".cascade-installed"
OLDEST, NEWEST = (3, 11), (3, 14)

# What Qt's X11 and offscreen plug-ins load at run time, by the Debian package that holds it.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
# What the tests need beyond that: program (or file) and its Debian package.
TEST_PROGRAMS = {
    "Xvfb": "xvfb",
    "xdotool": "xdotool",
    "dbus-run-session": "dbus",
    "strace": "strace",
    "desktop-file-validate": "desktop-file-utils",
    "appstreamcli": "appstream",
    "gpg": "gpg",
    "groff": "groff",
    "makensis": "nsis",
    "osslsigncode": "osslsigncode",
    "/usr/libexec/at-spi-bus-launcher": "at-spi2-core",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf": "fonts-dejavu-core",
    "/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf": "fonts-noto-color-emoji",
}


def say(text: str) -> None:
    print(f"cascade: {text}", file=sys.stderr, flush=True)


def give_up(text: str) -> NoReturn:
    say(text)
    raise SystemExit(1)


def is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def on_debian() -> bool:
    return sys.platform == "linux" and shutil.which("apt-get") is not None


def missing_libraries() -> list[str]:
    """Debian packages of the shared libraries that Qt would fail to load."""
    packages = []
    for library, package in QT_LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            packages.append(package)
    return packages


def missing_programs() -> list[str]:
    """Debian packages of the programs and fonts that the tests would miss."""
    packages = [
        package
        for program, package in TEST_PROGRAMS.items()
        if not (Path(program).exists() if program.startswith("/") else shutil.which(program))
    ]
    if not shutil.which("initdb") and not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")):
        packages.append("postgresql")
    return packages


def install_system_packages(packages: Sequence[str], why: str) -> None:
    """Install Debian packages as root, or say exactly what to run."""
    if not packages:
        return
    if not on_debian():
        give_up(
            f"{why} needs these libraries or programs: {', '.join(sorted(packages))}. Please install them."
        )
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *sorted(packages)]
    if not is_root():
        give_up(f"{why} needs a few system packages. Run this, then try again:\n    sudo {' '.join(command)}")
    say(f"installing system packages: {', '.join(sorted(packages))}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "--quiet"], env=environment, check=False, stdout=subprocess.DEVNULL)
    if subprocess.run(command, env=environment, check=False, stdout=subprocess.DEVNULL).returncode:
        give_up("apt-get could not install them; its words are above.")


def venv_python() -> Path:
    return VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(profile: str) -> str:
    """Changes whenever the virtual environment has to be made or filled again."""
    # The base: a Python inside the environment must not take the one it was made by for another.
    parts = [profile, platform.python_version(), sys.base_prefix]
    contents = [(LOCKS / f"{profile}.txt").read_bytes(), (ROOT / "pyproject.toml").read_bytes()]
    return hashlib.sha256("\0".join(parts).encode() + b"\0".join(contents)).hexdigest()


def make_venv(folder: Path = VENV) -> None:
    """Make an empty virtual environment in ``folder``, with what Debian needs for that."""
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian ships Python without it
        import venv  # noqa: PLC0415
    except ImportError:
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        install_system_packages([f"{version}-venv"], "Making a virtual environment")
        # The modules came after this interpreter looked for them: let a new one do it.
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        return
    say(f"making the virtual environment {folder}")
    venv.create(folder, clear=True, with_pip=True)


def pip(*arguments: str) -> None:
    command = [str(venv_python()), "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    if subprocess.run(command, check=False, cwd=ROOT).returncode:
        give_up("the dependencies could not be installed (pip's words are above). Is the network there?")


def setup(profile: str) -> None:
    """Make ``.venv`` hold exactly the locked dependencies of ``profile`` and this checkout."""
    wanted = fingerprint(profile)
    if STAMP.exists():
        have = STAMP.read_text().split()
        # The developer's environment holds everything the user's does.
        if wanted in have or (profile == "console" and fingerprint("dev") in have):
            return
    make_venv()
    say("installing the locked dependencies (once; about 150 MB)")
    pip(
        "install",
        "--require-hashes",
        "--no-deps",
        "--only-binary",
        ":all:",
        "-r",
        str(LOCKS / f"{profile}.txt"),
    )
    pip("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    STAMP.write_text(wanted)


def run_console(arguments: Sequence[str]) -> int:
    """Start the console on the sandbox (or with the arguments given) and wait for it."""
    if sys.platform == "linux":
        install_system_packages(missing_libraries(), "The window")
        if not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")):
            give_up("there is no screen here (DISPLAY is not set). Run this on a desktop, or under xvfb-run.")
    setup("console")
    return subprocess.run(
        [str(venv_python()), "-m", "console", *(arguments or ["--sandbox"])], check=False
    ).returncode


@contextlib.contextmanager
def virtual_screen() -> Iterator[dict[str, str]]:
    """A real X server without a monitor; yields the environment that leads to it."""
    reading, writing = os.pipe()
    with subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1920x1200x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    ) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as told:
                number = told.readline().strip()
            if not number:
                give_up("Xvfb did not start.")
            yield {"DISPLAY": f":{number}"}
        finally:
            server.terminate()


def step(title: str, command: Sequence[str], environment: Mapping[str, str]) -> bool:
    say(f"── {title}")
    return subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode == 0


def run_tests(arguments: Sequence[str]) -> int:
    """Every check, in the order in which a failure is cheapest to learn; all run, even after a failure."""
    if sys.platform == "linux":
        install_system_packages(missing_libraries() + missing_programs(), "The test run")
    setup("dev")
    python = str(venv_python())
    with tempfile.TemporaryDirectory(prefix="cascade-tests-") as scratch:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CASCADE_", "QT_", "XDG_"))
        }
        environment |= {
            "HOME": scratch,
            "XDG_RUNTIME_DIR": scratch,
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUTF8": "1",
            # The tests read English; those about other languages choose one themselves.
            "LC_ALL": "C.UTF-8",
            # No test may reach for a real keychain; those that need one bring their own.
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        Path(scratch).chmod(0o700)
        offscreen = environment | {"QT_QPA_PLATFORM": "offscreen"}
        tool = Path(python).parent
        results = {
            "lint": step("ruff check", [python, "-m", "ruff", "check", "."], environment),
            "format": step("ruff format", [python, "-m", "ruff", "format", "--check", "."], environment),
            "types": step("mypy", [python, "-m", "mypy"], environment),
            "imports": step("import rules", [str(tool / "lint-imports")], environment),
            "tests": step(
                "tests, offscreen", [python, "-m", "pytest", "-m", "not window", *arguments], offscreen
            ),
        }
        if sys.platform == "linux":
            with virtual_screen() as screen:
                real = environment | screen | {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
                results["window"] = step(
                    "tests, real window under Xvfb",
                    ["dbus-run-session", "--", python, "-m", "pytest", "-m", "window", *arguments],
                    real,
                )
    failed = [name for name, passed in results.items() if not passed]
    say(f"failed: {', '.join(failed)}" if failed else "every check passed")
    return 1 if failed else 0


def lock() -> int:
    """Resolve anew for every platform and Python at once. The files name versions and hashes, no host."""
    if not venv_python().exists():
        make_venv()
    pip("install", "--upgrade", "uv")
    LOCKS.mkdir(exist_ok=True)
    base = [
        str(venv_python()), "-m", "uv", "pip", "compile", "--quiet", "--upgrade", "--universal",
        "--python-version", ".".join(map(str, OLDEST)), "--generate-hashes", "--no-annotate", "--no-header",
        "--no-emit-index-url", "--no-emit-find-links",
    ]  # fmt: skip
    dev = LOCKS / "dev.txt"
    build = LOCKS / "build.in"
    subprocess.run(
        [*base, "--extra", "dev", "-o", str(dev), "pyproject.toml", str(build)], check=True, cwd=ROOT
    )
    both, package = ("console", "relay"), str(LOCKS / "package.in")
    for name, extras, more in (
        ("console", both, ()),
        ("relay", ("relay",), ()),
        ("package", both, (package,)),
    ):
        chosen = [word for extra in extras for word in ("--extra", extra)]
        inputs = ["pyproject.toml", str(build), *more]
        subprocess.run(
            [*base, *chosen, "-c", str(dev), "-o", str(LOCKS / f"{name}.txt"), *inputs], check=True, cwd=ROOT
        )
    one = [str(LOCKS / "appimage.in"), "--no-deps", "-o", str(LOCKS / "appimage.txt")]
    subprocess.run([*base, *one], check=True, cwd=ROOT)
    return 0


def main() -> int:
    version = sys.version_info[:2]
    if not OLDEST <= version <= NEWEST:
        give_up(
            f"this is Python {version[0]}.{version[1]}; Cascade runs on "
            f"{OLDEST[0]}.{OLDEST[1]} to {NEWEST[0]}.{NEWEST[1]}."
        )
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, prog="dev.py"
    )
    parser.add_argument("command", choices=["run", "test", "setup", "messages", "lock"])
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="passed on to the console or to pytest")
    given = parser.parse_args()
    if given.command == "run":
        return run_console(given.arguments)
    if given.command == "test":
        return run_tests(given.arguments)
    if given.command == "lock":
        return lock()
    setup("dev")
    if given.command == "messages":
        command = [str(venv_python()), str(ROOT / "packaging" / "messages.py"), *given.arguments]
        return subprocess.run(command, check=False, cwd=ROOT).returncode
    return 0


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(130) from None
