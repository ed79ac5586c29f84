"""What can be wrong with the journal, in words for the agent."""

from __future__ import annotations


class JournalProblem(Exception):  # noqa: N818 - a state of the world, not a bug
    """The journal cannot be opened or written. ``sentence`` says why and what to do."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
