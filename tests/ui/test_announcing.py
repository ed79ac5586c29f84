"""What who listens is told while a cascade runs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.cascade.facts import Fact
from console.cascade.outlook import outlook
from console.cascade.timeline import fold
from console.ui.announcing_rules import Announcement, Heard, announce
from console.ui.timeline_rules import following
from tests.ui.scenes import accepted, at, began, queued, reply, report

SENT: tuple[Fact, ...] = (queued(), began(), accepted())


class Ear:
    """One listener, who hears one moment after the other."""

    def __init__(self, facts: tuple[Fact, ...] = SENT, seconds: float = 1.0) -> None:
        self.heard = Heard()
        assert self.listen(facts, seconds) == []

    def listen(self, facts: tuple[Fact, ...], seconds: float) -> list[Announcement]:
        timeline = fold(facts)
        self.heard, said = announce(self.heard, timeline, outlook(timeline, at(seconds)), following(timeline))
        return list(said)


def test_choosing_a_message_says_nothing_by_itself() -> None:
    assert Ear().listen(SENT, 1.5) == []


def test_the_time_left_is_said_at_a_few_moments_and_once_each() -> None:
    ear = Ear()
    said = [each for second in range(2, 300) for each in ear.listen(SENT, second)]
    assert [each.text for each in said] == [
        "SMS takes over in 1 min",
        "SMS takes over in 30 s",
        "SMS takes over in 10 s",
    ]
    assert not any(each.urgent for each in said)


def test_a_clock_that_jumps_over_moments_says_only_where_it_landed() -> None:
    ear = Ear()
    assert [each.text for each in ear.listen(SENT, 275)] == ["SMS takes over in 30 s"]


def test_a_clock_set_back_repeats_nothing() -> None:
    ear = Ear()
    ear.listen(SENT, 245)
    assert ear.listen(SENT, 200) == []


def test_each_new_headline_is_said_with_what_it_means_and_what_to_do() -> None:
    ear = Ear()
    delivered = (*SENT, report(40, 3000, ("viber", 3000, 40)))
    (said,) = ear.listen(delivered, 41)
    assert said.text.startswith("Delivered by Viber")
    assert not said.urgent
    assert ear.listen(delivered, 42) == []


def test_what_went_wrong_may_interrupt() -> None:
    ear = Ear()
    failed = (*SENT, report(9, 3003, ("viber", 3055, 2.5), ("sms", 3031, 8.8)))
    (said,) = ear.listen(failed, 20)
    assert said.text.startswith("Not delivered")
    assert said.urgent


def test_an_answer_is_read_out_without_line_breaks_and_not_without_end() -> None:
    ear = Ear()
    (said,) = ear.listen((*SENT, reply(50, "Yes\nplease " + "x" * 5000)), 51)
    assert said.text.startswith("The customer answered by Viber: Yes please")
    assert len(said.text) < 300


def test_another_message_starts_anew() -> None:
    ear = Ear()
    ear.heard = Heard("another", "Delivered by Viber", 10, frozenset())
    assert ear.listen(SENT, 2) == []


@pytest.mark.parametrize("seconds", [301, 400, timedelta(days=1).total_seconds()])
def test_a_passed_fallback_moment_is_said_once(seconds: float) -> None:
    ear = Ear()
    assert len(ear.listen(SENT, seconds)) == 1
    assert ear.listen(SENT, seconds) == []
