"""What the chart above the fallback slider shows and says, worked out without a widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from console.cascade.advice import ENOUGH, Basis
from console.cascade.countries import country_name
from console.cascade.formats import number_text
from console.cascade.message import FALLBACK_MAX, FALLBACK_MIN, FALLBACK_STEPS, speak_duration
from console.cascade.survival import Curve
from console.cascade.words import tr
from console.ui.slider_rules import place_of, seconds_at


@dataclass(frozen=True, slots=True)
class Point:
    """One place of the drawn curve; all of them 0 to 1."""

    place: float
    """On the slider's scale."""
    share: float
    low: float
    high: float


def drawn(curve: Curve, columns: int) -> tuple[Point, ...]:
    """The curve at the edges of ``columns`` (1 or more) equal columns, as far as anything is known."""
    last = FALLBACK_MAX if curve.settled else curve.horizon
    if last < FALLBACK_MIN:
        return ()
    end = place_of(last)
    places = [*(number / columns for number in range(columns) if number / columns < end), end]
    # Going there and back may round beyond the last moment, where nothing is known.
    return tuple(
        Point(place, *values)
        for place in places
        if (values := _values(curve, min(seconds_at(place), last))) is not None
    )


def _values(curve: Curve, seconds: float) -> tuple[float, float, float] | None:
    share, band = curve.at(seconds), curve.band(seconds)
    return None if share is None or band is None else (share, *band)


def caption(grounds: Basis, asked: str | None, own: Curve | None) -> str:
    """Whose messages the curve rests on; ``asked`` is the recipient's region, ``own`` its own curve."""
    place = country_name(grounds.region)
    if place is None:
        place = tr("All countries")
        lacking = country_name(asked)
        if lacking is not None:
            place = tr(
                "All countries ({country}: {n} of {least})",
                country=lacking,
                n=own.delivered if own is not None else 0,
                least=ENOUGH,
            )
    return tr("{place} · n = {n}", place=place, n=number_text(grounds.curve.n))


def reading(curve: Curve, seconds: int) -> str:
    """What the curve says at one time, with its band."""
    values = _values(curve, seconds)
    if values is None:
        return tr("{duration}: not known", duration=speak_duration(seconds))
    share, low, high = (percent(each) for each in values)
    return tr(
        "{duration}: {share} of all delivered (95 % sure: {low} to {high})",
        duration=speak_duration(seconds),
        share=share,
        low=low,
        high=high,
    )


def percent(share: float) -> str:
    """A share of 0 to 1 in whole percent."""
    return tr("{n} %", n=round(100 * share))


def description(sentence: str, curve: Curve, steps: Sequence[int]) -> str:
    """The chart in words: the sentence, and what the curve says at ``steps``."""
    told = [
        tr("{duration} {share}", duration=speak_duration(step), share=percent(share))
        for step in steps
        if (share := curve.at(step)) is not None
    ]
    values = tr("Of all messages, Viber has delivered: {values}.", values=", ".join(told)) if told else ""
    return f"{sentence} {values}".strip()


def steps_read(curve: Curve) -> tuple[int, ...]:
    """The steps of the slider of which the curve knows something."""
    return tuple(step for step in FALLBACK_STEPS if curve.at(step) is not None)
