"""The window: remembers how it was left, folds at narrow widths, tells, and asks before it goes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from console.cascade.message import Draft
from console.ui.sandbox_strip import SandboxOffer, ScenarioChoice, strip_text
from console.ui.window import LEAST, NARROW, MainWindow
from tests.ui.compose_desk import ComposeDesk
from tests.ui.conftest import Spawned


@pytest.fixture
def window(app: QApplication, spawned: Spawned) -> MainWindow:
    made = MainWindow(spawned)
    made.attach(ComposeDesk())  # type: ignore[arg-type]
    made.show()
    spawned.settle()
    return made


def trigger(window: MainWindow, name: str) -> None:
    action = window.findChild(QAction, name)
    assert isinstance(action, QAction)
    action.trigger()


def test_it_can_be_as_small_as_promised(window: MainWindow) -> None:
    window.resize(100, 100)
    assert window.size() == LEAST == QSize(960, 600)
    assert window.compose.bar.button.isVisible()


def test_the_history_folds_away_where_three_panes_do_not_fit_and_comes_back(window: MainWindow) -> None:
    window.resize(NARROW - 1, 700)
    assert window.history.isHidden()
    window.resize(NARROW, 700)
    assert window.history.isVisible()


def test_in_a_narrow_window_the_history_takes_the_forms_place(window: MainWindow) -> None:
    window.resize(LEAST)
    trigger(window, "historyAction")
    assert window.history.isVisible()
    assert window.compose.isHidden()
    assert window.width() == LEAST.width()
    trigger(window, "newMessageAction")
    assert window.compose.isVisible()
    assert window.history.isHidden()


def test_a_history_hidden_by_choice_stays_hidden_when_there_is_room(window: MainWindow) -> None:
    window.resize(1400, 800)
    trigger(window, "historyAction")
    assert window.history.isHidden()
    window.resize(LEAST)
    window.resize(1400, 800)
    assert window.history.isHidden()


def test_search_opens_the_history_and_goes_there(window: MainWindow) -> None:
    window.resize(1400, 800)
    trigger(window, "historyAction")
    trigger(window, "searchAction")
    assert window.history.isVisible()
    focus = window.focusWidget()
    assert focus is not None
    assert focus.objectName() == "historySearchEdit"


def test_size_panes_and_folding_are_remembered(app: QApplication, spawned: Spawned, tmp_path: Path) -> None:
    first = MainWindow(spawned, data_dir=tmp_path)
    first.show()
    first.resize(1400, 640)
    trigger(first, "historyAction")
    first.resize(960, 640)
    first.close_now()
    second = MainWindow(spawned, data_dir=tmp_path)
    second.show()
    assert second.size() == QSize(960, 640)
    second.resize(1400, 640)
    assert second.history.isHidden()


def test_a_damaged_memory_is_no_reason_not_to_start(
    app: QApplication, spawned: Spawned, tmp_path: Path
) -> None:
    (tmp_path / "window.ini").write_bytes(
        b"[General]\ngeometry=\xff\x00nonsense\npanes=12\nhistory=perhaps\n"
    )
    window = MainWindow(spawned, data_dir=tmp_path)
    window.show()
    assert window.compose.isVisible()


def test_closing_asks_the_application_first(window: MainWindow) -> None:
    asked: list[bool] = []
    window.closing.connect(lambda: asked.append(True))
    assert not window.close()
    assert window.isVisible()
    assert asked == [True]
    window.close_now()
    assert not window.isVisible()


def test_a_notice_stands_until_closed_and_the_same_words_stand_once(window: MainWindow) -> None:
    window.notify("The journal is read-only.", "bad")
    window.notify("The journal is read-only.", "bad")
    assert window.notices.texts == ["The journal is read-only."]
    assert window.notices.isVisible()
    notice = window.notices.findChildren(QWidget, "notice")[-1]
    close = notice.findChildren(QPushButton)[-1]
    assert close.accessibleName() == "Close this notice"
    close.click()
    assert window.notices.texts == []
    assert window.notices.isHidden()


def test_a_notices_button_acts_and_takes_the_notice_away(window: MainWindow) -> None:
    done: list[bool] = []
    window.notify("Set aside.", "warning", ("Show the file", lambda: done.append(True)))
    button = window.notices.findChild(QPushButton, "noticeAction")
    assert isinstance(button, QPushButton)
    button.click()
    assert done == [True]
    assert window.notices.texts == []


def test_what_the_desk_must_tell_is_told_once(app: QApplication, spawned: Spawned) -> None:
    desk = ComposeDesk()
    desk.status = replace(desk.status, notices=("The journal was set aside.",))
    window = MainWindow(spawned)
    window.attach(desk)  # type: ignore[arg-type]
    assert window.notices.texts == ["The journal was set aside."]
    window.notices.dismiss("The journal was set aside.")
    desk.tell(status=True)
    assert window.notices.texts == []


def test_html_in_a_notice_is_text(window: MainWindow) -> None:
    window.notify("<b>bold</b>")
    assert "<b>bold</b>" in [label.text() for label in window.notices.findChildren(QLabel)]


def test_a_message_used_again_fills_the_form_and_the_old_draft_can_come_back(
    app: QApplication, spawned: Spawned
) -> None:
    window = MainWindow(spawned)
    window.attach(ComposeDesk(drafts={"m1": Draft(to="+1 202-555-0143", viber_text="Again")}))  # type: ignore[arg-type]
    window.show()
    spawned.settle()
    window.compose.fill(Draft(viber_text="half written"))
    window.history.reuse.emit("m1")
    spawned.settle()
    assert window.compose.draft().viber_text == "Again"
    button = window.notices.findChild(QPushButton, "noticeAction")
    assert isinstance(button, QPushButton)
    button.click()
    assert window.compose.draft() == Draft(viber_text="half written")


SCENARIOS = (
    ScenarioChoice("delivered", "Viber delivered", "It is delivered.", "+12025550100"),
    ScenarioChoice("fallback", "Fallback & SMS", "SMS is sent.", "+12025550102"),
)


def test_a_sandbox_is_marked_and_a_scenario_fills_in_its_recipient(
    app: QApplication, spawned: Spawned
) -> None:
    chosen: list[str] = []
    window = MainWindow(spawned, sandbox=SandboxOffer(SCENARIOS, chosen.append, speed=10))
    window.show()
    strip = window.findChild(QWidget, "sandboxStrip")
    assert isinstance(strip, QWidget)
    assert "nothing leaves this computer. Time runs 10× faster." in strip.accessibleName()
    window.compose.fill(Draft(viber_text="kept"))
    trigger(window, "scenario-fallback")
    assert chosen == ["fallback"]
    assert window.compose.draft().to == "+1 202-555-0102"
    assert window.compose.draft().viber_text == "kept"


def test_work_is_never_marked_as_sandbox(window: MainWindow) -> None:
    assert window.findChild(QWidget, "sandboxStrip") is None


def test_at_real_speed_the_strip_does_not_speak_of_speed() -> None:
    assert strip_text(1) == "Sandbox – nothing leaves this computer."


def test_f6_goes_round_the_panes(window: MainWindow) -> None:
    window.resize(1400, 800)
    window.compose.begin()
    trigger(window, "pane+1Action")
    seen = []
    for _ in range(3):
        trigger(window, "pane+1Action")
        focus = window.focusWidget()
        assert focus is not None
        seen.append(
            next(p for p in (window.compose, window.timeline, window.history) if p.isAncestorOf(focus))
        )
    assert window.compose in seen
    assert window.history in seen


def test_the_list_of_shortcuts_opens_without_blocking(window: MainWindow) -> None:
    trigger(window, "shortcutsAction")
    shown = window.findChild(QWidget, "shortcutList")
    assert isinstance(shown, QWidget)
    assert shown.isVisible()
    shown.close()
    QTest.qWait(0)
