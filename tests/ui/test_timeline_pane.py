"""The timeline pane as an agent and a script meet it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from datetime import timedelta

import pytest
import shiboken6
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAccessible, QKeyEvent
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QLabel,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from console.cascade.facts import Decision, Verification
from console.cascade.message import DraftField, Problem, Severity
from console.cascade.outcome import Timeline
from console.desk.values import (
    AccountStatus,
    DeskStatus,
    Invalid,
    NeedsConfirmation,
    Queued_,
    RawEvidence,
    RelayStatus,
    Unavailable,
)
from console.ui.conversation import Conversation
from console.ui.lanes import Lanes
from console.ui.masking import masking
from console.ui.timeline import TimelinePane
from console.ui.timeline_header import References
from console.ui.timeline_rules import Reference
from console.ui.widgets import Notice
from tests.ui.conftest import Spawned
from tests.ui.fake_desk import FakeDesk
from tests.ui.scenes import SCENES, at, reply, report, scene


class Stage:
    """A pane with its desk."""

    def __init__(self, app: QApplication, spawned: Spawned) -> None:
        self.app = app
        self.spawned = spawned
        self.desk = FakeDesk()
        self.pane = TimelinePane(spawned)
        self.pane.resize(720, 900)
        self.pane.show()
        self.pane.attach(self.desk)  # type: ignore[arg-type]
        self.settle()

    def settle(self) -> None:
        self.spawned.settle()
        self.app.processEvents()

    def play(self, name: str) -> None:
        """Show a scene's message at its moment."""
        self.desk.facts["m1"] = list(scene(name).facts)
        self.desk.now = scene(name).now
        self.pane.show_message("m1")
        self.settle()

    def more(self, *facts: object, second: float) -> None:
        """More facts become known."""
        self.desk.now = at(second)
        self.desk.put("m1", facts)  # type: ignore[arg-type]
        self.desk.tell("m1")
        self.settle()

    def label(self, name: str) -> QLabel:
        found = self.pane.findChild(QLabel, name)
        assert found is not None
        return found

    def label_of(self, notice: str) -> str:
        """What a notice says; nothing where there is none."""
        found = [each for each in self.pane.findChildren(Notice, notice) if each.isVisible()]
        return found[0].text.text() if found else ""

    def button(self, name: str) -> QPushButton | None:
        found = [each for each in self.pane.findChildren(QPushButton, name) if each.isVisible()]
        return found[0] if found else None

    def press(self, name: str) -> None:
        button = self.button(name)
        assert button is not None, f"no button {name}"
        assert button.isEnabled()
        button.click()
        self.settle()

    @property
    def view(self) -> QListView:
        found = self.pane.findChild(QListView, "timelineView")
        assert found is not None
        return found

    def rows(self) -> list[str]:
        model = self.view.model()
        return [str(model.index(row, 0).data()) for row in range(model.rowCount())]

    @property
    def ticking(self) -> bool:
        return self.pane._ticker.isActive()


@pytest.fixture
def stage(app: QApplication, spawned: Spawned) -> Iterator[Stage]:
    made = Stage(app, spawned)
    yield made
    made.pane.close()
    made.pane.deleteLater()
    app.processEvents()


