"""What is said beside the fallback slider, and when nothing is."""

from __future__ import annotations

from collections import Counter

from console.cascade.advice import ENOUGH, Basis, advice, basis, curves
from console.cascade.survival import Ending, Observation, estimate

D, F, C = Ending.DELIVERED, Ending.FAILED, Ending.CENSORED


def seen(*groups: tuple[int, float, Ending]) -> list[Observation]:
    return [Observation(seconds, ending) for count, seconds, ending in groups for _ in range(count)]


def said(observed: list[Observation], fallback_time: int) -> str:
    return advice(Basis(curve=estimate(observed), region=None), fallback_time)


def test_it_tells_what_has_arrived_and_what_waiting_would_save() -> None:
    many = seen((186, 20, D), (14, 500, D), (60, 5, F), (90, 600, C))
    assert said(many, 300) == (
        "At 5 min, 93 % of what Viber delivered within 10 min has been delivered (n = 350). "
        "Waiting to 7 min would save less than 1 SMS in 100."
    )
    assert said(many, 420).endswith("Waiting to 10 min would save about 4 SMS in 100.")


def test_too_few_deliveries_say_so_however_many_failed() -> None:
    assert said(seen((ENOUGH - 1, 5, D), (500, 5, F)), 300) == (
        "Too little is known yet: 29 Viber deliveries seen, 30 are needed."
    )
    assert said(seen((1, 5, D)), 300).startswith("Too little is known yet: 1 Viber delivery seen")
    assert said([], 300).startswith("Too little is known yet: 0 ")


def test_beyond_the_longest_wait_nothing_is_claimed() -> None:
    known = seen((40, 5, D), (5, 600, C))
    assert said(known, 900) == (
        "Nobody here ever waited longer than 10 min; what 15 min would bring is not known."
    )
    assert said(known, 600).endswith("Nobody here ever waited as long as 15 min.")


def test_at_the_longest_time_nothing_longer_is_offered() -> None:
    assert said(seen((40, 5, D), (5, 3600, C)), 3600).endswith("Viber cannot be given longer.")


def test_a_little_missing_is_never_called_all() -> None:
    assert "99 %" in said(seen((999, 5, D), (1, 550, D), (5, 600, C)), 300)


def test_a_country_speaks_for_itself_once_it_has_enough() -> None:
    known = curves({"RS": Counter(seen((ENOUGH, 5, D))), "BG": Counter(seen((ENOUGH - 1, 9, D)))})
    assert basis(known, "RS").region == "RS"
    assert basis(known, "BG").region is None
    assert basis(known, "BG").curve.n == 2 * ENOUGH - 1
    assert basis(known, None).region is None


def test_without_any_messages_there_is_a_basis_that_is_not_enough() -> None:
    assert not basis({}, "RS").enough


def test_once_all_have_arrived_longer_waits_are_known_to_bring_nothing() -> None:
    assert said(seen((40, 39, D)), 300) == (
        "At 5 min, 100 % of what Viber delivered within 39 s has been delivered (n = 40). "
        "Waiting to 7 min would save less than 1 SMS in 100."
    )
