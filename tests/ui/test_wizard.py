"""Setting up step by step, worked by the names of its widgets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QLineEdit, QPushButton, QWidget

from console.desk.settings_checks import CHECKS
from console.desk.values import CheckResult
from console.ui.settings import SettingsDialog
from console.ui.settings_form import make_fields
from console.ui.settings_rules import Form, Keychain, Stored
from console.ui.wizard import Wizard
from console.ui.wizard_rules import Step, summary, wrong
from tests.ui.conftest import dispose

KEY = "QUJDREVGR0hJSktMTU5PUA=="
READY = Keychain(True, "Keys are kept in the system's keychain (Test).")
NONE = Keychain(False, "This computer offers no keychain.")
EMPTY = Form(api_url="https://rest-ww.telesign.com")
GOOD = CheckResult(ok=True, sentence="It answers.")
BAD = CheckResult(ok=False, sentence="The key is wrong.", remedy="Copy it again.")

W = TypeVar("W", bound=QWidget)


class Guide:
    """A wizard and what it told."""

    def __init__(self, form: Form = EMPTY, *, stored: Stored | None = None, keychain: Keychain = READY,
                 overridden: dict[str, str] | None = None) -> None:  # fmt: skip
        self.wizard = Wizard(form, stored or Stored(), overridden or {}, keychain)
        self.saved: list[Form] = []
        self.account: list[Form] = []
        self.relay: list[Form] = []
        self.wizard.saved.connect(self.saved.append)
        self.wizard.account_test.connect(self.account.append)
        self.wizard.relay_test.connect(self.relay.append)
        self.wizard.show()

    def find(self, kind: type[W], name: str) -> W:
        found = self.wizard.findChild(kind, name)
        assert isinstance(found, kind), name
        return found

    def press(self, name: str) -> None:
        button = self.find(QPushButton, name)
        assert button.isEnabled()
        assert button.isVisible()
        button.click()

    def type(self, key: str, text: str) -> None:
        self.find(QLineEdit, f"settings_{key}").setText(text)

    def note(self, key: str) -> str:
        return self.find(QLabel, f"settings_{key}_note").text()

    def fill_account(self) -> None:
        self.type("customer_id", "CUST-1")
        self.type("api_key", KEY)

    def at(self, step: Step) -> bool:
        return self.wizard.step is step

    def result(self, name: str) -> QWidget:
        return self.find(QWidget, f"{name}Result")


@pytest.fixture
def guide(app: QApplication) -> Iterator[Guide]:
    made = Guide()
    yield made
    dispose(made.wizard)


class TestWay:
    def test_from_nothing_to_the_end(self, guide: Guide) -> None:
        guide.fill_account()
        guide.press("wizardNext")
        assert guide.at(Step.RELAY)
        guide.type("relay_url", "https://relay.example")
        guide.type("relay_token", "secret")
        guide.press("wizardNext")
        assert guide.at(Step.READY)
        guide.type("default_country", "rs")
        guide.press("wizardNext")
        (form,) = guide.saved
        assert (form.customer_id, form.api_key, form.relay_url) == ("CUST-1", KEY, "https://relay.example")
        assert form.default_country == "RS"
        assert not guide.find(QPushButton, "wizardNext").isEnabled()

    def test_an_account_is_asked_for_and_what_is_missing_is_marked(self, guide: Guide) -> None:
        guide.press("wizardNext")
        assert guide.at(Step.ACCOUNT)
        assert "customer id" in guide.note("customer_id")
        assert "API key" in guide.note("api_key")
        assert guide.find(QLabel, "wizardMessage").text()
        guide.fill_account()
        assert not guide.find(QLabel, "wizardMessage").text()

    def test_a_relay_may_come_later_and_what_that_means_is_said(self, guide: Guide) -> None:
        guide.fill_account()
        guide.press("wizardNext")
        assert "do not see" in guide.find(QLabel, "wizardWithout").text()
        guide.press("wizardNext")
        assert guide.at(Step.READY)
        assert any("No relay yet" in line for line in guide.wizard.told)

    def test_back_keeps_everything_typed(self, guide: Guide) -> None:
        guide.fill_account()
        guide.press("wizardNext")
        guide.type("relay_url", "https://relay.example")
        guide.press("wizardBack")
        assert guide.at(Step.ACCOUNT)
        assert not guide.find(QPushButton, "wizardBack").isVisible()
        assert guide.wizard.form().relay_url == "https://relay.example"
        assert guide.wizard.form().api_key == KEY

    def test_the_sandbox_is_one_press_away_on_the_first_step_only(self, guide: Guide) -> None:
        wanted: list[str] = []
        guide.wizard.sandbox_wanted.connect(lambda: wanted.append("sandbox"))
        guide.fill_account()
        guide.press("wizardNext")
        assert not guide.find(QPushButton, "wizardSandbox").isVisible()
        guide.press("wizardBack")
        guide.press("wizardSandbox")
        assert wanted == ["sandbox"]
        assert not guide.wizard.isVisible()

    def test_what_cannot_be_kept_is_said_and_can_be_tried_again(self, guide: Guide) -> None:
        guide.fill_account()
        for _ in range(3):
            guide.press("wizardNext")
        guide.wizard.fail("The disk is full.")
        assert guide.find(QLabel, "wizardMessage").text() == "The disk is full."
        guide.press("wizardNext")
        assert len(guide.saved) == 2


class TestTrying:
    def test_the_account_is_tried_as_typed_and_the_result_shown(self, guide: Guide) -> None:
        guide.fill_account()
        guide.press("wizardTestAccount")
        assert guide.account[0].api_key == KEY
        guide.wizard.account_tested(BAD)
        said = guide.result("wizardTestAccount")
        assert said.isVisible()
        assert "Copy it again" in " ".join(label.text() for label in said.findChildren(QLabel))

    def test_typing_the_relay_leaves_the_accounts_result_standing(self, guide: Guide) -> None:
        guide.fill_account()
        guide.press("wizardTestAccount")
        guide.wizard.account_tested(GOOD)
        guide.press("wizardNext")
        guide.type("relay_url", "https://relay.example")
        guide.type("relay_token", "secret")
        guide.press("wizardTestRelay")
        guide.wizard.relay_tested(BAD)
        guide.press("wizardNext")
        assert guide.wizard.told[0] == "The account CUST-1 answers."
        assert "does not work yet" in guide.wizard.told[1]

    def test_changing_what_was_tried_forgets_the_result(self, guide: Guide) -> None:
        guide.fill_account()
        guide.press("wizardTestAccount")
        guide.wizard.account_tested(GOOD)
        guide.type("customer_id", "CUST-2")
        assert not guide.result("wizardTestAccount").isVisible()
        guide.press("wizardNext")
        guide.press("wizardNext")
        assert guide.wizard.told[0] == "The account CUST-2 was not tried."

    def test_a_result_for_what_was_typed_before_is_not_shown_for_what_stands_there_now(
        self, guide: Guide
    ) -> None:
        guide.fill_account()
        guide.press("wizardTestAccount")
        guide.type("customer_id", "CUST-2")
        guide.wizard.account_tested(GOOD)
        assert not guide.result("wizardTestAccount").isVisible()
        assert guide.find(QPushButton, "wizardTestAccount").isEnabled()

    def test_nothing_is_tried_while_something_is_missing(self, guide: Guide) -> None:
        guide.press("wizardTestAccount")
        assert guide.account == []

    def test_a_problem_in_the_folded_part_unfolds_it(self, guide: Guide) -> None:
        guide.fill_account()
        guide.type("api_url", "http://elsewhere.example")
        guide.press("wizardNext")
        assert guide.at(Step.ACCOUNT)
        assert guide.find(QLineEdit, "settings_api_url").isVisible()
        assert "https" in guide.note("api_url")


class TestKeys:
    def test_without_a_keychain_the_agent_has_to_agree(self, app: QApplication) -> None:
        guide = Guide(keychain=NONE)
        guide.fill_account()
        guide.press("wizardNext")
        assert guide.at(Step.ACCOUNT)
        guide.find(QCheckBox, "wizardSession").setChecked(True)
        guide.press("wizardNext")
        guide.press("wizardNext")
        assert "The keys are forgotten when Cascade is closed." in guide.wizard.told
        dispose(guide.wizard)

    def test_a_key_that_is_kept_need_not_be_typed_again(self, app: QApplication) -> None:
        form = Form(customer_id="CUST-1", api_url="https://rest-ww.telesign.com")
        guide = Guide(form, stored=Stored(api_key=True))
        guide.press("wizardNext")
        guide.press("wizardNext")
        assert "The keys stay where they are." in guide.wizard.told
        dispose(guide.wizard)

    def test_what_an_administrator_decides_is_shown_and_not_asked_for(self, app: QApplication) -> None:
        guide = Guide(overridden={"customer_id": "Decided elsewhere.", "api_key": "Decided elsewhere."})
        assert guide.find(QLineEdit, "settings_customer_id").isReadOnly()
        guide.press("wizardNext")
        assert guide.at(Step.RELAY)
        dispose(guide.wizard)


def test_every_setting_an_administrator_can_lock_opens_in_both_windows(app: QApplication) -> None:
    locked = dict.fromkeys((*CHECKS, "api_key", "relay_token"), "Your administrator decides this.")
    assert set(locked) - set(make_fields(EMPTY, Stored(), {})) == {"update_url"}
    for window in (SettingsDialog(EMPTY, Stored(), locked, READY), Wizard(EMPTY, Stored(), locked, READY)):
        window.show()
        box = window.findChild(QComboBox, "settings_auth")
        assert box is not None
        assert not box.isEnabled()
        dispose(window)


@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.text(max_size=20), st.booleans())
def test_whatever_is_typed_is_judged_in_words(
    customer: str, key: str, url: str, token: str, session: bool
) -> None:
    form = Form(
        customer_id=customer, api_key=key, api_url="https://x.example", relay_url=url, relay_token=token,
        session_only=session,
    )  # fmt: skip
    for step in Step:
        assert all(wrong(step, form, Stored(), NONE).values())
    for line in summary(form, Stored(), NONE, None, None):
        assert line.text
