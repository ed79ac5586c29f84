"""The program's icon in every size that a desktop asks for, drawn from its one drawing.

    python packaging/freeze/icons.py FOLDER

writes ``16.png`` … ``1024.png``, ``cascade.ico`` (Windows) and ``cascade.icns`` (macOS).
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import Final

DRAWING: Final = Path(__file__).resolve().parents[2] / "resources" / "app" / "cascade.svg"
SIZES: Final = (16, 22, 24, 32, 48, 64, 96, 128, 192, 256, 512)
"""Pixels; the sizes of the hicolor theme."""
_ICO: Final = (16, 24, 32, 48, 64, 128, 256)
_ICNS: Final = {
    16: b"icp4", 32: b"icp5", 64: b"icp6", 128: b"ic07", 256: b"ic08", 512: b"ic09", 1024: b"ic10",
}  # fmt: skip


def ico(pictures: dict[int, bytes]) -> bytes:
    """A Windows icon of PNG pictures by their size (16 to 256 pixels)."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    at = len(head) + 16 * len(pictures)
    entries, bodies = b"", b""
    for size, picture in sorted(pictures.items()):
        side = 0 if size == 256 else size
        entries += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), at + len(bodies))
        bodies += picture
    return head + entries + bodies


def icns(pictures: dict[int, bytes]) -> bytes:
    """A macOS icon of PNG pictures by their size; sizes that the format does not know are left out."""
    blocks = b"".join(
        kind + struct.pack(">I", len(pictures[size]) + 8) + pictures[size]
        for size, kind in _ICNS.items()
        if size in pictures
    )
    return b"icns" + struct.pack(">I", len(blocks) + 8) + blocks


def draw(size: int) -> bytes:
    """The icon as a PNG of ``size`` by ``size`` pixels."""
    from PySide6.QtCore import QBuffer, QIODevice, QRectF  # noqa: PLC0415 - the formats above need no Qt
    from PySide6.QtGui import QImage, QPainter  # noqa: PLC0415
    from PySide6.QtSvg import QSvgRenderer  # noqa: PLC0415

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(DRAWING)).render(painter, QRectF(0, 0, size, size))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def main(folder: Path) -> None:
    """Write every picture into ``folder``."""
    from PySide6.QtGui import QGuiApplication  # noqa: PLC0415

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication([])
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {size: draw(size) for size in sorted({*SIZES, *_ICO, *_ICNS})}
    for size, picture in pictures.items():
        (folder / f"{size}.png").write_bytes(picture)
    (folder / "cascade.ico").write_bytes(ico({size: pictures[size] for size in _ICO}))
    (folder / "cascade.icns").write_bytes(icns(pictures))
    application.quit()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
