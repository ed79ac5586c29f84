"""How a text travels as SMS, against an oracle written from the standard."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from console.cascade.sms import Offender, count_sms, simplify

# 3GPP TS 23.038, 6.2.1, row by row of the table; 0x1B is the escape.
DEFAULT = (
    "@£$¥èéùìòÇ\nØø\rÅå"
    "Δ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ"
    " !\"#¤%&'()*+,-./"
    "0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNO"
    "PQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmno"
    "pqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"
GSM = DEFAULT.replace("\x1b", "") + EXTENSION

# A lone surrogate cannot be sent and is refused elsewhere; counting must survive it all the same.
ANY_TEXT = st.text(st.characters(), max_size=500)
GSM_TEXT = st.text(st.sampled_from(GSM), max_size=500)


def septets(text: str) -> int:
    return sum(2 if letter in EXTENSION else 1 for letter in text)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize("letter", DEFAULT.replace("\x1b", ""))
def test_the_default_alphabet_costs_one(letter: str) -> None:
    assert (count_sms(letter).encoding, count_sms(letter).used) == ("GSM-7", 1)


@pytest.mark.parametrize("letter", EXTENSION)
def test_the_extension_table_costs_two(letter: str) -> None:
    assert (count_sms(letter).encoding, count_sms(letter).used) == ("GSM-7", 2)


@pytest.mark.parametrize("letter", ["`", "ç", "č", "\x1b", "\t", "\0", "’", "а", "Ё", "😀", "α", "\u00a0"])
def test_any_other_character_forces_ucs2(letter: str) -> None:
    assert count_sms(f"a{letter}").encoding == "UCS-2"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", (0, 160, 1)),
        ("a" * 142, (142, 160, 1)),
        ("a" * 160, (160, 160, 1)),
        ("a" * 161, (161, 306, 2)),
        ("a" * 200, (200, 306, 2)),
        ("a" * 306, (306, 306, 2)),
        ("a" * 307, (307, 459, 3)),
        ("€" * 80, (160, 160, 1)),
        ("€" * 81, (162, 306, 2)),
        ("ж" * 70, (70, 70, 1)),
        ("ж" * 71, (71, 134, 2)),
        ("ж" * 134, (134, 134, 2)),
        ("ж" * 135, (135, 201, 3)),
        ("😀" * 35, (70, 70, 1)),
        ("😀" * 36, (72, 134, 2)),
    ],
)
def test_used_limit_and_segments_as_shown(text: str, shown: tuple[int, int, int]) -> None:
    count = count_sms(text)
    assert (count.used, count.limit, len(count.segments)) == shown


def test_an_escape_pair_is_not_divided_between_segments() -> None:
    count = count_sms("a" * 152 + "€" + "b" * 20)
    assert [len(segment) for segment in count.segments] == [152, 21]
    assert count.segments[1].startswith("€")


def test_a_pair_left_whole_can_cost_a_further_segment() -> None:
    # 306 septets, but neither segment can be filled to its last septet.
    count = count_sms("€" * 153)
    assert count.used == 306
    assert len(count.segments) == 3
    assert count.limit == 459


def test_a_surrogate_pair_is_not_divided_between_segments() -> None:
    count = count_sms("ж" * 66 + "😀" + "ж" * 10)
    assert [len(segment) for segment in count.segments] == [66, 11]
    assert count.segments[1].startswith("😀")


@given(ANY_TEXT | GSM_TEXT)
def test_joined_segments_are_the_text_and_none_is_overfull(text: str) -> None:
    count = count_sms(text)
    assert "".join(count.segments) == text
    cost, single, part = (septets, 160, 153) if count.encoding == "GSM-7" else (units, 70, 67)
    assert count.used == cost(text) <= count.limit
    if len(count.segments) == 1:
        assert count.limit == single
    else:
        assert count.used > single
        assert count.limit == part * len(count.segments)
        assert all(0 < cost(segment) <= part for segment in count.segments)
        for segment, following in zip(count.segments, count.segments[1:], strict=False):
            assert cost(segment) + cost(following[0]) > part, "a segment ends only where it is full"


@given(ANY_TEXT)
def test_offenders_are_every_character_outside_gsm_with_both_its_places(text: str) -> None:
    count = count_sms(text)
    assert [(one.index, one.character) for one in count.offenders] == [
        (index, letter) for index, letter in enumerate(text) if letter not in GSM
    ]
    assert all(one.utf16_index == units(text[: one.index]) for one in count.offenders)
    assert (count.encoding == "UCS-2") == bool(count.offenders)


@given(ANY_TEXT)
def test_taking_every_suggestion_is_what_simplify_does(text: str) -> None:
    rewritten = list(text)
    for one in count_sms(text).offenders:
        if one.suggestion is not None:
            rewritten[one.index] = one.suggestion
    assert simplify(text) == "".join(rewritten)
    assert simplify(simplify(text)) == simplify(text)


@given(GSM_TEXT)
def test_a_gsm_text_is_never_changed(text: str) -> None:
    assert simplify(text) == text


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("It’s “here” – now…", 'It\'s "here" - now...'),
        ("‚a‘ „b“ «c» ‹d›", "'a' \"b\" \"c\" 'd'"),
        ("1\u00a0000\u202fRSD—ok", "1 000 RSD-ok"),
        ("ещё Ёлка", "еще Елка"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("está aquí", "està aquì"),
        ("ΚΑΛΗΜΕΡΑ", "KAΛHMEPA"),
    ],
)
def test_look_alikes_are_suggested(typed: str, plain: str) -> None:
    assert simplify(typed) == plain


def test_letters_without_a_look_alike_are_left_to_the_writer() -> None:
    assert simplify("šđčćž ąęł 😀 日") == "šđčćž ąęł 😀 日"
    assert count_sms("š").offenders == (Offender(0, 0, "š", None),)


def test_an_offender_behind_an_emoji_is_found_where_qt_counts() -> None:
    (emoji, quote) = count_sms("a😀’").offenders
    assert (emoji.index, emoji.utf16_index) == (1, 1)
    assert (quote.index, quote.utf16_index, quote.suggestion) == (2, 3, "'")


@example("€")
@given(st.text(st.characters(), min_size=1, max_size=40))
def test_offers_help_only_where_there_is_something_to_help_with(text: str) -> None:
    assert (simplify(text) == text) == all(one.suggestion is None for one in count_sms(text).offenders)
