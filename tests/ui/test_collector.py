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


def test_while_much_comes_to_stay_the_next_look_comes_sooner(collector: Collector) -> None:
    timer = collector._timer
    rests = timer.interval()
    kept: list[list[int]] = [[] for _ in range(5000)]
    timer.timeout.emit()
    assert timer.interval() < rests / 4
    assert gc.get_count()[0] < len(kept)  # they have been gone through
    timer.timeout.emit()
    assert timer.interval() == rests


def test_cycles_are_collected(collector: Collector) -> None:
    class Knot:
        def __init__(self) -> None:
            self.me = self

    for _ in range(5000):
        Knot()
    collector._timer.timeout.emit()
    assert not any(isinstance(each, Knot) for each in gc.get_objects())
