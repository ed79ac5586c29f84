"""The report of one case as a page: everything a ticket needs, and nothing that could act.

Plain HTML that any browser and Qt's own text layout show the same; no script, no link, no picture.
Whatever a customer or a provider wrote stands in it as text, with hidden characters shown.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from console.cascade.facts import Source
from console.cascade.formats import time_text
from console.cascade.outcome import Event, Timeline
from console.cascade.outlook import outlook
from console.cascade.speech import attempt_text, channel_name, verification_text
from console.cascade.words import left_to_right, tr
from console.desk.values import RawEvidence
from console.ui.evidence_rules import exact
from console.ui.timeline_text import day_text

# Characters that end or reorder a text are shown as what they are; those that emoji and scripts need stay.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]"
)
_LONGEST_BODY: Final = 70_000
"""Characters of one callback; the relay takes no larger ones."""
_STYLE: Final = """
body { font-family: sans-serif; font-size: 10pt; color: #16181d; }
h1 { font-size: 18pt; margin-top: 0px; margin-bottom: 4px; }
h2 { font-size: 13pt; margin-top: 26px; margin-bottom: 8px; }
h3 { font-size: 10pt; margin-top: 14px; margin-bottom: 4px; }
p { margin-top: 2px; margin-bottom: 6px; }
td, th { padding-top: 3px; padding-bottom: 3px; padding-right: 14px; vertical-align: top; text-align: left; }
th { color: #565d6b; font-weight: normal; }
pre { font-family: monospace; font-size: 8pt; background-color: #f2f3f5; white-space: pre-wrap; }
.muted { color: #565d6b; }
"""


@dataclass(frozen=True, slots=True)
class Making:
    """Who made a report, with what, and when."""

    at: datetime
    """In the agent's timezone."""
    program: str
    """Program and version."""
    account: str
    """The customer id the desk works with; empty where there is none."""


def case_page(timeline: Timeline, evidence: Sequence[tuple[str, RawEvidence]], making: Making) -> str:
    """The whole page."""
    title = tr("Report of one message")
    view = outlook(timeline, making.at)
    parts = [
        f"<h1>{_text(title)}</h1>",
        _paragraph(
            tr(
                "Made on {moment} by {program}.",
                moment=_moment(making.at, making.at),
                program=making.program,
            ),
            "muted",
        ),
        _heading(view.headline),
        *(_paragraph(line) for line in (view.meaning, view.next_step) if line),
        _pairs(_facts(timeline, making)),
        _heading(tr("What was written")),
        *_texts(timeline),
        _heading(tr("Channels")),
        _channels(timeline, making.at),
        _heading(tr("What happened")),
        _events(timeline.events, making.at),
        *_replies(timeline, making.at),
        _heading(tr("Proofs")),
        *_proofs(timeline, dict(evidence), making.at),
    ]
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<title>{_text(title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _facts(timeline: Timeline, making: Making) -> dict[str, str]:
    told = {
        tr("To"): left_to_right(f"+{timeline.to}") if timeline.to else "",
        tr("Written"): _moment(timeline.created_at, making.at),
        tr("Accepted by Telesign"): _moment(timeline.accepted_at, making.at),
        tr("Fallback time"): tr("{n} s", n=timeline.fallback_time) if timeline.sms_text is not None else "",
        tr("Reference id"): timeline.reference_id or "",
        tr("External id"): timeline.external_id or "",
        tr("Reply id"): timeline.reply_id or "",
        tr("Customer id of the desk"): making.account,
    }
    return {name: value for name, value in told.items() if value}


def _texts(timeline: Timeline) -> Iterable[str]:
    yield f"<h3>{_text(channel_name('viber'))}</h3>"
    yield _pre(timeline.viber_text)
    yield f"<h3>{_text(channel_name('sms'))}</h3>"
    if timeline.sms_text is None:
        yield _paragraph(tr("SMS was off."), "muted")
    elif timeline.sms_text == timeline.viber_text:
        yield _paragraph(tr("The same text."), "muted")
    else:
        yield _pre(timeline.sms_text)


def _channels(timeline: Timeline, now: datetime) -> str:
    head = [tr("Channel"), tr("State"), tr("Code"), tr("Telesign's words"), tr("Since"), tr("Reference id")]
    rows = [
        [
            channel_name(attempt.channel),
            attempt_text(attempt.state),
            "" if attempt.code is None else str(attempt.code),
            attempt.description,
            _moment(attempt.updated_at, now),
            attempt.reference_id or "",
        ]
        for attempt in timeline.attempts
    ]
    return _table(head, rows)


def _events(events: Sequence[Event], now: datetime) -> str:
    head = [tr("When"), tr("What"), tr("Code"), tr("Proof")]
    rows = [
        [
            _moment(event.at, now),
            ". ".join(part.rstrip(".") for part in (event.title, event.detail) if part),
            "" if event.code is None else str(event.code),
            verification_text(event.verification) if event.verification is not None else "",
        ]
        for event in events
    ]
    return _table(head, rows)


def _replies(timeline: Timeline, now: datetime) -> Iterable[str]:
    if not timeline.replies:
        return
    yield _heading(tr("What the customer answered"))
    for reply in timeline.replies:
        proof = f" · {verification_text(reply.verification)}" if reply.verification is not None else ""
        yield f"<h3>{_text(f'{_moment(reply.at, now)} · {channel_name(reply.channel)}{proof}')}</h3>"
        said = [part for part in (reply.text, reply.action, reply.file_name, reply.media) if part]
        yield _pre("\n".join(said))


def _proofs(timeline: Timeline, evidence: Mapping[str, RawEvidence], now: datetime) -> Iterable[str]:
    if not evidence:
        yield _paragraph(tr("Telesign has not reported anything yet."), "muted")
        return
    yield _paragraph(
        tr(
            "The exact bytes as they came. The signature is the HMAC-SHA256 of these bytes with the"
            " account's API key, in Base64."
        ),
        "muted",
    )
    titles: dict[str, list[str]] = {}
    for event in timeline.events:
        titles.setdefault(event.fact_id, []).append(event.title)
    for fact_id, raw in evidence.items():
        yield f"<h3>{_text('; '.join(dict.fromkeys(titles.get(fact_id, []))))}</h3>"
        told = {
            tr("Received"): _moment(raw.received_at, now),
            tr("Came as"): _came(raw.source),
            tr("Signature"): raw.signature or tr("none"),
            tr("Result"): verification_text(raw.verification) if raw.verification is not None else "",
        }
        yield _pairs({name: value for name, value in told.items() if value})
        yield f"<pre>{html.escape(exact(raw.body)[:_LONGEST_BODY])}</pre>"


def _came(source: Source | None) -> str:
    match source:
        case Source.CALLBACK:
            return tr("a report to the relay")
        case None:
            return ""
        case _:
            return tr("an answer to our question")


# -- pieces --------------------------------------------------------------------------------


def _text(text: str) -> str:
    return html.escape(_shown(" ".join(text.split())))


def _shown(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _pre(text: str) -> str:
    return f"<pre>{html.escape(_shown(text))}</pre>"


def _paragraph(text: str, role: str = "") -> str:
    return f'<p class="{role}">{_text(text)}</p>' if role else f"<p>{_text(text)}</p>"


def _heading(text: str) -> str:
    return f"<h2>{_text(text)}</h2>"


def _pairs(pairs: Mapping[str, str]) -> str:
    rows = "".join(f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>" for name, value in pairs.items())
    return f'<table cellspacing="0">{rows}</table>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = "".join(f"<th>{_text(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{_text(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table cellspacing="0" width="100%"><tr>{cells}</tr>{body}</table>'


def _moment(moment: datetime | None, now: datetime) -> str:
    """Local and UTC, each to the second: a report is read far away and later."""
    if moment is None:
        return ""
    local = moment.astimezone(now.tzinfo)
    # The day with its year, whatever year it is read in.
    day = day_text(local, local.replace(year=local.year + 1 if local.year < 9999 else local.year - 1, day=1))
    there = f"{day} {time_text(local, seconds=True)}"
    return tr("{local} ({utc} UTC)", local=there, utc=moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"))
