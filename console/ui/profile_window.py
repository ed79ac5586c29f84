"""The profiles of this computer: opened, made, renamed and deleted, each with its own data and keys."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from console.cascade.words import tr
from console.desk.profiles import DEFAULT, Profile, Profiles, deletion_text
from console.desk.settings import SettingsProblem
from console.ui.deeds import Spawn
from console.ui.rows import RowList
from console.ui.theme import SPACE
from console.ui.timeline_actions import Question
from console.ui.timeline_text import tip
from console.ui.unmatched_rules import Row
from console.ui.widgets import FieldNote, dialog_button, label, name


class ProfileDialog(QDialog):
    """Use ``open()``.

    Args:
        current: the profile of this window.
    """

    profile_wanted = Signal(str)
    """The agent wants a window on this profile."""

    def __init__(self, profiles: Profiles, current: str, spawn: Spawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Profiles"))
        name(self, "profileDialog", tr("Profiles"))
        self.resize(640, 460)
        self._profiles = profiles
        self._current = current
        self._spawn = spawn
        self._known: dict[str, Profile] = {}
        self._open_ = True
        self._make()
        self._lay_out()
        self.finished.connect(self._ended)
        self._update()
        self._spawn(self._read())

    def _make(self) -> None:
        self._list = RowList(
            "profileList", tr("Profiles"), (tr("Profile"), tr("Customer id"), tr("State")), "user"
        )
        self._list.chosen.connect(self._update)
        self._list.tree.itemActivated.connect(lambda *_: self._want())
        self._edit = QLineEdit()
        self._edit.setMaxLength(64)
        self._edit.setPlaceholderText(tr("Name of a profile, such as shop"))
        self._edit.setToolTip(tip(self._edit.placeholderText()))
        name(self._edit, "profileName", tr("Name for a new profile, or a new name"))
        self._edit.textChanged.connect(self._update)
        self._note = FieldNote("profileNote", tr("About the name"))
        self._question = Question()
        self._enter = dialog_button("profileOpen", tr("&Open"), "external", role="primary")
        self._enter.clicked.connect(self._want)
        self._create = dialog_button("profileCreate", tr("&Make new"), "plus")
        self._create.clicked.connect(self._make_new)
        self._rename = dialog_button("profileRename", tr("&Rename"), "pencil")
        self._rename.clicked.connect(self._give_name)
        self._delete = dialog_button("profileDelete", tr("&Delete…"), "trash")
        self._delete.clicked.connect(lambda: self._spawn(self._ask_delete()))

    def _lay_out(self) -> None:
        hint = label(
            tr("Each profile is an account with its own settings, keys, messages and window."), "muted"
        )
        hint.setWordWrap(True)
        naming = QHBoxLayout()
        naming.setSpacing(2 * SPACE)
        naming.addWidget(self._edit, 1)
        naming.addWidget(self._create)
        naming.addWidget(self._rename)
        close = dialog_button("profileClose", tr("Close"), "close")
        close.clicked.connect(self.close)
        foot = QHBoxLayout()
        foot.setSpacing(2 * SPACE)
        foot.addWidget(self._enter)
        foot.addWidget(self._delete)
        foot.addStretch(1)
        foot.addWidget(close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(6 * SPACE, 5 * SPACE, 6 * SPACE, 5 * SPACE)
        whole.setSpacing(3 * SPACE)
        whole.addWidget(label(tr("Profiles"), "title"))
        whole.addWidget(hint)
        whole.addWidget(self._question)
        whole.addWidget(self._list, 1)
        whole.addLayout(naming)
        whole.addWidget(self._note)
        whole.addLayout(foot)

    def _ended(self) -> None:
        self._open_ = False

    # -- the list ---------------------------------------------------------------------------

    async def _read(self) -> None:
        found = await asyncio.to_thread(self._profiles.list)
        if not self._open_:
            return
        self._known = {profile.name: profile for profile in found}
        self._list.show_rows(
            [
                (profile.name, Row(profile.name, profile.customer_id or "–", self._state(profile)))
                for profile in found
            ]
        )

    def _state(self, profile: Profile) -> str:
        if profile.name == self._current:
            return tr("this window")
        return tr("open") if profile.in_use else ""

    @property
    def _chosen(self) -> Profile | None:
        return self._known.get(self._list.key or "")

    def _update(self) -> None:
        chosen, typed = self._chosen, bool(self._edit.text().strip())
        here = chosen is not None and chosen.name == self._current
        busy = chosen is None or here or chosen.in_use
        self._enter.setEnabled(chosen is not None and not here)
        self._create.setEnabled(typed)
        self._rename.setEnabled(typed and not busy and chosen is not None and chosen.name != DEFAULT)
        self._delete.setEnabled(not busy)
        self._note.say("")

    # -- what is done -------------------------------------------------------------------------

    def _want(self) -> None:
        chosen = self._chosen
        if chosen is not None and chosen.name != self._current:
            self.profile_wanted.emit(chosen.name)
            self.close()

    def _make_new(self) -> None:
        self._spawn(self._do(partial(self._profiles.create, self._edit.text())))

    def _give_name(self) -> None:
        chosen = self._chosen
        if chosen is not None:
            self._spawn(self._do(partial(self._profiles.rename, chosen.name, self._edit.text())))

    async def _do(self, work: Callable[[], None]) -> None:
        try:
            await asyncio.to_thread(work)
        except SettingsProblem as problem:
            if self._open_:
                self._note.say(problem.sentence, "bad")
            return
        if self._open_:
            self._edit.clear()
            await self._read()

    async def _ask_delete(self) -> None:
        chosen = self._chosen
        if chosen is None:
            return
        contents = await asyncio.to_thread(self._profiles.contents, chosen.name)
        if self._open_:
            self._question.ask(
                deletion_text(chosen.name, contents),
                tr("Delete for good"),
                lambda: self._spawn(self._do(partial(self._profiles.delete, chosen.name))),
            )
