"""A private PostgreSQL server for the tests, from the system's own binaries."""

from __future__ import annotations

import contextlib
import itertools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg

_NUMBERS = itertools.count(1)


def binaries() -> Path:
    """Where ``initdb`` and ``postgres`` are; fails where they are not: no proof may pass unseen."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    if found:
        return found[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    raise AssertionError("PostgreSQL's server is needed for these tests: install Debian's package postgresql")


class Cluster:
    """A running server. ``stop`` and ``start`` may be called in turn."""

    def __init__(self, directory: Path) -> None:
        self._bin = binaries()
        self._data = directory / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._as: list[str] = []
        if os.geteuid() == 0:  # which the server refuses to run as
            account = pwd.getpwnam("postgres")
            os.chown(directory, account.pw_uid, account.pw_gid)
            self._as = ["runuser", "-u", "postgres", "--"]
        self._run(
            "initdb", "--pgdata", str(self._data), "--auth=trust", "--username=cascade", "--encoding=UTF8"
        )
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\n")
            settings.write(f"unix_socket_directories = '{directory}'\nmax_connections = 200\n")

    def start(self) -> None:
        self._run("pg_ctl", "start", "--wait", "--pgdata", str(self._data), "--log", str(self._data / "log"))

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", "stop", "--wait", "--mode", mode, "--pgdata", str(self._data))

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://cascade@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"relay{next(_NUMBERS)}"
        self._run("createdb", "--host=127.0.0.1", f"--port={self.port}", "--username=cascade", name)
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [*self._as, str(self._bin / program), *arguments],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            cwd="/",
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode()


@contextlib.contextmanager
def running_cluster() -> Iterator[Cluster]:
    """A server with default durability, gone at the end."""
    with tempfile.TemporaryDirectory(prefix="cascade-pg-") as directory:
        cluster = Cluster(Path(directory))
        cluster.start()
        try:
            yield cluster
        finally:
            cluster.stop("immediate")


async def execute(url: str, statement: str) -> None:
    """One statement on a connection of its own."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
