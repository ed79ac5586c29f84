"""What Viber makes of a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.viber import Span, count_viber, parse_markup

FAMILY = "👩‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "counts"),
    [
        ("", (0, 0, 0)),
        ("Hi", (2, 2, 2)),
        ("Здраво", (6, 6, 12)),
        ("e\u0301", (1, 2, 3)),
        (FAMILY, (1, 11, 25)),
        ("🇷🇸", (1, 4, 8)),
        ("\r\n", (1, 2, 2)),
        ("नि", (1, 2, 6)),
    ],
)
def test_characters_as_people_count_them_units_and_bytes(text: str, counts: tuple[int, int, int]) -> None:
    count = count_viber(text)
    assert (count.graphemes, count.utf16, count.utf8_bytes) == counts


@pytest.mark.parametrize("letter", ["a", "ж", FAMILY])
def test_the_limit_is_a_thousand_characters_as_people_count(letter: str) -> None:
    assert count_viber(letter * 1000).over == 0
    assert count_viber(letter * 1001).over == 1


def test_more_units_than_the_limit_are_doubtful_not_over() -> None:
    assert not count_viber("😀" * 500).doubtful
    assert count_viber("😀" * 501).doubtful
    assert not count_viber("a" * 1001).doubtful, "what is over is over, not doubtful"


@given(st.text(st.characters(), max_size=300))
def test_counts_of_any_text_keep_their_order(text: str) -> None:
    count = count_viber(text)
    assert count.graphemes <= len(text) <= count.utf16 <= max(count.utf8_bytes, count.utf16)
    assert (count.graphemes == 0) == (text == "")


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("plain", (Span("plain"),)),
        ("*bold* rest", (Span("bold", bold=True), Span(" rest"))),
        ("_it_", (Span("it", italic=True),)),
        ("*_both_*", (Span("both", bold=True, italic=True),)),
        ("_*both*_", (Span("both", bold=True, italic=True),)),
        ("*a _b_*", (Span("a ", bold=True), Span("b", bold=True, italic=True))),
        ("*a*_b_", (Span("a", bold=True), Span("b", italic=True))),
        ("```mono *x*```", (Span("mono *x*", mono=True),)),
        ("a ```m``` *b*", (Span("a "), Span("m", mono=True), Span(" "), Span("b", bold=True))),
        ("2*3*4", (Span("2*3*4"),)),
        ("snake_case_name", (Span("snake_case_name"),)),
        ("* a*", (Span("* a*"),)),
        ("*a *", (Span("*a *"),)),
        ("**", (Span("**"),)),
        ("*a\nb*", (Span("*a\nb*"),)),
        ("*a _b* c_", (Span("a _b", bold=True), Span(" c_"))),
        ("", ()),
    ],
)
def test_marks_are_rendered_as_viber_does(text: str, spans: tuple[Span, ...]) -> None:
    assert parse_markup(text) == spans


@given(st.text(st.sampled_from("ab *_`\n"), max_size=60))
def test_markup_loses_nothing_but_marks(text: str) -> None:
    shown = "".join(span.text for span in parse_markup(text))
    assert [letter for letter in shown if letter not in "*_`"] == [
        letter for letter in text if letter not in "*_`"
    ]
    assert all(span.text for span in parse_markup(text))


def test_a_pasted_book_full_of_marks_is_rendered_too() -> None:
    assert parse_markup("*_" * 20_000)
    assert parse_markup("*a " * 20_000)[0] == Span("*a " * 20_000)
