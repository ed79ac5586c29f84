"""Journals and relays that have seen much: made quickly, row by row as the product would leave them.

Message *n* of a journal went to one number of ten thousand; its facts are those of an ordinary
cascade. The slow part of making one (fold, JSON) is done once for each kind of message, and the
ids and moments are put in their places for every other.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from console.cascade.facts import Answered, Fact, Queued, Reported, SendBegan, Source, Verification
from console.cascade.outcome import Timeline
from console.cascade.timeline import fold
from console.journal.codec import encode, kind_of
from console.journal.durations import note_durations
from console.journal.journal import repeat_key
from console.journal.opening import open_journal
from console.relay.sqlite import SqliteStore
from console.relay.store import NewEvent
from console.telesign.callbacks import callback_fact, fact_id, parse_callback
from console.telesign.signing import AccountKey, callback_signature

KEY: Final = AccountKey("FFFFFFFF-EEEE-DDDD-1234-AB1234567890", "c2VjcmV0X2tleV9vZl90aGVfcmVsYXk=")
TOKEN: Final = "token-of-the-console"
OTHERS: Final = "token-of-other-desks"
"""A token may ask so often a second; a thousand consoles are not one desk."""
FIRST: Final = datetime(2026, 1, 1, tzinfo=UTC)
_OWNER: Final = "0" * 32
_APART: Final = 20
"""Seconds between messages."""
_AFTER: Final = (2, 31, 33, 36, 40)
"""Seconds after sending at which each step happened."""
_TEXT: Final = (
    "your order is ready for collection at the counter until evening please bring code parcel courier "
    "appointment tomorrow morning doctor reminder invoice paid thank you payment received balance account "
    "delivery window street change reply answer question survey discount season table reservation guests"
)

_WORDS: Final = _TEXT.split()


def reference(number: int) -> str:
    """The transaction of message ``number``."""
    return f"{number:032X}"


def external(number: int) -> str:
    return f"cascade-{number:032x}"


def recipient(number: int) -> str:
    return f"1202555{number % 10_000:04d}"


def text_of(number: int) -> str:
    """Twelve words and the number, the same every time."""
    chosen = random.Random(number)
    return " ".join(chosen.choices(_WORDS, k=12)) + f" {number}"


def sent_at(number: int) -> datetime:
    return FIRST + timedelta(seconds=_APART * number)


def callback(number: int, step: int) -> bytes:
    """What Telesign tells of message ``number``: 0 sent by Viber, 1 given up, 2 sent as SMS, 3 delivered,
    4 the bill."""
    moment = _written(sent_at(number) + timedelta(seconds=_AFTER[step])) + "Z"
    viber: dict[str, object] = {
        "code": 3001 if step == 0 else 3056,
        "description": "Told",
        "updated_on": moment,
    }
    sms: dict[str, object] = {
        "code": 3001 if step == 2 else 3000,
        "description": "Told",
        "updated_on": moment,
    }
    last = viber if step < 2 else sms
    body: dict[str, object] = {
        "status": {**last, "last_channel": "viber" if step < 2 else "sms"},
        "channel_status": [
            {"viber": {**viber, "reference_id": reference(number)}},
            *([] if step < 2 else [{"sms": {**sms, "reference_id": f"A{reference(number)[1:]}"}}]),
        ],
        "reference_id": reference(number),
        "external_id": external(number),
        "submit_timestamp": sent_at(number).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if step == 4:
        body |= {"price": "0.0120", "currency": "USD"}
    return json.dumps(body).encode()


def facts_of(number: int, steps: tuple[int, ...]) -> list[tuple[Fact, bytes | None]]:
    """The facts of a message with the reports of ``steps``, and the bytes they were read from."""
    at = sent_at(number)
    identity = f"{number:032x}"
    text = text_of(number)
    made: list[tuple[Fact, bytes | None]] = [
        (
            Queued(
                fact_id=f"queued:{identity}",
                at=at,
                message_id=identity,
                external_id=external(number),
                to=recipient(number),
                viber_text=text,
                sms_text=text,
                fallback_time=30,
            ),
            None,
        ),
        (SendBegan(fact_id=f"began:{identity}:1", at=at + timedelta(milliseconds=20), attempt=1), None),
        (
            Answered(
                fact_id=f"answered:{identity}:1",
                at=at + timedelta(milliseconds=300),
                attempt=1,
                http_status=200,
                code=3001,
                description="Request accepted",
                reference_id=reference(number),
            ),
            None,
        ),
    ]
    for step in steps:
        raw = callback(number, step)
        fact = callback_fact(
            raw,
            received_at=at + timedelta(seconds=45 + step),
            source=Source.CALLBACK,
            verification=Verification.DESK,
        )
        assert isinstance(fact, Reported)
        made.append((fact, raw))
    return made


def fill_journal(
    directory: Path,
    messages: int,
    steps: tuple[int, ...] = (1, 3),
    *,
    waiting: int = 0,
    lists_only: bool = False,
) -> None:
    """A journal of so many messages with three facts of ours and one for each of ``steps``.

    The last ``waiting`` of them have been accepted and nothing was heard of them yet. With
    ``lists_only`` there is what lists are made of, and neither facts nor words to search.
    """
    directory.mkdir(parents=True, exist_ok=True)
    db = open_journal(directory).db
    db.execute("PRAGMA synchronous = OFF")
    db.execute("BEGIN")
    seq = int(db.execute("SELECT coalesce(max(seq), 0) FROM facts").fetchone()[0])
    for first in range(0, messages, 5000):
        numbers = range(first, min(first + 5000, messages))
        rows, requests, words, aliases, facts = [], [], [], [], []
        durations: list[tuple[int, Timeline]] = []
        for number in numbers:
            quiet = number >= messages - waiting
            row = number + 1
            text = text_of(number)
            told = _told(number, () if quiet else steps)
            rows.append((row, *told[0]))
            if lists_only:
                continue
            durations.append((row, _timeline(number, () if quiet else steps)))
            words.append((row, "\n".join((text, recipient(number), external(number)))))
            requests.append((row, json.dumps({"recipient": recipient(number), "text": text}).encode()))
            aliases.append((reference(number), row))
            if not quiet and any(step >= 2 for step in steps):
                aliases.append((f"A{reference(number)[1:]}", row))
            for each in told[1]:
                seq += 1
                facts.append((seq, each[0], row, *each[1:]))
        db.executemany(
            "INSERT INTO messages (row, message_id, external_id, owner, account, recipient, repeat_key,"
            " first_words, created_at, updated_at, state, outcome, channel, reference_id, settled)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
        db.executemany("INSERT INTO requests VALUES (?, ?)", requests)
        db.executemany("INSERT INTO words (rowid, content) VALUES (?, ?)", words)
        db.executemany("INSERT INTO aliases VALUES (?, ?)", aliases)
        db.executemany(
            "INSERT INTO facts (seq, fact_id, message, kind, at, data, raw, signature, reference_id,"
            " external_id, account) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            facts,
        )
        note_durations(db, durations)
    db.execute("COMMIT")
    db.execute("PRAGMA optimize")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


_PATTERN_NUMBER: Final = 17_777_777
_patterns: dict[tuple[int, ...], tuple[str, str, str | None, bool, list[tuple[str, float, str]]]] = {}
_timelines: dict[tuple[int, ...], Timeline] = {}


def _timeline(number: int, steps: tuple[int, ...]) -> Timeline:
    """As far as it says how long Viber took: that differs from message to message only by the day."""
    if steps not in _timelines:
        _timelines[steps] = fold([fact for fact, _ in facts_of(_PATTERN_NUMBER, steps)], worded=False)
    pattern = _timelines[steps]
    if pattern.accepted_at is None or pattern.settled:
        return pattern
    return replace(pattern, accepted_at=pattern.accepted_at + (sent_at(number) - sent_at(_PATTERN_NUMBER)))


def _told(number: int, steps: tuple[int, ...]) -> tuple[tuple[object, ...], Iterator[tuple[object, ...]]]:
    """The row of a message and those of its facts, from a pattern that was really folded and encoded."""
    if steps not in _patterns:
        made = facts_of(_PATTERN_NUMBER, steps)
        timeline = fold(fact for fact, _ in made)
        _patterns[steps] = (
            timeline.state.value,
            timeline.outcome.value,
            timeline.made_by[-1] if timeline.made_by else None,
            timeline.settled,
            [
                (
                    kind_of(fact),
                    (fact.at - sent_at(_PATTERN_NUMBER)).total_seconds(),
                    _blank(encode(fact), fact.fact_id),
                )
                for fact, _ in made
            ],
        )
    state, outcome, channel, settled, forms = _patterns[steps]
    at = sent_at(number).timestamp()
    text = text_of(number)
    message = (
        *(f"{number:032x}", external(number), _OWNER, KEY.customer_id, recipient(number)),
        *(repeat_key(recipient(number), text, text), text[:120], at, at + 48, state, outcome, channel),
        *(reference(number), settled),
    )
    return message, _facts(number, steps, forms, at, text)


def _facts(
    number: int, steps: tuple[int, ...], forms: list[tuple[str, float, str]], at: float, text: str
) -> Iterator[tuple[object, ...]]:
    reports = iter(steps)
    names = {"queued": "queued:{}", "send_began": "began:{}:1", "answered": "answered:{}:1"}
    moments = {shift: at + shift for _, shift, _ in forms}
    for kind, shift, form in forms:
        raw, happened = None, ""
        if kind == "reported":
            step = next(reports)
            raw = callback(number, step)
            happened = _written(sent_at(number) + timedelta(seconds=_AFTER[step]))
            identity = fact_id(raw, Source.CALLBACK, Verification.DESK, external_id=external(number))
        else:
            identity = names[kind].format(f"{number:032x}")
        moment = datetime.fromtimestamp(moments[shift], UTC).isoformat(timespec="microseconds")
        data = (
            form.replace("@fact@", identity)
            .replace("@at@", moment)
            .replace("@on@", happened)
            .replace("@hex@", f"{number:032x}")
            .replace("@HEX@", reference(number))
            .replace("@hEX@", reference(number)[1:])
            .replace("@to@", recipient(number))
            .replace("@text@", text)
        )
        signature = None if raw is None else callback_signature(KEY, raw)
        told_reference = reference(number) if kind in ("answered", "reported") else None
        told_external = external(number) if kind in ("queued", "reported") else None
        account = None if raw is None else KEY.customer_id
        yield (identity, kind, moments[shift], data, raw, signature, told_reference, told_external, account)


def _written(moment: datetime) -> str:
    """Date and time to the microsecond, without the zone."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f")


