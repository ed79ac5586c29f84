"""The history list: a million rows, live, without losing place."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QDate, QEvent, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDateEdit,
    QLabel,
    QLineEdit,
    QTableView,
)

from console.cascade.outcome import CascadeOutcome, MessageState, Tone
from console.desk.values import HistoryQuery, HistoryRow
from console.ui.history import HistoryPane
from console.ui.history_delegate import ROW_HEIGHT
from console.ui.history_model import KEPT, PAGE, HistoryModel
from console.ui.history_rules import (
    Period,
    chip,
    choices,
    day_heading,
    emptiness,
    new_on_top,
    row_text,
    short_age,
    span_of,
)
from tests.ui.conftest import Spawned
from tests.ui.fake_desk import FakeDesk, history_row
from tests.ui.scenes import START

NOW = datetime(2026, 11, 23, 14, 40, tzinfo=UTC)


# --- rules ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "outcome", "channel", "text", "tone"),
    [
        (MessageState.ACCEPTED, CascadeOutcome.WAITING, None, "On its way", Tone.ACTIVE),
        (MessageState.ACCEPTED, CascadeOutcome.DELIVERED, "sms", "Delivered · SMS", Tone.GOOD),
        (MessageState.ACCEPTED, CascadeOutcome.READ, "viber", "Read · Viber", Tone.GOOD),
        (MessageState.ACCEPTED, CascadeOutcome.FAILED, None, "Not delivered", Tone.BAD),
        (MessageState.ACCEPTED, CascadeOutcome.UNDECIDED, None, "Not known", Tone.WARNING),
        (MessageState.UNCONFIRMED, CascadeOutcome.UNDECIDED, None, "May have been sent", Tone.WARNING),
        (MessageState.REFUSED, CascadeOutcome.FAILED, None, "Refused", Tone.BAD),
        (MessageState.NOT_SENT, CascadeOutcome.FAILED, None, "Not sent", Tone.BAD),
        (MessageState.SENDING, CascadeOutcome.WAITING, None, "Sending", Tone.ACTIVE),
    ],
)
def test_a_chip_says_what_became_of_a_message(
    state: MessageState, outcome: CascadeOutcome, channel: str | None, text: str, tone: Tone
) -> None:
    said = chip(state, outcome, channel)
    assert (said.text, said.tone) == (text, tone)
    assert said.icon


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=20), "now"),
        (timedelta(minutes=4), "4 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=20), "yesterday"),
        (timedelta(days=11), "12 Nov"),
        (timedelta(days=700), "23 Dec 2024"),
    ],
)
def test_ages_are_short(ago: timedelta, text: str) -> None:
    assert short_age(NOW - ago, NOW) == text


def test_a_row_reads_as_one_line_whatever_was_written() -> None:
    row = history_row(1, first_words="<b>a</b>\x00\n\u202eb" + "W" * 900, unread=True, created_at=NOW)
    text = row_text(row, NOW)
    assert text.startswith("+1 202-555-0001, unread reply, Delivered · Viber, <b>a</b>")
    assert "\x00" not in text
    assert "\n" not in text
    assert "\u202e" not in text
    assert len(text) < 300


def test_the_filter_covers_every_state_and_outcome_once() -> None:
    named = [state for each in choices() for state in each.states]
    assert len(named) == len(set(named))
    every = {str(each) for each in (*MessageState, *CascadeOutcome)}
    assert every - set(named) == {"draft", "accepted"}
    assert set(named) <= every


def test_an_empty_list_says_why_it_is_empty() -> None:
    titles = {
        emptiness("", narrowed=False)[0],
        emptiness("x", narrowed=True)[0],
        emptiness("", narrowed=True)[0],
    }
    assert len(titles) == 3


@given(known=st.integers(0, 40), new=st.integers(0, 40), limit=st.integers(1, 64))
def test_what_is_new_on_top_is_found_or_all_is_read_again(known: int, new: int, limit: int) -> None:
    have = array("q", range(known))
    head = list(range(known + new - 1, -1, -1))[:limit]
    found = new_on_top(have, head)
    if known and new < limit:
        assert found == list(range(known + new - 1, known - 1, -1))
    else:
        assert found is None


def test_a_message_that_vanished_below_the_top_is_noticed() -> None:
    assert new_on_top(array("q", [1, 2, 3]), [4, 3, 1]) is None


# --- the model --------------------------------------------------------------------------


@pytest.fixture
def model(app: QApplication) -> HistoryModel:
    return HistoryModel(lambda: NOW)


def shown(model: HistoryModel, place: int) -> str:
    return str(model.index(place, 0).data())


class TestModel:
    def test_newest_stands_on_top(self, model: HistoryModel) -> None:
        model.replace(array("q", [9, 7, 4]))
        assert [model.rowid(place) for place in range(3)] == [9, 7, 4]
        assert [model.place_of(rowid) for rowid in (9, 7, 4, 5)] == [0, 1, 2, None]

    def test_rows_are_asked_for_once_a_page_around_what_is_seen(
        self, model: HistoryModel, app: QApplication
    ) -> None:
        asked: list[list[int]] = []
        model.wanted.connect(asked.append)
        model.replace(array("q", range(100_000, 0, -1)))
        assert shown(model, 50_000) == "Loading…"
        shown(model, 50_001)
        app.processEvents()
        assert len(asked) == 1
        assert len(asked[0]) == PAGE
        assert model.rowid(50_000) in asked[0]

    def test_rows_given_are_shown(self, model: HistoryModel) -> None:
        model.replace(array("q", [2, 1]))
        model.give([2, 1], [history_row(2), history_row(1)])
        assert shown(model, 0).startswith("+1 202-555-0002")
        assert model.message_id(1) == "m1"

    def test_only_so_many_rows_are_remembered(self, model: HistoryModel) -> None:
        count = KEPT + 500
        model.replace(array("q", range(count, 0, -1)))
        for rowid in range(1, count + 1):
            model.give([rowid], [history_row(rowid)])
        assert len(model._rows) == KEPT
        assert len(model._by_message) == KEPT
        assert model.rowid_of(f"m{count}") == count
        assert model.rowid_of("m1") is None

    def test_a_new_message_is_an_append_and_one_signal(self, model: HistoryModel) -> None:
        model.replace(array("q", range(1_000_000, 0, -1)))
        signals: list[tuple[int, int]] = []
        model.rowsInserted.connect(lambda _, first, last: signals.append((first, last)))
        model.modelReset.connect(lambda: signals.append((-1, -1)))
        ids = model._ids
        assert model.put_on_top([1_000_001, 1_000_000, 999_999])
        assert signals == [(0, 0)]
        assert model._ids is ids
        assert model.rowid(0) == 1_000_001

    def test_the_same_ids_again_are_no_change(self, model: HistoryModel) -> None:
        model.replace(array("q", [3, 2, 1]))
        resets: list[str] = []
        model.modelReset.connect(lambda: resets.append("reset"))
        model.replace(array("q", [3, 2, 1]))
        assert resets == []

    def test_a_row_that_was_not_found_can_be_asked_for_again(
        self, model: HistoryModel, app: QApplication
    ) -> None:
        asked: list[list[int]] = []
        model.wanted.connect(asked.append)
        model.replace(array("q", [1]))
        for _ in range(2):
            shown(model, 0)
            app.processEvents()
            model.give([1], [])
        assert asked == [[1], [1]]


# --- the pane ---------------------------------------------------------------------------


class Stage:
    """A pane over a desk of a thousand messages."""

    def __init__(self, app: QApplication, spawned: Spawned, rows: int = 1000) -> None:
        self.app = app
        self.spawned = spawned
        self.desk = FakeDesk(now=NOW)
        self.desk.rows = {rowid: history_row(rowid) for rowid in range(1, rows + 1)}
        self.pane = HistoryPane(spawned)
        self.pane.resize(320, 800)
        self.pane.show()
        self.pane.attach(self.desk)  # type: ignore[arg-type]
        self.selected: list[str] = []
        self.reused: list[str] = []
        self.pane.selected.connect(self.selected.append)
        self.pane.reuse.connect(self.reused.append)
        self.settle()

    def settle(self) -> None:
        """Let every timer that is due fire, and everything it starts run."""
        for _ in range(4):
            for timer in (self.pane._filters._typing, self.pane._settle, self.pane._filtered):
                if timer.isActive():
                    timer.stop()
                    timer.timeout.emit()
            self.spawned.settle()
            self.pane.grab()  # a paint asks for the rows it needs
            self.app.processEvents()
            self.spawned.settle()

    @property
    def view(self) -> QTableView:
        found = self.pane.findChild(QTableView, "historyView")
        assert found is not None
        return found

    def row(self, place: int) -> str:
        return str(self.view.model().index(place, 0).data())

    def choose(self, place: int) -> None:
        self.view.setCurrentIndex(self.view.model().index(place, 0))
        self.settle()

    def add(self, rowid: int, **changes: object) -> None:
        self.desk.rows[rowid] = history_row(rowid, **changes)
        self.desk.tell(f"m{rowid}", history=True)

    def update(self, rowid: int, **changes: object) -> HistoryRow:
        self.desk.rows[rowid] = replace(self.desk.rows[rowid], **changes)  # type: ignore[arg-type]
        self.desk.tell(f"m{rowid}")
        return self.desk.rows[rowid]


@pytest.fixture
def stage(app: QApplication, spawned: Spawned) -> Iterator[Stage]:
    made = Stage(app, spawned)
    yield made
    made.pane.close()
    made.pane.deleteLater()
    app.processEvents()


class TestPane:
    def test_rows_have_one_height(self, stage: Stage) -> None:
        assert {stage.view.rowHeight(place) for place in (0, 500, 999)} == {ROW_HEIGHT}

    def test_only_what_is_seen_is_read(self, stage: Stage) -> None:
        assert len(stage.desk.reads) <= 2 * PAGE
        assert stage.row(0).startswith("+1 202-555-1000, Delivered · Viber, Message number 1000")

    def test_choosing_a_row_names_its_message_once(self, stage: Stage) -> None:
        stage.choose(3)
        assert stage.selected == ["m997"]

    def test_choosing_a_row_that_was_not_read_yet_names_it_too(self, stage: Stage) -> None:
        stage.choose(800)
        assert stage.selected == ["m200"]

    def test_a_new_message_comes_on_top_and_selection_and_place_stay(self, stage: Stage) -> None:
        stage.choose(500)
        scroll = stage.view.verticalScrollBar()
        before, selected = scroll.value(), list(stage.selected)
        stage.add(1001)
        stage.settle()
        assert stage.view.currentIndex().row() == 501
        assert scroll.value() == before + ROW_HEIGHT
        assert stage.selected == selected

    def test_at_the_top_a_new_message_is_seen_at_once(self, stage: Stage) -> None:
        stage.add(1001)
        stage.settle()
        assert stage.view.verticalScrollBar().value() == 0
        assert "Message number 1001" in stage.row(0)

    def test_a_change_of_state_is_shown(self, stage: Stage) -> None:
        stage.update(999, outcome=CascadeOutcome.READ)
        stage.settle()
        assert "Read · Viber" in stage.row(1)

    def test_changes_of_what_nobody_sees_are_read_only_when_seen(self, stage: Stage) -> None:
        stage.choose(990)
        stage.choose(0)
        stage.desk.reads.clear()
        stage.update(10, outcome=CascadeOutcome.READ)
        stage.settle()
        assert 10 not in stage.desk.reads
        stage.choose(990)
        assert "Read · Viber" in stage.row(990)

    def test_ten_thousand_changes_are_one_reading_of_what_is_on_screen(self, stage: Stage) -> None:
        stage.desk.reads.clear()
        queries = len(stage.desk.queries)
        for first in range(0, 10_000, 100):
            stage.desk.tell(*(f"m{n}" for n in range(first, first + 100)))
        stage.settle()
        assert len(stage.desk.reads) <= 2 * PAGE
        assert len(stage.desk.queries) == queries

    def test_many_new_messages_at_once_are_all_there(self, stage: Stage) -> None:
        stage.choose(5)
        for rowid in range(1001, 1501):
            stage.desk.rows[rowid] = history_row(rowid)
        stage.desk.tell(*(f"m{n}" for n in range(1001, 1501)), history=True)
        stage.settle()
        assert stage.view.model().rowCount() == 1500
        assert stage.view.currentIndex().row() == 505
        assert stage.selected == ["m995"]

    def test_search_is_asked_of_the_desk_and_says_so_when_nothing_is_found(self, stage: Stage) -> None:
        search = stage.pane.findChild(QLineEdit, "historySearchEdit")
        assert search is not None
        search.setText("number 77")
        stage.settle()
        assert stage.view.model().rowCount() == 11
        search.setText("no such thing")
        stage.settle()
        assert stage.view.model().rowCount() == 0
        assert not stage.view.isVisible()
        search.clear()
        stage.settle()
        assert stage.view.model().rowCount() == 1000

    def test_under_a_filter_a_message_comes_and_goes_with_its_state(self, stage: Stage) -> None:
        combo = stage.pane.findChild(QComboBox, "historyStateFilter")
        assert combo is not None
        combo.setCurrentIndex(3)  # not delivered
        stage.settle()
        assert stage.view.model().rowCount() == 0
        stage.update(40, outcome=CascadeOutcome.FAILED)
        stage.settle()
        assert stage.view.model().rowCount() == 1
        stage.update(40, outcome=CascadeOutcome.DELIVERED)
        stage.settle()
        assert stage.view.model().rowCount() == 0

    def test_a_filter_keeps_the_selection_where_the_message_stays(self, stage: Stage) -> None:
        stage.choose(7)
        search = stage.pane.findChild(QLineEdit, "historySearchEdit")
        assert search is not None
        search.setText("99")
        stage.settle()
        index = stage.view.currentIndex()
        assert stage.view.model().index(index.row(), 0).data() is not None
        assert "Message number 993" in stage.row(index.row())
        assert stage.selected == ["m993"]

    def test_enter_takes_the_message_as_a_new_draft(self, stage: Stage) -> None:
        stage.choose(2)
        press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.NoModifier)
        stage.app.sendEvent(stage.view, press)
        assert stage.reused == ["m998"]

    def test_down_leads_from_the_search_into_the_list(self, stage: Stage) -> None:
        search = stage.pane.findChild(QLineEdit, "historySearchEdit")
        assert search is not None
        press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier)
        stage.app.sendEvent(search, press)
        stage.settle()
        assert stage.selected == ["m1000"]

    def test_a_message_just_sent_is_selected_once_it_is_there_without_being_announced(
        self, stage: Stage
    ) -> None:
        stage.pane.select("m1001")
        stage.add(1001)
        stage.settle()
        assert stage.view.currentIndex().row() == 0
        assert stage.selected == []

    def test_ages_do_not_tick_while_nobody_looks(self, stage: Stage) -> None:
        assert stage.pane._ages.isActive()
        stage.pane.hide()
        assert not stage.pane._ages.isActive()


def test_an_empty_history_says_what_will_stand_here(app: QApplication, spawned: Spawned) -> None:
    made = Stage(app, spawned, rows=0)
    assert not made.view.isVisible()
    made.add(1, created_at=START)
    made.settle()
    assert made.view.isVisible()
    made.pane.close()


# --- filters, days, and several at once ---------------------------------------------------


def filter_box(stage: Stage, object_name: str) -> QComboBox:
    found = stage.pane.findChild(QComboBox, object_name)
    assert found is not None
    return found


def press(stage: Stage, object_name: str) -> None:
    button = stage.pane.findChild(QAbstractButton, object_name)
    assert button is not None
    button.click()
    stage.settle()


class TestFilters:
    def test_rare_ones_are_folded_away_and_come_with_one_button(self, stage: Stage) -> None:
        assert not filter_box(stage, "historyChannelFilter").isVisible()
        press(stage, "historyFilterButton")
        assert filter_box(stage, "historyChannelFilter").isVisible()
        assert not stage.pane.findChild(QDateEdit, "historyFirstDay").isVisible()  # type: ignore[union-attr]

    def test_channel_time_and_unread_are_asked_of_the_desk(self, stage: Stage) -> None:
        filter_box(stage, "historyChannelFilter").setCurrentIndex(2)
        filter_box(stage, "historyTimeFilter").setCurrentIndex(1)
        press(stage, "historyUnreadFilter")
        query = stage.desk.queries[-1]
        assert (query.channel, query.unread, query.until) == ("sms", True, None)
        assert query.since is not None
        assert query.since <= NOW < query.since + timedelta(days=2)

    def test_a_range_holds_both_its_days_whichever_is_first(self, stage: Stage) -> None:
        filter_box(stage, "historyTimeFilter").setCurrentIndex(4)
        first = stage.pane.findChild(QDateEdit, "historyFirstDay")
        last = stage.pane.findChild(QDateEdit, "historyLastDay")
        assert first is not None
        assert last is not None
        first.setDate(QDate(2026, 3, 9))
        last.setDate(QDate(2026, 3, 2))
        stage.settle()
        query = stage.desk.queries[-1]
        assert query.since is not None
        assert query.until is not None
        assert query.since.date() == date(2026, 3, 2)
        assert query.until.date() == date(2026, 3, 10)

    def test_one_button_shows_all_messages_again(self, stage: Stage) -> None:
        filter_box(stage, "historyChannelFilter").setCurrentIndex(1)
        stage.pane._filters.search.setText("zebra")
        stage.settle()
        assert stage.view.model().rowCount() == 0
        press(stage, "historyShowAll")
        assert stage.view.model().rowCount() == 1000
        assert filter_box(stage, "historyChannelFilter").currentIndex() == 0
        assert stage.desk.queries[-1] == HistoryQuery()

    def test_another_day_asks_anew_only_where_the_filter_depends_on_it(self, stage: Stage) -> None:
        asked = len(stage.desk.queries)
        stage.desk.now += timedelta(days=1)
        stage.pane._minute_passed()
        stage.settle()
        assert len(stage.desk.queries) == asked
        filter_box(stage, "historyTimeFilter").setCurrentIndex(1)
        stage.settle()
        since = stage.desk.queries[-1].since
        stage.desk.now += timedelta(days=1)
        stage.pane._minute_passed()
        stage.settle()
        assert since is not None
        assert stage.desk.queries[-1].since == since + timedelta(days=1)


@given(
    period=st.sampled_from(list(Period)),
    now=st.integers(31 * 366, 90 * 366).map(lambda day: datetime.fromtimestamp(day * 86_400 + 4_711, UTC)),
    first=st.dates(date(2001, 1, 1), date(2090, 1, 1)),
    last=st.dates(date(2001, 1, 1), date(2090, 1, 1)),
)
def test_a_period_is_whole_days_and_never_ends_before_it_begins(
    period: Period, now: datetime, first: date, last: date
) -> None:
    def midnight(day: date) -> datetime:
        return datetime(day.year, day.month, day.day, tzinfo=UTC)

    since, until = span_of(period, now, first, last, midnight)
    assert (since is None) == (period is Period.ANY)
    assert (until is None) == (period is not Period.RANGE)
    if since is not None:
        assert since.hour == since.minute == since.second == 0
    if period is Period.TODAY:
        assert since == midnight(now.date())
    if since is not None and until is not None:
        assert since < until


class TestDays:
    def test_the_day_of_the_topmost_row_stands_above_the_list(self, stage: Stage) -> None:
        day = stage.pane.findChild(QLabel, "historyDay")
        assert day is not None
        top = stage.desk.rows[1000]
        assert day.text() == day_heading(top.created_at, NOW.astimezone())
        stage.desk.rows[1] = replace(stage.desk.rows[1], created_at=NOW - timedelta(days=400))
        stage.view.scrollToBottom()
        stage.settle()
        first_shown = stage.desk.rows[stage.pane._model.rowid(stage.view.rowAt(0))]
        assert day.text() == day_heading(first_shown.created_at, NOW.astimezone())

    @pytest.mark.parametrize(
        ("ago", "expected"), [(0, "Today"), (1, "Yesterday"), (2, "21 Nov"), (400, "19 Oct 2025")]
    )
    def test_days_have_names(self, ago: int, expected: str) -> None:
        noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
        assert day_heading(noon - timedelta(days=ago), noon) == expected


class TestHands:
    def test_new_messages_are_offered_while_something_below_is_read(self, stage: Stage) -> None:
        newer = stage.pane.findChild(QAbstractButton, "historyNewer")
        assert newer is not None
        stage.view.verticalScrollBar().setValue(5000)
        stage.add(1001)
        stage.settle()
        stage.add(1002)
        stage.settle()
        assert newer.isVisible()
        assert newer.text() == "2 new messages"
        newer.click()
        stage.settle()
        assert stage.view.verticalScrollBar().value() == 0
        assert not newer.isVisible()

    def test_letters_and_digits_typed_in_the_list_begin_a_search(self, stage: Stage) -> None:
        stage.choose(3)
        QTest.keyClick(stage.view, Qt.Key.Key_P)
        assert stage.pane._filters.search.text() == "p"
        assert stage.pane._filters.search.cursorPosition() == 1

    def test_several_are_chosen_by_shift_and_all_by_one_key(self, stage: Stage) -> None:
        stage.choose(1)
        for _ in range(2):
            QTest.keyClick(stage.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        assert stage.pane.chosen() == [999, 998, 997]
        assert len(stage.pane.chosen()) == 3
        QTest.keyClick(stage.view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        assert len(stage.pane.chosen()) == 1000
        assert stage.pane.chosen()[0] == 1000

    def test_several_stay_chosen_when_another_message_comes(self, stage: Stage) -> None:
        stage.choose(1)
        QTest.keyClick(stage.view, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
        stage.add(1001)
        stage.settle()
        assert stage.pane.chosen() == [999, 998]

    def test_control_c_copies_the_number(self, stage: Stage) -> None:
        stage.choose(0)
        QTest.keyClick(stage.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
        assert QGuiApplication.clipboard().text() == f"+{stage.desk.rows[1000].to}"


class TestSearchAtScale:
    def test_the_first_of_many_found_are_shown_before_all_are_known(self, stage: Stage) -> None:
        asked: list[int | None] = []
        shown: list[int] = []
        ask = stage.desk.history_ids

        async def watched(query: HistoryQuery) -> array[int]:
            asked.append(query.limit)
            shown.append(stage.view.model().rowCount())
            return await ask(query)

        stage.desk.history_ids = watched  # type: ignore[method-assign]
        search = stage.pane.findChild(QLineEdit, "historySearchEdit")
        assert search is not None
        search.setText("number")
        stage.settle()
        assert asked == [256, None]
        assert shown == [1000, 256]
        assert stage.view.model().rowCount() == 1000

    def test_what_is_shown_first_can_be_read_before_the_rest_is_looked_for(self, stage: Stage) -> None:
        for rowid in range(1, 301):  # old ones, which nobody has seen yet
            stage.desk.rows[rowid] = history_row(rowid, first_words="Rarely said")
        told: list[list[str]] = []
        ask = stage.desk.history_ids

        async def watched(query: HistoryQuery) -> array[int]:
            told.append([stage.row(place) for place in range(min(stage.view.model().rowCount(), 12))])
            return await ask(query)

        stage.desk.history_ids = watched  # type: ignore[method-assign]
        search = stage.pane.findChild(QLineEdit, "historySearchEdit")
        assert search is not None
        search.setText("Rarely")
        stage.settle()
        before, after = told
        assert ["Rarely said" in text for text in before + after] == [False] * 12 + [True] * 12

    def test_what_was_typed_before_is_given_up_and_never_shown(self, stage: Stage) -> None:
        ask = stage.desk.history_ids
        search = stage.pane.findChild(QLineEdit, "historySearchEdit")
        assert search is not None
        given_up: list[str] = []

        async def slow(query: HistoryQuery) -> array[int]:
            if query.search != "number 9":
                return await ask(query)
            search.setText("number 77")
            stage.pane._filters._typing.timeout.emit()
            try:
                never: asyncio.Future[array[int]] = asyncio.Future()
                return await never
            except asyncio.CancelledError:
                given_up.append(query.search)
                raise

        stage.desk.history_ids = slow  # type: ignore[method-assign]
        search.setText("number 9")
        stage.settle()
        assert given_up == ["number 9"]
        assert stage.view.model().rowCount() == 11
