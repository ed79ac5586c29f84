"""What can be measured: one group a module, imported only when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Final

from tests.benchmarks.machine import Given
from tests.benchmarks.table import Figure


@dataclass(frozen=True, slots=True)
class Group:
    """Figures that are measured together."""

    name: str
    what: str
    module: str = ""
    """Where it is measured, if not in a module of this name."""
    alone: bool = False
    """Only measured when named."""

    def measure(self, given: Given) -> list[Figure]:
        module = import_module(f"tests.benchmarks.{self.module or self.name}")
        found: list[Figure] = module.measure(given)
        return found


GROUPS: Final = (
    Group("start", "start-up against a bare window; what is imported for it"),
    Group("memory", "resident memory against a bare window, and its growth over callbacks"),
    Group("typing", "key press to painted character and counters", "keypress"),
    Group("sending", "Send to painted row; recorded before the request"),
    Group("feed", "the relay's 200 to the painted timeline, with other consoles; catching up"),
    Group("idle", "a core's share of the console and the relay at rest"),
    Group("fold", "facts to a timeline"),
    Group("history", "search, scroll, jump and prepend in long histories; exporting"),
    Group("relay", "durable callbacks against a reference; restart; long polls that wait", "relay_bench"),
    Group("soak", "eight hours of traffic in accelerated time: does anything grow?", alone=True),
)


def chosen(rows: Sequence[str]) -> list[Group]:
    """The groups of these rows, in the order of the table; all that are not ``alone`` where none is named.

    Raises:
        ValueError: there is no such group.
    """
    names = {row.partition(".")[0] for row in rows}
    unknown = names - {group.name for group in GROUPS}
    if unknown:
        known = ", ".join(group.name for group in GROUPS)
        raise ValueError(f"no such row: {', '.join(sorted(unknown))} (there are: {known})")
    return [group for group in GROUPS if group.name in names or (not names and not group.alone)]
