"""How long Viber took, kept beside each message: always what its facts say, and gone with it."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.cascade.facts import Verification
from console.cascade.survival import Ending, Observation
from console.journal.durations import StillOpen, counted, followed, observed, region_of
from console.journal.journal import Journal
from console.journal.retention import delete_batch
from tests.journal.conftest import AT, FEED, REF, Hear, accepted, heard, queued, report

DELIVERED, TIMED_OUT, NO_VIBER, READ = 3000, 3056, 3055, 3058
SOON, LATER = AT + timedelta(seconds=20), AT + timedelta(hours=2)


def seen(journal: Journal, now: datetime = LATER) -> list[Observation]:
    return [each for group in observed(journal.db, now).values() for each in group.elements()]


def from_scratch(journal: Journal, now: datetime) -> dict[str, Counter[Observation]]:
    """What the table should come to, from every message's facts and no table."""
    found: dict[str, Counter[Observation]] = {}
    for (message_id,) in journal.db.execute("SELECT message_id FROM messages").fetchall():
        timeline = journal.timeline(message_id)
        assert timeline is not None
        last = followed(timeline)
        last = last.at(now) if isinstance(last, StillOpen) else last
        if last is not None:
            rounded = Observation(round(last.seconds, 1), last.ending)
            found.setdefault(region_of(timeline.to), Counter())[rounded] += 1
    return found


def as_before_the_table(journal: Journal) -> None:
    """What the migration does to a journal of the version before."""
    journal.db.execute("DELETE FROM durations")
    journal.db.execute(
        "UPDATE keep SET value = (SELECT coalesce(max(row), 0) FROM messages) WHERE name = 'durations_left'"
    )


