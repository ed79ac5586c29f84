"""From the painted window to the working desk: keys, sandbox, journal, network, and all that follows them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

from console.application import Application
from console.cascade.words import tr
from console.desk.settings import Secrets, Settings, secrets_from

if TYPE_CHECKING:
    from console.desk.desk import Desk

SANDBOX_SPEED: Final = 10.0
"""Provider seconds in one real second in ``cascade --sandbox``: five minutes pass in half of one."""
_STALL: Final = 0.05
"""Seconds the window may stand still before it is remembered where."""
_BEAT: Final = 0.25
"""Seconds between two looks: a desk that waits should wake up seldom."""


def help_out(application: Application) -> Callable[[], None]:
    """Fill the help menu and watch over stalls from now on; returns how to stop."""
    from console.ui.help_deeds import HelpDeeds
    from console.ui.watchdog import StallWatchdog, stall_text

    watchdog = StallWatchdog(threshold=_STALL, beat=_BEAT)
    helps = HelpDeeds(
        application.window,
        application.spawn,
        directory=application.directory,
        account=lambda: (application.settings, application.secrets),
        stalls=lambda: [stall_text(stall) for stall in watchdog.worst()],
    )
    helps.tell_failures(application.crashes)
    watchdog.start()
    return watchdog.stop


async def find_secrets(application: Application, environment: Mapping[str, str]) -> Secrets:
    """Keys from the environment, else from the keychain; the sandbox brings its own."""
    given = secrets_from(environment)
    settings = application.settings
    nothing_to_unlock = not (settings.customer_id or settings.relay_url)
    if settings.sandbox or nothing_to_unlock or (given.api_key and given.relay_token):
        return given
    from console.desk.keychain import Keychain, KeychainProblem

    def load() -> Secrets:
        return Keychain(application.settings.profile).load()

    try:
        kept = await asyncio.to_thread(load)
    except KeychainProblem as problem:
        if application.settings.customer_id and not given.api_key:
            application.window.notify(problem.sentence, "warning")
        return given
    return Secrets(api_key=given.api_key or kept.api_key, relay_token=given.relay_token or kept.relay_token)


async def begin(application: Application) -> None:
    """Open the desk and give it to the window and to all that waits for it."""
    from console.journal.errors import JournalProblem
    from console.ui.mask_toggle import add_toggle, apply_settings
    from console.ui.presence import Presence
    from console.ui.profile_deeds import ProfileDeeds
    from console.ui.settings_control import SettingsControl

    if application.settings.sandbox:
        await _start_sandbox(application)
    # httpx, phonenumbers and their like take their time to import: not on this thread.
    module = await asyncio.to_thread(import_module, "console.desk.desk")
    await asyncio.to_thread(_warm_up)
    if application.settings.customer_id or application.settings.relay_url:
        from console.desk.connections import load_network

        await load_network()
    desk: Desk = module.Desk(application.settings, application.secrets, directory=application.directory)
    try:
        await desk.start()
    except JournalProblem as problem:
        application.window.notify(problem.sentence, "bad")
        return
    application.desk = desk
    application.window.attach(desk)
    application.leaving.attach(desk)
    application.presence = Presence(application.window, desk)
    application.spawn(desk.care.run())
    application.spawn(desk.adviser.run())
    if application.settings.update_url and not application.settings.sandbox:
        application.spawn(_tell_of_updates(application))
    for notice in (*desk.status.notices, *application.settings.policy.problems):
        application.window.notify(notice, "warning")
    control = SettingsControl(
        application.spawn,
        desk,
        directory=application.root,
        secrets=application.secrets,
        given=application.given,
        window=application.window,
    )
    toggle = add_toggle(application.window, application.settings)
    control.applied.connect(lambda settings, _: apply_settings(toggle, settings))
    control.applied.connect(partial(_use, application))
    application.window.settings_wanted.connect(control.open)
    application.window.timeline.settings_wanted.connect(control.open)
    for offer in (application.window.timeline.sandbox_wanted, control.sandbox_wanted):
        offer.connect(lambda: _to_sandbox(application))
    ProfileDeeds(
        application.window,
        application.spawn,
        root=application.root,
        current=application.settings.profile,
        sandbox=application.settings.sandbox,
        control=control,
    )


def _use(application: Application, settings: Settings, secrets: Secrets) -> None:
    """These are in use from now on."""
    application.settings, application.secrets = settings, secrets


async def _tell_of_updates(application: Application) -> None:
    """Where the administrator named an address: one sentence when there is a newer version."""
    from console.desk.updates import EVERY, newer_version

    while True:
        if sentence := await newer_version(application.settings):
            application.window.notify(sentence, "active")
        await asyncio.sleep(EVERY)


def _warm_up() -> None:
    """What the first number and the first text would otherwise wait for."""
    from console.cascade.recipient import format_as_typed, parse_recipient
    from console.cascade.viber import count_viber

    parse_recipient("+12015550123", None)
    format_as_typed("+1201555", None)
    count_viber("é")


async def _start_sandbox(application: Application) -> None:
    from console.sandbox.embedded import Sandbox

    sandbox = Sandbox(application.directory, speed=SANDBOX_SPEED)
    sandbox.start()
    await asyncio.wrap_future(sandbox.ready)
    application.sandbox = sandbox
    application.settings = replace(
        application.settings,
        api_url=sandbox.api_url,
        relay_url=sandbox.relay_url,
        customer_id=sandbox.customer_id,
        auth="digest",
        proxy="",
    )
    application.secrets = Secrets(api_key=sandbox.api_key, relay_token=sandbox.relay_token)


def _to_sandbox(application: Application) -> None:
    """Open the sandbox in a process of its own, and make room for it."""
    from console.ui.starting import start

    if start("--sandbox", "--data-dir", str(application.root)):
        application.closed.set()
    else:
        application.window.notify(
            tr("The sandbox could not be started. Run “cascade --sandbox” instead."), "bad"
        )
