"""The adviser beside the fallback slider: a curve where enough is known, a sentence that claims no more."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton

from console.cascade.advice import ENOUGH, Basis, curves
from console.cascade.message import FALLBACK_MAX, FALLBACK_MIN
from console.cascade.survival import Curve, Ending, Observation, estimate
from console.desk.adviser import Known
from console.journal.durations import Counted
from console.ui.adviser import LOW
from console.ui.adviser_chart import AdviserChart
from console.ui.adviser_rules import caption, description, drawn, reading, steps_read
from console.ui.compose import ComposePane
from console.ui.slider_rules import place_of, seconds_at
from tests.ui.compose_desk import ComposeDesk
from tests.ui.conftest import Spawned

D, F, C = Ending.DELIVERED, Ending.FAILED, Ending.CENSORED
ALL = Counted(done=9, total=9)
MANY = Counter(
    {Observation(20, D): 186, Observation(500, D): 14, Observation(5, F): 60, Observation(600, C): 90}
)
SERBIAN, BULGARIAN = "+381 60 1234567", "+359 88 8123456"

observations = st.lists(
    st.builds(Observation, st.floats(0, 4000, allow_nan=False), st.sampled_from(Ending)), max_size=40
)


def known(counted: Counted | None = ALL, **regions: Counter[Observation]) -> Known:
    return Known(curves=curves(regions), counted=counted)


class Form:
    """The pane with a desk that knows what the test says, driven through its widgets."""

    def __init__(self, spawned: Spawned) -> None:
        self.desk = ComposeDesk()
        self.pane = ComposePane(spawned)
        self.pane.resize(412, 860)
        self.pane.attach(self.desk)  # type: ignore[arg-type]
        self.pane.show()
        spawned.settle()
        chart = self.pane.findChild(AdviserChart, "adviserChart")
        sentence = self.pane.findChild(QLabel, "adviserSentence")
        toggle = self.pane.findChild(QPushButton, "adviserToggle")
        to = self.pane.findChild(QLineEdit, "recipientEdit")
        assert isinstance(chart, AdviserChart)
        assert isinstance(sentence, QLabel)
        assert isinstance(toggle, QPushButton)
        assert isinstance(to, QLineEdit)
        self.chart, self.sentence, self.toggle, self.to = chart, sentence, toggle, to

    @property
    def said(self) -> str:
        return self.sentence.text() if self.sentence.isVisible() else ""

    def learn(self, what: Known) -> None:
        self.desk.adviser.learn(what)


@pytest.fixture
def form(app: QApplication, spawned: Spawned) -> Form:
    return Form(spawned)


# -- the rules --------------------------------------------------------------------------------


@given(st.floats(0, 1))
def test_the_scale_can_be_read_back(place: float) -> None:
    assert place_of(seconds_at(place)) == pytest.approx(place, abs=1e-9)


@given(observations, st.integers(1, 400))
def test_what_is_drawn_is_the_curve_and_nothing_beyond_what_is_known(
    seen: list[Observation], columns: int
) -> None:
    curve = estimate(seen)
    points = drawn(curve, columns)
    assert [each.place for each in points] == sorted(each.place for each in points)
    last = FALLBACK_MAX if curve.settled else curve.horizon
    for each in points:
        assert each.share == curve.at(min(seconds_at(each.place), last))
        assert 0 <= each.low <= each.high <= 1
        assert seconds_at(each.place) <= last * (1 + 1e-9)
    if last >= FALLBACK_MIN:
        assert points[-1].place == place_of(last)
    else:
        assert points == ()


def test_the_caption_says_whose_messages_and_what_the_country_lacks() -> None:
    curve = estimate(MANY.elements())
    assert caption(Basis(curve=curve, region="RS"), "RS", curve) == "Serbia · n = 350"
    few = estimate([Observation(1, D)] * 8)
    everywhere = Basis(curve=curve, region=None)
    assert caption(everywhere, "BG", few) == "All countries (Bulgaria: 8 of 30) · n = 350"
    assert caption(everywhere, "BG", None) == "All countries (Bulgaria: 0 of 30) · n = 350"
    assert caption(everywhere, None, None) == "All countries · n = 350"


def test_a_reading_gives_the_band_and_admits_what_is_not_known() -> None:
    curve = estimate(MANY.elements())
    share, band = curve.at(300), curve.band(300)
    assert share is not None
    assert band is not None
    assert reading(curve, 300) == (
        f"5 min: {round(100 * share)} % of all delivered "
        f"(95 % sure: {round(100 * band[0])} % to {round(100 * band[1])} %)"
    )
    assert reading(curve, 900) == "15 min: not known"


def test_the_description_holds_the_sentence_and_the_values() -> None:
    told = description("Wait.", estimate(MANY.elements()), (30, 600, 900))
    assert told == "Wait. Of all messages, Viber has delivered: 30 s 53 %, 10 min 57 %."
    assert description("Wait.", estimate(()), (30,)) == "Wait."


# -- the form ---------------------------------------------------------------------------------


def test_before_the_journal_was_looked_at_nothing_is_said(form: Form) -> None:
    assert form.said == ""
    assert not form.chart.isVisible()


def test_with_too_few_there_is_only_a_sentence_that_says_so(form: Form) -> None:
    form.learn(known(RS=Counter({Observation(9, D): 7})))
    assert form.said == "Too little is known yet: 7 Viber deliveries seen, 30 are needed."
    assert not form.chart.isVisible()
    assert not form.toggle.isVisible()


def test_with_enough_the_curve_stands_above_the_slider_on_its_scale(form: Form) -> None:
    form.learn(known(RS=MANY))
    assert form.said == (
        "At 5 min, 93 % of what Viber delivered within 10 min has been delivered (n = 350). "
        "Waiting to 7 min would save less than 1 SMS in 100."
    )
    QApplication.processEvents()
    slider = form.pane.fallback.slider
    assert form.chart.isVisible()
    assert form.chart.width() == slider.width()
    assert form.chart.mapToGlobal(QPoint(0, form.chart.height())) == slider.mapToGlobal(QPoint(0, 0))


def test_moving_the_slider_moves_the_advice(form: Form) -> None:
    form.learn(known(RS=MANY))
    form.pane.fallback.set_seconds(420)
    assert form.said.endswith("Waiting to 10 min would save about 4 SMS in 100.")
    assert form.chart.accessibleDescription().startswith(form.said)
    assert form.sentence.accessibleName() == form.said


def test_the_recipients_country_speaks_for_itself_once_it_has_enough(form: Form) -> None:
    form.learn(known(RS=MANY, BG=Counter({Observation(9, D): ENOUGH - 1})))
    form.to.setText(SERBIAN)
    assert "(n = 350)" in form.said
    form.to.setText(BULGARIAN)
    assert f"(n = {350 + ENOUGH - 1})" in form.said


def test_news_from_the_desk_is_shown(form: Form) -> None:
    form.learn(known(RS=Counter({Observation(9, D): 7})))
    form.learn(known(RS=MANY))
    assert "(n = 350)" in form.said
    assert form.chart.isVisible()


def test_while_an_older_journal_is_counted_it_says_so(form: Form) -> None:
    form.learn(known(Counted(done=1200, total=100_000), RS=MANY))
    assert form.said.endswith("Still counting: 1,200 of 100,000 messages.")


def test_without_sms_nothing_is_advised(form: Form) -> None:
    form.learn(known(RS=MANY))
    form.pane.sms.enabled.setChecked(False)
    assert form.said == ""
    assert not form.chart.isEnabled()
    form.pane.sms.enabled.setChecked(True)
    assert "(n = 350)" in form.said
    assert form.chart.isEnabled()


def test_the_chart_folds_away_and_the_sentence_stays(form: Form) -> None:
    form.learn(known(RS=MANY))
    form.toggle.click()
    assert not form.chart.isVisible()
    assert "(n = 350)" in form.said
    form.toggle.click()
    assert form.chart.isVisible()


def test_in_a_low_window_the_chart_makes_room(form: Form) -> None:
    form.learn(known(RS=MANY))
    form.pane.resize(412, LOW - 1)
    QApplication.processEvents()
    assert not form.chart.isVisible()
    assert not form.toggle.isVisible()
    assert "(n = 350)" in form.said
    form.pane.resize(412, LOW)
    QApplication.processEvents()
    assert form.chart.isVisible()


def test_who_moves_the_slider_by_ear_hears_the_advice_once_it_rests(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    form.learn(known(RS=MANY))
    view, slider = form.pane.fallback.adviser, form.pane.fallback.slider
    heard: list[str] = []
    monkeypatch.setattr(view, "announce", lambda _widget, text: heard.append(text))
    form.pane.fallback.set_seconds(60)  # by the program, or in the exact field: nobody listens here
    view.rest.timeout.emit()
    assert heard == []
    form.pane.activateWindow()
    assert QTest.qWaitForWindowActive(form.pane)
    slider.setFocus()
    for _ in range(3):
        QTest.keyClick(slider, Qt.Key.Key_Right)
    assert view.rest.isActive()
    assert heard == []
    view.rest.timeout.emit()
    assert heard == [form.said]


# -- the chart ----------------------------------------------------------------------------------


def point_at(chart: AdviserChart, x: float) -> None:
    spot = QPointF(x, 40)
    none = Qt.MouseButton.NoButton
    moved = QMouseEvent(
        QEvent.Type.MouseMove, spot, chart.mapToGlobal(spot), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(chart, moved)


def test_the_pointer_reads_values_off_and_leaves_none_behind(form: Form) -> None:
    form.learn(known(RS=MANY))
    QApplication.processEvents()
    assert form.chart.reading == ""
    point_at(form.chart, form.chart.width() / 2)
    assert form.chart.reading.startswith("5 min: ")
    point_at(form.chart, 0)
    assert form.chart.reading.startswith("30 s: ")
    point_at(form.chart, form.chart.width() - 1)
    assert form.chart.reading == "1 h: not known"
    QApplication.sendEvent(form.chart, QEvent(QEvent.Type.Leave))
    assert form.chart.reading == ""


def test_the_keyboard_reads_step_by_step_and_a_screen_reader_hears_it(
    form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    form.learn(known(RS=MANY))
    heard: list[str] = []
    monkeypatch.setattr(form.chart, "announce", heard.append)
    form.pane.activateWindow()
    assert QTest.qWaitForWindowActive(form.pane)
    form.pane.fallback.spin.setFocus()
    QTest.keyClick(form.pane.fallback.spin, Qt.Key.Key_Tab)
    assert form.chart.hasFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_End):
        QTest.keyClick(form.chart, key)
    assert [each.split(":")[0] for each in heard] == ["7 min", "5 min", "30 s", "10 min"]
    assert form.pane.fallback.seconds == 300  # reading changes nothing
    QTest.keyClick(form.chart, Qt.Key.Key_Tab)
    assert form.toggle.hasFocus()
    assert form.chart.reading == ""


def test_moving_the_slider_does_not_paint_the_curve_anew(form: Form, monkeypatch: pytest.MonkeyPatch) -> None:
    form.learn(known(RS=MANY))
    form.chart.grab()
    painted: list[object] = []
    real = AdviserChart._paint_still

    def paint(self: AdviserChart, painter: QPainter, curve: Curve) -> None:
        painted.append(1)
        real(self, painter, curve)

    monkeypatch.setattr(AdviserChart, "_paint_still", paint)
    before = form.chart.grab().toImage()
    form.pane.fallback.set_seconds(60)
    after = form.chart.grab().toImage()
    assert painted == []
    assert before != after
    form.learn(known(RS=MANY + Counter({Observation(100, D): 50})))
    form.chart.grab()
    assert painted == [1]


def test_beyond_what_is_known_there_is_neither_curve_nor_value(app: QApplication) -> None:
    short = estimate([Observation(1, D)] * 40 + [Observation(20, C)])  # nobody waited even 30 s
    assert drawn(short, 300) == ()
    assert steps_read(short) == ()
    chart = AdviserChart()
    chart.resize(320, chart.sizeHint().height())
    chart.show_curve(short, "")

    def picture(seconds: int) -> QImage:
        chart.show_seconds(seconds)
        return chart.grab().toImage()

    assert picture(30) != picture(600)  # the line still shows where the slider stands
    QTest.keyClick(chart, Qt.Key.Key_End)
    assert chart.reading == "10 min: not known"


def test_once_nobody_is_left_waiting_the_curve_goes_on_to_the_end() -> None:
    curve = estimate([Observation(1, D)] * 40)
    assert [each.place for each in drawn(curve, 2)] == [0.0, 0.5, 1.0]
    assert reading(curve, 3600) == "1 h: 100 % of all delivered (95 % sure: 91 % to 100 %)"
