#!/usr/bin/env python3
"""Builds the wheel, installs it as an operator would, with the relay's lock alone, and asks its relay:
directly, behind nginx, behind Caddy; then systemd judges the unit.

    python3 packaging/relay/check.py

Standard library only; ``build/`` keeps the environment it builds with.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "packaging"))

from build import BUILD, Environment, version  # noqa: E402
from dev import LOCKS, give_up, install_system_packages, make_venv, on_debian, say  # noqa: E402
from relay import proxies  # noqa: E402

ACCOUNT: Final = {"CASCADE_RELAY_KEYS": "ABC:QUJD", "CASCADE_RELAY_TOKENS": "desk:" + "t" * 40}
_TOOLS: Final = {
    "caddy": "caddy",
    "nginx": "nginx",
    "openssl": "openssl",
    "systemd-analyze": "systemd",
}


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


@contextmanager
def serving(programs: Path, folder: Path) -> Iterator[str]:
    """The relay on a free port; yields its host and port."""
    command = [str(programs / "cascade-relay"), "serve", "--port", "0"]
    environment = {**os.environ, **ACCOUNT, "CASCADE_RELAY_DATABASE": f"sqlite:///{folder}/relay.db"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = process.stdout.readline()
        found = re.search(r"http://(127\.0\.0\.1:\d+)", told)
        try:
            if found is None:
                give_up(f"the relay does not say where it listens: {told}")
            yield found[1]
        finally:
            process.terminate()
    if process.returncode:
        give_up(f"the relay ended with {process.returncode}.")


def ask(relay: str) -> None:
    """Whether it is alive, and ready for callbacks."""
    for path in ("/healthz", "/readyz"):
        with urllib.request.urlopen(f"http://{relay}{path}", timeout=10) as answer:
            say(f"{path}: {answer.status}")


def behind_proxies(programs: Path, relay: str, folder: Path) -> None:
    """Let the relay's own check look at it through each proxy, as Telesign and a console would."""
    pem, key = proxies.certificate(folder)
    for name in proxies.PROXIES:
        with proxies.in_front(name, relay, folder, pem, key) as url:
            trusting = {**os.environ, **ACCOUNT, "SSL_CERT_FILE": str(pem)}
            told = output(programs / "cascade-relay", "check", "--url", url, env=trusting)
            if "FAIL" in told or "probe" not in told:
                give_up(f"{name}: {told}")
            expected = {"/metrics": 404, "/readyz": 404, "/v1/events": 401}
            for path, wanted in expected.items():
                if (got := proxies.status(url + path, pem)) != wanted:
                    give_up(f"{name}: {path} is answered {got}, not {wanted}")
            # Larger than the relay takes, smaller than the proxy's own bound: the relay refuses it.
            if (got := proxies.status(f"{url}/callbacks/telesign", pem, bytes(65 * 1024))) != 413:
                give_up(f"{name}: too large a callback is answered {got}")
        say(f"{name}: a signed callback passes, what is inside stays inside")


def unit(programs: Path, folder: Path) -> None:
    """Let systemd judge our unit, and how far it locks the relay up (0: wholly, 10: not at all)."""
    text = (ROOT / "packaging" / "relay" / "cascade-relay.service").read_text("utf-8")
    file = folder / "cascade-relay.service"
    # What it starts has to be there.
    file.write_text(text.replace("/opt/cascade-relay/bin", str(programs)))
    output("systemd-analyze", "verify", "--man=no", file)
    output("systemd-analyze", "security", "--offline=true", "--threshold=20", file)
    say("systemd takes the unit")


def main() -> int:
    """Everything, in order."""
    if on_debian():
        missing = [package for tool, package in _TOOLS.items() if shutil.which(tool) is None]
        install_system_packages(missing, "Checking the relay")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        made = wheel(folder / "dist")
        make_venv(folder / "venv")
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
        with serving(programs, folder) as relay:
            ask(relay)
            behind_proxies(programs, relay, folder)
        unit(programs, folder)
    say(f"{made.name}[relay] serves")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
