"""Templates: fields, names, search, and the file they travel in."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.message import Draft, DraftField, check
from console.cascade.templates import (
    CATEGORY_LIMIT,
    FILE_LIMIT,
    NAME_LIMIT,
    TEXT_LIMIT,
    Template,
    TemplateError,
    checked,
    field_names,
    field_spans,
    found,
    from_file,
    name_key,
    next_field,
    plan_import,
    to_file,
    unfilled,
)

PARCEL = checked("Parcel ready", "Parcels", "Hello {name}, parcel {order} is ready.", "Parcel {order} ready")
LATE = checked("Running late", "Visits", "We come {minutes} minutes later.", None)


class TestFields:
    def test_each_name_once_in_the_order_of_the_texts(self) -> None:
        assert checked("x", "", "{b} {a} {b}", "{c} {a}").fields == ("b", "a", "c")

    @pytest.mark.parametrize("text", ["{name}", "{ім’я}{имя}", "{a-b_c9}", "{" + "x" * 30 + "}"])
    def test_a_word_in_braces_is_one(self, text: str) -> None:
        assert field_spans(text)

    @pytest.mark.parametrize(
        "text", ["{}", "{ name}", "{1st}", "{a b}", "{" + "x" * 31 + "}", "{a", "a}", "{a\n}", "{{}}"]
    )
    def test_other_braces_are_just_braces(self, text: str) -> None:
        assert field_spans(text) == ()

    def test_walking_goes_both_ways_and_ends(self) -> None:
        text = "{a} and {b}"
        first = next_field(text, 0, ("a", "b"), 1)
        assert first is not None
        second = next_field(text, first.end, ("a", "b"), 1)
        assert second is not None
        assert second.name == "b"
        assert next_field(text, second.end, ("a", "b"), 1) is None
        assert next_field(text, second.start, ("a", "b"), -1) == first
        assert next_field(text, first.start, ("a", "b"), -1) is None

    @given(st.text(), st.lists(st.sampled_from(["a", "b", "name"])))
    def test_spans_are_where_they_say(self, noise: str, names: list[str]) -> None:
        text = noise.join("{" + name + "}" for name in names)
        for span in field_spans(text):
            assert text[span.start : span.end] == "{" + span.name + "}"
        assert set(names) <= set(field_names(text))


class TestSending:
    def draft(self, text: str, *open_fields: str, sms: str | None = None) -> Draft:
        return Draft(
            to="+12025550101",
            viber_text=text,
            sms_text=sms or "",
            sms_follows=sms is None,
            open_fields=open_fields,
        )

    def test_an_open_field_stops_the_message_and_is_named(self) -> None:
        found = check(self.draft("Hello {name}", "name"), default_region=None)
        assert found.message is None
        (problem,) = found.of(DraftField.VIBER_TEXT)
        assert "{name}" in problem.text

    def test_an_open_field_in_the_sms_text_stops_it_too(self) -> None:
        found = check(self.draft("Hello", "order", sms="Parcel {order}"), default_region=None)
        assert found.message is None
        assert found.of(DraftField.SMS_TEXT)

    def test_braces_typed_by_hand_are_sent(self) -> None:
        assert check(self.draft("Hello {name}"), default_region=None).message is not None
        assert check(self.draft("Hello {name}", "order"), default_region=None).message is not None

    def test_an_sms_text_that_is_not_sent_stops_nothing(self) -> None:
        off = Draft(
            to="+12025550101", viber_text="Hi", sms_text="{order}", sms_follows=False, sms_enabled=False,
            open_fields=("order",),
        )  # fmt: skip
        assert check(off, default_region=None).message is not None

    @given(st.text(max_size=40), st.lists(st.text(max_size=5), max_size=3))
    def test_nothing_is_unfilled_where_nothing_is_open(self, text: str, names: list[str]) -> None:
        assert unfilled(text, ()) == ()
        assert set(unfilled(text, names)) <= set(names)


class TestMaking:
    @pytest.mark.parametrize(
        ("name", "category", "viber", "sms", "about"),
        [
            ("", "", "x", None, "name"),
            (" \t ", "", "x", None, "name"),
            ("x" * (NAME_LIMIT + 1), "", "x", None, "name"),
            ("a\u202eb", "", "x", None, "invisible"),
            ("a\nb", "", "x", None, "invisible"),
            ("a\0", "", "x", None, "invisible"),
            ("a", "y" * (CATEGORY_LIMIT + 1), "x", None, "category"),
            ("a", "", " \n", None, "Viber text"),
            ("a", "", "x" * (TEXT_LIMIT + 1), None, "Viber text"),
            ("a", "", "x\0", None, "Viber text"),
            ("a", "", "\ud800", None, "Viber text"),
            ("a", "", "x", "  ", "SMS text"),
            ("a", "", "x", "\udfff", "SMS text"),
            ("a", "", " ".join("{" + letter + "}" for letter in "abcdefghijklmnopqrstu"), None, "fields"),
        ],
    )
    def test_what_cannot_be_is_said_in_words(
        self, name: str, category: str, viber: str, sms: str | None, about: str
    ) -> None:
        with pytest.raises(TemplateError, match=about):
            checked(name, category, viber, sms)

    def test_names_that_look_the_same_are_the_same(self) -> None:
        assert name_key("  Parcel   READY ") == name_key("parcel ready") == name_key("ｐarcel ready")


class TestSearch:
    def test_every_word_counts_wherever_it_stands(self) -> None:
        assert found([PARCEL, LATE], "parcels hello") == [PARCEL]
        assert found([PARCEL, LATE], "MINUTES") == [LATE]
        assert found([PARCEL, LATE], "nothing") == []

    def test_names_that_begin_so_come_first(self) -> None:
        other = checked("Other", "", "parcel", None)
        assert found([other, PARCEL], "parcel") == [PARCEL, other]

    def test_nothing_typed_finds_all_in_their_order(self) -> None:
        assert found([LATE, PARCEL], " ") == [LATE, PARCEL]


words = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30).filter(
    lambda text: (
        name_key(text)
        and not any(
            sign in text for sign in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
        )
    )
)
bodies = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60
).filter(lambda text: bool(text.strip()))
templates = st.builds(checked, words, st.just("") | words, bodies, st.none() | bodies)


def whole(*entries: object, **changes: object) -> bytes:
    told = {"format": "cascade-templates", "version": 1, "templates": list(entries), **changes}
    return json.dumps(told).encode()


class TestFile:
    @given(st.lists(templates, unique_by=lambda each: each.key, max_size=6))
    def test_what_is_written_is_read_back(self, made: list[Template]) -> None:
        assert sorted(from_file(to_file(made)), key=lambda each: each.key) == sorted(
            made, key=lambda each: each.key
        )

    def test_the_documented_file_is_read(self) -> None:
        read = from_file(
            b'\xef\xbb\xbf{"format": "cascade-templates", "version": 1, "later": 1, "templates":'
            b' [{"name": "Parcel", "viber": "Hi {name}", "colour": "red"}]}'
        )
        assert read == (Template(name="Parcel", viber_text="Hi {name}"),)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\xff\xfe{\x00}\x00",
            b"[1, 2",
            b"[]",
            b"null",
            b"[" * 100_000,
            b'{"format": "other"}',
            b" " * (FILE_LIMIT + 1),
            whole(version=2),
            whole(version=True),
            whole(version="1"),
            whole(version=0),
            whole(templates={}),
            whole(templates=None),
        ],
        ids=range(14),
    )
    def test_what_is_no_such_file_is_refused_in_words(self, content: bytes) -> None:
        with pytest.raises(TemplateError):
            from_file(content)

    @pytest.mark.parametrize(
        "entry",
        [
            1,
            None,
            [],
            {},
            {"name": 1, "viber": "x"},
            {"name": "x", "viber": None},
            {"name": "x", "viber": "y", "sms": 1},
            {"name": "x", "viber": "y", "category": []},
            {"name": "x", "viber": "y\0"},
            {"name": "PARCEL", "viber": "again"},
        ],
        ids=range(10),
    )
    def test_one_bad_template_refuses_the_file_and_is_named_by_its_place(self, entry: object) -> None:
        with pytest.raises(TemplateError, match="Template 2"):
            from_file(whole({"name": "parcel", "viber": "x"}, entry))

    @given(st.binary(max_size=60) | st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
            st.sampled_from(["format", "version", "templates", "name", "viber", "sms"]), inner, max_size=4
        ),
    ).map(lambda told: json.dumps(told).encode()))  # fmt: skip
    def test_anything_else_is_a_template_error_or_templates(self, content: bytes) -> None:
        with contextlib.suppress(TemplateError):
            assert isinstance(from_file(content), tuple)

    def test_ten_thousand_are_read(self) -> None:
        many = [Template(name=f"Template {n}", viber_text="Hello {name}") for n in range(10_000)]
        assert len(from_file(to_file(many))) == 10_000

    def test_an_import_says_what_is_new_what_changes_and_what_is_here(self) -> None:
        changed = Template(name="running LATE", viber_text="Sorry")
        plan = plan_import([PARCEL, LATE], [PARCEL, changed, Template(name="New", viber_text="x")])
        assert [len(part) for part in (plan.new, plan.changed, plan.same)] == [1, 1, 1]
        assert plan.sentence == (
            "1 template is new. 1 takes the place of one with the same name. 1 is here already."
        )
