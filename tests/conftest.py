"""What every room's tests share."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from console.ui.collector import collect_if_due


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the proofs in their long form")


@pytest.fixture
def long_form(request: pytest.FixtureRequest) -> bool:
    """Whether a proof should run its long form (hundreds of rounds) instead of the short one."""
    return bool(request.config.getoption("--long"))


@pytest.fixture(scope="session", autouse=True)
def _no_cycle_dies_on_a_worker_thread() -> Iterator[None]:
    """Windows of one test must not be destroyed by a thread of another: that ends the process."""
    gc.disable()
    yield
    gc.enable()


@pytest.fixture(autouse=True)
def _collected_between_tests(_no_cycle_dies_on_a_worker_thread: None) -> Iterator[None]:
    yield
    collect_if_due()