class TestWhatIsShown:
    @pytest.mark.parametrize("name", sorted(SCENES))
    def test_every_state_has_a_headline_and_rows_of_text(self, stage: Stage, name: str) -> None:
        stage.play(name)
        assert stage.label("timelineOutcome").text()
        assert stage.label("timelineOutcome").isVisible()
        assert stage.rows()
        assert all(row[:8].replace(":", "").isdigit() for row in stage.rows())

    def test_counts_down_to_the_fallback(self, stage: Stage) -> None:
        stage.play("waiting")
        countdown = stage.label("fallbackCountdown")
        assert countdown.text() == "SMS takes over in 4:33"
        stage.desk.now += timedelta(seconds=1)
        stage.pane._show_moment()
        assert countdown.text() == "SMS takes over in 4:32"

    def test_shows_no_countdown_where_there_is_none(self, stage: Stage) -> None:
        for name in ("delivered-viber", "waiting-viber-only", "refused", "fallback"):
            stage.play(name)
            assert stage.label("fallbackCountdown").text() == "—"
            assert not stage.label("fallbackCountdown").isVisible()

    def test_labels_are_read_from_outside_by_their_text(self, stage: Stage) -> None:
        stage.play("waiting")
        for name in ("timelineOutcome", "timelineMeaning", "fallbackCountdown"):
            interface = QAccessible.queryAccessibleInterface(stage.label(name))
            assert interface is not None
            assert interface.text(QAccessible.Text.Name) == stage.label(name).text()
            assert interface.text(QAccessible.Text.Description)

    def test_rows_are_read_from_outside_as_text(self, stage: Stage) -> None:
        stage.play("waiting")
        interface = QAccessible.queryAccessibleInterface(stage.view)
        assert interface is not None
        read = [interface.child(row).text(QAccessible.Text.Name) for row in range(interface.childCount())]
        assert read == stage.rows()

    def test_says_what_should_have_happened(self, stage: Stage) -> None:
        stage.play("overdue")
        said = [stage.label(name).text() for name in ("timelineMeaning", "fallbackCountdown")]
        assert "no confirmation yet" in " ".join(said)

    def test_names_the_recipient_as_people_write_it(self, stage: Stage) -> None:
        stage.play("waiting")
        assert stage.label("timelineRecipient").accessibleName() == "+1 202-555-0143 · United States"

    def test_is_empty_without_a_message_and_welcomes_without_an_account(self, stage: Stage) -> None:
        empty, welcome = (stage.pane.findChild(QWidget, name) for name in ("timelineEmpty", "welcomePanel"))
        assert empty is not None
        assert welcome is not None
        assert empty.isVisible()
        stage.desk.status = DeskStatus(
            account=AccountStatus(kind="not_set_up"), relay=RelayStatus(kind="not_set_up")
        )
        stage.desk.tell(status=True)
        assert welcome.isVisible()

    def test_the_lanes_describe_themselves_to_a_screen_reader(self, stage: Stage) -> None:
        stage.play("fallback")
        lanes = stage.pane.findChild(Lanes)
        assert lanes is not None
        assert "Viber: not delivered in time." in lanes.accessibleDescription()

    def test_text_of_others_never_becomes_html_or_breaks_the_layout(self, stage: Stage) -> None:
        stage.play("hostile")
        assert stage.pane.width() == 720
        for each in stage.pane.findChildren(QLabel):
            assert each.textFormat() is Qt.TextFormat.PlainText
        assert all("\x00" not in row and "\n" not in row and len(row) < 4000 for row in stage.rows())


class TestLive:
    def test_a_new_event_is_added_and_the_selection_stays(self, stage: Stage) -> None:
        stage.play("waiting")
        stage.view.setCurrentIndex(stage.view.model().index(1, 0))
        before = stage.rows()
        stage.more(report(31, 3000, ("viber", 3000, 31)), second=32)
        assert stage.rows()[: len(before)] == before
        assert len(stage.rows()) == len(before) + 1
        assert stage.view.currentIndex().row() == 1
        assert "Viber" in stage.label("timelineOutcome").text()

    def test_a_late_report_takes_its_place_in_the_middle(self, stage: Stage) -> None:
        stage.play("delivered-viber")
        before = stage.rows()
        stage.more(report(2, 3002, ("viber", 3002, 2), lag=70), second=80)
        after = stage.rows()
        assert len(after) == len(before) + 1
        assert [row for row in after if row in before] == before
        assert after[-1] == before[-1]

    def test_the_same_facts_again_change_nothing(self, stage: Stage) -> None:
        stage.play("delivered-sms")
        resets = []
        stage.view.model().modelReset.connect(lambda: resets.append("reset"))
        before = stage.rows()
        stage.more(*scene("delivered-sms").facts, second=901)
        assert stage.rows() == before
        assert resets == []

    def test_changes_of_other_messages_cause_no_reading(self, stage: Stage) -> None:
        stage.play("waiting")
        stage.desk.facts = {}
        stage.desk.tell(*(f"x{n}" for n in range(10_000)))
        stage.settle()
        assert stage.rows()


class SlowDesk(FakeDesk):
    """Answers when it is allowed to, and counts how many questions wait at once."""

    def __init__(self) -> None:
        super().__init__()
        self.allowed = {"a": asyncio.Event(), "b": asyncio.Event()}
        self.waiting = self.most = 0

    async def timeline(self, message_id: str) -> Timeline | None:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        await self.allowed[message_id].wait()
        self.waiting -= 1
        return await super().timeline(message_id)


