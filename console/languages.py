"""Which languages the interface can speak: English, and every catalogue that is shipped.

English needs no file: its texts are the source. Any other language is one compiled gettext
catalogue. Two more exist for whoever builds a window, made from the source texts at run time:
``qps-ploc`` shows accented, longer words, so that what never went through translation and what
has no room stands out; ``qps-rtl`` does the same from right to left.
"""

from __future__ import annotations

import gettext
import os
import re
import struct
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from console.cascade.words import install
from console.resources import resource

OWN_NAMES: Final = {
    "en": "English", "bg": "Български", "el": "Ελληνικά", "sr": "Српски", "uk": "Українська",
}  # fmt: skip
"""What each language calls itself."""
PSEUDO: Final = "qps-ploc"
PSEUDO_RTL: Final = "qps-rtl"
SYSTEM: Final = "system"
_DOMAIN: Final = "cascade"
_ACCENTED: Final = str.maketrans(
    "ABCDEFGHIKLMNOPRSTUWYZabcdefghiklmnoprstuwyz", "ÀƁÇÐÈƑĜĤÌĶĽṂŃÒƤŔŠŤÙŴÝŽàƀçðèƒĝĥìķľṃńòƥŕšťùŵýž"
)
_KEPT: Final = re.compile(r"(\{[^{}]*\}|&(?=\w)|https?://\S+|cascade:|--[a-z-]+|%[ds])")
_RIGHT_TO_LEFT_MARK: Final = "\u200f"


def languages(folder: Path | None = None) -> tuple[tuple[str, str], ...]:
    """Code and own name of each language, English first; ``folder`` holds the catalogues.

    A catalogue is ``<code>/LC_MESSAGES/cascade.mo``. A language whose name is not known here is
    called by its code.
    """
    place = resource("locale") if folder is None else folder
    codes = {path.parent.parent.name for path in place.glob(f"*/LC_MESSAGES/{_DOMAIN}.mo")} - {"en"}
    return tuple((code, OWN_NAMES.get(code, code)) for code in ("en", *sorted(codes)))


def choose(wanted: str, system: Iterable[str], folder: Path | None = None) -> str:
    """The code of the language to speak: the one wanted, else the first of the system's that is there.

    ``wanted`` is ``system`` or a code as settings and environment hold it; ``system`` are codes
    such as ``uk``, ``uk_UA`` or ``uk-Cyrl-UA``, the best liked first. Never fails: what nobody
    has translated is English.
    """
    if wanted in (PSEUDO, PSEUDO_RTL):
        return wanted
    there = {code for code, _ in languages(folder)}
    for code in (wanted,) if wanted != SYSTEM else tuple(system):
        spoken = code.split(".")[0].split("@")[0].replace("-", "_")
        for candidate in (spoken, spoken.split("_")[0].lower()):
            if candidate in there:
                return candidate
    return "en"


@cache
def catalogue(code: str, folder: Path | None = None) -> gettext.NullTranslations | None:
    """The texts of a language; ``None`` for English, and for one whose file cannot be read."""
    if code in (PSEUDO, PSEUDO_RTL):
        return Pseudo(right_to_left=code == PSEUDO_RTL)
    if code == "en":
        return None
    place = resource("locale") if folder is None else folder
    try:
        with (place / code / "LC_MESSAGES" / f"{_DOMAIN}.mo").open("rb") as file:
            return gettext.GNUTranslations(file)
    except (OSError, ValueError, struct.error):
        return None


def spoken_by_system(env: Mapping[str, str]) -> tuple[str, ...]:
    """The languages of the user's account, as the environment tells; without Qt, for the command line."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415 - for that system only
        import locale  # noqa: PLC0415

        named = locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage())
        return (named,) if named else ()
    chosen = env.get("LC_ALL") or env.get("LC_MESSAGES") or env.get("LANG") or ""
    if chosen.split(".")[0] in ("", "C", "POSIX"):
        return ()
    return (*filter(None, env.get("LANGUAGE", "").split(":")), chosen)


def speak(wanted: str, env: Mapping[str, str] | None = None) -> str:
    """Install the language for a command without a window, and return its code.

    ``wanted`` is as in :func:`choose`; ``env`` (by default the process's) tells what the system speaks.
    """
    code = choose(wanted, spoken_by_system(os.environ if env is None else env))
    install(catalogue(code))
    return code


def speak_first(env: Mapping[str, str]) -> str:
    """Speak what ``CASCADE_LANGUAGE`` asks for, else the system's language, before any settings."""
    return speak(env.get("CASCADE_LANGUAGE") or SYSTEM, env)


class Pseudo(gettext.NullTranslations):
    """A language nobody speaks: English, accented, about a third longer, between brackets."""

    def __init__(self, *, right_to_left: bool = False) -> None:
        super().__init__()
        self._mark = _RIGHT_TO_LEFT_MARK if right_to_left else ""

    def gettext(self, message: str) -> str:
        """``Send`` becomes ``[Šèńð~~]``; fields, mnemonics and addresses stay."""
        if not message.strip():
            return message
        words = message.strip()
        before, after = message[: message.index(words)], message[message.index(words) + len(words) :]
        parts = _KEPT.split(words)
        # Odd parts are what the expression kept.
        shown = "".join(part if at % 2 else part.translate(_ACCENTED) for at, part in enumerate(parts))
        longer = "~" * (2 if len(message) < 6 else len(message) // 3)
        return f"{before}{self._mark}[{shown}{longer}]{self._mark}{after}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """As English does: one form for one, another for all else."""
        return self.gettext(msgid1 if n == 1 else msgid2)
