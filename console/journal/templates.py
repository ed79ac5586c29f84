"""Where templates are kept: one row each, found by a name that ignores case."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from console.cascade.templates import Template
from console.transactions import all_or_nothing


def list_templates(db: sqlite3.Connection) -> list[Template]:
    """All of them: the one used last first, then by category and name."""
    rows = db.execute(
        "SELECT name, category, viber_text, sms_text FROM templates"
        " ORDER BY used_at IS NULL, used_at DESC, category, key"
    ).fetchall()
    return [
        Template(name=name, category=category, viber_text=viber, sms_text=sms)
        for name, category, viber, sms in rows
    ]


def save_templates(db: sqlite3.Connection, templates: Iterable[Template], *, instead_of: str = "") -> None:
    """Keep these, each in place of one with the same name, all in one transaction.

    ``instead_of`` is the key of one that goes away with it: the one that was renamed.
    """
    with all_or_nothing(db):
        for each in templates:
            if instead_of and instead_of != each.key:
                db.execute("DELETE FROM templates WHERE key = ?", (each.key,))
                db.execute("UPDATE templates SET key = ? WHERE key = ?", (each.key, instead_of))
            db.execute(
                "INSERT INTO templates (key, name, category, viber_text, sms_text) VALUES (?, ?, ?, ?, ?)"
                " ON CONFLICT (key) DO UPDATE SET name = excluded.name, category = excluded.category,"
                " viber_text = excluded.viber_text, sms_text = excluded.sms_text",
                (each.key, each.name, each.category, each.viber_text, each.sms_text),
            )


def delete_template(db: sqlite3.Connection, key: str) -> None:
    """Forget one."""
    db.execute("DELETE FROM templates WHERE key = ?", (key,))


def note_use(db: sqlite3.Connection, key: str, at: datetime) -> None:
    """Remember when one was used last, so that it comes first."""
    db.execute("UPDATE templates SET used_at = ? WHERE key = ?", (at.timestamp(), key))
