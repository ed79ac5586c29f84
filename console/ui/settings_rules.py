"""The rules of the settings dialog as plain functions."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final
from urllib.parse import urlsplit

from console.cascade.words import tr

VARIABLES: Final[Mapping[str, str]] = {
    "api_url": "CASCADE_API_URL",
    "customer_id": "CASCADE_CUSTOMER_ID",
    "api_key": "CASCADE_API_KEY",
    "auth": "CASCADE_AUTH",
    "relay_url": "CASCADE_RELAY_URL",
    "relay_token": "CASCADE_RELAY_TOKEN",
    "poll_wait": "CASCADE_POLL_WAIT",
    "poll_interval": "CASCADE_POLL_INTERVAL",
    "default_country": "CASCADE_DEFAULT_COUNTRY",
}
"""The environment variable that outweighs each field."""

POLL_WAIT_MAX: Final = 55
"""Seconds the relay holds a poll at most."""
UNDO_MAX: Final = 10
RETENTION_MAX: Final = 3650
NO_PROXY: Final = "none"
"""Typed as a proxy: use none, whatever the system says."""
POLL_INTERVAL_MAX: Final = 3600

_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_COUNTRY: Final = re.compile(r"[A-Za-z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """What stands in the dialog's fields, as typed."""

    customer_id: str = ""
    api_key: str = ""
    auth: str = "digest"
    api_url: str = ""
    proxy: str = ""
    relay_url: str = ""
    relay_token: str = ""
    poll_wait: int = 25
    poll_interval: int = 5
    default_country: str = ""
    undo_seconds: int = 0
    theme: str = "system"
    language: str = "system"
    ca_file: str = ""
    retention_days: int = 0
    notifications: bool = True
    notification_text: bool = False
    mask_numbers: bool = False
    session_only: bool = False
    """Where there is no keychain: the agent accepts that typed keys are forgotten at the end."""


@dataclass(frozen=True, slots=True)
class Keychain:
    """Where keys can be kept."""

    available: bool
    sentence: str
    """What it is, or why there is none."""


def keychain_notice(keychain: Keychain) -> tuple[str, str]:
    """What to say about keeping keys, and its tone."""
    if keychain.available:
        return keychain.sentence, "good"
    choice = tr(
        "Keys are never written to a plain file. Choose: keys typed here last until Cascade is closed, "
        "or an administrator sets {key} and {token} in the environment.",
        key=VARIABLES["api_key"],
        token=VARIABLES["relay_token"],
    )
    return f"{keychain.sentence} {choice}", "warning"


@dataclass(frozen=True, slots=True)
class Stored:
    """Which secrets are there already, so that an empty field keeps them."""

    api_key: bool = False
    relay_token: bool = False


@dataclass(frozen=True, slots=True)
class FormProblem:
    """What is wrong with a field, in one sentence."""

    field: str
    text: str
    page: str


def problems(form: Form, stored: Stored, keychain: Keychain) -> tuple[FormProblem, ...]:
    """Everything that keeps the form from being saved. Empty account and relay are allowed."""
    found: list[FormProblem] = []

    def add(field: str, text: str, page: str) -> None:
        if text:
            found.append(FormProblem(field, text, page))

    add("customer_id", _customer_problem(form), "account")
    add("api_key", _key_problem(form, stored), "account")
    if (form.api_key or form.relay_token) and not keychain.available and not form.session_only:
        add("session_only", tr("Say that the keys may be forgotten when Cascade is closed."), "account")
    add("api_url", url_problem(form.api_url, needed=True), "account")
    add("proxy", proxy_problem(form.proxy), "account")
    add("ca_file", path_problem(form.ca_file), "account")
    add("relay_url", url_problem(form.relay_url, needed=False), "relay")
    if form.relay_url.strip() and not form.relay_token.strip() and not stored.relay_token:
        add("relay_token", tr("The relay wants a token: ask whoever runs it."), "relay")
    if form.default_country.strip() and not _COUNTRY.fullmatch(form.default_country.strip()):
        add("default_country", tr("Two letters, such as RS or GB."), "general")
    return tuple(found)


def _customer_problem(form: Form) -> str:
    customer = form.customer_id.strip()
    if not customer and form.api_key.strip():
        return tr("The customer id that belongs to the key is missing.")
    if any(char.isspace() for char in customer) or ":" in customer:
        return tr("A customer id has neither spaces nor colons.")
    return ""


def _key_problem(form: Form, stored: Stored) -> str:
    key = form.api_key.strip()
    if key and (not _BASE64.fullmatch(key) or len(key) % 4):
        return tr("This is not a whole API key: copy it again from Telesign's portal.")
    if form.customer_id.strip() and not key and not stored.api_key:
        return tr("The API key is missing.")
    return ""


def url_problem(text: str, *, needed: bool) -> str:
    """What is wrong with a base URL; empty if nothing is. Plain ``http`` only on this computer."""
    text = text.strip()
    if not text:
        return tr("An address is needed here.") if needed else ""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return tr("This is not an address.")
    if parts.scheme not in ("http", "https") or not host:
        return tr("An address begins with https://")
    if parts.username or parts.password:
        return tr("Leave user and password out of the address.")
    if parts.scheme == "http" and not is_loopback(host):
        return tr("Only https:// is allowed, except on this computer.")
    return ""


def proxy_problem(text: str) -> str:
    """What is wrong with a proxy's URL; empty if nothing is."""
    text = text.strip()
    if not text or text.lower() == NO_PROXY:
        return ""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return tr("This is not an address.")
    if parts.scheme not in ("http", "https") or not host:
        return tr("A proxy's address begins with http:// or https://")
    return ""


def path_problem(text: str) -> str:
    """What is wrong with the path of a file on this computer; empty if nothing is."""
    text = text.strip()
    if text and ("\0" in text or not PurePath(text).is_absolute()):
        return tr("Give the whole path, from the root of the disk.")
    return ""


def is_loopback(host: str) -> bool:
    """Whether a host is this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def overridden_note(field: str, *, sandbox: bool) -> str:
    """What stands under a field that the environment or the sandbox decides."""
    if sandbox:
        return tr("In the sandbox, the sandbox decides this.")
    return tr("Set by {variable} in the environment; change it there.", variable=VARIABLES.get(field, field))


def locked_note() -> str:
    """What stands under a field that the administrator's policy decides."""
    return tr("Decided by your administrator for this computer.")


def undo_text(seconds: int) -> str:
    """What an undo window means."""
    if seconds == 0:
        return tr("A message leaves at once.")
    return tr("A message waits {n} s before it leaves, so that you can take it back.", n=seconds)
