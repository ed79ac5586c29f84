"""STOP and START, however they are written; and ordinary sentences, which are neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.optout import Wish, bare, wish

WORDS = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"]
NOISE = st.text(alphabet=" \t\n\r.,!?-*_\"'“”()[]\u200b\u202e\u2066\0🛑", max_size=6)


@given(st.sampled_from(WORDS), st.data())
def test_the_usual_words_count_in_any_case_spacing_and_punctuation(word: str, data: st.DataObject) -> None:
    written = "".join(data.draw(st.sampled_from((sign.lower(), sign.upper()))) for sign in word)
    assert wish(data.draw(NOISE) + written + data.draw(NOISE)) is Wish.STOP


@pytest.mark.parametrize(
    "text",
    ["СТОП", "стоп!", "Стоп все", "Одјава", "odjavi me", "ΔΙΑΚΟΠΉ", "διακοπη", "отпиши ме", "Відписатися",
     "Stop all", "s t o p", "ＳＴＯＰ", "Arrêt", "ARRET", "توقف"],
)  # fmt: skip
def test_other_languages_and_spellings_stop_too(text: str) -> None:
    assert wish(text) is Wish.STOP


@pytest.mark.parametrize("text", ["start", " UNSTOP. ", "Unstop!", "старт", "Subscribe"])
def test_start_takes_it_back(text: str) -> None:
    assert wish(text) is Wish.START


@pytest.mark.parametrize(
    "text",
    ["", " ", "\0", "Please stop by tomorrow", "Don't stop", "The end of the street", "stop2", "STOPPED",
     "Can I cancel my order?", "<b>stop</b> it", "starting", "stop " * 5000, "a" * 100_000],
)  # fmt: skip
def test_a_sentence_is_no_wish(text: str) -> None:
    assert wish(text) is None


def test_what_telesign_read_outranks_the_text() -> None:
    assert wish("hello", "stop") is Wish.STOP
    assert wish("stop", "START") is Wish.START
    assert wish("stop", "generic") is Wish.STOP
    assert wish("hello", "help") is None


@given(st.text(max_size=120), st.none() | st.text(max_size=20))
def test_any_text_gives_an_answer_and_layout_does_not_change_it(text: str, action: str | None) -> None:
    assert wish(f"  {text}\n", action) is wish(text, action)


@given(st.text(max_size=60))
def test_bare_is_stable(text: str) -> None:
    assert bare(bare(text)) == bare(text)
