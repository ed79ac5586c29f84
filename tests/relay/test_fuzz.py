"""Whatever comes: never a 500, and a signed body is never lost."""

from __future__ import annotations

import asyncio
import base64
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from console.relay.config import RelayConfig
from console.relay.openapi import document
from console.relay.probe import probe_id
from console.relay.server import running_relay
from tests.relay.conftest import KEY, READER, TOKEN, held, signed

STATUSES = {200, 400, 401, 404, 405, 408, 410, 413, 429, 431}

json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from(
    [
        "reference_id",
        "external_id",
        "status",
        "code",
        "channel_status",
        "content",
        "user_response",
        "viber",
        "a\t",
    ]
)
callbacks = st.recursive(
    st.none() | st.integers() | st.text(max_size=20) | st.sampled_from(["null", 3000, "3001", -1, "\ud800"]),
    lambda inner: st.dictionaries(fields, inner, max_size=5) | st.lists(inner, max_size=3),
    max_leaves=12,
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    kind = draw(st.sampled_from(["bytes", "json", "callback", "cut"]))
    if kind == "bytes":
        return draw(st.binary(min_size=1, max_size=2000))
    import json

    told = json.dumps(draw(json_values if kind == "json" else callbacks)).encode()
    return told[: draw(st.integers(1, max(1, len(told))))] if kind == "cut" else told


@pytest.fixture(scope="module")
def relay_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A relay in a thread of its own, for all examples."""
    place: Path = tmp_path_factory.mktemp("fuzz")
    ready: list[str] = []
    up, stop = threading.Event(), threading.Event()

    async def run() -> None:
        config = RelayConfig(
            database=f"sqlite:///{(place / 'relay.db').as_posix()}",
            port=0,
            keys=(KEY,),
            tokens={"fuzz": TOKEN},
            body_seconds=0.3,
        )
        async with running_relay(config) as relay:
            ready.append(relay.url)
            up.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    assert up.wait(30)
    yield ready[0]
    stop.set()
    thread.join(30)


@pytest.fixture(scope="module")
def client(relay_url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=relay_url, trust_env=False, timeout=30) as running:
        yield running


many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@given(body=bodies(), method=st.sampled_from(["GET", "POST"]))
def test_every_signed_body_is_in_the_feed_byte_for_byte(
    client: httpx.Client, body: bytes, method: str
) -> None:
    place = client.get("/v1/events", params={"after": "latest"}, headers=READER).json()["next"]
    answer = client.request(method, "/callbacks/telesign", content=body, headers=signed(body))
    assert answer.status_code == 200
    told = client.get("/v1/events", params={"after": place}, headers=READER).json()["events"]
    if probe_id(body) is None and told:
        (event,) = told
        kept = event["body"]
        assert (base64.b64decode(kept) if event["body_encoding"] == "base64" else kept.encode()) == body
    else:  # the same bytes came before: they must be there already
        everything: list[dict[str, Any]] = []
        params: dict[str, str] = {"limit": "1000"}
        more = True
        while more:
            page = client.get("/v1/events", params=params, headers=READER).json()
            everything += page["events"]
            params["after"], more = page["next"], page["more"]
        assert signed(body)["X-TS-Authorization"] in {event["signature"] for event in everything}


header_values = st.text(
    st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=300
)
header_names = st.sampled_from(
    [
        "X-TS-Authorization",
        "Authorization",
        "Content-Type",
        "Expect",
        "Range",
        "X-Forwarded-For",
        "Upgrade",
        "Accept",
    ]
)


@many
@given(headers=st.dictionaries(header_names, header_values, max_size=5), body=st.binary(max_size=300))
def test_no_header_brings_a_500(client: httpx.Client, headers: dict[str, str], body: bytes) -> None:
    raw = [(name.encode(), value.strip().encode("latin-1")) for name, value in headers.items()]
    for method, path in (("POST", "/callbacks/telesign"), ("GET", "/v1/events"), ("GET", "/readyz")):
        answer = client.request(method, path, content=body, headers=raw)
        assert answer.status_code in STATUSES


@many
@given(
    path=st.sampled_from(["/v1/events", "/v1/events/X", "/callbacks/telesign", "/healthz", "/nowhere"]),
    query=st.dictionaries(
        st.sampled_from(["after", "limit", "wait", "x"]),
        st.text(max_size=30).map(lambda text: text),
        max_size=4,
    ),
    raw=st.binary(max_size=30),
    as_raw=st.booleans(),
)
def test_no_query_brings_a_500(
    client: httpx.Client, path: str, query: dict[str, str], raw: bytes, as_raw: bool
) -> None:
    query = {name: value for name, value in query.items() if not (name == "wait" and held(value))}
    target = httpx.URL(
        path, params={name: value.encode("utf-8", "replace").decode() for name, value in query.items()}
    )
    if as_raw:
        target = httpx.URL(f"{path}?" + "".join(f"%{byte:02x}" for byte in raw))
    answer = client.get(target, headers=READER)
    assert answer.status_code in STATUSES


@many
@given(
    path=st.text(max_size=60),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"]),
)
def test_no_path_and_no_method_brings_a_500(client: httpx.Client, path: str, method: str) -> None:
    quoted = "".join(f"%{byte:02x}" for byte in path.encode("utf-8", "replace"))
    for prefix in ("/", "/v1/events/", "/callbacks/telesign/"):
        answer = client.request(method, prefix + quoted, headers=READER)
        assert answer.status_code in STATUSES


def test_the_description_names_every_address_and_is_served(client: httpx.Client) -> None:
    served = client.get("/openapi.json").json()
    assert served == document()
    for path, methods in served["paths"].items():
        concrete = path.replace("{label}", "viber").replace("{reference_id}", "A" * 32)
        for method, told in methods.items():
            answer = client.request(method.upper(), concrete)
            assert str(answer.status_code) in told["responses"], (method, path)
            assert answer.status_code != 404
        assert client.put(concrete).status_code == 405
