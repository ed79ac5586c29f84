"""What every room's tests share."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the proofs in their long form")


@pytest.fixture
def long_form(request: pytest.FixtureRequest) -> bool:
    """Whether a proof should run its long form (hundreds of rounds) instead of the short one."""
    return bool(request.config.getoption("--long"))
