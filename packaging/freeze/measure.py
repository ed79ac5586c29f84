"""How large and how quick the bundle is, against bare ones that PyInstaller makes in the same run.

    python packaging/freeze/measure.py BUNDLE SCRATCH RESULT.json

Size: as tar.xz, against an untrimmed bundle of a window with one label. ``--version``: against a
frozen interpreter that prints a line, from which the same start-up hooks were taken as from ours.
Start: from the start of the process until the window is on the screen (Xvfb), frozen against the
same code run by Python. Prints a table; never fails for a figure.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dev import virtual_screen

RUNS: Final = 15
_LINE: Final = 'print("cascade 0.1.0")\n'
_WINDOW: Final = """\
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow
application = QApplication([])
window = QMainWindow()
window.setCentralWidget(QLabel("Cascade"))
window.show()
application.exec()
"""
_LINE_RECIPE: Final = """\
found = Analysis([{script!r}])
found.scripts = [entry for entry in found.scripts if not entry[0].startswith("pyi_rth_")]
program = EXE(PYZ(found.pure), found.scripts, [], exclude_binaries=True, strip=True, name="line")
COLLECT(program, found.binaries, found.datas, strip=True, name="line")
"""


def freeze(recipe: Path, scratch: Path) -> None:
    """Let PyInstaller make a bare bundle in ``scratch``."""
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level", "ERROR"]
    command += ["--distpath", str(scratch), "--workpath", str(scratch / "work")]
    if recipe.suffix == ".py":
        command += ["--specpath", str(scratch)]
    subprocess.run([*command, str(recipe)], check=True)


def bare(scratch: Path) -> tuple[Path, Path]:
    """The folders of the bare window and of the bare line."""
    scratch.mkdir(parents=True, exist_ok=True)
    (scratch / "window.py").write_text(_WINDOW)
    (scratch / "line.py").write_text(_LINE)
    (scratch / "line.spec").write_text(_LINE_RECIPE.format(script=str(scratch / "line.py")))
    freeze(scratch / "window.py", scratch)
    freeze(scratch / "line.spec", scratch)
    return scratch / "window", scratch / "line"


def compressed(folder: Path) -> int:
    """Bytes of the folder as tar.xz."""
    tar = ["tar", "--create", "--sort=name", "--directory", str(folder.parent), folder.name]
    with subprocess.Popen(tar, stdout=subprocess.PIPE) as packing:
        done = subprocess.run(["xz", "-6"], stdin=packing.stdout, capture_output=True, check=True)
    return len(done.stdout)


def taking_turns(first: Callable[[], float], second: Callable[[], float]) -> tuple[float, float]:
    """The median seconds of both; the first round, which fills caches, does not count."""
    pairs = [(first(), second()) for _ in range(RUNS + 1)][1:]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def to_its_end(*command: str) -> float:
    """Seconds until a program has printed and ended."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


@contextmanager
def _started(command: Sequence[str], environment: dict[str, str]) -> Iterator[float]:
    with tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        process = subprocess.Popen([*command, "--data-dir", home], env=environment, stderr=subprocess.DEVNULL)
        try:
            yield began
        finally:
            process.terminate()
            process.wait(30)


def to_its_window(command: Sequence[str], environment: dict[str, str]) -> float:
    """Seconds until the console's window is on the screen."""
    with _started(command, environment) as began:
        while time.perf_counter() - began < 60:
            look = ["xdotool", "search", "--onlyvisible", "--name", "Cascade"]
            if subprocess.run(look, env=environment, capture_output=True, check=False).stdout:
                return time.perf_counter() - began
        raise SystemExit("the window did not come within a minute")


def row(what: str, ours: float, other: float, most: float, unit: str) -> dict[str, object]:
    """One line of the table, printed."""
    ratio = ours / other
    met = "met" if ratio <= most else "NOT met"
    print(f"{what:38} {ours:9.3f} {other:9.3f} {unit:3} ratio {ratio:5.2f}, at most {most:.2f}: {met}")
    return {"what": what, "ours": ours, "other": other, "unit": unit, "ratio": ratio, "most": most}


def main(bundle: Path, scratch: Path, result: Path) -> None:
    """Measure everything and write it down."""
    window, line = bare(scratch)
    rows = [
        row("tar.xz, against a bare window", compressed(bundle) / 1e6, compressed(window) / 1e6, 1.0, "MB"),
        row(
            "--version, against a bare line",
            *taking_turns(
                lambda: to_its_end(str(bundle / "cascade"), "--version"),
                lambda: to_its_end(str(line / "line")),
            ),
            1.5,
            "s",
        ),
    ]
    with virtual_screen() as screen:
        environment = {**os.environ, **screen, "QT_QPA_PLATFORM": "xcb"}
        frozen = [str(bundle / "cascade"), "--sandbox"]
        unfrozen = [sys.executable, "-m", "console", "--sandbox"]
        starts = taking_turns(
            lambda: to_its_window(frozen, environment), lambda: to_its_window(unfrozen, environment)
        )
        rows.append(row("window on screen, against unfrozen", *starts, 1.3, "s"))
    result.write_text(json.dumps(rows, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main(*(Path(word) for word in sys.argv[1:4]))
