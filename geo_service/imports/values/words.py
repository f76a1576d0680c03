"""Words for yes and no, and for the choices of a column."""

from __future__ import annotations

import re
from functools import cache

from geo_service.imports.faults import CellError
from geo_service.imports.values.plain import fold
from town_model import Column, Text

_YES = frozenset(
    {
        "是",
        "有",
        "√",
        "✓",
        "✔",
        "☑",
        "y",
        "yes",
        "true",
        "1",
        "t",
        "已",
        "对",
        "已设",
        "已设置",
        "设置",
        "已有",
    }
)
_YES_MORE = frozenset(
    {
        "完好",
        "好",
        "正常",
        "在用",
        "良好",
        "亮",
        "通",
        "可",
        "可以",
        "具备",
        "支持",
        "已安装",
        "已征得",
        "封闭",
    }
)
_NO = frozenset(
    {"否", "无", "×", "✗", "✘", "x", "n", "no", "false", "0", "f", "未", "没有", "错", "未设", "未设置", "不"}
)
_NO_MORE = frozenset(
    {
        "损坏",
        "坏",
        "故障",
        "异常",
        "不亮",
        "不通",
        "不可",
        "不可以",
        "不具备",
        "不支持",
        "未安装",
        "未征得",
        "不封闭",
        "开放",
        "不是",
    }
)
_NEGATED = re.compile(r"[不未非无没]$")


def parse_boolean(text: str) -> bool:
    """Return what a folded word says.

    Raises:
        CellError: it says neither yes nor no.
    """
    plain = text.lower().strip("。. ")
    if plain in _YES or plain in _YES_MORE:
        return True
    if plain in _NO or plain in _NO_MORE:
        return False
    raise CellError(Text.of("“{value}” says neither yes nor no", value=text), Text.of("write 是 or 否"))


def _key(text: str) -> str:
    return re.sub(r"[\s_\-]", "", fold(text)).lower()


@cache
def _spellings(column: Column) -> dict[str, str]:
    """Return the value of a choice by each way of writing it; the first choice wins a word that two share."""
    spelled: dict[str, str] = {}
    for one in column.choices:
        for words in (one.value, one.zh, one.en, *one.aliases):
            spelled.setdefault(_key(words), one.value)
    return spelled


def parse_choice(text: str, column: Column) -> tuple[str, bool]:
    """Return the value of a choice, and whether it was only found inside the text.

    Args:
        text: folded text.
        column: the column, whose choices are searched by value, titles and aliases.

    Raises:
        CellError: it is none of the choices, or could be several.
    """
    spelled = _spellings(column)
    plain = _key(text)
    for candidate in (plain, re.sub(r"\([^)]*\)", "", plain)):
        if candidate in spelled:
            return spelled[candidate], False
    found: dict[str, str] = {}
    for words, value in spelled.items():
        at = plain.find(words)
        if len(words) >= 2 and at >= 0 and not _NEGATED.search(plain[:at]):
            found[words] = value
    # the longest word wins over those that it contains: 枪球 over 球
    longest = {w: v for w, v in found.items() if not any(w != other and w in other for other in found)}
    if len(set(longest.values())) == 1 and re.search(r"[^\x00-\x7f]", plain):
        return next(iter(longest.values())), True
    raise CellError(
        Text.of("“{value}” is none of the choices", value=text),
        Text.of("choose one of {choices}", choices=", ".join(f"{one.zh} {one.en}" for one in column.choices)),
    )
