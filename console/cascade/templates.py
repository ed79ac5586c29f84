"""Templates: canned messages with fields, their rules, and the file they travel in.

In a template every ``{word}`` is a field: a letter, then letters, digits, ``_``, ``-``, up to 30 in
all. Other braces are just braces. A text that came from a template keeps its fields open until each
was written over; what a person types in braces by hand is no field and may be sent.

The file is JSON in UTF-8, at most :data:`FILE_LIMIT` bytes::

    {
      "format": "cascade-templates",
      "version": 1,
      "templates": [
        {"name": "Parcel ready", "category": "Parcels",
         "viber": "Hello {name}, parcel {order} is ready.", "sms": "Parcel {order} is ready."}
      ]
    }

``category`` may be missing or empty; ``sms`` may be missing or null: then SMS says what Viber says.
Names are unique, whatever their case. Members of other names are passed over, so that a later
version may add some.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from console.cascade.words import tr, trn

FORMAT: Final = "cascade-templates"
FILE_VERSION: Final = 1
FILE_LIMIT: Final = 16 * 1024 * 1024
"""Bytes."""
NAME_LIMIT: Final = 80
CATEGORY_LIMIT: Final = 40
TEXT_LIMIT: Final = 2000
"""Characters of a text with its fields still in it; what is sent has limits of its own."""
FIELDS_LIMIT: Final = 20
"""Different fields in one template."""

_FIELD: Final = re.compile(r"\{([^\W\d_][\w-]{0,29})\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One canned message."""

    name: str
    category: str = ""
    viber_text: str
    sms_text: str | None = None
    """``None``: SMS says what Viber says."""
    key: str = field(init=False, repr=False, compare=False)
    """Equal for names that a person would take for the same."""
    search_text: str = field(init=False, repr=False, compare=False)
    """What is searched when somebody types: made once, for ten thousand are searched at each key."""

    def __post_init__(self) -> None:
        searched = " ".join((self.name, self.category, self.viber_text, self.sms_text or ""))
        object.__setattr__(self, "key", name_key(self.name))
        object.__setattr__(self, "search_text", name_key(searched))

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of its fields, each once, in the order they appear."""
        return field_names(self.viber_text, self.sms_text or "")


@dataclass(frozen=True, slots=True)
class FieldSpan:
    """Where a field stands in a text, in Python's characters, braces included."""

    start: int
    end: int
    name: str


class TemplateError(ValueError):
    """A template, or a file of them, cannot be used; the sentence is for a person."""


def field_spans(text: str, among: Iterable[str] | None = None) -> tuple[FieldSpan, ...]:
    """Every field in ``text``, or those whose name is ``among`` these."""
    wanted = None if among is None else frozenset(among)
    return tuple(
        FieldSpan(found.start(), found.end(), found[1])
        for found in _FIELD.finditer(text)
        if wanted is None or found[1] in wanted
    )


def field_names(*texts: str) -> tuple[str, ...]:
    """The names of the fields in these texts, each once, in the order they appear."""
    return tuple(dict.fromkeys(span.name for text in texts for span in field_spans(text)))


def unfilled(text: str, open_fields: Iterable[str]) -> tuple[str, ...]:
    """Which of the fields that are still open stand in ``text``, each once."""
    return tuple(dict.fromkeys(span.name for span in field_spans(text, open_fields)))


def next_field(text: str, position: int, open_fields: Iterable[str], step: int) -> FieldSpan | None:
    """The open field after (``step`` 1) or before (-1) a position; ``None`` at the end of the way."""
    spans = field_spans(text, open_fields)
    if step > 0:
        return next((span for span in spans if span.start >= position), None)
    return next((span for span in reversed(spans) if span.end <= position), None)


def name_key(name: str) -> str:
    """Equal for names that differ in case, width or spaces only."""
    # Twice: folding the case of a compatibility letter can make one that decomposes again.
    once = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", once).split())


def checked(name: str, category: str, viber_text: str, sms_text: str | None) -> Template:
    """A template of these parts, with spaces around names taken off.

    Raises:
        TemplateError: one of them cannot be.
    """
    made = Template(name=name.strip(), category=category.strip(), viber_text=viber_text, sms_text=sms_text)
    if not made.key:
        raise TemplateError(tr("A template needs a name."))
    _check_line(made.name, NAME_LIMIT, tr("The name"))
    _check_line(made.category, CATEGORY_LIMIT, tr("The category"))
    if not viber_text.strip():
        raise TemplateError(tr("The Viber text is empty."))
    _check_text(viber_text, tr("The Viber text"))
    if sms_text is not None:
        if not sms_text.strip():
            raise TemplateError(tr("The SMS text is empty. Let it follow the Viber text, or write one."))
        _check_text(sms_text, tr("The SMS text"))
    if len(made.fields) > FIELDS_LIMIT:
        raise TemplateError(tr("A template can have {limit} different fields.", limit=FIELDS_LIMIT))
    return made


