"""Signatures: the published vectors, Telesign's SDK as a peer, and everything that must not pass."""

from __future__ import annotations

import base64
import contextlib
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from telesign.util import verify_telesign_callback_signature
from telesignenterprise.messaging import MessagingClient

from console.telesign.signing import (
    AccountKey,
    BadKey,
    basic_headers,
    callback_signature,
    decode_key,
    digest_headers,
    find_signer,
    verify_request,
)
from tests.telesign.conftest import KEY, OTHER_KEY, VECTORS, vector

GIVEN = vector("signatures.json")
PUBLISHED = vector("published.json")
DIGESTS = [({"key": GIVEN["api_key"], **case}) for case in GIVEN["digest"]] + PUBLISHED["digest"]
CALLBACKS = [({"key": GIVEN["api_key"], **case}) for case in GIVEN["callback"]] + PUBLISHED["callback"]
BODY = b'{"reference_id":"35C8B5D509BC10689196FED2AD551B8A"}'
SIGNATURE = callback_signature(KEY, BODY)


def callback_body(case: dict[str, str]) -> bytes:
    return (VECTORS / case["body_file"]).read_bytes() if "body_file" in case else case["body"].encode()


@pytest.mark.parametrize(
    "case", DIGESTS, ids=lambda case: f"{case['method']} {case['path']} {case['body'][:12]}"
)
def test_digest_signs_as_the_vectors_say(case: dict[str, str]) -> None:
    headers = digest_headers(
        AccountKey(PUBLISHED["customer_id"], case["key"]),
        method=case["method"],
        path=case["path"],
        body=case["body"].encode(),
        content_type=case["content_type"],
        date=PUBLISHED["date"],
        nonce=PUBLISHED["nonce"],
    )
    assert headers["Authorization"] == f"TSA {PUBLISHED['customer_id']}:{case['signature']}"


@pytest.mark.parametrize("case", CALLBACKS, ids=lambda case: case["signature"][:8])
def test_callbacks_sign_as_the_vectors_say(case: dict[str, str]) -> None:
    assert callback_signature(AccountKey("id", case["key"]), callback_body(case)) == case["signature"]


@pytest.mark.parametrize("case", CALLBACKS, ids=lambda case: case["signature"][:8])
def test_the_sdk_accepts_our_callback_signatures(case: dict[str, str]) -> None:
    body = callback_body(case)
    signature = callback_signature(AccountKey("id", case["key"]), body)
    assert verify_telesign_callback_signature(case["key"], signature, body.decode())


