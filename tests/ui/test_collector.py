"""The collector works on the window's thread, and a little at a time."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from console.ui.collector import Collector


@pytest.fixture
def collector(app: QApplication) -> Iterator[Collector]:
    was_on = gc.isenabled()
    gc.enable()
    gc.collect()
    made = Collector()
    made.start()
    yield made
    made.stop()
    (gc.enable if was_on else gc.disable)()


def test_nothing_is_collected_on_any_other_thread_while_a_window_lives(collector: Collector) -> None:
    assert not gc.isenabled()
    collector.stop()
    assert gc.isenabled()


MANY = 10_000
"""More than any Python's threshold by far."""


class Knot:
    """Nothing but the collector can free it."""

    def __init__(self) -> None:
        self.me = self


def knots() -> int:
    return sum(isinstance(each, Knot) for each in gc.get_objects())


def looks(collector: Collector, count: int) -> None:
    for _ in range(count):
        collector._timer.timeout.emit()


def test_cycles_are_collected_at_the_next_look(collector: Collector) -> None:
    for _ in range(gc.get_threshold()[0] + 200):
        Knot()
    looks(collector, 1)
    assert knots() == 0


def test_much_at_once_is_left_to_go_by_itself_and_then_nothing_is_gone_through(collector: Collector) -> None:
    before = gc.get_stats()[0]["collections"]
    passing: list[list[int]] = [[] for _ in range(MANY)]
    looks(collector, 20)
    passing.clear()
    looks(collector, 20)
    assert gc.get_stats()[0]["collections"] == before


def test_what_does_not_go_within_ten_seconds_is_gone_through(collector: Collector) -> None:
    for _ in range(MANY):
        Knot()
    seconds = collector._timer.interval() / 1000
    looks(collector, round(9 / seconds))
    assert knots() == MANY
    looks(collector, round(2 / seconds))
    assert knots() == 0
