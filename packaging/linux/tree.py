"""Where each file of the Linux packages goes, and what the .deb says of itself. Pure rules, no files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

PACKAGE: Final = "cascade-console"
PROGRAMS: Final = ("cascade", "cascade-relay")
PAPERS: Final[Mapping[str, str]] = {
    "LICENCES.txt": "copyright",
    "QT-SOURCE.txt": "QT-SOURCE.txt",
    "sbom.cdx.json": "sbom.cdx.json",
}
"""What ``freeze/parts.py`` writes, and its name among the system's documents."""
DEPENDS: Final[Mapping[str, str]] = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libexpat.so.1": "libexpat1",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libgcc_s.so.1": "libgcc-s1",
    "libglib-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libgssapi_krb5.so.2": "libgssapi-krb5-2",
    "libgthread-2.0.so.0": "libglib2.0-0 | libglib2.0-0t64",
    "libstdc++.so.6": "libstdc++6",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb.so.1": "libxcb1",
    "libz.so.1": "zlib1g",
    "libzstd.so.1": "libzstd1",
}
"""The system's libraries that the bundle may link to, and their Debian packages. Every desktop has them."""
_DATA: Final = {"libxkbcommon.so.0": "xkb-data"}
"""What a bundled library reads at run time, by its Debian package."""
_LIBC: Final = (
    "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2", "libutil.so.1",
    "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1",
)  # fmt: skip


def depends(linked: Iterable[str], bundled: Iterable[str], libc: str) -> list[str]:
    """The Debian packages that supply what is ``linked`` to and not ``bundled``.

    ``libc`` is the oldest C library that will do, such as ``2.36``.

    Raises:
        ValueError: a library is needed that no rule knows; it has to be bundled or named above.
    """
    bundled = set(bundled)
    outside = set(linked) - bundled - set(_LIBC)
    if unknown := sorted(outside - DEPENDS.keys()):
        raise ValueError(f"neither bundled nor known to every desktop: {', '.join(unknown)}")
    data = {_DATA[name] for name in bundled if name in _DATA}
    return sorted({f"libc6 (>= {libc})", *data, *(DEPENDS[name] for name in outside)})


def control(*, version: str, architecture: str, size: int, needs: Iterable[str]) -> str:
    """The .deb's control file; ``size`` is what is installed, in bytes."""
    return f"""Package: {PACKAGE}
Version: {version}
Architecture: {architecture}
Maintainer: Cascade contributors <cascade@localhost>
Installed-Size: {-(-size // 1024)}
Depends: {", ".join(needs)}
Suggests: gnome-keyring | kwalletmanager, fonts-noto-color-emoji
Section: net
Priority: optional
Description: send Viber messages with SMS behind them and watch them arrive
 Cascade is a console for support staff who reach customers on Viber first and
 SMS second, through Telesign. Type a number and a text, say how long Viber may
 try, press Send, and watch what happens, live.
 .
 It holds its own Python and Qt, the relay that receives Telesign's reports, and
 a sandbox in which nothing reaches a real phone.
"""


def places(prefix: str, documents: str, icon_sizes: Iterable[int]) -> dict[str, str]:
    """Where the files around the bundle stand (relative paths), by the name they have before.

    ``prefix`` is ``usr`` or ``share``'s parent in a home; ``documents`` the folder of examples and texts.
    """
    share = f"{prefix}/share"
    found = {
        "cascade.desktop": f"{share}/applications/cascade.desktop",
        "cascade.metainfo.xml": f"{share}/metainfo/internal.cascade.console.metainfo.xml",
        "cascade.svg": f"{share}/icons/hicolor/scalable/apps/cascade.svg",
        "cascade.1.gz": f"{share}/man/man1/cascade.1.gz",
        "cascade-relay.1.gz": f"{share}/man/man1/cascade-relay.1.gz",
        "policy.toml": f"{documents}/examples/policy.toml",
    }
    for size in icon_sizes:
        found[f"{size}.png"] = f"{share}/icons/hicolor/{size}x{size}/apps/cascade.png"
    return found
