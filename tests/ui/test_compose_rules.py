"""The rules of the compose pane, without a window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.message import Draft, DraftField, check
from console.cascade.sms import count_sms
from console.cascade.viber import count_viber
from console.ui.compose_rules import (
    Note,
    Run,
    Suggestion,
    Typed,
    after_send,
    encoding_sentence,
    note_for,
    offender_runs,
    retype,
    reusable,
    right_to_left,
    send_reason,
    sms_counter,
    suggestions,
    uses_advanced,
    uses_two_way,
    viber_counter,
    viber_counter_detail,
)


def test_a_number_typed_at_the_end_is_spaced_and_the_caret_stays_at_the_end() -> None:
    assert retype("+12025550143", 12, None) == Typed("+1 202-555-0143", 15)


def test_the_caret_stays_behind_the_digit_it_was_behind() -> None:
    text = "+1202555014"
    typed = retype(text, 5, None)
    assert typed.text[: typed.caret].replace(" ", "").replace("-", "") == text[:5]


def test_a_separator_that_is_deleted_comes_back_and_lets_the_caret_pass() -> None:
    typed = retype("+1 202555-0143", 6, None)
    assert typed == Typed("+1 202-555-0143", 6)


@pytest.mark.parametrize("text", ["", "call me", "+1 555 CALL", "12 34 x 5", "+++"])
def test_what_is_no_number_stays_as_typed(text: str) -> None:
    assert retype(text, len(text), "US") == Typed(text, len(text))


@pytest.mark.parametrize("text", ["tel:+1-202-555-0143", "\u202a+1 (202) 555-0143\u202c", "+١٢٠٢٥٥٥٠١٤٣"])
def test_anything_sane_can_be_pasted(text: str) -> None:
    assert retype(text, len(text), None).text == "+1 202-555-0143"


@given(st.text(max_size=30), st.integers(0, 30), st.sampled_from([None, "US", "RS", "ZZ"]))
def test_the_caret_is_always_inside_the_text(text: str, caret: int, region: str | None) -> None:
    typed = retype(text, min(caret, len(text)), region)
    assert 0 <= typed.caret <= len(typed.text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", False),
        ("123 !?", False),
        ("Hello שלום", False),
        ("שלום Hello", True),
        ("12:30 – مرحبا", True),
        ("\u200f abc", True),
        ("🎉 abc", False),
    ],
)
def test_the_first_strong_letter_sets_the_direction(text: str, expected: bool) -> None:
    assert right_to_left(text) is expected


def test_the_first_error_is_the_reason_and_no_error_is_no_reason() -> None:
    empty = check(Draft(), default_region=None)
    assert send_reason(empty) == empty.errors[0].text
    ready = check(Draft(to="+12025550143", viber_text="Hi"), default_region=None)
    assert send_reason(ready) == ""


def test_an_unusual_number_is_a_warning_under_its_field_and_no_reason_against_sending() -> None:
    checked = check(Draft(to="+15558675309", viber_text="Hi"), default_region=None)
    assert note_for(checked, DraftField.TO).tone == "warning"
    assert send_reason(checked) == ""


def test_a_field_without_problems_has_an_empty_note() -> None:
    checked = check(Draft(to="+12025550143", viber_text="Hi"), default_region=None)
    assert note_for(checked, DraftField.VIBER_TEXT) == Note()


def test_counters_say_what_people_and_computers_count() -> None:
    family = "👨‍👩‍👧"
    assert viber_counter(count_viber(family)) == "1/1000"
    assert viber_counter_detail(count_viber(family)) == "1 character · 8 UTF-16 units · 18 bytes"
    assert sms_counter(count_sms("x" * 142)) == "GSM-7 · 142/160 · 1 segment"
    assert sms_counter(count_sms("x" * 200)) == "GSM-7 · 200/306 · 2 segments"


def test_runs_count_as_qt_does_and_join_neighbours_of_one_kind() -> None:
    assert offender_runs(count_sms("a🎉🎉b’–c")) == [
        Run(1, 4, replaceable=False),
        Run(6, 2, replaceable=True),
    ]
    assert offender_runs(count_sms("plain")) == []


def test_suggestions_name_each_character_once_and_invisible_ones_in_words() -> None:
    assert suggestions(count_sms("a’b’c–")) == [Suggestion("’", "'", 2), Suggestion("–", "-", 1)]
    assert suggestions(count_sms("Привет")) == []
    assert [one.label for one in suggestions(count_sms("a\u00a0b"))] == ["no-break space → space"]


def test_the_costly_encoding_is_explained_and_the_cheap_one_is_not() -> None:
    assert encoding_sentence(count_sms("plain")) == ""
    assert encoding_sentence(count_sms("’")).startswith("1 character is")
    assert encoding_sentence(count_sms("’’")).startswith("2 characters are")


FULL = Draft(
    to="+12025550143",
    viber_text="Hi",
    sms_text="Hello",
    sms_follows=False,
    fallback_time=600,
    two_way=True,
    reply_id="T1",
    session=True,
    sender_id="shop",
    external_id="mine",
    callback_url="https://example.com/x",
    originating_ip="203.0.113.7",
    answers="m1",
)


def test_after_sending_what_belongs_to_the_message_goes_and_settings_stay() -> None:
    left = after_send(FULL, FULL)
    assert left == Draft(fallback_time=600, sender_id="shop", callback_url="https://example.com/x")


def test_sms_off_stays_off_after_sending() -> None:
    draft = Draft(to="+12025550143", viber_text="Hi", sms_enabled=False)
    assert after_send(draft, draft).sms_enabled is False


def test_what_was_typed_while_the_message_was_being_taken_stays() -> None:
    sent = Draft(to="+12025550143", viber_text="Hi")
    standing = Draft(to="+12025550143", viber_text="Hi Ana")
    left = after_send(standing, sent)
    assert left.viber_text == "Hi Ana"
    assert left.to == ""  # so it cannot be sent to anybody by accident


def test_a_message_used_again_leaves_out_what_must_be_unique() -> None:
    again = reusable(FULL)
    assert (again.external_id, again.answers) == ("", None)
    assert (again.to, again.viber_text, again.reply_id) == (FULL.to, FULL.viber_text, FULL.reply_id)


def test_parts_in_use_are_never_folded_away() -> None:
    assert not uses_advanced(Draft())
    assert uses_advanced(Draft(sender_id="shop"))
    assert not uses_two_way(Draft())
    assert uses_two_way(Draft(reply_id="T1"))
