"""What stands beside a lane can be read whole, in every language."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from console.cascade.timeline import fold
from console.languages import languages
from console.ui.lanes import Lanes, name_font, words_font
from console.ui.lanes_rules import chart
from console.ui.language import speak
from tests.ui.scenes import SCENES, scene


@pytest.mark.parametrize("name", sorted(SCENES.keys() - {"hostile"}))
@pytest.mark.parametrize("language", [code for code, _ in languages()])
def test_a_lane_says_its_whole_state(qt: QApplication, name: str, language: str) -> None:
    speak(qt, language, QLocale.c())
    lanes = Lanes()
    lanes.resize(720, 200)
    made = chart(fold(scene(name).facts), scene(name).now)
    assert made is not None
    lanes.show_chart(made)
    for lane in made.lanes:
        assert QFontMetrics(words_font()).horizontalAdvance(lane.words) <= lanes.room_for_words, lane.words
        assert QFontMetrics(name_font()).horizontalAdvance(lane.name) <= lanes.room_for_words, lane.name


def test_a_narrow_chart_keeps_most_of_its_width_for_the_axis(qt: QApplication) -> None:
    speak(qt, "uk", QLocale.c())
    lanes = Lanes()
    lanes.resize(400, 200)
    lanes.show_chart(chart(fold(scene("decided").facts), scene("decided").now))
    assert lanes.room_for_words < 200
