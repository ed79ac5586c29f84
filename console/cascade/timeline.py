"""The fold: facts in any order, any number of times, to the one timeline they tell."""

from __future__ import annotations

from collections.abc import Iterable

from console.cascade.facts import Fact
from console.cascade.outcome import Timeline


def fold(facts: Iterable[Fact]) -> Timeline:
    """The timeline that ``facts`` tell, whatever their order and however often each is repeated."""
    raise NotImplementedError
