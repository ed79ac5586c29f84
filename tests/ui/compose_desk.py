"""A desk for the form: really checks, remembers what it was asked, answers what the test wants."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

from console.cascade.message import Checked, Draft, check
from console.desk.values import AccountStatus, DeskStatus, Queued_, RelayStatus, SendResult
from tests.ui.fake_desk import FakeDesk


@dataclass
class ComposeDesk(FakeDesk):
    """The part of the desk that composing needs, on top of the shared fake."""

    result: SendResult = field(default_factory=lambda: Queued_("m9"))
    kept: Draft | None = None
    saved: list[Draft] = field(default_factory=list)
    sends: list[tuple[Draft, bool]] = field(default_factory=list)
    withdrawn: list[str] = field(default_factory=list)
    withdraws: bool = True
    drafts: dict[str, Draft] = field(default_factory=dict)
    settings: SimpleNamespace = field(
        default_factory=lambda: SimpleNamespace(
            sandbox=False, default_country="US", time_scale=1.0, undo_seconds=0
        )
    )
    status: DeskStatus = field(
        default_factory=lambda: DeskStatus(
            account=AccountStatus(kind="ready"), relay=RelayStatus(kind="live")
        )
    )

    def check(self, draft: Draft) -> Checked:
        return check(draft, default_region=self.settings.default_country)

    async def send(self, draft: Draft, *, confirmed: bool = False) -> SendResult:
        self.sends.append((draft, confirmed))
        return self.result

    async def withdraw(self, message_id: str) -> bool:
        self.withdrawn.append(message_id)
        return self.withdraws

    async def save_draft(self, draft: Draft) -> None:
        self.saved.append(draft)

    async def load_draft(self) -> Draft | None:
        return self.kept

    async def draft_of(self, message_id: str) -> Draft | None:
        return self.drafts.get(message_id)
