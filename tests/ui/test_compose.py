"""The compose pane, worked by keys and by the names that outside tests use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TypeVar

import pytest
from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QTextEdit,
    QWidget,
)

from console.cascade.facts import MessageType
from console.cascade.message import Draft, DraftField, Problem
from console.desk.values import Invalid, NeedsConfirmation, Unavailable
from console.ui import theme
from console.ui.compose import ComposePane
from console.ui.compose_fallback import until_next_minute
from console.ui.slider import FallbackSlider
from tests.ui.compose_desk import ComposeDesk
from tests.ui.conftest import Spawned

W = TypeVar("W", bound=QWidget)

NUMBER = "+1 202-555-0143"
TEXT = "Your parcel is waiting."


class Form:
    """The pane with its widgets by name."""

    def __init__(self, spawned: Spawned, desk: ComposeDesk) -> None:
        self.spawned = spawned
        self.desk = desk
        self.pane = ComposePane(spawned)
        self.sent: list[str] = []
        self.pane.sent.connect(self.sent.append)
        self.pane.attach(desk)  # type: ignore[arg-type]
        spawned.settle()
        self.pane.resize(420, 900)
        self.pane.show()
        self.pane.activateWindow()
        # Shortcuts belong to the active window, and activation is an event like any other.
        assert QTest.qWaitForWindowActive(self.pane)

    def find(self, kind: type[W], name: str) -> W:
        found = self.pane.findChild(kind, name)
        assert isinstance(found, kind), name
        return found

    @property
    def to(self) -> QLineEdit:
        return self.find(QLineEdit, "recipientEdit")

    @property
    def viber(self) -> QPlainTextEdit:
        return self.find(QPlainTextEdit, "viberTextEdit")

    @property
    def sms(self) -> QPlainTextEdit:
        return self.find(QPlainTextEdit, "smsTextEdit")

    @property
    def follows(self) -> QCheckBox:
        return self.find(QCheckBox, "smsFollowsCheck")

    @property
    def send(self) -> QPushButton:
        return self.find(QPushButton, "sendButton")

    def label(self, name: str) -> str:
        found = self.find(QLabel, name)
        return found.text() if found.isVisible() else ""

    def write(self, to: str = NUMBER, viber: str = TEXT) -> None:
        QTest.keyClicks(self.to, to)
        self.viber.setPlainText(viber)

    def press_send(self) -> None:
        QTest.mouseClick(self.send, Qt.MouseButton.LeftButton)
        self.spawned.settle()

    def press(self, name: str) -> None:
        QTest.mouseClick(self.find(QPushButton, name), Qt.MouseButton.LeftButton)
        self.spawned.settle()


@pytest.fixture
def desk() -> ComposeDesk:
    return ComposeDesk()


@pytest.fixture
def form(app: QApplication, spawned: Spawned, desk: ComposeDesk) -> Form:
    return Form(spawned, desk)


def wait(condition: Callable[[], bool]) -> None:
    """Let the window live until the condition holds."""
    since = QElapsedTimer()
    since.start()
    while not condition():
        assert not since.hasExpired(5000)
        QTest.qWait(5)


# -- names --------------------------------------------------------------------------------------

NAMES = [
    "recipientEdit",
    "viberTextEdit",
    "smsTextEdit",
    "smsEnabledCheck",
    "smsFollowsCheck",
    "fallbackSlider",
    "fallbackSecondsSpin",
    "fallbackSentence",
    "messageTypeCombo",
    "twoWayCheck",
    "replyIdEdit",
    "sessionCheck",
    "viberCounter",
    "smsCounter",
    "viberPreview",
    "smsPreview",
    "sendButton",
    "sendReason",
]


@pytest.mark.parametrize("name", NAMES)
def test_every_promised_name_is_there_once_and_can_be_spoken(form: Form, name: str) -> None:
    found = form.pane.findChildren(QWidget, name)
    assert len(found) == 1
    assert found[0].accessibleName()


def test_everything_that_takes_the_keyboard_has_a_name_for_screen_readers(form: Form) -> None:
    nameless = [
        child.objectName() or type(child).__name__
        for child in form.pane.findChildren(QWidget)
        if child.window() is form.pane
        and child.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not child.accessibleName()
        and not child.objectName().startswith("qt_")
    ]
    assert nameless == []


def test_tab_walks_through_the_form_from_top_to_bottom(form: Form) -> None:
    order = []
    widget: QWidget | None = form.to.nextInFocusChain()
    while widget is not None and widget is not form.to:
        if widget.objectName() in NAMES and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            order.append(widget.objectName())
        widget = widget.nextInFocusChain()
    assert order == [
        "viberTextEdit",
        "smsEnabledCheck",
        "smsFollowsCheck",
        "smsTextEdit",
        "fallbackSlider",
        "fallbackSecondsSpin",
        "messageTypeCombo",
        "twoWayCheck",
        "replyIdEdit",
        "sessionCheck",
        "sendButton",
    ]


@pytest.mark.parametrize(
    "name", ["recipientEdit", "messageTypeCombo", "fallbackSecondsSpin", "advancedButton"]
)
def test_the_ring_of_focus_moves_nothing(form: Form, name: str) -> None:
    form.viber.setFocus()
    QTest.qWait(0)
    widget = form.find(QWidget, name)
    before = widget.sizeHint().height()
    widget.setFocus()
    QTest.qWait(0)
    assert widget.hasFocus()
    assert widget.sizeHint().height() == before


# -- the recipient ------------------------------------------------------------------------------


def test_a_number_is_spaced_as_it_is_typed_and_its_country_is_shown(form: Form) -> None:
    QTest.keyClicks(form.to, "+38160123")
    assert form.to.text() == "+381 60 123"
    QTest.keyClicks(form.to, "4567")
    assert form.label("recipientCountry") == "Serbia"


def test_typing_in_the_middle_of_a_number_keeps_the_caret_there(form: Form) -> None:
    QTest.keyClicks(form.to, "+1202555014")
    form.to.setCursorPosition(3)
    QTest.keyClicks(form.to, "9")
    assert form.to.text()[: form.to.cursorPosition()].endswith("9")


def test_backspace_passes_separators_and_empties_the_field(form: Form) -> None:
    QTest.keyClicks(form.to, "+12025550143")
    for _ in range(30):
        QTest.keyClick(form.to, Qt.Key.Key_Backspace)
    assert form.to.text() == ""


def test_a_national_number_belongs_to_the_default_country(form: Form) -> None:
    form.write(to="2025550143")
    assert form.send.isEnabled()
    assert form.label("recipientCountry") == "United States"


def test_letters_stay_as_typed_are_named_and_block_sending(form: Form) -> None:
    form.write(to="")
    form.to.insert("+1 555 CALL")
    assert form.to.text() == "+1 555 CALL"
    assert not form.send.isEnabled()
    assert "letters" in form.label("sendReason")
    wait(lambda: "letters" in form.label("recipientNote"))


def test_an_unusual_number_warns_under_its_field_and_can_be_sent(form: Form) -> None:
    form.write(to="+15558675309")
    wait(lambda: "unusual" in form.label("recipientNote"))
    assert form.send.isEnabled()


# -- the texts ------------------------------------------------------------------------------------


def test_an_empty_form_says_what_is_wanted_first(form: Form) -> None:
    assert not form.send.isEnabled()
    assert form.label("sendReason") == "Type the customer's number."


def test_sms_follows_viber_until_it_is_edited(form: Form) -> None:
    QTest.keyClicks(form.viber, "Hello")
    assert form.sms.toPlainText() == "Hello"
    QTest.keyClicks(form.sms, "X")
    assert not form.follows.isChecked()
    QTest.keyClicks(form.viber, " Ana")
    assert form.sms.toPlainText() == "XHello"


def test_one_click_follows_again_and_another_brings_the_own_text_back(form: Form) -> None:
    QTest.keyClicks(form.viber, "Hello")
    form.sms.setPlainText("Own words")
    form.follows.click()
    assert form.sms.toPlainText() == "Hello"
    form.follows.click()
    assert form.sms.toPlainText() == "Own words"


def test_counters_follow_every_key(form: Form) -> None:
    form.viber.setPlainText("x" * 142)
    assert form.label("viberCounter") == "142/1000"
    assert form.label("smsCounter") == "GSM-7 · 142/160 · 1 segment"
    QTest.keyClicks(form.viber, "y" * 19)
    assert form.label("smsCounter") == "GSM-7 · 161/306 · 2 segments"


def test_1001_characters_block_sending_and_nothing_is_cut(form: Form) -> None:
    form.write(viber="x" * 1001)
    assert not form.send.isEnabled()
    assert "1 character too long" in form.label("sendReason")
    assert len(form.viber.toPlainText()) == 1001


def marked(edit: QPlainTextEdit) -> list[str]:
    """The pieces of a text that are painted in a way of their own."""
    found = []
    block = edit.document().begin()
    while block.isValid():
        units = block.text().encode("utf-16-le")
        for piece in block.layout().formats():
            if piece.format.underlineStyle() is QTextCharFormat.UnderlineStyle.DotLine:
                start, length = piece.start, piece.length
                found.append(units[2 * start : 2 * (start + length)].decode("utf-16-le"))
        block = block.next()
    return found


def test_characters_that_force_ucs2_are_marked_where_they_stand(form: Form) -> None:
    form.viber.setPlainText("It’s 🎉 ready")
    wait(lambda: len(marked(form.sms)) == 2)
    assert marked(form.sms) == ["’", "🎉"]
    assert "2 characters are outside" in form.label("encodingNote")
    form.sms.setPlainText("plain\nline – two\n")
    assert marked(form.sms) == ["–"]
    form.sms.setPlainText("plain")
    assert marked(form.sms) == []


def test_a_suggestion_replaces_its_character_everywhere_in_the_sms_only(form: Form) -> None:
    form.viber.setPlainText("It’s Ana’s – ok")
    form.press("suggestion0")
    assert form.sms.toPlainText() == "It's Ana's – ok"
    assert form.viber.toPlainText() == "It’s Ana’s – ok"
    assert not form.follows.isChecked()


def test_replacing_all_makes_it_cheap_and_undo_brings_it_back(form: Form) -> None:
    form.viber.setPlainText("It’s – ok…")
    form.press("suggestionAll")
    assert form.label("smsCounter").startswith("GSM-7")
    assert form.label("encodingNote") == ""
    form.sms.undo()
    assert form.sms.toPlainText() == "It’s – ok…"


def test_without_sms_the_text_is_kept_and_the_slider_rests_and_says_why(form: Form) -> None:
    form.write()
    form.sms.setPlainText("Own words")
    form.find(QCheckBox, "smsEnabledCheck").click()
    assert form.pane.draft().sms is None
    assert form.pane.draft().sms_text == "Own words"
    assert not form.find(FallbackSlider, "fallbackSlider").isEnabled()
    assert "SMS is off" in form.label("fallbackSentence")
    assert form.send.isEnabled()


def test_a_right_to_left_text_runs_from_the_right(form: Form) -> None:
    form.viber.setPlainText("שלום")
    direction = form.viber.document().defaultTextOption().textDirection()
    assert direction is Qt.LayoutDirection.RightToLeft
    form.viber.setPlainText("Hello")
    assert form.viber.document().defaultTextOption().textDirection() is Qt.LayoutDirection.LeftToRight


def test_the_previews_follow_what_is_typed(form: Form) -> None:
    form.viber.setPlainText("Be *quick* <b>now</b>")
    preview = form.find(QTextEdit, "viberPreview")
    wait(lambda: preview.toPlainText() == "Be quick <b>now</b>")
    assert form.find(QWidget, "smsPreview").accessibleDescription() == "Be *quick* <b>now</b>"


# -- the fallback time ------------------------------------------------------------------------------


def test_slider_field_and_sentence_say_the_same(form: Form) -> None:
    slider = form.find(FallbackSlider, "fallbackSlider")
    spin = form.find(QSpinBox, "fallbackSecondsSpin")
    QTest.keyClick(slider, Qt.Key.Key_Right)
    assert spin.value() == 420
    assert "(in 7 min), SMS is sent." in form.label("fallbackSentence")
    spin.setValue(95)
    assert slider.value() == 95
    assert "1 min 35 s" in form.label("fallbackSentence")
    assert form.pane.draft().fallback_time == 95


def test_an_exact_time_can_be_typed_and_none_outside_the_limits(form: Form) -> None:
    spin = form.find(QSpinBox, "fallbackSecondsSpin")
    spin.selectAll()
    QTest.keyClicks(spin, "601")
    QTest.keyClick(spin, Qt.Key.Key_Tab)
    assert form.pane.draft().fallback_time == 601
    for beyond, kept in ((29, 30), (3601, 3600)):
        spin.setValue(beyond)
        assert form.pane.draft().fallback_time == kept


@pytest.mark.parametrize(("second", "expected"), [(0, 60_020), (30, 30_020), (59, 1_020)])
def test_the_sentence_is_told_anew_when_its_moment_reaches_another_minute(second: int, expected: int) -> None:
    assert until_next_minute(datetime(2026, 1, 2, 3, 4, second, tzinfo=UTC)) == expected


def test_the_sentence_follows_the_clock(form: Form) -> None:
    before = form.label("fallbackSentence")
    form.desk.now += timedelta(minutes=1)
    form.pane.fallback._minute.timeout.emit()
    assert form.label("fallbackSentence") != before
    assert form.pane.fallback._minute.isActive()


# -- the rest ---------------------------------------------------------------------------------------


def test_two_way_wants_a_reply_id(form: Form) -> None:
    form.write()
    form.find(QCheckBox, "twoWayCheck").click()
    assert "reply id" in form.label("sendReason")
    QTest.keyClicks(form.find(QLineEdit, "replyIdEdit"), "100035")
    assert form.send.isEnabled()
    assert form.pane.draft().reply_id == "100035"


def test_a_reply_id_out_of_sight_is_not_sent(form: Form) -> None:
    form.write()
    two_way = form.find(QCheckBox, "twoWayCheck")
    two_way.click()
    QTest.keyClicks(form.find(QLineEdit, "replyIdEdit"), "100035")
    two_way.click()
    assert form.pane.draft().reply_id == ""


def test_advanced_is_folded_until_wanted_or_in_use(form: Form) -> None:
    assert (
        form.find(QLineEdit, "senderIdEdit").isHidden()
        or not form.find(QLineEdit, "senderIdEdit").isVisible()
    )
    form.pane.fill(Draft(originating_ip="not an address"))
    assert form.find(QLineEdit, "originatingIpEdit").isVisible()
    assert "IP" in form.label("originatingIpNote")


def test_the_kind_is_what_is_chosen(form: Form) -> None:
    combo = form.find(QComboBox, "messageTypeCombo")
    QTest.keyClick(combo, Qt.Key.Key_Down)
    assert form.pane.draft().message_type is MessageType.MKT


# -- sending ----------------------------------------------------------------------------------------


def test_ctrl_enter_sends_and_the_form_is_ready_for_the_next(form: Form) -> None:
    form.write()
    form.find(QSpinBox, "fallbackSecondsSpin").setValue(600)
    QTest.keyClick(form.viber, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    form.spawned.settle()
    assert form.sent == ["m9"]
    assert form.desk.sends == [(Draft(to=NUMBER, viber_text=TEXT, fallback_time=600), False)]
    assert (form.to.text(), form.viber.toPlainText(), form.sms.toPlainText()) == ("", "", "")
    assert form.pane.draft().fallback_time == 600
    assert form.pane.focusWidget() is form.to
    assert form.desk.saved[-1].blank


def test_two_presses_before_the_first_answer_are_one_message(form: Form) -> None:
    form.write()
    form.pane.send()
    form.pane.send()
    assert not form.send.isEnabled()
    form.spawned.settle()
    assert len(form.desk.sends) == 1


def test_what_cannot_be_sent_is_not_sent_by_keys_either(form: Form) -> None:
    form.write(to="+1 555 CALL")
    QTest.keyClick(form.viber, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    form.spawned.settle()
    assert form.desk.sends == []


def test_a_question_is_asked_in_the_window_and_yes_sends(form: Form) -> None:
    form.write()
    form.desk.result = NeedsConfirmation("You sent this 40 s ago.")
    form.press_send()
    banner = form.find(QWidget, "confirmBanner")
    assert banner.isVisible()
    assert form.viber.toPlainText() == TEXT
    form.desk.result = ComposeDesk().result
    form.press("confirmButton")
    assert [confirmed for _, confirmed in form.desk.sends] == [False, True]
    assert form.sent == ["m9"]
    assert banner.isHidden()


def test_enter_once_too_often_does_not_say_yes(form: Form) -> None:
    form.write()
    form.desk.result = NeedsConfirmation("You sent this 40 s ago.")
    form.press_send()
    assert form.pane.focusWidget().objectName() == "cancelConfirmButton"
    form.press("cancelConfirmButton")
    assert len(form.desk.sends) == 1
    assert form.viber.toPlainText() == TEXT


def test_editing_takes_an_old_question_away(form: Form) -> None:
    form.write()
    form.desk.result = NeedsConfirmation("You sent this 40 s ago.")
    form.press_send()
    QTest.keyClicks(form.viber, "!")
    assert form.find(QWidget, "confirmBanner").isHidden()


@pytest.mark.parametrize(
    ("result", "said"),
    [
        (Unavailable("The journal cannot be written."), "The journal cannot be written."),
        (Invalid((Problem(DraftField.WHOLE, "Too large."),)), "Too large."),
    ],
)
def test_a_refusal_is_said_and_nothing_typed_is_lost(
    form: Form, result: Unavailable | Invalid, said: str
) -> None:
    form.write()
    form.desk.result = result
    form.press_send()
    trouble = form.find(QWidget, "sendTrouble")
    assert trouble.isVisible()
    assert said in [label.text() for label in trouble.findChildren(QLabel)]
    assert form.pane.draft() == Draft(to=NUMBER, viber_text=TEXT)
    assert form.send.isEnabled()


def test_undo_takes_the_message_back_into_the_form(form: Form) -> None:
    form.desk.settings.undo_seconds = 5
    form.write()
    form.press_send()
    assert form.find(QWidget, "undoBanner").isVisible()
    form.press("undoButton")
    assert form.desk.withdrawn == ["m9"]
    assert form.pane.draft() == Draft(to=NUMBER, viber_text=TEXT)


def test_undo_too_late_says_so(form: Form) -> None:
    form.desk.settings.undo_seconds = 5
    form.desk.withdraws = False
    form.write()
    form.press_send()
    form.press("undoButton")
    assert form.find(QWidget, "sendTrouble").isVisible()
    assert form.pane.draft().blank


def test_without_an_undo_time_nothing_is_offered(form: Form) -> None:
    form.write()
    form.press_send()
    assert form.find(QWidget, "undoBanner").isHidden()


def test_other_settings_count_from_the_next_key_on(form: Form) -> None:
    def live_in(country: str) -> None:
        form.desk.settings = SimpleNamespace(**{**vars(form.desk.settings), "default_country": country})
        form.desk.tell(status=True)

    live_in("")
    form.write(to="0601234567")
    assert not form.send.isEnabled()
    live_in("RS")
    assert form.send.isEnabled()


# -- drafts -----------------------------------------------------------------------------------------


def test_what_is_typed_is_saved_shortly_after(form: Form) -> None:
    form.write()

    def saved() -> bool:
        form.spawned.settle()
        return bool(form.desk.saved)

    wait(saved)
    assert form.desk.saved[-1] == Draft(to=NUMBER, viber_text=TEXT)


def test_closing_saves_at_once_what_the_timer_has_not(form: Form) -> None:
    form.write()
    form.spawned(form.pane.flush())
    form.spawned.settle()
    assert form.desk.saved == [Draft(to=NUMBER, viber_text=TEXT)]


EVERYTHING = Draft(
    to=NUMBER,
    viber_text="שלום *Ana*",
    sms_text="Hello",
    sms_enabled=False,
    sms_follows=False,
    fallback_time=95,
    message_type=MessageType.OTP,
    two_way=True,
    reply_id="T1",
    session=True,
    sender_id="shop",
    external_id="mine",
    callback_url="https://example.com/x",
    lifecycle_event="sign-in",
    originating_ip="203.0.113.7",
    answers="m1",
)


def test_a_kept_draft_comes_back_whole(app: QApplication, spawned: Spawned) -> None:
    assert Form(spawned, ComposeDesk(kept=EVERYTHING)).pane.draft() == EVERYTHING


def test_own_sms_words_survive_while_the_text_follows(app: QApplication, spawned: Spawned) -> None:
    kept = Draft(viber_text="Hello", sms_text="Own words", sms_follows=True)
    form = Form(spawned, ComposeDesk(kept=kept))
    assert form.sms.toPlainText() == "Hello"
    assert form.pane.draft() == kept


def test_a_kept_draft_does_not_overwrite_what_is_already_typed(app: QApplication, spawned: Spawned) -> None:
    pane = ComposePane(spawned)
    pane.attach(ComposeDesk(kept=EVERYTHING))  # type: ignore[arg-type]
    pane.viber.edit.setPlainText("typed at once")
    spawned.settle()
    assert pane.draft().viber_text == "typed at once"


@pytest.mark.parametrize("text", ["", "Your order\nis ready"])
def test_the_sms_goes_on_following_when_the_system_turns_dark(
    app: QApplication, form: Form, text: str
) -> None:
    form.viber.setPlainText(text)
    try:
        theme.apply(app, theme.Mode.DARK)
        app.processEvents()
        assert form.follows.isChecked()
        form.viber.setPlainText("Another text")
        assert form.sms.toPlainText() == "Another text"
    finally:
        theme.apply(app, theme.Mode.LIGHT)
