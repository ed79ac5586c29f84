"""The journal's tables, and how a file of any earlier version becomes one of today's.

``facts`` is the truth and is only ever added to. The other columns of ``messages`` are a cache
for lists, made from the facts and rebuilt from them at will.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from console.transactions import all_or_nothing

_FIRST: Final = """
CREATE TABLE messages (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL UNIQUE,
    external_id TEXT NOT NULL UNIQUE,
    owner TEXT NOT NULL,
    request BLOB NOT NULL,
    recipient TEXT NOT NULL,
    reply_id TEXT,
    repeat_key TEXT NOT NULL,
    first_words TEXT NOT NULL,
    created_at REAL NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT NOT NULL,
    channel TEXT,
    reference_id TEXT,
    updated_at REAL NOT NULL,
    settled INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    ask_at REAL,
    asked INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX messages_by_number ON messages (recipient, row);
CREATE INDEX messages_by_repeat ON messages (repeat_key, row);
CREATE INDEX messages_by_state ON messages (state, row);
CREATE INDEX messages_by_outcome ON messages (outcome, row);
CREATE INDEX messages_to_ask ON messages (ask_at) WHERE ask_at IS NOT NULL;

CREATE TABLE facts (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    fact_id TEXT NOT NULL UNIQUE,
    message INTEGER REFERENCES messages (row),
    kind TEXT NOT NULL,
    at REAL NOT NULL,
    data TEXT NOT NULL,
    raw BLOB,
    signature TEXT,
    reference_id TEXT,
    external_id TEXT
);
CREATE INDEX facts_of_message ON facts (message, seq);
CREATE INDEX orphans_by_reference ON facts (reference_id) WHERE message IS NULL;
CREATE INDEX orphans_by_external ON facts (external_id) WHERE message IS NULL;

CREATE TABLE aliases (
    reference_id TEXT PRIMARY KEY,
    message INTEGER NOT NULL REFERENCES messages (row)
) WITHOUT ROWID;

CREATE TABLE opted_out (
    recipient TEXT PRIMARY KEY,
    at REAL NOT NULL
) WITHOUT ROWID;

CREATE TABLE keep (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE VIRTUAL TABLE words USING fts5 (content, tokenize = 'trigram');
"""

_SECOND: Final = """
ALTER TABLE messages ADD COLUMN account TEXT NOT NULL DEFAULT '';
ALTER TABLE messages ADD COLUMN read_to INTEGER NOT NULL DEFAULT 0;
UPDATE messages SET read_to = coalesce((SELECT max(seq) FROM facts), 0) WHERE unread = 0;
ALTER TABLE facts ADD COLUMN account TEXT;
CREATE TABLE requests (
    message INTEGER PRIMARY KEY REFERENCES messages (row),
    body BLOB NOT NULL
);
INSERT INTO requests (message, body) SELECT row, request FROM messages;
ALTER TABLE messages DROP COLUMN request;
CREATE INDEX messages_unfinished ON messages (row) WHERE settled = 0 AND state <> 'accepted';
CREATE INDEX replies_of_message ON facts (message, seq) WHERE kind = 'replied'
"""
"""Whose account a message went through, so that neither another account's reports nor another
account's key touch it; requests apart, so that lists do not read over them."""

_THIRD: Final = """
ALTER TABLE opted_out ADD COLUMN stopped INTEGER NOT NULL DEFAULT 1;
ALTER TABLE opted_out ADD COLUMN fact_id TEXT;
CREATE TABLE dealt (
    fact_id TEXT PRIMARY KEY,
    how TEXT NOT NULL,
    at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX unmatched ON facts (kind, seq) WHERE message IS NULL;
CREATE INDEX decided ON facts (seq) WHERE kind IN ('assigned', 'dismissed', 'restored');
CREATE INDEX messages_unread ON messages (updated_at) WHERE unread > 0
"""
"""A wish that was taken back stays known; what nobody's message explains is dealt with by people."""

_FOURTH: Final = """
CREATE TABLE templates (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    category TEXT NOT NULL,
    viber_text TEXT NOT NULL,
    sms_text TEXT,
    used_at REAL
) WITHOUT ROWID
"""
"""Canned messages."""

_FIFTH: Final = """
CREATE TABLE durations (
    message INTEGER PRIMARY KEY REFERENCES messages (row),
    region TEXT NOT NULL,
    ending TEXT NOT NULL,
    seconds REAL,
    since REAL,
    time_scale REAL,
    most REAL
);
INSERT INTO keep (name, value) SELECT 'durations_left', coalesce(max(row), 0) FROM messages
"""
"""How long Viber took, kept apart from lists; messages up to the row kept are counted later."""

_SIXTH: Final = """
CREATE TABLE case_durations (
    message_id TEXT PRIMARY KEY,
    source TEXT NOT NULL,
    region TEXT NOT NULL,
    ending TEXT NOT NULL,
    seconds REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX case_sources ON case_durations (source)
"""
"""What other journals' exports taught."""

_SEVENTH: Final = """
CREATE TEMP TABLE renamed AS SELECT fact_id, substr(external_id, 1, 100) || '.' || fact_id AS now FROM facts
WHERE kind = 'reported' AND external_id <> '';
CREATE UNIQUE INDEX temp.renamed_by_id ON renamed (fact_id);
UPDATE dealt SET fact_id = r.now FROM renamed r WHERE r.fact_id = dealt.fact_id;
UPDATE facts SET data = json_set(data, '$.of', r.now) FROM renamed r
WHERE facts.kind IN ('assigned', 'dismissed', 'restored') AND r.fact_id = json_extract(data, '$.of');
UPDATE facts SET fact_id = r.now, data = json_set(data, '$.fact_id', r.now) FROM renamed r
WHERE facts.kind = 'reported' AND r.fact_id = facts.fact_id;
DROP TABLE renamed
"""
"""A report's identity begins with the external id it names: :func:`console.telesign.callbacks.fact_id`."""

MIGRATIONS: Final = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, _SIXTH, _SEVENTH)
"""One script for each version, in order; a script that was released is never changed."""

VERSION: Final = len(MIGRATIONS)


def version_of(db: sqlite3.Connection) -> int:
    """The version of an open file; 0 for a new one."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def migrate(db: sqlite3.Connection) -> None:
    """Bring the file up to :data:`VERSION`, each step in a transaction of its own."""
    for number in range(version_of(db), VERSION):
        with all_or_nothing(db):
            if version_of(db) == number:  # otherwise another process was quicker
                for statement in MIGRATIONS[number].split(";\n"):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {number + 1}")
