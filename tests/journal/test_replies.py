"""Replies across messages: unread, arrivals, the conversation with a number, the opt-out list."""

from __future__ import annotations

from datetime import timedelta

import pytest

from console.cascade.facts import Verification
from console.cascade.optout import Wish
from console.cascade.outcome import MessageState
from console.journal.journal import Journal
from console.journal.replies import (
    arrivals,
    conversation,
    count_unread,
    last_seq,
    list_opted_out,
    next_unread,
    opt_out_by_hand,
)
from console.journal.values import OptedOut
from tests.journal.conftest import AT, REF, Hear, accepted, heard, reply

NUMBER = "15558675309"
OTHER_REF = "0" * 31 + "1"


def mo_sms(text: str) -> bytes:
    """An SMS reply in Telesign's documented form."""
    return (
        b'{"reference_id":"' + b"A" * 32 + b'","sub_resource":"mo_sms","errors":{},'
        b'"status":{"code":1500,"description":"","updated_on":"2026-05-04T12:05:00Z"},'
        b'"user_response":{"phone_number":"+15558675309","mo_message":"' + text.encode() + b'"}}'
    )


class TestUnread:
    def test_counted_over_all_messages_until_each_is_seen(self, journal: Journal, hear: Hear) -> None:
        accepted(journal, "m1")
        accepted(journal, "m2", OTHER_REF, to="15551111111")
        hear(heard(reply("a")), heard(reply("b")), heard(reply("c", phone="15551111111"), after=90))
        assert (count_unread(journal.db), next_unread(journal.db)) == (3, "m1")
        journal.mark_read("m1")
        assert (count_unread(journal.db), next_unread(journal.db)) == (1, "m2")
        journal.mark_read("m2")
        assert (count_unread(journal.db), next_unread(journal.db)) == (0, None)


class TestArrivals:
    def test_each_is_told_once(self, journal: Journal, hear: Hear) -> None:
        accepted(journal)
        hear(heard(reply("before")))
        start = last_seq(journal.db)
        hear(heard(reply("Stop!")), heard(reply("who is this", phone="19995550100")))
        found, end = arrivals(journal.db, start)
        assert [(each.text, each.message_id, each.wish) for each in found] == [
            ("Stop!", "m1", Wish.STOP),
            ("who is this", None, None),
        ]
        assert arrivals(journal.db, end) == ([], end)

    def test_nobody_is_called_for_another_accounts_customers(self, journal: Journal, hear: Hear) -> None:
        hear(heard(reply("hi", phone="19995550100"), account="shop-b"), account="shop-a")
        assert arrivals(journal.db, 0, account="shop-a")[0] == []
        assert len(arrivals(journal.db, 0, account="Shop-B")[0]) == 1


class TestConversation:
    def test_both_channels_and_all_messages_to_the_number(self, journal: Journal, hear: Hear) -> None:
        accepted(journal, "m1", REF)
        accepted(journal, "elsewhere", "0" * 31 + "2", to="15551111111")
        accepted(journal, "m2", OTHER_REF, at=AT + timedelta(seconds=100))
        hear(heard(reply("one", original_reference_id=REF)), heard(mo_sms("two"), after=200))
        said, cut = conversation(journal.db, "m1")
        assert [(each.text, each.channel, each.message_id) for each in said] == [
            ("Hello m1", "viber", "m1"),
            ("one", "viber", "m1"),
            ("Hello m2", "viber", "m2"),
            ("two", "sms", "m2"),
        ]
        assert said[0].state is MessageState.ACCEPTED
        assert (said, cut) == conversation(journal.db, "m2")
        assert not cut

    def test_the_newest_of_a_very_long_one(self, journal: Journal, hear: Hear) -> None:
        accepted(journal)
        hear(*(heard(reply(f"reply {n}"), after=n) for n in range(1, 401)))
        said, cut = conversation(journal.db, "m1")
        assert (len(said), cut, said[-1].text) == (300, True, "reply 400")

    def test_no_message_no_conversation(self, journal: Journal) -> None:
        assert conversation(journal.db, "nothing") == ((), False)

    def test_not_what_another_account_said(self, journal: Journal) -> None:
        accepted(journal, "m1", REF, account="a")
        accepted(journal, "m2", OTHER_REF, account="b")
        said, _ = conversation(journal.db, "m1")
        assert [each.message_id for each in said] == ["m1"]


class TestOptOutList:
    @pytest.mark.parametrize("body", [reply("STOPALL."), reply("одјава"), mo_sms("Unsubscribe")])
    def test_who_when_and_by_which_message(self, journal: Journal, hear: Hear, body: bytes) -> None:
        accepted(journal)
        hear(heard(body))
        (only,) = list_opted_out(journal.db)
        assert (only.number, only.message_id, only.by_hand) == (NUMBER, "m1", False)
        assert only.at == AT + timedelta(seconds=60)
        assert only.text
        assert journal.opted_out(NUMBER) == OptedOut(only.at, by_hand=False)

    def test_one_who_was_never_written_to_counts_too(self, journal: Journal, hear: Hear) -> None:
        hear(heard(reply("stop")))
        assert [each.message_id for each in list_opted_out(journal.db)] == [None]

    def test_unstop_takes_it_back_and_an_older_stop_that_comes_late_changes_nothing(
        self, journal: Journal, hear: Hear
    ) -> None:
        hear(heard(reply("UNSTOP"), after=120), heard(reply("STOP"), after=60))
        assert list_opted_out(journal.db) == []
        assert journal.opted_out(NUMBER) is None
        hear(heard(reply("stop again please")), heard(reply("Quit"), after=180))
        assert journal.opted_out(NUMBER) is not None

    def test_a_forged_wish_changes_nothing(self, journal: Journal, hear: Hear) -> None:
        hear(heard(reply("STOP"), Verification.FAILED))
        assert list_opted_out(journal.db) == []

    def test_by_hand_and_off_again_even_where_the_relays_clock_is_ahead(
        self, journal: Journal, hear: Hear
    ) -> None:
        opt_out_by_hand(journal.db, "15551111111", AT, stopped=True)
        (entered,) = list_opted_out(journal.db)
        assert (entered.by_hand, entered.text, entered.channel) == (True, "", None)
        opt_out_by_hand(journal.db, "15551111111", AT, stopped=False)
        hear(heard(reply("STOP"), after=3600))
        opt_out_by_hand(journal.db, NUMBER, AT, stopped=False)
        assert list_opted_out(journal.db) == []
        assert journal.opted_out(NUMBER) is None
        hear(heard(reply("Stop"), after=7200))
        assert journal.opted_out(NUMBER) is not None
