"""The log file: what happened in this program, without numbers, texts and keys."""

from __future__ import annotations

import logging
import os
import time
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Final

from console.cascade.privacy import MaskingFormatter

if TYPE_CHECKING:
    from io import TextIOWrapper

LOG_FILE: Final = "cascade.log"
_BYTES: Final = 1_000_000
_KEPT: Final = 3
_APPEND: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND
_NOISY: Final = ("httpx", "httpcore", "asyncio", "keyring", "qasync", "uvicorn")
"""Libraries that tell of every request, some with its address."""


class _PrivateFile(RotatingFileHandler):
    """A rotating file that only its owner may read, from its first moment."""

    def _open(self) -> TextIOWrapper:
        return os.fdopen(os.open(self.baseFilename, _APPEND, 0o600), "a", encoding="utf-8")


def start_logging(directory: Path, level: int = logging.INFO) -> logging.Handler | None:
    """Log to ``cascade.log`` in ``directory`` (1 MB, three older ones kept), masked, times in UTC.

    Returns the handler, for :func:`stop_logging`; ``None`` where no file can be written: a program
    that cannot log works on.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _PrivateFile(directory / LOG_FILE, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8")
    except OSError:
        return None
    formatter = MaskingFormatter("%(asctime)sZ %(process)d %(levelname)s %(name)s: %(message)s")
    formatter.converter = time.gmtime
    formatter.default_msec_format = "%s.%03d"
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    return handler


def stop_logging(handler: logging.Handler | None) -> None:
    """Close what :func:`start_logging` opened."""
    if handler is not None:
        logging.getLogger().removeHandler(handler)
        handler.close()
