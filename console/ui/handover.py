"""One window on one journal: a second start hands its link to the first and leaves.

The socket lies in the profile's own folder, or under a name made from it where that path is too
long for one, and only this user may use it. A message is one line: a ``cascade:`` link, or
nothing, which only brings the window to the front. Whatever else arrives is ignored.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from console.cascade.link import SCHEME

_log = logging.getLogger(__name__)
LONGEST: Final = 80_000
"""Bytes of one message; a link of 20,000 characters fits."""
PATIENCE: Final = 3_000
"""Milliseconds either side waits for the other."""
_LONGEST_PATH: Final = 80
"""Bytes; a socket's path holds some 100, of which Qt needs a few while it makes one."""
_HEARD: Final = b"heard\n"


def socket_name(directory: Path) -> str:
    """Where the window on the data in ``directory`` listens."""
    whole = directory.resolve()
    path = os.fsencode(whole / "window.socket")
    if os.name == "posix" and len(path) <= _LONGEST_PATH:
        return os.fsdecode(path)
    return "cascade-" + hashlib.sha256(os.fsencode(whole)).hexdigest()[:32]


def encode(link: str | None) -> bytes:
    """The message that hands ``link`` over; ``None`` only asks for the window."""
    return (link or "").replace("\r", "").replace("\n", "").encode("utf-8", "replace") + b"\n"


def decode(raw: bytes) -> str | None:
    """The link of a whole message, empty where it only asks for the window; ``None``: not a message."""
    if len(raw) > LONGEST or not raw.endswith(b"\n"):
        return None
    try:
        text = raw[:-1].decode()
    except UnicodeDecodeError:
        return None
    return text if "\n" not in text and (not text or text.lower().startswith(SCHEME)) else None


class Door(QObject):
    """Listens for other starts while this window is open."""

    knocked = Signal(str)
    """Somebody started the console again, with this link or with none (empty)."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._welcome)
        where = socket_name(directory)
        # Whoever opens a door holds the window's lock: a socket that is there belongs to nobody.
        QLocalServer.removeServer(where)
        if not self._server.listen(where):
            _log.warning("a second start cannot reach this window: %s", self._server.errorString())

    def close(self) -> None:
        """Stop listening."""
        self._server.close()

    def _welcome(self) -> None:
        while (guest := self._server.nextPendingConnection()) is not None:
            guest.setReadBufferSize(LONGEST + 1)
            guest.disconnected.connect(guest.deleteLater)
            guest.readyRead.connect(lambda guest=guest: self._read(guest))
            QTimer.singleShot(PATIENCE, guest, guest.abort)
            self._read(guest)

    def _read(self, guest: QLocalSocket) -> None:
        if not guest.canReadLine():
            if guest.bytesAvailable() > LONGEST:
                guest.abort()
            return
        link = decode(bytes(guest.readLine().data()))
        if link is None:
            guest.abort()
            return
        guest.write(_HEARD)
        guest.disconnectFromServer()
        self.knocked.emit(link)


def hand_over(directory: Path, link: str | None) -> bool:
    """Ask the window on the data in ``directory`` to come to the front and show ``link``.

    Waits for it, some seconds at the most; ``False`` where no window heard.
    """
    socket = QLocalSocket()
    socket.connectToServer(socket_name(directory))
    if not socket.waitForConnected(PATIENCE):
        return False
    socket.write(encode(link))
    while not socket.canReadLine():
        if not socket.waitForReadyRead(PATIENCE):
            return False
    return bytes(socket.readLine().data()) == _HEARD
