"""The rules of the timeline pane, without a window."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from console.cascade.facts import Source, Verification
from console.cascade.outcome import (
    Attempt,
    AttemptState,
    CascadeOutcome,
    Event,
    EventKind,
    MessageState,
    Outlook,
    Timeline,
    Tone,
)
from console.ui.timeline_deeds import Do, actions, may_ask, resend_warning
from console.ui.timeline_rules import (
    NONE,
    age_text,
    badge,
    clock_left,
    countdown,
    event_tip,
    next_tick,
    references,
    row_of,
)
from console.ui.timeline_text import block, isolated, shortened, tip

NOW = datetime(2026, 11, 23, 14, 32, 28, tzinfo=UTC)


def timeline(**changes: object) -> Timeline:
    """An accepted message whose Viber is trying."""
    due = NOW + timedelta(seconds=272)
    values: dict[str, object] = {
        "message_id": "m1",
        "external_id": "cas-1",
        "reference_id": "REF1",
        "state": MessageState.ACCEPTED,
        "outcome": CascadeOutcome.WAITING,
        "to": "12025550143",
        "viber_text": "Hello",
        "sms_text": "Hello",
        "fallback_time": 300,
        "created_at": NOW - timedelta(seconds=29),
        "accepted_at": NOW - timedelta(seconds=28),
        "fallback_at": due,
        "attempts": (
            Attempt(
                channel="viber",
                state=AttemptState.TRYING,
                started_at=NOW - timedelta(seconds=28),
                fallback_at=due,
                reference_id="VIB1",
            ),
            Attempt(channel="sms", state=AttemptState.WAITING),
        ),
    }
    return Timeline(**{**values, **changes})  # type: ignore[arg-type]


def view(**changes: object) -> Outlook:
    values: dict[str, object] = {"headline": "", "meaning": "", "next_step": "", "tone": Tone.ACTIVE}
    return Outlook(**{**values, **changes})  # type: ignore[arg-type]


def event(**changes: object) -> Event:
    values: dict[str, object] = {
        "fact_id": "f1",
        "kind": EventKind.CHANNEL,
        "at": NOW,
        "heard_at": NOW + timedelta(seconds=2),
        "at_is_receipt": False,
        "title": "Viber did not deliver within 5 min",
        "channel": "viber",
        "code": 3056,
        "description": "Message failed to deliver in specified fallback time",
        "source": Source.CALLBACK,
        "verification": Verification.DESK,
    }
    return Event(**{**values, **changes})  # type: ignore[arg-type]


class TestCountdown:
    def test_names_the_channel_that_takes_over_and_the_time_left(self) -> None:
        shown = countdown(timeline(), view(countdown=timedelta(seconds=272), countdown_fraction=0.09), NOW)
        assert shown.text == "SMS takes over in 4:32"
        assert (shown.running, shown.overdue, shown.fraction) == (True, False, 0.09)

    def test_is_a_dash_where_nothing_takes_over(self) -> None:
        alone = timeline(attempts=(Attempt(channel="viber", state=AttemptState.TRYING),))
        shown = countdown(alone, view(), NOW)
        assert shown.text == NONE
        assert not shown.shown

    def test_is_a_dash_once_the_outcome_is_known(self) -> None:
        assert countdown(timeline(), view(countdown=None), NOW).text == NONE

    def test_says_what_should_have_happened_once_it_is_overdue(self) -> None:
        late = NOW + timedelta(minutes=6)
        shown = countdown(timeline(), view(overdue=True), late)
        assert shown.text == "SMS should have been tried at 14:37; no confirmation yet"
        assert shown.overdue

    def test_tells_times_where_the_agent_is(self) -> None:
        there = (NOW + timedelta(minutes=6)).astimezone(timezone(timedelta(hours=5, minutes=45)))
        assert "20:22" in countdown(timeline(), view(overdue=True), there).text

    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(0.2, "0:01"), (9, "0:09"), (272, "4:32"), (271.3, "4:32"), (3600, "1:00:00"), (-5, "0:00")],
    )
    def test_counts_a_started_second_as_a_whole_one(self, seconds: float, text: str) -> None:
        assert clock_left(timedelta(seconds=seconds)) == text


class TestWhenToLookAgain:
    def test_at_the_next_full_second_of_a_countdown(self) -> None:
        left = timedelta(seconds=271, milliseconds=250)
        assert next_tick(timeline(), view(countdown=left), None, NOW) == 0.25

    def test_never_once_everything_is_settled(self) -> None:
        done = timeline(outcome=CascadeOutcome.READ, settled=True, attempts=())
        assert next_tick(done, view(), None, NOW) is None

    def test_at_the_moment_the_outlook_changes(self) -> None:
        done = timeline(outcome=CascadeOutcome.DELIVERED, settled=True, attempts=())
        assert next_tick(done, view(), NOW + timedelta(seconds=90), NOW) == 90

    def test_rarely_once_nothing_was_heard_for_long(self) -> None:
        waiting = timeline(last_heard_at=NOW - timedelta(hours=2))
        assert next_tick(waiting, view(overdue=True), None, NOW) == 15


def dos(of: Timeline, **outlook: object) -> list[Do]:
    return [action.do for action in actions(of, view(**outlook))]


class TestActions:
    def test_a_queued_message_can_be_taken_back(self) -> None:
        assert dos(timeline(state=MessageState.QUEUED, reference_id=None)) == [Do.WITHDRAW]

    def test_nothing_can_be_done_while_it_is_being_sent(self) -> None:
        assert dos(timeline(state=MessageState.SENDING, reference_id=None)) == []

    def test_a_waiting_message_can_be_asked_about_but_not_sent_again(self) -> None:
        assert dos(timeline()) == [Do.ASK]

    def test_a_planned_retry_can_be_stopped_and_nothing_else(self) -> None:
        planned = timeline(
            state=MessageState.REFUSED, reference_id=None, retry_at=NOW + timedelta(seconds=20)
        )
        assert dos(planned, may_resend=True) == [Do.STOP_RETRY]

    def test_a_failed_message_is_sent_again_at_once_where_that_is_safe(self) -> None:
        failed = timeline(outcome=CascadeOutcome.FAILED, settled=True)
        (again,) = actions(failed, view(may_resend=True))
        assert (again.do, again.warning) == (Do.RESEND, "")

    def test_a_failed_message_is_sent_again_after_a_warning_where_it_will_not_help(self) -> None:
        failed = timeline(outcome=CascadeOutcome.FAILED, settled=True)
        (again,) = actions(failed, view(may_resend=False))
        assert again.do is Do.RESEND
        assert "fail the same way" in again.warning

    def test_an_unconfirmed_message_is_settled_before_it_can_be_sent_again(self) -> None:
        doubtful = timeline(
            state=MessageState.UNCONFIRMED, outcome=CascadeOutcome.UNDECIDED, reference_id=None
        )
        assert dos(doubtful) == [Do.TREAT_SENT, Do.TREAT_NOT_SENT]

    def test_treating_as_not_sent_warns_of_a_second_message(self) -> None:
        doubtful = timeline(state=MessageState.UNCONFIRMED, outcome=CascadeOutcome.UNDECIDED)
        sent, not_sent = actions(doubtful, view())
        assert sent.warning == ""
        assert "twice" in not_sent.warning

    def test_a_delivered_message_offers_no_button(self) -> None:
        assert dos(timeline(outcome=CascadeOutcome.DELIVERED, settled=True)) == []

    @pytest.mark.parametrize("outcome", [CascadeOutcome.DELIVERED, CascadeOutcome.READ])
    def test_sending_again_what_arrived_warns_that_they_get_it_twice(self, outcome: CascadeOutcome) -> None:
        assert "already has" in resend_warning(timeline(outcome=outcome))

    def test_sending_again_what_is_under_way_warns_too(self) -> None:
        assert "still being tried" in resend_warning(timeline())

    def test_a_report_without_a_message_of_ours_offers_nothing(self) -> None:
        assert dos(timeline(message_id=None)) == []

    @pytest.mark.parametrize("code", [-10004, 3206])
    def test_telesign_is_not_asked_where_it_has_said_it_will_never_tell(self, code: int) -> None:
        told = event(kind=EventKind.STATUS_UNAVAILABLE, code=code, channel=None)
        assert may_ask(timeline())
        assert not may_ask(timeline(events=(told,)))


class TestRows:
    def test_read_as_one_line_of_text(self) -> None:
        row = row_of(event(detail="SMS is tried next.", took=timedelta(minutes=5)), NOW)
        assert row.text.startswith("14:32:28 Viber did not deliver within 5 min.")
        assert "3056" in row.text

    def test_show_code_telesigns_words_and_time_taken(self) -> None:
        row = row_of(event(took=timedelta(minutes=5)), NOW)
        whole = "3056 · “Message failed to deliver in specified fallback time” · after 5 min"
        assert row.notes.replace("\N{NO-BREAK SPACE}", " ") == whole
        assert "after\N{NO-BREAK SPACE}5\N{NO-BREAK SPACE}min" in row.notes  # never alone on the next line

    def test_show_the_day_only_where_it_is_another(self) -> None:
        assert row_of(event(), NOW).date == ""
        assert row_of(event(), NOW + timedelta(days=2)).date == "23 Nov"

    def test_say_when_the_time_is_only_that_of_receipt(self) -> None:
        assert "time of receipt" in row_of(event(at_is_receipt=True), NOW).notes

    def test_are_faint_where_they_change_nothing(self) -> None:
        assert row_of(event(late=True), NOW).faint
        assert row_of(event(verification=Verification.FAILED), NOW).faint
        assert not row_of(event(), NOW).faint

    def test_tip_has_utc_age_delay_and_proof(self) -> None:
        belgrade = (NOW + timedelta(minutes=3)).astimezone(timezone(timedelta(hours=1)))
        shown = event_tip(event(reference_id="VIB1"), belgrade)
        assert "15:32:28 here · 2026-11-23 14:32:28.000 UTC · 3 min ago" in shown
        assert "2 s later" in shown
        assert "VIB1" in shown
        assert "exact bytes" in shown

    @pytest.mark.parametrize(
        ("verification", "source", "text"),
        [
            (Verification.DESK, Source.CALLBACK, "verified here"),
            (Verification.RELAY, Source.CALLBACK, "verified by the relay"),
            (Verification.FAILED, Source.CALLBACK, "signature wrong"),
            (Verification.DIRECT, Source.QUERY, "asked Telesign"),
            (None, Source.CALLBACK, "not verifiable"),
            (None, None, ""),
        ],
    )
    def test_name_their_provenance(
        self, verification: Verification | None, source: Source | None, text: str
    ) -> None:
        assert badge(event(verification=verification, source=source)).text == text

    def test_different_provenances_have_different_icons(self) -> None:
        icons = {badge(event(verification=each)).icon for each in Verification}
        assert len(icons) == len(Verification)


def test_both_reference_ids_and_our_own_can_be_copied() -> None:
    found = references(timeline())
    assert [each.value for each in found] == ["REF1", "VIB1", "cas-1"]


def test_a_channel_that_repeats_the_transactions_reference_adds_none() -> None:
    lane = replace(timeline().attempts[0], reference_id="REF1")
    assert [each.value for each in references(timeline(attempts=(lane,)))] == ["REF1", "cas-1"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "just now"), (42, "42 s ago"), (200, "3 min ago"), (7300, "2 h ago"), (200_000, "2 d ago")],
)
def test_ages_are_told_in_the_largest_unit(seconds: int, text: str) -> None:
    assert age_text(timedelta(seconds=seconds)) == text


class TestTextOfOthers:
    def test_cannot_reorder_the_text_around_it(self) -> None:
        assert isolated("abc\u202edef") == "abcdef"
        assert isolated("مرحبا") == "\u2068مرحبا\u2069"

    def test_stays_on_one_line_and_loses_control_characters(self) -> None:
        assert isolated("a\x00b\nc\x1b[31m") == "ab c[31m"

    def test_is_cut_with_a_mark(self) -> None:
        assert shortened("x" * 10, 5) == "xxxx…"
        assert shortened("xxxxx", 5) == "xxxxx"

    def test_keeps_a_bounded_number_of_lines(self) -> None:
        assert block("line\n" * 10_000, lines=3, limit=100) == "line\nline\nline…"
        assert block("one\r\ntwo", lines=3, limit=100) == "one\ntwo"

    def test_is_never_html_in_a_tip(self) -> None:
        assert "&lt;img" in tip("<img src=x>")
        assert tip("") == ""
