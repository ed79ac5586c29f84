"""A page of the feed, taken in by few statements.

Nearly all that a relay tells are reports: of this desk's messages, or of other desks' at the same relay,
which wait here for a message that will not come. They are looked up, joined and written together; replies,
and bytes that state nothing, one by one. Whose an event is, is decided by the rules of
:mod:`console.journal.matching`, and it makes no difference how events are divided into pages.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator, Sequence

from console.cascade.facts import Fact, Replied, Reported, Verification
from console.journal.batches import read_rows, write_rows
from console.journal.matching import Heard, join_waiting, message_of, references_of
from console.journal.recording import facts_of, facts_until, insert_heard, insert_reports
from console.journal.replies import last_seq, note_opt_out


def take_in(db: sqlite3.Connection, page: Sequence[Heard], *, account: str) -> dict[int, Sequence[Fact]]:
    """Record what is new in ``page``; for each message it changed, all its facts.

    To be called in a transaction. ``account`` is this desk's customer id, or empty.
    """
    before = last_seq(db)
    added: dict[int, list[Fact]] = {}
    again: set[int] = set()
    for run in _runs(_unknown(db, page)):
        reports = [(each, each.fact) for each in run if isinstance(each.fact, Reported)]
        if reports:
            again |= _take_reports(db, reports, added)
        else:
            again |= _one_by_one(db, run, account)
    earlier = facts_until(db, added.keys() - again, before)
    changed: dict[int, Sequence[Fact]] = {row: facts_of(db, row) for row in again}
    for row in added.keys() - again:
        changed[row] = [*earlier.get(row, ()), *added[row]]
    return changed


def _unknown(db: sqlite3.Connection, page: Sequence[Heard]) -> list[Heard]:
    """What of a page is not recorded yet, each once."""
    by_id: dict[str, Heard] = {}
    for each in page:
        by_id.setdefault(each.fact_id, each)
    for (known,) in read_rows(db, "fact_id", "FROM facts WHERE fact_id IN {}", by_id):
        del by_id[known]
    return list(by_id.values())


def _runs(page: Sequence[Heard]) -> Iterator[list[Heard]]:
    """The page in pieces that hold either reports alone or none."""
    for _, run in itertools.groupby(page, lambda each: isinstance(each.fact, Reported)):
        yield list(run)


def _take_reports(
    db: sqlite3.Connection, reports: Sequence[tuple[Heard, Reported]], added: dict[int, list[Fact]]
) -> set[int]:
    """Record new reports, in ``added`` by message too; the messages that something joined which waited."""
    externals = {fact.external_id for _, fact in reports if fact.external_id is not None}
    messages = {
        external_id: (row, owner)
        for external_id, row, owner in read_rows(
            db, "external_id, row, account", "FROM messages WHERE external_id IN {}", externals
        )
    }
    references = {reference for _, fact in reports for reference in references_of(fact)}
    aliases = {
        reference: (row, owner)
        for reference, row, owner in read_rows(
            db,
            "a.reference_id, m.row, m.account",
            "FROM aliases a JOIN messages m ON m.row = a.message WHERE a.reference_id IN {}",
            references,
        )
    }
    found: list[tuple[Heard, Reported, int | None]] = []
    learned: dict[str, int] = {}
    for heard, fact in reports:
        named = references_of(fact)
        known = [messages.get(fact.external_id or ""), *map(aliases.get, named)]
        message = next(
            (each for each in known if each is not None and _may_tell(heard.account, each[1])), None
        )
        if message is None:
            found.append((heard, fact, None))
            continue
        found.append((heard, fact, message[0]))
        added.setdefault(message[0], []).append(fact)
        if fact.verification is not Verification.FAILED:
            for reference in named:
                if reference not in aliases:
                    aliases[reference] = message
                    learned[reference] = message[0]
    insert_reports(db, found)
    write_rows(db, "INSERT INTO aliases VALUES {} ON CONFLICT DO NOTHING", list(learned.items()))
    return join_waiting(db, learned)


def _may_tell(account: str | None, owner: str) -> bool:
    """Whether what was signed for ``account`` may speak of a message of ``owner``'s (upper case)."""
    return not owner or account is None or account.upper() == owner


def _one_by_one(db: sqlite3.Connection, page: Sequence[Heard], account: str) -> set[int]:
    """Record what are no reports; the messages they belong to."""
    changed: set[int] = set()
    for each in page:
        row = message_of(db, each)
        if not insert_heard(db, each, row):
            continue
        ours = not each.account or not account or each.account.upper() == account.upper()
        if isinstance(each.fact, Replied) and ours:
            note_opt_out(db, each.fact)
        if row is not None:
            changed.add(row)
    return changed
