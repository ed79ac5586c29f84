#!/usr/bin/env python3
"""Builds the wheel, installs it as an operator would, with the relay's lock alone, and asks its relay.

    python3 packaging/relay/check.py

Standard library only; ``build/`` keeps the environment it builds with.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import urllib.request
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

from build import BUILD, Environment, version  # noqa: E402
from dev import LOCKS, give_up, say  # noqa: E402


def output(*command: str | Path, env: dict[str, str] | None = None, code: int = 0) -> str:
    """What a command says; another exit code than ``code`` ends the check."""
    words = [str(word) for word in command]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=env, timeout=600)
    if done.returncode != code:
        give_up(f"{words[0]} ended with {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def wheel(into: Path) -> Path:
    """The wheel of this checkout."""
    environment = Environment(BUILD / "package-venv")
    environment.prepare()
    output("env", "--chdir", ROOT, environment.python, "-m", "hatchling", "build", "-t", "wheel", "-d", into)
    (made,) = into.glob("*.whl")
    return made


def serve(programs: Path, folder: Path) -> None:
    """Start the relay on a free port, ask it, and end it."""
    environment = {
        **os.environ,
        "CASCADE_RELAY_KEYS": "ABC:QUJD",
        "CASCADE_RELAY_DATABASE": f"sqlite:///{folder}/relay.db",
    }
    command = [str(programs / "cascade-relay"), "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", told)
        try:
            if found is None:
                give_up(f"the relay does not say where it listens: {told}")
            for path in ("/healthz", "/readyz"):
                with urllib.request.urlopen(found[0] + path, timeout=10) as answer:  # noqa: S310 - found by its http://
                    say(f"{path}: {answer.status}")
        finally:
            process.terminate()
    if process.returncode:
        give_up(f"the relay ended with {process.returncode}.")


def main() -> int:
    """Everything, in order."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        made = wheel(folder / "dist")
        venv.create(folder / "venv", with_pip=True)
        programs = folder / "venv" / "bin"
        pip: list[str | Path] = [
            programs / "python",
            "-m",
            "pip",
            "--disable-pip-version-check",
            "--quiet",
            "install",
            "--no-deps",
        ]
        output(*pip, "--require-hashes", "--only-binary", ":all:", "-r", LOCKS / "relay.txt")
        output(*pip, made)
        # The extra asks for nothing that the lock has not brought.
        output(programs / "python", "-m", "pip", "check")
        output(*pip[:-1], "--no-index", f"{made}[relay]")
        output(programs / "python", "-c", "import PySide6", code=1)
        told = output(programs / "cascade-relay", "--version").strip()
        if told != f"cascade-relay {version()}":
            give_up(f"the wheel's relay calls itself {told}")
        serve(programs, folder)
    say(f"{made.name}[relay] serves")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
