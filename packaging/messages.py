#!/usr/bin/env python3
"""The catalogues of texts: gathered from the source, brought up to date, checked, compiled.

    python3 packaging/dev.py messages           gather and update every catalogue, then compile
    python3 packaging/dev.py messages --check   change nothing; fail where a catalogue is behind

A catalogue is ``resources/locale/<code>/LC_MESSAGES/cascade.po``, for people, with its compiled
``cascade.mo`` beside it, for the program. Both are kept in the repository; a test compares them.
A new language is an empty ``cascade.po`` with a head at the same kind of place.
"""

from __future__ import annotations

import argparse
import io
import re
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "resources" / "locale"
_KEYWORDS = {"tr": None, "trn": (1, 2), "mark": None}
_MNEMONIC = re.compile(r"&(?=\w)")


def gather(root: Path = ROOT) -> Catalog:
    """Every text of the source that is named for translation."""
    found = Catalog(fuzzy=False)
    for file, _, texts, comments, _ in sorted(
        extract_from_dir(
            root / "console", keywords=_KEYWORDS, comment_tags=["Translators:"], strip_comment_tags=True
        ),
        key=lambda each: (each[0], each[1]),
    ):
        place = "console/" + file.replace("\\", "/")
        found.add(texts, locations=[(place, 0)], auto_comments=comments)
    return found


def catalogues() -> dict[str, Path]:
    """The catalogue of each language that has one."""
    return {path.parent.parent.name: path for path in sorted(LOCALE.glob("*/LC_MESSAGES/cascade.po"))}


def read(path: Path, code: str) -> Catalog:
    """A catalogue as it stands."""
    with path.open("rb") as file:
        return read_po(file, locale=code, charset="utf-8")


def compiled(catalogue: Catalog) -> bytes:
    """What the program reads; the same bytes for the same texts."""
    made = io.BytesIO()
    write_mo(made, catalogue)
    return made.getvalue()


def updated(path: Path, code: str, source: Catalog) -> bytes:
    """The catalogue at ``path`` with the texts of ``source``: new ones empty, gone ones left out."""
    catalogue = read(path, code)
    made, revised = catalogue.creation_date, catalogue.revision_date
    # Guessing a translation from a similar text is worse than none: it looks done.
    catalogue.update(source, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.creation_date, catalogue.revision_date = made, revised
    written = io.BytesIO()
    write_po(written, catalogue, width=100, ignore_obsolete=True, include_lineno=False, sort_by_file=True)
    return written.getvalue()


def fields(text: str) -> set[str]:
    """The named fields of a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def faults(catalogue: Catalog) -> Iterator[str]:
    """What is wrong in a catalogue, one line each: empty, doubtful, or unlike its source text."""
    for message in catalogue:
        if message.id:
            for fault in _faults_of(message, catalogue.num_plurals):
                yield f"{message.id!r}: {fault}"


def _faults_of(message: Message, plurals: int) -> Iterator[str]:
    sources = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    given = [text or "" for text in strings]
    if message.fuzzy:
        yield "is marked fuzzy"
    if len(given) != (plurals if len(sources) > 1 else 1):
        yield f"has {len(given)} forms"
    if not all(given):
        yield "is not translated"
        return
    wanted = set.union(*(fields(source) for source in sources))
    for text in given:
        # One form may say a count in words; no form may ask for what is not given.
        if not (fields(text) == wanted if len(sources) == 1 else fields(text) <= wanted | {"n"}):
            yield f"has other fields: {text!r}"
        if (text[:1].isspace(), text[-1:].isspace()) != (sources[0][:1].isspace(), sources[0][-1:].isspace()):
            yield f"begins or ends with another space: {text!r}"
        if len(_MNEMONIC.findall(text)) != len(_MNEMONIC.findall(sources[0])):
            yield f"has another number of mnemonics: {text!r}"
        if text.count("\n") != sources[0].count("\n"):
            yield f"has another number of lines: {text!r}"


def behind(path: Path, code: str, source: Catalog) -> Iterator[str]:
    """How a catalogue and its compiled form differ from the source, one line each."""
    if updated(path, code, source) != path.read_bytes():
        yield f"{path.relative_to(ROOT)} is behind the source; run “dev.py messages”"
    catalogue = read(path, code)
    yield from (f"{code}: {fault}" for fault in faults(catalogue))
    binary = path.with_suffix(".mo")
    if not binary.exists() or binary.read_bytes() != compiled(catalogue):
        yield f"{binary.relative_to(ROOT)} is not what {path.name} says; run “dev.py messages”"


def main() -> int:
    """Run the command. Returns 1 where something is missing or wrong."""
    parser = argparse.ArgumentParser(prog="dev.py messages", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; fail where something is behind")
    check = parser.parse_args().check
    source = gather()
    wrong: list[str] = []
    for code, path in catalogues().items():
        if not check:
            path.write_bytes(updated(path, code, source))
            path.with_suffix(".mo").write_bytes(compiled(read(path, code)))
        wrong += behind(path, code, source)
    for line in wrong:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
