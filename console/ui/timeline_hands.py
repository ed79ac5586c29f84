"""Doing what the agent asks to the message on screen, and showing how that ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from console.cascade.facts import Decision
from console.cascade.outcome import Timeline
from console.cascade.words import tr
from console.ui.deeds import Spawn
from console.ui.replies import AnswerBox
from console.ui.timeline_actions import ActionBar, Question
from console.ui.timeline_deeds import Action, Do, resend_warning, too_late
from console.ui.timeline_sending import Took, took

if TYPE_CHECKING:
    from console.desk.desk import Desk


class Hands:
    """What the buttons under the headline, the menu and the answer box do.

    Args:
        subject: tells the desk and the id of the message on screen; ``None``: there is none.
        sent: is called with the id of a message that was made.
    """

    def __init__(
        self,
        spawn: Spawn,
        question: Question,
        bar: ActionBar,
        answer: AnswerBox,
        *,
        subject: Callable[[], tuple[Desk, str] | None],
        sent: Callable[[str], None],
    ) -> None:
        self._spawn = spawn
        self._question = question
        self._bar = bar
        self._answer = answer
        self._subject = subject
        self._sent = sent

    def act(self, action: Action) -> None:
        """Do it, after a question where one belongs before it."""
        if action.warning:
            self._question.ask(
                action.warning, action.label.rstrip("…"), lambda: self._perform(action.do, confirmed=True)
            )
        else:
            self._perform(action.do, confirmed=False)

    def resend(self, timeline: Timeline) -> None:
        """Send the message on screen again, after a question."""
        self._question.ask(
            resend_warning(timeline), tr("Send again"), lambda: self._perform(Do.RESEND, confirmed=True)
        )

    def reply(self, text: str) -> None:
        """Answer the customer."""
        self._reply(text, confirmed=False)

    def _perform(self, do: Do, *, confirmed: bool, despite_stop: bool = False) -> None:
        if (subject := self._subject()) is None:
            return
        self._question.withdraw()
        self._bar.set_busy(True)
        self._spawn(self._do(*subject, do, confirmed, despite_stop))

    async def _do(self, desk: Desk, message_id: str, do: Do, confirmed: bool, despite_stop: bool) -> None:
        try:
            match do:
                case Do.WITHDRAW | Do.STOP_RETRY:
                    if not await desk.withdraw(message_id):
                        self._question.say(too_late(do), "warning")
                case Do.RESEND:
                    answer = took(
                        await desk.resend(message_id, confirmed=confirmed, despite_stop=despite_stop)
                    )
                    # Each yes answers the question that was asked, and no other.
                    self._after_send(
                        answer,
                        lambda: self._perform(
                            Do.RESEND,
                            confirmed=confirmed or not answer.opted_out,
                            despite_stop=despite_stop or answer.opted_out,
                        ),
                    )
                case Do.ASK:
                    await desk.ask_status(message_id)
                case Do.TREAT_SENT:
                    await desk.settle(message_id, Decision.TREAT_AS_SENT)
                case Do.TREAT_NOT_SENT:
                    await desk.settle(message_id, Decision.TREAT_AS_NOT_SENT)
        finally:
            self._bar.set_busy(False)

    def _after_send(self, answer: Took, again: Callable[[], None]) -> bool:
        """Show what the desk said to a message that was to be sent; whether it took it."""
        if answer.message_id is not None:
            self._sent(answer.message_id)
            return True
        if answer.question:
            self._question.ask(answer.question, tr("Send anyway"), again)
        else:
            self._question.say(answer.problem, "bad")
        return False

    def _reply(self, text: str, *, confirmed: bool) -> None:
        if (subject := self._subject()) is None:
            return
        self._question.withdraw()
        self._answer.set_busy(True)
        self._spawn(self._send_reply(*subject, text, confirmed=confirmed))

    async def _send_reply(self, desk: Desk, message_id: str, text: str, *, confirmed: bool) -> None:
        try:
            answer = took(await desk.reply(message_id, text, confirmed=confirmed))
        finally:
            self._answer.set_busy(False)
        if self._after_send(answer, lambda: self._reply(text, confirmed=True)):
            self._answer.clear()
