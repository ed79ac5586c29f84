"""The settings: what may be saved, what is said when it may not, and where secrets go."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSpinBox,
    QWidget,
)

from console.desk.keychain import KeychainProblem, KeychainState
from console.desk.policy_file import Policy
from console.desk.settings import Secrets, Settings, load_settings
from console.desk.values import CheckResult
from console.journal.retention import Leaving
from console.ui import settings_control
from console.ui.settings import SettingsDialog
from console.ui.settings_control import (
    SettingsControl,
    form_of,
    kept_part,
    overridden_of,
    secrets_of,
    settings_of,
)
from console.ui.settings_rules import (
    Form,
    Keychain,
    Stored,
    keychain_notice,
    problems,
    proxy_problem,
    undo_text,
    url_problem,
)
from console.ui.settings_welcome import Welcome
from tests.ui.conftest import Spawned
from tests.ui.fake_desk import FakeDesk

KEY = "QUJDREVGR0hJSktMTU5PUA=="
READY = Keychain(True, "Keys are kept in the system's keychain (Test).")
NONE = Keychain(False, "This computer offers no keychain.")
GOOD = Form(customer_id="CUST-1", api_key=KEY, api_url="https://rest-ww.telesign.com")


def wrong(form: Form, stored: Stored | None = None, keychain: Keychain = READY) -> dict[str, str]:
    return {each.field: each.text for each in problems(form, stored or Stored(), keychain)}


class TestProblems:
    def test_a_whole_account_has_none(self) -> None:
        assert wrong(GOOD) == {}

    def test_an_account_may_be_left_empty(self) -> None:
        assert wrong(Form(api_url="https://rest-ww.telesign.com")) == {}

    def test_a_stored_key_need_not_be_typed_again(self) -> None:
        without = replace(GOOD, api_key="")
        assert "api_key" in wrong(without)
        assert wrong(without, Stored(api_key=True)) == {}

    @pytest.mark.parametrize("key", ["not base64!", "QUJD R0g=", "QUJDR", "ключ"])
    def test_half_a_key_is_named_as_such(self, key: str) -> None:
        assert "whole API key" in wrong(replace(GOOD, api_key=key))["api_key"]

    def test_a_key_without_a_customer_id_is_named(self) -> None:
        assert set(wrong(replace(GOOD, customer_id=""))) == {"customer_id"}

    def test_a_relay_wants_its_token(self) -> None:
        form = replace(GOOD, relay_url="https://relay.example")
        assert set(wrong(form)) == {"relay_token"}
        assert wrong(form, Stored(relay_token=True)) == {}
        assert wrong(replace(form, relay_token="t")) == {}

    @pytest.mark.parametrize("country", ["Serbia", "R", "1A"])
    def test_a_country_has_two_letters(self, country: str) -> None:
        assert set(wrong(replace(GOOD, default_country=country))) == {"default_country"}

    def test_without_a_keychain_the_agent_accepts_that_keys_are_forgotten(self) -> None:
        assert set(wrong(GOOD, keychain=NONE)) == {"session_only"}
        assert wrong(replace(GOOD, session_only=True), keychain=NONE) == {}
        assert wrong(replace(GOOD, api_key=""), Stored(api_key=True), NONE) == {}

    @pytest.mark.parametrize(
        "url",
        ["https://relay.example", "https://relay.example:8443/x", "http://127.0.0.1:8080", "http://[::1]:1"],
    )
    def test_addresses_that_are_safe(self, url: str) -> None:
        assert url_problem(url, needed=True) == ""

    @pytest.mark.parametrize(
        "url",
        [
            "http://relay.example",
            "ftp://x",
            "relay.example",
            "https://",
            "https://u:p@x",
            "http://[",
            "x:y:z",
        ],
    )
    def test_addresses_that_are_not(self, url: str) -> None:
        assert url_problem(url, needed=False)

    def test_only_an_address_that_is_needed_must_be_there(self) -> None:
        assert url_problem(" ", needed=False) == ""
        assert url_problem(" ", needed=True)

    def test_a_proxy_is_an_address_nothing_or_the_word_none(self) -> None:
        assert [proxy_problem(text) for text in ("", "none", "http://proxy:3128")] == ["", "", ""]
        assert proxy_problem("proxy:3128")


def test_a_keychain_is_told_and_its_absence_offers_a_choice() -> None:
    assert keychain_notice(READY) == (READY.sentence, "good")
    text, tone = keychain_notice(NONE)
    assert tone == "warning"
    assert "until Cascade is closed" in text
    assert "CASCADE_API_KEY" in text


def test_an_undo_window_says_what_it_means() -> None:
    assert undo_text(0) == "A message leaves at once."
    assert "5 s" in undo_text(5)


class TestForm:
    def test_nothing_changed_changes_nothing_not_even_fractions(self) -> None:
        settings = Settings(poll_interval=0.2, poll_wait=3.5, proxy="", customer_id="C")
        form = form_of(settings)
        assert settings_of(form, form, settings) == settings

    def test_what_was_changed_is_taken(self) -> None:
        settings = Settings(customer_id="C")
        before = form_of(settings)
        typed = replace(before, poll_wait=0, poll_interval=2, undo_seconds=5, theme="dark")
        changed = settings_of(typed, before, settings)
        assert (changed.poll_wait, changed.poll_interval) == (0.0, 2.0)
        assert (changed.undo_seconds, changed.theme, changed.customer_id) == (5, "dark", "C")

    @pytest.mark.parametrize(
        ("typed", "proxy"), [("http://p:1", "http://p:1"), ("none", ""), ("NONE", ""), ("", None)]
    )
    def test_a_proxy_can_be_named_refused_or_left_to_the_system(self, typed: str, proxy: str | None) -> None:
        settings = Settings(proxy="http://old:1")
        before = form_of(settings)
        assert settings_of(replace(before, proxy=typed), before, settings).proxy == proxy

    def test_secrets_never_stand_in_the_form_and_an_empty_field_keeps_them(self) -> None:
        assert form_of(Settings()).api_key == ""
        kept = Secrets(api_key="old", relay_token="token")
        assert secrets_of(Form(api_key="new"), kept) == Secrets(api_key="new", relay_token="token")

    def test_what_the_environment_decides_is_said_with_the_variable(self) -> None:
        settings = Settings(overridden=frozenset({"api_url"}))
        said = overridden_of(settings, Secrets(api_key="x"))
        assert set(said) == {"api_url", "api_key"}
        assert "CASCADE_API_KEY" in said["api_key"]

    def test_what_the_sandbox_decides_is_never_written(self) -> None:
        inside = Settings(sandbox=True, api_url="http://127.0.0.1:1", overridden=frozenset({"auth"}))
        assert {"api_url", "customer_id", "relay_url", "auth"} <= kept_part(inside).overridden
        assert kept_part(Settings()) == Settings()


# --- the dialog -------------------------------------------------------------------------


def dialog_with(
    form: Form,
    *,
    stored: Stored | None = None,
    keychain: Keychain = READY,
    overridden: dict[str, str] | None = None,
) -> SettingsDialog:
    return SettingsDialog(form, stored or Stored(), overridden or {}, keychain)


def part(dialog: QWidget, name: str) -> QWidget:
    found = dialog.findChild(QWidget, name)
    assert found is not None, name
    return found


def press(dialog: QWidget, name: str) -> None:
    button = part(dialog, name)
    assert isinstance(button, QPushButton)
    button.click()


def write(dialog: QWidget, key: str, text: str) -> None:
    edit = part(dialog, f"settings_{key}")
    assert isinstance(edit, QLineEdit)
    edit.setText(text)


class TestDialog:
    @pytest.fixture(autouse=True)
    def _app(self, app: QApplication) -> None:
        """A dialog needs an application."""

    def test_gives_back_what_was_typed(self) -> None:
        dialog = dialog_with(GOOD)
        saved: list[Form] = []
        dialog.saved.connect(saved.append)
        write(dialog, "default_country", "rs")
        press(dialog, "settingsSave")
        assert saved == [replace(GOOD, default_country="RS")]
        dialog.close()

    def test_says_what_is_wrong_beside_the_field_and_saves_nothing(self) -> None:
        dialog = dialog_with(replace(GOOD, api_url="http://telesign.example"))
        saved: list[Form] = []
        dialog.saved.connect(saved.append)
        dialog.open()
        press(dialog, "settingsSave")
        note = part(dialog, "settings_api_url_note")
        assert isinstance(note, QLabel)
        assert "https://" in note.text()
        assert saved == []
        dialog.close()

    def test_goes_to_the_page_where_something_is_wrong(self) -> None:
        dialog = dialog_with(replace(GOOD, relay_url="https://relay.example"))
        press(dialog, "settingsSave")
        assert dialog._pages.currentIndex() == 1
        dialog.close()

    def test_fields_of_the_environment_are_read_only_and_say_why(self) -> None:
        dialog = dialog_with(GOOD, overridden={"api_url": "Set elsewhere.", "poll_wait": "Set elsewhere."})
        edit = part(dialog, "settings_api_url")
        assert isinstance(edit, QLineEdit)
        assert edit.isReadOnly()
        assert not part(dialog, "settings_poll_wait").isEnabled()
        note = part(dialog, "settings_api_url_note")
        assert isinstance(note, QLabel)
        assert note.text() == "Set elsewhere."
        dialog.close()

    def test_keys_are_hidden_until_they_are_revealed(self) -> None:
        dialog = dialog_with(GOOD)
        edit = part(dialog, "settings_api_key")
        assert isinstance(edit, QLineEdit)
        assert edit.echoMode() is QLineEdit.EchoMode.Password
        edit.actions()[-1].toggle()
        assert edit.echoMode() is QLineEdit.EchoMode.Normal
        dialog.close()

    def test_a_test_runs_only_on_a_page_without_faults(self) -> None:
        dialog = dialog_with(replace(GOOD, api_key="half!", relay_url="https://r.example", relay_token="t"))
        tests: list[str] = []
        dialog.account_test.connect(lambda _: tests.append("account"))
        dialog.relay_test.connect(lambda _: tests.append("relay"))
        press(dialog, "testAccountButton")
        press(dialog, "testRelayButton")
        assert tests == ["relay"]
        dialog.close()

    def test_a_result_is_shown_with_its_remedy_and_forgotten_when_something_changes(self) -> None:
        dialog = dialog_with(GOOD)
        dialog.open()
        press(dialog, "testAccountButton")
        dialog.account_tested(CheckResult(ok=False, sentence="Wrong key.", remedy="Copy it again."))
        result = part(dialog, "testAccountButtonResult")
        assert not result.isHidden()
        assert any("Copy it again." in each.text() for each in result.findChildren(QLabel))
        write(dialog, "relay_url", "https://relay.example")
        assert not result.isHidden()
        write(dialog, "customer_id", "CUST-2")
        assert result.isHidden()
        dialog.close()

    def test_without_a_keychain_the_choice_is_offered(self) -> None:
        with_one, without = dialog_with(GOOD), dialog_with(GOOD, keychain=NONE)
        for dialog, offered in ((with_one, False), (without, True)):
            box = part(dialog, "sessionKeysCheck")
            assert isinstance(box, QCheckBox)
            assert box.isHidden() is not offered
            dialog.close()

    def test_every_field_has_a_name_for_screen_readers(self) -> None:
        dialog = dialog_with(GOOD)
        for key in ("customer_id", "api_key", "auth", "api_url", "relay_url", "poll_wait", "theme"):
            name = part(dialog, f"settings_{key}").accessibleName()
            assert name
            assert "&" not in name
        dialog.close()


# --- keeping and using ------------------------------------------------------------------


@dataclass
class FakeCare:
    """Of a journal in which twelve messages are older than a day."""

    done: int = 0

    async def preview(self, days: int) -> Leaving:
        return Leaving(messages=12) if days else Leaving()

    async def once(self) -> None:
        self.done += 1


@dataclass
class SettingsDesk(FakeDesk):
    """A desk that is set up anew."""

    real: Settings = field(default_factory=Settings)
    applied: list[tuple[Settings, Secrets]] = field(default_factory=list)
    checked: list[tuple[Settings, Secrets]] = field(default_factory=list)
    care: FakeCare = field(default_factory=FakeCare)

    async def apply_settings(self, settings: Settings, secrets: Secrets) -> None:
        self.applied.append((settings, secrets))

    async def check_account(self, settings: Settings, secrets: Secrets) -> CheckResult:
        self.checked.append((settings, secrets))
        return CheckResult(ok=True, sentence="Telesign accepts the key.")

    async def check_relay(self, settings: Settings, secrets: Secrets) -> CheckResult:
        self.checked.append((settings, secrets))
        return CheckResult(ok=False, sentence="The relay does not know this token.")


class Keys:
    """A keychain in memory."""

    kept = Secrets()
    kind = "ready"
    fails = False

    def __init__(self, profile: str) -> None:
        self.profile = profile

    def state(self) -> KeychainState:
        return KeychainState(self.kind, "A keychain for tests.")  # type: ignore[arg-type]

    def load(self) -> Secrets:
        return type(self).kept

    def store(self, secrets: Secrets) -> None:
        if self.fails:
            raise KeychainProblem("The keychain is locked.")
        type(self).kept = secrets


class Desk:
    """A window with settings."""

    def __init__(self, spawned: Spawned, directory: Path, secrets: Secrets, settings: Settings) -> None:
        self.spawned = spawned
        self.window = QWidget()
        self.desk = SettingsDesk()
        self.desk.settings = settings  # type: ignore[assignment]
        self.directory = directory
        self.control = SettingsControl(
            spawned,
            self.desk,  # type: ignore[arg-type]
            directory=directory,
            secrets=secrets,
            given=Secrets(),
            window=self.window,
        )

    def open(self) -> SettingsDialog:
        self.control.open("account")
        self.spawned.settle()
        dialog = self.window.findChild(SettingsDialog)
        assert dialog is not None
        return dialog

    def written(self) -> dict[str, object]:
        found = list(self.directory.rglob("settings.json"))
        return json.loads(found[0].read_text()) if found else {}


@pytest.fixture
def place(
    app: QApplication, spawned: Spawned, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    monkeypatch.setattr(settings_control, "Keys", Keys)
    monkeypatch.setattr(Keys, "kept", Secrets(relay_token="kept"))
    made = Desk(spawned, tmp_path, Secrets(relay_token="kept"), Settings(customer_id="CUST-1"))
    yield made
    made.window.deleteLater()
    app.processEvents()


class TestKeeping:
    def test_saved_settings_are_written_applied_and_the_key_goes_to_the_keychain_only(
        self, place: Desk
    ) -> None:
        dialog = place.open()
        write(dialog, "api_key", KEY)
        press(dialog, "settingsSave")
        place.spawned.settle()
        assert Keys.kept == Secrets(api_key=KEY, relay_token="kept")
        settings, secrets = place.desk.applied[0]
        assert (settings.customer_id, secrets.api_key) == ("CUST-1", KEY)
        assert load_settings(place.directory, "default", {}).customer_id == "CUST-1"
        assert KEY not in json.dumps(place.written())

    def test_a_locked_keychain_is_told_and_nothing_is_applied(
        self, place: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Keys, "fails", True)
        dialog = place.open()
        write(dialog, "api_key", KEY)
        press(dialog, "settingsSave")
        place.spawned.settle()
        message = part(dialog, "settingsMessage")
        assert isinstance(message, QLabel)
        assert message.text() == "The keychain is locked."
        assert place.desk.applied == []
        assert part(dialog, "settingsSave").isEnabled()
        dialog.close()

    def test_without_a_keychain_keys_are_used_and_kept_nowhere(
        self, place: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Keys, "kind", "none")
        dialog = place.open()
        write(dialog, "api_key", KEY)
        press(dialog, "settingsSave")
        place.spawned.settle()
        assert place.desk.applied == []
        box = part(dialog, "sessionKeysCheck")
        assert isinstance(box, QCheckBox)
        box.setChecked(True)
        press(dialog, "settingsSave")
        place.spawned.settle()
        assert place.desk.applied[0][1].api_key == KEY
        assert Keys.kept.api_key == ""

    def test_tests_use_what_is_typed_and_save_nothing(self, place: Desk) -> None:
        dialog = place.open()
        write(dialog, "api_key", KEY)
        press(dialog, "testAccountButton")
        place.spawned.settle()
        assert place.desk.checked[0][1] == Secrets(api_key=KEY, relay_token="kept")
        assert place.written() == {}
        assert Keys.kept.api_key == ""
        dialog.close()

    def test_one_dialog_at_a_time(self, place: Desk) -> None:
        first = place.open()
        place.control.open("relay")
        place.spawned.settle()
        assert len(place.window.findChildren(SettingsDialog)) == 1
        assert first._pages.currentIndex() == 1
        first.close()
        QApplication.processEvents()
        assert place.open() is not first

    def test_what_a_shorter_keeping_deletes_is_shown_asked_and_then_done(self, place: Desk) -> None:
        dialog = place.open()
        write(dialog, "api_key", KEY)
        note = part(dialog, "settings_retention_days_note")
        assert isinstance(note, QLabel)
        assert note.text() == "Messages are kept for ever."
        days = part(dialog, "settings_retention_days")
        assert isinstance(days, QSpinBox)
        days.setValue(30)
        dialog.retention_wanted.emit(30)
        place.spawned.settle()
        assert note.text().startswith("12 messages are deleted for good")
        press(dialog, "settingsSave")
        place.spawned.settle()
        assert place.desk.applied == []
        question = part(dialog, "retentionQuestion")
        assert isinstance(question, QMessageBox)
        assert "12 messages" in question.informativeText()
        question.button(QMessageBox.StandardButton.Cancel).click()
        place.spawned.settle()
        assert place.desk.applied == []
        assert place.desk.care.done == 0
        press(dialog, "settingsSave")
        place.spawned.settle()
        found = dialog.findChildren(QMessageBox, "retentionQuestion")[-1]
        press(found, "retentionDelete")
        place.spawned.settle()
        assert place.desk.applied[0][0].retention_days == 30
        assert place.desk.care.done == 1

    def test_the_rest_of_privacy_is_saved_without_a_question(self, place: Desk) -> None:
        dialog = place.open()
        write(dialog, "api_key", KEY)
        for key in ("mask_numbers", "notifications"):
            box = part(dialog, f"settings_{key}")
            assert isinstance(box, QCheckBox)
            box.click()
        assert not part(dialog, "settings_notification_text").isEnabled()
        press(dialog, "settingsSave")
        place.spawned.settle()
        loaded = load_settings(place.directory, "default", {})
        assert (loaded.mask_numbers, loaded.notifications, loaded.retention_days) == (True, False, 0)

    def test_what_the_administrator_locked_is_shown_and_not_changed(self, place: Desk) -> None:
        locked = {"retention_days": 90, "mask_numbers": True, "language": "en", "ca_file": "/etc/x.pem"}
        place.desk.settings = replace(Settings(customer_id="CUST-1"), policy=Policy(locked=locked), **locked)  # type: ignore[assignment,arg-type]
        dialog = place.open()
        write(dialog, "api_key", KEY)
        for key in locked:
            editor = part(dialog, f"settings_{key}")
            note = part(dialog, f"settings_{key}_note")
            assert isinstance(note, QLabel)
            assert "administrator" in note.text()
            assert not editor.isEnabled() or (isinstance(editor, QLineEdit) and editor.isReadOnly())
        press(dialog, "settingsSave")
        place.spawned.settle()
        assert place.desk.applied
        assert not locked.keys() & place.written().keys()

    def test_a_directory_that_cannot_be_written_is_told(self, place: Desk) -> None:
        (place.directory / "profiles").write_text("in the way")
        dialog = place.open()
        write(dialog, "api_key", KEY)
        press(dialog, "settingsSave")
        place.spawned.settle()
        message = part(dialog, "settingsMessage")
        assert isinstance(message, QLabel)
        assert message.text()
        assert place.desk.applied == []
        dialog.close()


def test_the_welcome_offers_the_account_and_the_sandbox(app: QApplication) -> None:
    welcome = Welcome()
    wanted: list[str] = []
    welcome.account_wanted.connect(lambda: wanted.append("account"))
    welcome.sandbox_wanted.connect(lambda: wanted.append("sandbox"))
    press(welcome, "welcomeAccount")
    press(welcome, "welcomeSandbox")
    assert wanted == ["account", "sandbox"]
