"""Phone numbers as people type and paste them, and what Telesign wants of them.

Telesign takes digits only, country code first (documented). Numbering plans are the
``phonenumbers`` library's; it is imported inside the functions, because it takes tens of
milliseconds and the first window does not need it.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from console.cascade.words import tr

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_LONGEST: Final = 64
_DIGITS: Final = re.compile(r"\D+")
_TEL: Final = re.compile(r"^\s*tel:", re.IGNORECASE)
_CHARS_ALLOWED: Final = frozenset("0123456789+()-./ \t")
_INVISIBLE: Final = ("Cf", "Cc")


@dataclass(frozen=True, slots=True)
class Recipient:
    """A number that can be sent to."""

    e164: str
    """``+15558675309``."""
    region: str | None
    """ISO 3166 region, ``US``; ``None`` where a code is shared or unassigned."""
    country: str | None
    """The region's English name, or ``None``."""
    formatted: str
    """International, as people write it: ``+1 555-867-5309``."""
    unusual: bool
    """Possible by its length, but not a number the numbering plan knows."""

    @property
    def digits(self) -> str:
        """What goes to Telesign."""
        return self.e164[1:]


@dataclass(frozen=True, slots=True)
class RecipientProblem:
    """Why a text is not a number that can be sent to: one sentence for the agent."""

    text: str


def clean(text: str) -> str:
    """The text with ``tel:`` and its parameters, invisible marks and foreign digits made plain."""
    if _TEL.match(text):
        body = unquote(_TEL.sub("", text))
        number, *parameters = body.split(";")
        context = next((p[15:] for p in parameters if p.lower().startswith("phone-context=+")), "")
        text = f"+{context}{number}" if context and not number.strip().startswith("+") else number
    plain = []
    for letter in text:
        category = unicodedata.category(letter)
        if category == "Nd":
            plain.append(str(unicodedata.digit(letter)))
        elif letter == "＋":
            plain.append("+")
        elif category == "Pd":
            plain.append("-")
        elif category == "Zs":
            plain.append(" ")
        elif category not in _INVISIBLE:
            plain.append(letter)
    return "".join(plain).strip()


def parse_recipient(text: str, default_region: str | None) -> Recipient | RecipientProblem:
    """Read a number; national numbers resolve against ``default_region`` (``"RS"``). Never raises."""
    return _parse(text, (default_region or "").upper() or None)


@lru_cache(maxsize=256)
def _parse(text: str, region: str | None) -> Recipient | RecipientProblem:
    problem = _obvious_problem(text)
    if problem is not None:
        return RecipientProblem(problem)
    import phonenumbers  # noqa: PLC0415 - see the module's docstring

    plain = clean(text)
    if plain.startswith("00") and not plain.startswith("+"):
        plain = "+" + plain[2:]
    if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
        region = None
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException as error:
        return RecipientProblem(_unparsed(error.error_type, plain, region))
    if number.extension:
        return RecipientProblem(tr("Leave out the extension: a message goes to the number alone."))
    reason = phonenumbers.is_possible_number_with_reason(number)
    possible = phonenumbers.ValidationResult
    if reason == possible.TOO_SHORT:
        return RecipientProblem(tr("This number is too short for its country."))
    if reason == possible.TOO_LONG:
        return RecipientProblem(tr("This number is too long for its country."))
    if reason == possible.IS_POSSIBLE_LOCAL_ONLY:
        return RecipientProblem(tr("The area code is missing from this number."))
    if reason == possible.INVALID_COUNTRY_CODE:
        return RecipientProblem(tr("No country has this code. Check the digits after the plus sign."))
    if reason == possible.INVALID_LENGTH:
        return RecipientProblem(tr("No number in this country has this many digits."))
    return _recipient(number)


def _recipient(number: PhoneNumber) -> Recipient:
    import phonenumbers  # noqa: PLC0415

    formats = phonenumbers.PhoneNumberFormat
    region = phonenumbers.region_code_for_number(number)
    if region in (None, "001"):
        # A number the plan does not know still has a country code, which names its main country.
        region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    known = region if region not in ("ZZ", "001", None) else None
    return Recipient(
        e164=phonenumbers.format_number(number, formats.E164),
        region=known,
        country=_country(known),
        formatted=phonenumbers.format_number(number, formats.INTERNATIONAL),
        unusual=not phonenumbers.is_valid_number(number),
    )


@lru_cache(maxsize=256)
def _country(region: str | None) -> str | None:
    if region is None:
        return None
    from phonenumbers import example_number, geocoder  # noqa: PLC0415

    # The library names countries by number only; any number of the region will do.
    example = example_number(region)
    return geocoder.country_name_for_number(example, "en") or None if example is not None else None


def _obvious_problem(text: str) -> str | None:
    if len(text) > _LONGEST * 4:
        return tr("This is far too long to be a phone number.")
    plain = clean(text)
    if not plain:
        return tr("Type the customer's number.")
    if any(letter.isalpha() for letter in plain):
        return tr("A phone number has no letters. Type digits, with the country code first.")
    strange = next((letter for letter in plain if letter not in _CHARS_ALLOWED), None)
    if strange is not None:
        return tr("“{character}” does not belong in a phone number.", character=strange)
    if not _DIGITS.sub("", plain):
        return tr("Type the customer's number.")
    if plain.count("+") > 1 or ("+" in plain and not plain.lstrip("( ").startswith("+")):
        return tr("The plus sign belongs once, at the start of the number.")
    return None


def _unparsed(kind: int, plain: str, region: str | None) -> str:
    from phonenumbers import NumberParseException  # noqa: PLC0415

    if kind == NumberParseException.INVALID_COUNTRY_CODE:
        if plain.startswith("+"):
            return tr("No country has this code. Check the digits after the plus sign.")
        if region is None:
            return tr("Start with + and the country code, or set a default country in Settings.")
    if kind == NumberParseException.TOO_LONG:
        return tr("This number is too long.")
    if kind in (NumberParseException.TOO_SHORT_NSN, NumberParseException.TOO_SHORT_AFTER_IDD):
        return tr("This number is too short.")
    return tr("This is not a phone number. Type digits, with the country code first.")


def format_as_typed(text: str, default_region: str | None) -> str:
    """The text with the spacing of its country, as far as typed: ``+1555867`` → ``+1 555-867``.

    What is not yet, or not at all, a number comes back unchanged: nothing typed is ever lost.
    """
    plain = clean(text)
    if not plain or any(letter not in _CHARS_ALLOWED for letter in plain) or len(plain) > _LONGEST:
        return text
    from phonenumbers import AsYouTypeFormatter  # noqa: PLC0415

    formatter = AsYouTypeFormatter((default_region or "ZZ").upper())
    typed = ""
    for letter in plain:
        if letter.isdigit() or letter == "+":
            typed = formatter.input_digit(letter)
    kept = _DIGITS.sub("", typed) == _DIGITS.sub("", plain)
    return typed if kept and typed else text
