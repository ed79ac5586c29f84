"""The soak run: its verdict on what grows and what does not, and the machinery for a few messages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.benchmarks.machine import environment
from tests.benchmarks.soak import Sample, day, figures


def samples(growing: bool) -> list[Sample]:
    """Forty of a day; the first ones always rise, as caches do while they fill."""
    return [
        Sample(
            messages=24 * number,
            at=6.5 * number,
            rss=(90 + 2 * min(number, 8)) + (number if growing else 0),
            descriptors=30 + (number if growing else number % 2),
            python=9000 + (number * 24 * 50 if growing else 0),
            qt=700 + (number * 3 if growing else number % 3),
            journal=6 * 24 * number + (number**2 * 12 if growing else 0),
        )
        for number in range(1, 41)
    ]


def test_a_console_that_only_fills_its_caches_keeps_every_bound() -> None:
    found = figures(samples(growing=False), {}, 960)
    assert {figure.key: figure.met for figure in found} == dict.fromkeys(
        ("soak.memory", "soak.handles", "soak.qobjects", "soak.objects", "soak.journal"), True
    )


def test_whatever_grows_is_told_with_what_grew_most() -> None:
    found = figures(samples(growing=True), {"a.Row": 3, "b.Handle": 900, "c.Less": -4}, 960)
    assert [figure.met for figure in found] == [False] * 5
    assert "Handle +900, Row +3" in next(figure.note for figure in found if figure.key == "soak.objects")


def test_what_requests_leave_until_their_time_out_is_no_growth_once_as_many_end_as_begin() -> None:
    pending = [replace(each, python=9000 + 100 * min(each.messages, 264)) for each in samples(growing=False)]
    objects = next(each for each in figures(pending, {}, 960) if each.key == "soak.objects")
    assert objects.value == 0
    early = [replace(each, at=each.at / 4) for each in pending]
    with pytest.raises(ValueError, match="too short a day"):
        figures(early, {}, 960)


def test_a_few_messages_of_a_day_go_through_a_real_console_and_leave_samples(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    offscreen = environment({"QT_QPA_PLATFORM": "offscreen"}, home)
    taken, more = day(offscreen, tmp_path / "data", 3, 300.0)
    assert [each.messages for each in taken] == [1, 2, 3]
    assert all(each.rss > 20 and each.descriptors > 5 and each.qt > 100 for each in taken)
    assert taken[0].journal > 0
    assert more
