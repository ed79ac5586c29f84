"""Whether there is a newer version. Asked only where the administrator named an address; nothing is fetched.

The address (the setting ``update_url``: from the policy file or ``CASCADE_UPDATE_URL``) answers a
plain GET with one JSON object of at most 4096 bytes::

    {"version": "1.4.0"}

Other members are left for later versions and ignored. The version is two to four whole numbers with
points between them. Anything else, and any failure, counts as "nothing known": a console must not
trouble people with the state of a web server. What is told is one sentence; it holds the number and
no address, and whoever runs the desks installs the new version their own way.
"""

from __future__ import annotations

import json
import re
from typing import Final

import httpx

from console import __version__
from console.cascade.words import tr
from console.desk.settings import Settings
from console.telesign.addresses import BadUrl
from console.telesign.exchange import Endpoint
from console.telesign.received import Received

EVERY: Final = 86400.0
"""Seconds between two questions."""
LONGEST: Final = 4096
"""Bytes of the answer."""
_WITHIN: Final = 15.0
_VERSION: Final = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6}){1,3}")


def version_told(raw: bytes) -> str | None:
    """The version that an answer names; ``None`` for anything that is not exactly such an answer."""
    if len(raw) > LONGEST:
        return None
    try:
        told = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    version = told.get("version") if isinstance(told, dict) else None
    return version if isinstance(version, str) and _VERSION.fullmatch(version) else None


def is_newer(told: str, have: str) -> bool:
    """Whether the version ``told`` comes after ``have``; ``1.2`` and ``1.2.0`` are the same.

    What follows the numbers in ``have`` (``1.2.0rc1``, ``1.2.0.dev3``) marks what came before that version.
    """
    found = _VERSION.match(have)
    if found is None:
        return False
    mine, theirs = _counted(found[0]), _counted(told)
    return theirs > mine or (theirs == mine and found[0] != have)


def _counted(version: str) -> tuple[int, ...]:
    parts = [int(part) for part in version.split(".")]
    return tuple(parts + [0] * (4 - len(parts)))


async def newer_version(
    settings: Settings, *, have: str = __version__, transport: httpx.AsyncBaseTransport | None = None
) -> str | None:
    """Ask once. One sentence for the window if there is a newer version, else ``None``. Never raises.

    ``https://`` anywhere, ``http://`` on this machine only; redirects are not followed.
    ``transport`` is for tests.
    """
    if not settings.update_url or settings.sandbox:  # nothing leaves this computer in the sandbox
        return None
    try:
        endpoint = Endpoint(
            settings.update_url, proxy=settings.proxy, ca_file=settings.ca_file, transport=transport
        )
    except BadUrl:
        return None
    try:
        answer = await endpoint.exchange("GET", "", headers={}, within=_WITHIN, at_most=LONGEST)
    finally:
        await endpoint.aclose()
    if not isinstance(answer, Received) or answer.http_status != httpx.codes.OK:
        return None
    told = version_told(answer.body)
    if told is None or not is_newer(told, have):
        return None
    return tr("There is a newer version of Cascade: {told}. This is {have}.", told=told, have=have)
