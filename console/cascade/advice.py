"""What the curve of Viber deliveries says about one fallback time, in words that claim no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from console.cascade.formats import number_text
from console.cascade.message import FALLBACK_STEPS, speak_duration
from console.cascade.survival import Curve, Observation, estimate, estimate_counted
from console.cascade.words import tr, trn

ENOUGH: Final = 30
"""Deliveries a curve needs before anything is said from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Whose messages the advice rests on."""

    curve: Curve
    region: str | None
    """A region code, or ``None`` for all countries together."""

    @property
    def enough(self) -> bool:
        """Whether there are :data:`ENOUGH` deliveries."""
        return self.curve.delivered >= ENOUGH


def curves(observed: Mapping[str, Mapping[Observation, int]]) -> dict[str | None, Curve]:
    """A curve for each region, and under ``None`` one of them all; of how often each was seen."""
    made: dict[str | None, Curve] = {region: estimate_counted(each) for region, each in observed.items()}
    everywhere: Counter[Observation] = Counter()
    for each in observed.values():
        everywhere.update(each)
    made[None] = estimate_counted(everywhere)
    return made


def basis(known: Mapping[str | None, Curve], region: str | None) -> Basis:
    """The region's own curve where it has enough deliveries, else that of all countries."""
    own = known.get(region) if region is not None else None
    if own is not None and own.delivered >= ENOUGH:
        return Basis(curve=own, region=region)
    return Basis(curve=known.get(None) or estimate(()), region=None)


def advice(grounds: Basis, fallback_time: int) -> str:
    """The sentence for a slider that stands at ``fallback_time`` seconds."""
    curve = grounds.curve
    if not grounds.enough:
        return trn(
            "Too little is known yet: {n} Viber delivery seen, {least} are needed.",
            "Too little is known yet: {n} Viber deliveries seen, {least} are needed.",
            curve.delivered,
            least=ENOUGH,
        )
    here = curve.at(fallback_time)
    if here is None:
        return tr(
            "Nobody here ever waited longer than {longest}; what {duration} would bring is not known.",
            longest=speak_duration(int(curve.horizon)),
            duration=speak_duration(fallback_time),
        )
    last = curve.shares[-1]
    said = tr(
        "At {duration}, {percent} % of what Viber delivered within {longest} has been delivered (n = {n}).",
        duration=speak_duration(fallback_time),
        percent=_percent(here / last),
        longest=speak_duration(int(curve.horizon)),
        n=number_text(curve.n),
    )
    return f"{said} {_longer(curve, fallback_time, here)}"


def _longer(curve: Curve, fallback_time: int, here: float) -> str:
    later = next((step for step in FALLBACK_STEPS if step > fallback_time), None)
    if later is None:
        return tr("Viber cannot be given longer.")
    there = curve.at(later)
    if there is None:
        return tr("Nobody here ever waited as long as {duration}.", duration=speak_duration(later))
    saved = round(100 * (there - here))
    if saved == 0:
        return tr("Waiting to {duration} would save less than 1 SMS in 100.", duration=speak_duration(later))
    return trn(
        "Waiting to {duration} would save about {n} SMS in 100.",
        "Waiting to {duration} would save about {n} SMS in 100.",
        saved,
        duration=speak_duration(later),
    )


def _percent(share: float) -> int:
    """Whole percent; 100 only for all of it, and 0 only for none."""
    if 0 < share < 1 - 1e-9:
        return min(max(round(100 * share), 1), 99)
    return round(100 * share)
