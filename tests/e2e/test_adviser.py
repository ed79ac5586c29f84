"""The adviser in the running console: an older journal is counted behind the open window."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from PySide6.QtWidgets import QLabel, QLineEdit

from console.app import Application
from console.cascade.advice import ENOUGH
from console.desk.settings import journal_dir
from console.journal.journal import Journal
from console.ui.adviser_chart import AdviserChart
from tests.desk.test_adviser import deliver
from tests.e2e.conftest import until, widget
from tests.journal.test_durations import as_before_the_table

Play = Callable[..., None]


def test_an_older_journal_teaches_the_form_what_to_advise(play: Play, tmp_path: Path) -> None:
    folder = journal_dir(tmp_path, "default", sandbox=True)
    folder.mkdir(parents=True)
    with closing(Journal(folder)) as journal:
        for number in range(ENOUGH + 10):
            deliver(journal, number, to="381601234567" if number < ENOUGH else "359888123456", after=number)
        as_before_the_table(journal)

    async def story(application: Application) -> None:
        sentence = widget(application, QLabel, "adviserSentence")
        chart = widget(application, AdviserChart, "adviserChart")
        await until(lambda: f"(n = {ENOUGH + 10})" in sentence.text(), "the advice")
        assert "counting" not in sentence.text()
        widget(application, QLineEdit, "recipientEdit").setText("+381 60 7654321")
        await until(lambda: f"(n = {ENOUGH})" in sentence.text(), "the advice for Serbia")
        assert not chart.isHidden()
        assert chart.accessibleDescription().startswith(sentence.text())

    play(story)
