"""Tray, notifications, and what a click on one of them does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QMenu

from console.cascade.conversation import Arrival
from console.cascade.facts import Verification
from console.cascade.optout import Wish
from console.ui.masking import masking
from console.ui.notifying_rules import MOST, Notice, badge_text, notices, tray_tip
from console.ui.presence import Presence
from console.ui.tray import Tray, badged, program_icon
from console.ui.window import MainWindow
from tests.ui.compose_desk import ComposeDesk
from tests.ui.conftest import Spawned

HOSTILE = "<b>x</b>\n\u202eevil\0" + "y" * 5000


def arrival(
    text: str = "Thanks", *, message_id: str | None = "m1", number: str | None = "12025550143",
    wish: Wish | None = None, media: bool = False,
) -> Arrival:  # fmt: skip
    return Arrival(
        fact_id=f"f{text[:5]}",
        at=datetime(2026, 1, 1, tzinfo=UTC),
        message_id=message_id,
        number=number,
        channel="viber",
        text=text,
        wish=wish,
        verification=Verification.DESK,
        has_media=media,
    )


class TestWords:
    def test_who_and_how_but_not_what_unless_that_is_wanted(self) -> None:
        (quiet,) = notices([arrival()], with_text=False, masked=False)
        assert "+12025550143 answered by Viber" in quiet.title
        assert "Thanks" not in quiet.title + quiet.text
        (open_,) = notices([arrival()], with_text=True, masked=False)
        assert open_.text == "Thanks"

    def test_numbers_are_shortened_where_the_screen_shows_them_so(self) -> None:
        (notice,) = notices([arrival()], with_text=False, masked=True)
        assert "0143" not in notice.title

    def test_a_wish_to_stop_is_named(self) -> None:
        (notice,) = notices([arrival("STOP", wish=Wish.STOP)], with_text=False, masked=False)
        assert "asked to stop" in notice.title

    def test_a_file_is_named_as_one(self) -> None:
        (notice,) = notices([arrival("", media=True)], with_text=True, masked=False)
        assert notice.text == "They sent a file."

    def test_what_belongs_to_no_message_says_where_it_stands(self) -> None:
        (notice,) = notices([arrival(message_id=None, number=None)], with_text=True, masked=False)
        assert notice.unmatched
        assert "Unmatched" in notice.text
        assert notice.title.startswith("Somebody")

    def test_many_at_once_are_one_notification(self) -> None:
        many = [arrival(str(n)) for n in range(MOST + 1)]
        (notice,) = notices(many, with_text=True, masked=False)
        assert notice.title == f"{MOST + 1} customers answered"
        assert len(notices(many[:MOST], with_text=True, masked=False)) == MOST

    def test_hostile_words_are_one_short_line(self) -> None:
        (notice,) = notices([arrival(HOSTILE)], with_text=True, masked=False)
        assert len(notice.text) <= 200
        assert not set(notice.text) & set("\n\0\u202e")

    @pytest.mark.parametrize(("unread", "text"), [(-1, ""), (0, ""), (1, "1"), (99, "99"), (100, "99+")])
    def test_a_badge_is_small(self, unread: int, text: str) -> None:
        assert badge_text(unread) == text

    def test_the_tip_counts(self) -> None:
        assert tray_tip(2) == "Cascade – 2 unread replies"
        assert tray_tip(0) == "Cascade"


class Bubbles(QObject):
    """Notifications a test can see and click."""

    clicked = Signal(object)
    failed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Notice] = []
        self.closed = False

    def show(self, notice: Notice) -> None:
        self.shown.append(notice)

    def close(self) -> None:
        self.closed = True


class Scene:
    """A window in a desktop of the test's own."""

    def __init__(self, spawned: Spawned, *, tray: bool = True) -> None:
        self.spawned = spawned
        self.desk = ComposeDesk()
        self.desk.settings.notifications = True
        self.desk.settings.notification_text = False
        self.window = MainWindow(spawned)
        self.window.attach(self.desk)  # type: ignore[arg-type]
        spawned.settle()
        self.window.show()
        self.tray = Tray(available=tray)
        self.bubbles = Bubbles()
        self.presence = Presence(
            self.window,
            self.desk,  # type: ignore[arg-type]
            tray=self.tray,
            bubbles=self.bubbles,  # type: ignore[arg-type]
        )

    def arrive(self, *arrivals: Arrival) -> None:
        for each in arrivals:
            self.desk.replies.arrive(each)
        self.presence._together.timeout.emit()
        self.spawned.settle()


