"""What is in the bundle besides our own code: its licences in one file, its list as CycloneDX.

    python packaging/freeze/parts.py [--appimage] CONTENTS FOLDER

reads the list of files that ``cascade.spec`` wrote and puts ``LICENCES.txt``, ``sbom.cdx.json`` and
``QT-SOURCE.txt`` into the folder; ``--appimage`` adds what an AppImage begins with. Fails
when a part has no licence text: then somebody must look, and a text goes into ``packaging/licences``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Final

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot5
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

ROOT: Final = Path(__file__).resolve().parents[2]
TEXTS: Final = ROOT / "packaging" / "licences"
OURS: Final = "cascade-console"
QT: Final = ("pyside6-essentials", "shiboken6")
_LGPL: Final = "LGPL-3.0-only"
_LICENCE_FILE: Final = re.compile(r"(^|/)(licen[cs]e|copying|notice|copyright)[^/]*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One work of somebody else's."""

    kind: str
    """``pypi``, ``deb`` or ``generic``: what its version counts."""
    name: str
    version: str
    licence: str
    """An SPDX expression, or the author's own words."""
    text: str
    """The licence in full."""


def _python() -> Part:
    names = [Path(sysconfig.get_path("stdlib")) / "LICENSE.txt", Path(sys.base_prefix) / "LICENSE.txt"]
    names += [
        Path("/usr/share/doc") / f"python{sys.version_info.major}.{sys.version_info.minor}" / "copyright"
    ]
    text = next((path.read_text("utf-8") for path in names if path.exists()), "")
    return Part("generic", "CPython", platform.python_version(), "PSF-2.0", text)


def _icu(sources: Iterable[str]) -> list[Part]:
    """Unicode's library, which Qt for Python brings along on Linux."""
    found = sorted(match[1] for source in sources if (match := re.search(r"libicudata\.so\.(\d+)$", source)))
    text = (TEXTS / "icu.txt").read_text("utf-8")
    return [Part("generic", "ICU", found[0], "Unicode-3.0", text)] if found else []


def _licence_texts(part: metadata.Distribution) -> str:
    found = [
        path for path in part.files or () if _LICENCE_FILE.search(str(path)) and ".py" not in path.suffix
    ]
    texts = [Path(str(path.locate())).read_text("utf-8", "replace") for path in sorted(found)]
    return "\n\n".join(text.strip() for text in texts if text.strip())


def _own_words(part: metadata.Distribution) -> str:
    fields = (*(part.metadata.get_all("License-Expression") or ()), *(part.metadata.get_all("License") or ()))
    told = next(iter(fields), "")
    if told and "\n" not in told:
        return told
    classified = [
        line.rsplit(" :: ", 1)[-1]
        for line in part.metadata.get_all("Classifier") or ()
        if line.startswith("License :: ")
    ]
    return "; ".join(classified) or "see the text"


def packages(sources: Iterable[str]) -> list[Part]:
    """The Python packages that the ``sources`` (paths of installed files) belong to."""
    owners = {
        os.path.realpath(str(path.locate())): part
        for part in metadata.distributions()
        for path in part.files or ()
    }
    found = {
        part.metadata["Name"].lower().replace("_", "-"): part
        for source in sources
        if (part := owners.get(os.path.realpath(source))) is not None
    }
    done = []
    for name, part in sorted(found.items()):
        if name == OURS:
            continue
        if name in QT:
            text = "\n\n".join((TEXTS / f"{each}.txt").read_text("utf-8") for each in ("LGPL-3.0", "GPL-3.0"))
            done.append(Part("pypi", name, part.version, _LGPL, text))
            continue
        own = TEXTS / f"{name}.txt"
        text = _licence_texts(part) or (own.read_text("utf-8") if own.exists() else "")
        done.append(Part("pypi", name, part.version, _own_words(part), text))
    return done


def system_libraries(sources: Iterable[str]) -> list[Part]:
    """The Debian packages that bundled shared libraries came from; nothing on other systems."""
    if shutil.which("dpkg-query") is None:
        return []
    asked = sorted({place for source in sources for place in _spellings(source)})
    if not asked:
        return []
    told = subprocess.run(["dpkg-query", "--search", *asked], capture_output=True, text=True, check=False)
    names = sorted({line.split(": ")[0].split(",")[0].strip() for line in told.stdout.splitlines()})
    done = []
    for name in names:
        form = "--showformat=${Version}"
        version = subprocess.run(
            ["dpkg-query", "--show", form, name], capture_output=True, text=True, check=True
        )
        copyright_file = Path("/usr/share/doc") / name.split(":")[0] / "copyright"
        text = copyright_file.read_text("utf-8", "replace") if copyright_file.exists() else ""
        done.append(Part("deb", name.split(":")[0], version.stdout, "see the text", text))
    return done


def _spellings(source: str) -> set[str]:
    """A library's path as dpkg may know it: ``/lib`` and ``/usr/lib`` are one folder on a merged system."""
    if not source.startswith(("/lib/", "/usr/lib/")):
        return set()
    places = {source, os.path.realpath(source)}
    return places | {place.removeprefix("/usr") for place in places}


