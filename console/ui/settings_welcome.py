"""The first run: nothing is set up yet, and that is all right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from console.cascade.words import tr
from console.ui.icons import icon
from console.ui.theme import SPACE
from console.ui.widgets import IconLabel, label, name


class Welcome(QWidget):
    """Two ways to begin: with an account, or in the sandbox."""

    account_wanted = Signal()
    sandbox_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        title = label(tr("Welcome to Cascade"), "display")
        text = label(
            tr(
                "Reach customers on Viber first, and by SMS if Viber does not deliver in time. "
                "Every step of the way shows here."
            ),
            "muted",
        )
        for part in (title, text):
            part.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            part.setWordWrap(True)
        account = _card(
            "key",
            tr("I have a Telesign account"),
            tr("You need the customer id and API key from Telesign's portal, and your relay's address."),
            tr("Set up account"),
            "welcomeAccount",
            primary=True,
        )
        sandbox = _card(
            "sandbox",
            tr("I want to try it first"),
            tr("The sandbox behaves like Telesign on this computer. Nothing is sent, nothing costs."),
            tr("Try the sandbox"),
            "welcomeSandbox",
        )
        account[1].clicked.connect(self.account_wanted)
        sandbox[1].clicked.connect(self.sandbox_wanted)
        cards = QHBoxLayout()
        cards.setSpacing(4 * SPACE)
        cards.addWidget(account[0], 1)
        cards.addWidget(sandbox[0], 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8 * SPACE, 6 * SPACE, 8 * SPACE, 6 * SPACE)
        column.setSpacing(3 * SPACE)
        column.addStretch(2)
        column.addWidget(title)
        column.addWidget(text)
        column.addSpacing(3 * SPACE)
        column.addLayout(cards)
        column.addStretch(3)
        name(self, "welcomePanel", f"{title.text()}. {text.text()}")


def _card(
    icon_name: str, title: str, text: str, button_text: str, object_name: str, *, primary: bool = False
) -> tuple[QFrame, QPushButton]:
    card = QFrame()
    card.setProperty("role", "card")
    heading = label(title, "subtitle")
    heading.setWordWrap(True)
    said = label(text, "muted")
    said.setWordWrap(True)
    button = QPushButton(button_text)
    if primary:
        button.setProperty("role", "primary")
    button.setIcon(icon("arrow-right", "accent_text" if primary else "text_muted"))
    button.setIconSize(QSize(16, 16))
    name(button, object_name, button_text, text)
    column = QVBoxLayout(card)
    column.setContentsMargins(4 * SPACE, 4 * SPACE, 4 * SPACE, 4 * SPACE)
    column.setSpacing(2 * SPACE)
    column.addWidget(IconLabel(icon_name, "accent" if primary else "text_muted", 24))
    column.addWidget(heading)
    column.addWidget(said, 1)
    column.addWidget(button)
    return card, button
