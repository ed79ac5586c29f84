"""What is recorded is whole, once, and the same however it is read."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.cascade.facts import Decided, Decision, SendBegan, SendFailed, SendFailure
from console.cascade.outcome import CascadeOutcome, MessageState, Timeline
from console.journal.journal import Journal
from console.journal.values import Earlier, IdUsed
from tests.journal.conftest import AT, FEED, REF, Hear, accepted, heard, queued, reply, report

NEVER = AT - timedelta(days=1)
_CACHE = (
    "SELECT message_id, recipient, reply_id, repeat_key, first_words, created_at, state, outcome, channel,"
    " reference_id, updated_at, settled, unread FROM messages ORDER BY row"
)


def test_a_message_is_queued_with_its_exact_bytes(journal: Journal) -> None:
    timeline = journal.add_message(queued(), request=b'{"exact":  1}', owner="gone")
    assert isinstance(timeline, Timeline)
    assert timeline.state is MessageState.QUEUED
    (left,) = journal.take_over("gone", "me")
    assert left.request == b'{"exact":  1}'


def test_a_fact_told_twice_is_one_fact(journal: Journal) -> None:
    accepted(journal)
    began = SendBegan(fact_id="began:m1:1", at=AT, attempt=1)
    before = journal.facts("m1")
    journal.record("m1", began, began)
    assert journal.facts("m1") == before


def test_facts_need_a_message(journal: Journal) -> None:
    with pytest.raises(KeyError):
        journal.record("nobody", SendBegan(fact_id="b", at=AT, attempt=1))


def test_a_full_disk_leaves_the_journal_as_it_was_and_usable(journal: Journal) -> None:
    accepted(journal)
    pages = journal.db.execute("PRAGMA page_count").fetchone()[0]
    journal.db.execute(f"PRAGMA max_page_count = {pages}")
    large = queued("large", viber_text="x" * 1000)
    with pytest.raises(sqlite3.OperationalError, match="full"):
        journal.add_message(large, request=b"y" * 1_000_000, owner="me")
    assert journal.timeline("large") is None
    assert not journal.db.in_transaction
    journal.db.execute("PRAGMA max_page_count = 1073741823")
    assert isinstance(journal.add_message(large, request=b"y", owner="me"), Timeline)


class TestAdmission:
    """Whether the same may be sent again is looked up and recorded in one step."""

    def test_the_same_again_is_not_recorded(self, journal: Journal) -> None:
        journal.add_message(queued("m1", viber_text="Hi", sms_text="Hi"), request=b"{}", owner="me")
        # White space that no reader would notice makes no other message.
        again = queued("m2", viber_text=" Hi\n", sms_text="Hi")
        found = journal.add_message(again, request=b"{}", owner="me", unless_since=NEVER)
        assert isinstance(found, Earlier)
        assert found.message_id == "m1"
        assert journal.timeline("m2") is None

    @pytest.mark.parametrize("change", [{"to": "15558675310"}, {"viber_text": "Other"}, {"sms_text": None}])
    def test_something_else_is(self, journal: Journal, change: dict[str, object]) -> None:
        journal.add_message(queued("m1", viber_text="Hi", sms_text="Hi"), request=b"{}", owner="me")
        other = queued("m2", **({"viber_text": "Hi", "sms_text": "Hi"} | change))
        assert isinstance(journal.add_message(other, request=b"{}", owner="me", unless_since=NEVER), Timeline)

    def test_what_certainly_went_nowhere_does_not_count(self, journal: Journal) -> None:
        text = {"viber_text": "Hi"}
        journal.add_message(queued("m1", **text), request=b"{}", owner="me")
        journal.record("m1", SendFailed(fact_id="f", at=AT, attempt=1, failure=SendFailure.WITHDRAWN))
        again = journal.add_message(queued("m2", **text), request=b"{}", owner="me", unless_since=NEVER)
        assert isinstance(again, Timeline)

    def test_an_external_id_is_used_once(self, journal: Journal) -> None:
        accepted(journal)
        again = queued("m2", external_id="cascade-m1")
        assert journal.add_message(again, request=b"{}", owner="me") == IdUsed()

    def test_of_many_that_send_the_same_at_once_one_is_recorded(self, tmp_path: Path) -> None:
        start = Barrier(8)

        def add(number: int) -> bool:
            with closing(Journal(tmp_path)) as own:
                start.wait()
                message = queued(f"m{number}", viber_text="Hi", sms_text=None)
                done = own.add_message(message, request=b"{}", owner="me", unless_since=NEVER)
                return isinstance(done, Timeline)

        Journal(tmp_path).close()
        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(add, range(8))) == 1


class TestTakingOver:
    """What a dead process left goes to one living one."""

    def test_of_many_that_come_for_the_same_one_gets_it(self, tmp_path: Path) -> None:
        with closing(Journal(tmp_path)) as journal:
            for number in range(20):
                journal.add_message(queued(f"m{number}"), request=b"{}", owner="gone")
        start = Barrier(6)

        def take(number: int) -> list[str]:
            with closing(Journal(tmp_path)) as own:
                start.wait()
                return [left.message_id for left in own.take_over("gone", f"heir {number}")]

        with ThreadPoolExecutor(6) as pool:
            got = [message_id for each in pool.map(take, range(6)) for message_id in each]
        assert sorted(got) == sorted(f"m{number}" for number in range(20))

    def test_what_has_ended_is_not_taken(self, journal: Journal) -> None:
        accepted(journal)
        journal.add_message(queued("m2"), request=b"{}", owner="me")
        journal.record("m2", SendFailed(fact_id="f2", at=AT, attempt=1, failure=SendFailure.CUT))
        journal.add_message(queued("m3"), request=b"{}", owner="me")
        journal.record("m3", SendFailed(fact_id="f3", at=AT, attempt=1, failure=SendFailure.NOT_CONNECTED))
        assert journal.take_over("me", "other") == ()

    def test_a_planned_retry_is_taken_with_its_plan(self, journal: Journal) -> None:
        journal.add_message(queued(), request=b"{}", owner="gone")
        later = AT + timedelta(seconds=20)
        failed = SendFailed(fact_id="f", at=AT, attempt=1, failure=SendFailure.NOT_CONNECTED, retry_at=later)
        journal.record("m1", SendBegan(fact_id="b", at=AT, attempt=1), failed)
        assert journal.owners() == ("gone",)
        (left,) = journal.take_over("gone", "me")
        assert (left.timeline.retry_at, left.attempts) == (later, 1)


class TestFeed:
    """A page and its cursor are one."""

    def test_a_page_that_another_process_took_is_left_alone(self, journal: Journal) -> None:
        accepted(journal)
        page = [heard(report(REF, viber=3000))]
        assert journal.ingest(page, feed=FEED, before=None, after="1") == {"m1"}
        assert journal.ingest(page, feed=FEED, before=None, after="2") is None
        assert journal.kept(FEED) == "1"

    def test_begun_anew_nothing_is_doubled(self, journal: Journal, hear: Hear) -> None:
        accepted(journal, reply_id="r1")
        page = (heard(report(REF, viber=3000)), heard(reply(tracking_data="r1")))
        hear(*page)
        timeline = journal.timeline("m1")
        journal.forget_cursor(FEED)
        assert hear(*page) == set()
        assert journal.timeline("m1") == timeline

    def test_bytes_that_state_nothing_are_kept(self, journal: Journal, hear: Hear) -> None:
        nothing = heard(b"\xff\x00 not JSON")
        assert hear(nothing) == set()
        evidence = journal.evidence(nothing.fact_id)
        assert evidence is not None
        assert (evidence.fact, evidence.raw, evidence.signature) == (None, b"\xff\x00 not JSON", "signed")

    def test_another_process_notices_what_this_one_wrote(self, tmp_path: Path, journal: Journal) -> None:
        accepted(journal)
        with closing(Journal(tmp_path)) as other:
            assert other.news() == set()
            journal.record("m1", Decided(fact_id="d", at=AT, decision=Decision.TREAT_AS_SENT))
            assert other.news() == {"m1"}
            assert other.news() == set()


class TestQuestions:
    """When to ask Telesign is kept with the fact it follows from."""

    SOON = AT + timedelta(seconds=80)

    @pytest.fixture
    def asking(self, tmp_path: Path) -> Journal:
        def first(timeline: Timeline) -> object:
            return self.SOON if timeline.state is MessageState.ACCEPTED else None

        return Journal(tmp_path, first_question=first)  # type: ignore[arg-type]

    def test_a_question_is_taken_by_one_and_comes_up_again_if_that_one_dies(self, asking: Journal) -> None:
        with closing(asking):
            accepted(asking)
            assert asking.next_question("") == self.SOON
            again = timedelta(minutes=2)
            assert asking.questions(self.SOON - timedelta(seconds=1), account="", again=again) == ()
            assert asking.questions(self.SOON, account="", again=again) == (("m1", 1),)
            assert asking.questions(self.SOON, account="", again=again) == ()
            assert asking.questions(self.SOON + again, account="", again=again) == (("m1", 2),)

    def test_a_settled_message_is_asked_about_no_more(self, asking: Journal) -> None:
        with closing(asking):
            accepted(asking)
            asking.ingest([heard(report(REF, viber=3000))], feed=FEED, before=None, after="1")
            assert asking.next_question("") is None

    def test_only_the_account_that_sent_it_is_asked(self, asking: Journal) -> None:
        with closing(asking):
            accepted(asking, account="Shop-A")
            assert asking.next_question("shop-b") is None
            assert asking.questions(self.SOON, account="shop-b", again=timedelta(1)) == ()
            assert asking.questions(self.SOON, account="shop-a", again=timedelta(1)) == (("m1", 1),)


_BODIES = [
    report(REF, viber=3001),
    report(REF, viber=3056, sms=3002),
    report(REF, viber=3056, sms=3000),
    report(REF, viber=3005),
    report(None, "cascade-m2", viber=3000),
    reply("Yes", tracking_data="r1"),
    reply("No"),
    reply("STOP"),
    b"nothing",
]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(len(_BODIES))), cut=st.integers(0, len(_BODIES)), failed=st.integers(0, 8))
def test_rebuilt_from_the_facts_the_cache_is_the_same(
    tmp_path_factory: pytest.TempPathFactory, order: list[int], cut: int, failed: int
) -> None:
    from console.cascade.facts import Verification

    bodies = [
        heard(_BODIES[at], Verification.FAILED if at == failed else Verification.DESK, after=60 + place)
        for place, at in enumerate(order)
    ]
    with closing(Journal(tmp_path_factory.mktemp("j"))) as journal:
        # Some reports come before the answer to the POST, which alone names the reference.
        journal.add_message(queued("m2", reply_id="r1"), request=b"{}", owner="me")
        journal.ingest(bodies[:cut], feed=FEED, before=None, after="1")
        accepted(journal, "m1", reply_id="r1")
        journal.ingest(bodies[cut:], feed=FEED, before="1", after="2")
        journal.mark_read("m2")
        kept = journal.db.execute(_CACHE).fetchall()
        journal.db.execute(
            "UPDATE messages SET state = 'x', outcome = 'x', first_words = '', unread = 9, settled = 1"
        )
        journal.db.execute("DELETE FROM words")
        journal.rebuild()
        assert journal.db.execute(_CACHE).fetchall() == kept
        assert journal.db.execute("SELECT count(*) FROM words WHERE words MATCH 'Hello'").fetchone() == (2,)
        timeline = journal.timeline("m1")
        assert timeline is not None
        assert timeline.outcome in (CascadeOutcome.DELIVERED, CascadeOutcome.READ)
