"""From the settings dialog to the settings file, the keychain and the running desk."""

from __future__ import annotations

import asyncio
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication

from console.cascade.words import tr
from console.desk.keychain import Keychain, KeychainProblem
from console.desk.settings import Secrets, Settings, save_settings
from console.ui import theme
from console.ui.settings import SettingsDialog
from console.ui.settings_rules import Form, Stored
from console.ui.settings_rules import Keychain as KeychainShown

if TYPE_CHECKING:
    from console.app import Application

_SECRETS = ("api_key", "relay_token")


class SettingsFlow:
    """Opens the dialog, tests what is typed, and puts it into force."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._keychain = Keychain(application.settings.profile)
        self._dialog: SettingsDialog | None = None

    def open(self, page: str = "") -> None:
        """Show the dialog at ``page``; if it is open already, bring it there."""
        self._application.spawn(self._open(page))

    async def _open(self, page: str) -> None:
        if self._dialog is None:
            state = await asyncio.to_thread(self._keychain.state)
            application = self._application
            settings, secrets = application.settings, application.secrets
            shown = {each.name for each in fields(Form)} & {each.name for each in fields(Settings)}
            values: dict[str, Any] = {name: getattr(settings, name) for name in shown}
            values |= {
                "proxy": settings.proxy or "",
                "poll_wait": round(settings.poll_wait),
                "poll_interval": max(1, round(settings.poll_interval)),
            }
            self._dialog = SettingsDialog(
                Form(**values),
                Stored(bool(secrets.api_key), bool(secrets.relay_token)),
                settings.overridden,
                KeychainShown(state.kind == "ready", state.sentence),
                application.window,
            )
            self._dialog.account_test.connect(lambda form: application.spawn(self._test("account", form)))
            self._dialog.relay_test.connect(lambda form: application.spawn(self._test("relay", form)))
            self._dialog.saved.connect(lambda form: application.spawn(self._save(form)))
            self._dialog.finished.connect(self._closed)
            self._dialog.open()
        if page:
            self._dialog.show_page(page)

    def _closed(self) -> None:
        self._dialog = None

    def _typed(self, form: Form) -> tuple[Settings, Secrets]:
        settings, secrets = self._application.settings, self._application.secrets
        shown = {each.name for each in fields(Form)} & {each.name for each in fields(Settings)}
        values: dict[str, Any] = {
            name: getattr(form, name) for name in shown if name not in settings.overridden
        }
        if "proxy" in values:
            values["proxy"] = form.proxy.strip() or None
        values = {name: text.strip() if isinstance(text, str) else text for name, text in values.items()}
        typed = {name: getattr(form, name).strip() or getattr(secrets, name) for name in _SECRETS}
        return replace(settings, **values), Secrets(**typed)

    async def _test(self, what: str, form: Form) -> None:
        desk, dialog = self._application.desk, self._dialog
        if desk is None or dialog is None:
            return
        settings, secrets = self._typed(form)
        if what == "account":
            result = await desk.check_account(settings, secrets)
        else:
            result = await desk.check_relay(settings, secrets)
        if self._dialog is dialog:
            (dialog.account_tested if what == "account" else dialog.relay_tested)(result)

    async def _save(self, form: Form) -> None:
        application = self._application
        settings, secrets = self._typed(form)
        if application.settings.sandbox:
            # The sandbox brings its own account and relay; only the rest is the person's to set.
            keep = ("api_url", "customer_id", "auth", "relay_url", "proxy")
            settings = replace(settings, **{name: getattr(application.settings, name) for name in keep})
            secrets = application.secrets
        try:
            if secrets != application.secrets and not form.session_only:
                await asyncio.to_thread(self._keychain.store, secrets)
            await asyncio.to_thread(save_settings, application.directory, settings)
        except KeychainProblem as problem:
            self._fail(problem.sentence)
            return
        except OSError as error:
            self._fail(tr("The settings could not be saved: {reason}", reason=error.strerror or str(error)))
            return
        application.settings, application.secrets = settings, secrets
        if application.desk is not None:
            await application.desk.apply_settings(settings, secrets)
        qt = QApplication.instance()
        if isinstance(qt, QApplication):
            theme.apply(qt, settings.theme)
        if self._dialog is not None:
            self._dialog.accept()

    def _fail(self, text: str) -> None:
        if self._dialog is not None:
            self._dialog.fail(text)