@pytest.fixture
def stage(app: QApplication, spawned: Spawned) -> Iterator[Scene]:
    made = Scene(spawned)
    yield made
    made.presence.close()
    made.window.close_now()
    made.window.deleteLater()
    app.processEvents()


class TestPresence:
    def test_a_reply_is_told_and_a_click_shows_its_message(self, stage: Scene) -> None:
        stage.arrive(arrival())
        (notice,) = stage.bubbles.shown
        stage.bubbles.clicked.emit(notice)
        stage.spawned.settle()
        assert stage.window.timeline.message_id == "m1"

    def test_nothing_is_told_where_nothing_is_wanted(self, stage: Scene) -> None:
        stage.desk.settings.notifications = False
        stage.arrive(arrival())
        assert stage.bubbles.shown == []

    def test_replies_that_come_together_are_told_together(self, stage: Scene) -> None:
        stage.arrive(*(arrival(str(n)) for n in range(MOST + 3)))
        assert len(stage.bubbles.shown) == 1

    def test_numbers_follow_the_switch_that_shortens_them(self, stage: Scene) -> None:
        masking.switch(True)
        try:
            stage.arrive(arrival())
        finally:
            masking.switch(False)
        assert "0143" not in stage.bubbles.shown[0].title

    def test_the_icon_counts_what_is_unread(self, stage: Scene) -> None:
        assert stage.tray.icon is not None
        stage.desk.replies.count(3, 0)
        assert stage.tray.icon.toolTip() == "Cascade – 3 unread replies"

    def test_without_a_tray_everything_else_works(self, app: QApplication, spawned: Spawned) -> None:
        scene = Scene(spawned, tray=False)
        scene.desk.replies.count(3, 0)
        scene.arrive(arrival())
        assert len(scene.bubbles.shown) == 1
        scene.bubbles.failed.emit(scene.bubbles.shown[0])
        scene.presence.close()
        assert scene.bubbles.closed
        scene.window.close_now()

    def test_only_the_message_in_front_calls_nobody(self, stage: Scene) -> None:
        stage.window.timeline.show_message("m1")
        stage.spawned.settle()
        looking = stage.window.isActiveWindow()
        assert stage.desk.replies.on_screen == ("m1" if looking else None)
        stage.window.showMinimized()
        stage.presence._look()
        assert stage.desk.replies.on_screen is None

    def test_the_menu_leads_into_the_window(self, stage: Scene) -> None:
        assert isinstance(stage.tray._menu, QMenu)
        wanted: list[str] = []
        stage.window.closing.connect(lambda: wanted.append("quit"))
        by_name = {action.text(): action for action in stage.tray._menu.actions()}
        assert list(by_name) == ["Show Cascade", "New message", "Next unread reply", "", "Quit"]
        assert not by_name["Next unread reply"].isEnabled()
        by_name["Quit"].trigger()
        assert wanted == ["quit"]


def picture(icon_text: str) -> QImage:
    return badged(program_icon(), icon_text).pixmap(32, 32).toImage()


def test_the_badge_can_be_seen_and_the_icon_under_it_too(app: QApplication) -> None:
    assert picture("") == program_icon().pixmap(32, 32).toImage()
    assert len({bytes(picture(text).constBits()) for text in ("", "1", "7", "42", "99+")}) == 5
    assert picture("7").pixelColor(6, 6) == picture("").pixelColor(6, 6)
