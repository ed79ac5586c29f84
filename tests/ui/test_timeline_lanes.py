"""The lanes as values: axis, segments, marks, and when they move."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.cascade.outcome import AttemptState, Timeline, Tone
from console.cascade.timeline import fold
from console.ui.lanes_axis import Axis, Piece
from console.ui.lanes_rules import Chart, Lane, chart, is_live
from tests.ui.scenes import SCENES, START, at, scene

ALL = sorted(SCENES)


def told(name: str) -> Timeline:
    return fold(scene(name).facts)


def drawn(name: str) -> Chart:
    made = chart(told(name), scene(name).now)
    assert made is not None
    return made


def lane(made: Chart, key: str) -> Lane:
    return next(each for each in made.lanes if each.key == key)


@pytest.mark.parametrize("name", ALL)
class TestEveryScene:
    def test_has_one_lane_for_each_channel_after_our_request(self, name: str) -> None:
        keys = [each.key for each in drawn(name).lanes]
        assert keys[0] == "request"
        assert keys[1:3] == (["viber", "sms"] if told(name).sms_text is not None else ["viber"])

    def test_stands_on_its_axis(self, name: str) -> None:
        made = drawn(name)
        for each in made.lanes:
            for segment in each.segments:
                assert made.axis.start <= segment.start <= segment.end <= made.axis.end
            for mark in each.marks:
                assert made.axis.start <= mark.at <= made.axis.end

    def test_has_words_and_an_icon_for_every_state(self, name: str) -> None:
        made = drawn(name)
        assert all(each.words and each.icon for each in made.lanes)
        assert all(mark.icon and mark.text for each in made.lanes for mark in each.marks)
        assert all(each.name in made.description for each in made.lanes)

    def test_moves_only_while_something_is_open(self, name: str) -> None:
        made = drawn(name)
        growing = any(segment.growing for each in made.lanes for segment in each.segments)
        assert (made.now is not None) == is_live(told(name))
        assert made.now is not None or not growing


def test_nothing_is_drawn_where_nothing_has_a_time() -> None:
    assert chart(fold(()), START) is None


class TestWaiting:
    def test_viber_grows_and_the_planned_fallback_is_marked_on_the_lane_of_sms(self) -> None:
        made = drawn("waiting")
        assert lane(made, "viber").segments[-1].growing
        assert made.fallback is not None
        assert made.fallback.text == "SMS at 14:37"
        assert made.lanes[made.fallback_row].key == "sms"

    def test_the_axis_reaches_to_the_fallback_and_stays_while_it_is_awaited(self) -> None:
        timeline = told("waiting")
        early, later = chart(timeline, at(30)), chart(timeline, at(200))
        assert early is not None
        assert later is not None
        assert early.axis == later.axis

    def test_nothing_is_planned_for_viber_only(self) -> None:
        assert drawn("waiting-viber-only").fallback is None


class TestOverdue:
    def test_the_time_nothing_was_heard_is_not_shown_as_trying(self) -> None:
        viber = lane(drawn("overdue"), "viber")
        assert [segment.state for segment in viber.segments] == [
            AttemptState.TRYING,
            AttemptState.WAITING,
        ]
        assert viber.words == "no word yet"
        assert viber.tone is Tone.WARNING

    def test_hours_of_silence_are_folded_and_the_first_minutes_stay_wide(self) -> None:
        axis = drawn("overdue-long").axis
        assert any(piece.folded for piece in axis.pieces)
        assert axis.place(at(300)) > 0.5


class TestEnds:
    def test_a_lane_that_arrived_says_when(self) -> None:
        assert lane(drawn("delivered-viber"), "viber").words == "delivered 14:32:04"

    def test_viber_after_sms_is_drawn_on_both_lanes(self) -> None:
        made = drawn("both-delivered")
        assert [mark.icon for mark in lane(made, "viber").marks] == ["hourglass", "check"]
        assert lane(made, "sms").tone is Tone.GOOD

    def test_a_message_read_days_later_keeps_its_first_seconds_apart(self) -> None:
        made = drawn("read-late")
        assert made.axis.place(at(4)) - made.axis.place(at(0.4)) > 0.3

    def test_channels_of_a_refused_message_were_not_tried(self) -> None:
        made = drawn("refused")
        assert {lane(made, "viber").words, lane(made, "sms").words} == {"not tried"}
        assert lane(made, "request").tone is Tone.BAD

    def test_replies_have_a_lane_of_their_own(self) -> None:
        assert len(lane(drawn("replies"), "reply").marks) == 2


class TestAxis:
    moments = st.floats(min_value=-10, max_value=1e6, allow_nan=False)

    @given(first=moments, second=moments)
    def test_never_turns_time_round(self, first: float, second: float) -> None:
        axis = Axis(
            (
                Piece(START, at(300), 0.0, 0.7),
                Piece(at(300), at(90_000), 0.7, 0.9, folded=True),
                Piece(at(90_000), at(90_060), 0.9, 1.0),
            )
        )
        places = [axis.place(at(min(first, second))), axis.place(at(max(first, second)))]
        assert 0.0 <= places[0] <= places[1] <= 1.0

    def test_labels_round_times_of_the_agents_zone_that_do_not_touch(self) -> None:
        axis = Axis((Piece(START, at(310), 0.0, 1.0),))
        kathmandu = timezone(timedelta(hours=5, minutes=45))
        ticks = axis.ticks(600, 80, kathmandu)
        assert [tick.label for tick in ticks] == ["20:17", "20:18", "20:19", "20:20", "20:21", "20:22"]
        gaps = [(b.place - a.place) * 600 for a, b in pairwise(ticks)]
        assert min(gaps) >= 80

    def test_labels_nothing_inside_a_break(self) -> None:
        axis = Axis((Piece(START, at(60), 0.0, 0.8), Piece(at(60), at(9000), 0.8, 1.0, folded=True)))
        assert all(tick.place <= 0.8 for tick in axis.ticks(600, 80, UTC))

    def test_a_scale_of_days_is_labelled_by_days(self) -> None:
        axis = Axis((Piece(START, START + timedelta(days=4), 0.0, 1.0),))
        assert [tick.label for tick in axis.ticks(600, 80, UTC)] == ["24 Nov", "25 Nov", "26 Nov", "27 Nov"]

    def test_takes_any_width(self) -> None:
        axis = drawn("waiting").axis
        for width in (0.0, 1.0, 50.0, 1e5):
            assert all(0.0 <= tick.place <= 1.0 for tick in axis.ticks(width, 80, UTC))
