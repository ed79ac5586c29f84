"""Provider time, with a clock that only moves when told to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from console.sandbox.agenda import Agenda, ProviderClock


class HandClock:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@asynccontextmanager
async def working(clock: ProviderClock) -> AsyncIterator[tuple[Agenda[str], list[str]]]:
    done: list[str] = []
    agenda: Agenda[str] = Agenda(clock, done.append)
    task = asyncio.create_task(agenda.run())
    try:
        yield agenda, done
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def turns() -> None:
    """Let everything that can run now run."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_provider_time_is_real_time_times_speed() -> None:
    real = HandClock()
    clock = ProviderClock(speed=10, start=500, real=real)
    real.seconds += 3
    assert clock.now() == 530
    assert clock.real_until(600) == 7
    assert clock.real_until(100) == 0


def test_a_new_speed_holds_from_now_on() -> None:
    real = HandClock()
    clock = ProviderClock(real=real)
    real.seconds += 10
    clock.speed = 100
    real.seconds += 1
    assert clock.now() == 110
    assert clock.speed == 100


@pytest.mark.parametrize("speed", [0, -1, float("inf"), float("nan")])
def test_a_speed_that_is_none_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        ProviderClock(speed=speed)
    clock = ProviderClock()
    with pytest.raises(ValueError, match="speed"):
        clock.speed = speed
    assert clock.speed == 1


async def test_work_is_done_when_due_and_not_before() -> None:
    real = HandClock()
    clock = ProviderClock(real=real)
    async with working(clock) as (agenda, done):
        agenda.add(60, "sms")
        agenda.add(2, "viber")
        await turns()
        assert done == []
        real.seconds += 2
        agenda.wake()
        await turns()
        assert done == ["viber"]
        assert len(agenda) == 1
        real.seconds += 58
        agenda.wake()
        await turns()
        assert done == ["viber", "sms"]


async def test_work_of_one_moment_keeps_the_order_in_which_it_was_added() -> None:
    async with working(ProviderClock(real=HandClock())) as (agenda, done):
        for name in "abcde":
            agenda.add(0, name)
        await turns()
        assert done == list("abcde")


async def test_work_added_later_but_due_earlier_is_not_held_up() -> None:
    async with working(ProviderClock(real=HandClock())) as (agenda, done):
        agenda.add(3600, "late")
        await turns()
        agenda.add(0, "now")
        await turns()
        assert done == ["now"]


async def test_speeding_up_brings_forward_what_is_due() -> None:
    real = HandClock()
    clock = ProviderClock(real=real)
    async with working(clock) as (agenda, done):
        agenda.add(3600, "an hour later")
        await turns()
        clock.speed = 3600
        real.seconds += 1
        agenda.wake()
        await turns()
        assert done == ["an hour later"]


async def test_it_wakes_by_itself_when_the_moment_comes() -> None:
    came = asyncio.Event()
    clock = ProviderClock(speed=1000)
    agenda: Agenda[asyncio.Event] = Agenda(clock, asyncio.Event.set)
    task = asyncio.create_task(agenda.run())
    agenda.add(clock.now() + 10, came)
    await asyncio.wait_for(came.wait(), 30)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
