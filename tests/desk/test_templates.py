"""The desk's templates over a real journal."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.cascade.templates import Template, TemplateError
from tests.desk.stand_in import desk_at

NOWHERE = "http://127.0.0.1:9"
HELLO = Template(name="Hello", viber_text="Hello {name}")
BYE = Template(name="Bye", viber_text="Bye")


async def test_saved_renamed_used_and_deleted_with_those_who_watch_told(tmp_path: Path) -> None:
    told = []
    async with desk_at(NOWHERE, tmp_path) as desk:
        stop = desk.templates.watch(lambda: told.append(1))
        await desk.templates.save(HELLO)
        await desk.templates.save(BYE)
        await desk.templates.used(HELLO)
        assert await desk.templates.all() == [HELLO, BYE]
        louder = Template(name="HELLO", viber_text="HELLO!")
        await desk.templates.save(louder, instead_of=HELLO.key)
        await desk.templates.delete(BYE.key)
        assert await desk.templates.all() == [louder]
        assert len(told) == 5
        stop()
        await desk.templates.delete(louder.key)
        assert len(told) == 5
    async with desk_at(NOWHERE, tmp_path) as desk:
        assert await desk.templates.all() == []


async def test_a_name_that_is_taken_is_refused_and_nothing_is_lost(tmp_path: Path) -> None:
    async with desk_at(NOWHERE, tmp_path) as desk:
        await desk.templates.save(HELLO)
        await desk.templates.save(BYE)
        with pytest.raises(TemplateError, match="has this name"):
            await desk.templates.save(Template(name="hello", viber_text="other"))
        with pytest.raises(TemplateError, match="has this name"):
            await desk.templates.save(Template(name="hello", viber_text="other"), instead_of=BYE.key)
        assert sorted(each.name for each in await desk.templates.all()) == ["Bye", "Hello"]


async def test_what_one_desk_exports_another_imports(tmp_path: Path) -> None:
    async with desk_at(NOWHERE, tmp_path / "one") as desk:
        await desk.templates.save(HELLO)
        await desk.templates.save(BYE)
        content = await desk.templates.file()
    async with desk_at(NOWHERE, tmp_path / "two") as desk:
        await desk.templates.save(Template(name="bye", viber_text="See you"))
        plan = await desk.templates.compare(content)
        assert (plan.new, plan.changed, plan.same) == ((HELLO,), (BYE,), ())
        assert len(await desk.templates.all()) == 1
        await desk.templates.take(plan)
        assert {each.name for each in await desk.templates.all()} == {"Hello", "Bye"}
        again = await desk.templates.compare(content)
        assert len(again.same) == 2
        with pytest.raises(TemplateError):
            await desk.templates.compare(b"nonsense")
