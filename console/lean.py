"""Imports without PySide6's look at each module's source.

To find out whether a module might use ``from __feature__ import …``, PySide6 reads the source of every module
that is imported after it, where there is one, and Python keeps all of it: 14 MiB of an idle window's memory,
measured with 6.11. Nothing here uses such features, so the question is answered beforehand. Where a
later PySide6 asks otherwise, nothing is changed.
"""

from __future__ import annotations

import importlib
from types import ModuleType

import PySide6.QtCore  # noqa: F401 - brings the hook

_QUESTION = "_mod_uses_pyside"


def _uses_features(_module: ModuleType) -> bool:
    return False


def _settle() -> None:
    try:
        hook = importlib.import_module("shibokensupport.feature")
    except ImportError:
        return
    if hasattr(hook, _QUESTION):
        setattr(hook, _QUESTION, _uses_features)


_settle()
