"""The conversation with a number, the replies that deserve a call, and links to files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.conversation import (
    NOTICE_AGE,
    Arrival,
    in_order,
    media_kept_until,
    media_link,
    spoken_by_customer,
    spoken_by_us,
    worth_telling,
)
from console.cascade.facts import Queued, Replied, Source, Verification
from console.cascade.optout import Wish
from console.cascade.outcome import MessageState

AT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)


def ours(number: int, seconds: float = 0) -> Queued:
    return Queued(
        fact_id=f"q{number}", at=AT + timedelta(seconds=seconds), message_id=f"m{number}",
        external_id=f"e{number}", to="12025550143", viber_text=f"Message {number}", sms_text=None,
        fallback_time=60,
    )  # fmt: skip


def theirs(number: int, seconds: float = 0, text: str = "Hi") -> Replied:
    return Replied(
        fact_id=f"r{number}", at=AT + timedelta(seconds=seconds), source=Source.CALLBACK,
        verification=Verification.DESK, channel="viber", phone_number="12025550143", text=text,
    )  # fmt: skip


@given(st.permutations(range(6)), st.integers(0, 5))
def test_oldest_first_each_once_in_whatever_order_they_come(order: list[int], again: int) -> None:
    said = [spoken_by_us(ours(n, 20 * n), MessageState.ACCEPTED) for n in range(3)]
    said += [spoken_by_customer(theirs(n, 20 * n + 10), f"m{n}") for n in range(3)]
    shuffled = [said[n] for n in order] + [said[again]]
    assert [one.fact_id for one in in_order(shuffled)] == ["q0", "r0", "q1", "r1", "q2", "r2"]


def test_at_the_same_moment_the_question_stands_before_its_answer() -> None:
    pair = [spoken_by_customer(theirs(1), "m1"), spoken_by_us(ours(1), None)]
    assert [one.ours for one in in_order(pair)] == [True, False]


def test_a_wish_to_stop_is_told() -> None:
    assert spoken_by_customer(theirs(1, text="Stop!"), None).wish is Wish.STOP


def arrival(**changed: object) -> Arrival:
    values: dict[str, object] = {
        "fact_id": "r", "at": AT, "message_id": "m1", "number": "12025550143", "channel": "viber",
        "text": "Hi", "wish": None, "verification": Verification.DESK,
    }  # fmt: skip
    return Arrival(**(values | changed))  # type: ignore[arg-type]


class TestWhatDeservesANotification:
    def test_a_fresh_reply(self) -> None:
        assert worth_telling([arrival()], AT) == (arrival(),)

    def test_one_that_matches_nothing(self) -> None:
        orphan = arrival(message_id=None)
        assert worth_telling([orphan], AT, on_screen=None) == (orphan,)

    def test_one_only_the_relay_vouches_for(self) -> None:
        assert worth_telling([arrival(verification=Verification.RELAY)], AT)

    @pytest.mark.parametrize(
        ("reply", "later", "on_screen"),
        [
            (arrival(verification=Verification.FAILED), timedelta(), None),
            (arrival(), timedelta(), "m1"),
            (arrival(), NOTICE_AGE + timedelta(seconds=1), None),
        ],
        ids=["forged", "on screen", "from before"],
    )
    def test_not(self, reply: Arrival, later: timedelta, on_screen: str | None) -> None:
        assert worth_telling([reply], AT + later, on_screen=on_screen) == ()


class TestLinksToFiles:
    def test_an_ordinary_one_tells_its_host(self) -> None:
        link = media_link("https://dl-media.viber.com/1/share/2/x.jpg?a=1")
        assert link is not None
        assert (link.host, link.secure) == ("dl-media.viber.com", True)

    def test_without_encryption_it_says_so(self) -> None:
        link = media_link("http://example.com/a.jpg")
        assert link is not None
        assert not link.secure

    def test_a_letter_that_looks_like_another_is_told_in_ascii(self) -> None:
        link = media_link("https://vіber.com/a.jpg")
        assert link is not None
        assert link.host.startswith("xn--")

    @pytest.mark.parametrize(
        "url",
        [None, "", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "ftp://a.b/c",
         "smb://host/share", "https://", "//host/x", "https:///x", "https://viber.com@evil.example/x",
         "https://a b.com/", "https://a.com/\u202egpj.exe", "https://a.com/\0", "https://a.com/\nx",
         "https://a.com:99999/", "https://[::1", "https://a.com\\@b.com/", "https://" + "a" * 3000,
         "https://" + "ä" * 100 + ".com/", "cascade:?to=1"],
    )  # fmt: skip
    def test_what_no_browser_should_be_given(self, url: str | None) -> None:
        assert media_link(url) is None

    @given(st.text(max_size=200))
    def test_any_text_gives_an_answer(self, text: str) -> None:
        for url in (text, f"https://{text}"):
            link = media_link(url)
            assert link is None or (link.host.isascii() and link.url == url)

    def test_it_may_be_gone_after_seven_days(self) -> None:
        assert media_kept_until(AT) - AT == timedelta(days=7)
