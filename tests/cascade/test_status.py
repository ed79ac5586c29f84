"""The catalogue of status codes: complete, plainly worded, never at a loss."""

from __future__ import annotations

import gettext
from collections.abc import Iterator
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade import words
from console.cascade.outcome import AttemptState
from console.cascade.status import CATALOGUE, Finality, Level, Place, Retry, lookup, retry_text

PLACES: tuple[Place, ...] = get_args(Place)

# Every code on Telesign's page for Messaging, those only in its OpenAPI file, and the unpublished gap.
MESSAGING = [
    *(1500, 3000, 3001, 3002, 3003, 3004, 3005, 3006, 3011, 3012),
    *range(3030, 3063), 3071, 3072, 3073,
    *range(3100, 3111), 3112, 3113, 3114, 3115, 3116,
    *(3200, 3202, 3203, 3204, 3205, 3206, 3207, 3208, 3209, 3210),
    *range(3300, 3307), 3311, *range(3400, 3414), 3500, 3601, *range(3800, 3858), -10004,
]  # fmt: skip
CLASSIC_TWINS = {
    200: 3000, 203: 3002, 207: 3003, 210: 3030, 211: 3031, 220: 3032, 221: 3033, 222: 3034, 229: 3052,
    10031: 3052, 230: 3053, 10032: 3053, 231: 3035, 233: 3072, 237: 3037, 238: 3038, 250: 3039, 251: 3004,
    290: 3001, 292: 3040, 503: 3041, 504: 3042, 505: 3043, 506: 3044, 508: 3057, 509: 3045, 510: 3046,
    511: 3047, 512: 3048, 513: 3049, 514: 3050, 515: 3051, 516: 3055, 10019: 3205, 10020: 3207, 10030: 3073,
    10033: 3071, 10035: 3058,
}  # fmt: skip
CLASSIC_ALONE = [201, 295, 500, 501, 502, 507, 517, 518, 519, 520, 521, 599, 11000]


@pytest.fixture
def _english_again() -> Iterator[None]:
    yield
    words.install(None)


@pytest.mark.parametrize("code", [*MESSAGING, *CLASSIC_TWINS, *CLASSIC_ALONE])
def test_every_published_code_is_known_with_a_meaning_and_a_next_step(code: int) -> None:
    for place in PLACES:
        entry = lookup(code, where=place)
        assert entry.code == code
        assert entry.known
        assert entry.meaning.endswith(".")
        assert entry.next_step.endswith(".")
        assert entry.retry is not Retry.UNKNOWN or 3800 <= code <= 3857


@pytest.mark.parametrize(
    ("code", "text", "finality"),
    [
        (3000, "Delivered", Finality.FINAL_UNLESS_READ),
        (3001, "Message in progress", Finality.INTERMEDIATE),
        (3002, "Delivered to Gateway", Finality.INTERMEDIATE),
        (3003, "Delivery error", Finality.FINAL),
        (3005, "Message is read", Finality.FINAL),
        (3006, "None of the channels is enabled for the customer", Finality.FINAL),
        (3030, "Temporary phone error", Finality.FINAL),
        (3041, "Carrier rejected - temporary problem", Finality.NOT_STATED),
        (3056, "Message failed to deliver in specified fallback time", Finality.INTERMEDIATE),
        (3101, "Invalid value for parameter phone_number: {phone_number}", Finality.INTERMEDIATE),
        (3110, "Invalid request", Finality.FINAL),
        (3200, "{channel} channel is not enabled for customer", Finality.INTERMEDIATE),
        (3204, "Rate limit exceeded", Finality.FINAL),
        (3500, "System Unavailable", Finality.FINAL),
    ],
)
def test_texts_and_finality_are_as_telesign_prints_them(code: int, text: str, finality: Finality) -> None:
    assert CATALOGUE[code].text == text
    assert CATALOGUE[code].finality is finality


@pytest.mark.parametrize(
    ("codes", "state"),
    [
        ([3001, 290, 291], AttemptState.TRYING),
        ([3002, 3040, 203, 292], AttemptState.AT_GATEWAY),
        ([3056], AttemptState.TIMED_OUT),
        ([3004, 3039, 250, 251], AttemptState.UNCONFIRMED),
        ([3000, 200], AttemptState.DELIVERED),
        ([3005, 201], AttemptState.READ),
        ([3003, 3030, 3046, 3055, 3112, 3114, 3200, 3306, 207, 238, 516], AttemptState.FAILED),
        ([295, 599, 3060, -10004, 1500, 987654], None),
    ],
)
def test_a_code_in_a_report_says_what_became_of_the_attempt(
    codes: list[int], state: AttemptState | None
) -> None:
    for code in codes:
        assert lookup(code, where="channel").attempt_state is state
        assert lookup(code, where="transaction").attempt_state is state


