"""Every message that a user can meet has its Chinese, with the same fields."""

import ast
import dataclasses
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from geo_service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = [
    "geo_service",
    "coverage/camera_coverage",
    "routing/patrol_routing",
    "maps/town_maps",
    "data/town_model",
    "data/town_data",
]
SAYING = {"Text", "of", "say", "_", "gettext", "progress"}
FIELD = re.compile(r"{(\w+)[^}]*}")
CATALOGUES = sorted((ROOT / "geo_service" / "locale" / "zh_CN").glob("*.po"))


def _called(node):
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _messages():
    for one in dataclasses.fields(Settings):
        yield one.metadata["help"], f"geo_service/settings.py: {one.name}"
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                    continue
                name = _called(node)
                text = node.args[0].value
                says = name in SAYING or (
                    name.endswith("Error") and name not in dir(__builtins__) and name not in PLAIN
                )
                if says and isinstance(text, str) and text.strip():
                    yield text, f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / folder).rglob("*.html")):
            for found in re.finditer(
                r"""\b_\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""", path.read_text(encoding="utf-8")
            ):
                yield found[1] or found[2], str(path.relative_to(ROOT))


# errors of Python and of libraries, which users never read
PLAIN = {one for one in dir(__import__("builtins")) if one.endswith("Error")} | {"BadParameter", "UsageError"}


@pytest.fixture(scope="module")
def chinese():
    known = {}
    for path in CATALOGUES:
        with path.open("rb") as source:
            for message in read_po(source, locale="zh_CN", abort_invalid=True):
                if message.id:
                    known.setdefault(message.id, message.string)
    return known


def test_every_message_has_chinese(chinese):
    missing = sorted({f"{text!r} ({place})" for text, place in _messages() if not chinese.get(text)})
    assert missing == []


def test_fields_are_the_same_in_both_languages(chinese):
    wrong = [key for key, words in chinese.items() if set(FIELD.findall(words)) - set(FIELD.findall(key))]
    assert wrong == []


def test_two_catalogues_do_not_say_one_message_differently():
    said = {}
    for path in CATALOGUES:
        with path.open("rb") as source:
            for message in read_po(source, locale="zh_CN"):
                if message.id:
                    said.setdefault(message.id, set()).add(message.string)
    assert {key: words for key, words in said.items() if len(words) > 1} == {}


def test_chinese_is_chinese(chinese):
    """A translation that was left in English is none; messages without any letters, and names that have no Chinese, pass."""
    names = {"OpenStreetMap"}
    han = re.compile(r"[㐀-鿿]")
    plain = [
        key
        for key, words in chinese.items()
        if key not in names and re.search(r"[A-Za-z]{4}", FIELD.sub("", key)) and not han.search(words)
    ]
    assert plain == []


def test_chinese_has_chinese_punctuation(chinese):
    """A half-width comma, colon, semicolon, or question or exclamation mark after a Chinese character reads as a slip."""
    slips = [words for words in chinese.values() if re.search(r"[㐀-鿿”][,;:!?]", words)]
    assert slips == []