def appimage_runtime() -> list[Part]:
    """What the runtime of an AppImage is made of, as it tells of itself; see ``linux/appimage.py``."""
    told = (
        ("AppImage runtime", "5735cc5", "MIT", "appimage-runtime"),
        ("squashfuse", "0.1.100", "BSD-2-Clause", "squashfuse"),
        ("liblzma", "5.2.3", "public domain", "liblzma"),
    )
    return [
        Part("generic", name, version, licence, (TEXTS / f"{file}.txt").read_text("utf-8"))
        for name, version, licence, file in told
    ]


def licences(version: str, parts: Iterable[Part]) -> str:
    """The file that tells the licences of everything in the bundle."""
    parts = list(parts)
    listed = "\n".join(f"  {part.name} {part.version}: {part.licence}" for part in parts)
    bodies = "\n".join(
        f"\n{'=' * 78}\n{part.name} {part.version}\n{part.licence}\n{'=' * 78}\n\n{part.text.strip()}\n"
        for part in parts
    )
    own = (ROOT / "LICENSE").read_text("utf-8").strip()
    return f"""Cascade {version} and what it is made of
{"=" * 78}

{own}

This program uses Qt and Qt for Python under the terms of the GNU Lesser General Public License,
version 3; QT-SOURCE.txt says how to get their source and how to use a version of your own.

Parts of this bundle:

{listed}
{bodies}"""


def qt_source(version: str) -> str:
    """The offer and the instructions that the LGPL asks for."""
    return f"""Qt in Cascade
=============

Cascade uses Qt and Qt for Python (PySide6, Shiboken6) {version}, unchanged, as The Qt Company
publishes them, under the GNU Lesser General Public License, version 3. Its text, and that of
the GNU General Public License it builds on, stand in LICENCES.txt beside this file.
Copyright (C) The Qt Company Ltd. and other contributors.

Your own version of Qt
----------------------
Qt is linked dynamically; its libraries are ordinary files in the folder _internal/PySide6 (in
Cascade.app: Contents/Frameworks/PySide6). Replace them by libraries of the same major version that
you have built or changed, under the same names, and Cascade uses those. Nothing checks for or hinders
this, and Cascade's licence allows reverse engineering to debug such changes. A signed macOS or Windows
package must be signed again, with any certificate, after a file in it changed. An AppImage is a read-only
image: unpack it (--appimage-extract), replace the files in usr/lib/cascade, and start its AppRun.

The source
----------
Complete corresponding source of this very version:
  https://download.qt.io/official_releases/qt/{".".join(version.split(".")[:2])}/{version}/
  https://download.qt.io/official_releases/QtForPython/pyside6/
Whoever gave you this copy of Cascade also gives you that source on a medium, for no more than the
cost of doing so, for three years from then, if you ask them.
"""


def bill(version: str, parts: Iterable[Part], made: datetime) -> str:
    """The parts as a CycloneDX 1.5 document; the same parts give the same document.

    Raises:
        ValueError: it does not keep to the format's schema.
    """
    parts = list(parts)
    factory = LicenseFactory()
    root = Component(
        type=ComponentType.APPLICATION,
        bom_ref=OURS,
        name=OURS,
        version=version,
        licenses=[factory.make_from_string("MIT")],
    )
    bom = Bom(
        serial_number=uuid.uuid5(
            uuid.NAMESPACE_URL, "|".join(f"{each.name}=={each.version}" for each in parts)
        ),
    )
    bom.metadata.component = root
    bom.metadata.timestamp = made
    components = [
        Component(
            type=ComponentType.LIBRARY,
            name=part.name,
            version=part.version,
            bom_ref=f"{part.kind}:{part.name}@{part.version}",
            purl=PackageURL(
                part.kind, "debian" if part.kind == "deb" else None, part.name.lower(), part.version
            ),
            licenses=[] if part.licence == "see the text" else [factory.make_from_string(part.licence)],
        )
        for part in parts
    ]
    for component in components:
        bom.components.add(component)
    bom.register_dependency(root, components)
    text: str = JsonV1Dot5(bom).output_as_string(indent=2)
    if wrong := JsonStrictValidator(SchemaVersion.V1_5).validate_str(text):
        raise ValueError(f"the list of parts is no CycloneDX 1.5: {wrong}")
    return text + "\n"


def main() -> int:
    """Write the three files; 1 if the licence of a part is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--appimage", action="store_true")
    parser.add_argument("contents", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    told = json.loads(given.contents.read_text("utf-8"))
    sources = [source for _, source in told["files"]] + told["modules"]
    parts = [
        _python(),
        *_icu(sources),
        *packages(sources),
        *system_libraries(source for _, source in told["files"]),
        *(appimage_runtime() if given.appimage else ()),
    ]
    if silent := [part.name for part in parts if not part.text]:
        print(f"no licence text for: {', '.join(silent)}", file=sys.stderr)
        return 1
    version = metadata.version(OURS)
    made = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    qt = next(part.version for part in parts if part.name == QT[0])
    given.folder.mkdir(parents=True, exist_ok=True)
    (given.folder / "LICENCES.txt").write_text(licences(version, parts), "utf-8")
    (given.folder / "QT-SOURCE.txt").write_text(qt_source(qt), "utf-8")
    (given.folder / "sbom.cdx.json").write_text(bill(version, parts, made), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
