"""The tables and functions in PostgreSQL, as scripts: one for each version's step."""

from __future__ import annotations

from typing import Final

LOCK: Final = 0x63617363_61646500
"""The advisory lock inside which numbers are drawn ("cascade"); the next number guards migrations."""

_APPEND: Final = """
-- Stores a batch and returns the digests that were new. See postgresql.py for why the lock.
CREATE OR REPLACE FUNCTION relay_append(
    digests bytea[], moments bigint[], kinds text[], references_ text[], externals text[],
    customers text[], labels text[], signatures text[], bodies bytea[]
) RETURNS bytea[] LANGUAGE plpgsql VOLATILE AS $$
DECLARE kept bytea[];
BEGIN
    PERFORM pg_advisory_xact_lock(@LOCK@);
    WITH stored AS (
        INSERT INTO relay_events (
            digest, received_at, kind, reference_id, external_id, customer_id, label, signature, body
        )
        SELECT d, m, k, r, e, c, l, s, b
        FROM unnest(digests, moments, kinds, references_, externals, customers, labels, signatures, bodies)
            WITH ORDINALITY AS given (d, m, k, r, e, c, l, s, b, place)
        ORDER BY place
        ON CONFLICT @KNOWN@ DO NOTHING
        RETURNING digest
    )
    SELECT coalesce(array_agg(digest), ARRAY[]::bytea[]) INTO kept FROM stored;
    RETURN kept;
END $$;
"""

_FIRST: Final = """
CREATE TABLE relay_meta (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE relay_tokens (name text PRIMARY KEY, hash text NOT NULL UNIQUE, created_at bigint NOT NULL);
CREATE TABLE relay_events (
    number bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    digest bytea NOT NULL UNIQUE,
    received_at bigint NOT NULL,
    kind text NOT NULL,
    reference_id text,
    external_id text,
    customer_id text NOT NULL,
    label text,
    signature text NOT NULL,
    body bytea NOT NULL
);
CREATE INDEX relay_events_by_reference ON relay_events (reference_id, number)
    WHERE reference_id IS NOT NULL;

@APPEND@
-- Removes a beginning of the order, never the newest event; remembers how far it has come.
CREATE FUNCTION relay_prune(young bigint, most integer) RETURNS integer LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    each record;
    removed integer := 0;
    last_number bigint;
    last_digest bytea;
BEGIN
    PERFORM pg_advisory_xact_lock(@LOCK@);
    FOR each IN
        SELECT number, digest, received_at FROM relay_events
        WHERE number < (SELECT max(number) FROM relay_events) ORDER BY number LIMIT most
    LOOP
        EXIT WHEN each.received_at >= young;
        last_number := each.number;
        last_digest := each.digest;
        removed := removed + 1;
    END LOOP;
    IF removed > 0 THEN
        DELETE FROM relay_events WHERE number <= last_number;
        UPDATE relay_meta SET value = last_number || ' ' || substr(encode(last_digest, 'hex'), 1, 8)
            WHERE name = 'pruned';
    END IF;
    RETURN removed;
END $$;

-- Sessions that hold the lock while somebody waits for it, and since when.
CREATE FUNCTION relay_holders() RETURNS TABLE (pid integer, seconds double precision)
LANGUAGE sql STABLE AS $$
    SELECT l.pid, extract(epoch FROM clock_timestamp() - a.xact_start)::double precision
    FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND l.classid = @HIGH@::oid AND l.objid = @LOW@::oid AND l.objsubid = 1
$$;
"""

_SECOND: Final = """
ALTER TABLE relay_events DROP CONSTRAINT relay_events_digest_key;
CREATE UNIQUE INDEX relay_events_once ON relay_events ((coalesce(external_id, '') COLLATE "C"), digest);
@APPEND@
"""
"""What is known is found by external id and digest: by the digest alone each event of a batch lands on a
page of its own in an index of millions."""


def _script(text: str, *, known: str) -> str:
    """The script with its marks filled in; ``known``: what an event that is kept already is told by."""
    return (
        text.replace("@APPEND@", _APPEND.replace("@KNOWN@", known))
        .replace("@LOCK@", str(LOCK))
        .replace("@HIGH@", str(LOCK >> 32))
        .replace("@LOW@", str(LOCK & 0xFFFFFFFF))
    )


MIGRATIONS: Final = (_script(_FIRST, known="(digest)"), _script(_SECOND, known=""))
"""The script at index n takes the tables from version n to n + 1. Never change one that was released."""

VERSION: Final = len(MIGRATIONS)
