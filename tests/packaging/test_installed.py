"""The installed console in a clean Debian, used and removed; ``packaging/linux/check.py`` runs this."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.window.atspi import Desktop, NotShownError, until
from tests.window.conftest import desktop as desktop  # noqa: PLC0414 - a fixture
from tests.window.conftest import shows
from tests.window.test_without_a_mouse import Keyboard, focus_moves_to

ROOT = Path(os.environ.get("CASCADE_CHECK_ROOT", "/nonexistent"))
DEB = Path(os.environ.get("CASCADE_CHECK_DEB", "/nonexistent"))
PICTURE = Path(os.environ.get("CASCADE_CHECK_PICTURE", "/tmp/cascade-check.png"))
NUMBER, TEXT = "+12025550101", "Your order 4711 is ready."

pytestmark = [
    pytest.mark.window,
    pytest.mark.skipif(not DEB.exists(), reason="run by packaging/linux/check.py"),
]


def in_root(*command: str, env: dict[str, str] | None = None, code: int | None = 0) -> str:
    """What a command in the clean root prints."""
    done = subprocess.run(
        ["chroot", str(ROOT), *command],
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
        env={**os.environ, **(env or {})},
    )
    assert code is None or done.returncode == code, done.stdout + done.stderr
    return done.stdout


def files() -> set[str]:
    """Everything on the disk of the clean root, except what dpkg and the desktop's databases keep."""
    elsewhere = {
        ROOT / place for place in ("proc", "dev", "tmp", "sys", "run", "var/cache", "var/log", "var/lib/dpkg")
    }
    found: set[str] = set()
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if Path(folder, name) not in elsewhere]
        found |= {str(Path(folder, name)) for name in (*folders, *names) if not name.endswith(".cache")}
    return found


@pytest.fixture(scope="module")
def before() -> set[str]:
    return files()


@pytest.fixture(scope="module")
def installed(before: set[str]) -> Iterator[None]:
    shutil.copy(DEB, ROOT / "cascade.deb")
    in_root("dpkg", "--install", "/cascade.deb")
    (ROOT / "cascade.deb").unlink()
    yield
    in_root("dpkg", "--purge", "cascade-console", code=None)


