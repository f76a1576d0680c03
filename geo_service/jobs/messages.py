"""Messages kept in the jobs table: as template and values, so that each reader has them in the own language."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from town_model import Text

_INNER = "$text"


def pack(words: Text) -> str:
    """Return a message as JSON."""
    return json.dumps(_plain(words), ensure_ascii=False)


def unpack(packed: str) -> Text:
    """Return a message that was packed."""
    return _read(json.loads(packed))


def pack_all(messages: Iterable[Text]) -> str:
    """Return messages as JSON."""
    return json.dumps([_plain(one) for one in messages], ensure_ascii=False)


def unpack_all(packed: str) -> tuple[Text, ...]:
    """Return messages that were packed."""
    return tuple(_read(one) for one in json.loads(packed))


def _plain(words: Text) -> dict[str, Any]:
    given = {"template": words.template, "params": {key: _value(one) for key, one in words.params.items()}}
    try:
        str(_read(given))
    except (ValueError, TypeError, KeyError, IndexError):
        # a value whose format asks for more than JSON keeps, such as a date: the words as they are now
        return {"template": "{words}", "params": {"words": str(words)}}
    return given


def _value(one: Any) -> Any:
    if isinstance(one, Text):
        return {_INNER: _plain(one)}
    if hasattr(one, "item"):
        one = one.item()  # numbers of NumPy
    return one if one is None or isinstance(one, bool | int | float | str) else str(one)


def _read(given: dict[str, Any]) -> Text:
    params = {
        key: _read(one[_INNER]) if isinstance(one, dict) else one for key, one in given["params"].items()
    }
    return Text(given["template"], params)
