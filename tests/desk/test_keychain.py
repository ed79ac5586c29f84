"""Keys go to a real keychain or nowhere."""

from __future__ import annotations

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null

from console.desk.keychain import Keychain, KeychainProblem
from console.desk.settings import Secrets


class InMemory(KeyringBackend):
    """A keychain that works."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class PlaintextKeyring(InMemory):
    """What writes secrets to a file names itself so."""

    priority = 9


class Locked(InMemory):
    """A keychain that refuses, and quotes what it was given."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError(f"locked: {service} {username} c2VjcmV0")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"locked: {password}")


class Chain(chainer.ChainerBackend):
    """A chain with members of our choice."""

    backends = ()


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> list[KeyringBackend]:
    """The keychain the system offers: the last of this list."""
    found: list[KeyringBackend] = []
    monkeypatch.setattr(keyring, "get_keyring", lambda: found[-1])
    return found


def test_secrets_are_kept_apart_by_profile(offered: list[KeyringBackend]) -> None:
    offered.append(InMemory())
    secrets = Secrets(api_key="c2VjcmV0", relay_token="token")
    Keychain("shop").store(secrets)
    assert Keychain("shop").load() == secrets
    assert Keychain("default").load() == Secrets()
    assert Keychain("shop").state().kind == "ready"


def test_an_emptied_secret_is_removed(offered: list[KeyringBackend]) -> None:
    backend = InMemory()
    offered.append(backend)
    Keychain("default").store(Secrets(api_key="c2VjcmV0", relay_token="token"))
    Keychain("default").store(Secrets(relay_token="token"))
    assert backend.kept == {("cascade/default", "relay_token"): "token"}


@pytest.mark.parametrize(
    ("backend", "kind"),
    [(fail.Keyring, "none"), (null.Keyring, "none"), (Chain, "none"), (PlaintextKeyring, "insecure")],
)
def test_what_is_no_keychain_is_refused(
    offered: list[KeyringBackend], backend: type[KeyringBackend], kind: str
) -> None:
    offered.append(backend())
    keychain = Keychain("default")
    assert keychain.state().kind == kind
    assert keychain.state().sentence
    with pytest.raises(KeychainProblem):
        keychain.store(Secrets(api_key="c2VjcmV0"))
    with pytest.raises(KeychainProblem):
        keychain.load()


def test_of_a_chain_only_a_safe_member_is_used(
    offered: list[KeyringBackend], monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, safe = PlaintextKeyring(), InMemory()
    monkeypatch.setattr(Chain, "backends", (plain, safe))
    offered.append(Chain())  # type: ignore[no-untyped-call]
    Keychain("default").store(Secrets(api_key="c2VjcmV0"))
    assert plain.kept == {}
    assert safe.kept == {("cascade/default", "api_key"): "c2VjcmV0"}


def test_a_refusal_is_a_sentence_without_secrets(offered: list[KeyringBackend]) -> None:
    offered.append(Locked())
    with pytest.raises(KeychainProblem) as caught:
        Keychain("default").store(Secrets(api_key="c2VjcmV0"))
    assert "c2VjcmV0" not in caught.value.sentence
    with pytest.raises(KeychainProblem) as caught:
        Keychain("default").load()
    assert "c2VjcmV0" not in caught.value.sentence


def test_a_system_whose_search_fails_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> KeyringBackend:
        raise OSError("no bus")

    monkeypatch.setattr(keyring, "get_keyring", broken)
    assert Keychain("default").state().kind == "none"
