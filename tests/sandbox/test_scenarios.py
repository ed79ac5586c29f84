"""The catalogue: what the menu shows and what a recipient chooses."""

from __future__ import annotations

import gettext
import subprocess
import sys

import phonenumbers
import pytest

from console.cascade import words
from console.sandbox.scenarios import DEFAULT, Scenario, catalogue, for_recipient, scenario

REQUIRED = {
    "viber_delivered", "viber_read", "fallback_sms", "viber_after_sms", "both_fail", "no_viber", "blocked",
    "reply_viber", "reply_sms", "stop", "no_callbacks", "duplicates", "out_of_order", "late",
    "unauthorised", "rate_limited", "not_enabled", "callback_url_not_enabled", "unavailable", "html_502",
    "no_answer", "cut_answer", "unconfirmed", "callback_first", "read_only", "unknown_code",
    "unknown_channel",
}  # fmt: skip


def test_every_promised_scenario_is_in_the_catalogue() -> None:
    assert {each.id for each in catalogue()} >= REQUIRED


def test_ids_and_numbers_are_unique() -> None:
    ids = [each.id for each in catalogue()]
    numbers = [each.number for each in catalogue()]
    assert len(set(ids)) == len(ids)
    assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("each", catalogue(), ids=lambda each: each.id)
def test_a_scenarios_number_is_valid_and_chooses_it(each: Scenario) -> None:
    assert phonenumbers.is_valid_number(phonenumbers.parse(each.number))
    assert for_recipient(each.number.removeprefix("+")).id == each.id
    assert each.title
    assert each.sentence.endswith(".")


@pytest.mark.parametrize(
    "digits",
    ["15558675309", "12025550199", "1202555010", "120255501033", "22025550103", "381601234503", "", "abc"],
)
def test_any_other_recipient_gets_the_default(digits: str) -> None:
    assert for_recipient(digits).id == DEFAULT


def test_an_unknown_id_is_an_error() -> None:
    with pytest.raises(KeyError):
        scenario("no_such_scenario")


def test_the_catalogue_is_given_in_the_language_installed() -> None:
    class Shouting(gettext.NullTranslations):
        def gettext(self, message: str) -> str:
            return message.upper()

    words.install(Shouting())
    try:
        assert catalogue()[0].title == "VIBER DELIVERED"
    finally:
        words.install(None)
    assert catalogue()[0].title == "Viber delivered"


def test_reading_the_catalogue_imports_no_server() -> None:
    code = (
        "import sys; from console.sandbox.scenarios import catalogue; import console.sandbox.embedded;"
        "sys.exit(','.join({'httpx', 'h11', 'uvicorn', 'starlette', 'sqlite3'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).stderr == b"\n"
