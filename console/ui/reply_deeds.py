"""What the menus and the status bar do about replies: the next unread, the unmatched, the opted out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.cascade.words import tr
from console.ui.deeds import DeskDeeds, Spawn
from console.ui.menus import add_action

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.ui.window import MainWindow


class ReplyDeeds(DeskDeeds):
    """Adds its deeds to the message menu of ``window``; ``show`` brings a message to the screen."""

    def __init__(
        self,
        window: MainWindow,
        spawn: Spawn,
        show: Callable[[str], None],
    ) -> None:
        super().__init__(window, spawn)
        self._show = show
        menu = window.menus.message
        menu.addSeparator()
        answer = add_action(menu, tr("&Answer the customer"), "Ctrl+R", "answerAction", "reply")
        answer.triggered.connect(self._go_to_answer)
        unread = add_action(menu, tr("Next &unread reply"), "Ctrl+Shift+R", "nextUnreadAction", "reply")
        unmatched = add_action(menu, tr("Un&matched…"), "", "unmatchedAction", "inbox")
        opted_out = add_action(menu, tr("&Opted out…"), "", "optOutAction", "minus-circle")
        self._wait_for_desk(unread, self.next_unread)
        self._wait_for_desk(unmatched, self.open_unmatched)
        self._wait_for_desk(opted_out, self.open_opted_out)
        window.status.unread_wanted.connect(self.next_unread)
        window.status.unmatched_wanted.connect(self.open_unmatched)

    def _go_to_answer(self) -> None:
        reason = self._window.timeline.go_to_answer()
        if reason:
            self._window.notify(reason)

    def next_unread(self) -> None:
        """Show the message whose reply has waited longest."""
        if self._desk is not None:
            self._spawn(self._find_unread(self._desk))

    async def _find_unread(self, desk: Desk) -> None:
        message_id = await desk.replies.next_unread()
        if message_id is None:
            self._window.notify(tr("Every reply was read."))
        else:
            self._show(message_id)

    def open_unmatched(self) -> None:
        """Open the tray of what belongs to no message."""
        from console.ui.unmatched import UnmatchedDialog  # noqa: PLC0415 - the journal's part comes with it

        if self._desk is not None:
            UnmatchedDialog(self._desk, self._spawn, self._window).open()

    def open_opted_out(self) -> None:
        """Open the list of who is not to be written to."""
        from console.ui.optout import OptOutDialog  # noqa: PLC0415 - the journal's part comes with it

        if self._desk is not None:
            dialog = OptOutDialog(self._desk, self._spawn, self._window)
            dialog.message_wanted.connect(self._show)
            dialog.open()
