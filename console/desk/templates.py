"""The desk's templates: listed, kept, brought in and out. The list in memory follows the journal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from console.cascade.templates import (
    ImportPlan,
    Template,
    TemplateError,
    from_file,
    plan_import,
    to_file,
)
from console.cascade.words import tr
from console.desk.ledger import Ledger
from console.desk.watchers import Watchers
from console.journal import templates as kept

__all__ = ["ImportPlan", "Template", "TemplateError", "Templates"]


class Templates:
    """Belongs to one event loop. Watchers are called after every change made here."""

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._watchers = Watchers[()]()

    def watch(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call ``callback`` when the list changed; returns how to stop."""
        return self._watchers.add(callback)

    async def all(self) -> list[Template]:
        """Every template, the one used last first."""
        return await self._ledger.off(kept.list_templates, self._ledger.db.db)

    async def save(self, template: Template, *, instead_of: str = "") -> None:
        """Keep a new one, or one ``instead_of`` the one with this key.

        Raises:
            TemplateError: another template has its name.
        """
        if template.key != instead_of and any(each.key == template.key for each in await self.all()):
            raise TemplateError(tr("Another template has this name."))
        await self._keep([template], instead_of=instead_of)

    async def delete(self, key: str) -> None:
        """Forget one."""
        await self._ledger.off(kept.delete_template, self._ledger.db.db, key)
        self._watchers.tell()

    async def used(self, template: Template) -> None:
        """It was put into the form just now; it comes first from now on."""
        await self._ledger.off(kept.note_use, self._ledger.db.db, template.key, self._clock())
        self._watchers.tell()

    async def compare(self, content: bytes) -> ImportPlan:
        """Read a file and say what taking it in would do.

        Raises:
            TemplateError: it cannot be read; nothing of it is taken then.
        """
        here = await self.all()
        return await self._ledger.off(lambda: plan_import(here, from_file(content)))

    async def take(self, plan: ImportPlan) -> None:
        """Keep what a file brought, all of it or none."""
        await self._keep([*plan.new, *plan.changed])

    async def file(self) -> bytes:
        """All of them as a file."""
        here = await self.all()
        return await self._ledger.off(to_file, here)

    async def _keep(self, templates: list[Template], *, instead_of: str = "") -> None:
        work = partial(kept.save_templates, instead_of=instead_of)
        await self._ledger.off(work, self._ledger.db.db, templates)
        self._watchers.tell()
