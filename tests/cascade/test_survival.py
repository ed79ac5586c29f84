"""How soon Viber delivers: textbook figures, and an oracle that shares no formula with the estimator."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.survival import Ending, Observation, estimate

D, F, C = Ending.DELIVERED, Ending.FAILED, Ending.CENSORED
observations = st.lists(
    st.builds(Observation, st.integers(0, 30).map(float), st.sampled_from(Ending)), min_size=1, max_size=60
)


def redistributed(seen: list[Observation], moment: float) -> Fraction:
    """Efron: each censored message hands its weight on, in equal parts, to those followed longer."""
    order = sorted(seen, key=lambda each: (each.seconds, each.ending is C))
    weights = [Fraction(1, len(order))] * len(order)
    for index, each in enumerate(order):
        later = len(order) - index - 1
        if each.ending is C and later:
            for other in range(index + 1, len(order)):
                weights[other] += weights[index] / later
            weights[index] = Fraction(0)
    return sum(
        (w for w, each in zip(weights, order, strict=True) if each.ending is D and each.seconds <= moment),
        Fraction(0),
    )


@given(observations)
def test_agrees_with_efrons_redistribution_in_exact_fractions(seen: list[Observation]) -> None:
    curve = estimate(seen)
    for moment in range(int(curve.horizon) + 1):
        assert curve.at(moment) == pytest.approx(float(redistributed(seen, moment)), abs=1e-9)


@given(observations)
def test_only_rises_and_stays_within_its_band_between_0_and_1(seen: list[Observation]) -> None:
    curve = estimate(seen)
    assert list(curve.shares) == sorted(curve.shares)
    for low, share, high in zip(curve.low, curve.shares, curve.high, strict=True):
        assert 0 <= low <= share + 1e-12
        assert share <= high + 1e-12
        assert high <= 1


@given(observations, st.randoms())
def test_order_does_not_matter(seen: list[Observation], chance: object) -> None:
    mixed = list(seen)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert estimate(mixed) == estimate(seen)


@given(st.lists(st.integers(0, 30), min_size=1, max_size=60))
def test_without_censoring_it_is_the_share_that_arrived(seconds: list[int]) -> None:
    curve = estimate([Observation(float(each), D) for each in seconds])
    for moment in range(max(seconds) + 1):
        assert curve.at(moment) == pytest.approx(sum(s <= moment for s in seconds) / len(seconds))


def test_freireichs_trial_gives_the_printed_figures() -> None:
    """6-MP group of Freireich et al. (1963), Kaplan-Meier and Greenwood's error as in the textbooks."""
    relapsed = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    curve = estimate(
        [Observation(float(t), D) for t in relapsed] + [Observation(float(t), C) for t in censored]
    )
    printed = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    errors = {6: 0.0764, 7: 0.0869, 10: 0.0963, 13: 0.1068, 16: 0.1141, 22: 0.1282, 23: 0.1346}
    for moment, surviving in printed.items():
        share, band = curve.at(moment), curve.band(moment)
        assert share is not None
        assert band is not None
        assert 1 - share == pytest.approx(surviving, abs=6e-5)
        spread = math.log(math.log(band[0]) / math.log(share)) / 1.959963984540054
        assert -spread * share * math.log(share) == pytest.approx(errors[moment], abs=6e-5)


def test_a_certain_failure_is_an_answer_and_not_a_missing_one() -> None:
    curve = estimate([Observation(1, F), Observation(2, D)])
    assert curve.at(2) == 0.5  # censoring the failure would claim 1.0


def test_the_variance_without_censoring_is_that_of_a_share_also_beside_failures() -> None:
    seen = [Observation(float(t), F if t % 3 == 0 else D) for t in range(30)]
    curve = estimate(seen)
    share, band = curve.at(20), curve.band(20)
    assert share is not None
    assert share == pytest.approx(14 / 30)
    assert band is not None
    spread = math.log(math.log(band[0]) / math.log(share)) / 1.959963984540054
    assert -spread * share * math.log(share) == pytest.approx(math.sqrt(share * (1 - share) / 30), rel=1e-9)


def test_nothing_is_claimed_beyond_the_longest_follow_up() -> None:
    curve = estimate([Observation(10, D), Observation(600, C)])
    assert curve.at(600) == 0.5
    assert curve.at(601) is None
    assert curve.band(601) is None


def test_nothing_seen_is_an_empty_curve() -> None:
    curve = estimate([])
    assert (curve.n, curve.times, curve.at(1)) == (0, (), None)


@pytest.mark.parametrize("seconds", [-1.0, math.nan, math.inf])
def test_impossible_times_are_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match="0 seconds"):
        Observation(seconds, D)


def test_beyond_the_longest_follow_up_only_what_is_settled_goes_on() -> None:
    assert estimate([Observation(5, D), Observation(9, C)]).at(9.1) is None
    assert estimate([Observation(5, D), Observation(9, F)]).at(3600) == 0.5
    assert estimate([]).at(1) is None


@pytest.mark.parametrize(("number", "low"), [(1, 0.025), (30, 0.8843), (100, 0.9638)])
def test_all_of_a_few_is_not_certainty(number: int, low: float) -> None:
    """The exact limits of Clopper and Pearson as printed for n of n."""
    band = estimate([Observation(5, D)] * number).band(5)
    assert band is not None
    assert band[0] == pytest.approx(low, abs=5e-5)
    assert band[1] == 1.0
