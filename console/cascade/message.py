"""From a draft, as typed, to a message that may be sent; and what is wrong with it, in words.

A :class:`Draft` holds raw field values and can always be saved. :func:`check` turns it into a
:class:`Message` or says, in one clear sentence each, what stands in the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from console.cascade.facts import MessageType
from console.cascade.formats import time_text
from console.cascade.recipient import Recipient, RecipientProblem, parse_recipient
from console.cascade.templates import unfilled
from console.cascade.viber import VIBER_LIMIT, count_viber
from console.cascade.words import tr, trn

FALLBACK_MIN: Final = 30
"""Seconds (documented)."""
FALLBACK_MAX: Final = 3600
FALLBACK_DEFAULT: Final = 300
FALLBACK_STEPS: Final = (30, 45, 60, 90, 120, 180, 240, 300, 420, 600, 900, 1200, 1800, 2400, 3600)
"""Where the slider stops: steps that each make a difference."""

EXTERNAL_ID_LIMIT: Final = 100
"""Characters, ASCII only (documented, else 3103)."""
SMS_LIMIT: Final = 1600
"""Characters. Documented for Telesign's classic SMS; for Messaging it is not stated, so it only warns."""
LIFECYCLE_EVENTS: Final = ("create", "sign-in", "transact", "update", "delete")
"""Telesign's ``account_lifecycle_event`` (documented)."""


class DraftField(StrEnum):
    """The fields a problem can point at."""

    TO = "to"
    VIBER_TEXT = "viber_text"
    SMS_TEXT = "sms_text"
    FALLBACK_TIME = "fallback_time"
    REPLY_ID = "reply_id"
    EXTERNAL_ID = "external_id"
    CALLBACK_URL = "callback_url"
    LIFECYCLE_EVENT = "lifecycle_event"
    ORIGINATING_IP = "originating_ip"
    SENDER_ID = "sender_id"
    WHOLE = "whole"


