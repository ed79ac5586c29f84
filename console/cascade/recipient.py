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

from console.cascade.countries import country_name
from console.cascade.words import tr

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

_LONGEST: Final = 256
"""Characters. A link with parameters fits; what is longer is some other text."""
_LONGEST_TYPED: Final = 64
_NOT_DIGITS: Final = re.compile(r"\D+")
_LINK: Final = re.compile(r"(?:tel|sms|callto):(?://)?", re.IGNORECASE)
_ALLOWED: Final = frozenset("0123456789+()[]-./ ")
_AROUND: Final = " \"'<>,;“”‘’"
"""What clings to a number that was copied out of a sentence or a mail."""
_TRUNK: Final = "0"
_POSSIBLE: Final = 0
"""``phonenumbers.ValidationResult.IS_POSSIBLE``, which is not imported at the start."""
_FULL_LENGTH: Final = 11
"""From so many digits on, a number without the domestic 0 is likelier to begin with a country code."""


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
    national: str
    """As people in its country write it: ``(555) 867-5309``."""
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
    """The text with links unwrapped, invisible marks left out and foreign digits made plain."""
    link = _LINK.match(text.strip(_AROUND))
    if link is not None:
        number, *parameters = unquote(text.strip(_AROUND)[link.end() :]).split("?")[0].split(";")
        # RFC 3966: a local number stands in the context of a number it begins with.
        context = next((p[14:] for p in parameters if p.lower().startswith("phone-context=+")), "")
        text = context + number if not number.strip().startswith("+") else number
    plain = []
    for letter in text:
        category = unicodedata.category(letter)
        if category == "Nd":
            plain.append(str(unicodedata.digit(letter)))
        elif letter == "＋":
            plain.append("+")
        elif category == "Pd":
            plain.append("-")
        elif category == "Zs" or letter in "\t\r\n":
            plain.append(" ")
        elif category not in ("Cf", "Cc"):
            plain.append(letter)
    return "".join(plain).strip(_AROUND)


def parse_recipient(text: str, default_region: str | None) -> Recipient | RecipientProblem:
    """Read a number; national numbers resolve against ``default_region`` (``"RS"``). Never raises."""
    return _parse(text, (default_region or "").upper() or None)


@lru_cache(maxsize=256)
def _parse(text: str, region: str | None) -> Recipient | RecipientProblem:
    problem = _obvious_problem(text)
    if problem is not None:
        return RecipientProblem(problem)
    import phonenumbers  # noqa: PLC0415 - see the module's docstring

    plain = clean(text).strip("([ ")
    if plain.startswith("00"):
        plain = "+" + plain[2:]
    if region is not None and region not in phonenumbers.SUPPORTED_REGIONS:
        region = None
    if not plain.startswith("+") and _is_international(plain, region):
        plain = "+" + plain
    try:
        number = phonenumbers.parse(plain, region)
    except phonenumbers.NumberParseException as error:
        return RecipientProblem(_unparsed(error.error_type, plain))
    reason = phonenumbers.is_possible_number_with_reason(number)
    return _recipient(number) if reason == _POSSIBLE else RecipientProblem(_impossible(reason))


def _is_international(plain: str, region: str | None) -> bool:
    """Whether digits without a plus begin with a country code, as Telesign writes them.

    With a default country they are a number of that country, unless they cannot be, or are long and
    lack the 0 that domestic numbers there begin with. Where both readings fail, the domestic one
    is the better base for an explanation.
    """
    if region is None:
        # Without a country there is no other reading; a leading 0 is no country code.
        return not _NOT_DIGITS.sub("", plain).startswith(_TRUNK)
    import phonenumbers  # noqa: PLC0415

    def read(text: str, default: str | None) -> PhoneNumber | None:
        try:
            number = phonenumbers.parse(text, default)
        except phonenumbers.NumberParseException:
            return None
        return number if phonenumbers.is_possible_number_with_reason(number) == _POSSIBLE else None

    abroad = read("+" + plain, None)
    if abroad is None:
        return False
    home = read(plain, region)
    if home is None:
        return True
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    digits = _NOT_DIGITS.sub("", plain)
    lacks_trunk = (
        metadata is not None and metadata.national_prefix == _TRUNK and not digits.startswith(_TRUNK)
    )
    if lacks_trunk and len(digits) >= _FULL_LENGTH:
        return True
    return not phonenumbers.is_valid_number(home) and phonenumbers.is_valid_number(abroad)


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
        country=country_name(known),
        formatted=phonenumbers.format_number(number, formats.INTERNATIONAL),
        national=phonenumbers.format_number(number, formats.NATIONAL),
        unusual=not phonenumbers.is_valid_number(number),
    )


def _obvious_problem(text: str) -> str | None:
    if len(text) > _LONGEST:
        return tr("This is far too long to be a phone number.")
    plain = clean(text)
    if not plain:
        return tr("Type the customer's number.")
    if any(letter.isalpha() for letter in plain):
        return tr("A phone number has no letters. Type digits, with the country code first.")
    strange = next((letter for letter in plain if letter not in _ALLOWED), None)
    if strange is not None:
        if not strange.isprintable():
            return tr("The number holds a broken character. Delete it and type the number again.")
        return tr("“{character}” does not belong in a phone number.", character=strange)
    if not _NOT_DIGITS.sub("", plain):
        return tr("Type the customer's number.")
    if plain.count("+") > 1 or ("+" in plain and not plain.lstrip("([ ").startswith("+")):
        return tr("The plus sign belongs once, at the start of the number.")
    return None


def _impossible(reason: int) -> str:
    from phonenumbers import ValidationResult  # noqa: PLC0415

    if reason == ValidationResult.TOO_SHORT:
        return tr("This number is too short for its country.")
    if reason == ValidationResult.TOO_LONG:
        return tr("This number is too long for its country.")
    if reason == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return tr("The area code is missing from this number.")
    if reason == ValidationResult.INVALID_LENGTH:
        return tr("No number in this country has this many digits.")
    return _no_country()


def _no_country() -> str:
    return tr("No country has this code. Check the first digits of the number.")


def _unparsed(kind: int, plain: str) -> str:
    from phonenumbers import NumberParseException  # noqa: PLC0415

    if kind == NumberParseException.INVALID_COUNTRY_CODE:
        if plain.startswith("+"):
            return _no_country()
        return tr("Start with + and the country code, or set a default country in Settings.")
    if kind == NumberParseException.TOO_LONG:
        return tr("This number is too long.")
    return tr("This number is too short.")


def format_as_typed(text: str, default_region: str | None) -> str:
    """The text with the spacing of its country, as far as typed: ``+1555867`` → ``+1 555-867``.

    Cheap enough for every key press. What is not yet, or not at all, a number comes back
    unchanged, and no digit is ever lost.
    """
    plain = clean(text) if len(text) <= _LONGEST else ""
    if not plain or len(plain) > _LONGEST_TYPED or any(letter not in _ALLOWED for letter in plain):
        return text
    if "+" in plain[1:] or not _NOT_DIGITS.sub("", plain):
        return text
    from phonenumbers import AsYouTypeFormatter  # noqa: PLC0415

    formatter = AsYouTypeFormatter((default_region or "ZZ").upper())
    typed = ""
    for letter in plain:
        if letter.isdigit() or letter == "+":
            typed = formatter.input_digit(letter)
    return typed if _NOT_DIGITS.sub("", typed) == _NOT_DIGITS.sub("", plain) else text
