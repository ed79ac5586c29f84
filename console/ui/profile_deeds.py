"""What the File menu does about profiles and setting up."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from console.cascade.words import tr
from console.ui.deeds import Spawn
from console.ui.menus import add_action
from console.ui.starting import start

if TYPE_CHECKING:
    from console.ui.settings_control import SettingsControl
    from console.ui.window import MainWindow


class ProfileDeeds(QObject):
    """Adds its deeds to the file menu of ``window``.

    Args:
        root: the data folder of all profiles.
        current: the profile of this window.
        sandbox: whether this window is the sandbox, which has no profile.
    """

    def __init__(
        self,
        window: MainWindow,
        spawn: Spawn,
        *,
        root: Path,
        current: str,
        sandbox: bool,
        control: SettingsControl,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._spawn = spawn
        self._root = root
        self._current = current
        menu = window.menus.file
        profiles = add_action(menu, tr("&Profiles…"), "", "profilesAction", "user")
        set_up = add_action(menu, tr("Set &up account…"), "", "setUpAction", "wand")
        before = menu.actions()[0]
        for action, deed in ((set_up, control.set_up), (profiles, self.open_profiles)):
            menu.insertAction(before, action)
            action.triggered.connect(deed)
        set_up.setEnabled(not sandbox)

    def open_profiles(self) -> None:
        """Open the list of profiles."""
        from console.desk.profiles import Profiles  # noqa: PLC0415 - only who opens it pays
        from console.ui.profile_window import ProfileDialog  # noqa: PLC0415

        dialog = ProfileDialog(Profiles(self._root), self._current, self._spawn, self._window)
        dialog.profile_wanted.connect(self._start)
        dialog.open()

    def _start(self, profile: str) -> None:
        if not start("--profile", profile, "--data-dir", str(self._root)):
            self._window.notify(
                tr(
                    "The window could not be opened. Run “cascade --profile {profile}” instead.",
                    profile=profile,
                ),
                "bad",
            )
