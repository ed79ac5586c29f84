"""What matches no message: listed, assigned, set aside, brought back; decisions outlive a rebuild."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from console.cascade.facts import Replied, Reported, Verification
from console.cascade.outcome import CascadeOutcome
from console.journal.journal import Journal
from console.journal.replies import count_unread
from console.journal.unmatched import (
    NotAssignableError,
    Pile,
    Unmatched,
    assign,
    count_waiting,
    dismiss,
    list_unmatched,
    restore,
)
from tests.journal.conftest import AT, FEED, REF, Hear, accepted, heard, reply, report

STRANGER = reply("Where is my parcel?", phone="19995550100")
NONSENSE = b'\x00\xff{"what":<script>'


def pile(journal: Journal, which: Pile = Pile.WAITING, account: str = "") -> list[Unmatched]:
    return list_unmatched(journal.db, which, account=account)


def give(journal: Journal, fact_id: str, message_id: str = "m1") -> None:
    journal.deal(lambda db: assign(db, fact_id, message_id, AT))


def test_replies_and_the_unreadable_wait_and_reports_stand_apart(journal: Journal, hear: Hear) -> None:
    hear(heard(STRANGER), heard(NONSENSE), heard(report(REF, viber=3000)))
    nonsense, stranger = pile(journal)
    assert isinstance(stranger.fact, Replied)
    assert (nonsense.fact, nonsense.raw, nonsense.signature) == (None, NONSENSE, "signed")
    assert [type(each.fact) for each in pile(journal, Pile.REPORTS)] == [Reported]
    assert count_waiting(journal.db) == 2


def test_an_assigned_reply_joins_the_message_and_survives_a_rebuild_and_a_restart(
    tmp_path: Path,
) -> None:
    with closing(Journal(tmp_path)) as journal:
        accepted(journal)
        journal.ingest([heard(STRANGER)], feed=FEED, before=None, after="1")
        give(journal, pile(journal)[0].fact_id)
        assert count_waiting(journal.db) == 0
        # As a rebuild would find it if both caches were lost.
        journal.db.execute("DELETE FROM dealt")
        journal.db.execute("UPDATE facts SET message = NULL WHERE kind = 'replied'")
        journal.rebuild()
    with closing(Journal(tmp_path)) as journal:
        timeline = journal.timeline("m1")
        assert timeline is not None
        assert [each.text for each in timeline.replies] == ["Where is my parcel?"]
        (dealt,) = pile(journal, Pile.DEALT)
        assert (dealt.dealt, dealt.message_id) == ("assigned", "m1")
        assert count_unread(journal.db) == 1


def test_an_assigned_report_settles_the_message_and_brings_the_later_ones(
    journal: Journal, hear: Hear
) -> None:
    accepted(journal)
    stray = "B" * 32
    hear(heard(report(stray, viber=3002)))
    give(journal, pile(journal, Pile.REPORTS)[0].fact_id)
    assert hear(heard(report(stray, viber=3000))) == {"m1"}
    timeline = journal.timeline("m1")
    assert timeline is not None
    assert timeline.outcome is CascadeOutcome.DELIVERED


def test_a_forged_report_teaches_no_reference(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    stray = "B" * 32
    hear(heard(report(stray, viber=3000), Verification.FAILED))
    give(journal, pile(journal, Pile.REPORTS)[0].fact_id)
    assert journal.find(stray) is None
    timeline = journal.timeline("m1")
    assert timeline is not None
    assert timeline.outcome is not CascadeOutcome.DELIVERED


def test_the_unreadable_can_be_assigned_and_keeps_its_bytes(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    hear(heard(NONSENSE))
    give(journal, pile(journal)[0].fact_id)
    (dealt,) = pile(journal, Pile.DEALT)
    assert (dealt.raw, dealt.message_id) == (NONSENSE, "m1")
    assert journal.timeline("m1") is not None


def test_what_is_set_aside_can_be_brought_back_and_a_rebuild_agrees(journal: Journal, hear: Hear) -> None:
    hear(heard(STRANGER), heard(NONSENSE))
    first, second = (each.fact_id for each in pile(journal))
    dismiss(journal.db, first, AT)
    dismiss(journal.db, second, AT)
    restore(journal.db, second, AT)
    for _ in range(2):
        assert [each.fact_id for each in pile(journal)] == [second]
        assert [(each.fact_id, each.dealt) for each in pile(journal, Pile.DEALT)] == [(first, "dismissed")]
        journal.rebuild()


def test_what_was_set_aside_can_still_be_assigned(journal: Journal, hear: Hear) -> None:
    accepted(journal)
    hear(heard(STRANGER))
    fact_id = pile(journal)[0].fact_id
    dismiss(journal.db, fact_id, AT)
    give(journal, fact_id)
    dismiss(journal.db, fact_id, AT)
    assert [each.dealt for each in pile(journal, Pile.DEALT)] == ["assigned"]


def test_assigning_is_refused_to_nowhere_twice_and_across_accounts(journal: Journal, hear: Hear) -> None:
    accepted(journal, account="a")
    hear(heard(STRANGER), heard(NONSENSE, account="b"), account="a")
    nonsense, stranger = (each.fact_id for each in pile(journal))
    for fact_id, message_id in ((stranger, "nothing"), ("nothing", "m1"), (nonsense, "m1")):
        with pytest.raises(NotAssignableError):
            give(journal, fact_id, message_id)
    give(journal, stranger)
    with pytest.raises(NotAssignableError):
        give(journal, stranger)
    assert len(pile(journal, Pile.DEALT)) == 1


def test_only_what_this_account_was_told(journal: Journal, hear: Hear) -> None:
    hear(heard(STRANGER, account="Shop-A"), heard(NONSENSE, account="shop-b"), heard(b"[]"))
    assert len(pile(journal, account="shop-a")) == 2
    assert count_waiting(journal.db, account="SHOP-A") == 2
    assert count_waiting(journal.db) == 3


def test_what_an_agent_decided_reaches_other_processes(tmp_path: Path) -> None:
    with closing(Journal(tmp_path)) as one, closing(Journal(tmp_path)) as two:
        accepted(one)
        one.ingest([heard(STRANGER)], feed=FEED, before=None, after="1")
        two.news()
        give(one, pile(one)[0].fact_id)
        assert two.news() == {"m1"}
