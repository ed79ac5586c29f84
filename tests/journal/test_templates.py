"""Templates in the journal."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.cascade.templates import Template
from console.journal.journal import Journal
from console.journal.templates import delete_template, list_templates, note_use, save_templates

HELLO = Template(name="Hello", category="Greetings", viber_text="Hello {name}", sms_text=None)
BYE = Template(name="Bye", category="Endings", viber_text="Bye {name}", sms_text="Bye")


def test_what_is_kept_is_listed_by_category_and_name(journal: Journal) -> None:
    save_templates(journal.db, [HELLO, BYE])
    assert list_templates(journal.db) == [BYE, HELLO]


def test_the_one_used_last_comes_first(journal: Journal) -> None:
    save_templates(journal.db, [HELLO, BYE])
    note_use(journal.db, HELLO.key, datetime(2026, 1, 1, tzinfo=UTC))
    assert list_templates(journal.db) == [HELLO, BYE]
    note_use(journal.db, BYE.key, datetime(2026, 1, 2, tzinfo=UTC))
    assert list_templates(journal.db) == [BYE, HELLO]


def test_one_of_the_same_name_takes_its_place(journal: Journal) -> None:
    save_templates(journal.db, [HELLO])
    louder = Template(name="HELLO", viber_text="HELLO!")
    save_templates(journal.db, [louder])
    assert list_templates(journal.db) == [louder]


def test_a_renamed_one_keeps_when_it_was_used(journal: Journal) -> None:
    save_templates(journal.db, [HELLO, BYE])
    note_use(journal.db, HELLO.key, datetime(2026, 1, 1, tzinfo=UTC))
    renamed = Template(name="Welcome", category="Greetings", viber_text="Welcome", sms_text=None)
    save_templates(journal.db, [renamed], instead_of=HELLO.key)
    assert list_templates(journal.db) == [renamed, BYE]


def test_a_deleted_one_is_gone(journal: Journal) -> None:
    save_templates(journal.db, [HELLO, BYE])
    delete_template(journal.db, HELLO.key)
    delete_template(journal.db, "never there")
    assert list_templates(journal.db) == [BYE]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from("abcABC"), st.sampled_from(["save", "delete", "rename"])), max_size=12)
)
def test_there_is_never_more_than_one_of_a_name(journal: Journal, deeds: list[tuple[str, str]]) -> None:
    journal.db.execute("DELETE FROM templates")
    names: set[str] = set()
    for name, deed in deeds:
        template = Template(name=name, viber_text=deed)
        if deed == "delete":
            delete_template(journal.db, template.key)
            names.discard(template.key)
        else:
            instead = min(names, default="") if deed == "rename" else ""
            save_templates(journal.db, [template], instead_of=instead)
            names.discard(instead)
            names.add(template.key)
    assert {each.key for each in list_templates(journal.db)} == names
