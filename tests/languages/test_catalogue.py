"""Every text there is stands in every catalogue, whole, and is compiled."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "packaging"))

from babel.messages.catalog import Catalog

import messages


@pytest.fixture(scope="module")
def source() -> Catalog:
    return messages.gather()


@pytest.mark.parametrize("code", sorted(messages.catalogues()))
def test_nothing_is_missing_and_nothing_is_behind(code: str, source: Catalog) -> None:
    assert list(messages.behind(messages.catalogues()[code], code, source)) == []


def test_there_is_a_second_language() -> None:
    assert "uk" in messages.catalogues()


def test_the_source_is_found(source: Catalog) -> None:
    assert len(source) > 1500
    assert "Delivered by {channel}" in source


def named_in_the_source() -> Iterator[str]:
    """Every text that is named for translation, as Python itself reads the source."""
    for path in (messages.ROOT / "console").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name("tr" | "trn" | "mark"), args=[ast.Constant(str(text)), *_]):
                    yield text


def test_no_text_is_named_where_it_is_not_looked_for(source: Catalog) -> None:
    # What gathers them does not see what stands in another call of tr, nor before Python 3.12 in an f-string.
    assert sorted({text for text in named_in_the_source() if text not in source}) == []


@pytest.mark.parametrize(
    ("source_text", "translation", "fault"),
    [
        ("Send", "", "not translated"),
        ("Sent {n}", "Надіслано", "other fields"),
        ("Sent {n}", "Надіслано {m}", "other fields"),
        ("&Send", "Надіслати", "mnemonics"),
        ("Send ", "Надіслати", "space"),
        ("One\nTwo", "Одне Друге", "lines"),
    ],
)
def test_what_is_wrong_in_a_catalogue_is_found(source_text: str, translation: str, fault: str) -> None:
    catalogue = Catalog(locale="uk")
    catalogue.add(source_text, translation)
    assert any(fault in line for line in messages.faults(catalogue))


def test_plural_forms_are_counted() -> None:
    catalogue = Catalog(locale="uk")
    catalogue.add(("{n} message", "{n} messages"), ("{n} повідомлення", "{n} повідомлень"))
    assert any("forms" in line for line in messages.faults(catalogue))
