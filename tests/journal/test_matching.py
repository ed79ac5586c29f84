"""Whose report, whose reply: the surest sign decides, and nothing crosses from one account to another."""

from __future__ import annotations

import pytest

from console.cascade.facts import Answered, SendBegan, Verification
from console.cascade.outcome import CascadeOutcome, EventKind, MessageState
from console.journal.journal import Journal
from tests.journal.conftest import AT, REF, SMS_REF, Hear, accepted, heard, queued, reply, report

OTHER_REF = "0" * 31 + "1"


def outcome(journal: Journal, name: str = "m1") -> CascadeOutcome:
    timeline = journal.timeline(name)
    assert timeline is not None
    return timeline.outcome


@pytest.mark.parametrize(
    "body",
    [
        report(REF, viber=3000),
        report(None, "cascade-m1", viber=3000),
        report("F" * 32, "cascade-m1", viber=3000),
        report(REF.lower(), "null", viber=3000),
        report(REF, "an id of somebody else", viber=3000),
    ],
    ids=["reference", "external id", "external id before reference", "lower case", "unknown external id"],
)
def test_a_report_finds_its_message(journal: Journal, hear: Hear, body: bytes) -> None:
    accepted(journal, "m0", OTHER_REF)
    accepted(journal)
    assert hear(heard(body)) == {"m1"}
    assert outcome(journal) is CascadeOutcome.DELIVERED


