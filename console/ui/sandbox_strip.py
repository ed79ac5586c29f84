"""The strip that says this is the sandbox, with its scenarios."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from console.cascade.words import tr
from console.ui.theme import SPACE
from console.ui.widgets import IconLabel, label


class ScenarioChoice(NamedTuple):
    """What the menu shows of one scenario."""

    scenario_id: str
    title: str
    sentence: str
    number: str
    """The recipient that plays it."""


@dataclass(frozen=True, slots=True)
class SandboxOffer:
    """What the composition root tells the window about the sandbox."""

    scenarios: tuple[ScenarioChoice, ...]
    chosen: Callable[[str], object]
    """Called with the id of the scenario the person chose."""
    speed: float = 1.0
    """Provider seconds in one real second."""


def strip_text(speed: float) -> str:
    """What the strip says."""
    if speed == 1:
        return tr("Sandbox – nothing leaves this computer.")
    return tr(
        "Sandbox – nothing leaves this computer. Time runs {speed}× faster.",
        speed=f"{speed:g}",
    )


class ScenarioMenu(QMenu):
    """The scenarios by name; each says in one sentence what will happen."""

    picked = Signal(object)

    def __init__(self, scenarios: tuple[ScenarioChoice, ...], parent: QWidget) -> None:
        super().__init__(tr("Sa&ndbox"), parent)
        self.setObjectName("scenarioMenu")
        self.setToolTipsVisible(True)
        for choice in scenarios:
            action = QAction(choice.title.replace("&", "&&"), self)
            action.setToolTip(choice.sentence)
            action.setStatusTip(choice.sentence)
            action.setObjectName(f"scenario-{choice.scenario_id}")
            action.triggered.connect(partial(self._pick, choice))
            self.addAction(action)

    def _pick(self, choice: ScenarioChoice) -> None:
        self.picked.emit(choice)


class SandboxStrip(QFrame):
    """Always on top of a sandbox window, so that training is never mistaken for work."""

    def __init__(self, offer: SandboxOffer, menu: QMenu) -> None:
        super().__init__()
        self.setProperty("role", "sandbox")
        self.setObjectName("sandboxStrip")
        text = strip_text(offer.speed)
        self.setAccessibleName(text)
        self.button = QPushButton(tr("Try a scenario"))
        self.button.setObjectName("scenarioButton")
        self.button.setAccessibleName(tr("Try a scenario"))
        self.button.setAccessibleDescription(tr("Fills in a recipient that plays a story in the sandbox."))
        self.button.setProperty("menu", "true")
        self.button.setMenu(menu)
        self.button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._story = label("")
        self._story.setObjectName("scenarioSentence")
        row = QHBoxLayout(self)
        row.setContentsMargins(4 * SPACE, SPACE, 4 * SPACE, SPACE)
        row.setSpacing(2 * SPACE)
        row.addWidget(IconLabel("sandbox", "warning"))
        row.addWidget(label(text))
        row.addWidget(self._story, 1)
        row.addWidget(self.button)

    def tell(self, choice: ScenarioChoice) -> None:
        """Say which story the recipient plays."""
        self._story.setText(tr("· {title}", title=choice.title))
        self._story.setToolTip(choice.sentence)
        self._story.setAccessibleName(choice.sentence)
