"""How a scenario plays out: moments, codes, and who is told when."""

from __future__ import annotations

from typing import Any

import pytest

from console.sandbox.orders import Order, read_order
from console.sandbox.plan import Answered, Change, Step, plan
from console.sandbox.scenarios import Scenario, catalogue, scenario
from tests.sandbox import requests

VIBER_ONLY: dict[str, Any] = {"channels": [{"channel": "viber", "fallback_time": 60}]}


def order(**changes: Any) -> Order:
    found = read_order(requests.body(**changes))
    assert isinstance(found, Order)
    return found


def played(scenario_id: str, **changes: Any) -> list[tuple[float, str, object]]:
    """(moment, channel, code or reply) of every step but the beginnings."""
    return [line for step in plan(order(**changes), scenario(scenario_id)) if (line := _line(step))]


def _line(step: Step) -> tuple[float, str, object] | None:
    if isinstance(step, Answered):
        return step.at, step.reply.channel, step.reply.text
    return None if step.code == 3001 else (step.at, step.channel, step.code)


@pytest.mark.parametrize(
    ("scenario_id", "expected"),
    [
        ("viber_delivered", [(2, "viber", 3000)]),
        ("viber_read", [(2, "viber", 3000), (6, "viber", 3005)]),
        ("fallback_sms", [(60, "viber", 3056), (63, "sms", 3000)]),
        ("viber_after_sms", [(60, "viber", 3056), (63, "sms", 3000), (68, "viber", 3000)]),
        ("both_fail", [(60, "viber", 3056), (63, "sms", 3042)]),
        ("no_viber", [(1, "viber", 3055), (4, "sms", 3000)]),
        ("blocked", [(1, "viber", 3046), (4, "sms", 3000)]),
        ("opted_out", [(1, "viber", 3046), (3, "sms", 3046)]),
        ("unconfirmed", [(1, "viber", 3055), (2, "sms", 3002), (6, "sms", 3004)]),
        ("read_only", [(4, "viber", 3005)]),
        ("unknown_code", [(2, "viber", 3999), (6, "viber", 3000)]),
        ("unknown_channel", [(1, "viber", 3055), (2, "hologram", 3002), (4, "sms", 3000)]),
        (
            "reply_viber",
            [(2, "viber", 3000), (6, "viber", 3005), (11, "viber", "Thank you, I will be there 👍")],
        ),
        ("stop", [(1, "viber", 3055), (4, "sms", 3000), (9, "sms", "STOP")]),
    ],
)
def test_what_happens_when(scenario_id: str, expected: list[tuple[float, str, object]]) -> None:
    assert played(scenario_id) == expected


def test_fallback_happens_exactly_at_the_fallback_time_of_the_request() -> None:
    channels = [{"channel": "viber", "fallback_time": 3600}, {"channel": "sms"}]
    assert played("fallback_sms", channels=channels)[0] == (3600, "viber", 3056)


def test_without_a_fallback_time_it_is_five_minutes() -> None:
    assert played("fallback_sms", channels=[{"channel": "viber"}, {"channel": "sms"}])[0][0] == 300


def test_viber_alone_times_out_and_nothing_follows() -> None:
    assert played("fallback_sms", **VIBER_ONLY) == [(60, "viber", 3056)]


def test_a_reply_by_a_channel_that_was_not_tried_does_not_come() -> None:
    assert played("stop", **VIBER_ONLY) == [(1, "viber", 3055)]


def test_sms_first_is_tried_first_and_viber_never() -> None:
    channels = [{"channel": "sms", "fallback_time": 60}, {"channel": "viber"}]
    assert played("fallback_sms", channels=channels) == [(3, "sms", 3000)]


def test_a_channel_stuck_at_the_gateway_hands_over_when_its_time_ends() -> None:
    channels = [{"channel": "sms", "fallback_time": 60}, {"channel": "viber"}]
    assert played("unconfirmed", channels=channels) == [
        (1, "sms", 3002),
        (5, "sms", 3004),
        (60, "sms", 3056),
        (61, "viber", 3055),
    ]


def test_a_channel_that_cannot_be_tried_hands_over_at_once() -> None:
    channels = [{"channel": "whatsapp"}, {"channel": "telex"}, {"channel": "sms"}]
    assert played("viber_read", channels=channels) == [
        (1, "whatsapp", 3200),
        (2, "telex", 3100),
        (5, "sms", 3000),
    ]


def test_the_next_channel_has_begun_when_the_failure_before_it_is_told() -> None:
    steps = plan(order(), scenario("fallback_sms"))
    at_fallback = [step for step in steps if step.at == 60]
    assert [(step.channel, step.code) for step in at_fallback if isinstance(step, Change)] == [
        ("sms", 3001),
        ("viber", 3056),
    ]


@pytest.mark.parametrize("each", catalogue(), ids=lambda each: each.id)
def test_beginnings_are_told_to_nobody(each: Scenario) -> None:
    steps = plan(order(), each)
    beginnings = [step for step in steps if isinstance(step, Change) and step.code == 3001]
    assert beginnings
    assert all(step.told == () for step in beginnings)
    assert [step.at for step in steps] == sorted(step.at for step in steps)


def told(scenario_id: str) -> list[tuple[float, int]]:
    """(moment of the callback, code) in the order of the callbacks."""
    changes = [step for step in plan(order(), scenario(scenario_id)) if isinstance(step, Change)]
    return sorted((step.at + delay, step.code) for step in changes for delay in step.told)


@pytest.mark.parametrize(
    ("scenario_id", "expected"),
    [
        ("viber_read", [(2, 3000), (6, 3005)]),
        ("no_callbacks", []),
        ("nobody_tells", []),
        ("duplicates", [(2, 3000), (2.5, 3000), (3, 3000), (6, 3005), (6.5, 3005), (7, 3005)]),
        ("out_of_order", [(6, 3005), (10, 3000)]),
        ("fallback_out_of_order", [(63, 3000), (68, 3056)]),
        ("fallback_told_once", [(63, 3000)]),
        ("late", [(3602, 3000), (3606, 3005)]),
    ],
)
def test_who_is_told_when(scenario_id: str, expected: list[tuple[float, int]]) -> None:
    assert told(scenario_id) == expected