@pytest.mark.parametrize("changes", [0, 20])
async def test_the_message_chosen_last_is_shown_and_read_by_one_question_at_a_time(
    app: QApplication, monkeypatch: pytest.MonkeyPatch, changes: int
) -> None:
    tasks: list[asyncio.Task[None]] = []

    def spawn(work: Coroutine[object, object, None]) -> None:
        tasks.append(asyncio.ensure_future(work))

    desk = SlowDesk()
    desk.facts = {"a": list(scene("delivered-viber").facts), "b": list(scene("refused").facts)}
    desk.now = at(100)
    pane = TimelinePane(spawn)
    pane.attach(desk)  # type: ignore[arg-type]
    shown: list[int | None] = []
    show = pane._show

    def watched(timeline: Timeline | None) -> None:
        shown.append(timeline.code if timeline is not None else None)
        show(timeline)

    monkeypatch.setattr(pane, "_show", watched)
    pane.show_message("a")
    await asyncio.sleep(0)
    pane.show_message("b")
    for _ in range(changes):
        desk.tell("b")
    desk.allowed["b"].set()
    await asyncio.sleep(0)
    desk.allowed["a"].set()
    await asyncio.gather(*tasks)
    assert set(shown) == {3203}
    assert desk.most == 1
    shiboken6.delete(pane)  # it must not hear what later tests switch


