"""What the benchmarks found: figures, their budgets, and the table made of both.

A :class:`Figure` is one line. Its value is the median of several runs unless its unit says
otherwise; its budget is an upper bound, or (:attr:`Figure.at_least`) a lower one.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

_FORM: Final = 1
"""Of the JSON file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table."""

    key: str
    """Stays the same between revisions, so that two can be compared: ``start.empty``."""
    what: str
    value: float
    unit: str
    """``×`` for a ratio against something measured in the same run."""
    low: float | None = None
    high: float | None = None
    """The range of the runs, where there were several."""
    budget: float | None = None
    at_least: bool = False
    note: str = ""
    """What it was measured against, in absolute terms, or how."""

    @property
    def met(self) -> bool | None:
        """Whether the budget is kept; ``None`` where there is none. What is not a number keeps none."""
        if self.budget is None:
            return None
        return self.value >= self.budget if self.at_least else self.value <= self.budget


def percentile(values: Iterable[float], share: float) -> float:
    """The smallest value that at least ``share`` (0-1) of all are not above (nearest rank).

    Raises:
        ValueError: there are no values, or no such share.
    """
    ranked = sorted(values)
    if not ranked or not 0 <= share <= 1:
        raise ValueError(f"no {share} of {len(ranked)} values")
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def slope(points: Sequence[tuple[float, float]]) -> float:
    """How much *y* rises for each *x*: the straight line that fits best. 0 where *x* never changes.

    Raises:
        ValueError: there are no points.
    """
    across, up = (statistics.fmean(each) for each in zip(*points, strict=True))
    spread = sum((x - across) ** 2 for x, _ in points)
    return sum((x - across) * (y - up) for x, y in points) / spread if spread else 0.0


def of_runs(key: str, what: str, values: Sequence[float], unit: str, **more: Any) -> Figure:
    """The figure of several runs: their median, and their range."""
    return Figure(
        key=key,
        what=what,
        value=statistics.median(values),
        unit=unit,
        low=min(values),
        high=max(values),
        **more,
    )


def ratio(key: str, what: str, product: Sequence[float], floor: Sequence[float], **more: Any) -> Figure:
    """Product against floor, run by run: what disturbed one run disturbed both of its halves."""
    note = f"{statistics.median(product):.4g} against {statistics.median(floor):.4g} {more.pop('of', '')}"
    parts = [note.rstrip(), more.pop("note", "")]
    values = [one / other for one, other in zip(product, floor, strict=True)]
    return of_runs(key, what, values, "×", note="; ".join(part for part in parts if part), **more)


def number(value: float) -> str:
    """As many digits as say something."""
    if not math.isfinite(value):
        return str(value)
    size = abs(value)
    digits = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3
    return f"{value:,.{digits}f}"


def measured(figure: Figure) -> str:
    """The value with its range."""
    text = number(figure.value) + (f" {figure.unit}" if figure.unit else "")
    if figure.low is None or figure.high is None or figure.low == figure.high:
        return text
    return f"{text} ({number(figure.low)}–{number(figure.high)})"


def budget(figure: Figure) -> str:
    """The bound as people write it; empty where there is none."""
    if figure.budget is None:
        return ""
    return f"{'≥' if figure.at_least else '≤'} {number(figure.budget)} {figure.unit}".rstrip()


def render(figures: Sequence[Figure], machine: Mapping[str, object]) -> str:
    """The whole table as text, with the machine under it and a count of what is met."""
    rows = [("figure", "measured", "budget", "met", "")]
    words = {None: "", True: "yes", False: "NO"}
    rows += [(f"{f.key}: {f.what}", measured(f), budget(f), words[f.met], f.note) for f in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    lines = [
        f"{row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]:>{widths[2]}}  {row[3]:<3}  {row[4]}".rstrip()
        for row in rows
    ]
    lines.insert(1, "-" * min(150, max(map(len, lines))))
    held = [f for f in figures if f.budget is not None]
    lines += ["", f"{sum(f.met is True for f in held)} of {len(held)} budgets met"]
    lines += [f"{name}: {told}" for name, told in machine.items()]
    return "\n".join(lines)


def save(path: Path, figures: Sequence[Figure], machine: Mapping[str, object]) -> None:
    """Write a file for :func:`load`."""
    told = {"form": _FORM, "machine": dict(machine), "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def load(path: Path) -> list[Figure]:
    """What :func:`save` wrote.

    Raises:
        ValueError: it is no such file.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["form"] != _FORM:
            raise ValueError(f"{path}: written in form {told['form']}, not {_FORM}")
        return [Figure(**each) for each in told["figures"]]
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise ValueError(f"{path} is no file of figures: {error}") from error


def compare(before: Sequence[Figure], after: Sequence[Figure]) -> str:
    """Two revisions side by side; a change smaller than the ranges of the runs is called noise."""
    old = {figure.key: figure for figure in before}
    new = {figure.key: figure for figure in after}
    rows = [("figure", "before", "after", "change", "")]
    for key in [*old, *(key for key in new if key not in old)]:
        one, other = old.get(key), new.get(key)
        if one is None or other is None:
            there, said = (one or other), "only before" if other is None else "only after"
            assert there is not None
            told = measured(there)
            rows.append((f"{key}: {there.what}", told if one else "", told if other else "", "", said))
            continue
        change = f"{(other.value / one.value - 1) * 100:+.0f} %" if one.value else ""
        rows.append((f"{key}: {other.what}", measured(one), measured(other), change, _verdict(one, other)))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}  {e}".rstrip()
        for a, b, c, d, e in rows
    )


def _verdict(one: Figure, other: Figure) -> str:
    apart = None not in (one.low, one.high, other.low, other.high) and (
        (one.high or 0) < (other.low or 0) or (other.high or 0) < (one.low or 0)
    )
    if one.value == other.value or not (apart or one.low is None or other.low is None):
        return "noise"
    better = other.value > one.value if other.at_least else other.value < one.value
    return "better" if better else "worse"
