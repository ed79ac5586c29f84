"""The sandbox as the console and ``cascade sandbox`` run it: with a real relay."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from console.sandbox.embedded import Sandbox
from console.sandbox.scenarios import scenario
from console.sandbox.telesign import OMNICHANNEL
from console.telesign.signing import AccountKey, find_signer
from tests.sandbox import requests


def key_of(sandbox: Sandbox) -> AccountKey:
    return AccountKey(sandbox.customer_id, sandbox.api_key)


def post(sandbox: Sandbox, scenario_id: str = "viber_read", **changes: Any) -> httpx.Response:
    body = requests.to(scenario(scenario_id).number, **changes)
    with httpx.Client(trust_env=False, timeout=30) as client:
        return client.send(requests.signed_post(sandbox.api_url + OMNICHANNEL, key_of(sandbox), body))


def feed(sandbox: Sandbox, after: str | None = None) -> dict[str, Any]:
    with httpx.Client(trust_env=False, timeout=30) as client:
        answer = client.get(
            sandbox.relay_url + "/v1/events",
            params={} if after is None else {"after": after},
            headers={"Authorization": f"Bearer {sandbox.relay_token}"},
        )
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def test_a_message_sent_to_the_sandbox_is_in_the_relays_feed(tmp_path: Path) -> None:
    with Sandbox(tmp_path, speed=1000) as sandbox:
        reference_id = post(sandbox, "reply_viber").json()["reference_id"]
        sandbox.at_rest().result(30)
        events = feed(sandbox)["events"]
        assert [(each["kind"], each["reference_id"]) for each in events] == [
            ("delivery", reference_id),
            ("delivery", reference_id),
            ("reply", reference_id),
        ]
        assert [each["label"] for each in events] == [None, None, "viber"]
        assert find_signer(
            events[0]["body"].encode(),
            x_ts_authorization=events[0]["signature"],
            authorization=None,
            keys=[key_of(sandbox)],
        )


def test_the_relay_keeps_one_of_three_callbacks(tmp_path: Path) -> None:
    with Sandbox(tmp_path, speed=1000) as sandbox:
        post(sandbox, "duplicates")
        sandbox.at_rest().result(30)
        assert len(feed(sandbox)["events"]) == 2


def test_account_events_and_cursor_hold_across_runs(tmp_path: Path) -> None:
    with Sandbox(tmp_path, speed=1000) as first:
        reference_id = post(first, "viber_delivered").json()["reference_id"]
        first.at_rest().result(30)
        seen = feed(first)
        account, token = key_of(first), first.relay_token
    with Sandbox(tmp_path, speed=1000) as second:
        assert key_of(second) == account
        assert second.relay_token != token
        assert feed(second, after=seen["next"])["events"] == []
        assert [each["reference_id"] for each in feed(second)["events"]] == [reference_id]
        url = f"{second.api_url}{OMNICHANNEL}/{reference_id}"
        with httpx.Client(trust_env=False) as client:
            assert client.send(requests.signed_get(url, account)).status_code == 200


def test_what_a_run_left_undone_the_next_one_does(tmp_path: Path) -> None:
    with Sandbox(tmp_path, speed=0.001) as first:
        post(first, "viber_delivered")
        assert feed(first)["events"] == []
    with Sandbox(tmp_path, speed=1000) as second:
        second.at_rest().result(30)
        assert len(feed(second)["events"]) == 1


def test_speed_and_scenario_can_be_changed_while_it_runs(tmp_path: Path) -> None:
    with Sandbox(tmp_path, speed=0.001) as sandbox:
        post(sandbox, "viber_delivered")
        sandbox.speed = 1000
        sandbox.at_rest().result(30)
        sandbox.scenario = "not_enabled"
        assert post(sandbox, "viber_delivered").status_code == 429
        sandbox.scenario = None
        assert post(sandbox, "viber_delivered").status_code == 200
        assert [each.http_status for each in sandbox.received] == [200, 429, 200]


def test_what_is_set_before_it_is_ready_holds(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    sandbox.start()
    sandbox.scenario = "html_502"
    sandbox.speed = 50
    try:
        sandbox.ready.result(30)
        assert post(sandbox).status_code == 502
        assert sandbox.speed == 50
    finally:
        assert sandbox.stop()


async def test_it_can_be_entered_from_a_coroutine(tmp_path: Path) -> None:
    async with Sandbox(tmp_path, speed=1000) as sandbox:
        await asyncio.to_thread(post, sandbox)
        await asyncio.wrap_future(sandbox.at_rest())
        assert len((await asyncio.to_thread(feed, sandbox))["events"]) == 2


def test_its_thread_ends_with_it_and_stopping_twice_is_nothing(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    assert sandbox.stop()  # never started
    sandbox.start()
    assert sandbox.stop()
    assert sandbox.stop()
    assert "cascade-sandbox" not in {each.name for each in threading.enumerate()}


def test_before_it_is_ready_it_has_no_address(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="not ready"):
        _ = Sandbox(tmp_path).api_url


def test_a_directory_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    sandbox = Sandbox(tmp_path / "file")
    sandbox.start()
    with pytest.raises(FileExistsError):
        sandbox.ready.result(30)
    assert sandbox.stop()


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_a_speed_that_is_none_is_refused(speed: float, tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    with pytest.raises(ValueError, match="speed"):
        sandbox.speed = speed


def test_a_scenario_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        Sandbox(tmp_path, scenario="no_such_scenario")


def test_its_file_is_for_this_user_alone(tmp_path: Path) -> None:
    with Sandbox(tmp_path / "new"):
        assert (tmp_path / "new" / "sandbox.db").stat().st_mode & 0o077 == 0
