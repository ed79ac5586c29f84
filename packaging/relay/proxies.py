"""The proxies of this folder in front of a relay, on this computer alone; ``check.py`` calls it.

What is started is the very text of ``nginx.conf`` and ``Caddyfile``, with another name, port and certificate.
"""

from __future__ import annotations

import os
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
_SECONDS: Final = 20.0
_NGINX: Final = """\
daemon off;
pid {scratch}/nginx.pid;
error_log stderr error;
events {{}}
http {{
    access_log off;
    client_body_temp_path {scratch}/nginx-bodies;
    proxy_temp_path {scratch}/nginx-answers;
    include {scratch}/site.conf;
}}
"""
_CADDY: Final = "{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}"


def certificate(scratch: Path) -> tuple[Path, Path]:
    """A certificate of ``localhost`` that vouches for itself, and its key."""
    both = scratch / "localhost.pem", scratch / "localhost.key"
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost", "-out", str(both[0]), "-keyout", str(both[1]),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True)
    return both


def changed(text: str, changes: Mapping[str, str]) -> str:
    """``text`` with other values in it.

    Raises:
        ValueError: one of those to be changed is not there.
    """
    for old, new in changes.items():
        if old not in text:
            raise ValueError(f"{old!r} is not there any more")
        text = text.replace(old, new)
    return text


def nginx(scratch: Path, port: int, relay: str, pem: Path, key: Path) -> list[str]:
    """The command that starts nginx with our lines."""
    changes = {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "server_name relay.example.com;": "server_name localhost;",
        "127.0.0.1:8787": relay,
        "/etc/ssl/relay/fullchain.pem": str(pem),
        "/etc/ssl/relay/privkey.pem": str(key),
    }
    (scratch / "site.conf").write_text(changed((HERE / "nginx.conf").read_text("utf-8"), changes))
    (scratch / "nginx.conf").write_text(_NGINX.format(scratch=scratch))
    return ["nginx", "-e", "stderr", "-c", str(scratch / "nginx.conf")]


def caddy(scratch: Path, port: int, relay: str, pem: Path, key: Path) -> list[str]:
    """The command that starts Caddy with our lines."""
    changes = {
        "\nrelay.example.com {\n": f"\nhttps://localhost:{port} {{\n\ttls {pem} {key}\n",
        "127.0.0.1:8787": relay,
    }
    site = changed((HERE / "Caddyfile").read_text("utf-8"), changes)
    (scratch / "Caddyfile").write_text(_CADDY.format(site=site))
    return ["caddy", "run", "--config", str(scratch / "Caddyfile"), "--adapter", "caddyfile"]


PROXIES: Final[Mapping[str, Callable[[Path, int, str, Path, Path], list[str]]]] = {
    "nginx": nginx,
    "caddy": caddy,
}


@contextmanager
def in_front(name: str, relay: str, scratch: Path, pem: Path, key: Path) -> Iterator[str]:
    """A proxy before ``relay`` (host:port); yields its address.

    Raises:
        TimeoutError: it does not answer; its complaints are on standard error.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = PROXIES[name](scratch, port, relay, pem, key)
    own = {**os.environ, "HOME": str(scratch), "XDG_DATA_HOME": str(scratch), "XDG_CONFIG_HOME": str(scratch)}
    with (scratch / f"{name}.log").open("wb") as log, subprocess.Popen(command, env=own, stderr=log) as proxy:
        try:
            url = f"https://localhost:{port}"
            give_up_at = time.monotonic() + _SECONDS
            while not _answers(f"{url}/healthz", pem):
                if time.monotonic() > give_up_at or proxy.poll() is not None:
                    raise TimeoutError(f"{name}: {(scratch / f'{name}.log').read_text()}")
                time.sleep(0.05)
            yield url
        finally:
            proxy.terminate()


def status(url: str, pem: Path, body: bytes | None = None) -> int:
    """The HTTP status of a GET, or of a POST of ``body``."""
    trust = ssl.create_default_context(cafile=str(pem))
    try:
        with urllib.request.urlopen(url, body, timeout=10, context=trust) as answer:  # noqa: S310 - ours, https
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def _answers(url: str, pem: Path) -> bool:
    try:
        return status(url, pem) == 200
    except OSError:
        return False
