"""What a relay is told before it starts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from platformdirs import user_data_dir

from console.telesign.signing import AccountKey, BadKey

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8787
MAX_BODY_BYTES: Final = 64 * 1024
MAX_DAYS: Final = 36500
_SQLITE: Final = "sqlite:///"
_POSTGRESQL: Final = ("postgresql://", "postgres://")


class ConfigError(ValueError):
    """A setting that cannot be used; the text says which and why, and never shows a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayConfig:
    """The settings of one relay. Keys and tokens never show in ``repr``.

    Times are in seconds.
    """

    database: str = field(repr=False)
    """``sqlite:///…`` or ``postgresql://…``, which may hold a password."""
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    """0 takes any free port."""
    keys: tuple[AccountKey, ...] = ()
    tokens: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """Tokens by name, beside those kept in the database."""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    max_body: int = MAX_BODY_BYTES
    head_seconds: float = 10.0
    """How long the line and headers of a request may take to arrive."""
    body_seconds: float = 10.0
    """How long a whole body may take to arrive."""
    write_seconds: float = 30.0
    """How long a client may leave an answer unread."""
    max_connections: int = 16_000
    max_readers: int = 12_000
    """Requests for events that one token may have open at once."""
    read_rate: float = 1000.0
    """Requests for events a second that one token may make, beyond a burst of two for each reader."""
    retention_days: int | None = None
    """Events older than this are removed; ``None`` keeps them for ever."""
    stop_seconds: int = 5
    """How long requests in progress may take when the relay stops."""


def default_database() -> str:
    """The SQLite file in the platform's data directory, as a URL."""
    return f"{_SQLITE}{(Path(user_data_dir('cascade-relay')) / 'relay.db').as_posix()}"


def from_environment(env: Mapping[str, str]) -> RelayConfig:
    """Settings from ``CASCADE_RELAY_…`` variables.

    Raises:
        ConfigError: a variable cannot be used.
    """
    config = RelayConfig(
        database=env.get("CASCADE_RELAY_DATABASE", "").strip() or default_database(),
        host=env.get("CASCADE_RELAY_HOST", "").strip() or DEFAULT_HOST,
        port=parse_port(env.get("CASCADE_RELAY_PORT", "").strip() or str(DEFAULT_PORT)),
        keys=_keys(env.get("CASCADE_RELAY_KEYS", "")),
        tokens=_tokens(env.get("CASCADE_RELAY_TOKENS", "")),
        retention_days=_days(env.get("CASCADE_RELAY_RETENTION_DAYS", "").strip()),
    )
    if not is_postgresql(config.database):
        sqlite_path(config.database)
    return config


def _days(text: str) -> int | None:
    if text and not (text.isascii() and text.isdigit() and 1 <= int(text) <= MAX_DAYS):
        raise ConfigError(f"CASCADE_RELAY_RETENTION_DAYS must be a number from 1 to {MAX_DAYS}")
    return int(text) if text else None


def parse_port(text: str) -> int:
    """A TCP port, 0 to 65535.

    Raises:
        ConfigError: it is none.
    """
    if not (text.isascii() and text.isdigit() and int(text) <= 65535):
        raise ConfigError("CASCADE_RELAY_PORT must be a number from 0 to 65535")
    return int(text)


def is_postgresql(database: str) -> bool:
    """Whether the URL names a PostgreSQL database."""
    return database.startswith(_POSTGRESQL)


def sqlite_path(database: str) -> Path:
    """The file that a ``sqlite:///`` URL names.

    Raises:
        ConfigError: the URL names no SQLite file.
    """
    path = database.removeprefix(_SQLITE)
    if path == database or not path or path == ":memory:":
        raise ConfigError(
            "CASCADE_RELAY_DATABASE must name a file or a PostgreSQL database:"
            " sqlite:////var/lib/cascade/relay.db or postgresql://user:password@host/name"
        )
    return Path(path)


def _pairs(variable: str, text: str) -> list[tuple[str, str]]:
    pairs = []
    for place, part in enumerate((part.strip() for part in text.split(",")), start=1):
        if not part:
            continue
        name, colon, secret = part.partition(":")
        if not (colon and name.strip() and secret.strip()):
            raise ConfigError(f"{variable}: entry {place} is not of the form NAME:SECRET")
        pairs.append((name.strip(), secret.strip()))
    return pairs


def _keys(text: str) -> tuple[AccountKey, ...]:
    keys = []
    for customer_id, api_key in _pairs("CASCADE_RELAY_KEYS", text):
        try:
            keys.append(AccountKey(customer_id, api_key))
        except BadKey as error:
            raise ConfigError(f"CASCADE_RELAY_KEYS: {customer_id}: {error}") from error
    return tuple(keys)


def _tokens(text: str) -> Mapping[str, str]:
    pairs = _pairs("CASCADE_RELAY_TOKENS", text)
    if len({name for name, _ in pairs}) != len(pairs):
        raise ConfigError("CASCADE_RELAY_TOKENS: a name is given twice")
    return MappingProxyType(dict(pairs))
