"""A desk without journal or network: facts in, the real fold out."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

from console.cascade.conversation import Arrival, in_order, spoken_by_customer, spoken_by_us
from console.cascade.facts import Decision, Fact, Queued, Replied
from console.cascade.outcome import CascadeOutcome, MessageState, Timeline
from console.cascade.templates import (
    ImportPlan,
    Template,
    TemplateError,
    from_file,
    plan_import,
    to_file,
)
from console.cascade.timeline import fold
from console.desk.adviser import Known
from console.desk.replies import Candidate, Talk
from console.desk.values import (
    AccountStatus,
    Change,
    DeskStatus,
    HistoryQuery,
    HistoryRow,
    Queued_,
    RawEvidence,
    RelayStatus,
    SendResult,
)
from console.journal.replies import OptedOutNumber
from console.journal.unmatched import Pile, Unmatched
from tests.ui.scenes import START


@dataclass
class FakeReplies:
    """The desk's replies, without a journal; what is asked of it is remembered."""

    facts: dict[str, list[Fact]] = field(default_factory=dict)
    unread: int = 0
    unmatched: int = 0
    on_screen: str | None = None
    piles: dict[Pile, list[Unmatched]] = field(default_factory=dict)
    found: list[Candidate] = field(default_factory=list)
    stopped: list[OptedOutNumber] = field(default_factory=list)
    first_unread: str | None = None
    may_assign: bool = True
    did: list[tuple[object, ...]] = field(default_factory=list)
    _watchers: list[Callable[[], None]] = field(default_factory=list)
    _listeners: list[Callable[[Arrival], None]] = field(default_factory=list)

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)

    def on_arrived(self, callback: Callable[[Arrival], None]) -> Callable[[], None]:
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def count(self, unread: int, unmatched: int) -> None:
        self.unread, self.unmatched = unread, unmatched
        for watcher in list(self._watchers):
            watcher()

    def arrive(self, arrival: Arrival) -> None:
        for listener in list(self._listeners):
            listener(arrival)

    async def conversation(self, message_id: str) -> Talk:
        said = []
        for fact in self.facts.get(message_id, []):
            if isinstance(fact, Queued):
                said.append(spoken_by_us(fact, MessageState.ACCEPTED))
            elif isinstance(fact, Replied):
                said.append(spoken_by_customer(fact, message_id))
        return Talk(in_order(said))

    async def next_unread(self) -> str | None:
        return self.first_unread

    async def pile(self, pile: Pile) -> list[Unmatched]:
        return list(self.piles.get(pile, []))

    async def candidates(self, search: str) -> list[Candidate]:
        self.did.append(("candidates", search))
        return list(self.found)

    async def assign(self, fact_id: str, message_id: str) -> bool:
        self.did.append(("assign", fact_id, message_id))
        return self.may_assign

    async def dismiss(self, fact_id: str) -> None:
        self.did.append(("dismiss", fact_id))

    async def restore(self, fact_id: str) -> None:
        self.did.append(("restore", fact_id))

    async def opted_out(self) -> list[OptedOutNumber]:
        return list(self.stopped)

    async def opt_out(self, text: str, default_country: str | None) -> str | None:
        self.did.append(("opt_out", text, default_country))
        return "".join(sign for sign in text if sign.isdigit()) or None

    async def opt_in(self, number: str) -> None:
        self.did.append(("opt_in", number))


@dataclass
class FakeTemplates:
    """The desk's templates in memory."""

    kept: dict[str, Template] = field(default_factory=dict)
    uses: list[str] = field(default_factory=list)
    _watchers: list[Callable[[], None]] = field(default_factory=list)

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)

    def put(self, *templates: Template) -> None:
        self.kept.update((each.key, each) for each in templates)
        for watcher in list(self._watchers):
            watcher()

    async def all(self) -> list[Template]:
        return list(self.kept.values())

    async def save(self, template: Template, *, instead_of: str = "") -> None:
        if template.key != instead_of and template.key in self.kept:
            raise TemplateError("Another template has this name.")
        self.kept.pop(instead_of, None)
        self.put(template)

    async def delete(self, key: str) -> None:
        del self.kept[key]
        self.put()

    async def used(self, template: Template) -> None:
        self.uses.append(template.key)

    async def compare(self, content: bytes) -> ImportPlan:
        return plan_import(self.kept.values(), from_file(content))

    async def take(self, plan: ImportPlan) -> None:
        self.put(*plan.new, *plan.changed)

    async def file(self) -> bytes:
        return to_file(self.kept.values())


