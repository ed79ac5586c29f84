"""From nothing to a working desk: the wizard against real servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QWidget

from console.app import Application
from console.sandbox.embedded import Sandbox
from console.ui.wizard import Wizard
from tests.e2e.conftest import until, widget

Play = Callable[..., None]


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[Sandbox]:
    """A stand-in for Telesign and a relay, apart from the console."""
    place = tmp_path / "servers"
    place.mkdir()
    sandbox = Sandbox(place, speed=60.0)
    sandbox.start()
    sandbox.ready.result(20)
    yield sandbox
    sandbox.stop()


def line(application: Application, key: str) -> QLineEdit:
    return widget(application, QLineEdit, f"settings_{key}")


def result(application: Application, name: str) -> str:
    shown = widget(application, QWidget, f"{name}Result")
    return " ".join(label.text() for label in shown.findChildren(QLabel)) if shown.isVisible() else ""


def test_account_and_relay_are_tried_kept_and_at_work(play: Play, servers: Sandbox) -> None:
    async def story(application: Application) -> None:
        widget(application, QPushButton, "welcomeAccount").click()
        await until(lambda: application.window.findChild(Wizard) is not None, "the wizard")
        line(application, "customer_id").setText(servers.customer_id)
        line(application, "api_key").setText("QUJDREVGR0hJSktMTU5PUA==")
        line(application, "api_url").setText(servers.api_url)
        session = widget(application, QCheckBox, "wizardSession")
        if not session.isHidden():
            session.setChecked(True)
        test = widget(application, QPushButton, "wizardTestAccount")
        test.click()
        await until(lambda: test.isEnabled() and bool(result(application, "wizardTestAccount")), "a result")
        assert "key" in result(application, "wizardTestAccount").lower()
        line(application, "api_key").setText(servers.api_key)
        test.click()
        await until(lambda: test.isEnabled() and bool(result(application, "wizardTestAccount")), "a result")
        good = result(application, "wizardTestAccount")
        forward = widget(application, QPushButton, "wizardNext")
        forward.click()
        line(application, "relay_url").setText(servers.relay_url)
        line(application, "relay_token").setText("wrong")
        relay = widget(application, QPushButton, "wizardTestRelay")
        relay.click()
        await until(lambda: relay.isEnabled() and bool(result(application, "wizardTestRelay")), "a result")
        assert "token" in result(application, "wizardTestRelay").lower()
        line(application, "relay_token").setText(servers.relay_token)
        relay.click()
        await until(lambda: relay.isEnabled() and bool(result(application, "wizardTestRelay")), "a result")
        forward.click()
        wizard = widget(application, Wizard, "wizard")
        assert "answers" in wizard.told[0], good
        assert "takes the token" in wizard.told[1]
        forward.click()
        connection = widget(application, QWidget, "connectionIndicator")
        await until(lambda: "Live" in connection.accessibleName(), "the relay being live")
        await asyncio.sleep(0)
        assert application.desk is not None
        assert application.desk.settings.customer_id == servers.customer_id

    play(story, [])
