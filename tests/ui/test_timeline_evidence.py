"""Raw callbacks made readable: nothing believed, nothing changed, nothing hidden."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton

from console.cascade.facts import Source, Verification
from console.cascade.outcome import Event, EventKind
from console.ui.evidence import Evidence, EvidenceDialog
from console.ui.evidence_rules import Kind, exact, kind_of, readable

AT = datetime(2026, 11, 23, 14, 32, tzinfo=UTC)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def event(title: str = "Delivered by Viber") -> Event:
    return Event(
        fact_id="f1",
        kind=EventKind.CHANNEL,
        at=AT,
        heard_at=AT,
        at_is_receipt=False,
        title=title,
        channel="viber",
        code=3000,
        source=Source.CALLBACK,
        verification=Verification.DESK,
    )


class TestReadable:
    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            (b"", Kind.EMPTY),
            (b'{"a": 1}', Kind.JSON),
            (b"plain words", Kind.TEXT),
            (b"\xff\xfe\x00", Kind.BINARY),
            (b"[" * 100_000, Kind.TEXT),
        ],
    )
    def test_every_kind_of_bytes_is_recognised(self, body: bytes, kind: Kind) -> None:
        assert kind_of(body) is kind
        assert isinstance(readable(body), str)

    def test_json_stands_one_member_a_line(self) -> None:
        assert readable(b'{"a":1,"b":[],"c":{"d":[1,2]}}') == (
            '{\n  "a": 1,\n  "b": [],\n  "c": {\n    "d": [\n      1,\n      2\n    ]\n  }\n}'
        )

    def test_numbers_escapes_and_repeated_keys_stay_as_they_came(self) -> None:
        shown = readable(rb'{"n": 1.10, "n": 1e5, "t": "\u0041"}')
        assert '"n": 1.10' in shown
        assert '"n": 1e5' in shown
        assert r'"\u0041"' in shown

    @given(json_values)
    def test_indenting_never_changes_a_value(self, value: object) -> None:
        # Escaped to ASCII, nothing is hidden, so that only the indenting is at work.
        assert json.loads(readable(json.dumps(value).encode())) == value

    def test_what_hides_or_reorders_is_written_as_its_number(self) -> None:
        assert exact('{"t":"a\u202eb"}'.encode()) == '{"t":"a\\u202eb"}'
        assert "\x00" not in exact(b"a\x00b")

    def test_bytes_that_are_no_text_are_shown_in_hexadecimal(self) -> None:
        assert exact(b"\xff\x00A").startswith("000000  ff 00 41")


class TestDialog:
    def shown(self, app: QApplication, body: bytes | None) -> EvidenceDialog:
        dialog = EvidenceDialog(Evidence(event=event(), body=body, received_at=AT, signature="c2ln"))
        dialog.open()
        app.processEvents()
        return dialog

    def test_shows_the_readable_form_and_the_exact_bytes(self, app: QApplication) -> None:
        dialog = self.shown(app, b'{"a":1}')
        pages = {page.objectName(): page for page in dialog.findChildren(QPlainTextEdit)}
        assert pages["evidenceReadable"].toPlainText() == '{\n  "a": 1\n}'
        assert pages["evidenceExact"].toPlainText() == '{"a":1}'
        assert all(page.isReadOnly() for page in pages.values())
        dialog.close()

    def test_copies_the_exact_bytes(self, app: QApplication) -> None:
        dialog = self.shown(app, b'{"a":1}')
        button = dialog.findChild(QPushButton, "evidenceCopy")
        assert button is not None
        button.click()
        assert app.clipboard().text() == '{"a":1}'
        dialog.close()

    def test_html_stays_text(self, app: QApplication) -> None:
        dialog = self.shown(app, b"<h1>hello</h1>")
        page = dialog.findChild(QPlainTextEdit, "evidenceExact")
        assert page is not None
        assert page.toPlainText() == "<h1>hello</h1>"
        dialog.close()

    def test_says_so_where_nothing_was_received(self, app: QApplication) -> None:
        dialog = self.shown(app, None)
        assert dialog.findChildren(QPlainTextEdit) == []
        assert dialog.findChild(QPushButton, "evidenceCopy") is None
        dialog.close()
