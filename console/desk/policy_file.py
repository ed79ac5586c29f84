"""What an administrator decides for every desk of a computer: the policy file.

A TOML file with two tables of settings, named as in a profile's ``settings.json``::

    [defaults]               # for profiles in which nobody chose otherwise
    relay_url = "https://relay.example.com"

    [locked]                 # for every profile; shown, but not to be changed
    retention_days = 90

It stands at ``/etc/cascade/policy.toml`` (Linux), ``/Library/Application Support/Cascade/policy.toml``
(macOS) or ``%ProgramData%\\Cascade\\policy.toml`` (Windows). Where no such file is, ``CASCADE_POLICY``
may name one; it cannot replace the system's, for anybody can set a variable. Secrets have no place
in it: a file that every user can read is no place for a key.
"""

from __future__ import annotations

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from console.cascade.words import tr
from console.desk.files import read_bounded
from console.desk.settings_checks import CHECKS

LARGEST: Final = 65536
"""Bytes; a larger file is none of ours."""
_SECRETS: Final = ("api_key", "relay_token")
_TABLES: Final = ("defaults", "locked")
_NONE: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Policy:
    """What was read. Every value in it passed its check; what did not is in ``problems``."""

    path: Path | None = None
    """The file; ``None`` where there is none."""
    defaults: Mapping[str, object] = field(default_factory=lambda: _NONE, hash=False)
    locked: Mapping[str, object] = field(default_factory=lambda: _NONE, hash=False)
    problems: tuple[str, ...] = ()
    """What in the file cannot be used, one sentence each; never a value, for it may be a secret."""


NO_POLICY: Final = Policy()


def policy_path(env: Mapping[str, str], platform: str = sys.platform) -> Path:
    """Where this system's policy file belongs, whether there is one or not."""
    if platform == "win32":
        return Path(env.get("PROGRAMDATA") or r"C:\ProgramData") / "Cascade" / "policy.toml"
    if platform == "darwin":
        return Path("/Library/Application Support/Cascade/policy.toml")
    return Path("/etc/cascade/policy.toml")


def read_policy(env: Mapping[str, str], system: Path | None = None) -> Policy:
    """The policy of this computer. Never raises: what cannot be used is told in ``problems``.

    ``system`` is where to look first instead of :func:`policy_path`.
    """
    path = policy_path(env) if system is None else system
    if not os.path.lexists(path):
        named = env.get("CASCADE_POLICY", "").strip()
        if not named:
            return NO_POLICY
        path = Path(named)
    try:
        raw = read_bounded(path, LARGEST)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Policy(path, problems=(tr("The policy file cannot be read ({reason}).", reason=reason),))
    if len(raw) > LARGEST:
        return Policy(path, problems=(tr("The policy file is larger than a policy can be."),))
    try:
        told = tomllib.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return Policy(path, problems=(tr("The policy file is not TOML in UTF-8."),))
    return _policy_of(path, told)


def _policy_of(path: Path, told: Mapping[str, object]) -> Policy:
    problems = [
        tr("“{key}” in the policy file is neither “defaults” nor “locked”.", key=_shown(key))
        for key in told
        if key not in _TABLES
    ]
    defaults = _checked("defaults", told.get("defaults", {}), problems)
    locked = _checked("locked", told.get("locked", {}), problems)
    return Policy(path, MappingProxyType(defaults), MappingProxyType(locked), tuple(problems))


def _checked(table: str, told: object, problems: list[str]) -> dict[str, object]:
    if not isinstance(told, dict):
        problems.append(tr("“{key}” in the policy file must be a table.", key=table))
        return {}
    good: dict[str, object] = {}
    for key, value in told.items():
        if key in _SECRETS:
            problems.append(
                tr("“{key}” does not belong in a policy file; use the keychain.", key=f"{table}.{key}")
            )
        elif (check := CHECKS.get(key)) is None:
            problems.append(tr("“{key}” in the policy file is no setting.", key=f"{table}.{_shown(key)}"))
        else:
            try:
                good[key] = check(value)
            except ValueError as error:
                problems.append(
                    tr("“{key}” in the policy file: {reason}", key=f"{table}.{key}", reason=error)
                )
    return good


def _shown(key: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in key)[:40]
