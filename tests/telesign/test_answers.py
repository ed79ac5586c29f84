"""What counts as an answer of Telesign's."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telesign.answers import Answer, parse_answer
from tests.telesign.conftest import REFERENCE, TAKEN


def test_taken() -> None:
    assert parse_answer(200, TAKEN) == Answer(
        http_status=200,
        code=3001,
        description="Message in progress",
        reference_id=REFERENCE,
        external_id="ours-1",
    )


@pytest.mark.parametrize(
    ("http_status", "code"), [(400, 3110), (401, 3400), (429, 3203), (429, 3204), (429, 3206), (503, 3500)]
)
def test_refusals_come_without_reference_id(http_status: int, code: int) -> None:
    body = json.dumps({"status": {"code": code, "description": "No"}, "external_id": "null"}).encode()
    answer = parse_answer(http_status, body)
    assert answer is not None
    assert (answer.code, answer.accepted, answer.reference_id, answer.external_id) == (
        code,
        False,
        None,
        None,
    )


def test_the_code_decides_and_not_the_http_status() -> None:
    answer = parse_answer(503, TAKEN)
    assert answer is not None
    assert answer.accepted


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        b"{}",
        b"[]",
        b"null",
        b'{"status":3001}',
        b'{"status":{}}',
        b'{"status":{"code":true}}',
        b'{"status":{"code":3001.5}}',
        b'{"status":{"code":NaN}}',
        b'{"status":{"code":null}}',
        TAKEN[:-1],
        TAKEN.decode().encode("utf-16"),
    ],
)
def test_what_holds_no_code_is_no_answer(body: bytes) -> None:
    assert parse_answer(200, body) is None


@given(st.binary())
def test_any_bytes_are_an_answer_or_none(body: bytes) -> None:
    answer = parse_answer(200, body)
    assert answer is None or isinstance(answer.code, int)
