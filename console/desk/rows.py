"""What the journal keeps, as the window and the command line want it."""

from __future__ import annotations

from collections.abc import Sequence

from console.cascade.facts import Replied, Reported
from console.cascade.message import Draft
from console.cascade.outcome import Timeline
from console.cascade.recipient import Recipient, parse_recipient
from console.desk.values import HistoryRow, RawEvidence
from console.journal.history import read_rows
from console.journal.journal import Journal
from console.journal.values import Evidence


def rows_of(journal: Journal, rowids: Sequence[int]) -> list[HistoryRow]:
    """The rows with these ids, in that order."""
    rows = []
    for listed in read_rows(journal.db, rowids):
        parsed = parse_recipient(f"+{listed.recipient}", None)
        shown = parsed.formatted if isinstance(parsed, Recipient) else f"+{listed.recipient}"
        rows.append(
            HistoryRow(
                rowid=listed.row,
                message_id=listed.message_id,
                to=listed.recipient,
                formatted_to=shown,
                first_words=listed.first_words,
                state=listed.state,
                outcome=listed.outcome,
                channel=listed.channel,
                created_at=listed.created_at,
                updated_at=listed.updated_at,
                unread=listed.unread > 0,
            )
        )
    return rows


def evidence_of(kept: Evidence) -> RawEvidence:
    """The exact bytes behind a fact, and how far they are proven."""
    heard = kept.fact if isinstance(kept.fact, Reported | Replied) else None
    return RawEvidence(
        body=kept.raw,
        source=heard.source if heard is not None else None,
        signature=kept.signature,
        verification=heard.verification if heard is not None else None,
        received_at=kept.at,
    )


def draft_again(timeline: Timeline) -> Draft:
    """A message as a draft, to be used again: all but the external id, which is unique."""
    follows = timeline.sms_text == timeline.viber_text
    return Draft(
        to=f"+{timeline.to}",
        viber_text=timeline.viber_text,
        sms_text="" if follows or timeline.sms_text is None else timeline.sms_text,
        sms_enabled=timeline.sms_text is not None,
        sms_follows=follows or timeline.sms_text is None,
        fallback_time=timeline.fallback_time,
        message_type=timeline.message_type,
        two_way=timeline.reply_id is not None,
        reply_id=timeline.reply_id or "",
        session=timeline.session,
        sender_id=timeline.sender_id or "",
        callback_url=timeline.callback_url or "",
        lifecycle_event=timeline.lifecycle_event or "",
        originating_ip=timeline.originating_ip or "",
    )
