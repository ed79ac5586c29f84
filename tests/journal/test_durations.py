"""How long Viber took, read from the journal's facts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from console.cascade.survival import Ending, Observation
from console.journal.durations import Durations
from console.journal.journal import Journal
from tests.journal.conftest import AT, REF, Hear, accepted, heard, report

DELIVERED, TIMED_OUT, NO_VIBER = 3000, 3056, 3055
SOON, LATER = AT + timedelta(seconds=20), AT + timedelta(hours=2)


def seen(journal: Journal, now: datetime = LATER) -> list[Observation]:
    known = Durations()
    while known.read(journal.db, now=now, most=1):
        pass
    return [each for group in known.by_region().values() for each in group]


def test_a_delivery_counts_when_it_happened(journal: Journal, hear: Hear) -> None:
    accepted(journal)
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


def test_what_is_heard_later_replaces_what_was_read(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    known = Durations()
    known.read(journal.db, now=SOON)
    hear(heard(report(REF, viber=DELIVERED), after=30))
    known.read(journal.db, now=LATER)
    assert known.by_region() == {"US": (Observation(30.0, Ending.DELIVERED),)}


@pytest.mark.parametrize(("number", "region"), [("381601234567", "RS"), ("999", "")])
def test_durations_are_sorted_by_country(journal: Journal, hear: Hear, number: str, region: str) -> None:
    accepted(journal, to=number)
    hear(heard(report(REF, viber=DELIVERED), after=1))
    known = Durations()
    known.read(journal.db, now=LATER)
    assert list(known.by_region()) == [region]


def test_reports_that_belong_to_no_message_count_for_nothing(journal: Journal, hear: Hear) -> None:
    hear(heard(report("0" * 32, viber=DELIVERED)))
    assert seen(journal) == []
