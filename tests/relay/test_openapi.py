"""The relay does what its own description says: schemathesis asks, with every check it has."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import ignored_auth

from tests.relay.conftest import KEY, TOKEN, held
from tests.relay.processes import relay_process


class Signed(requests.auth.AuthBase):
    """Telesign's signature over whatever bytes are about to be sent, or a console's token."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if "/callbacks/" in str(request.url):
            body = request.body or b""
            assert isinstance(body, bytes | str), type(body)
            content = body.encode() if isinstance(body, str) else body
            digest = hmac.digest(base64.b64decode(KEY.api_key), content, hashlib.sha256)
            request.headers["X-TS-Authorization"] = base64.b64encode(digest).decode()
        else:
            request.headers["Authorization"] = f"Bearer {TOKEN}"
        return request


def examine(url: str, examples: int, *, known: bool) -> dict[str, set[int]]:
    """Ask every operation; returns which answers each gave."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    # Where the session adds token and signature, a request made without them would not be one.
    schema.config.generation.with_security_parameters = not known
    # A cursor can be well formed and yet of another store: that is what 410 is for.
    accepted = schema.config.checks.positive_data_acceptance.expected_statuses
    schema.config.checks.positive_data_acceptance.expected_statuses = [*(accepted or []), "410"]
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    return {f"{each.method} {each.path}": ask(each, examples, known=known) for each in operations}


def ask(operation: Any, examples: int, *, known: bool) -> set[int]:
    answers = set()

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < 100,  # the long form looks for more each time
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    @given(data=st.data())
    def one(data: Any) -> None:
        mode = data.draw(st.sampled_from(list(schemathesis.GenerationMode)))
        try:
            case = data.draw(operation.as_strategy(generation_mode=mode))
        except ValueError:  # an operation without parameters cannot be asked wrongly
            return
        query = case.query if isinstance(case.query, dict) else {}
        if any(value in ([], {}) for value in query.values()):
            return  # nothing of it would be in the address
        if held(query.get("wait")):
            query["wait"] = 0  # an answer held for a minute proves nothing here
        with requests.Session() as session:
            session.trust_env = False
            if known:
                session.auth = Signed()
            # That check asks again without what the session adds, and would be told who it is.
            answer = case.call_and_validate(session=session, excluded_checks=[ignored_auth])
        answers.add(answer.status_code)

    one()
    return answers


async def test_with_token_and_signature(each_url: str, long_form: bool) -> None:
    async with relay_process(each_url) as relay:
        seen = await asyncio.to_thread(examine, relay.url, 400 if long_form else 40, known=True)
    assert 200 in seen["post /callbacks/telesign"]
    assert 200 in seen["post /callbacks/telesign/{label}"]
    assert 200 in seen["get /v1/events/{reference_id}"]
    assert {200, 400} <= seen["get /v1/events"]
    assert not {status for answers in seen.values() for status in answers if status >= 500}


async def test_without_either_nothing_is_given_or_taken(sqlite_url: str, long_form: bool) -> None:
    async with relay_process(sqlite_url) as relay:
        seen = await asyncio.to_thread(examine, relay.url, 200 if long_form else 20, known=False)
    guarded = {place: answers for place, answers in seen.items() if "/callbacks" in place or "/v1/" in place}
    assert len(guarded) == 6
    assert not any(200 in answers for answers in guarded.values())
