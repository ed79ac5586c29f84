"""The Windows and macOS packages, as far as another system can judge them."""

from __future__ import annotations

import plistlib
import re
import shutil
import struct
import subprocess
from pathlib import Path

import details
import icons
import info
import pytest
import sign

from console import __version__
from tests.packaging.conftest import PACKAGING

SCRIPT = PACKAGING / "windows" / "cascade.nsi"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


def test_the_installer_compiles_without_a_warning(tmp_path: Path) -> None:
    if (makensis := shutil.which("makensis")) is None:
        pytest.skip("makensis is not here")
    bundle = tmp_path / "bundle"
    (bundle / "_internal").mkdir(parents=True)
    for name in ("cascade.exe", "cascade-relay.exe", "_internal/python.dll"):
        (bundle / name).write_bytes(b"MZ")
    icon = tmp_path / "cascade.ico"
    icon.write_bytes(icons.ico({16: PNG}))
    made = tmp_path / "cascade-1.2.3-setup.exe"
    words = {"VERSION": "1.2.3", "BUNDLE": str(bundle), "ICON": str(icon), "OUTPUT": str(made)}
    command = [makensis, "-V2", "-WX", *(f"-D{name}={value}" for name, value in words.items()), str(SCRIPT)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert made.read_bytes()[:2] == b"MZ"


def test_the_uninstaller_removes_all_that_the_installer_registers() -> None:
    script = SCRIPT.read_text("utf-8")
    written = set(re.findall(r'WriteReg(?:Str|DWORD) SHCTX "([^"]+)"', script))
    removed = set(re.findall(r'DeleteRegKey SHCTX "([^"]+)"', script))
    assert written
    assert all(any(key == root or key.startswith(f"{root}\\") for root in removed) for key in written)


def test_data_is_deleted_only_when_asked_for_and_never_silently() -> None:
    removal = SCRIPT.read_text("utf-8").split('Section "Uninstall"')[1]
    assert "/SD IDNO IDNO keep" in removal
    assert removal.index("/DELETEDATA") < removal.index('RMDir /r "$LOCALAPPDATA\\cascade"')


@pytest.mark.parametrize(
    ("version", "counted"),
    [("1.2.3", (1, 2, 3, 0)), ("1.2.3rc1", (1, 2, 3, 0)), ("7", (7, 0, 0, 0)), ("1.2.3.4", (1, 2, 3, 4))],
)
def test_windows_counts_a_version_in_four_numbers(version: str, counted: tuple[int, ...]) -> None:
    assert details.numbers(version) == counted
    assert f"filevers={counted}" in details.details(version)


@pytest.mark.parametrize("version", ["", "x1", "1.70000.0", "v1.2"])
def test_what_windows_cannot_count_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match="no version"):
        details.numbers(version)


def test_this_version_can_be_counted() -> None:
    assert details.numbers(__version__)


def test_nothing_is_signed_without_a_certificate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CASCADE_SIGN_PFX", raising=False)
    assert sign.main([str(tmp_path / "absent.exe")]) == 0
    assert "nothing is signed" in capsys.readouterr().err


def test_signing_uses_the_certificate_and_a_time_stamp() -> None:
    given = {"CASCADE_SIGN_PFX": "our.pfx", "CASCADE_SIGN_PASSWORD": "secret"}
    file = Path("cascade.exe")
    for words in (sign.command(file, given, "signtool.exe"), sign.command(file, given, None)):
        assert {"our.pfx", "secret", "sha256", "http://timestamp.digicert.com"} <= set(words)
    assert "-ts" not in sign.command(file, {**given, "CASCADE_SIGN_TIME": ""}, None)


def test_a_signature_is_made_and_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = next(iter(sorted(Path("/usr/share/nsis/Stubs").glob("lzma-x86-unicode"))), None)
    if program is None or not all(map(shutil.which, ("osslsigncode", "openssl"))):
        pytest.skip("osslsigncode, openssl or a Windows program to sign is not here")
    key, certificate, both = (str(tmp_path / name) for name in ("key.pem", "cert.pem", "both.pfx"))
    request = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=Cascade test",
        "-days",
        "2",
    ]
    request += ["-addext", "extendedKeyUsage=codeSigning", "-keyout", key, "-out", certificate]
    subprocess.run(request, check=True, capture_output=True)
    export = [
        "openssl",
        "pkcs12",
        "-export",
        "-inkey",
        key,
        "-in",
        certificate,
        "-passout",
        "pass:word",
        "-out",
        both,
    ]
    subprocess.run(export, check=True, capture_output=True)
    target = tmp_path / "program.exe"
    shutil.copy(program, target)
    for name, value in {"PFX": both, "PASSWORD": "word", "TIME": ""}.items():
        monkeypatch.setenv(f"CASCADE_SIGN_{name}", value)
    assert sign.main([str(target)]) == 0
    verify = ["osslsigncode", "verify", "-CAfile", certificate, "-in", str(target)]
    told = subprocess.run(verify, check=False, capture_output=True, text=True)
    assert "Signature verification: ok" in told.stdout, told.stdout + told.stderr


def test_the_mac_opens_cascade_links_with_the_application() -> None:
    told = plistlib.loads(plistlib.dumps(info.info("1.2.3")))
    assert told["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == ["cascade"]
    assert told["CFBundleShortVersionString"] == told["CFBundleVersion"] == "1.2.3"
    assert told["LSMinimumSystemVersion"] == "13.0"
    assert re.fullmatch(r"[A-Za-z0-9.-]+", told["CFBundleIdentifier"])


def test_the_entitlements_are_a_property_list_of_switches() -> None:
    told = plistlib.loads((PACKAGING / "macos" / "entitlements.plist").read_bytes())
    assert told
    assert all(value is True for value in told.values())


def test_the_shell_can_read_the_script_of_the_disk_image() -> None:
    subprocess.run(["sh", "-n", str(PACKAGING / "macos" / "dmg.sh")], check=True)


def test_a_windows_icon_tells_where_each_picture_is() -> None:
    made = icons.ico({16: PNG, 256: PNG + b"larger"})
    assert struct.unpack_from("<HHH", made) == (0, 1, 2)
    for place, (side, picture) in enumerate(((16, PNG), (0, PNG + b"larger"))):
        width, _, _, _, _, bits, size, at = struct.unpack_from("<BBBBHHII", made, 6 + 16 * place)
        assert (width, bits) == (side, 32)
        assert made[at : at + size] == picture


def test_a_mac_icon_is_as_long_as_it_says() -> None:
    made = icons.icns({16: PNG, 22: PNG, 1024: PNG})
    assert made[:4] == b"icns"
    assert struct.unpack_from(">I", made, 4) == (len(made),)
    assert made.count(PNG) == 2
