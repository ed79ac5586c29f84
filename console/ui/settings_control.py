"""Opens the settings, tests them for real, keeps them, and puts them to work."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from console.cascade.words import tr
from console.desk.care import leaving_text
from console.desk.keychain import Keychain as Keys
from console.desk.keychain import KeychainProblem
from console.desk.settings import Secrets, Settings, SettingsProblem, save_settings
from console.ui import theme
from console.ui.deeds import Spawn
from console.ui.settings import SettingsDialog
from console.ui.settings_rules import (
    NO_PROXY,
    VARIABLES,
    Form,
    Keychain,
    Stored,
    locked_note,
    overridden_note,
)

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.ui.wizard import Wizard


_SANDBOXED: Final = frozenset(
    {"api_url", "customer_id", "auth", "proxy", "ca_file", "relay_url", "poll_wait", "poll_interval"}
)
"""What the sandbox decides; never written to the settings from there."""
_SECRETS: Final = ("api_key", "relay_token")


class SettingsControl(QObject):
    """The settings of the running desk. One dialog at a time."""

    applied = Signal(object, object)
    """The :class:`Settings` and :class:`Secrets` now in use."""
    sandbox_wanted = Signal()
    """The agent would rather try the sandbox than set up an account."""

    def __init__(
        self,
        spawn: Spawn,
        desk: Desk,
        *,
        directory: Path,
        secrets: Secrets,
        given: Secrets,
        window: QWidget,
    ) -> None:
        """``secrets`` are those in use, ``given`` those of them that the environment decides."""
        super().__init__(window)
        self._spawn = spawn
        self._desk = desk
        self._directory = directory
        self._secrets = secrets
        self._given = given
        self._window = window
        self._dialog: SettingsDialog | Wizard | None = None

    def open(self, page: str = "") -> None:
        """Show the settings at ``account``, ``relay``, ``general`` or where they begin.

        Where there is no account yet, ``account`` is set up step by step.
        """
        settings = self._desk.settings
        if page == "account" and not settings.customer_id and not settings.sandbox:
            self.set_up()
        elif self._dialog is None:
            self._spawn(self._open(page))
        else:
            if isinstance(self._dialog, SettingsDialog):
                self._dialog.show_page(page)
            self._dialog.raise_()

    def set_up(self) -> None:
        """Ask for account and relay step by step."""
        if self._dialog is None:
            self._spawn(self._set_up())
        else:
            self._dialog.raise_()

    async def _keychain(self) -> Keychain:
        # Asking for the keychain may wait for the system: never on the window's thread.
        state = await asyncio.to_thread(Keys(self._desk.settings.profile).state)
        return Keychain(state.kind == "ready", state.sentence)

    async def _open(self, page: str) -> None:
        settings = self._desk.settings
        keychain = await self._keychain()
        if self._dialog is not None:
            return
        form = form_of(settings)
        dialog = SettingsDialog(
            form, self._stored, overridden_of(settings, self._given), keychain, self._window
        )
        dialog.retention_wanted.connect(lambda days: self._spawn(self._preview(dialog, days)))
        dialog.saved.connect(lambda typed: self._spawn(self._ask_and_save(dialog, form, typed)))
        dialog.show_page(page)
        self._show(dialog, form)
        await self._preview(dialog, form.retention_days)

    async def _set_up(self) -> None:
        from console.ui.wizard import Wizard  # noqa: PLC0415 - once in a profile's life

        settings = self._desk.settings
        keychain = await self._keychain()
        if self._dialog is not None:
            return
        form = form_of(settings)
        wizard = Wizard(form, self._stored, overridden_of(settings, self._given), keychain, self._window)
        wizard.saved.connect(lambda typed: self._spawn(self._save(wizard, form, typed)))
        wizard.sandbox_wanted.connect(self.sandbox_wanted)
        self._show(wizard, form)

    @property
    def _stored(self) -> Stored:
        return Stored(bool(self._secrets.api_key), bool(self._secrets.relay_token))

    def _show(self, dialog: SettingsDialog | Wizard, form: Form) -> None:
        dialog.account_test.connect(lambda typed: self._spawn(self._test_account(dialog, form, typed)))
        dialog.relay_test.connect(lambda typed: self._spawn(self._test_relay(dialog, form, typed)))
        dialog.finished.connect(self._forget)
        self._dialog = dialog
        dialog.open()

    def _forget(self) -> None:
        self._dialog = None

    async def _preview(self, dialog: SettingsDialog, days: int) -> None:
        leaving = await self._desk.care.preview(days)
        if dialog is self._dialog and dialog.form().retention_days == days:
            tone = "warning" if leaving.messages or leaving.unmatched else ""
            dialog.retention_previewed(leaving_text(leaving, days), tone)

    async def _test_account(self, dialog: SettingsDialog | Wizard, before: Form, typed: Form) -> None:
        settings = settings_of(typed, before, self._desk.settings)
        result = await self._desk.check_account(settings, secrets_of(typed, self._secrets))
        if dialog is self._dialog:
            dialog.account_tested(result)

    async def _test_relay(self, dialog: SettingsDialog | Wizard, before: Form, typed: Form) -> None:
        settings = settings_of(typed, before, self._desk.settings)
        result = await self._desk.check_relay(settings, secrets_of(typed, self._secrets))
        if dialog is self._dialog:
            dialog.relay_tested(result)

    async def _ask_and_save(self, dialog: SettingsDialog, before: Form, typed: Form) -> None:
        """Save, but nothing that deletes messages before somebody has said so."""
        days = typed.retention_days
        if days and days != before.retention_days:
            leaving = await self._desk.care.preview(days)
            if leaving.messages or leaving.unmatched:
                dialog.ask_to_delete(
                    leaving_text(leaving, days), lambda: self._spawn(self._save(dialog, before, typed))
                )
                return
        await self._save(dialog, before, typed)

    async def _save(self, dialog: SettingsDialog | Wizard, before: Form, typed: Form) -> None:
        settings = settings_of(typed, before, self._desk.settings)
        secrets = secrets_of(typed, self._secrets)
        try:
            await asyncio.to_thread(save_settings, self._directory, kept_part(settings))
            if (typed.api_key or typed.relay_token) and not typed.session_only:
                await asyncio.to_thread(_keep, Keys(settings.profile), typed)
        except (SettingsProblem, KeychainProblem) as problem:
            dialog.fail(problem.sentence)
            return
        except OSError as error:
            reason = error.strerror or type(error).__name__
            dialog.fail(tr("The settings could not be written ({reason}).", reason=reason))
            return
        self._secrets = secrets
        await self._desk.apply_settings(settings, secrets)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.apply(app, settings.theme)
        self.applied.emit(settings, secrets)
        dialog.accept()
        if settings.retention_days != before.retention_days:
            await self._desk.care.once()


def _keep(keys: Keys, typed: Form) -> None:
    """Keep what was typed, and leave what was not as it is."""
    kept = keys.load()
    keys.store(
        Secrets(api_key=typed.api_key or kept.api_key, relay_token=typed.relay_token or kept.relay_token)
    )


def form_of(settings: Settings) -> Form:
    """The settings as they stand in the dialog. Secrets are never put back into a field."""
    return Form(
        customer_id=settings.customer_id,
        auth=settings.auth,
        api_url=settings.api_url,
        proxy=NO_PROXY if settings.proxy == "" else settings.proxy or "",
        relay_url=settings.relay_url,
        poll_wait=round(settings.poll_wait),
        poll_interval=max(round(settings.poll_interval), 1),
        default_country=settings.default_country,
        undo_seconds=settings.undo_seconds,
        theme=settings.theme,
        language=settings.language,
        ca_file=settings.ca_file,
        retention_days=settings.retention_days,
        notifications=settings.notifications,
        notification_text=settings.notification_text,
        mask_numbers=settings.mask_numbers,
    )


def settings_of(form: Form, before: Form, settings: Settings) -> Settings:
    """``settings`` with what was changed in the dialog since it showed ``before``."""
    changed: dict[str, object] = {}
    for key in (
        "customer_id", "auth", "api_url", "relay_url", "poll_wait", "poll_interval",
        "default_country", "undo_seconds", "theme", "language", "ca_file", "retention_days",
        "notifications", "notification_text", "mask_numbers",
    ):  # fmt: skip
        value = getattr(form, key)
        if value != getattr(before, key):
            changed[key] = value
    if form.proxy != before.proxy:
        changed["proxy"] = {"": None, NO_PROXY: ""}.get(form.proxy.lower(), form.proxy)
    for key in ("poll_wait", "poll_interval"):
        if key in changed:
            changed[key] = float(getattr(form, key))
    return replace(settings, **changed)  # type: ignore[arg-type]


def secrets_of(form: Form, secrets: Secrets) -> Secrets:
    """``secrets`` with those that were typed."""
    return Secrets(
        api_key=form.api_key or secrets.api_key, relay_token=form.relay_token or secrets.relay_token
    )


def kept_part(settings: Settings) -> Settings:
    """The settings as they may be written: nothing that the sandbox decided."""
    if not settings.sandbox:
        return settings
    return replace(settings, overridden=settings.overridden | _SANDBOXED)


def overridden_of(settings: Settings, given: Secrets) -> dict[str, str]:
    """The fields that somebody else decides, with the sentence that says who."""
    notes = {key: locked_note() for key in sorted(settings.policy.locked)}
    if settings.sandbox:
        notes.update({key: overridden_note(key, sandbox=True) for key in (*sorted(_SANDBOXED), *_SECRETS)})
        return notes
    fields = {key for key in settings.overridden if key in VARIABLES}
    fields.update(key for key in _SECRETS if getattr(given, key))
    return notes | {key: overridden_note(key, sandbox=False) for key in sorted(fields)}
