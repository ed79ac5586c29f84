"""The fallback slider: steps that matter, by key, wheel, mouse and screen reader."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSlider, QApplication

from console.cascade.message import FALLBACK_MAX, FALLBACK_MIN, FALLBACK_STEPS
from console.ui.slider import FallbackSlider, tick_label
from console.ui.slider_rules import place_of, step_at, step_from


def test_steps_stand_at_equal_distances() -> None:
    places = [place_of(step) for step in FALLBACK_STEPS]
    assert places == pytest.approx([number / 14 for number in range(15)])
    assert [step_at(place) for place in places] == list(FALLBACK_STEPS)


@given(st.integers(FALLBACK_MIN, FALLBACK_MAX - 1))
def test_longer_is_always_further_right(seconds: int) -> None:
    assert place_of(seconds) < place_of(seconds + 1)


@pytest.mark.parametrize("seconds", [-1, 0, 29, 3601, 10**9])
def test_values_beyond_the_ends_stand_at_the_ends(seconds: int) -> None:
    assert place_of(seconds) in (0.0, 1.0)


@given(st.integers(0, 5000), st.integers(-20, 20).filter(bool))
def test_a_step_leads_to_a_step_in_its_direction_or_stays_at_the_end(seconds: int, steps: int) -> None:
    there = step_from(seconds, steps)
    assert there in FALLBACK_STEPS
    if FALLBACK_MIN <= seconds <= FALLBACK_MAX:
        assert (there - seconds) * steps >= 0


def test_from_between_two_steps_the_next_step_is_the_neighbour() -> None:
    assert step_from(500, 1) == 600
    assert step_from(500, -1) == 420


def test_the_ends_of_the_scale_carry_units() -> None:
    assert [tick_label(step) for step in (30, 60, 300, 3600)] == ["30 s", "1", "5", "60 min"]


@pytest.fixture
def slider(app: QApplication) -> FallbackSlider:
    made = FallbackSlider()
    made.resize(360, made.sizeHint().height())
    made.show()
    return made


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (Qt.Key.Key_Right, 420),
        (Qt.Key.Key_Up, 420),
        (Qt.Key.Key_Left, 240),
        (Qt.Key.Key_Down, 240),
        (Qt.Key.Key_PageUp, 900),
        (Qt.Key.Key_PageDown, 120),
        (Qt.Key.Key_Home, 30),
        (Qt.Key.Key_End, 3600),
    ],
)
def test_keys_move_by_steps(slider: FallbackSlider, key: Qt.Key, expected: int) -> None:
    QTest.keyClick(slider, key)
    assert slider.value() == expected


def test_a_screen_readers_increase_is_one_step(slider: FallbackSlider) -> None:
    slider.triggerAction(QAbstractSlider.SliderAction.SliderSingleStepAdd)
    assert slider.value() == 420


def test_the_accessible_value_is_seconds_and_its_words_are_a_duration(slider: FallbackSlider) -> None:
    slider.setObjectName("fallbackSlider")
    interface = QAccessible.queryAccessibleInterface(slider)
    assert interface.role() is QAccessible.Role.Slider
    value = interface.valueInterface()
    assert (value.minimumValue(), value.currentValue(), value.maximumValue()) == (30, 300, 3600)
    value.setCurrentValue(90)
    assert slider.value() == 90
    assert interface.text(QAccessible.Text.Description).startswith("1½ min.")


def _wheel(slider: FallbackSlider, delta: int) -> None:
    middle = QPointF(slider.rect().center())
    event = QWheelEvent(
        middle,
        QPointF(slider.mapToGlobal(middle.toPoint())),
        QPoint(),
        QPoint(0, delta),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(slider, event)


def test_the_wheel_moves_one_step_a_notch_and_adds_up_small_turns(slider: FallbackSlider) -> None:
    _wheel(slider, 120)
    assert slider.value() == 420
    _wheel(slider, -240)
    assert slider.value() == 240
    _wheel(slider, 60)
    assert slider.value() == 240
    _wheel(slider, 60)
    assert slider.value() == 300


def test_a_wheel_that_is_scrolling_the_pane_does_not_move_it(slider: FallbackSlider) -> None:
    slider.wheel_allowed = lambda: False
    _wheel(slider, 120)
    assert slider.value() == 300


def test_dragging_snaps_to_steps_and_reaches_both_ends(slider: FallbackSlider) -> None:
    middle = slider.height() // 4
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(0, middle))
    assert slider.value() == 30
    QTest.mouseMove(slider, QPoint(slider.width(), middle))
    assert slider.value() == 3600
    QTest.mouseMove(slider, QPoint(slider.width() // 2 + 5, middle))
    assert slider.value() == 300
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(slider.width() // 2 + 5, middle))
    assert not slider.isSliderDown()
