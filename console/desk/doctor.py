"""``cascade doctor``: everything sending needs, checked without sending anything."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from console.cascade.formats import moment_figures
from console.cascade.speech import duration_text
from console.cascade.words import tr
from console.desk.checks import check_account, check_relay
from console.desk.cli_common import USAGE, complain, journal_place, place, say, say_json, secrets_for
from console.desk.diagnostics import Evidence, write_bundle
from console.desk.keychain import Keychain
from console.desk.policy_file import Policy
from console.desk.settings import Secrets, Settings, SettingsProblem, secrets_from
from console.desk.values import CheckResult
from console.journal.backups import copies, look_at
from console.journal.opening import FILE, suspect_file
from console.telesign.addresses import BadUrl
from console.telesign.client import TelesignClient
from console.telesign.events import RelayClient
from console.telesign.signing import AccountKey, BadKey

TROUBLE: Final = 1
_TOLERATED: Final = timedelta(seconds=30)
_FONT_FILES: Final = (".ttf", ".otf", ".ttc", ".pfb")


def run(options: argparse.Namespace) -> int:
    """Check, and say one line each. Returns 0 if all is well, 1 if not, 2 for unusable settings."""
    try:
        root, settings = place(options)
    except SettingsProblem as problem:
        complain(problem.sentence)
        return USAGE
    secrets, _ = secrets_for(settings, os.environ)
    directory = journal_place(options, root)
    results = asyncio.run(examine(settings, secrets, directory, os.environ))
    for name, result in results.items():
        if options.json:
            say_json({"check": name, "ok": result.ok, "sentence": result.sentence, "remedy": result.remedy})
        else:
            sign = tr("ok") if result.ok else tr("PROBLEM")
            say(f"{name}: {sign}: {result.sentence} {result.remedy}".rstrip())
    if options.bundle is not None:
        try:
            write_bundle(
                options.bundle,
                Evidence(settings=settings, secrets=secrets, directory=directory, checks=results),
            )
        except OSError as error:
            complain(
                tr("The file for support could not be written ({reason}).", reason=error.strerror or error)
            )
            return USAGE
    return 0 if all(result.ok for result in results.values()) else TROUBLE


async def examine(
    settings: Settings, secrets: Secrets, directory: Path, env: Mapping[str, str]
) -> dict[str, CheckResult]:
    """Every check by its name. ``directory`` is the profile's folder."""
    keychain, journal, fonts, servers = await asyncio.gather(
        asyncio.to_thread(keychain_result, settings.profile, secrets_from(env), settings),
        asyncio.to_thread(journal_result, directory),
        asyncio.to_thread(fonts_result, sys.platform, _font_places(env)),
        _servers(settings, secrets),
    )
    return {
        "keychain": keychain,
        **servers,
        "display": display_result(sys.platform, env),
        "fonts": fonts,
        "journal": journal,
        "policy": policy_result(settings.policy),
    }


def journal_result(directory: Path) -> CheckResult:
    """Whether the journal is whole, and how old its newest copy is."""
    path = directory / FILE
    if not path.exists():
        return CheckResult(ok=True, sentence=tr("There is no journal yet; it begins with the first start."))
    made = copies(directory)
    copied = (
        tr("The newest copy is of {moment} UTC.", moment=moment_figures(made[0].made_at))
        if made
        else tr("There is no copy of it yet.")
    )
    try:
        wrong = look_at(path)
    except OSError as error:
        wrong = error.strerror or str(error)
    if wrong is None:
        return CheckResult(ok=True, sentence=tr("The journal is whole.") + " " + copied)
    suspect_file(directory)
    return CheckResult(
        ok=False,
        sentence=tr("The journal is damaged ({reason}).", reason=wrong) + " " + copied,
        remedy=tr("Close Cascade and open it again: the damaged file is set aside, never deleted."),
    )


def keychain_result(profile: str, given: Secrets, settings: Settings) -> CheckResult:
    """Whether keys can be kept; without a keychain, whether the environment gives them."""
    state = Keychain(profile).state()
    if state.kind == "ready":
        return CheckResult(ok=True, sentence=state.sentence)
    if given.api_key and (given.relay_token or not settings.relay_url):
        return CheckResult(
            ok=True, sentence=state.sentence + " " + tr("The environment gives the keys instead.")
        )
    remedy = tr("Start the system's keychain, or set CASCADE_API_KEY and CASCADE_RELAY_TOKEN.")
    return CheckResult(ok=False, sentence=state.sentence, remedy=remedy)


