"""Which addresses of an API, a relay or a proxy may be used. Needs no HTTP library."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from console.cascade.words import tr

_PLAIN: Final = re.compile(r"[\x21-\x7e]+")
_HOST: Final = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z._-]*[0-9A-Za-z])?\.?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
_PATH: Final = re.compile(r"(?:/[0-9A-Za-z._~-]+)*")
_PROXY_SCHEMES: Final = ("http", "https")


class BadUrl(ValueError):  # noqa: N818 - the field says "bad address"
    """An address that must not be used. Its text is one sentence for a person."""


def check_url(url: str) -> str:
    """The address of an API or a relay, tidied: no white space around it, no slash at its end.

    ``https://`` anywhere, ``http://`` on this very machine only (``localhost``, 127.0.0.0/8, ``::1``),
    because credentials and texts travel over it.

    Raises:
        BadUrl: for anything else, with the reason.
    """
    tidy = url.strip().rstrip("/")
    if not tidy:
        raise BadUrl(tr("The address is missing."))
    parts = _split(tidy)
    if parts.scheme not in ("https", "http"):
        raise BadUrl(tr("The address must begin with https://."))
    if parts.username is not None or parts.password is not None:
        raise BadUrl(tr("The address must hold no user name or password."))
    if parts.query or parts.fragment or "?" in tidy or "#" in tidy:
        raise BadUrl(tr("The address must end before any “?” or “#”."))
    if _PATH.fullmatch(parts.path) is None or ".." in parts.path or "/./" in f"{parts.path}/":
        raise BadUrl(tr("The address holds a path that cannot be used."))
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise BadUrl(tr("http:// is not encrypted and allowed on this computer only; use https://."))
    return tidy


def check_proxy(url: str) -> str:
    """The address of an HTTP proxy, tidied; ``user:password@`` may stand before its host.

    Raises:
        BadUrl: for anything else, with the reason.
    """
    tidy = url.strip().rstrip("/")
    parts = _split(tidy)
    if parts.scheme not in _PROXY_SCHEMES or parts.path or "?" in tidy or "#" in tidy:
        raise BadUrl(tr("The proxy must be an address such as http://proxy.example.com:3128."))
    return tidy


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this very machine by its name or number; nothing is looked up."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _split(url: str) -> SplitResult:
    wrong = BadUrl(tr("This is not a whole address such as https://rest-ww.telesign.com."))
    # One strict alphabet, so that no two readers of addresses can disagree on where the host ends.
    if _PLAIN.fullmatch(url) is None or "\\" in url:
        raise wrong
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    if port == 0 or not parts.hostname or _HOST.fullmatch(parts.hostname) is None:
        raise wrong
    return parts
