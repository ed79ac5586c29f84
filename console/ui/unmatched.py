"""The tray of what came and belongs to no message: look at it, assign it, set it aside, bring it back."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from console.cascade.words import tr
from console.desk.replies import Pile, Unmatched
from console.ui.deeds import Spawn
from console.ui.evidence import bytes_view
from console.ui.rows import RowList
from console.ui.theme import SPACE
from console.ui.timeline_actions import Question
from console.ui.unmatched_rules import (
    candidate_row,
    explanation,
    first_search,
    pile_empty,
    pile_name,
    unmatched_row,
    unproven,
)
from console.ui.widgets import dialog_button, label, name, restyle, search_edit

if TYPE_CHECKING:
    from console.desk.desk import Desk

_TYPING_MS: Final = 120


class UnmatchedDialog(QDialog):
    """Follows the piles of ``desk`` while it is open. Use ``open()``."""

    def __init__(self, desk: Desk, spawn: Spawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Unmatched"))
        name(self, "unmatchedDialog", tr("Unmatched"))
        self.resize(980, 680)
        self._desk = desk
        self._spawn = spawn
        self._items: dict[str, Unmatched] = {}
        self._shown: Unmatched | None = None
        self._asked = 0
        self._open = True
        self._make()
        self._lay_out()
        self._connect()
        self._read()

    # -- building ---------------------------------------------------------------------------

    def _make(self) -> None:
        self._piles = QComboBox()
        name(self._piles, "unmatchedPile", tr("Which ones"))
        for pile in Pile:
            self._piles.addItem(pile_name(pile), pile.value)
        self._list = RowList(
            "unmatchedList", tr("What belongs to no message"), (tr("When"), tr("From"), tr("What"))
        )
        self._about = label("", "muted")
        self._about.setWordWrap(True)
        name(self._about, "unmatchedAbout", tr("How it came"))
        self._bytes = QVBoxLayout()
        self._search = search_edit(
            "candidateSearch",
            tr("Search the message it belongs to"),
            tr("Search number, text or id"),
            longest=500,
        )
        self._candidates = RowList(
            "candidateList",
            tr("Messages it may belong to"),
            (tr("When"), tr("To"), tr("Text")),
            "search",
            chosen_first=False,  # what is assigned stays: nobody assigns by a key pressed once too often
        )
        self._candidates.say_empty(tr("No message found"), tr("Try a number, words, or an id."))
        self._question = Question()
        self._assign = dialog_button("assignButton", tr("&Assign to this message"), "link", role="primary")
        self._dismiss = dialog_button("dismissButton", tr("&Set aside"), "minus-circle")
        self._restore = dialog_button("restoreButton", tr("&Bring back"), "undo")
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)

    def _lay_out(self) -> None:
        left = QWidget()
        list_side = QVBoxLayout(left)
        list_side.setContentsMargins(0, 0, 3 * SPACE, 0)
        list_side.setSpacing(2 * SPACE)
        list_side.addWidget(self._piles)
        list_side.addWidget(self._list, 1)

        self._find = QWidget()
        find = QVBoxLayout(self._find)
        find.setContentsMargins(0, 0, 0, 0)
        find.setSpacing(2 * SPACE)
        find.addWidget(label(tr("Which message does it belong to?"), "subtitle", buddy=self._search))
        find.addWidget(self._search)
        find.addWidget(self._candidates, 1)

        self._detail = QWidget()
        right = QVBoxLayout(self._detail)
        right.setContentsMargins(3 * SPACE, 0, 0, 0)
        right.setSpacing(2 * SPACE)
        right.addWidget(self._about)
        right.addLayout(self._bytes, 1)
        right.addWidget(self._find, 1)
        line = QHBoxLayout()
        line.setSpacing(2 * SPACE)
        line.addWidget(self._assign)
        line.addWidget(self._dismiss)
        line.addWidget(self._restore)
        line.addStretch(1)
        right.addLayout(line)

        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.setChildrenCollapsible(False)
        sides.setHandleWidth(1)
        sides.addWidget(left)
        sides.addWidget(self._detail)
        sides.setSizes([430, 500])

        close = dialog_button("unmatchedClose", tr("Close"), "close")
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(6 * SPACE, 5 * SPACE, 6 * SPACE, 5 * SPACE)
        column.setSpacing(3 * SPACE)
        column.addWidget(label(tr("Unmatched"), "title"))
        hint = label(
            tr("What came and belongs to no message here. Nothing is thrown away; an assignment stays."),
            "muted",
        )
        hint.setWordWrap(True)
        column.addWidget(hint)
        column.addWidget(self._question)
        column.addWidget(sides, 1)
        column.addLayout(foot)

    def _connect(self) -> None:
        self._piles.currentIndexChanged.connect(self._read)
        self._list.chosen.connect(self._show_chosen)
        self._candidates.chosen.connect(self._update)
        self._candidates.tree.itemActivated.connect(self._give)
        self._search.textChanged.connect(self._typing.start)
        self._typing.timeout.connect(self._look)
        self._assign.clicked.connect(self._give)
        self._dismiss.clicked.connect(self._set_aside)
        self._restore.clicked.connect(self._bring_back)
        unwatch = self._desk.replies.watch(self._read)
        self.finished.connect(unwatch)
        self.finished.connect(self._ended)

    def _ended(self) -> None:
        self._open = False

    # -- the list ---------------------------------------------------------------------------

    @property
    def _pile(self) -> Pile:
        return Pile(self._piles.currentData())

    def _read(self) -> None:
        self._spawn(self._bring(self._pile))

    async def _bring(self, pile: Pile) -> None:
        found = await self._desk.replies.pile(pile)
        if not self._open or pile is not self._pile:
            return
        self._items = {each.fact_id: each for each in found}
        now = self._desk.clock().astimezone()
        self._list.say_empty(*pile_empty(pile))
        self._list.show_rows([(each.fact_id, unmatched_row(each, now)) for each in found])

    def _show_chosen(self) -> None:
        chosen = self._items.get(self._list.key or "")
        if chosen == self._shown:
            self._update()
            return
        self._shown = chosen
        self._clear_bytes()
        if chosen is not None:
            self._about.setText(explanation(chosen))
            self._about.setAccessibleName(explanation(chosen))
            restyle(self._about, "tone", "warning" if unproven(chosen) else "")
            self._bytes.addWidget(bytes_view(chosen.raw))
            self._candidates.show_rows([])
            self._search.setText(first_search(chosen))
            self._typing.stop()
            self._look()
        self._update()

    def _clear_bytes(self) -> None:
        while (held := self._bytes.takeAt(0)) is not None:
            widget = held.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()

    # -- the message it belongs to --------------------------------------------------------------

    def _look(self) -> None:
        if self._shown is None or self._shown.dealt == "assigned":
            return
        self._asked += 1
        self._spawn(self._bring_candidates(self._search.text(), self._asked))

    async def _bring_candidates(self, search: str, asked: int) -> None:
        found = await self._desk.replies.candidates(search)
        if self._open and asked == self._asked:
            now = self._desk.clock().astimezone()
            self._candidates.show_rows([(each.message_id, candidate_row(each, now)) for each in found])

    def _update(self) -> None:
        shown = self._shown
        self._detail.setVisible(shown is not None)
        dealt = shown.dealt if shown is not None else ""
        self._find.setVisible(dealt != "assigned")
        self._assign.setVisible(dealt != "assigned")
        self._assign.setEnabled(self._candidates.key is not None)
        self._dismiss.setVisible(not dealt)
        self._restore.setVisible(dealt == "dismissed")

    # -- deciding -----------------------------------------------------------------------------

    def _give(self) -> None:
        message_id = self._candidates.key
        if self._shown is not None and message_id is not None and self._assign.isEnabled():
            self._assign.setEnabled(False)
            self._spawn(self._hand_over(self._shown.fact_id, message_id))

    async def _hand_over(self, fact_id: str, message_id: str) -> None:
        given = await self._desk.replies.assign(fact_id, message_id)
        if not self._open:
            return
        if given:
            self._question.withdraw()
        else:
            self._question.say(
                tr(
                    "It could not be assigned: it has a message already, or the message is another account's."
                ),
                "bad",
            )
        await self._bring(self._pile)

    def _set_aside(self) -> None:
        if self._shown is not None:
            self._spawn(self._decide(self._desk.replies.dismiss(self._shown.fact_id)))

    def _bring_back(self) -> None:
        if self._shown is not None:
            self._spawn(self._decide(self._desk.replies.restore(self._shown.fact_id)))

    async def _decide(self, deed: Coroutine[object, object, None]) -> None:
        await deed
        if self._open:
            self._question.withdraw()
            await self._bring(self._pile)
