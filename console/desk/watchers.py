"""Those who want to be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVarTuple

Told = TypeVarTuple("Told")


class Watchers(Generic[*Told]):
    """Callbacks, called in the order they came."""

    def __init__(self) -> None:
        self._all: list[Callable[[*Told], None]] = []

    def add(self, callback: Callable[[*Told], None]) -> Callable[[], None]:
        """Tell ``callback`` too; returns how to stop, which may be called more than once."""
        self._all.append(callback)

        def stop() -> None:
            if callback in self._all:
                self._all.remove(callback)

        return stop

    def tell(self, *told: *Told) -> None:
        """Call each that watches now; one that stops meanwhile is still called."""
        for callback in list(self._all):
            callback(*told)
