"""Telesign's own SDK as an independent peer: it accepts us, and we accept it."""

from __future__ import annotations

import asyncio

import pytest
from telesign.util import verify_telesign_callback_signature
from telesignenterprise.messaging import MessagingClient

from console.sandbox.scenarios import scenario
from tests.sandbox import requests
from tests.sandbox.conftest import KEY, Bench, Receiver


@pytest.mark.parametrize("auth_method", [None, "Basic"])
async def test_a_request_made_by_the_sdk_is_accepted(
    auth_method: str | None, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def send() -> tuple[int, int]:
        client = MessagingClient(KEY.customer_id, KEY.api_key, rest_endpoint=bench.stand_in.url)
        client.auth_method = auth_method
        answer = client.omniMessage(requests.fields())
        client.session.close()
        return answer.status_code, answer.json["status"]["code"]

    assert await asyncio.to_thread(send) == (200, 3001)


@pytest.mark.parametrize("scenario_id", ["fallback_sms", "reply_viber", "stop"])
async def test_the_sdk_takes_our_callbacks_for_genuine(
    scenario_id: str, bench: Bench, receiver: Receiver
) -> None:
    await bench.post(requests.to(scenario(scenario_id).number))
    await bench.stand_in.at_rest()
    assert receiver.told
    for each in receiver.told:
        text = each.raw.decode()
        assert verify_telesign_callback_signature(KEY.api_key, each.signature, text)
        assert not verify_telesign_callback_signature(KEY.api_key, each.signature, text + " ")
