"""Whatever a customer writes stays text in its bubble: short, plain, and unable to turn ours around."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QListView

from console.cascade.conversation import spoken_by_customer
from console.ui.conversation import Conversation, ConversationModel
from console.ui.replies_rules import LETTERS, LINES, bubbles
from tests.ui.scenes import at, reply

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
HOSTILE = {
    "html": "<h1>Big</h1><img src='http://example.com/x.png'><a href='file:///etc/passwd'>here</a>",
    "entities": "&lt;b&gt; &amp;amp; &#x202e;",
    "bidi": "pay \u202egpj.exe\u202c now \u2066x\u2069",
    "lines": "line\n" * 10_000,
    "separators": "a\u2028b\u2029c\r\nd\re" * 100,
    "nul": "before\0after",
    "word": "x" * 200_000,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈" * 3_000,
    "marks": "e" + "\u0301" * 5_000,
    "surrogate": "half \ud800 a pair",
}


@pytest.fixture
def view(app: QApplication) -> Iterator[tuple[Conversation, ConversationModel]]:
    model = ConversationModel()
    made = Conversation(model)
    made.resize(480, 600)
    made.show()
    yield made, model
    made.close()


def painted(view: QListView) -> bytes:
    picture = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return bytes(picture.constBits())


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_bubble_shows_hostile_words_as_short_plain_text(
    view: tuple[Conversation, ConversationModel], text: str
) -> None:
    (bubble,) = bubbles([spoken_by_customer(reply(5, text), "m1")], at(60).astimezone())
    assert len(bubble.text) <= LETTERS + 1
    assert bubble.text.count("\n") < LINES
    assert not set(bubble.text) & set(BIDI + "\0\r\u2028\u2029")
    assert bubble.whole == text, "what is copied is what came"
    shown, model = view
    model.show_bubbles([bubble])
    assert 0 < shown.content_height() < 600
    assert shown.horizontalScrollBar().maximum() == 0
    assert painted(shown)


def test_markup_is_painted_letter_by_letter(view: tuple[Conversation, ConversationModel]) -> None:
    shown, model = view
    pictures = []
    for text in ("<b>now</b>", "now"):
        model.show_bubbles(bubbles([spoken_by_customer(reply(5, text), "m1")], at(60).astimezone()))
        pictures.append(painted(shown))
    assert pictures[0] != pictures[1]
    assert str(model.index(0, 0).data()).endswith("now")


@given(st.text(max_size=2_000))
def test_no_text_leaves_its_bubble(text: str) -> None:
    for bubble in bubbles([spoken_by_customer(reply(5, text), "m1")], at(60).astimezone()):
        assert len(bubble.text) <= LETTERS + 1
        assert bubble.text.count("\n") < LINES
        assert not set(bubble.text) & set(BIDI + "\0\r")
        # One pair of marks may hold our own quotation of it together, never an open one.
        assert bubble.spoken.count("\u2068") == bubble.spoken.count("\u2069")