class TestSleep:
    @pytest.mark.parametrize("name", ["waiting", "sending", "overdue", "fallback", "retry"])
    def test_it_ticks_while_something_moves(self, stage: Stage, name: str) -> None:
        stage.play(name)
        assert stage.ticking
        assert stage.pane._ticker.interval() <= 1001

    @pytest.mark.parametrize("name", ["read", "both-failed", "withdrawn"])
    def test_it_sleeps_once_nothing_does(self, stage: Stage, name: str) -> None:
        stage.play(name)
        assert not stage.ticking

    def test_it_sleeps_while_hidden_and_is_right_again_when_shown(self, stage: Stage) -> None:
        stage.play("waiting")
        stage.pane.hide()
        assert not stage.ticking
        stage.desk.now += timedelta(seconds=100)
        stage.pane.show()
        assert stage.label("fallbackCountdown").text() == "SMS takes over in 2:53"
        assert stage.ticking

    def test_it_sleeps_while_minimised(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        stage.play("waiting")
        # Not every platform hides a minimised window: only its state tells.
        for minimised in (True, False):
            monkeypatch.setattr(stage.pane, "isMinimized", lambda minimised=minimised: minimised)
            stage.app.sendEvent(stage.pane, QEvent(QEvent.Type.WindowStateChange))
            assert stage.ticking is not minimised

    def test_the_lanes_are_not_told_to_paint_the_same_picture_twice(self, stage: Stage) -> None:
        stage.play("read")
        lanes = stage.pane.findChild(Lanes)
        assert lanes is not None
        shown = lanes._chart
        stage.pane._show_moment()
        assert lanes._chart is shown


class TestActions:
    def test_taking_back_reaches_the_desk(self, stage: Stage) -> None:
        stage.play("queued")
        stage.press("action_withdraw")
        assert ("withdraw", "m1") in stage.desk.did

    def test_taking_back_too_late_says_so(self, stage: Stage) -> None:
        stage.play("queued")
        stage.desk.may_withdraw = False
        stage.press("action_withdraw")
        assert stage.button("questionClose") is not None

    def test_a_planned_retry_is_stopped(self, stage: Stage) -> None:
        stage.play("retry")
        stage.press("action_stop_retry")
        assert ("withdraw", "m1") in stage.desk.did

    def test_telesign_is_asked(self, stage: Stage) -> None:
        stage.play("overdue")
        stage.press("action_ask")
        assert ("ask_status", "m1") in stage.desk.did

    def test_it_arrived_is_taken_at_the_agents_word(self, stage: Stage) -> None:
        stage.play("unconfirmed")
        stage.press("action_treat_sent")
        assert ("settle", "m1", Decision.TREAT_AS_SENT) in stage.desk.did

    def test_treating_as_not_sent_asks_first(self, stage: Stage) -> None:
        stage.play("unconfirmed")
        stage.press("action_treat_not_sent")
        assert stage.desk.did == []
        stage.press("questionYes")
        assert ("settle", "m1", Decision.TREAT_AS_NOT_SENT) in stage.desk.did

    def test_a_question_that_is_refused_does_nothing(self, stage: Stage) -> None:
        stage.play("unconfirmed")
        stage.press("action_treat_not_sent")
        stage.press("questionNo")
        assert stage.desk.did == []
        assert stage.button("questionYes") is None

    def test_sending_again_from_the_menu_warns_and_then_insists(self, stage: Stage) -> None:
        sent: list[str] = []
        stage.pane.sent.connect(sent.append)
        stage.play("delivered-viber")
        stage.pane._more.resend_wanted.emit()
        stage.settle()
        assert stage.desk.did == []
        stage.press("questionYes")
        assert ("resend", "m1", True, False) in stage.desk.did
        assert sent == ["m2"]

    def test_sending_again_to_who_said_stop_is_asked_by_itself(self, stage: Stage) -> None:
        stage.play("delivered-viber")
        stage.desk.answer = NeedsConfirmation("The customer asked to stop. Send anyway?", opted_out=True)
        stage.pane._more.resend_wanted.emit()
        stage.settle()
        stage.press("questionYes")
        assert stage.desk.did[-1] == ("resend", "m1", True, False)
        assert stage.label_of("questionNotice") == "The customer asked to stop. Send anyway?"
        stage.desk.answer = Queued_("m2")
        stage.press("questionYes")
        assert stage.desk.did[-1] == ("resend", "m1", True, True)

    def test_a_question_of_another_message_is_gone(self, stage: Stage) -> None:
        stage.play("unconfirmed")
        stage.press("action_treat_not_sent")
        stage.play("delivered-viber")
        assert stage.button("questionYes") is None

    def test_reuse_names_the_message(self, stage: Stage) -> None:
        wanted: list[str] = []
        stage.pane.reuse.connect(wanted.append)
        stage.play("delivered-viber")
        stage.pane._more.reuse_wanted.emit()
        assert wanted == ["m1"]

    def test_ids_are_copied_whole(self, stage: Stage) -> None:
        stage.play("delivered-viber")
        copies = [each for each in stage.pane.findChildren(QPushButton, "copyReference") if each.isVisible()]
        copies[0].click()
        assert stage.app.clipboard().text() == "3B5AFD3A1C6C0E0891E3C5B8D4A9F2E1"
        assert len(copies) == 3

    def test_ids_that_begin_alike_can_be_told_apart(self, app: QApplication) -> None:
        pane = References()
        ids = [f"cascade-0198{end:028x}" for end in (1, 2)]
        pane.show_references(tuple(Reference("Our id", each, "") for each in ids))
        one, other = [each.text() for each in pane.findChildren(QPushButton, "copyReference")]
        assert one != other


class TestReplies:
    def box(self, stage: Stage) -> tuple[QPlainTextEdit, QPushButton]:
        edit = stage.pane.findChild(QPlainTextEdit, "replyEdit")
        button = stage.pane.findChild(QPushButton, "replyButton")
        assert edit is not None
        assert button is not None
        return edit, button

    def bubbles(self, stage: Stage) -> list[str]:
        view = stage.pane.findChild(QListView, "conversationView")
        assert view is not None
        return [str(view.model().index(row, 0).data()) for row in range(view.model().rowCount())]

    def test_the_conversation_reads_as_text(self, stage: Stage) -> None:
        stage.play("replies")
        said = self.bubbles(stage)
        assert said[0].startswith("You wrote: Hello Ana")
        assert said[1].startswith("The customer replied by Viber: Thank you!")

    def test_without_a_reply_there_is_a_reason_why_not(self, stage: Stage) -> None:
        stage.play("delivered-viber")
        edit, button = self.box(stage)
        assert not edit.isEnabled()
        assert not button.isEnabled()
        assert "once the customer has replied" in button.toolTip()

    def test_a_reply_to_what_was_not_sent_as_two_way_says_so_before_anything_is_typed(
        self, stage: Stage
    ) -> None:
        stage.play("reply-one-way")
        edit, button = self.box(stage)
        assert not edit.isEnabled()
        assert "Sent one-way" in edit.placeholderText()
        assert "Sent one-way" in button.toolTip()

    def test_an_answer_is_sent_in_place_and_taken_away_once_it_is_safe(self, stage: Stage) -> None:
        stage.play("replies")
        edit, button = self.box(stage)
        edit.setPlainText("  Yes, with the code. ")
        button.click()
        assert not button.isEnabled()
        stage.settle()
        assert ("reply", "m1", "Yes, with the code.", False) in stage.desk.did
        assert edit.toPlainText() == ""

    def test_control_enter_sends(self, stage: Stage) -> None:
        stage.play("replies")
        edit, _ = self.box(stage)
        edit.setPlainText("Yes")
        press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        stage.app.sendEvent(edit, press)
        stage.settle()
        assert ("reply", "m1", "Yes", False) in stage.desk.did

    @pytest.mark.parametrize(
        "answer",
        [
            Unavailable("No account is set up."),
            Invalid((Problem(DraftField.VIBER_TEXT, "Too long.", Severity.ERROR),)),
        ],
    )
    def test_an_answer_that_cannot_be_sent_stays_and_the_reason_is_shown(
        self, stage: Stage, answer: Unavailable | Invalid
    ) -> None:
        stage.play("replies")
        stage.desk.answer = answer
        edit, button = self.box(stage)
        edit.setPlainText("Yes")
        button.click()
        stage.settle()
        assert edit.toPlainText() == "Yes"
        assert stage.button("questionClose") is not None

    def test_who_asked_to_stop_is_written_to_only_if_the_agent_insists(self, stage: Stage) -> None:
        stage.play("stop")
        assert any("asks not to be written to" in said for said in self.bubbles(stage))
        stage.desk.answer = NeedsConfirmation("The customer asked to stop. Send anyway?")
        edit, button = self.box(stage)
        edit.setPlainText("Sorry")
        button.click()
        stage.settle()
        assert edit.toPlainText() == "Sorry"
        stage.desk.answer = Queued_("m7")
        stage.press("questionYes")
        assert stage.desk.did[-1] == ("reply", "m1", "Sorry", True)
        assert edit.toPlainText() == ""

    def test_replies_on_screen_are_marked_read_once(self, stage: Stage) -> None:
        stage.play("replies")
        for _ in range(3):  # the desk tells of the mark as of any change
            stage.desk.tell("m1")
            stage.settle()
        assert stage.desk.did.count(("mark_read", "m1")) == 1
        stage.more(reply(150, "And thanks!"), second=210)
        assert stage.desk.did.count(("mark_read", "m1")) == 2

    def test_replies_nobody_sees_stay_unread(self, stage: Stage) -> None:
        stage.pane.hide()
        stage.play("replies")
        assert ("mark_read", "m1") not in stage.desk.did


class TestEvidence:
    def test_enter_on_a_row_opens_its_raw_callback(self, stage: Stage) -> None:
        stage.play("delivered-viber")
        fact = stage.desk.facts["m1"][-1]
        stage.desk.evidence[fact.fact_id] = RawEvidence(
            body=b'{"status":{"code":3000}}',
            source=None,
            signature="c2ln",
            verification=Verification.DESK,
            received_at=at(5),
        )
        last = stage.view.model().index(stage.view.model().rowCount() - 1, 0)
        stage.view.activated.emit(last)
        stage.settle()
        dialog = stage.pane.findChild(QDialog, "evidenceDialog")
        assert dialog is not None
        page = dialog.findChild(QPlainTextEdit, "evidenceExact")
        assert page is not None
        assert page.toPlainText() == '{"status":{"code":3000}}'
        dialog.close()


def test_the_number_above_the_timeline_is_shortened_and_shown_whole_again(stage: Stage) -> None:
    stage.play("waiting")
    found = stage.pane._recipient
    whole = found.accessibleName() or found.text()
    try:
        masking.switch(True)
        stage.settle()
        hidden = found.accessibleName() or found.text()
    finally:
        masking.switch(False)
    stage.settle()
    assert "555-0143" in whole
    assert "0143" not in hidden
    assert "•" in hidden
    assert (found.accessibleName() or found.text()) == whole


class TestALowWindow:
    """What a screen of 800 pixels leaves for the pane in the sandbox: 698."""

    @pytest.fixture
    def low(self, stage: Stage) -> Stage:
        stage.pane.resize(534, 698)
        return stage

    @pytest.mark.parametrize("name", ["waiting", "fallback", "delivered-sms", "read"])
    def test_needs_no_scroll_bar_but_the_lists_own(self, low: Stage, name: str) -> None:
        low.play(name)
        (upper,) = low.pane.findChildren(QScrollArea)
        assert upper.verticalScrollBar().maximum() == 0

    def test_shows_the_beginning_of_a_newest_line_that_does_not_fit(self, low: Stage) -> None:
        low.play("waiting")
        last = low.view.model().index(low.view.model().rowCount() - 1, 0)
        low.view.setFixedHeight(low.view.visualRect(last).height() - 20)
        low.settle()
        assert low.view.visualRect(last).top() == 0

    def test_the_conversation_is_as_high_as_its_bubbles_from_the_first(self, low: Stage) -> None:
        low.pane.resize(430, 698)
        low.play("delivered-sms")
        talk = low.pane.findChild(Conversation, "conversationView")
        assert talk is not None
        assert talk.verticalScrollBar().maximum() == 0
        assert talk.height() - talk.content_height() < 8
