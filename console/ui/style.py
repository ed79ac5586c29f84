"""The one style sheet, made from ``resources/styles/cascade.qss`` and the tokens of a theme.

In the file ``$name`` stands for a token; ``$CAPTION`` and the other sizes for the type scale.
"""

from __future__ import annotations

from dataclasses import asdict
from string import Template
from typing import TYPE_CHECKING

from console.resources import resource

if TYPE_CHECKING:
    from console.ui.theme import Theme


def style_sheet(theme: Theme) -> str:
    """The style sheet in the colours of ``theme``.

    Raises:
        KeyError: the file names a token that does not exist.
    """
    from console.ui import theme as scale  # noqa: PLC0415 - the theme module uses this one

    sizes = {
        name: str(getattr(scale, name))
        for name in ("CAPTION", "BODY", "SUBTITLE", "TITLE", "DISPLAY", "RADIUS", "RADIUS_LARGE")
    }
    shape = resource("styles", "cascade.qss").read_text(encoding="utf-8")
    # A style sheet cannot recolour a picture: the few that it needs exist in light and dark.
    pictures = {"STYLES": resource("styles").as_posix(), "variant": "dark" if theme.dark else "light"}
    return Template(shape).substitute({**asdict(theme), **sizes, **pictures})
