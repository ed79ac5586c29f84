"""What the Help menu opens."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QTreeWidget

from console import __version__
from console.crash import CrashReports
from console.desk.settings import Secrets, Settings
from console.ui.about import AboutDialog, parts
from console.ui.glossary_window import GlossaryDialog
from console.ui.help_deeds import HelpDeeds
from console.ui.watchdog import Stall, stall_text
from console.ui.window import MainWindow
from tests.ui.conftest import Spawned

SECRET = "c2VjcmV0X2tleV9vZl9taW5l"


class Scene:
    """A window with its Help menu."""

    def __init__(self, spawned: Spawned, folder: Path) -> None:
        self.spawned = spawned
        self.window = MainWindow(spawned)
        self.window.show()
        settings = Settings(api_url="http://127.0.0.1:9", customer_id="C0FFEE", proxy="")
        self.deeds = HelpDeeds(
            self.window,
            spawned,
            directory=folder,
            account=lambda: (settings, Secrets(api_key=SECRET)),
            stalls=lambda: [stall_text(Stall(0.25, 0.2, "in the list"))],
        )

    def trigger(self, name: str) -> None:
        action = self.window.findChild(QAction, name)
        assert action is not None
        action.trigger()
        self.spawned.settle()

    @property
    def told(self) -> str:
        return " ".join(
            each.text() for each in self.window.notices.findChildren(QLabel) if not each.isHidden()
        )


@pytest.fixture
def stage(app: QApplication, spawned: Spawned, tmp_path: Path) -> Iterator[Scene]:
    made = Scene(spawned, tmp_path)
    yield made
    made.window.close_now()
    made.window.deleteLater()
    app.processEvents()


class TestGlossary:
    def test_it_opens_by_key_and_narrows_while_somebody_types(self, stage: Scene) -> None:
        action = stage.window.findChild(QAction, "glossaryAction")
        assert action is not None
        assert action.shortcut().toString() == "Shift+F1"
        stage.trigger("glossaryAction")
        dialog = stage.window.findChild(GlossaryDialog)
        assert dialog is not None
        everything = dialog.shown
        search = dialog.findChild(QLineEdit, "glossarySearch")
        assert search is not None
        search.setText("segm")
        assert "Segment" in dialog.shown
        assert len(dialog.shown) < len(everything)
        search.setText("zebra")
        assert dialog.shown == []
        search.clear()
        assert dialog.shown == everything
        dialog.close()


class TestAbout:
    def test_versions_and_licences_of_all_that_is_in_here(self, stage: Scene) -> None:
        stage.trigger("aboutAction")
        dialog = stage.window.findChild(AboutDialog)
        assert dialog is not None
        tree = dialog.findChild(QTreeWidget, "aboutParts")
        assert tree is not None
        names = {
            item.text(0): item.text(2)
            for place in range(tree.topLevelItemCount())
            if (item := tree.topLevelItem(place)) is not None
        }
        assert {"httpx", "qasync", "phonenumbers"} <= set(names)
        assert all(names.values())
        words = " ".join(label.text() for label in dialog.findChildren(QLabel))
        assert "LGPL" in words
        assert __version__ in words
        copy = dialog.findChild(QPushButton, "aboutCopy")
        assert copy is not None
        copy.click()
        assert f"Cascade {__version__}" in QGuiApplication.clipboard().text()
        assert "httpx" in QGuiApplication.clipboard().text()
        dialog.close()

    def test_a_library_that_is_not_here_is_left_out(self) -> None:
        assert parts(("no-such-library",)) == ()
        (only,) = parts(("httpx",))
        assert only.version
        assert "BSD" in only.licence


class TestSupport:
    def test_the_file_holds_stalls_and_checks_and_no_key(self, stage: Scene, tmp_path: Path) -> None:
        target = tmp_path / "support.zip"
        stage.spawned(stage.deeds.write_support(target))
        stage.spawned.settle()
        assert "support.zip is ready" in stage.told
        with zipfile.ZipFile(target) as archive:
            content = {name: archive.read(name) for name in archive.namelist()}
        assert b"0.250 s" in content["stalls.txt"]
        assert content["doctor.json"]
        assert not any(SECRET.encode() in each for each in content.values())

    def test_a_file_that_is_there_is_replaced_since_the_agent_was_asked(
        self, stage: Scene, tmp_path: Path
    ) -> None:
        target = tmp_path / "support.zip"
        target.write_text("old")
        stage.spawned(stage.deeds.write_support(target))
        stage.spawned.settle()
        assert zipfile.is_zipfile(target)

    def test_a_place_that_cannot_be_written_is_said(self, stage: Scene, tmp_path: Path) -> None:
        stage.spawned(stage.deeds.write_support(tmp_path / "nowhere" / "x.zip"))
        stage.spawned.settle()
        assert "could not be written" in stage.told


class TestFailures:
    def test_a_failure_of_the_last_run_is_told_once(self, stage: Scene, tmp_path: Path) -> None:
        CrashReports(tmp_path).write("a test", ValueError("+15558675309"))
        stage.deeds.tell_failures(CrashReports(tmp_path))
        assert "failed the last time" in stage.told
        assert "5558675309" not in stage.told
        again = CrashReports(tmp_path)
        assert again.unseen() == ()

    def test_nothing_is_told_where_nothing_failed(self, stage: Scene, tmp_path: Path) -> None:
        stage.deeds.tell_failures(CrashReports(tmp_path))
        assert "failed" not in stage.told
