"""The terms of the window in plain words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from console.cascade.glossary import glossary, look_up


def test_every_term_stands_once_with_a_sentence() -> None:
    names = [term.name for term in glossary()]
    assert len(set(names)) == len(names)
    assert names == sorted(names, key=str.casefold)
    assert all(term.meaning.endswith(".") for term in glossary())


def test_the_fields_words_are_all_explained() -> None:
    names = {term.name.casefold() for term in glossary()}
    assert names >= {
        "channel", "attempt", "fallback", "cascade", "callback", "reference id", "external id",
        "delivery status", "segment", "gsm-7", "ucs-2", "reply id", "session text", "kind",
        "may have been sent", "signature", "opted out", "unmatched",
    }  # fmt: skip


def test_a_part_of_a_word_finds_it_and_names_come_first() -> None:
    assert look_up("fallb")[0].name.startswith("Fallback")
    assert look_up("zebra stripes") == ()
    assert look_up(" ") == glossary()


@given(st.text(max_size=30))
def test_whatever_is_typed_finds_terms_or_none(query: str) -> None:
    assert set(look_up(query)) <= set(glossary())
