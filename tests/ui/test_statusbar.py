"""The status bar: account, relay, age of the last report."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QToolButton

from console.cascade.outcome import Tone
from console.desk.values import AccountStatus, DeskStatus, RelayStatus
from console.ui.statusbar import StatusBar
from console.ui.statusbar_rules import (
    account_indicator,
    last_event_text,
    next_age_change,
    relay_indicator,
    short_customer,
    skew_text,
)
from tests.ui.conftest import Spawned
from tests.ui.fake_desk import FakeDesk
from tests.ui.scenes import START, at


@pytest.mark.parametrize(
    ("status", "text", "tone"),
    [
        (RelayStatus(kind="live"), "Live", Tone.GOOD),
        (RelayStatus(kind="connecting"), "Connecting", Tone.NEUTRAL),
        (RelayStatus(kind="catching_up", behind=12_480), "Catching up · 12,480", Tone.ACTIVE),
        (RelayStatus(kind="catching_up"), "Catching up", Tone.ACTIVE),
        (RelayStatus(kind="offline", since=START), "Offline since 14:32", Tone.WARNING),
        (RelayStatus(kind="refused"), "Relay refuses", Tone.BAD),
        (RelayStatus(kind="not_set_up"), "No relay set up", Tone.WARNING),
    ],
)
def test_the_relay_is_told_in_a_word(status: RelayStatus, text: str, tone: Tone) -> None:
    said = relay_indicator(status, at(600))
    assert (said.text, said.tone) == (text, tone)
    assert said.detail


def test_every_state_of_the_relay_has_its_own_icon_or_word() -> None:
    kinds = ("live", "connecting", "catching_up", "offline", "refused", "not_set_up")
    said = [relay_indicator(RelayStatus(kind=kind), START) for kind in kinds]  # type: ignore[arg-type]
    assert len({each.text for each in said}) == len(kinds)


def test_what_the_desk_knows_more_stands_in_the_tip() -> None:
    said = relay_indicator(RelayStatus(kind="offline", detail="The name cannot be found."), START)
    assert said.detail.endswith("\nThe name cannot be found.")


@pytest.mark.parametrize(
    ("kind", "text", "tone"),
    [
        ("ready", "Account ready", Tone.GOOD),
        ("refused", "Account refused", Tone.BAD),
        ("no_key", "API key missing", Tone.WARNING),
        ("not_set_up", "No account", Tone.WARNING),
    ],
)
def test_the_account_is_told_in_a_word(kind: str, text: str, tone: Tone) -> None:
    said = account_indicator(AccountStatus(kind=kind), sandbox=False)  # type: ignore[arg-type]
    assert (said.text, said.tone) == (text, tone)


def test_the_sandbox_is_never_taken_for_an_account() -> None:
    said = account_indicator(AccountStatus(kind="ready", customer_id="C"), sandbox=True)
    assert said.text == "Sandbox"
    assert "Nothing leaves this computer" in said.detail


def test_a_customer_id_is_shown_to_be_recognised_only() -> None:
    assert short_customer("FFFFFFFF-EEEE-DDDD-1234-AB1234567890") == "FFFFFFFF…"
    assert short_customer("short") == "short"


def test_the_last_report_has_an_age_and_none_says_nothing() -> None:
    assert last_event_text(None, START) == ""
    assert last_event_text(START, at(130)) == "Last report 2 min ago"


@pytest.mark.parametrize(("age", "wait"), [(10, 5), (90, 30), (3600, 3600), (5400, 1800)])
def test_the_age_is_looked_at_only_when_it_reads_differently(age: float, wait: float) -> None:
    assert next_age_change(START, at(age)) == wait


def test_a_wrong_clock_is_told_and_a_small_difference_is_not() -> None:
    assert skew_text(None) == ""
    assert skew_text(timedelta(seconds=12)) == ""
    assert skew_text(timedelta(seconds=95)) == "This computer's clock is 95 s slow."
    assert skew_text(timedelta(seconds=-95)) == "This computer's clock is 95 s fast."


class TestBar:
    @pytest.fixture
    def bar(self, app: QApplication, spawned: Spawned) -> StatusBar:
        made = StatusBar(spawned)
        made.show()
        app.processEvents()
        return made

    def indicator(self, bar: StatusBar, name: str) -> QToolButton:
        found = bar.findChild(QToolButton, name)
        assert found is not None
        return found

    def test_follows_the_desk(self, bar: StatusBar) -> None:
        desk = FakeDesk(now=at(600))
        bar.attach(desk)  # type: ignore[arg-type]
        relay = self.indicator(bar, "connectionIndicator")
        assert relay.text() == "Live"
        desk.status = DeskStatus(
            account=AccountStatus(kind="refused"), relay=RelayStatus(kind="offline", since=START)
        )
        desk.tell(status=True)
        assert relay.text().startswith("Offline since")
        assert relay.accessibleName() == f"Relay: {relay.text()}"
        assert "Trying again by itself" in relay.toolTip()
        assert self.indicator(bar, "accountIndicator").text() == "Account refused"
        bar.close()

    def test_changes_of_messages_alone_are_none_of_its_business(self, bar: StatusBar) -> None:
        desk = FakeDesk(now=START)
        bar.attach(desk)  # type: ignore[arg-type]
        desk.status = DeskStatus(account=AccountStatus(kind="ready"), relay=RelayStatus(kind="offline"))
        desk.tell("m1")
        assert self.indicator(bar, "connectionIndicator").text() == "Live"
        bar.close()

    def test_pressing_opens_the_settings_that_matter(self, bar: StatusBar) -> None:
        wanted: list[str] = []
        bar.settings_wanted.connect(wanted.append)
        self.indicator(bar, "accountIndicator").click()
        self.indicator(bar, "connectionIndicator").click()
        assert wanted == ["account", "relay"]
        bar.close()

    def test_sleeps_without_a_report_and_while_hidden(self, bar: StatusBar) -> None:
        desk = FakeDesk(now=at(100))
        bar.attach(desk)  # type: ignore[arg-type]
        assert not bar._ticker.isActive()
        desk.status = DeskStatus(
            account=AccountStatus(kind="ready"), relay=RelayStatus(kind="live"), last_event_at=START
        )
        desk.tell(status=True)
        assert bar._ticker.isActive()
        age = bar.findChild(QLabel, "lastEventAge")
        assert age is not None
        assert age.text() == "Last report 1 min ago"
        bar.hide()
        assert not bar._ticker.isActive()
        bar.close()
