"""Which languages the interface can speak: English, and every catalogue that is shipped."""

from __future__ import annotations

from pathlib import Path

from console.resources import resource

OWN_NAMES = {
    "en": "English", "bg": "Български", "el": "Ελληνικά", "sr": "Српски", "uk": "Українська",
}  # fmt: skip
"""What each language calls itself."""


def languages(folder: Path | None = None) -> tuple[tuple[str, str], ...]:
    """Code and own name of each language, English first; ``folder`` holds the catalogues.

    A catalogue is ``<code>/LC_MESSAGES/cascade.mo``. A language whose name is not known here is
    called by its code.
    """
    place = resource("locale") if folder is None else folder
    codes = {path.parent.parent.name for path in place.glob("*/LC_MESSAGES/cascade.mo")} - {"en"}
    return tuple((code, OWN_NAMES.get(code, code)) for code in ("en", *sorted(codes)))
