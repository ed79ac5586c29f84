"""Only the parts of Qt that the console uses are shipped, and what those lead to."""

from __future__ import annotations

import re

import pytest
import trim

from tests.packaging.conftest import ROOT


@pytest.mark.parametrize(
    "path",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "PySide6/Qt/plugins/platforms/libqcocoa.dylib",
        "PySide6/Qt/translations/qtbase_uk.qm",
        "PySide6/QtWidgets.abi3.so",
        "PySide6\\QtCore.pyd",
        "libxcb-cursor.so.0",
        "libssl.so.3",
        "console/_resources/icons/send.svg",
        "libpython3.11.so.1.0",
        "keyring-25.7.0.dist-info/entry_points.txt",
    ],
)
def test_what_the_console_uses_is_shipped(path: str) -> None:
    assert trim.wanted(path)


@pytest.mark.parametrize(
    "path",
    [
        "PySide6/Qt/plugins/imageformats/libqwebp.so",
        "PySide6/Qt/plugins/platforms/libqvnc.so",
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/sqldrivers/libqsqlite.so",
        "PySide6/Qt/plugins/tls/libqopensslbackend.so",
        "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
        "PySide6/Qt/qml/QtQuick/libqtquick2plugin.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/translations/qt_help_uk.qm",
        "PySide6/QtQml.abi3.so",
        "PySide6\\opengl32sw.dll",
        "libX11.so.6",
        "libstdc++.so.6",
        "libz.so.1",
        "cascade_console-0.1.0.dist-info/direct_url.json",
        "keyring-25.7.0.dist-info/RECORD",
    ],
)
def test_what_it_does_not_use_or_the_system_must_supply_is_not(path: str) -> None:
    assert not trim.wanted(path)


def test_every_binding_that_the_console_imports_is_shipped() -> None:
    sources = (ROOT / "console").rglob("*.py")
    imported = {
        name
        for path in sources
        for name in re.findall(r"from PySide6\.(Qt\w+) import", path.read_text("utf-8"))
    }
    assert {"QtCore", "QtGui", "QtWidgets"} <= imported <= trim.MODULES


def test_qts_words_come_in_every_language_of_the_console() -> None:
    spoken = {path.name for path in (ROOT / "resources" / "locale").iterdir()}
    assert spoken <= trim.LANGUAGES


def test_a_library_that_only_a_dropped_plugin_asked_for_goes_with_it() -> None:
    files = [
        ("PySide6/Qt/plugins/platforms/libqxcb.so", "/qxcb"),
        ("PySide6/Qt/lib/libQt6XcbQpa.so.6", "/xcbqpa"),
        ("PySide6/Qt/lib/libQt6Qml.so.6", "/qml"),
        ("libxcb-cursor.so.0", "/cursor"),
        ("libgtk-3.so.0", "/gtk"),
        ("libpython3.11.so.1.0", "/python"),
        ("regex/_regex.so", "/regex"),
    ]
    links = {
        "/qxcb": ["libQt6XcbQpa.so.6"],
        "/xcbqpa": ["libxcb-cursor.so.0", "libc.so.6"],
        "/gtk": ["libQt6Qml.so.6"],
    }
    kept = trim.still_needed(files, lambda source: links.get(source, []))
    assert kept == {name for name, source in files if source not in ("/qml", "/gtk")}


def test_libraries_that_ask_for_each_other_are_found_without_end() -> None:
    files = [("app.so", "/app"), ("liba.so.1", "/a"), ("libb.so.1", "/b")]
    links = {"/app": ["liba.so.1"], "/a": ["libb.so.1"], "/b": ["liba.so.1"]}
    assert trim.still_needed(files, lambda source: links[source]) == {"app.so", "liba.so.1", "libb.so.1"}
