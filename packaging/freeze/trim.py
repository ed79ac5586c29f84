"""Which parts of Qt the console uses; everything else stays out of the bundle.

Pure rules on the destination paths that PyInstaller proposes, for every platform.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Final

PLUGINS: Final = {
    "platforms": {"qxcb", "qwayland", "qoffscreen", "qwindows", "qcocoa"},
    "platformthemes": {"qxdgdesktopportal"},
    "platforminputcontexts": {
        "composeplatforminputcontextplugin",
        "ibusplatforminputcontextplugin",
    },
    "xcbglintegrations": set[str](),
    "wayland-decoration-client": {"adwaita", "bradient"},
    "wayland-graphics-integration-client": set[str](),
    "wayland-shell-integration": {"xdg-shell"},
    "iconengines": {"qsvgicon"},
    "imageformats": {"qsvg", "qico"},
    "styles": {"qmodernwindowsstyle", "qmacstyle"},
}
"""By folder, the Qt plug-ins that are shipped (names without ``lib`` and suffix). Nothing is drawn
with OpenGL, sent with Qt's network or asked for in QML, so their plug-ins are not there. GTK's
theme would load the desktop's GTK beside our own libraries; the portal tells dark from light too."""

MODULES: Final = {"QtCore", "QtDBus", "QtGui", "QtNetwork", "QtSvg", "QtWidgets"}
"""The Python bindings that are shipped; on Linux Qt's own translation of D-Bus types asks for QtDBus."""

LANGUAGES: Final = {"bg", "el", "sr", "uk"}
"""Qt's own words, in the languages that the console may speak."""

FROM_THE_SYSTEM: Final = (
    "libX11", "libX11-xcb", "libXau", "libXdmcp", "libXext", "libxcb", "libEGL", "libGL", "libGLX",
    "libGLdispatch",
    "libOpenGL", "libdrm", "libgbm", "libwayland-client", "libwayland-cursor", "libwayland-egl",
    "libglib-2.0", "libgthread-2.0", "libgio-2.0", "libgobject-2.0", "libgmodule-2.0",
    "libfontconfig", "libfreetype", "libdbus-1", "libsystemd", "libstdc++", "libgcc_s",
    "libgssapi_krb5", "libkrb5", "libk5crypto", "libkrb5support", "libcom_err",
    "libz", "libzstd", "libexpat",
)  # fmt: skip
"""Linux libraries that every desktop has and that must be its own: they talk to its servers and
drivers, or others in the process load them too. The .deb depends on their packages. What is not
named here is shipped, among it the xcb helpers that a bare Debian desktop lacks."""

_METADATA: Final = {"METADATA", "entry_points.txt"}
_OPTIONAL_LIBRARIES: Final = {"opengl32sw", "d3dcompiler_47"}
_PLUGIN: Final = re.compile(r"(?:^|/)plugins/([^/]+)/(?:lib)?(.+?)\.(?:so|dll|dylib)$")
_MODULE: Final = re.compile(r"^PySide6/(Qt\w+)(?:\.abi3)?\.(?:so|pyd)$")
_TRANSLATION: Final = re.compile(r"(?:^|/)translations/(\w+?)_(\w+)\.qm$")
_QT_LIBRARY: Final = re.compile(r"^PySide6/(?:Qt/lib/)?(?:lib)?(Qt6?\w+?)(?:\.framework|\.so|\.dll|$)")


def wanted(destination: str) -> bool:
    """Whether the file that would stand at ``destination`` (below the bundle) belongs there."""
    path = destination.replace("\\", "/")
    if ".dist-info/" in path:
        # The rest tells where and how this computer installed it, which is nobody's business.
        return PurePosixPath(path).name in _METADATA
    if plugin := _PLUGIN.search(path):
        return plugin[2] in PLUGINS.get(plugin[1], set())
    if module := _MODULE.match(path):
        return module[1] in MODULES
    if path.endswith(".qm"):
        told = _TRANSLATION.search(path)
        return told is not None and told[1] == "qtbase" and told[2] in LANGUAGES
    if re.split(r"\.so(?:\.|$)", PurePosixPath(path).name)[0] in FROM_THE_SYSTEM:
        return False
    if path.startswith("PySide6/") and ("/qml/" in path or path.endswith((".pyi", ".qmltypes"))):
        return False
    return PurePosixPath(path).stem.lower() not in _OPTIONAL_LIBRARIES


def is_library(destination: str) -> bool:
    """Whether ``destination`` is a shared library that is there only because something links to it."""
    path = destination.replace("\\", "/")
    if _PLUGIN.search(path) or _MODULE.match(path):
        return False
    if _QT_LIBRARY.match(path):
        return True
    name = path.startswith("lib") and "/" not in path and bool(re.search(r"\.so(\.\d+)*$", path))
    return name and not path.startswith("libpython")  # the program itself opens that one


def still_needed(files: Iterable[tuple[str, str]], imports: Callable[[str], Iterable[str]]) -> set[str]:
    """Of ``files`` (destination, source), the destinations that what is shipped leads to.

    ``imports`` tells the file names of the libraries that a source file links to. Libraries that
    only a plug-in left out asked for are dropped with it.
    """
    pairs = list(files)
    by_name: dict[str, list[tuple[str, str]]] = {}
    for destination, source in pairs:
        by_name.setdefault(PurePosixPath(destination.replace("\\", "/")).name, []).append(
            (destination, source)
        )
    kept: set[str] = set()
    waiting = [pair for pair in pairs if not is_library(pair[0])]
    while waiting:
        destination, source = waiting.pop()
        if destination in kept:
            continue
        kept.add(destination)
        for name in imports(source):
            waiting += by_name.get(name, [])
    return kept
