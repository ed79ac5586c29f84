"""The installed console in a clean Debian, used and removed; ``packaging/linux/check.py`` runs this."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from console.desk.keychain import Keychain
from console.desk.settings import Secrets
from tests.packaging.clean_root import (
    ROOT,
    TEXT,
    colours_amid,
    files,
    in_root,
    needs_it,
    package,
    running,
    send_by_keys,
)
from tests.window.atspi import Desktop, until
from tests.window.conftest import desktop as desktop  # noqa: PLC0414 - a fixture
from tests.window.conftest import shows

pytestmark = [pytest.mark.window, needs_it]


@pytest.fixture(scope="module")
def before() -> set[str]:
    return files()


@pytest.fixture(scope="module")
def installed(before: set[str]) -> Iterator[None]:
    shutil.copy(package(".deb"), ROOT / "cascade.deb")
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


def doctor(check: str, data: Path, **env: str) -> dict[str, Any]:
    """What the frozen ``cascade doctor`` says of one thing."""
    told = in_root("cascade", "doctor", "--json", "--data-dir", str(data), env=env, code=None)
    checks: dict[str, dict[str, Any]] = {line["check"]: line for line in map(json.loads, told.splitlines())}
    return checks[check]


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
    def test_the_token_comes_from_the_keychain_and_only_a_known_authority_is_trusted(
        self, tmp_path: Path
    ) -> None:
        until(lambda: Keychain("default").state().kind == "ready", "the keychain", 30)
        Keychain("default").store(Secrets(relay_token="t" * 40))
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
            known = str(tmp_path / "authority.pem")
            assert doctor("keychain", tmp_path)["ok"]
            assert not doctor("relay", tmp_path, CASCADE_RELAY_URL=url)["ok"]
            trusted = doctor("relay", tmp_path, CASCADE_RELAY_URL=url, SSL_CERT_FILE=known)
            assert trusted["ok"], trusted
            other = "another token of forty letters and more..."
            refused = doctor(
                "relay", tmp_path, CASCADE_RELAY_URL=url, SSL_CERT_FILE=known, CASCADE_RELAY_TOKEN=other
            )
            assert not refused["ok"]

    @pytest.mark.parametrize(
        ("country", "number"), [("UA", "067 123 45"), ("FR", "06 12 34"), ("IN", "98 12 3")]
    )
    def test_each_country_s_number_plan_came_along(self, tmp_path: Path, country: str, number: str) -> None:
        account = {
            "CASCADE_CUSTOMER_ID": "ABC",
            "CASCADE_API_KEY": "QUJD",
            "CASCADE_DEFAULT_COUNTRY": country,
        }
        words = ("cascade", "send", "--data-dir", str(tmp_path), "--to", number, "--viber", TEXT)
        assert "too short for its country" in in_root(*words, env=account, code=2, complaints=True)

    def test_an_administrator_decides_for_the_computer(self, tmp_path: Path) -> None:
        policy = ROOT / "etc/cascade/policy.toml"
        policy.parent.mkdir()
        example = ROOT / "usr/share/doc/cascade-console/examples/policy.toml"
        policy.write_text(re.sub(r"^# (?=\w+ = )", "", example.read_text(), flags=re.MULTILINE))
        told = doctor("policy", tmp_path)
        shutil.rmtree(policy.parent)
        assert told["ok"]
        assert "locks 1 settings and gives defaults for 2" in told["sentence"]
        assert "No policy" in doctor("policy", tmp_path)["sentence"]

    def test_a_link_comes_into_the_open_window_which_speaks_ukrainian_and_shows_icons(
        self, desktop: Desktop, tmp_path: Path
    ) -> None:
        words = ("cascade", "--sandbox", "--data-dir", str(tmp_path))
        with running(*words, env={"CASCADE_LANGUAGE": "uk"}) as console:
            shows(desktop, "sendButton", "Надіслати")
            # Qt maps its own words into memory, and nobody else reads that file.
            assert "qtbase_uk.qm" in Path(f"/proc/{console.pid}/maps").read_text()
            icon_alone = desktop.find("templateManageButton")
            until(lambda: colours_amid(icon_alone) > 1, "the icon")
            in_root(*words, "cascade:?to=%2B12025550101&viber=From%20outside")
            desktop.find("linkUseButton").press()
            text = desktop.find("viberTextEdit")
            until(lambda: text.text == "From outside", "the link in the form")

    def test_a_message_goes_by_key_presses_and_is_seen_delivered(
        self, desktop: Desktop, tmp_path: Path
    ) -> None:
        with running("cascade", "--sandbox", "--data-dir", str(tmp_path)) as console:
            send_by_keys(desktop)
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
