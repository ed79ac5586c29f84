"""The pane of the selected message: what is happening to it, what it means, what can be done."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from console.cascade.outcome import Event, Timeline
from console.cascade.outlook import next_moment, outlook
from console.cascade.recipient import Recipient, parse_recipient
from console.cascade.words import tr
from console.ui.announcing import Announcer
from console.ui.conversation import Conversation, ConversationModel
from console.ui.deeds import Spawn
from console.ui.evidence import Evidence, EvidenceDialog
from console.ui.flow import Scrolled
from console.ui.lanes import Lanes
from console.ui.lanes_rules import chart
from console.ui.masking import masking, shown
from console.ui.replies import AnswerBox
from console.ui.replies_rules import bubbles
from console.ui.settings_welcome import Welcome
from console.ui.theme import SPACE
from console.ui.timeline_actions import MoreMenu, Passing, Question
from console.ui.timeline_deeds import Do, actions
from console.ui.timeline_events import EventModel, EventView
from console.ui.timeline_hands import Hands
from console.ui.timeline_header import Elided, Headline, NothingChosen, References
from console.ui.timeline_rules import (
    birth_text,
    countdown,
    following,
    next_tick,
    references,
)
from console.ui.widgets import name

if TYPE_CHECKING:
    from console.desk.desk import Desk
    from console.desk.replies import Talk
    from console.desk.values import Change


_CONVERSATION: Final = 0.25
"""The conversation's largest part of the pane's height."""


class TimelinePane(QWidget):
    """Shows one message live. Ticks only while something on it moves and somebody can see it."""

    sent = Signal(str)
    """A new message was made from here (sent again, or an answer): its id."""
    reuse = Signal(str)
    """The agent wants this message as a new draft."""
    settings_wanted = Signal(str)
    """The agent wants to set up an account (``account``)."""
    shown_changed = Signal()
    """Another message is on screen, or none."""
    sandbox_wanted = Signal()
    """The agent wants to try the sandbox first."""

    def __init__(self, spawn: Spawn) -> None:
        super().__init__()
        self.setProperty("role", "pane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        name(self, "timelinePane", tr("Timeline"))
        self._spawn = spawn
        self._desk: Desk | None = None
        self._unwatch: Callable[[], None] | None = None
        self._message_id: str | None = None
        self._spoken_of: frozenset[str] = frozenset()
        """The messages whose texts stand in the conversation; news of any of them is news here."""
        self._timeline: Timeline | None = None
        self._loading = False
        self._stale = False
        self._marked: tuple[str, int] | None = None
        self._watched_window: QWidget | None = None
        self._make_parts()
        self._lay_out()
        self._ticker = QTimer(self)
        self._ticker.setSingleShot(True)
        self._ticker.timeout.connect(self._show_moment)

    # -- building ---------------------------------------------------------------------------

    def _make_parts(self) -> None:
        self._recipient = Elided("title")
        self._recipient.setObjectName("timelineRecipient")
        self._birth = Elided("caption")
        self._more = MoreMenu()
        self._more.reuse_wanted.connect(self._reuse)
        self._more.resend_wanted.connect(self._resend_from_menu)
        self._passing = Passing()
        self._headline = Headline()
        self._announcer = Announcer(self._headline.outcome)
        self._bar = self._headline.bar
        self._question = Question()
        self._references = References()
        self._references.copied.connect(lambda what: self._passing.say(tr("Copied: {what}", what=what)))
        self._lanes = Lanes()
        self._events = EventModel(self._now)
        self._view = EventView(self._events)
        self._view.evidence_wanted.connect(self._show_evidence)
        masking.changed.connect(self._mask_changed)
        self._talk = ConversationModel()
        self._conversation = Conversation(self._talk)
        self._conversation.rewrapped.connect(self._fit_conversation)
        self._answer = AnswerBox()
        self._hands = Hands(
            self._spawn, self._question, self._bar, self._answer, subject=self._subject, sent=self.sent.emit
        )
        self._bar.wanted.connect(self._hands.act)
        self._answer.answered.connect(self._hands.reply)

    def _lay_out(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._upper_part(), 1)
        column.addWidget(self._lower_part())
        self._welcome = Welcome()
        self._welcome.account_wanted.connect(lambda: self.settings_wanted.emit("account"))
        self._welcome.sandbox_wanted.connect(self.sandbox_wanted)
        self._empty = NothingChosen()
        self._content = content
        self._stack = QStackedLayout(self)
        for page in (self._empty, self._welcome, content):
            self._stack.addWidget(page)
        self.setMinimumWidth(420)

    def _upper_part(self) -> QScrollArea:
        """Head, lanes and events; on a low window all of it scrolls, and the answer stays in sight."""
        who = QVBoxLayout()
        who.setSpacing(0)
        who.addWidget(self._recipient)
        who.addWidget(self._birth)
        top = QHBoxLayout()
        top.setSpacing(3 * SPACE)
        top.addLayout(who, 1)
        top.addWidget(self._passing, 0, Qt.AlignmentFlag.AlignVCenter)
        top.addWidget(self._more, 0, Qt.AlignmentFlag.AlignTop)
        head = QVBoxLayout()
        head.setContentsMargins(6 * SPACE, 5 * SPACE, 6 * SPACE, 2 * SPACE)
        head.setSpacing(3 * SPACE)
        head.addLayout(top)
        for part in (self._headline, self._question, self._lanes, self._references):
            head.addWidget(part)
        upper = Scrolled()
        upper.setProperty("role", "pane")
        upper.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * SPACE)
        column.addLayout(head)
        column.addWidget(self._view, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(upper)
        return scroll

    def _lower_part(self) -> QFrame:
        """The conversation and the answer."""
        foot = QFrame()
        foot.setProperty("role", "footer")
        talk = QVBoxLayout(foot)
        talk.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 0)
        talk.setSpacing(0)
        talk.addWidget(self._conversation, 1)
        talk.addWidget(self._answer)
        return foot

    # -- what is shown ----------------------------------------------------------------------

    def attach(self, desk: Desk) -> None:
        """Show messages of ``desk`` from now on."""
        if self._unwatch is not None:
            self._unwatch()
        self._desk = desk
        self._unwatch = desk.watch(self._changed)
        self.show_message(None)

    def show_message(self, message_id: str | None) -> None:
        """Show this message, or the empty pane."""
        self._message_id = message_id
        self._spoken_of = frozenset((message_id,)) if message_id is not None else frozenset()
        self._question.withdraw()
        self._answer.clear()
        if message_id is None:
            self._show(None)
        else:
            self._reload()
        self.shown_changed.emit()

    @property
    def message_id(self) -> str | None:
        """The message chosen."""
        return self._message_id

    def _changed(self, change: Change) -> None:
        if self._message_id is not None and not change.message_ids.isdisjoint(self._spoken_of):
            self._reload()
        if change.status_changed and self._timeline is None:
            self._stack.setCurrentWidget(self._idle())

    def _idle(self) -> QWidget:
        """What stands here without a message: the welcome, until an account is set up."""
        new = self._desk is not None and self._desk.status.account.kind == "not_set_up"
        return self._welcome if new else self._empty

    def _reload(self) -> None:
        """Load what is chosen; one load at a time, and one more if it changed meanwhile."""
        if self._loading:
            self._stale = True
            return
        self._loading = True
        self._spawn(self._load())

    async def _load(self) -> None:
        try:
            while (desk := self._desk) is not None and (wanted := self._message_id) is not None:
                self._stale = False
                timeline = await desk.timeline(wanted)
                talk = await desk.replies.conversation(wanted)
                if wanted == self._message_id:
                    self._spoken_of |= {said.message_id for said in talk.said if said.message_id}
                    self._show_events(timeline, talk)
                    # The loop turns in between, so that neither half keeps the window for long. The
                    # outcome comes last: whoever sees it finds the events that made it.
                    await asyncio.sleep(0)
                if wanted == self._message_id:
                    self._show(timeline)
                    await self._mark_read(desk, timeline)
                if wanted == self._message_id and not self._stale:
                    break
        finally:
            self._loading = False
        if self._timeline is not None:
            await self._name_recipient(self._timeline.to)

    async def _mark_read(self, desk: Desk, timeline: Timeline | None) -> None:
        """Replies on screen are read. Said once for each: saying so is a change of its own."""
        if timeline is None or timeline.message_id is None or not self._visible():
            return
        seen = (timeline.message_id, len(timeline.replies))
        if timeline.replies and seen != self._marked:
            self._marked = seen
            await desk.mark_read(timeline.message_id)

    def _show(self, timeline: Timeline | None) -> None:
        other = timeline is None or self._timeline is None or timeline.message_id != self._timeline.message_id
        self._timeline = timeline
        self._stack.setCurrentWidget(self._content if timeline is not None else self._idle())
        if timeline is None:
            self._lanes.show_chart(None)
            self._events.show_events(())
            self._answer.show_timeline(None)
            self._ticker.stop()
            return
        now = self._now()
        if other:
            self._show_number()
        self._birth.show_text(birth_text(timeline, now))
        self._references.show_references(references(timeline))
        self._show_moment()
        if other:
            self._view.follow()

    def _show_events(self, timeline: Timeline | None, talk: Talk) -> None:
        if timeline is None:
            return
        self._events.show_events(timeline.events)
        self._answer.show_timeline(timeline)
        if self._talk.show_bubbles(bubbles(talk.said, self._now(), cut=talk.cut)):
            self._fit_conversation()
            self._conversation.scrollToBottom()

    def _show_moment(self) -> None:
        """Everything that depends on the moment; then sleep until it changes."""
        timeline = self._timeline
        if timeline is None:
            return
        now = self._now()
        view = outlook(timeline, now)
        self._headline.show_outlook(timeline, view, countdown(timeline, view, now))
        self._announcer.show(timeline, view, following(timeline))
        possible = actions(timeline, view)
        self._bar.show_actions(possible)
        self._more.offer_resend(all(action.do is not Do.RESEND for action in possible))
        self._lanes.show_chart(chart(timeline, now))
        self._ticker.stop()
        if self._visible():
            wait = next_tick(timeline, view, next_moment(timeline, now), now)
            if wait is not None:
                self._ticker.start(min(int(wait * 1000) + 1, 3_600_000))

    async def _name_recipient(self, digits: str) -> None:
        if not digits:
            return
        known = await asyncio.to_thread(parse_recipient, f"+{digits}", None)
        if isinstance(known, Recipient) and self._timeline is not None and self._timeline.to == digits:
            country = f" · {known.country}" if known.country else ""
            self._recipient.show_text(shown(known.formatted) + country)

    def _show_number(self) -> None:
        """The number at once; how it is written in its country follows."""
        digits = self._timeline.to if self._timeline is not None else ""
        self._recipient.show_text(shown(f"+{digits}") if digits else tr("Unknown recipient"))

    def _mask_changed(self) -> None:
        if self._timeline is not None:
            self._show_number()
            self._spawn(self._name_recipient(self._timeline.to))

    def go_to_answer(self) -> str:
        """Put the keyboard where the customer is answered; why that cannot be, or empty."""
        return self._answer.go()

    def _now(self) -> datetime:
        return (self._desk.clock() if self._desk is not None else datetime.now(UTC)).astimezone()

    # -- sleeping while nobody looks ----------------------------------------------------------

    def _visible(self) -> bool:
        return self.isVisible() and not self.window().isMinimized()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        window = self.window()
        if window is not self._watched_window:
            if self._watched_window is not None:
                self._watched_window.removeEventFilter(self)
            window.installEventFilter(self)
            self._watched_window = window
        self._show_moment()

    def hideEvent(self, event: QHideEvent) -> None:
        self._ticker.stop()
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.WindowStateChange:
            self._show_moment()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_conversation()

    def _fit_conversation(self) -> None:
        limit = int(self.height() * _CONVERSATION)
        self._conversation.setFixedHeight(min(self._conversation.content_height() + SPACE, limit))

    # -- what can be done -------------------------------------------------------------------

    def _subject(self) -> tuple[Desk, str] | None:
        return None if self._desk is None or self._message_id is None else (self._desk, self._message_id)

    def _resend_from_menu(self) -> None:
        if self._timeline is not None:
            self._hands.resend(self._timeline)

    def _reuse(self) -> None:
        if self._message_id is not None:
            self.reuse.emit(self._message_id)

    def _show_evidence(self, event: Event) -> None:
        if self._desk is not None:
            self._spawn(self._open_evidence(self._desk, event))

    async def _open_evidence(self, desk: Desk, event: Event) -> None:
        raw = await desk.raw(event.fact_id)
        evidence = Evidence(
            event=event,
            body=raw.body if raw is not None and raw.body else None,
            received_at=raw.received_at if raw is not None else None,
            signature=raw.signature if raw is not None else None,
        )
        EvidenceDialog(evidence, self).open()
