"""The outlook: what the window says at a moment, in words an agent can act on."""

from __future__ import annotations

from datetime import timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.facts import SendFailure
from console.cascade.outcome import Tone
from console.cascade.outlook import next_moment, outlook
from console.cascade.timeline import fold
from tests.cascade.test_timeline import SENT, answered, at, began, facts, failed, queued, report

BELGRADE = timezone(timedelta(hours=1))


@given(facts, st.integers(-1_000, 10_000_000))
def test_there_is_always_something_to_say(given_facts: list[object], seconds: int) -> None:
    said = outlook(fold(given_facts), at(seconds))  # type: ignore[arg-type]
    assert said.headline
    assert said.meaning
    assert said.countdown is None or said.countdown > timedelta(0)
    assert said.countdown_fraction is None or 0 <= said.countdown_fraction <= 1


def test_the_countdown_runs_to_the_fallback_moment_in_local_time() -> None:
    said = outlook(fold(SENT), at(60.5).astimezone(BELGRADE))
    assert said.headline == "Viber is trying"
    assert said.countdown == timedelta(minutes=4)
    assert said.countdown_fraction == pytest.approx(0.2)
    assert "15:35" in said.meaning


def test_after_the_fallback_moment_without_news_it_says_what_should_have_happened() -> None:
    said = outlook(fold(SENT), at(400))
    assert said.overdue
    assert said.countdown is None
    assert "SMS should have been tried at 14:35; no confirmation yet" in said.meaning


def test_the_outlook_changes_by_itself_at_the_fallback_moment() -> None:
    assert next_moment(fold(SENT), at(10)) == fold(SENT).fallback_at
    assert next_moment(fold([*SENT, report(2, {"viber": 3000})]), at(10)) is None


def test_delivered_names_the_channel_and_both_are_said_to_be_both() -> None:
    assert outlook(fold([*SENT, report(3, {"viber": 3000})]), at(9)).headline == "Delivered by Viber"
    both = fold([*SENT, report(303, {"viber": 3056, "sms": 3000}), report(400, {"viber": 3000})])
    assert outlook(both, at(500)).headline == "The customer got both"


def test_doubt_is_called_doubt_and_never_offers_to_send_again() -> None:
    said = outlook(fold([queued(), began(), failed(SendFailure.CUT)]), at(9))
    assert said.headline == "May have been sent"
    assert said.tone is Tone.WARNING
    assert not said.may_resend


def test_what_certainly_went_nowhere_may_be_sent_again() -> None:
    assert outlook(fold([queued(), began(), failed(SendFailure.NOT_CONNECTED)]), at(9)).may_resend
    assert outlook(fold([queued(), began(), answered(3500, http=503)]), at(9)).may_resend


def test_a_refusal_that_no_repetition_cures_offers_none() -> None:
    assert not outlook(fold([queued(), began(), answered(3206, http=429)]), at(9)).may_resend


def test_a_failure_after_a_time_out_is_not_offered_again_because_viber_may_still_arrive() -> None:
    late = fold([*SENT, report(303, {"viber": 3056}), report(306, {"viber": 3056, "sms": 3041}, top=3003)])
    assert outlook(late, at(400)).headline == "Not delivered"
    assert not outlook(late, at(400)).may_resend


def test_a_planned_retry_says_when() -> None:
    said = outlook(fold([queued(), began(), answered(3204, http=429, retry=10)]), at(4))
    assert said.headline == "Trying again in 6 s"
    assert not said.may_resend
