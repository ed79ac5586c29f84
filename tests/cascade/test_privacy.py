"""Nothing private in a log line, however it got there."""

from __future__ import annotations

import json
import logging
import re
import string
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.message import Draft, check
from console.cascade.privacy import MaskingFormatter, mask, mask_number

KEY = "ABC12345yusumoN6BYsBVkh+yRJ5czgsnCehZaOYldPJdmFh6NeX8kunZ2zU1YWaUw/0wV6xfw=="
TOKEN = "pQ3vX_8sLk-22mZtYb7RwE4nUo1cHdGfJa5iKx9SV6M"
SIGNATURE = "DOKNhMtWEas/ptnAgDvsGoCAKxwoNrttn0q+imPvCS8="
SECRET = "Your code is 4711, dear Ana"


def digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("sending to +15558675309", "sending to +1555•••••09"),
        ("sending to 15558675309.", "sending to 1555•••••09."),
        ("to +1 (555) 867-5309, then", "to +1555•••••09, then"),
        ("+381 64 123 4567", "+3816••••••67"),
        ("00381641234567", "0038••••••••67"),
        ("call (555) 867-5309", "call 555•••••09"),
        ("064 123 4567", "064•••••67"),
        ("%2B15558675309", "+1555•••••09"),
        ("tel:+1-555-867-5309", "tel:+1555•••••09"),
        ("\\n15558675309", "\\n1555•••••09"),
        ("8675309", "•••••09"),
    ],
)
def test_numbers_keep_just_enough_to_tell_two_apart(line: str, masked: str) -> None:
    assert mask(line) == masked


@pytest.mark.parametrize(
    "line",
    [
        "2026-11-23 16:05:34,123 INFO console.desk: accepted in 412 ms",
        "2026-01-02T03:04:05.678901Z 200 OK, 1500 bytes, port 8443",
        "2020-05-04 22:07:01:226 viber 3056, fallback 300 s",
        "reference 35C8B5D509BC10689196FED2AD551B8A",
        "message 3f2504e0-4f89-11d3-9a0c-0305e82c3301 queued",
        "fact 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        'File "/usr/lib/python3/dist-packages/Keyring/backends/SecretService9.py", line 1234567, in get',
        "attempt 2 of 5 in 0.25 s: code -10004",
    ],
)
def test_times_identifiers_and_places_in_the_code_stay_readable(line: str) -> None:
    assert mask(line) == line


@pytest.mark.parametrize("secret", [KEY, TOKEN, SIGNATURE, "s3cret!"])
@pytest.mark.parametrize(
    "line",
    [
        "Authorization: TSA FFFFFFFF-EEEE-DDDD-1234-AB1234567890:{}",
        "authorization: Bearer {}",
        "[(b'Authorization', b'Basic {}')]",
        '{{"X-TS-Authorization": "{}"}}',
        "X-TS-Authorization: {}",
        "CASCADE_API_KEY={}",
        "CASCADE_RELAY_TOKENS=console:{}",
        "CASCADE_RELAY_KEYS=FFFF:{},EEEE:{}",
        "AccountKey(customer_id='FFFF', api_key='{}')",
        "relay_token = {}",
        "GET http://relay/v1/events?after=1&token={}",
        "cascade send --api-key {} --json",
        "password: {}",
        "key='{}'",
    ],
)
def test_keys_and_tokens_are_hidden_where_they_are_named(line: str, secret: str) -> None:
    assert secret not in mask(line.format(secret, secret))


@pytest.mark.parametrize("secret", [KEY, TOKEN, SIGNATURE])
def test_long_keys_and_signatures_are_hidden_by_their_looks(secret: str) -> None:
    assert mask(f"odd value {secret} here") == "odd value ••• here"


PRIVATE = st.text(st.sampled_from(string.ascii_letters + " \"'\\\n,:;{}[]=&-•čж😀"), min_size=1).map(
    lambda text: f"zq{text}qz"
)


