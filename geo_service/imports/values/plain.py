"""Text as it is meant: full-width forms folded, invisible characters gone."""

from __future__ import annotations

import re
import unicodedata

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202e]")
# what people write into a cell instead of leaving it empty
EMPTY_WORDS = frozenset(
    {"", "-", "--", "---", "—", "——", "―", "/", "//", "\\", "n/a", "na", "#n/a", "null", "none", "nan", "nil"}
    | {"不详", "未知", "暂无", "待定", "不清楚", "未填", "待补", "待核", "空", "无数据", "缺", "待查"}
)
_ERRORS = frozenset(
    {"#ref!", "#value!", "#name?", "#div/0!", "#num!", "#null!", "#error", "#spill!", "#calc!"}
)


def fold(text: str) -> str:
    """Return text with full-width letters, digits and signs as plain ones, and without invisible characters.

    >>> fold("６. 5 米")
    '6. 5 米'
    """
    # NFKC would split the double prime of seconds into two single ones
    text = text.replace("″", '"').replace("‶", '"').replace("〃", '"')
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(text.split())


def is_empty(text: str) -> bool:
    """Whether a folded text stands for an empty cell."""
    return text.lower() in EMPTY_WORDS


def is_sheet_error(text: str) -> bool:
    """Whether a folded text is the error value of a formula."""
    return text.lower() in _ERRORS