def _blank(data: str, fact_id: str) -> str:
    """The JSON of one fact with places for what differs from message to message."""
    told = json.loads(data)
    told["fact_id"], told["at"] = "@fact@", "@at@"
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    for after in _AFTER:
        text = text.replace(_written(sent_at(_PATTERN_NUMBER) + timedelta(seconds=after)), "@on@")
    return (
        text.replace(f"{_PATTERN_NUMBER:032x}", "@hex@")
        .replace(reference(_PATTERN_NUMBER), "@HEX@")
        .replace(reference(_PATTERN_NUMBER)[1:], "@hEX@")
        .replace(recipient(_PATTERN_NUMBER), "@to@")
        .replace(text_of(_PATTERN_NUMBER), "@text@")
    )


def event(number: int, step: int, moment: datetime) -> NewEvent:
    """A callback as the relay keeps it."""
    body = callback(number, step)
    told = parse_callback(body)
    return NewEvent(
        received_at=moment,
        kind=told.kind,
        reference_id=told.reference_id,
        external_id=told.external_id,
        customer_id=KEY.customer_id,
        label=None,
        signature=callback_signature(KEY, body),
        body=body,
    )


def fill_relay(path: Path, numbers: range, steps: tuple[int, ...]) -> int:
    """A relay's store with the callbacks of these messages, in the order they happened; how many."""

    async def fill() -> int:
        store = SqliteStore(path)
        events = [
            event(number, step, sent_at(number) + timedelta(seconds=_AFTER[step]))
            for step in steps
            for number in numbers
        ]
        events.sort(key=lambda each: each.received_at)
        for first in range(0, len(events), store.max_batch):
            await store.append(events[first : first + store.max_batch])
        await store.close()
        return len(events)

    return asyncio.run(fill())