def test_a_refused_request_says_nothing_of_an_attempt_unless_a_channel_reports_it() -> None:
    assert lookup(3110, where="request").attempt_state is None
    assert lookup(3110, where="channel").attempt_state is AttemptState.FAILED


@pytest.mark.parametrize(("code", "twin"), CLASSIC_TWINS.items())
def test_a_classic_code_reads_like_its_messaging_twin(code: int, twin: int) -> None:
    classic, messaging = lookup(code, where="channel"), lookup(twin, where="channel")
    assert classic.attempt_state is messaging.attempt_state
    assert classic.retry is messaging.retry
    assert classic.next_step == messaging.next_step
    if code != 251:  # here the two pages of Telesign expect opposite things
        assert classic.meaning == messaging.meaning


@pytest.mark.parametrize(
    ("code", "one", "other"),
    [
        (3041, "channel", "query"),
        (3204, "request", "query"),
        (3206, "request", "query"),
        (3500, "request", "query"),
        (201, "transaction", "request"),
        (10031, "channel", "request"),
    ],
)
def test_the_same_number_means_something_else_in_another_place(code: int, one: Place, other: Place) -> None:
    assert lookup(code, where=one).meaning != lookup(code, where=other).meaning
    assert lookup(code, where=other).attempt_state is None


def test_a_question_without_an_answer_is_never_a_reason_to_send_again() -> None:
    for code in (3041, 3204, 3206, 3311, 3500, -10004):
        assert not lookup(code, where="query").retry.helps


def test_what_may_have_arrived_warns_of_doubling() -> None:
    for code in (3004, 3039, 3056, 250, 251, 295, 599):
        assert lookup(code, where="channel").retry is Retry.MAY_DOUBLE


def test_configuration_faults_answered_as_429_are_no_rate_limit() -> None:
    assert lookup(3203, where="request").retry is Retry.AFTER_CHANGE
    assert lookup(3206, where="request").retry is Retry.AFTER_CHANGE
    assert lookup(3204, where="request").retry is Retry.LATER
    assert lookup(3500, where="request").retry is Retry.LATER


def test_telesign_says_which_network_errors_may_be_tried_again() -> None:
    for temporary in (3041, 3043, 3054, 503, 505):
        assert lookup(temporary, where="channel").retry is Retry.LATER
    for permanent in (3042, 3044, 504, 506):
        assert lookup(permanent, where="channel").retry is Retry.NEVER


@given(code=st.integers(), place=st.sampled_from(PLACES))
def test_any_number_in_any_place_has_an_entry(code: int, place: Place) -> None:
    entry = lookup(code, where=place)
    assert entry.code == code
    assert entry.meaning
    assert entry.next_step
    if not entry.known:
        assert str(code) in entry.meaning
        assert entry.attempt_state is None
        assert entry.retry is Retry.UNKNOWN
        assert entry.finality is Finality.NOT_STATED


def test_the_words_are_for_people_not_for_programmers() -> None:
    # "API key" is what Settings calls it and what an administrator looks for.
    jargon = ("http", "payload", "parameter", "json", "gateway", "endpoint", "template specific", "invalid")
    for place in PLACES:
        for code in CATALOGUE:
            entry = lookup(code, where=place)
            for sentence in (entry.meaning, entry.next_step):
                assert not [word for word in jargon if word in sentence.lower()], (code, sentence)
                assert "_" not in sentence
                assert sentence[0].isupper()
                assert len(sentence) <= 110


def test_each_entry_belongs_somewhere() -> None:
    assert all(entry.level for entry in CATALOGUE.values())
    assert Level.CHANNEL in CATALOGUE[3055].level
    assert Level.REQUEST in CATALOGUE[3110].level
    assert CATALOGUE[-10004].level is Level.QUERY


def test_each_kind_of_retry_has_its_own_sentence() -> None:
    assert len({retry_text(retry) for retry in Retry}) == len(Retry)
    assert {retry for retry in Retry if retry.helps} == {Retry.LATER, Retry.AFTER_CHANGE}


@pytest.mark.usefixtures("_english_again")
def test_the_words_are_translated_when_they_are_looked_up() -> None:
    class Shouting(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return message.upper()

    words.install(Shouting())
    assert lookup(3000, where="channel").meaning == "THE MESSAGE HAS REACHED THE CUSTOMER'S PHONE."
    assert lookup(3000, where="channel").text == "Delivered"
    assert retry_text(Retry.NEVER).isupper()