async def _servers(settings: Settings, secrets: Secrets) -> dict[str, CheckResult]:
    account, relay, ahead = await asyncio.gather(
        check_account(settings, secrets, _now), check_relay(settings, secrets, _now), _skew(settings, secrets)
    )
    return {"account": account, "relay": relay, "clock": clock_result(ahead)}


def _now() -> datetime:
    return datetime.now(UTC)


async def _skew(settings: Settings, secrets: Secrets) -> timedelta | None:
    """How far the servers' clocks are ahead of ours; Telesign's counts before the relay's."""
    try:
        key = AccountKey(settings.customer_id, secrets.api_key)
        client = TelesignClient(
            settings.api_url, key, auth=settings.auth, proxy=settings.proxy, ca_file=settings.ca_file
        )
        try:
            await client.query("0" * 32)
        finally:
            await client.aclose()
        if client.server_skew is not None:
            return client.server_skew
    except (BadKey, BadUrl):
        pass  # the check of the account says so
    try:
        relay = RelayClient(
            settings.relay_url, secrets.relay_token, proxy=settings.proxy, ca_file=settings.ca_file
        )
        try:
            await relay.health()
        finally:
            await relay.aclose()
    except BadUrl:
        return None
    return relay.server_skew


def clock_result(ahead: timedelta | None) -> CheckResult:
    """Whether this computer's clock agrees with the servers'."""
    if ahead is None:
        return CheckResult(
            ok=False,
            sentence=tr("The clock could not be compared, because no server answered."),
            remedy=tr("Settle the account or the relay first."),
        )
    apart = duration_text(abs(ahead))
    if abs(ahead) <= _TOLERATED:
        return CheckResult(
            ok=True, sentence=tr("The clock agrees with the servers' to {apart}.", apart=apart)
        )
    sentence = (
        tr("This computer's clock is {apart} behind.", apart=apart)
        if ahead > timedelta(0)
        else tr("This computer's clock is {apart} ahead.", apart=apart)
    )
    return CheckResult(
        ok=False, sentence=sentence, remedy=tr("Let the system set its clock by network time.")
    )


def display_result(platform: str, env: Mapping[str, str]) -> CheckResult:
    """Whether a window can be shown."""
    if find_spec("PySide6") is None:
        return CheckResult(
            ok=False,
            sentence=tr("The window's library (PySide6) is not installed."),
            remedy=tr("Install cascade-console[console]."),
        )
    chosen = env.get("QT_QPA_PLATFORM", "")
    if platform in ("win32", "darwin") or env.get("DISPLAY") or env.get("WAYLAND_DISPLAY") or chosen:
        return CheckResult(ok=True, sentence=tr("There is a display."))
    return CheckResult(
        ok=False,
        sentence=tr("There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set."),
        remedy=tr("Start the console from a desktop session."),
    )


def policy_result(policy: Policy) -> CheckResult:
    """Whether everything in the administrator's policy file can be used."""
    if policy.path is None:
        return CheckResult(ok=True, sentence=tr("No policy file decides anything on this computer."))
    if policy.problems:
        return CheckResult(
            ok=False,
            sentence=" ".join(policy.problems),
            remedy=tr("The administrator corrects {path}.", path=str(policy.path)),
        )
    return CheckResult(
        ok=True,
        sentence=tr(
            "The policy file {path} locks {locked} settings and gives defaults for {given}.",
            path=str(policy.path),
            locked=len(policy.locked),
            given=len(policy.defaults),
        ),
    )


def _font_places(env: Mapping[str, str]) -> list[Path]:
    home = Path(env.get("HOME", "/"))
    data = env.get("XDG_DATA_HOME") or str(home / ".local/share")
    shared = (env.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    return [Path(data) / "fonts", home / ".fonts", *(Path(each) / "fonts" for each in shared)]


def fonts_result(platform: str, places: Sequence[Path]) -> CheckResult:
    """Whether there are fonts, for letters and for emoji."""
    if platform in ("win32", "darwin"):
        return CheckResult(ok=True, sentence=tr("The system has fonts."))
    names = [
        file.name.lower()
        for place_ in places
        if place_.is_dir()
        for file in place_.rglob("*")
        if file.suffix.lower() in _FONT_FILES
    ]
    if not names:
        return CheckResult(
            ok=False,
            sentence=tr("No fonts are installed, so the window would show no letters."),
            remedy=tr("Install fonts, such as the packages fonts-dejavu-core and fonts-noto-color-emoji."),
        )
    if not any("emoji" in name for name in names):
        return CheckResult(
            ok=False,
            sentence=tr("No emoji font is installed, so previews show boxes for emoji."),
            remedy=tr("Install one, such as the package fonts-noto-color-emoji."),
        )
    return CheckResult(ok=True, sentence=tr("There are fonts for letters and emoji."))
