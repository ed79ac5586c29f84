"""The fold: one truth from facts in any order, however often each is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.facts import (
    Answered,
    ChannelReport,
    Decided,
    Decision,
    Fact,
    Queued,
    Replied,
    Reported,
    SendBegan,
    SendFailed,
    SendFailure,
    Source,
    StatusUnavailable,
    Verification,
)
from console.cascade.outcome import (
    AttemptState,
    CascadeOutcome,
    EventKind,
    MessageState,
    Timeline,
)
from console.cascade.reports import RANK
from console.cascade.timeline import fold

START = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
REF = "35C8B5D509BC10689196FED2AD551B8A"
VIBER_TRYING = {"viber": 3001}


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def queued(**changes: object) -> Queued:
    values: dict[str, object] = {
        "fact_id": "queued:m1",
        "at": START,
        "message_id": "m1",
        "external_id": "cascade-m1",
        "to": "15558675309",
        "viber_text": "Hello",
        "sms_text": "Hello",
        "fallback_time": 300,
    }
    return Queued(**{**values, **changes})  # type: ignore[arg-type]


def began(attempt: int = 1, seconds: float = 0.1) -> SendBegan:
    return SendBegan(fact_id=f"began:{attempt}", at=at(seconds), attempt=attempt)


def answered(
    code: int = 3001, attempt: int = 1, seconds: float = 0.5, http: int = 200, retry: float | None = None
) -> Answered:
    return Answered(
        fact_id=f"answered:{attempt}",
        at=at(seconds),
        attempt=attempt,
        http_status=http,
        code=code,
        description="",
        reference_id=REF if code == 3001 else None,
        retry_at=None if retry is None else at(retry),
    )


def failed(failure: SendFailure, attempt: int = 1, seconds: float = 0.5) -> SendFailed:
    return SendFailed(fact_id=f"failed:{attempt}", at=at(seconds), attempt=attempt, failure=failure)


def report(
    seconds: float,
    channels: dict[str, int | None] | None = None,
    *,
    top: int | None = None,
    last: str | None = None,
    verification: Verification = Verification.DESK,
    external_id: str | None = "cascade-m1",
    fact_id: str = "",
    told: datetime | None = None,
) -> Reported:
    lines = tuple(
        ChannelReport(
            channel=channel, code=code, description="", reference_id=None, updated_on=told or at(seconds)
        )
        for channel, code in (channels or {}).items()
    )
    return Reported(
        fact_id=fact_id or f"report:{seconds}:{channels}:{top}:{last}:{verification}",
        at=at(seconds),
        source=Source.CALLBACK,
        verification=verification,
        reference_id=REF,
        external_id=external_id,
        code=top,
        description="",
        last_channel=last,
        updated_on=told or at(seconds),
        channels=lines,
    )


SENT: tuple[Fact, ...] = (queued(), began(), answered())


def states(timeline: Timeline) -> dict[str, AttemptState]:
    return {attempt.channel: attempt.state for attempt in timeline.attempts}


# -- properties ------------------------------------------------------------------------------------

CODES = st.sampled_from(
    [None, 3000, 3001, 3002, 3003, 3004, 3005, 3006, 3039, 3042, 3055, 3056, 3112, 3202, 3999]
)
CHANNELS = st.sampled_from(["viber", "sms", "rcs", "VIBER", "hologram", ""])
SECONDS = st.integers(-10, 100_000)
PROOFS = st.sampled_from(list(Verification))

reports = st.builds(
    lambda seconds, channels, top, last, proof, told: report(
        seconds, channels, top=top, last=last, verification=proof, told=told
    ),
    SECONDS,
    st.dictionaries(CHANNELS, CODES, max_size=3),
    CODES,
    st.none() | CHANNELS,
    PROOFS,
    st.none() | st.datetimes(timezones=st.just(UTC)),
)
replies = st.builds(
    lambda seconds, text, proof: Replied(
        fact_id=f"reply:{seconds}:{text}:{proof}",
        at=at(seconds),
        source=Source.CALLBACK,
        verification=proof,
        channel="viber",
        phone_number="15558675309",
        text=text,
    ),
    SECONDS,
    st.text(max_size=10),
    PROOFS,
)
own = st.one_of(
    st.builds(began, st.integers(1, 3), SECONDS),
    st.builds(
        answered,
        st.sampled_from([3001, 3204, 3206, 3500, 3110]),
        st.integers(1, 3),
        SECONDS,
        st.sampled_from([200, 400, 429]),
        st.none() | st.integers(0, 100),
    ),
    st.builds(failed, st.sampled_from(list(SendFailure)), st.integers(1, 3), SECONDS),
    st.builds(
        lambda seconds, decision: Decided(fact_id=f"decided:{seconds}", at=at(seconds), decision=decision),
        SECONDS,
        st.sampled_from(list(Decision)),
    ),
    st.builds(
        lambda seconds, final: StatusUnavailable(
            fact_id=f"asked:{seconds}",
            at=at(seconds),
            http_status=404,
            code=-10004,
            description="",
            final=final,
        ),
        SECONDS,
        st.booleans(),
    ),
)
facts = st.lists(st.one_of(reports, replies, own, st.just(queued()), st.just(answered())), max_size=8)


@given(facts, st.data())
def test_any_order_and_any_repetition_gives_the_same_timeline(
    given_facts: list[Fact], data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(given_facts))
    again = data.draw(st.lists(st.sampled_from(given_facts), max_size=5)) if given_facts else []
    assert fold([*shuffled, *again]) == fold(given_facts)


@given(facts)
def test_without_words_all_else_is_the_same(given_facts: list[Fact]) -> None:
    assert fold(given_facts, worded=False) == replace(fold(given_facts), events=())


@given(facts)
def test_any_facts_at_all_give_a_timeline(given_facts: list[Fact]) -> None:
    timeline = fold(given_facts)
    assert timeline.outcome in CascadeOutcome
    known = {fact.fact_id for fact in given_facts}
    assert {event.fact_id for event in timeline.events} <= known


@given(facts, facts)
def test_what_was_delivered_or_read_never_goes_back(first: list[Fact], later: list[Fact]) -> None:
    order = [CascadeOutcome.DELIVERED, CascadeOutcome.READ]
    before, after = fold(first), fold([*first, *later])
    if before.outcome in order:
        assert after.outcome in order[order.index(before.outcome) :]
        assert set(before.made_by) <= set(after.made_by)


@given(facts)
def test_a_channel_that_delivered_stays_delivered_whatever_else_is_said(given_facts: list[Fact]) -> None:
    timeline = fold([*SENT, report(50, {"viber": 3000}), *given_facts])
    assert RANK[states(timeline)["viber"]] >= RANK[AttemptState.DELIVERED]


@given(st.lists(reports, max_size=4))
def test_what_is_not_proven_changes_nothing_but_is_shown(heard: list[Reported]) -> None:
    forged = [report(60 + n, {"viber": 3000}, verification=Verification.FAILED) for n in range(2)]
    honest = [r for r in heard if r.verification is not Verification.FAILED]
    plain, with_forged = fold([*SENT, *honest]), fold([*SENT, *honest, *forged])
    assert with_forged.outcome == plain.outcome
    assert with_forged.attempts == plain.attempts
    assert sum(event.kind is EventKind.REJECTED for event in with_forged.events) == len(forged)


# -- the cascade -------------------------------------------------------------------------------------


def test_telesigns_own_example_is_viber_timed_out_and_sms_delivered() -> None:
    from console.telesign.callbacks import callback_fact

    body = (Path(__file__).parent.parent / "telesign" / "vectors" / "delivery_fallback_sms.json").read_bytes()
    assert json.loads(body)["external_id"] == "null"
    heard = callback_fact(body, received_at=at(400), source=Source.CALLBACK, verification=Verification.DESK)
    assert heard is not None
    timeline = fold([*SENT, heard])
    assert timeline.outcome is CascadeOutcome.DELIVERED
    assert timeline.made_by == ("sms",)
    assert states(timeline) == {"viber": AttemptState.TIMED_OUT, "sms": AttemptState.DELIVERED}
    assert timeline.settled
    # Its times are of 2020, before our request: they are not believed.
    assert all(event.at_is_receipt for event in timeline.events if event.kind is EventKind.CHANNEL)


def test_before_any_report_the_first_channel_tries_until_the_fallback_moment() -> None:
    timeline = fold(SENT)
    assert timeline.state is MessageState.ACCEPTED
    assert timeline.outcome is CascadeOutcome.WAITING
    assert states(timeline) == {"viber": AttemptState.TRYING, "sms": AttemptState.WAITING}
    assert timeline.fallback_at == at(300.5)


def test_in_the_sandbox_provider_time_runs_faster() -> None:
    timeline = fold([queued(time_scale=10.0), began(), answered()])
    assert timeline.fallback_at == at(30.5)


@pytest.mark.parametrize("code", [3055, 3046, 3112, 3200, 3101])
def test_a_failure_of_viber_starts_sms(code: int) -> None:
    timeline = fold([*SENT, report(2, {"viber": code})])
    assert states(timeline) == {"viber": AttemptState.FAILED, "sms": AttemptState.TRYING}
    assert timeline.outcome is CascadeOutcome.WAITING


def test_sms_is_not_needed_once_viber_delivered() -> None:
    timeline = fold([*SENT, report(3, {"viber": 3000}, top=3000, last="viber")])
    assert states(timeline) == {"viber": AttemptState.DELIVERED, "sms": AttemptState.SKIPPED}


def test_viber_arriving_after_sms_means_the_customer_got_both() -> None:
    timeline = fold([*SENT, report(303, {"viber": 3056, "sms": 3000}), report(400, {"viber": 3000})])
    assert timeline.made_by == ("sms", "viber")
    assert states(timeline) == {"viber": AttemptState.DELIVERED, "sms": AttemptState.DELIVERED}


@pytest.mark.parametrize(
    "heard", [report(9, {"viber": 3005}), report(9, top=3005, last="viber"), report(9, {"viber": 201})]
)
def test_read_is_read_wherever_it_is_said(heard: Reported) -> None:
    assert fold([*SENT, heard]).outcome is CascadeOutcome.READ


def test_delivered_told_after_read_is_late_and_changes_nothing() -> None:
    timeline = fold([*SENT, report(6, {"viber": 3005}), report(9, {"viber": 3000}, told=at(2))])
    assert timeline.outcome is CascadeOutcome.READ
    assert [event.late for event in timeline.events if event.code == 3000] == [True]


def test_both_failing_is_the_end() -> None:
    timeline = fold(
        [*SENT, report(303, {"viber": 3056}), report(306, {"viber": 3056, "sms": 3042}, top=3003)]
    )
    assert timeline.outcome is CascadeOutcome.FAILED
    assert timeline.settled
    assert timeline.code == 3042


def test_no_channel_enabled_is_the_end_without_an_attempt() -> None:
    assert fold([*SENT, report(1, top=3006)]).outcome is CascadeOutcome.FAILED


def test_without_fallback_on_the_account_sms_is_never_tried() -> None:
    timeline = fold([*SENT, report(1, {"viber": 3202})])
    assert states(timeline)["sms"] is AttemptState.SKIPPED


def test_a_final_unknown_is_undecided_not_failed() -> None:
    timeline = fold([*SENT, report(2, {"viber": 3055}), report(9, {"viber": 3055, "sms": 3004})])
    assert timeline.outcome is CascadeOutcome.UNDECIDED
    assert states(timeline)["sms"] is AttemptState.UNCONFIRMED


def test_a_code_nobody_knows_is_shown_as_its_number_and_decides_nothing() -> None:
    timeline = fold([*SENT, report(2, {"viber": 3999})])
    assert timeline.outcome is CascadeOutcome.WAITING
    assert any("3999" in event.title for event in timeline.events)


def test_a_channel_nobody_asked_for_gets_a_lane() -> None:
    assert "hologram" in states(fold([*SENT, report(2, {"hologram": 3002})]))


def test_the_same_report_heard_three_times_is_one_event() -> None:
    heard = [report(s, {"viber": 3000}, fact_id="same", told=at(2)) for s in (3, 4, 5)]
    assert fold([*SENT, *heard]).events == fold([*SENT, heard[0]]).events


# -- the POST ------------------------------------------------------------------------------------------


def test_queued_and_sending_wait() -> None:
    assert fold([queued()]).state is MessageState.QUEUED
    assert fold([queued(), began()]).state is MessageState.SENDING
    assert fold([queued(), began()]).outcome is CascadeOutcome.WAITING


@pytest.mark.parametrize(
    "failure", [SendFailure.NO_ANSWER, SendFailure.CUT, SendFailure.UNREADABLE, SendFailure.INTERRUPTED]
)
def test_a_post_without_an_answer_is_unconfirmed_and_a_report_settles_it(failure: SendFailure) -> None:
    doubt = (queued(), began(), failed(failure))
    assert fold(doubt).state is MessageState.UNCONFIRMED
    assert fold(doubt).outcome is CascadeOutcome.UNDECIDED
    settled = fold([*doubt, report(5, {"viber": 3000})])
    assert settled.state is MessageState.ACCEPTED
    assert settled.outcome is CascadeOutcome.DELIVERED
    assert settled.reference_id == REF


@pytest.mark.parametrize("failure", [SendFailure.NOT_CONNECTED, SendFailure.WITHDRAWN])
def test_what_never_left_is_not_sent(failure: SendFailure) -> None:
    timeline = fold([queued(), began(), failed(failure)])
    assert timeline.state is MessageState.NOT_SENT
    assert timeline.outcome is CascadeOutcome.FAILED


@pytest.mark.parametrize("code", [3203, 3206, 3110, 3400])
def test_any_other_code_is_a_refusal_even_with_a_retry_time(code: int) -> None:
    timeline = fold([queued(), began(), answered(code, http=429, retry=10)])
    assert timeline.state is MessageState.REFUSED
    assert timeline.retry_at is None
    assert timeline.settled


def test_a_rate_limit_shows_when_it_is_sent_again_and_waits() -> None:
    timeline = fold([queued(), began(), answered(3204, http=429, retry=10)])
    assert timeline.retry_at == at(10)
    assert timeline.outcome is CascadeOutcome.WAITING
    assert not timeline.settled
    assert EventKind.RETRY_PLANNED in {event.kind for event in timeline.events}


def test_the_agents_word_counts_until_telesign_speaks() -> None:
    doubt = (queued(), began(), failed(SendFailure.NO_ANSWER))
    said = Decided(fact_id="d", at=at(9), decision=Decision.TREAT_AS_NOT_SENT)
    assert fold([*doubt, said]).state is MessageState.NOT_SENT
    assert fold([*doubt, said, report(20, {"viber": 3000})]).state is MessageState.ACCEPTED


def test_when_telesign_no_longer_knows_the_outcome_is_undecided() -> None:
    expired = StatusUnavailable(
        fact_id="x", at=at(50_000), http_status=404, code=-10004, description="", final=True
    )
    assert fold([*SENT, expired]).outcome is CascadeOutcome.UNDECIDED
    assert fold([*SENT, expired, report(3, {"viber": 3000})]).outcome is CascadeOutcome.DELIVERED


def test_reports_without_a_message_of_ours_still_make_a_timeline() -> None:
    timeline = fold([report(3, {"viber": 3056, "sms": 3000}, external_id=None)])
    assert timeline.message_id is None
    assert timeline.made_by == ("sms",)


@pytest.mark.parametrize("ahead", [0.001, 0.999])
def test_sms_that_began_within_the_second_viber_was_given_up_in_is_told_after_it(ahead: float) -> None:
    facts = (*SENT, report(300.999, {"viber": 3112}), report(310, {"sms": 3001}, told=at(300.999 - ahead)))
    told = [event.channel for event in fold(facts).events if event.kind is EventKind.CHANNEL]
    assert told == ["viber", "sms"]


def test_sms_that_began_more_than_a_second_before_viber_was_given_up_is_told_first() -> None:
    facts = (*SENT, report(302, {"viber": 3112}), report(310, {"sms": 3001}, told=at(300.5)))
    told = [event.channel for event in fold(facts).events if event.kind is EventKind.CHANNEL]
    assert told == ["sms", "viber"]


def test_replies_are_in_order_and_unproven_ones_are_not_among_them() -> None:
    def reply(seconds: float, text: str, proof: Verification = Verification.DESK) -> Replied:
        return Replied(
            fact_id=text, at=at(seconds), source=Source.CALLBACK, verification=proof, channel="viber",
            phone_number="15558675309", text=text,
        )  # fmt: skip

    timeline = fold([*SENT, reply(9, "two"), reply(5, "one"), reply(7, "forged", Verification.FAILED)])
    assert [each.text for each in timeline.replies] == ["one", "two"]
