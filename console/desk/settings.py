"""Settings of a profile: where they are kept, what the environment overrides, what may be in them.

One JSON file a profile. Secrets are not settings: they live in the keychain
(:mod:`console.desk.keychain`) or come from the environment, and are never written here.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from console.cascade.words import tr
from console.desk.policy_file import NO_POLICY, Policy, read_policy
from console.desk.settings_checks import CHECKS

DEFAULT_API_URL: Final = "https://rest-ww.telesign.com"
_FILE: Final = "settings.json"
_PROFILE: Final = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]{0,62}[0-9A-Za-z])?", re.ASCII)

Auth = Literal["digest", "basic"]
Theme = Literal["system", "light", "dark"]


class SettingsProblem(ValueError):  # noqa: N818 - a state of the world, not a bug
    """A setting that cannot be used. Its text, also ``sentence``, is one sentence for a person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one profile works with; everything but the secrets."""

    profile: str = "default"
    api_url: str = DEFAULT_API_URL
    customer_id: str = ""
    auth: Auth = "digest"
    relay_url: str = ""
    """Empty: no relay; then only asking Telesign tells what happened."""
    poll_wait: float = 25.0
    """Seconds one question to the relay may be held, 0–55; 0 asks every ``poll_interval``."""
    poll_interval: float = 5.0
    """Seconds between questions when they are not held, 0.1–3600."""
    default_country: str = ""
    """ISO 3166 code of numbers typed without one, upper case; empty: none."""
    undo_seconds: int = 0
    """Seconds in which a message can be taken back, 0–60."""
    proxy: str | None = None
    """An address; ``None`` for the system's settings, ``""`` for none."""
    theme: Theme = "system"
    sandbox: bool = False
    time_scale: float = 1.0
    """Provider seconds in one real second; not 1 only in the sandbox."""
    retention_days: int = 0
    """Days a message stays in this desk's journal once it is settled; 0: for ever."""
    notifications: bool = True
    notification_text: bool = False
    """Whether a notification shows what the customer wrote, or only that there is an answer."""
    mask_numbers: bool = False
    """Whether numbers are shown shortened, for sharing the screen."""
    language: str = "system"
    """``system`` or the code of a catalogue."""
    ca_file: str = ""
    """Certificates trusted besides the system's own, as a PEM file; empty: none."""
    update_url: str = ""
    """Where to ask for the newest version's number; empty: nobody is asked."""
    overridden: frozenset[str] = frozenset()
    """The fields whose values come from the environment; they are not saved."""
    policy: Policy = NO_POLICY
    """What the administrator decided; its locked fields outweigh everything and are not saved."""

    @property
    def decided(self) -> frozenset[str]:
        """The fields that cannot be changed here."""
        return self.overridden | self.policy.locked.keys()


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What must never be shown, logged or written to a file."""

    api_key: str = field(default="", repr=False)
    relay_token: str = field(default="", repr=False)


def data_dir(given: Path | None, env: Mapping[str, str]) -> Path:
    """Where everything is kept: ``given``, else ``CASCADE_DATA_DIR``, else the platform's own place."""
    if given is not None:
        return given.expanduser().absolute()
    if named := env.get("CASCADE_DATA_DIR", ""):
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path  # noqa: PLC0415 - not needed when the place is given

    return user_data_path("cascade", appauthor=False)


def journal_dir(directory: Path, profile: str, sandbox: bool) -> Path:
    """Where a profile's journal is; the sandbox has its own, so that no practice mixes with the real.

    Raises:
        SettingsProblem: if ``profile`` is no name of a profile.
    """
    return directory / ("sandbox" if sandbox else "profiles") / check_profile(profile)


def settings_file(directory: Path, profile: str) -> Path:
    """The file of a profile's settings.

    Raises:
        SettingsProblem: if ``profile`` is no name of a profile.
    """
    return journal_dir(directory, profile, sandbox=False) / _FILE


def check_profile(name: str) -> str:
    """``name``, if it can be the name of a profile (and so of a directory, on every system).

    Raises:
        SettingsProblem: if not.
    """
    if _PROFILE.fullmatch(name) is None:
        raise SettingsProblem(
            tr("A profile is named with up to 64 Latin letters, digits, dots, dashes and underscores.")
        )
    return name


