"""Which addresses may be used, and what is said about the others."""

from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.telesign.addresses import BadUrl, check_proxy, check_url, is_loopback


@pytest.mark.parametrize(
    ("typed", "used"),
    [
        ("https://rest-ww.telesign.com", "https://rest-ww.telesign.com"),
        (" https://rest-ww.telesign.com/ ", "https://rest-ww.telesign.com"),
        ("https://relay.example.com:8443/cascade/", "https://relay.example.com:8443/cascade"),
        ("HTTPS://relay_1.example.com", "HTTPS://relay_1.example.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://127.5.5.5", "http://127.5.5.5"),
        ("http://localhost:1", "http://localhost:1"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_https_anywhere_and_http_on_this_machine(typed: str, used: str) -> None:
    assert check_url(typed) == used


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("rest-ww.telesign.com", "whole address"),
        ("https://", "whole address"),
        ("https:///path", "whole address"),
        ("https://a b", "whole address"),
        ("https://a\nb", "whole address"),
        ("https://host:port", "whole address"),
        ("https://host:0", "whole address"),
        ("https://host:99999", "whole address"),
        ("https://[::1", "whole address"),
        ("https://-host-", "whole address"),
        ("https://example.com\\@127.0.0.1", "whole address"),
        ("https://пример.рф", "whole address"),
        ("\udcff", "whole address"),
        ("ftp://example.com", "begin with https://"),
        ("https://user:secret@example.com", "user name"),
        ("https://example.com?x=1", "“?”"),
        ("https://example.com/#", "“#”"),
        ("https://example.com/%2e%2e", "path"),
        ("https://example.com/a/../b", "path"),
        ("https://example.com/./b", "path"),
        ("http://rest-ww.telesign.com", "not encrypted"),
        ("http://127.0.0.1.example.com", "not encrypted"),
        ("http://localhost.example.com", "not encrypted"),
        ("http://10.0.0.1", "not encrypted"),
        ("http://0.0.0.0", "not encrypted"),
        ("http://[::2]", "not encrypted"),
    ],
)
def test_the_rest_is_refused_in_words(typed: str, said: str) -> None:
    with pytest.raises(BadUrl) as refused:
        check_url(typed)
    assert said in str(refused.value)
    assert "secret" not in str(refused.value)


@given(
    st.text()
    | st.builds("https://{}".format, st.text())
    | st.builds("http://{}".format, st.text("lo:/@127.?#[]"))
)
def test_what_is_allowed_means_the_same_to_the_http_library(typed: str) -> None:
    try:
        allowed = check_url(typed)
    except BadUrl:
        return
    url = httpx.URL(allowed)
    assert url.scheme == "https" or is_loopback(url.host)


@pytest.mark.parametrize(
    "proxy",
    ["http://proxy.example.com:3128", "https://proxy.example.com", "http://user:secret@10.0.0.1:3128/"],
)
def test_proxies_by_http(proxy: str) -> None:
    assert check_proxy(proxy) == proxy.rstrip("/")


@pytest.mark.parametrize(
    "proxy", ["", "proxy:3128", "socks5://proxy:1080", "http://proxy/path", "http://", "http://p?"]
)
def test_other_proxies_are_refused_in_words(proxy: str) -> None:
    with pytest.raises(BadUrl):
        check_proxy(proxy)