class Severity(StrEnum):
    """Whether a problem stops the message."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or unusual, in one sentence."""

    field: DraftField
    text: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What stands in the compose form, whatever it is."""

    to: str = ""
    viber_text: str = ""
    sms_text: str = ""
    """What the agent wrote as SMS; not used while ``sms_follows``."""
    sms_enabled: bool = True
    sms_follows: bool = True
    """The SMS text equals the Viber text."""
    fallback_time: int = FALLBACK_DEFAULT
    message_type: MessageType = MessageType.ARN
    two_way: bool = False
    reply_id: str = ""
    session: bool = False
    """Send with the template ``text_session``."""
    sender_id: str = ""
    external_id: str = ""
    callback_url: str = ""
    lifecycle_event: str = ""
    originating_ip: str = ""
    answers: str | None = None
    """The ``message_id`` whose reply this answers."""
    open_fields: tuple[str, ...] = ()
    """The fields of the template it came from that may not be sent as they stand."""

    @property
    def sms(self) -> str | None:
        """The SMS text that would be sent; ``None`` for Viber only."""
        if not self.sms_enabled:
            return None
        return self.viber_text if self.sms_follows else self.sms_text

    @property
    def blank(self) -> bool:
        """Nothing worth keeping has been typed."""
        return not (self.to.strip() or self.viber_text or (self.sms_enabled and self.sms))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A checked message: everything a request needs except our external id."""

    to: str
    """Digits only, country code first."""
    viber_text: str
    sms_text: str | None
    fallback_time: int
    message_type: MessageType
    reply_id: str | None = None
    session: bool = False
    sender_id: str | None = None
    external_id: str | None = None
    """The agent's own; ``None`` lets the desk make one."""
    callback_url: str | None = None
    lifecycle_event: str | None = None
    originating_ip: str | None = None
    answers: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What :func:`check` found."""

    message: Message | None
    """``None`` while an error stands in the way."""
    problems: tuple[Problem, ...]
    """Errors first, each group in the order of the form."""
    recipient: Recipient | None

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    def of(self, field: DraftField) -> tuple[Problem, ...]:
        """The problems of one field."""
        return tuple(problem for problem in self.problems if problem.field is field)


def check(draft: Draft, *, default_region: str | None) -> Checked:
    """Check every field of ``draft``. Total: any text in any field gives problems, never an exception."""
    parsed = parse_recipient(draft.to, default_region)
    recipient = parsed if isinstance(parsed, Recipient) else None
    found = [
        *_recipient_problems(parsed),
        *_viber_problems(draft.viber_text, draft.open_fields),
        *_sms_problems(draft),
        *_fallback_problems(draft.fallback_time),
        *_reply_problems(draft),
        *_advanced_problems(draft),
    ]
    problems = tuple(sorted(found, key=lambda problem: problem.severity is Severity.WARNING))
    stopped = any(problem.severity is Severity.ERROR for problem in problems)
    message = None
    if recipient is not None and not stopped:
        message = Message(
            to=recipient.digits,
            viber_text=draft.viber_text,
            sms_text=draft.sms,
            fallback_time=draft.fallback_time,
            message_type=draft.message_type,
            reply_id=draft.reply_id.strip() or None,
            session=draft.session,
            sender_id=draft.sender_id.strip() or None,
            external_id=draft.external_id.strip() or None,
            callback_url=draft.callback_url.strip() or None,
            lifecycle_event=draft.lifecycle_event or None,
            originating_ip=draft.originating_ip.strip() or None,
            answers=draft.answers,
        )
    return Checked(message=message, problems=problems, recipient=recipient)


def _warning(field: DraftField, text: str) -> Problem:
    return Problem(field, text, Severity.WARNING)


def _recipient_problems(parsed: Recipient | RecipientProblem) -> list[Problem]:
    if isinstance(parsed, RecipientProblem):
        return [Problem(DraftField.TO, parsed.text)]
    if parsed.unusual:
        text = tr("This number is unusual: no known numbering plan has it. Check it; it can be sent.")
        return [_warning(DraftField.TO, text)]
    return []


def _unsendable(text: str) -> str | None:
    if "\0" in text:
        return tr("The text holds an invisible character (NUL) that cannot be sent. Delete and retype it.")
    if any("\ud800" <= letter <= "\udfff" for letter in text):
        return tr("The text holds half of a broken character. Delete the unreadable sign and retype it.")
    return None


def _unfilled_problem(field: DraftField, left: tuple[str, ...]) -> Problem:
    names = ", ".join("{" + name + "}" for name in left)
    return Problem(
        field,
        trn(
            "Fill in {names}: Tab goes there.",
            "Fill in {names}: Tab goes from one to the next.",
            len(left),
            names=names,
        ),
    )


def _viber_problems(text: str, open_fields: tuple[str, ...]) -> list[Problem]:
    field = DraftField.VIBER_TEXT
    if not text.strip():
        return [Problem(field, tr("Type the Viber text."))]
    if (broken := _unsendable(text)) is not None:
        return [Problem(field, broken)]
    if left := unfilled(text, open_fields):
        return [_unfilled_problem(field, left)]
    count = count_viber(text)
    if count.over:
        return [
            Problem(
                field,
                trn(
                    "The Viber text is {n} character too long: {limit} are allowed.",
                    "The Viber text is {n} characters too long: {limit} are allowed.",
                    count.over,
                    limit=VIBER_LIMIT,
                ),
            )
        ]
    if count.doubtful:
        text = tr("With this many emoji, Viber may count more than {limit} characters.", limit=VIBER_LIMIT)
        return [_warning(field, text)]
    return []


def _sms_problems(draft: Draft) -> list[Problem]:
    text = draft.sms
    field = DraftField.SMS_TEXT
    if text is None or draft.sms_follows:
        return []
    if not text.strip():
        return [Problem(field, tr("Type the SMS text, or switch SMS off."))]
    if (broken := _unsendable(text)) is not None:
        return [Problem(field, broken)]
    if left := unfilled(text, draft.open_fields):
        return [_unfilled_problem(field, left)]
    if len(text) > SMS_LIMIT:
        return [_warning(field, tr("An SMS text over {limit} characters may be cut off.", limit=SMS_LIMIT))]
    return []


def _fallback_problems(seconds: int) -> list[Problem]:
    if FALLBACK_MIN <= seconds <= FALLBACK_MAX:
        return []
    return [Problem(DraftField.FALLBACK_TIME, _out_of_range(seconds))]


def _out_of_range(seconds: int) -> str:
    return tr(
        "Viber can be given {least} to {most} seconds; {seconds} is outside that.",
        least=FALLBACK_MIN,
        most=FALLBACK_MAX,
        seconds=seconds,
    )


def _reply_problems(draft: Draft) -> list[Problem]:
    field = DraftField.REPLY_ID
    reply_id = draft.reply_id.strip()
    if (broken := _unsendable(reply_id)) is not None:
        return [Problem(field, broken)]
    if draft.two_way and not reply_id:
        return [Problem(field, tr("Type a reply id, so that answers can be matched, or switch two-way off."))]
    if draft.session and not reply_id:
        return [Problem(field, tr("A session text needs the reply id of the conversation."))]
    return []


def _advanced_problems(draft: Draft) -> list[Problem]:
    found = []
    external_id = draft.external_id.strip()
    if not external_id.isascii() or any(not letter.isprintable() for letter in external_id):
        found.append(
            Problem(
                DraftField.EXTERNAL_ID, tr("The external id may hold plain Latin letters and signs only.")
            )
        )
    elif len(external_id) > EXTERNAL_ID_LIMIT:
        text = tr("The external id is too long: {limit} characters are allowed.", limit=EXTERNAL_ID_LIMIT)
        found.append(Problem(DraftField.EXTERNAL_ID, text))
    elif external_id.lower() == "null":
        # Telesign writes the string "null" where a message has no external id.
        found.append(Problem(DraftField.EXTERNAL_ID, tr("“null” cannot be an external id.")))
    if (broken := _unsendable(draft.sender_id)) is not None:
        found.append(Problem(DraftField.SENDER_ID, broken))
    found += _callback_problems(draft.callback_url.strip())
    if draft.lifecycle_event and draft.lifecycle_event not in LIFECYCLE_EVENTS:
        text = tr("The lifecycle event must be one of: {events}.", events=", ".join(LIFECYCLE_EVENTS))
        found.append(Problem(DraftField.LIFECYCLE_EVENT, text))
    found += _address_problems(draft.originating_ip.strip())
    return found


def _callback_problems(url: str) -> list[Problem]:
    if not url:
        return []
    field = DraftField.CALLBACK_URL
    wrong = Problem(field, tr("The callback URL must be a whole address that begins with https://."))
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return [wrong]
    if parts.scheme not in ("https", "http") or not parts.hostname or any(sign.isspace() for sign in url):
        return [wrong]
    if _unsendable(url) is not None:
        return [wrong]
    if parts.scheme == "http":
        return [Problem(field, tr("Telesign calls back over https only: begin the address with https://."))]
    return [_warning(field, tr("Reports go to this address instead of the usual one."))]


def _address_problems(text: str) -> list[Problem]:
    if not text:
        return []
    field = DraftField.ORIGINATING_IP
    wrong = tr("The originating IP must be an IPv4 or IPv6 address, such as 203.0.113.7.")
    try:
        address = ip_address(text)
    except ValueError:
        return [Problem(field, wrong)]
    if "%" in text:  # an IPv6 zone means something on one computer only
        return [Problem(field, wrong)]
    if not address.is_global:
        return [_warning(field, tr("This is not a public address; the customer's own one is wanted."))]
    return []


def nearest_step(seconds: int) -> int:
    """The index in :data:`FALLBACK_STEPS` nearest to ``seconds`` (by proportion, as the eye sees it)."""
    wanted = max(seconds, 1)

    def distance(index: int) -> float:
        step = FALLBACK_STEPS[index]
        return max(step / wanted, wanted / step)

    return min(range(len(FALLBACK_STEPS)), key=distance)


def speak_duration(seconds: int) -> str:
    """A duration as people say it: ``45 s``, ``1½ min``, ``5 min``, ``7 min 20 s``, ``1 h``."""
    if seconds < 60:
        return tr("{n} s", n=max(seconds, 0))
    if seconds % 3600 == 0:
        return tr("{n} h", n=seconds // 3600)
    minutes, rest = divmod(seconds, 60)
    if rest == 0:
        return tr("{n} min", n=minutes)
    if rest == 30 and minutes < 10:
        return tr("{n}½ min", n=minutes)
    return tr("{minutes} min {seconds} s", minutes=minutes, seconds=rest)


def fallback_sentence(
    fallback_time: int, *, sms_enabled: bool, now: datetime, time_scale: float = 1.0
) -> str:
    """What the slider means, in one sentence; without SMS, that it means nothing, and why.

    ``now`` is an aware moment in the time zone the agent lives in. ``time_scale`` is the sandbox's:
    provider seconds in one real second.
    """
    if not sms_enabled:
        return tr("SMS is off, so this time is not used: only Viber is tried.")
    if not FALLBACK_MIN <= fallback_time <= FALLBACK_MAX:
        return _out_of_range(fallback_time)
    moment = now + timedelta(seconds=fallback_time / time_scale)
    time, duration = time_text(moment), speak_duration(fallback_time)
    if time_scale != 1.0:
        return tr(
            "If Viber has not delivered by {time} (in {duration}, here in the sandbox {real}), SMS is sent.",
            time=time,
            duration=duration,
            real=speak_duration(max(1, round(fallback_time / time_scale))),
        )
    return tr(
        "If Viber has not delivered by {time} (in {duration}), SMS is sent.", time=time, duration=duration
    )