def load_settings(
    directory: Path, profile: str, env: Mapping[str, str], policy: Policy | None = None
) -> Settings:
    """The settings of ``profile`` in the data directory, with what the environment overrides.

    In order of weight: what ``policy`` locks, the environment, the file, the policy's defaults, ours.
    Without a ``policy`` this computer's is read.

    A file that cannot be read as settings is set aside as ``settings.json.corrupt-N`` and the
    defaults are used. A single value in it that cannot be used falls back to its default.

    Raises:
        SettingsProblem: for a value in the environment that cannot be used, or a file that the
            system does not let us read.
    """
    file = settings_file(directory, profile)
    policy = read_policy(env) if policy is None else policy
    values: dict[str, Any] = dict(policy.defaults)
    for name, told in _stored(file).items():
        if (check := CHECKS.get(name)) is not None:
            try:
                values[name] = check(told)
            except ValueError:
                continue
    overridden = set()
    locked = policy.locked
    for variable, name in ENVIRONMENT.items():
        text = env.get(variable, "").strip()
        if not text or name in locked:
            continue
        try:
            values[name] = CHECKS[name](_parsed(name, text))
        except ValueError as error:
            raise SettingsProblem(
                tr("{variable} cannot be used: {reason}", variable=variable, reason=error)
            ) from None
        overridden.add(name)
    values.update(locked)
    return replace(Settings(profile=profile, overridden=frozenset(overridden), policy=policy), **values)


def save_settings(directory: Path, settings: Settings) -> None:
    """Write the settings whole or not at all. Keys this version does not know are kept.

    Fields that the environment or a policy decides keep the value they have in the file.

    Raises:
        SettingsProblem: for a value that cannot be used.
        OSError: if the file cannot be written; then the old one is untouched.
    """
    file = settings_file(directory, settings.profile)
    told = _stored(file)
    for name, check in CHECKS.items():
        if name in settings.decided:
            continue
        try:
            value = check(getattr(settings, name))
        except ValueError as error:
            raise SettingsProblem(str(error)) from None
        # What was never chosen stays unwritten, so that an administrator's default reaches it.
        if name in told or value != settings.policy.defaults.get(name, getattr(_OURS, name)):
            told[name] = value
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(prefix=f".{_FILE}.", dir=file.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(told, out, indent=2, ensure_ascii=False)
            out.write("\n")
            out.flush()
            os.fsync(out.fileno())
        Path(temporary).replace(file)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def secrets_from(env: Mapping[str, str]) -> Secrets:
    """The secrets the environment gives; empty where it gives none."""
    return Secrets(
        api_key=env.get("CASCADE_API_KEY", "").strip(),
        relay_token=env.get("CASCADE_RELAY_TOKEN", "").strip(),
    )


def _stored(file: Path) -> dict[str, Any]:
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise SettingsProblem(
            tr("The settings file cannot be read ({reason}).", reason=error.strerror or error)
        ) from None
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        told = None
    if isinstance(told, dict):
        return told
    _set_aside(file)
    return {}


def _set_aside(file: Path) -> None:
    number = 1
    while (aside := file.with_name(f"{file.name}.corrupt-{number}")).exists():
        number += 1
    try:
        file.replace(aside)
    except OSError as error:
        raise SettingsProblem(
            tr("The damaged settings file cannot be set aside ({reason}).", reason=error.strerror or error)
        ) from None


def _parsed(name: str, text: str) -> object:
    if name not in ("poll_wait", "poll_interval"):
        return text
    try:
        return float(text)
    except ValueError:
        raise ValueError(tr("a number of seconds is wanted.")) from None


_OURS: Final = Settings()

ENVIRONMENT: Final = {
    "CASCADE_API_URL": "api_url",
    "CASCADE_CUSTOMER_ID": "customer_id",
    "CASCADE_AUTH": "auth",
    "CASCADE_RELAY_URL": "relay_url",
    "CASCADE_POLL_WAIT": "poll_wait",
    "CASCADE_POLL_INTERVAL": "poll_interval",
    "CASCADE_DEFAULT_COUNTRY": "default_country",
    "CASCADE_LANGUAGE": "language",
    "CASCADE_UPDATE_URL": "update_url",
}
"""Which variable overrides which field."""
