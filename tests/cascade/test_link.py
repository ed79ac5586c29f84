"""A link proposes a draft; whatever it holds, it stays readable and never more than a proposal."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.link import parse_link
from console.cascade.message import FALLBACK_DEFAULT, FALLBACK_MAX, FALLBACK_MIN, Draft

BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
readable = st.text(
    st.characters(categories=("L", "N", "P", "S"), max_codepoint=0x1FFFF), min_size=1, max_size=200
)


def proposed(link: str) -> Draft:
    draft = parse_link(link)
    assert draft is not None
    return draft


def test_a_link_names_recipient_texts_and_fallback_time() -> None:
    draft = proposed("cascade:?to=%2B12025550101&viber=Hi&sms=Hello&fallback=120")
    assert (draft.to, draft.viber_text, draft.sms_text, draft.sms_follows, draft.fallback_time) == (
        "+12025550101",
        "Hi",
        "Hello",
        False,
        120,
    )


@pytest.mark.parametrize("link", ["", "cascade:", "cascade:?", "cascade:?to=", "https://x/?to=1", "to=1"])
def test_what_is_no_link_of_ours_or_says_nothing_proposes_nothing(link: str) -> None:
    assert parse_link(link) is None


def test_the_scheme_is_known_in_any_case_and_with_slashes() -> None:
    assert proposed("CASCADE://compose?TO=1").to == "1"


@pytest.mark.parametrize("said", ["", "soon", "-60", "1e2", "٣٠٠", "99999", "0", str(FALLBACK_MAX + 1)])
def test_a_fallback_time_outside_the_range_is_passed_over(said: str) -> None:
    assert proposed(f"cascade:?to=1&fallback={quote(said)}").fallback_time == FALLBACK_DEFAULT


def test_nothing_a_link_says_beyond_texts_and_time_is_heard() -> None:
    asked = proposed("cascade:?to=1&viber=a&send=1&confirmed=true&external_id=x&reply_id=y&two_way=1")
    assert asked == proposed("cascade:?to=1&viber=a")


@pytest.mark.parametrize("deceiving", [*BIDI, "\0", "\x07", "\x1b", "\x9b", "\ufeff", "\u200b"])
def test_characters_that_deceive_do_not_get_in(deceiving: str) -> None:
    draft = proposed("cascade:?" + urlencode({"to": f"1{deceiving}2", "viber": f"a{deceiving}b"}))
    assert (draft.to, draft.viber_text) == ("12", "ab")


def test_a_joined_emoji_stays_whole() -> None:
    assert proposed("cascade:?viber=" + quote("👩‍🔧")).viber_text == "👩‍🔧"


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n", "\u2028", "\x0b", "\x85"])
def test_every_line_end_is_one(end: str) -> None:
    assert proposed("cascade:?viber=" + quote(f"a{end}b")).viber_text == "a\nb"


def test_a_recipient_has_one_line() -> None:
    assert proposed("cascade:?to=1%0A%0A2&viber=a").to == "1 2"


def test_a_link_too_long_or_with_too_many_fields_is_refused() -> None:
    assert parse_link("cascade:?viber=" + "a" * 20_000) is None
    assert parse_link("cascade:?to=1" + "&a=1" * 60) is None


@given(to=readable, text=readable, seconds=st.integers(FALLBACK_MIN, FALLBACK_MAX))
def test_readable_texts_arrive_as_they_were_written(to: str, text: str, seconds: int) -> None:
    told = urlencode({"to": to[:64], "viber": text, "fallback": seconds})
    draft = proposed("cascade:?" + told)
    assert (draft.to, draft.viber_text, draft.fallback_time) == (to[:64], text, seconds)


@given(
    raw=st.one_of(
        st.text(st.characters()),
        st.text(st.characters(codec="utf-8")).map(quote),
        st.text("tovibersms=&%0123456789aAeE+\u202e\x00"),
        st.binary().map(lambda raw: "viber=" + quote(raw)),
    )
)
def test_whatever_a_link_holds_its_proposal_can_be_shown(raw: str) -> None:
    draft = parse_link("cascade:?" + raw)
    if draft is None:
        return
    for text in (draft.to, draft.viber_text, draft.sms_text):
        assert not set(text) & set(BIDI)
        assert all(char == "\n" or unicodedata.category(char) not in {"Cc", "Cs"} for char in text)
    assert "\n" not in draft.to
    assert FALLBACK_MIN <= draft.fallback_time <= FALLBACK_MAX