@pytest.fixture(scope="module")
def keychain() -> Iterator[None]:
    """A real keychain in this session, unlocked with a password of its own."""
    command = ["gnome-keyring-daemon", "--unlock", "--components=secrets", "--foreground"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as daemon:
        assert daemon.stdin is not None
        daemon.stdin.write(b"a password")
        daemon.stdin.close()
        yield
        daemon.terminate()


def tab_to(desktop: Desktop, keyboard: Keyboard, object_name: str) -> None:
    """Press Tab until a field has the focus, however many stand before it."""
    wanted = desktop.find(object_name)
    for _ in range(6):
        keyboard.press("Tab")
        with suppress(NotShownError):
            until(lambda: wanted.focused, f"the focus in {object_name}", 2)
            return
    raise NotShownError(f"the focus did not come to {object_name}")


def look_at_screen() -> None:
    """Leave a picture of the screen for whoever wants to see how far it came."""
    subprocess.run(["import", "-window", "root", str(PICTURE)], check=True, timeout=30)


@contextmanager
def running(*command: str, env: dict[str, str] | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """A program of the clean root, ended kindly at the end, and hard where that does not help."""
    with subprocess.Popen(["chroot", str(ROOT), *command], env={**os.environ, **(env or {})}) as process:
        try:
            yield process
            process.terminate()
            assert process.wait(20) == 0
        finally:
            process.kill()


@pytest.mark.usefixtures("installed")
class TestInstalled:
    def test_there_is_no_network_here(self) -> None:
        with socket.socket() as outside, pytest.raises(OSError, match="unreachable"):
            outside.connect(("192.0.2.1", 443))

    def test_both_programs_and_their_manuals_are_on_the_path(self) -> None:
        assert in_root("cascade", "--version").startswith("cascade ")
        assert in_root("cascade-relay", "--version").startswith("cascade-relay ")
        for name in ("cascade", "cascade-relay"):
            assert (ROOT / f"usr/share/man/man1/{name}.1.gz").exists()

    def test_the_desktop_knows_who_opens_cascade_links(self) -> None:
        known = (ROOT / "usr/share/applications/mimeinfo.cache").read_text()
        assert "x-scheme-handler/cascade=cascade.desktop;" in known

    def test_every_licence_and_the_list_of_parts_come_with_it(self) -> None:
        documents = ROOT / "usr/share/doc/cascade-console"
        licences = (documents / "copyright").read_text()
        parts = json.loads((documents / "sbom.cdx.json").read_text())["components"]
        assert {"CPython", "pyside6-essentials", "cryptography", "libxcb-cursor0"} <= {
            part["name"] for part in parts
        }
        assert all(f"\n{part['name']} {part['version']}\n" in licences for part in parts)
        assert "GNU LESSER GENERAL PUBLIC LICENSE" in licences
        assert "GNU Lesser General Public License" in (documents / "QT-SOURCE.txt").read_text()

    @pytest.mark.usefixtures("keychain")
    def test_the_keychain_is_found(self, tmp_path: Path) -> None:
        def look() -> dict[str, Any] | None:
            told = in_root("cascade", "doctor", "--json", "--data-dir", str(tmp_path), code=None)
            checks = {line["check"]: line for line in map(json.loads, told.splitlines())}
            return checks["keychain"] if checks["keychain"]["ok"] else None

        assert until(look, "the keychain", 30)

    def test_the_frozen_relay_serves_and_only_a_known_authority_is_trusted(self, tmp_path: Path) -> None:
        authority = trustme.CA()
        certificate = authority.issue_cert("127.0.0.1")
        certificate.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
        authority.cert_pem.write_to_path(tmp_path / "authority.pem")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        url = f"https://127.0.0.1:{port}"
        relay = {
            "CASCADE_RELAY_KEYS": "ABC:QUJD",
            "CASCADE_RELAY_TOKENS": "desk:" + "t" * 40,
            "CASCADE_RELAY_DATABASE": f"sqlite:///{tmp_path}/relay.db",
        }
        pem = str(tmp_path / "both.pem")
        command = ["cascade-relay", "serve", "--port", str(port), "--tls-cert", pem, "--tls-key", pem]
        with running(*command, env=relay):
            trust = ssl.create_default_context(cafile=str(tmp_path / "authority.pem"))

            def healthy() -> bool:
                try:
                    with urllib.request.urlopen(f"{url}/healthz", context=trust, timeout=5) as answer:
                        return bool(answer.status == 200)
                except OSError:
                    return False

            until(healthy, "the relay", 30)
            desk = {"CASCADE_RELAY_URL": url, "CASCADE_RELAY_TOKEN": "t" * 40}

            def relay_check(**more: str) -> dict[str, Any]:
                told = in_root(
                    "cascade", "doctor", "--json", "--data-dir", str(tmp_path), env=desk | more, code=None
                )
                return next(line for line in map(json.loads, told.splitlines()) if line["check"] == "relay")

            assert not relay_check()["ok"]
            trusted = relay_check(SSL_CERT_FILE=str(tmp_path / "authority.pem"))
            assert trusted["ok"], trusted

    def test_a_message_goes_by_key_presses_and_is_seen_delivered(
        self, desktop: Desktop, tmp_path: Path
    ) -> None:
        with running("cascade", "--sandbox", "--data-dir", str(tmp_path)) as console:
            shows(desktop, "connectionIndicator", "Live")
            keyboard = Keyboard("Cascade")
            focus_moves_to(desktop, "recipientEdit")
            keyboard.type(NUMBER)
            tab_to(desktop, keyboard, "viberTextEdit")
            keyboard.type(TEXT)
            look_at_screen()
            button = desktop.find("sendButton")
            until(lambda: button.enabled, "Send becoming possible")
            keyboard.press("ctrl+Return")
            shows(desktop, "timelineOutcome", "Delivered")
            assert any("Your order 4711" in row for row in desktop.find("historyView").texts())
            look_at_screen()
            told = in_root("cascade", "history", "--sandbox", "--json", "--data-dir", str(tmp_path))
            message = json.loads(told.splitlines()[0])["message_id"]
            shown = json.loads(
                in_root("cascade", "show", message, "--sandbox", "--json", "--data-dir", str(tmp_path))
            )
            assert shown["outcome"] == "delivered"
            assert shown["viber_text"] == TEXT
            assert any(each["state"] == "delivered" for each in shown["attempts"])
            maps = Path(f"/proc/{console.pid}/maps").read_text()
            assert "libxcb-cursor" in maps

    def test_taken_off_it_leaves_nothing_behind(self, before: set[str]) -> None:
        in_root("dpkg", "--purge", "cascade-console")
        assert files() - before == set()
        assert "cascade" not in (ROOT / "usr/share/applications/mimeinfo.cache").read_text()
