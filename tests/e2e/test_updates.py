"""The window tells of a newer version where the administrator wants that, and asks nobody otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from console.app import Application
from tests.e2e.conftest import until

Play = Callable[..., None]


class Announcement(BaseHTTPRequestHandler):
    """A web server that says there is a version 99."""

    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        body = b'{"version": "99.0"}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        """Keep the tests' output clean."""


@pytest.fixture
def address() -> Iterator[str]:
    Announcement.asked = []
    with HTTPServer(("127.0.0.1", 0), Announcement) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/cascade.json"
        server.shutdown()
        thread.join()


def newer(application: Application) -> list[str]:
    return [text for text in application.window.notices.texts if "newer version of Cascade: 99.0" in text]


def test_a_newer_version_is_a_notice_in_the_window(play: Play, address: str) -> None:
    async def story(application: Application) -> None:
        await until(lambda: bool(newer(application)), "the notice")
        assert Announcement.asked == ["/cascade.json"]

    play(story, [], {"CASCADE_UPDATE_URL": address})


def test_the_sandbox_asks_nobody(play: Play, address: str) -> None:
    async def story(application: Application) -> None:
        await until(lambda: application.desk is not None, "the desk")
        for _ in range(20):
            await until(lambda: True, "a turn of the loop")
        assert newer(application) == []

    play(story, ["--sandbox"], {"CASCADE_UPDATE_URL": address})
    assert Announcement.asked == []