def test_a_delivery_counts_when_it_happened(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    hear(heard(report(REF, viber=DELIVERED), after=12))
    assert seen(journal) == [Observation(12.0, Ending.DELIVERED)]


def test_a_forged_report_of_an_earlier_delivery_does_not_shorten_it(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    hear(heard(report(REF, viber=DELIVERED), Verification.FAILED, after=3))
    hear(heard(report(REF, viber=DELIVERED), after=12))
    assert seen(journal) == [Observation(12.0, Ending.DELIVERED)]


def test_the_sandboxs_speed_is_undone(journal: Journal, hear: Hear) -> None:
    accepted(journal, time_scale=10.0)
    hear(heard(report(REF, viber=DELIVERED), after=4))
    assert seen(journal) == [Observation(40.0, Ending.DELIVERED)]


def test_the_fallback_ends_what_is_known(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    hear(heard(report(REF, viber=TIMED_OUT, sms=DELIVERED), after=65))
    assert seen(journal) == [Observation(60.0, Ending.CENSORED)]


def test_a_delivery_after_the_sms_does_not_lengthen_the_follow_up(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    hear(heard(report(REF, viber=TIMED_OUT, sms=DELIVERED), after=65))
    hear(heard(report(REF, viber=DELIVERED, sms=DELIVERED), after=300))
    assert seen(journal) == [Observation(60.0, Ending.CENSORED)]


def test_a_certain_failure_competes(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    hear(heard(report(REF, viber=NO_VIBER), after=3))
    assert seen(journal) == [Observation(3.0, Ending.FAILED)]


def test_a_message_under_way_is_followed_until_now_and_a_silent_one_is_left_out(journal: Journal) -> None:
    accepted(journal)
    assert seen(journal, SOON) == [Observation(20.0, Ending.CENSORED)]
    assert seen(journal, LATER) == []
    assert seen(journal, AT - timedelta(seconds=5)) == []  # the clock was put back


def test_what_is_heard_later_replaces_what_was_known(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    assert seen(journal, SOON) == [Observation(20.0, Ending.CENSORED)]
    hear(heard(report(REF, viber=DELIVERED), after=30))
    assert observed(journal.db, LATER) == {"US": Counter({Observation(30.0, Ending.DELIVERED): 1})}


@pytest.mark.parametrize(("number", "region"), [("381601234567", "RS"), ("999", "")])
def test_durations_are_sorted_by_country(journal: Journal, hear: Hear, number: str, region: str) -> None:
    accepted(journal, to=number)
    hear(heard(report(REF, viber=DELIVERED), after=1))
    assert list(observed(journal.db, LATER)) == [region]


def test_reports_that_belong_to_no_message_count_for_nothing(journal: Journal, hear: Hear) -> None:
    hear(heard(report("0" * 32, viber=DELIVERED)))
    assert seen(journal) == []


def test_a_deleted_message_no_longer_counts(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    hear(heard(report(REF, viber=DELIVERED), after=12))
    delete_batch(journal.db, AT + timedelta(days=9))
    assert seen(journal) == []
    assert journal.db.execute("SELECT count(*) FROM durations").fetchone() == (0,)


def test_a_new_journal_has_nothing_left_to_count(journal: Journal) -> None:
    assert counted(journal.db).all
    accepted(journal)
    assert counted(journal.db).all


def test_an_older_journal_is_counted_the_newest_messages_first(journal: Journal, hear: Hear) -> None:
    for number in range(5):
        accepted(journal, f"m{number}", f"{number:032d}", to=f"1555867530{number}")
        hear(heard(report(f"{number:032d}", viber=DELIVERED), after=number))
    as_before_the_table(journal)
    assert seen(journal) == []
    progress = journal.count_durations(2)
    assert (progress.done, progress.total, progress.all) == (2, 5, False)
    assert sorted(each.seconds for each in seen(journal)) == [3.0, 4.0]
    assert journal.count_durations(2).done == 4
    assert journal.count_durations(2).all
    assert sorted(each.seconds for each in seen(journal)) == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_a_journal_of_the_version_before_is_left_to_be_counted(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as made:
        accepted(made)
        made.ingest([heard(report(REF, viber=DELIVERED), after=7)], feed=FEED, before=None, after="1")
        made.db.execute("DROP TABLE durations")
        made.db.execute("DROP TABLE case_durations")
        made.db.execute("DELETE FROM keep WHERE name = 'durations_left'")
        made.db.execute("PRAGMA user_version = 4")
    with closing(Journal(tmp_path)) as opened:
        assert not counted(opened.db).all
        assert opened.count_durations(100).all
        assert seen(opened) == [Observation(7.0, Ending.DELIVERED)]


DEEDS = st.lists(
    st.tuples(
        st.sampled_from(
            ("send", "report", "report", "report", "delete", "older", "count", "reopen", "rebuild")
        ),
        st.integers(0, 2**16),
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(DEEDS)
def test_the_table_is_what_the_facts_say_whatever_happened_in_between(deeds: list[tuple[str, int]]) -> None:
    """Also when counting an older journal is broken off anywhere, and messages change meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(Path(folder))
        sent = 0
        try:
            for deed, chance in deeds:
                dice = random.Random(chance)
                if deed == "send":
                    to = dice.choice(("15558675309", "381601234567", "999"))
                    at = AT + timedelta(days=dice.randrange(3))
                    accepted(journal, f"m{sent}", f"{sent:032d}", to=to, at=at)
                    sent += 1
                elif deed == "report" and sent:
                    which = dice.randrange(sent + 1)  # the last of these was never sent
                    channels = {"viber": dice.choice((DELIVERED, TIMED_OUT, NO_VIBER, READ))}
                    if dice.random() < 0.3:
                        channels["sms"] = DELIVERED
                    told = heard(report(f"{which:032d}", None, **channels), after=dice.randrange(200))
                    cursor = journal.kept(FEED)
                    journal.ingest([told], feed=FEED, before=cursor, after=f"{cursor or ''}+")
                elif deed == "delete":
                    delete_batch(journal.db, AT + timedelta(days=dice.randrange(3)), most=2)
                elif deed == "older":
                    as_before_the_table(journal)
                elif deed == "count":
                    journal.count_durations(1 + dice.randrange(2))
                elif deed == "reopen":
                    journal.close()
                    journal = Journal(Path(folder))
                elif deed == "rebuild":
                    journal.rebuild()
            while not journal.count_durations(2).all:
                pass
            for now in (SOON, LATER, AT + timedelta(days=2, seconds=30)):
                assert observed(journal.db, now) == from_scratch(journal, now)
        finally:
            journal.close()


def test_a_step_of_counting_that_fails_changes_nothing(
    journal: Journal, hear: Hear, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(journal)
    hear(heard(report(REF, viber=DELIVERED), after=12))
    as_before_the_table(journal)
    with monkeypatch.context() as broken:
        broken.setattr("console.journal.journal.facts_of", lambda _db, _row: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            journal.count_durations(5)
    assert not counted(journal.db).all
    assert journal.count_durations(5).all
    assert seen(journal) == [Observation(12.0, Ending.DELIVERED)]


def test_a_message_that_waits_to_be_sent_counts_for_nothing(journal: Journal) -> None:
    journal.add_message(queued(), request=b"{}", owner="me")
    assert seen(journal, SOON) == []