def _check_line(text: str, limit: int, what: str) -> None:
    if len(text) > limit:
        raise TemplateError(tr("{what} is longer than {limit} characters.", what=what, limit=limit))
    # Marks of direction would let one name look like another; line breaks would break a list.
    if any(unicodedata.category(sign) in ("Cc", "Cs", "Zl", "Zp") or sign in _DIRECTIONS for sign in text):
        raise TemplateError(tr("{what} holds an invisible character.", what=what))


_DIRECTIONS: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def _check_text(text: str, what: str) -> None:
    if len(text) > TEXT_LIMIT:
        raise TemplateError(tr("{what} is longer than {limit} characters.", what=what, limit=TEXT_LIMIT))
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise TemplateError(tr("{what} holds a character that cannot be sent.", what=what))


# -- finding one ---------------------------------------------------------------------------


def found(templates: Sequence[Template], query: str) -> list[Template]:
    """Those that hold every word of ``query``; the ones whose name begins with it first."""
    wanted = name_key(query)
    words = wanted.split()
    hits = [each for each in templates if all(word in each.search_text for word in words)]
    return sorted(hits, key=lambda each: (not each.key.startswith(wanted), wanted not in each.key))


# -- the file ------------------------------------------------------------------------------


def to_file(templates: Iterable[Template]) -> bytes:
    """The file that :func:`from_file` reads, by category and name."""
    told = [
        {"name": each.name, "category": each.category, "viber": each.viber_text, "sms": each.sms_text}
        for each in sorted(templates, key=lambda each: (name_key(each.category), each.key))
    ]
    whole = {"format": FORMAT, "version": FILE_VERSION, "templates": told}
    return (json.dumps(whole, ensure_ascii=False, indent=2) + "\n").encode()


def from_file(content: bytes) -> tuple[Template, ...]:
    """The templates of a file: all of them, or none.

    Raises:
        TemplateError: it is no such file, or one of them cannot be; the sentence says which.
    """
    if len(content) > FILE_LIMIT:
        raise TemplateError(tr("The file is larger than a file of templates can be."))
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise TemplateError(tr("The file is not JSON in UTF-8.")) from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise TemplateError(tr("The file is not one of Cascade's templates."))
    version = told.get("version")
    if type(version) is not int or version < 1:
        raise TemplateError(tr("The file does not say its version."))
    if version > FILE_VERSION:
        raise TemplateError(tr("The file comes from a newer Cascade. Update this one first."))
    listed = told.get("templates")
    if not isinstance(listed, list):
        raise TemplateError(tr("The file holds no list of templates."))
    seen: dict[str, int] = {}
    read = []
    for number, entry in enumerate(listed, 1):
        try:
            template = _from_entry(entry, seen)
        except TemplateError as error:
            raise TemplateError(tr("Template {number}: {problem}", number=number, problem=error)) from None
        seen[template.key] = number
        read.append(template)
    return tuple(read)


def _from_entry(entry: object, seen: Mapping[str, int]) -> Template:
    if not isinstance(entry, dict):
        raise TemplateError(tr("It is not a template."))
    name, category, viber = (entry.get(key, "") for key in ("name", "category", "viber"))
    sms = entry.get("sms")
    if not isinstance(name, str) or not isinstance(category, str) or not isinstance(viber, str):
        raise TemplateError(tr("Name, category and Viber text must be texts."))
    if sms is not None and not isinstance(sms, str):
        raise TemplateError(tr("The SMS text must be a text, or null."))
    template = checked(name, category, viber, sms)
    if template.key in seen:
        raise TemplateError(tr("The name is that of template {first}.", first=seen[template.key]))
    return template


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What taking a file in would do; nothing is ever deleted by it."""

    new: tuple[Template, ...]
    changed: tuple[Template, ...]
    """Those that take the place of one of the same name."""
    same: tuple[Template, ...]

    @property
    def sentence(self) -> str:
        """What would happen, for the question before it."""
        return " ".join(
            (
                trn("{n} template is new.", "{n} templates are new.", len(self.new)),
                trn(
                    "{n} takes the place of one with the same name.",
                    "{n} take the place of those with the same name.",
                    len(self.changed),
                ),
                trn("{n} is here already.", "{n} are here already.", len(self.same)),
            )
        )


def plan_import(here: Iterable[Template], file: Iterable[Template]) -> ImportPlan:
    """Compare what is here with what a file brings."""
    known = {template.key: template for template in here}
    brought = tuple(file)
    return ImportPlan(
        new=tuple(each for each in brought if each.key not in known),
        changed=tuple(each for each in brought if each.key in known and known[each.key] != each),
        same=tuple(each for each in brought if known.get(each.key) == each),
    )
