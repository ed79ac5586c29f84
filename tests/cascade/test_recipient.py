"""Phone numbers as people type and paste them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.recipient import Recipient, RecipientProblem, format_as_typed, parse_recipient

REGIONS = st.sampled_from([None, "", "RS", "us", "GB", "DE", "XX"])
NUMBERISH = st.text(st.sampled_from("0123456789+()-./ ;:tel\u00a0\u200e٣"), max_size=30)


def read(text: str, region: str | None = None) -> Recipient:
    parsed = parse_recipient(text, region)
    assert isinstance(parsed, Recipient), parsed
    return parsed


def refused(text: str, region: str | None = None) -> str:
    parsed = parse_recipient(text, region)
    assert isinstance(parsed, RecipientProblem), parsed
    return parsed.text


@pytest.mark.parametrize(
    "text",
    [
        "+1 (555) 867-5309",
        "+15558675309",
        "+1.555.867.5309",
        "+1/555/867/5309",
        "(+1) 555 867 5309",
        "[+1] 555 867 5309",
        "+1\u00a0555\u2011867\u20135309",
        "\u202a+1 555 867 5309\u202c",
        "\u200e+15558675309\u200f",
        "+１５５５８６７５３０９",
        "＋15558675309",
        "001 555 867 5309",
        "tel:+1-555-867-5309",
        "TEL:+1-555-867-5309;ext=12",
        "tel:%2B15558675309",
        "tel:555-867-5309;phone-context=+1",
        "sms:+15558675309?body=Hi",
        "callto://+15558675309",
        "<+15558675309>",
        ' "+1 555 867 5309", ',
        "\t+15558675309\n",
        "\0+15558675309",
        "15558675309",
    ],
)
def test_whatever_sane_form_is_pasted_it_is_the_same_number(text: str) -> None:
    recipient = read(text)
    assert recipient.e164 == "+15558675309"
    assert recipient.digits == "15558675309"


@pytest.mark.parametrize(
    ("text", "region", "digits"),
    [
        ("064 123 4567", "RS", "381641234567"),
        ("064 123 4567", "rs", "381641234567"),
        ("(555) 867-5309", "US", "15558675309"),
        ("555.867.5309", "US", "15558675309"),
        ("00381 64 123 4567", "US", "381641234567"),
        ("٠٦٤١٢٣٤٥٦٧", "RS", "381641234567"),
        ("011 381 64 1234567", "US", "381641234567"),
        ("06 12 34 56 78", "IT", "390612345678"),
    ],
)
def test_national_numbers_resolve_against_the_default_country(text: str, region: str, digits: str) -> None:
    assert read(text, region).digits == digits


@pytest.mark.parametrize(
    ("text", "region", "digits"),
    [
        ("381641234567", "US", "381641234567"),
        ("447700900123", "RS", "447700900123"),
        ("15558675309", "RS", "15558675309"),
        ("15558675309", "US", "15558675309"),
        ("2015550123", "US", "12015550123"),
        ("641234567", "RS", "381641234567"),
    ],
)
def test_digits_as_telesign_writes_them_are_told_from_national_ones(
    text: str, region: str, digits: str
) -> None:
    assert read(text, region).digits == digits


def test_the_country_is_named_and_the_number_spaced_as_people_write_it() -> None:
    recipient = read("+381641234567")
    assert (recipient.region, recipient.country) == ("RS", "Serbia")
    assert recipient.formatted == "+381 64 1234567"
    assert recipient.national == "064 1234567"
    assert not recipient.unusual


def test_a_code_without_a_country_has_none() -> None:
    recipient = read("+883510012345678")
    assert (recipient.region, recipient.country) == (None, None)


@pytest.mark.parametrize("text", ["+15558675309", "+447700900123"])
def test_possible_but_unknown_numbers_are_unusual_and_can_be_sent_to(text: str) -> None:
    recipient = read(text)
    assert recipient.unusual
    assert recipient.country in {"United States", "United Kingdom"}


@pytest.mark.parametrize(
    ("text", "region", "words"),
    [
        ("", None, "Type the customer's number."),
        (" \u200e ", None, "Type the customer's number."),
        ("+", None, "Type the customer's number."),
        ("+1555BOGO", None, "no letters"),
        ("call me", "US", "no letters"),
        ("+1 555 867 5309 x12", None, "no letters"),
        ("Србија", None, "no letters"),
        ("064 123 4567", None, "default country"),
        ("+1 555 867", None, "too short"),
        ("+1 555 867 5309 12345", None, "too long"),
        ("12345678901234567890", None, "too long"),
        ("5", "US", "too short"),
        ("867 5309", "US", "area code is missing"),
        ("+999 1234567", None, "No country"),
        ("+0 1234567", None, "No country"),
        ("++15558675309", None, "plus sign"),
        ("1555+8675309", None, "plus sign"),
        ("+1555#867", None, "“#”"),
        ("\ud800", "US", "broken character"),
        ("9" * 5000, None, "far too long"),
    ],
)
def test_what_cannot_be_a_number_is_named_in_one_sentence(text: str, region: str | None, words: str) -> None:
    problem = refused(text, region)
    assert words in problem
    assert problem.isprintable()


@given(text=st.text(st.characters(), max_size=80) | NUMBERISH, region=REGIONS)
def test_any_text_is_a_number_or_a_problem(text: str, region: str | None) -> None:
    parsed = parse_recipient(text, region)
    if isinstance(parsed, Recipient):
        assert parsed.digits.isascii()
        assert parsed.digits.isdigit()
        assert 4 <= len(parsed.digits) <= 17
        assert read(parsed.formatted) == parsed, "what is shown can be pasted back"
        assert read(parsed.e164) == parsed
    else:
        assert parsed.text.endswith(".")
        parsed.text.encode()


@given(text=st.text(st.characters(), max_size=80) | NUMBERISH, region=REGIONS)
def test_formatting_as_typed_never_loses_a_digit(text: str, region: str | None) -> None:
    def digits(value: str) -> list[str]:
        return [letter for letter in value if letter.isdigit()]

    shown = format_as_typed(text, region)
    if shown != text:
        assert len(digits(shown)) <= len(digits(text))
        assert shown.isascii()
        before, after = parse_recipient(text, region), parse_recipient(shown, region)
        assert isinstance(before, RecipientProblem) or before == after


@pytest.mark.parametrize(
    ("typed", "region", "shown"),
    [
        ("+1555867", None, "+1 555-867"),
        ("+15558675309", None, "+1 555-867-5309"),
        ("+1 (555) 867-5309", None, "+1 555-867-5309"),
        ("0641234567", "RS", "064 1234567"),
        ("+", None, "+"),
        ("+1555BOGO", None, "+1555BOGO"),
        ("", None, ""),
        ("1+1", "US", "1+1"),
        ("7" * 100, "US", "7" * 100),
    ],
)
def test_spacing_while_typing(typed: str, region: str | None, shown: str) -> None:
    assert format_as_typed(typed, region) == shown


def test_every_region_with_numbers_has_a_name() -> None:
    import phonenumbers

    from console.cascade.countries import country_name

    assert not [region for region in phonenumbers.SUPPORTED_REGIONS if not country_name(region)]
    assert country_name("ZZ") is None
    assert country_name(None) is None


def test_the_numbering_library_loads_with_the_first_number_and_its_geography_never() -> None:
    program = (
        "import sys, json; import console.cascade.message as m; early = 'phonenumbers' in sys.modules;"
        "m.check(m.Draft(to='+381641234567', viber_text='Hi'), default_region=None);"
        "print(json.dumps([early, 'phonenumbers' in sys.modules, 'phonenumbers.geodata' in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == [False, True, False]
