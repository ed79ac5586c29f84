"""The harness itself: statistics, table, files, comparison, and what may be asked of it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.benchmarks.table import (
    Figure,
    budget,
    compare,
    load,
    measured,
    number,
    of_runs,
    percentile,
    ratio,
    render,
    save,
    slope,
)

_VALUES = st.lists(st.floats(min_value=-1e9, max_value=1e9), min_size=1, max_size=50)


def figure(key: str = "start.empty", value: float = 2.0, **more: object) -> Figure:
    return Figure(key=key, what="start", value=value, unit="×", **more)  # type: ignore[arg-type]


@given(_VALUES, st.floats(min_value=0, max_value=1))
def test_a_percentile_is_one_of_the_values_with_enough_of_them_at_or_below(
    values: list[float], share: float
) -> None:
    found = percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= share * len(values) - 1e-9


def test_the_highest_percentiles_are_not_softened() -> None:
    hundred = [1.0] * 99 + [50.0]
    assert percentile(hundred, 0.99) == 1.0
    assert percentile(hundred, 0.999) == 50.0
    assert percentile([3.0, 1.0, 2.0], 1) == 3.0


@pytest.mark.parametrize(("values", "share"), [([], 0.5), ([1.0], 1.1), ([1.0], -0.1)])
def test_no_percentile_is_made_up(values: list[float], share: float) -> None:
    with pytest.raises(ValueError, match="no"):
        percentile(values, share)


def test_the_slope_is_that_of_the_line_through_the_points() -> None:
    assert slope([(0, 1.0), (10, 21.0), (20, 41.0)]) == pytest.approx(2.0)
    assert slope([(0, 5.0), (10, 4.0), (20, 6.0), (30, 5.0)]) == pytest.approx(0.02)
    assert slope([(3, 5.0), (3, 9.0)]) == 0.0
    with pytest.raises(ValueError, match="unpack"):
        slope([])


def test_ratios_are_made_run_by_run_so_that_a_slow_spell_hits_both_halves() -> None:
    found = ratio("start.empty", "start", [2.0, 20.0, 2.2], [1.0, 10.0, 1.0], of="s", budget=3.0)
    assert found.value == 2.0
    assert (found.low, found.high) == (2.0, 2.2)
    assert found.met is True
    assert found.note == "2.2 against 1 s"


def test_ratios_need_as_many_floors_as_products() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratio("start.empty", "start", [2.0, 2.0], [1.0])


def test_a_bound_is_kept_when_it_is_just_reached_and_not_by_what_is_no_number() -> None:
    assert figure(value=3.0, budget=3.0).met is True
    assert figure(value=3.1, budget=3.0).met is False
    assert figure(value=0.6, budget=0.6, at_least=True).met is True
    assert figure(value=0.5, budget=0.6, at_least=True).met is False
    assert figure(value=math.nan, budget=3.0).met is False
    assert figure(value=9.0).met is None


def test_the_table_says_what_is_missed_and_on_which_machine() -> None:
    told = render(
        [figure(budget=3.0), figure("idle.console", 7.0, budget=0.5), figure("fold.one", 5.0)],
        {"cores": 2, "screen": "xcb"},
    )
    lines = told.splitlines()
    assert lines[2].split()[-1] == "yes"
    assert lines[3].split()[-1] == "NO"
    assert "≤ 0.500 ×" in lines[3]
    assert "1 of 2 budgets met" in told
    assert told.endswith("cores: 2\nscreen: xcb")


def test_numbers_show_the_digits_that_say_something() -> None:
    assert [number(value) for value in (14925.4, 123.45, 2.345, 0.12345, math.nan)] == [
        "14,925",
        "123.5",
        "2.35",
        "0.123",
        "nan",
    ]
    assert measured(of_runs("relay.sqlite", "rate", [1.0, 2.0, 9.0], "ms")) == "2.00 ms (1.00–9.00)"
    assert budget(figure(budget=0.6, at_least=True)) == "≥ 0.600 ×"


def test_what_was_saved_is_what_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "figures.json"
    kept = [figure(budget=3.0, low=1.0, high=2.0, note="ein Vermerk – “so”"), figure("fold.one", 0.6)]
    save(path, kept, {"cores": 2})
    assert load(path) == kept


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"form": 99, "figures": []}', '{"form": 1, "figures": [{"key": "a"}]}', "\udcff"],
)
def test_a_file_that_is_none_is_named_and_not_compared(tmp_path: Path, content: str) -> None:
    path = tmp_path / "figures.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(ValueError, match=r"figures\.json"):
        load(path)


def test_a_change_within_the_ranges_of_the_runs_is_called_noise() -> None:
    before = [of_runs("start.empty", "start", [2.0, 2.2, 2.4], "×")]
    assert compare(before, [of_runs("start.empty", "start", [2.1, 2.3, 2.5], "×")]).endswith("noise")
    assert compare(before, [of_runs("start.empty", "start", [1.0, 1.1, 1.2], "×")]).endswith("better")
    assert compare(before, [of_runs("start.empty", "start", [3.0, 3.3, 3.6], "×")]).endswith("worse")
    assert "+50 %" in compare(before, [of_runs("start.empty", "start", [3.0, 3.3, 3.6], "×")])


def test_more_is_better_where_the_bound_is_a_lower_one() -> None:
    before = [figure(value=0.3, at_least=True)]
    assert compare(before, [figure(value=0.6, at_least=True)]).endswith("better")
    assert compare(before, [figure(value=0.2, at_least=True)]).endswith("worse")


def test_what_only_one_revision_measured_is_said() -> None:
    told = compare([figure("a.one")], [figure("b.two")]).splitlines()
    assert told[1].startswith("a.one")
    assert told[1].endswith("only before")
    assert told[2].startswith("b.two")
    assert told[2].endswith("only after")