def test_a_channels_own_reference_is_learned_and_leads_to_the_message(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    hear(heard(report(REF, viber=3056, sms=3002)))
    assert journal.find(SMS_REF) == "m1"
    assert hear(heard(report(SMS_REF, viber=3056, sms=3000))) == {"m1"}


def test_what_comes_before_the_answer_waits_and_is_joined(journal: Journal, hear: Hear) -> None:
    journal.add_message(queued(), request=b"{}", owner="me")
    journal.record("m1", SendBegan(fact_id="b", at=AT, attempt=1))
    # The reply names a reference that only the report explains, and the report one that only the answer does.
    answer_to_sms = heard(reply("Yes", phone=None, original_reference_id=SMS_REF))
    assert hear(answer_to_sms, heard(report(REF, "null", viber=3056, sms=3000))) == set()
    timeline = journal.record(
        "m1",
        Answered(fact_id="a", at=AT, attempt=1, http_status=200, code=3001, description="", reference_id=REF),
    )
    assert timeline.outcome is CascadeOutcome.DELIVERED
    assert [each.text for each in timeline.replies] == ["Yes"]


def test_a_report_that_came_before_its_message_was_recorded_is_joined(journal: Journal, hear: Hear) -> None:
    assert hear(heard(report(REF, "cascade-m1", viber=3000))) == set()
    journal.add_message(queued(), request=b"{}", owner="me")
    assert outcome(journal) is CascadeOutcome.DELIVERED
    assert journal.find(REF) == "m1"


class TestReplies:
    """Original reference, then reply id with the number, then the number; the newest of several."""

    @pytest.fixture(autouse=True)
    def _three(self, journal: Journal) -> None:
        accepted(journal, "m1", REF, reply_id="r1")
        accepted(journal, "m2", OTHER_REF, reply_id="r1")
        accepted(journal, "m3", "0" * 31 + "2")
        accepted(journal, "elsewhere", "0" * 31 + "3", to="15551111111", reply_id="r1")

    def test_by_reference(self, hear: Hear) -> None:
        assert hear(heard(reply(original_reference_id=REF, tracking_data="r1"))) == {"m1"}

    def test_by_reply_id_and_number(self, hear: Hear) -> None:
        assert hear(heard(reply(tracking_data="r1"))) == {"m2"}

    def test_by_number(self, hear: Hear) -> None:
        assert hear(heard(reply(tracking_data="unknown"))) == {"m3"}

    def test_it_is_unread_until_seen_and_counted_once(self, journal: Journal, hear: Hear) -> None:
        hear(heard(reply("one")), heard(reply("two")), heard(reply("two")))
        unread = "SELECT unread FROM messages WHERE message_id = 'm3'"
        assert journal.db.execute(unread).fetchone() == (2,)
        journal.mark_read("m3")
        hear(heard(report("0" * 31 + "2", viber=3000)))
        assert journal.db.execute(unread).fetchone() == (0,)

    def test_a_forged_one_is_shown_and_neither_unread_nor_an_opt_out(
        self, journal: Journal, hear: Hear
    ) -> None:
        assert hear(heard(reply("STOP"), Verification.FAILED)) == {"m3"}
        timeline = journal.timeline("m3")
        assert timeline is not None
        assert EventKind.REJECTED in {event.kind for event in timeline.events}
        assert timeline.replies == ()
        assert journal.db.execute("SELECT sum(unread) FROM messages").fetchone() == (0,)
        assert journal.opted_out("15558675309") is None


class TestAccounts:
    """A relay may serve several accounts; none speaks for another."""

    def test_another_accounts_report_does_not_touch_a_message(self, journal: Journal, hear: Hear) -> None:
        accepted(journal, account="shop-a")
        forged = heard(report(REF, "cascade-m1", viber=3000), Verification.RELAY, account="SHOP-B")
        assert hear(forged, account="shop-a") == set()
        assert outcome(journal) is CascadeOutcome.WAITING
        assert journal.evidence(forged.fact_id) is not None, "kept, for the unmatched"

    def test_not_even_when_it_came_first(self, journal: Journal, hear: Hear) -> None:
        hear(
            heard(report(REF, "cascade-m1", viber=3000), Verification.RELAY, account="shop-b"),
            account="shop-a",
        )
        accepted(journal, account="shop-a")
        assert outcome(journal) is CascadeOutcome.WAITING

    def test_a_former_account_of_this_desk_still_hears_of_its_messages(
        self, journal: Journal, hear: Hear
    ) -> None:
        accepted(journal, account="shop-b")
        told = heard(report(REF, viber=3000), Verification.RELAY, account="Shop-B")
        assert hear(told, account="shop-a") == {"m1"}
        assert outcome(journal) is CascadeOutcome.DELIVERED

    def test_a_customer_of_another_account_neither_answers_nor_opts_out_here(
        self, journal: Journal, hear: Hear
    ) -> None:
        accepted(journal, account="shop-a")
        assert hear(heard(reply("STOP"), Verification.RELAY, account="shop-b"), account="shop-a") == set()
        assert journal.opted_out("15558675309") is None


class TestOptOut:
    """STOP holds until START."""

    def test_stop_then_start(self, journal: Journal, hear: Hear) -> None:
        hear(heard(reply(" Stop ")))
        assert journal.opted_out("15558675309") is not None
        hear(heard(reply("start"), after=120))
        assert journal.opted_out("15558675309") is None

    def test_an_older_start_that_comes_late_changes_nothing(self, journal: Journal, hear: Hear) -> None:
        hear(heard(reply("STOP"), after=120))
        hear(heard(reply("START"), after=60))
        assert journal.opted_out("15558675309") is not None

    def test_a_sentence_with_the_word_is_no_opt_out(self, journal: Journal, hear: Hear) -> None:
        hear(heard(reply("Please stop by tomorrow")))
        assert journal.opted_out("15558675309") is None


def test_a_report_in_doubt_settles_it(journal: Journal, hear: Hear) -> None:
    journal.add_message(queued(), request=b"{}", owner="me")
    journal.record("m1", SendBegan(fact_id="b", at=AT, attempt=1))
    hear(heard(report(REF, "cascade-m1", viber=3001)))
    timeline = journal.timeline("m1")
    assert timeline is not None
    assert (timeline.state, timeline.reference_id) == (MessageState.ACCEPTED, REF)
