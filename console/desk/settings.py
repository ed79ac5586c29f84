"""Settings of a profile: where they are kept, what the environment overrides, what may be in them.

One JSON file a profile. Secrets are not settings: they live in the keychain
(:mod:`console.desk.keychain`) or come from the environment, and are never written here.
"""

from __future__ import annotations

import json
import math
import os
import re
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

from console.cascade.words import tr
from console.telesign.addresses import check_proxy, check_url

DEFAULT_API_URL: Final = "https://rest-ww.telesign.com"
LONGEST_POLL: Final = 55.0
"""Seconds a relay holds a question (its own limit)."""
LONGEST_INTERVAL: Final = 3600.0
LONGEST_UNDO: Final = 60
_FILE: Final = "settings.json"
_PROFILE: Final = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]{0,62}[0-9A-Za-z])?", re.ASCII)
_CUSTOMER: Final = re.compile(r"[0-9A-Za-z_-]{0,64}", re.ASCII)

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
    overridden: frozenset[str] = frozenset()
    """The fields whose values come from the environment; they are not saved."""


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


def load_settings(directory: Path, profile: str, env: Mapping[str, str]) -> Settings:
    """The settings of ``profile`` in the data directory, with what the environment overrides.

    A file that cannot be read as settings is set aside as ``settings.json.corrupt-N`` and the
    defaults are used. A single value in it that cannot be used falls back to its default.

    Raises:
        SettingsProblem: for a value in the environment that cannot be used, or a file that the
            system does not let us read.
    """
    file = settings_file(directory, profile)
    values: dict[str, Any] = {}
    for name, told in _stored(file).items():
        if (check := _CHECKS.get(name)) is not None:
            try:
                values[name] = check(told)
            except ValueError:
                continue
    overridden = set()
    for variable, name in ENVIRONMENT.items():
        text = env.get(variable, "").strip()
        if not text:
            continue
        try:
            values[name] = _CHECKS[name](_parsed(name, text))
        except ValueError as error:
            raise SettingsProblem(
                tr("{variable} cannot be used: {reason}", variable=variable, reason=error)
            ) from None
        overridden.add(name)
    return replace(Settings(profile=profile, overridden=frozenset(overridden)), **values)


def save_settings(directory: Path, settings: Settings) -> None:
    """Write the settings whole or not at all. Keys this version does not know are kept.

    Fields that the environment overrides keep the value they have in the file.

    Raises:
        SettingsProblem: for a value that cannot be used.
        OSError: if the file cannot be written; then the old one is untouched.
    """
    file = settings_file(directory, settings.profile)
    told = _stored(file)
    for name, check in _CHECKS.items():
        if name not in settings.overridden:
            try:
                told[name] = check(getattr(settings, name))
            except ValueError as error:
                raise SettingsProblem(str(error)) from None
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


# -- one check a field; each gives the value to use or raises ValueError with one sentence ---------


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(tr("a text is wanted."))  # noqa: TRY004 - one kind of error for every check
    return value.strip()


def _customer_id(value: object) -> str:
    text = _text(value)
    if _CUSTOMER.fullmatch(text) is None:
        raise ValueError(tr("a customer id has Latin letters, digits and dashes only."))
    return text


def _relay_url(value: object) -> str:
    text = _text(value)
    return check_url(text) if text else ""


def _proxy(value: object) -> str | None:
    if value is None:
        return None
    text = _text(value)
    return check_proxy(text) if text else ""


def _country(value: object) -> str:
    text = _text(value).upper()
    if text and re.fullmatch(r"[A-Z]{2}", text) is None:
        raise ValueError(tr("a country is given by its two letters, such as US."))
    return text


def _one_of(*allowed: str) -> Callable[[object], str]:
    def check(value: object) -> str:
        text = _text(value).lower()
        if text not in allowed:
            raise ValueError(tr("it must be one of: {allowed}.", allowed=", ".join(allowed)))
        return text

    return check


def _between(least: float, most: float) -> Callable[[object], float]:
    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(tr("a number of seconds is wanted."))  # noqa: TRY004 - as above
        if not (math.isfinite(value) and least <= value <= most):
            raise ValueError(tr("it must be {least:g} to {most:g} seconds.", least=least, most=most))
        return float(value)

    return check


def _undo(value: object) -> int:
    return int(_between(0, LONGEST_UNDO)(value))


def _parsed(name: str, text: str) -> object:
    if name not in ("poll_wait", "poll_interval"):
        return text
    try:
        return float(text)
    except ValueError:
        raise ValueError(tr("a number of seconds is wanted.")) from None


_CHECKS: Final[dict[str, Callable[[object], object]]] = {
    "api_url": lambda value: check_url(_text(value)),
    "customer_id": _customer_id,
    "auth": _one_of("digest", "basic"),
    "relay_url": _relay_url,
    "poll_wait": _between(0, LONGEST_POLL),
    "poll_interval": _between(0.1, LONGEST_INTERVAL),
    "default_country": _country,
    "undo_seconds": _undo,
    "proxy": _proxy,
    "theme": _one_of("system", "light", "dark"),
}
"""Every field that is kept in the file."""

ENVIRONMENT: Final = {
    "CASCADE_API_URL": "api_url",
    "CASCADE_CUSTOMER_ID": "customer_id",
    "CASCADE_AUTH": "auth",
    "CASCADE_RELAY_URL": "relay_url",
    "CASCADE_POLL_WAIT": "poll_wait",
    "CASCADE_POLL_INTERVAL": "poll_interval",
    "CASCADE_DEFAULT_COUNTRY": "default_country",
}
"""Which variable overrides which field."""
