"""Secrets in the system's keychain, and nowhere else.

``keyring`` chooses among what a system offers, and some of what it may find is no keychain: it
stores nothing, or writes plain files. Those are refused here; then secrets come from the
environment or last until the program ends. Every call may wait for the system (and for a person who
is asked to unlock the keychain), so none belongs on the window's thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from console.cascade.words import tr
from console.desk.settings import Secrets

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

_SERVICE: Final = "cascade"
_NAMES: Final = ("api_key", "relay_token")
_NO_KEYCHAIN: Final = ("keyring.backends.fail.", "keyring.backends.null.", "keyring.backends.chainer.")
_UNSAFE: Final = ("keyrings.alt.", "keyrings_alt.")
"""Plain or home-made files, some of which ask for a password on a terminal."""


class KeychainProblem(Exception):  # noqa: N818 - a state of the world, not a bug
    """The keychain cannot be used. ``sentence`` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class KeychainState:
    """Whether secrets can be kept."""

    kind: Literal["ready", "none", "insecure"]
    sentence: str


class Keychain:
    """The secrets of one profile in the system's keychain."""

    def __init__(self, profile: str) -> None:
        self._service = f"{_SERVICE}/{profile}"

    def state(self) -> KeychainState:
        """What this system offers. Never raises."""
        return _find()[1]

    def load(self) -> Secrets:
        """What is kept; empty where nothing is.

        Raises:
            KeychainProblem: if there is no usable keychain, or it refuses.
        """
        backend = _usable()
        try:
            kept = {name: backend.get_password(self._service, name) or "" for name in _NAMES}
        except Exception as error:
            raise _refused(error) from None
        return Secrets(**kept)

    def store(self, secrets: Secrets) -> None:
        """Keep ``secrets``; an empty one is removed.

        Raises:
            KeychainProblem: if there is no usable keychain, or it refuses. Then it may hold one of
                the two.
        """
        backend = _usable()
        try:
            for name in _NAMES:
                value: str = getattr(secrets, name)
                if value:
                    backend.set_password(self._service, name, value)
                elif backend.get_password(self._service, name) is not None:
                    backend.delete_password(self._service, name)
        except Exception as error:
            raise _refused(error) from None


def _usable() -> KeyringBackend:
    backend, state = _find()
    if backend is None:
        raise KeychainProblem(state.sentence)
    return backend


def _refused(error: Exception) -> KeychainProblem:
    # Only the kind of error: what a backend says may quote what it was given.
    return KeychainProblem(
        tr(
            "The keychain did not answer as it should ({kind}). Unlock it and try again.",
            kind=type(error).__name__,
        )
    )


def _find() -> tuple[KeyringBackend | None, KeychainState]:
    try:
        import keyring  # noqa: PLC0415 - it searches the whole installation; only when needed

        chosen = keyring.get_keyring()
        # A chain asks every member, plain files included; only a safe member is used, by itself.
        chain = getattr(chosen, "backends", None)
        members = [chosen] if chain is None else list(chain)
    except Exception as error:  # whatever a backend raises means there is none
        sentence = tr("The keychain cannot be reached ({kind}).", kind=type(error).__name__)
        return None, KeychainState("none", sentence)
    insecure = ""
    for member in members:
        name = f"{type(member).__module__}.{type(member).__qualname__}"
        if name.startswith(_NO_KEYCHAIN):
            continue
        if name.startswith(_UNSAFE) or "plaintext" in name.lower():
            insecure = name
            continue
        sentence = tr("Keys are kept in the system's keychain ({name}).", name=_shown(member))
        return member, KeychainState("ready", sentence)
    if insecure:
        sentence = tr(
            "The only keychain here is a plain file ({name}); keys are not written to it.", name=insecure
        )
        return None, KeychainState("insecure", sentence)
    return None, KeychainState("none", tr("This computer offers no keychain."))


def _shown(backend: KeyringBackend) -> str:
    return str(getattr(backend, "name", "") or type(backend).__qualname__)