def _embeddings(text: str) -> list[str]:
    body = json.dumps({"message": {"viber": {"parameters": {"text": text}}}, "n": 1})
    return [
        body,
        json.dumps({"text": text}, ensure_ascii=False),
        json.dumps({"body": body}),
        repr(body),
        repr(body.encode()),
        repr({"sms_text": text, "other": 1}),
        repr(replace(Draft(), viber_text=text, sms_text=text, reply_id="r")),
        f"Replied(text={text!r}, reference_id=None)",
        f"cascade:?viber={quote(text)}&sms={quote(text)}&fallback=300",
        f"GET /x?text={quote(text)} HTTP/1.1",
        repr(["cascade", "send", "--viber", text, "--json"]),
        f"cascade send --viber {text} --sms {text} --json",
    ]


@given(PRIVATE)
def test_no_text_is_left_in_whatever_it_was_wrapped_in(text: str) -> None:
    for line in _embeddings(text):
        masked = mask(line)
        assert "zq" not in masked, line
        assert "qz" not in masked, line


@given(text=PRIVATE, number=st.from_regex(r"\A[1-9][0-9]{7,14}\Z"))
def test_nor_in_a_traceback_around_it(text: str, number: str) -> None:
    logger = logging.getLogger("tests.cascade.privacy")
    logger.propagate = False
    lines: list[str] = []

    class Keeping(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler = Keeping()
    handler.setFormatter(MaskingFormatter("%(levelname)s %(message)s"))
    logger.handlers = [handler]
    nobody: dict[str, str] = {}
    try:
        nobody[json.dumps({"phone_number": number, "text": text})]
    except KeyError:
        logger.exception("could not send to %s", number)
    (line,) = lines
    assert "zq" not in line
    assert number not in line
    assert "Traceback" in line
    assert "KeyError" in line


@given(
    st.from_regex(r"\A\+?[1-9]([ ().\-/]{0,2}[0-9]){8,13}\Z"),
    st.sampled_from(["{}", "to={!r}", "x{}y", "+{}"]),
)
def test_no_number_survives_in_any_spelling(number: str, line: str) -> None:
    if "." in number or "/" in number:
        number = "+" + number.lstrip("+")  # without a plus these are versions, addresses and fractions
    masked = mask(line.format(number))
    assert len(digits(masked)) <= 6, "at most four digits in front and two at the end remain"


@given(st.from_regex(r"\A\+[1-9][0-9]{7,14}\Z"))
def test_a_recipient_is_masked_in_every_form_it_is_shown_in(number: str) -> None:
    found = check(Draft(to=number, viber_text="Hi"), default_region=None)
    if found.recipient is not None:
        for form in (found.recipient.e164, found.recipient.formatted, repr(found.recipient)):
            assert "••••" in mask(form)
            assert not re.search(r"\d{5}", re.sub(r"[ ().-]", "", mask(form)))


@given(st.text(st.characters(), max_size=200))
def test_any_line_can_be_masked_and_masking_twice_changes_nothing(text: str) -> None:
    once = mask(text)
    assert mask(once) == once


def test_a_hostile_line_takes_no_longer_than_its_length() -> None:
    # Each of these makes a careless pattern retry from every place.
    for piece in (
        "+",
        "0",
        "1 ",
        "\\",
        '"text":',
        "token",
        "--to ",
        "00 ",
        "a-",
        "A1/",
        "'",
        "(",
        "text='\\",
    ):
        assert mask(piece * (20_000 // len(piece))) is not None


def test_a_number_alone() -> None:
    assert mask_number("+15558675309") == "+1555•••••09"
    assert mask_number("8675309") == "•••••09"
    assert mask_number("") == ""
    assert mask_number("٠٦٤١٢٣٤٥٦٧") == "٠٦٤•••••٦٧"


def test_the_text_of_an_answer_stays_but_its_private_part_goes() -> None:
    line = f'answer {{"status":{{"code":3001}},"text":{json.dumps(SECRET)},"reference_id":"35C8"}}'
    assert mask(line) == 'answer {"status":{"code":3001},"text":"•••","reference_id":"35C8"}'
