"""Whether going now leaves something behind, and how that is said."""

from __future__ import annotations

from console.cascade.words import tr, trn


def leaving_sentence(sending: int, in_doubt: int) -> str:
    """What quitting now would leave behind; empty where there is nothing to say."""
    parts = []
    if sending:
        parts.append(trn("{n} message is still being sent.", "{n} messages are still being sent.", sending))
    if in_doubt:
        parts.append(
            trn(
                "{n} message is in doubt: it may have been sent.",
                "{n} messages are in doubt: they may have been sent.",
                in_doubt,
            )
        )
    return " ".join(parts)


def leaving_consequence(sending: int, in_doubt: int) -> str:
    """What becomes of it."""
    parts = []
    if sending:
        parts.append(
            tr(
                "A request under way gets a few seconds to end. A message that still waits goes out "
                "when Cascade is opened again soon; later, it is marked as not sent."
            )
        )
    if in_doubt:
        parts.append(tr("Nothing in doubt is sent again by itself."))
    return " ".join(parts)
