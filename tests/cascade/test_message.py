"""From a draft to a message, or to one clear sentence for everything that stands in the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.facts import MessageType
from console.cascade.message import (
    FALLBACK_MAX,
    FALLBACK_MIN,
    FALLBACK_STEPS,
    Checked,
    Draft,
    DraftField,
    Severity,
    check,
    fallback_sentence,
    nearest_step,
    speak_duration,
)

GOOD = Draft(to="+381641234567", viber_text="Your parcel is here.")
NOW = datetime(2026, 11, 23, 14, 32, 40, tzinfo=timezone(timedelta(hours=1)))


def checked(draft: Draft) -> Checked:
    return check(draft, default_region=None)


def only_problem(draft: Draft, field: DraftField, severity: Severity = Severity.ERROR) -> str:
    """The text of the one problem of ``draft``, which must be with ``field``."""
    found = checked(draft)
    assert [(problem.field, problem.severity) for problem in found.problems] == [(field, severity)]
    assert (found.message is None) == (severity is Severity.ERROR)
    return found.problems[0].text


def test_a_good_draft_becomes_a_message_with_only_what_was_filled_in() -> None:
    found = checked(GOOD)
    assert found.problems == ()
    assert found.message is not None
    assert found.message.to == "381641234567"
    assert found.message.viber_text == found.message.sms_text == "Your parcel is here."
    assert found.message.fallback_time == 300
    assert found.message.message_type is MessageType.ARN
    assert found.message.reply_id is None
    assert found.message.external_id is None
    assert found.message.callback_url is None
    assert found.recipient is not None
    assert found.recipient.country == "Serbia"


def test_every_field_arrives_in_the_message() -> None:
    draft = replace(
        GOOD,
        sms_follows=False,
        sms_text="Short",
        fallback_time=600,
        message_type=MessageType.MKT,
        two_way=True,
        reply_id=" 100035 ",
        session=True,
        sender_id="Shop",
        external_id="order 7",
        lifecycle_event="transact",
        originating_ip="81.2.69.142",
        answers="m1",
    )
    message = checked(draft).message
    assert message is not None
    assert (message.sms_text, message.fallback_time, message.message_type) == ("Short", 600, MessageType.MKT)
    assert (message.reply_id, message.session, message.sender_id) == ("100035", True, "Shop")
    assert (message.external_id, message.lifecycle_event) == ("order 7", "transact")
    assert (message.originating_ip, message.answers) == ("81.2.69.142", "m1")


def test_texts_are_sent_exactly_as_typed() -> None:
    message = checked(replace(GOOD, viber_text="  Hi\n\n* you *  ")).message
    assert message is not None
    assert message.viber_text == "  Hi\n\n* you *  "


def test_sms_off_is_viber_only() -> None:
    draft = replace(GOOD, sms_enabled=False, sms_follows=False, sms_text="not used")
    message = checked(draft).message
    assert message is not None
    assert message.sms_text is None


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"to": "+1555BOGO"}, "to", "no letters"),
        ({"to": "+1 555"}, "to", "too short"),
        ({"to": ""}, "to", "Type the customer's number."),
        ({"viber_text": ""}, "viber_text", "Type the Viber text."),
        ({"viber_text": " \n "}, "viber_text", "Type the Viber text."),
        ({"viber_text": "a" * 1001}, "viber_text", "1 character too long: 1000 are allowed"),
        ({"viber_text": "ж" * 1200}, "viber_text", "200 characters too long"),
        ({"viber_text": "a\0b"}, "viber_text", "NUL"),
        ({"viber_text": "a\ud83d"}, "viber_text", "broken character"),
        ({"sms_follows": False, "sms_text": " "}, "sms_text", "Type the SMS text, or switch SMS off."),
        ({"sms_follows": False, "sms_text": "\0"}, "sms_text", "NUL"),
        ({"sms_follows": False, "sms_text": "\udc00"}, "sms_text", "broken character"),
        ({"fallback_time": 29}, "fallback_time", "30 to 3600 seconds; 29 is outside"),
        ({"fallback_time": 3601}, "fallback_time", "30 to 3600 seconds; 3601 is outside"),
        ({"fallback_time": -1}, "fallback_time", "-1 is outside"),
        ({"two_way": True}, "reply_id", "Type a reply id"),
        ({"session": True}, "reply_id", "needs the reply id"),
        ({"two_way": True, "session": True, "reply_id": "  "}, "reply_id", "Type a reply id"),
        ({"reply_id": "\ud800"}, "reply_id", "broken character"),
        ({"external_id": "nařízení"}, "external_id", "plain Latin letters"),
        ({"external_id": "a\tb"}, "external_id", "plain Latin letters"),
        ({"external_id": "x" * 101}, "external_id", "100 characters are allowed"),
        ({"external_id": "null"}, "external_id", "cannot be an external id"),
        ({"sender_id": "a\0"}, "sender_id", "NUL"),
        ({"callback_url": "example.com/cb"}, "callback_url", "begins with https://"),
        ({"callback_url": "https://"}, "callback_url", "begins with https://"),
        ({"callback_url": "https://a b.example/"}, "callback_url", "begins with https://"),
        ({"callback_url": "https://[::1/"}, "callback_url", "begins with https://"),
        ({"callback_url": "https://example.com:99999/"}, "callback_url", "begins with https://"),
        ({"callback_url": "ftp://example.com/"}, "callback_url", "begins with https://"),
        ({"callback_url": "http://example.com/"}, "callback_url", "https only"),
        ({"lifecycle_event": "signin"}, "lifecycle_event", "create, sign-in, transact, update, delete"),
        ({"originating_ip": "300.1.1.1"}, "originating_ip", "IPv4 or IPv6"),
        ({"originating_ip": "81.2.69"}, "originating_ip", "IPv4 or IPv6"),
        ({"originating_ip": "fe80::1%eth0"}, "originating_ip", "IPv4 or IPv6"),
    ],
)
def test_each_mistake_has_one_sentence_at_its_own_field(
    change: dict[str, object], field: str, words: str
) -> None:
    text = only_problem(replace(GOOD, **change), DraftField(field))  # type: ignore[arg-type]
    assert words in text
    assert text.endswith(".")


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"to": "+15558675309"}, "to", "unusual"),
        ({"viber_text": "😀" * 501}, "viber_text", "may count more than 1000"),
        ({"sms_follows": False, "sms_text": "a" * 1601}, "sms_text", "may be cut off"),
        ({"callback_url": "https://example.com/cb"}, "callback_url", "instead of the usual one"),
        ({"originating_ip": "192.168.1.7"}, "originating_ip", "not a public address"),
        ({"originating_ip": "::1"}, "originating_ip", "not a public address"),
    ],
)
def test_what_is_only_unusual_warns_and_can_be_sent(
    change: dict[str, object], field: str, words: str
) -> None:
    text = only_problem(replace(GOOD, **change), DraftField(field), Severity.WARNING)  # type: ignore[arg-type]
    assert words in text


@pytest.mark.parametrize(
    "change",
    [
        {"viber_text": "a" * 1000},
        {"viber_text": "👩‍👩‍👧‍👦" * 90},
        {"fallback_time": 30},
        {"fallback_time": 3600},
        {"external_id": "x" * 100},
        {"two_way": True, "reply_id": "nxjs634!"},
        {"lifecycle_event": "sign-in"},
        {"originating_ip": "2a00:1450:4001:81b::200e"},
    ],
)
def test_the_last_allowed_value_is_allowed(change: dict[str, object]) -> None:
    assert checked(replace(GOOD, **change)).problems == ()  # type: ignore[arg-type]


def test_following_sms_text_repeats_no_problem_of_the_viber_text() -> None:
    only_problem(replace(GOOD, viber_text=""), DraftField.VIBER_TEXT)


def test_errors_come_before_warnings_and_in_the_order_of_the_form() -> None:
    found = checked(replace(GOOD, to="+15558675309", viber_text="", fallback_time=29, session=True))
    assert [problem.field.value for problem in found.problems] == [
        "viber_text",
        "fallback_time",
        "reply_id",
        "to",
    ]
    assert len(found.errors) == 3
    assert found.of(DraftField.TO)[0].severity is Severity.WARNING


TEXT = st.text(st.characters(), max_size=40)


@given(
    to=TEXT,
    viber_text=TEXT,
    sms_text=TEXT,
    sms_enabled=st.booleans(),
    sms_follows=st.booleans(),
    fallback_time=st.integers(),
    reply_id=TEXT,
    external_id=TEXT,
    callback_url=TEXT | TEXT.map("https://{}".format),
    lifecycle_event=TEXT,
    originating_ip=TEXT,
    sender_id=TEXT,
    two_way=st.booleans(),
    session=st.booleans(),
)
def test_any_text_in_any_field_is_a_problem_or_can_be_sent_as_utf8(**fields: object) -> None:
    draft = Draft(**fields)  # type: ignore[arg-type]
    found = check(draft, default_region="RS")
    assert (found.message is None) == bool(found.errors)
    for problem in found.problems:
        assert problem.text.endswith(".")
        problem.text.encode()


@given(viber_text=TEXT, reply_id=TEXT, external_id=TEXT, sender_id=TEXT)
def test_what_passes_can_be_encoded(viber_text: str, reply_id: str, external_id: str, sender_id: str) -> None:
    draft = replace(
        GOOD, viber_text=viber_text, reply_id=reply_id, external_id=external_id, sender_id=sender_id
    )
    message = checked(draft).message
    if message is not None:
        for value in (message.viber_text, message.reply_id, message.external_id, message.sender_id):
            assert "\0" not in (value or "")
            (value or "").encode()


def test_an_untouched_form_is_blank() -> None:
    assert Draft().blank
    assert Draft(to="  ", sms_enabled=False, sms_text="x", sms_follows=False).blank
    assert not Draft(viber_text="a").blank
    assert not Draft(to="+").blank
    assert not Draft(sms_follows=False, sms_text="a").blank


@pytest.mark.parametrize(
    ("seconds", "step"),
    [(-5, 30), (0, 30), (30, 30), (37, 45), (51, 45), (52, 60), (299, 300), (3000, 3600), (99999, 3600)],
)
def test_the_slider_stands_at_the_nearest_step(seconds: int, step: int) -> None:
    # Nearest by proportion: 37 lies between 30 and 45, whose middle is √(30·45) ≈ 36.7.
    assert FALLBACK_STEPS[nearest_step(seconds)] == step


def test_the_steps_are_those_of_the_form() -> None:
    assert (FALLBACK_STEPS[0], FALLBACK_STEPS[-1]) == (FALLBACK_MIN, FALLBACK_MAX)
    assert [nearest_step(step) for step in FALLBACK_STEPS] == list(range(len(FALLBACK_STEPS)))
    assert [speak_duration(step) for step in FALLBACK_STEPS] == [
        *("30 s", "45 s", "1 min", "1½ min", "2 min", "3 min", "4 min", "5 min", "7 min", "10 min"),
        *("15 min", "20 min", "30 min", "40 min", "1 h"),
    ]


@pytest.mark.parametrize(
    ("seconds", "said"), [(440, "7 min 20 s"), (61, "1 min 1 s"), (0, "0 s"), (-3, "0 s")]
)
def test_other_durations_are_said_exactly(seconds: int, said: str) -> None:
    assert speak_duration(seconds) == said


def test_the_sentence_under_the_slider_names_the_moment_where_the_agent_lives() -> None:
    assert fallback_sentence(300, sms_enabled=True, now=NOW) == (
        "If Viber has not delivered by 14:37 (in 5 min), SMS is sent."
    )
    assert "13:37" in fallback_sentence(300, sms_enabled=True, now=NOW.astimezone(UTC))


def test_past_midnight_and_in_a_faster_sandbox() -> None:
    late = NOW.replace(hour=23, minute=58)
    assert "by 00:03 (in 5 min)" in fallback_sentence(300, sms_enabled=True, now=late)
    sentence = fallback_sentence(600, sms_enabled=True, now=NOW, time_scale=10.0)
    assert "by 14:33 (in 10 min, here in the sandbox 1 min)" in sentence


def test_without_sms_the_sentence_says_that_the_slider_is_idle_and_why() -> None:
    text = fallback_sentence(300, sms_enabled=False, now=NOW)
    assert "SMS is off" in text
    assert "not used" in text


@pytest.mark.parametrize("seconds", [29, 3601, 10**30])
def test_a_time_out_of_range_is_said_to_be_so(seconds: int) -> None:
    assert "outside" in fallback_sentence(seconds, sms_enabled=True, now=NOW)
