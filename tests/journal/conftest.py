"""Facts and messages to fill a journal with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from console.cascade.facts import Answered, Queued, SendBegan, Source, Verification
from console.journal.journal import Journal
from console.journal.matching import Heard
from console.telesign.callbacks import callback_fact, fact_id

AT = datetime(2026, 5, 4, 12, 0, 0, 123456, UTC)
REF = "35C8B5D509BC10689196FED2AD551B8A"
SMS_REF = "65C77D4A6C5C09085694EFB6C558B4C7"
FEED = "cursor:relay"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    """An open, empty journal."""
    with closing(Journal(tmp_path)) as opened:
        yield opened


def queued(name: str = "m1", **changed: object) -> Queued:
    values: dict[str, object] = {
        "fact_id": f"queued:{name}",
        "at": AT,
        "message_id": name,
        "external_id": f"cascade-{name}",
        "to": "15558675309",
        "viber_text": f"Hello {name}",
        "sms_text": f"Hello {name}",
        "fallback_time": 60,
    }
    return Queued(**(values | changed))  # type: ignore[arg-type]


def accepted(
    journal: Journal, name: str = "m1", reference_id: str = REF, account: str = "", **changed: object
) -> None:
    """A message that Telesign took."""
    message = queued(name, **changed)
    journal.add_message(message, request=b"{}", owner="me", account=account)
    journal.record(
        name,
        SendBegan(fact_id=f"began:{name}:1", at=message.at, attempt=1),
        Answered(
            fact_id=f"answered:{name}:1", at=message.at, attempt=1, http_status=200, code=3001,
            description="", reference_id=reference_id,
        ),
    )  # fmt: skip


def report(reference_id: str | None, external_id: str | None = None, **channels: int) -> bytes:
    """A delivery report; channels by name with their codes."""
    refs = {"sms": SMS_REF}
    told = [
        {name: {"code": code, "description": "", "reference_id": refs.get(name)}}
        for name, code in channels.items()
    ]
    status = {
        "code": max(channels.values(), default=3001),
        "description": "",
        "last_channel": list(channels)[-1],
    }
    body = {
        "reference_id": reference_id,
        "external_id": external_id,
        "status": status,
        "channel_status": told,
    }
    return json.dumps(body).encode()


def reply(text: str = "Thanks", *, phone: str | None = "15558675309", **content: str | None) -> bytes:
    """A Viber reply, from the number of :func:`queued` unless told otherwise."""
    status = {"code": 1500, "description": "", "updated_on": "2026-05-04T12:05:00Z"}
    told = {
        "reference_id": None,
        "status": status,
        "phone_number": phone,
        "content": {"text": text, **content},
    }
    return json.dumps(told).encode()


def heard(
    body: bytes,
    verification: Verification = Verification.DESK,
    account: str | None = None,
    after: int = 60,
    *,
    since: datetime = AT,
) -> Heard:
    at = since + timedelta(seconds=after)
    fact = callback_fact(body, received_at=at, source=Source.CALLBACK, verification=verification)
    return Heard(
        fact=fact,
        fact_id=fact.fact_id if fact is not None else fact_id(body, Source.CALLBACK, verification),
        at=at,
        raw=body,
        signature="signed",
        account=account,
    )


Hear = Callable[..., set[str] | None]


@pytest.fixture
def hear(journal: Journal) -> Hear:
    """Ingest bodies as the next page of the feed."""

    def ingest(*bodies: Heard, account: str = "") -> set[str] | None:
        before = journal.kept(FEED)
        return journal.ingest(bodies, feed=FEED, before=before, after=f"{before or ''}+", account=account)

    return ingest
