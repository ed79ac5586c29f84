"""A newer version is told of only where somebody asked for that, and only when the answer is plain."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.desk.settings import Settings, SettingsProblem, load_settings
from console.desk.updates import LONGEST, is_newer, newer_version, version_told

ADDRESS = "https://desks.example.com/cascade.json"


def answering(*, status: int = 200, body: bytes = b"", asked: list[str] | None = None) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        if asked is not None:
            asked.append(f"{request.method} {request.url}")
        return httpx.Response(status, stream=httpx.ByteStream(body))

    return httpx.MockTransport(answer)


def naming(version: object) -> bytes:
    return json.dumps({"version": version}).encode()


async def test_nobody_is_asked_unless_an_address_is_set() -> None:
    asked: list[str] = []
    assert await newer_version(Settings(), transport=answering(body=naming("99.0"), asked=asked)) is None
    assert asked == []


async def test_nothing_leaves_this_computer_in_the_sandbox() -> None:
    asked: list[str] = []
    transport = answering(body=naming("99.0"), asked=asked)
    assert await newer_version(Settings(update_url=ADDRESS, sandbox=True), transport=transport) is None
    assert asked == []


async def test_a_newer_version_is_told_with_both_numbers_and_no_address() -> None:
    asked: list[str] = []
    transport = answering(body=naming("1.4.0"), asked=asked)
    told = await newer_version(Settings(update_url=ADDRESS), have="1.3.9", transport=transport)
    assert told == "There is a newer version of Cascade: 1.4.0. This is 1.3.9."
    assert asked == [f"GET {ADDRESS}"]


@pytest.mark.parametrize("version", ["1.3.9", "1.3.8", "1.3", "0.9.9.9"])
async def test_the_same_or_an_older_version_is_silence(version: str) -> None:
    transport = answering(body=naming(version))
    assert await newer_version(Settings(update_url=ADDRESS), have="1.3.9", transport=transport) is None


@pytest.mark.parametrize("status", [201, 301, 302, 401, 404, 500])
async def test_any_other_answer_than_200_is_silence(status: int) -> None:
    transport = answering(status=status, body=naming("99.0"))
    assert await newer_version(Settings(update_url=ADDRESS), transport=transport) is None


async def test_no_connection_is_silence() -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no route", request=request)

    assert await newer_version(Settings(update_url=ADDRESS), transport=httpx.MockTransport(fail)) is None


async def test_an_answer_that_is_too_long_is_not_read() -> None:
    body = json.dumps({"version": "99.0", "padding": "x" * LONGEST}).encode()
    transport = answering(body=body)
    assert await newer_version(Settings(update_url=ADDRESS), transport=transport) is None
    assert version_told(body) is None


@pytest.mark.parametrize(
    "body",
    [
        b"", b"1.4.0", b'"1.4.0"', b"[]", b"null", b"{}", b'{"version": null}', b'{"version": 2}',
        b'{"version": "2"}',
        b'{"version": "2.0 <b>now</b>"}', b'{"version": "v2.0"}', b'{"version": "2.0\\n"}',
        b'{"version": "1.2.3.4.5"}', b'{"version": "-1.0"}', b'{"version": "\xd9\xa2.0"}',
        b"\xff\xfe", b"[" * 4000,
        b'{"version": "1234567.0"}',
    ],
)  # fmt: skip
def test_what_is_not_exactly_such_an_answer_names_no_version(body: bytes) -> None:
    assert version_told(body) is None


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fail(body: bytes) -> None:
    told = version_told(body)
    assert told is None or is_newer(told, "0.0") in (True, False)


@given(st.lists(st.integers(0, 999_999), min_size=2, max_size=4), st.integers(0, 3))
def test_a_version_is_newer_than_itself_with_any_number_made_smaller(numbers: list[int], place: int) -> None:
    told = ".".join(map(str, numbers))
    assert not is_newer(told, told)
    place = place % len(numbers)
    if numbers[place]:
        older = [*numbers[:place], numbers[place] - 1, *numbers[place + 1 :]]
        assert is_newer(told, ".".join(map(str, older)))
        assert not is_newer(".".join(map(str, older)), told)


def test_a_release_is_newer_than_its_own_candidates() -> None:
    assert is_newer("1.2.0", "1.2.0rc1")
    assert is_newer("1.2", "1.2.0.dev3")
    assert not is_newer("1.2.0", "1.2")
    assert not is_newer("1.2.0", "unknown")


def test_the_address_comes_from_the_environment_and_must_be_encrypted(tmp_path: Path) -> None:
    assert load_settings(tmp_path, "default", {}).update_url == ""
    assert load_settings(tmp_path, "default", {"CASCADE_UPDATE_URL": ADDRESS}).update_url == ADDRESS
    local = "http://127.0.0.1:8000/cascade.json"
    assert load_settings(tmp_path, "default", {"CASCADE_UPDATE_URL": local}).update_url == local
    with pytest.raises(SettingsProblem):
        load_settings(tmp_path, "default", {"CASCADE_UPDATE_URL": "http://desks.example.com/cascade.json"})


async def test_an_address_that_cannot_be_used_is_silence() -> None:
    assert await newer_version(Settings(update_url="http://desks.example.com/")) is None
