"""Does the customer want to be left alone, or written to again? Plain words, in a few languages.

Telesign names keyword actions for SMS only. On Viber the bare word is all there is, so the text
counts as well: a whole message that says nothing but one of these words, however it is spelled,
spaced or punctuated. A sentence that only contains one is no wish: "stop by tomorrow" is not STOP.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from typing import Final

_LONGEST: Final = 80
"""Characters a wish may have around its word; longer texts are sentences."""

_STOP: Final = (
    # What carriers agree on, then what customers write where Viber is strong.
    *("stop", "stop all", "unsubscribe", "cancel", "end", "quit", "opt out", "remove me"),
    *("стоп", "стоп все", "отписаться", "отпишись", "відписатися", "відписка", "відмова"),
    *("отпиши ме", "отписване", "спри", "спрете"),
    *("одјава", "одјави ме", "престани", "прекини", "odjava", "odjavi me", "prestani", "prekini"),
    *("στοπ", "διακοπή", "διαγραφή", "απεγγραφή", "τέλος"),
    *("abmelden", "abbestellen", "stopp", "arrêt", "arrêter", "désabonner", "baja", "alto", "parar"),
    *("sair", "annulla", "disiscrivi", "rezygnuj", "wypisz", "dur", "iptal", "توقف", "إيقاف", "הסר"),
)
_START: Final = (
    *("start", "unstop", "subscribe", "opt in", "resume"),
    *("старт", "підписатися", "подписаться", "запиши ме", "абонирай ме"),
    *("пријава", "пријави ме", "prijava", "prijavi me", "έναρξη", "εγγραφή"),
    *("anmelden", "démarrer", "alta", "iniciar", "başla", "ابدأ"),
)


class Wish(StrEnum):
    """What a reply asks for."""

    STOP = "stop"
    START = "start"


def bare(text: str) -> str:
    """Letters and digits only, without case or accents; empty for what is too long to be one word."""
    stripped = text.strip()
    if len(stripped) > _LONGEST:
        return ""
    # Twice: folding the case of a compatibility letter can make one that decomposes again.
    once = unicodedata.normalize("NFKD", stripped).casefold()
    folded = unicodedata.normalize("NFKD", once).casefold()
    return "".join(sign for sign in folded if unicodedata.category(sign)[0] in "LN")


_WORDS: Final = {bare(word): Wish.START for word in _START} | {bare(word): Wish.STOP for word in _STOP}


def wish(text: str, action: str | None = None) -> Wish | None:
    """What a reply asks for, or ``None`` for an ordinary one.

    Args:
        action: the keyword action Telesign names, if any; it outranks the text.
    """
    return _WORDS.get(bare(action or "")) or _WORDS.get(bare(text))