@pytest.mark.parametrize("auth_method", [None, "Basic"], ids=["digest", "basic"])
@pytest.mark.parametrize(
    "api_key", [KEY.api_key, PUBLISHED["digest"][0]["key"]], ids=["K2", "K1 with dashes"]
)
def test_a_request_of_the_sdk_verifies(
    auth_method: str | None, api_key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[requests.PreparedRequest] = []

    def catch(_session: requests.Session, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        sent.append(request)
        response = requests.Response()
        response.status_code, response._content = 200, b"{}"
        return response

    monkeypatch.setattr(requests.Session, "send", catch)
    client = MessagingClient(KEY.customer_id, api_key)
    client.auth_method = auth_method
    client.omniMessage({"message_type": "ARN", "text": "Здраво 👋"})
    client.get("/v1/omnichannel/35C8B5D509BC10689196FED2AD551B8A")
    client.session.close()

    key = AccountKey(KEY.customer_id, api_key)
    assert [request.method for request in sent] == ["POST", "GET"]
    assert sent[0].body
    for request in sent:
        body = request.body.encode() if isinstance(request.body, str) else b""
        seen: dict[str, Any] = {
            "method": request.method or "",
            "path": request.path_url,
            "headers": request.headers,
        }
        assert verify_request(key, **seen, body=body)
        assert not verify_request(OTHER_KEY, **seen, body=body)
        if auth_method is None:
            assert not verify_request(key, **seen, body=body + b" ")


def signed(**changes: Any) -> dict[str, Any]:
    what = {"method": "POST", "path": "/v1/omnichannel", "body": BODY, "content_type": "application/json"}
    return {**what, "date": PUBLISHED["date"], "nonce": PUBLISHED["nonce"], **changes}


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"path": "/v1/other"},
        {"body": b"{}"},
        {"body": b""},
        {"content_type": "text/plain"},
        {"date": "Wed, 14 Dec 2016 18:20:13 GMT"},
        {"nonce": "another"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_digest_covers_everything_it_should(change: dict[str, Any]) -> None:
    genuine = digest_headers(KEY, **signed())
    altered = signed(**change)
    headers = {**digest_headers(KEY, **altered), "Authorization": genuine["Authorization"]}
    assert verify_request(KEY, method="POST", path="/v1/omnichannel", headers=genuine, body=BODY)
    assert not verify_request(
        KEY, method=altered["method"], path=altered["path"], headers=headers, body=altered["body"]
    )


def test_a_request_dated_by_x_ts_date_verifies_as_the_sample_code_signs_it() -> None:
    text = (
        "POST\napplication/json\n\nx-ts-auth-method:HMAC-SHA256\n"
        f"x-ts-date:{PUBLISHED['date']}\nx-ts-nonce:n\n{BODY.decode()}\n/v1/omnichannel"
    )
    headers = {
        "AUTHORIZATION": f"TSA {KEY.customer_id}:{KEY.sign(text.encode())}",
        "Content-Type": "application/json",
        "Date": "Thu, 01 Jan 1970 00:00:00 GMT",
        "X-TS-Auth-Method": "HMAC-SHA256",
        "X-TS-Date": PUBLISHED["date"],
        "X-TS-Nonce": "n",
    }
    seen: dict[str, Any] = {"method": "POST", "path": "/v1/omnichannel?verify_code=1", "body": BODY}
    assert verify_request(KEY, headers=headers, **seen)
    assert not verify_request(KEY, headers={**headers, "x-ts-date": "later"}, **seen)


@pytest.mark.parametrize(
    "header",
    ["", "TSA", "TSA :", "Basic", "Basic !", "Bearer x", "TSA \udcff:\udcff", "Basic \udcff", "TSA a:b:c"],
)
def test_credentials_that_make_no_sense_are_refused(header: str) -> None:
    assert not verify_request(KEY, method="GET", path="/", headers={"Authorization": header}, body=b"")


def test_a_moment_in_any_zone_is_signed_as_gmt() -> None:
    moment = datetime(2016, 12, 14, 19, 20, 12, tzinfo=timezone(timedelta(hours=1)))
    assert digest_headers(KEY, **signed(date=moment)) == digest_headers(KEY, **signed())
    assert digest_headers(KEY, **signed(date=moment.astimezone(UTC))) == digest_headers(KEY, **signed())


def test_basic_is_base64_of_id_and_key() -> None:
    scheme, credentials = basic_headers(KEY)["Authorization"].split(" ")
    assert (scheme, base64.b64decode(credentials).decode()) == ("Basic", f"{KEY.customer_id}:{KEY.api_key}")


def test_the_key_is_read_as_the_sdk_reads_it() -> None:
    published = PUBLISHED["digest"][0]["key"]
    assert decode_key(published) == base64.b64decode(published)
    assert decode_key(f"  {KEY.api_key[:20]}\n{KEY.api_key[20:]} ") == base64.b64decode(KEY.api_key)


@pytest.mark.parametrize(
    "nonsense", ["", "  ", "====", "abc", "abcde", "key!", "ключ", "a_b=", "\udcff", KEY.api_key[:-3], "----"]
)
def test_a_key_that_is_not_base64_is_refused_at_once(nonsense: str) -> None:
    with pytest.raises(BadKey):
        AccountKey("id", nonsense)


@given(st.text())
def test_any_text_is_a_key_or_a_bad_key(text: str) -> None:
    with contextlib.suppress(BadKey):
        assert decode_key(text)


def test_a_key_never_shows() -> None:
    assert KEY.api_key not in repr(KEY)
    assert KEY.customer_id in repr(KEY)


@pytest.mark.parametrize(
    ("x_ts", "authorization"),
    [
        (SIGNATURE, None),
        (f"TSA {KEY.customer_id}:{SIGNATURE}", None),
        (None, f"TSA {KEY.customer_id}:{SIGNATURE}"),
        (None, f"tsa {KEY.customer_id.lower()}: {SIGNATURE} "),
        (SIGNATURE, f"TSA {KEY.customer_id}:{SIGNATURE}"),
        (SIGNATURE, "Basic cHJveHk6cHJveHk="),
        ("wrong", f"TSA {KEY.customer_id}:{SIGNATURE}"),
    ],
)
def test_a_genuine_callback_names_its_signer(x_ts: str | None, authorization: str | None) -> None:
    keys = [OTHER_KEY, KEY]
    assert find_signer(BODY, x_ts_authorization=x_ts, authorization=authorization, keys=keys) is KEY


@pytest.mark.parametrize(
    ("x_ts", "authorization"),
    [
        (None, None),
        ("", ""),
        ("wrong", None),
        (callback_signature(OTHER_KEY, BODY + b" "), None),
        (None, f"TSA {OTHER_KEY.customer_id}:{SIGNATURE}"),
        (SIGNATURE, f"TSA {OTHER_KEY.customer_id}:{SIGNATURE}"),
        (SIGNATURE, f"TSA {OTHER_KEY.customer_id}:{callback_signature(OTHER_KEY, BODY + b' ')}"),
        (SIGNATURE.lower(), None),
        (SIGNATURE[:-1], None),
        ("é\udcff", "TSA \udcff:\udcff"),
        (SIGNATURE + "x" * 2000, None),
    ],
)
def test_anything_else_names_nobody(x_ts: str | None, authorization: str | None) -> None:
    keys = [OTHER_KEY, KEY]
    assert find_signer(BODY, x_ts_authorization=x_ts, authorization=authorization, keys=keys) is None


def test_an_empty_body_is_signed_by_nobody() -> None:
    signature = callback_signature(KEY, b"")
    assert find_signer(b"", x_ts_authorization=signature, authorization=None, keys=[KEY]) is None


def test_while_keys_rotate_either_signs() -> None:
    new = AccountKey(KEY.customer_id, base64.b64encode(b"the new one").decode())
    for signer in (KEY, new):
        header = f"TSA {KEY.customer_id}:{callback_signature(signer, BODY)}"
        assert find_signer(BODY, x_ts_authorization=None, authorization=header, keys=[KEY, new]) is signer


@given(st.binary(min_size=1, max_size=200), st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_one_changed_byte_breaks_the_signature(body: bytes, where: int, change: int) -> None:
    signature = callback_signature(KEY, body)
    altered = bytearray(body)
    altered[where % len(body)] ^= change
    assert find_signer(body, x_ts_authorization=signature, authorization=None, keys=[KEY]) is KEY
    assert find_signer(bytes(altered), x_ts_authorization=signature, authorization=None, keys=[KEY]) is None


def test_a_callback_written_anew_no_longer_verifies() -> None:
    body = (VECTORS / "delivery_fallback_sms.json").read_bytes()
    signature = callback_signature(KEY, body)
    again = json.dumps(json.loads(body)).encode()
    assert find_signer(again, x_ts_authorization=signature, authorization=None, keys=[KEY]) is None