@dataclass
class FakeAdviser:
    """What the journal teaches, as the test says."""

    known: Known = field(default_factory=Known)
    _watchers: list[Callable[[], None]] = field(default_factory=list)

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)

    def learn(self, known: Known) -> None:
        self.known = known
        for watcher in list(self._watchers):
            watcher()


@dataclass
class FakeDesk:
    """Answers at once; remembers what it was asked to do."""

    now: datetime = START
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    rows: dict[int, HistoryRow] = field(default_factory=dict)
    evidence: dict[str, RawEvidence] = field(default_factory=dict)
    did: list[tuple[object, ...]] = field(default_factory=list)
    answer: SendResult = field(default_factory=lambda: Queued_("m2"))
    may_withdraw: bool = True
    reads: list[int] = field(default_factory=list)
    queries: list[HistoryQuery] = field(default_factory=list)
    settings: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(sandbox=False, default_country="")
    )
    status: DeskStatus = field(
        default_factory=lambda: DeskStatus(
            account=AccountStatus(kind="ready"), relay=RelayStatus(kind="live")
        )
    )
    replies: FakeReplies = field(default_factory=FakeReplies)
    templates: FakeTemplates = field(default_factory=FakeTemplates)
    adviser: FakeAdviser = field(default_factory=FakeAdviser)
    _watchers: list[Callable[[Change], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.replies.facts = self.facts

    def clock(self) -> datetime:
        return self.now

    def watch(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        self._watchers.append(callback)
        return lambda: self._watchers.remove(callback)

    def tell(self, *message_ids: str, history: bool = False, status: bool = False) -> None:
        change = Change(frozenset(message_ids), history_changed=history, status_changed=status)
        for watcher in list(self._watchers):
            watcher(change)

    def put(self, message_id: str, facts: Iterable[Fact]) -> None:
        self.facts.setdefault(message_id, []).extend(facts)

    async def timeline(self, message_id: str) -> Timeline | None:
        facts = self.facts.get(message_id)
        return fold(facts) if facts else None

    async def raw(self, fact_id: str) -> RawEvidence | None:
        return self.evidence.get(fact_id)

    async def mark_read(self, message_id: str) -> None:
        self.did.append(("mark_read", message_id))

    async def withdraw(self, message_id: str) -> bool:
        self.did.append(("withdraw", message_id))
        return self.may_withdraw

    async def resend(
        self, message_id: str, *, confirmed: bool = False, despite_stop: bool = False
    ) -> SendResult:
        self.did.append(("resend", message_id, confirmed, despite_stop))
        return self.answer

    async def reply(self, message_id: str, text: str, *, confirmed: bool = False) -> SendResult:
        self.did.append(("reply", message_id, text, confirmed))
        return self.answer

    async def settle(self, message_id: str, decision: Decision) -> None:
        self.did.append(("settle", message_id, decision))

    async def ask_status(self, message_id: str) -> None:
        self.did.append(("ask_status", message_id))

    async def history_ids(self, query: HistoryQuery) -> array[int]:
        self.queries.append(query)
        found: array[int] = array("q")
        for rowid in sorted(self.rows, reverse=True):
            row = self.rows[rowid]
            if query.search and query.search not in row.first_words:
                continue
            if query.states and not {str(row.state), str(row.outcome)} & set(query.states):
                continue
            if query.channel and row.channel != query.channel:
                continue
            if query.since is not None and row.created_at < query.since:
                continue
            if query.until is not None and row.created_at >= query.until:
                continue
            if query.unread and not row.unread:
                continue
            found.append(rowid)
            if query.limit is not None and len(found) >= query.limit:
                break
        return found

    async def history_rows(self, rowids: Sequence[int]) -> list[HistoryRow]:
        self.reads.extend(rowids)
        return [self.rows[rowid] for rowid in rowids if rowid in self.rows]


def history_row(rowid: int, **changes: object) -> HistoryRow:
    """A row of the history; older ones have smaller row ids."""
    values: dict[str, object] = {
        "rowid": rowid,
        "message_id": f"m{rowid}",
        "to": f"1202555{rowid % 10000:04}",
        "formatted_to": f"+1 202-555-{rowid % 10000:04}",
        "first_words": f"Message number {rowid}",
        "state": MessageState.ACCEPTED,
        "outcome": CascadeOutcome.DELIVERED,
        "channel": "viber",
        "created_at": datetime(2026, 11, 23, tzinfo=UTC) + timedelta(minutes=rowid % 800),
        "updated_at": START,
        "unread": False,
    }
    return HistoryRow(**{**values, **changes})  # type: ignore[arg-type]
