"""The machine: a screen to paint on, child processes, and what the kernel says of them."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

ROOT: Final = Path(__file__).parents[2]
_PATIENCE: Final = 150.0
"""Seconds a child may take until its next line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the one who measures has asked for, and where it may be done."""

    quick: bool
    place: Path
    """A folder that is removed at the end."""
    environment: Mapping[str, str]
    """For children that show a window."""
    screen: str

    def either(self, quick: int, full: int) -> int:
        """How often, or how many."""
        return quick if self.quick else full


@contextlib.contextmanager
def screen() -> Iterator[tuple[dict[str, str], str]]:
    """An X server of our own where there is one, so that windows are really mapped; else offscreen.

    Yields what to add to the environment, and what it is.
    """
    xvfb = shutil.which("Xvfb")
    if xvfb is None:
        yield {"QT_QPA_PLATFORM": "offscreen"}, "offscreen (there is no Xvfb)"
        return
    reading, writing = os.pipe()
    # -noreset: else it begins anew whenever the last window is gone, and the next one finds no server.
    server = subprocess.Popen(
        [xvfb, "-displayfd", str(writing), "-screen", "0", "1920x1200x24", "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with open(reading) as told:  # noqa: PTH123 - a descriptor, not a path
            number = told.readline().strip()
        yield {"DISPLAY": f":{number}", "QT_QPA_PLATFORM": "xcb"}, "xcb on Xvfb 1920x1200"
    finally:
        server.terminate()
        server.wait(10)


def environment(more: Mapping[str, str], home: Path) -> dict[str, str]:
    """This process's environment without anything of a desktop or of Cascade, with a home of its own."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CASCADE_", "QT_", "XDG_")) and name not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    # A keychain that is not there must not be looked for: what is measured is the console.
    ours = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    # What is installed is compiled; a checkout may forbid that. The first, uncounted run compiles.
    kept.pop("PYTHONDONTWRITEBYTECODE", None)
    ours["PYTHONFAULTHANDLER"] = "1"
    ours["PYTHONPYCACHEPREFIX"] = str(home / "compiled")
    return {**kept, **ours, "HOME": str(home), "XDG_RUNTIME_DIR": str(home), **more}


class Child:
    """A Python module in a process of its own that tells lines of JSON and is told lines."""

    def __init__(self, environment: Mapping[str, str], module: str, *arguments: str) -> None:
        self.errors: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed in end()
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
            bufsize=1,
        )

    def told(self) -> dict[str, Any]:
        """Its next line.

        Raises:
            RuntimeError: it ended instead; with its last words.
        """
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], _PATIENCE)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            if not ready:
                self.process.send_signal(signal.SIGABRT)  # faulthandler tells where it hangs
            self.process.wait(30)
            self.errors.seek(0)
            raise RuntimeError(f"a measured process ended: {self.errors.read()[-3000:]}")
        told: dict[str, Any] = json.loads(line)
        return told

    def tell(self, **words: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(words) + "\n")

    def ask(self, **words: Any) -> dict[str, Any]:
        """Tell it something and wait for the answer."""
        self.tell(**words)
        return self.told()

    def end(self) -> None:
        """Close its input, which ends it; or, if it does not go, kill it."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)
        self.process.stdout.close()
        self.errors.close()


@contextlib.contextmanager
def child(environment: Mapping[str, str], module: str, *arguments: str) -> Iterator[Child]:
    """A :class:`Child` that is gone at the end."""
    running = Child(environment, module, *arguments)
    try:
        yield running
    finally:
        running.end()


def console_on(environment: Mapping[str, str], folder: Path) -> AbstractContextManager[Child]:
    """The product on the data in ``folder``, which tells and is told as ``probe.py`` says."""
    return child(environment, "tests.benchmarks.probe", "console", "--data-dir", str(folder))


def run_json(environment: Mapping[str, str], module: str, *arguments: str) -> dict[str, Any]:
    """Run a module to its end; what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        check=True,
        timeout=_PATIENCE * 4,
    )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def memory(pid: int) -> dict[str, float]:
    """MiB: resident, and resident with what is shared divided among those that share it."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, size = line.partition(":")
        found[name] = int(size.split()[0]) / 1024
    return {"rss": found["Rss"], "pss": found["Pss"]}


def cpu_seconds(pid: int) -> float:
    """Processor seconds of all threads of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descriptors(pid: int) -> int:
    """Open files, sockets and pipes of a process."""
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def fdatasync_ms(place: Path, times: int = 100, pause: float = 0.0) -> float:
    """Median cost of one flush of 4 KiB, milliseconds, ``pause`` seconds after the one before."""
    taken = []
    descriptor = os.open(place / "flush", os.O_RDWR | os.O_CREAT)
    for number in range(times):
        os.pwrite(descriptor, b"x" * 4096, number * 4096)
        started = time.perf_counter()
        os.fdatasync(descriptor)
        taken.append(time.perf_counter() - started)
        time.sleep(pause)
    os.close(descriptor)
    return statistics.median(taken) * 1000


def described(place: Path, screen_name: str) -> dict[str, object]:
    """The machine, for the foot of the table."""
    import PySide6

    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    revision = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return {
        "machine": f"{platform.platform()}, {os.cpu_count()} cores ({cpu})",
        "python": f"{platform.python_version()}, PySide6 {PySide6.__version__}",
        "screen": screen_name,
        "revision": revision.stdout.strip() or "unknown",
        "one fdatasync": f"{fdatasync_ms(place):.3f} ms",
        "load average": " ".join(f"{each:.2f}" for each in os.getloadavg()),
    }
