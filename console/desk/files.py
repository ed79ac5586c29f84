"""Files of the agent's choosing: written whole or not at all, read no further than they may go."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from types import TracebackType

from console.cascade.words import tr


class WholeFile:
    """A file that takes its place once all of it is written, or leaves no trace.

    As a context it is kept at the end of the block, and dropped where the block raises. What has no place
    in the hands of others belongs in it: as temporary files are, it is for the owner's eyes only.

    Raises:
        OSError: nothing can be written beside ``target``.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        handle, temporary = tempfile.mkstemp(dir=target.absolute().parent)
        os.close(handle)
        self.path = Path(temporary)
        """What to write; closed before it is kept."""

    def keep(self) -> None:
        """Put it in its place.

        Raises:
            OSError: that is not possible.
        """
        self.path.replace(self._target)

    def drop(self) -> None:
        """Take it away."""
        self.path.unlink(missing_ok=True)

    def __enter__(self) -> Path:
        return self.path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.keep()
        finally:
            self.drop()


def read_bounded(path: Path, most: int) -> bytes:
    """A file's bytes; of one that is larger than ``most``, one byte more than that.

    Raises:
        OSError: it cannot be read, or is none: a device or a pipe might never end.
    """
    if not path.is_file():
        raise OSError(0, tr("it is not a file"))
    with path.open("rb") as file:
        return file.read(most + 1)
