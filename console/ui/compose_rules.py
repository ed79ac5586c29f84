"""The rules of the compose pane as plain functions: no widget is needed to know them."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from console.cascade.message import Checked, Draft, DraftField, Severity
from console.cascade.recipient import format_as_typed
from console.cascade.sms import SmsCount
from console.cascade.viber import ViberCount
from console.cascade.words import tr, trn

CHIPS: Final = 4
"""How many different suggestions are offered by name; "replace all" covers the rest."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A text and where the caret stands in it, in code points."""

    text: str
    caret: int


def retype(text: str, caret: int, region: str | None) -> Typed:
    """A phone number spaced as its country does, the caret after the same digit as before.

    What is not a number comes back as typed. A separator cannot be deleted by itself: the
    formatting puts it back, and the caret has moved before it, so the next key takes the digit.
    """
    formatted = format_as_typed(text, region)
    if formatted == text:
        return Typed(text, caret)
    passed = sum(map(_significant, text[:caret]))
    if passed == sum(map(_significant, text)):
        return Typed(formatted, len(formatted))
    place = 0
    while passed:
        passed -= _significant(formatted[place])
        place += 1
    return Typed(formatted, place)


def _significant(letter: str) -> bool:
    return letter == "+" or letter.isdigit()


def right_to_left(text: str) -> bool:
    """Whether the first letter with a direction of its own runs from right to left."""
    for letter in text:
        direction = unicodedata.bidirectional(letter)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def send_reason(checked: Checked) -> str:
    """Why Send is not possible, in one sentence; empty if it is."""
    return checked.errors[0].text if checked.errors else ""


@dataclass(frozen=True, slots=True)
class Note:
    """What stands under a field: ``tone`` is ``bad``, ``warning`` or empty for nothing."""

    text: str = ""
    tone: str = ""


def note_for(checked: Checked, field: DraftField) -> Note:
    """The first problem of a field."""
    for problem in checked.of(field):
        return Note(problem.text, "bad" if problem.severity is Severity.ERROR else "warning")
    return Note()


def viber_counter(count: ViberCount) -> str:
    """``142/1000``."""
    return tr("{used}/{limit}", used=count.graphemes, limit=count.limit)


def viber_counter_detail(count: ViberCount) -> str:
    """The same counted as computers do, for the tool tip and screen readers."""
    return tr(
        "{characters} · {units} UTF-16 units · {size} bytes",
        characters=trn("{n} character", "{n} characters", count.graphemes),
        units=count.utf16,
        size=count.utf8_bytes,
    )


def sms_counter(count: SmsCount) -> str:
    """``GSM-7 · 142/160 · 1 segment``."""
    return tr(
        "{encoding} · {used}/{limit} · {segments}",
        encoding=count.encoding,
        used=count.used,
        limit=count.limit,
        segments=trn("{n} segment", "{n} segments", len(count.segments)),
    )


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters that force UCS-2, in UTF-16 units as Qt counts."""

    start: int
    length: int
    replaceable: bool


def offender_runs(count: SmsCount) -> list[Run]:
    """Every character that forces UCS-2, neighbours of one kind joined."""
    runs: list[Run] = []
    for offender in count.offenders:
        units = 2 if ord(offender.character) > 0xFFFF else 1
        replaceable = offender.suggestion is not None
        last = runs[-1] if runs else None
        if last and last.start + last.length == offender.utf16_index and last.replaceable == replaceable:
            runs[-1] = replace(last, length=last.length + units)
        else:
            runs.append(Run(offender.utf16_index, units, replaceable))
    return runs


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One character, what could stand in its place, and how often it occurs."""

    character: str
    instead: str
    times: int

    @property
    def label(self) -> str:
        """``’ → '``; invisible characters by name."""
        return tr(
            "{character} → {instead}", character=_visible(self.character), instead=_visible(self.instead)
        )


def suggestions(count: SmsCount) -> list[Suggestion]:
    """What can be replaced one character at a time, in the order of the text."""
    times: dict[str, int] = {}
    instead: dict[str, str] = {}
    for offender in count.offenders:
        if offender.suggestion is not None:
            times[offender.character] = times.get(offender.character, 0) + 1
            instead[offender.character] = offender.suggestion
    return [Suggestion(character, instead[character], n) for character, n in times.items()]


def _visible(text: str) -> str:
    if text == "":
        return tr("nothing")
    if text == " ":
        return tr("space")
    if text == "\n":
        return tr("line break")
    if text.isspace() or not text.isprintable():
        return unicodedata.name(text[0], f"U+{ord(text[0]):04X}").lower()
    return text


def encoding_sentence(count: SmsCount) -> str:
    """What the costly encoding means; empty for GSM-7."""
    if count.encoding == "GSM-7":
        return ""
    return trn(
        "{n} character is outside the SMS alphabet, so a segment holds 70 characters, not 160.",
        "{n} characters are outside the SMS alphabet, so a segment holds 70 characters, not 160.",
        len(count.offenders),
    )


def after_send(standing: Draft, sent: Draft) -> Draft:
    """The form after ``sent`` was taken, while ``standing`` is in it.

    Texts, recipient and what belongs to this one message go; settings stay. What was typed
    while the message was on its way into the journal stays, since nobody has sent it.
    """

    def left(now: str, then: str) -> str:
        return "" if now == then else now

    kept = left(standing.sms_text, sent.sms_text)
    return replace(
        standing,
        to=left(standing.to, sent.to),
        viber_text=left(standing.viber_text, sent.viber_text),
        sms_text=kept,
        sms_follows=standing.sms_follows or not kept,
        reply_id=left(standing.reply_id, sent.reply_id),
        external_id=left(standing.external_id, sent.external_id),
        originating_ip=left(standing.originating_ip, sent.originating_ip),
        two_way=False,
        session=False,
        answers=None,
        open_fields=() if standing.viber_text == sent.viber_text else standing.open_fields,
    )


def uses_advanced(draft: Draft) -> bool:
    """Whether the folded part of the form holds anything, so that it must not hide it."""
    return any(
        (
            draft.sender_id,
            draft.external_id,
            draft.callback_url,
            draft.lifecycle_event,
            draft.originating_ip,
        )
    )


def uses_two_way(draft: Draft) -> bool:
    """Whether the two-way part of the form is in use."""
    return draft.two_way or bool(draft.reply_id) or draft.session


def reusable(draft: Draft) -> Draft:
    """A sent message's draft as a new one: what must be unique is left out."""
    return replace(draft, external_id="", answers=None)
