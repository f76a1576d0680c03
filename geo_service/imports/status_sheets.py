"""Daily sheets of operations platforms, brought into the form of the status log before they are read.

Platforms write the day once above the table or into the name of the file, the state in two columns (online or not, picture good or
not), and names that occur twice beside numbers that do not.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from typing import Any

from geo_service.imports.headers import plain_title
from geo_service.imports.reading.raw import RawFile, RawTable
from geo_service.imports.values.plain import fold, is_empty
from town_model import LAYERS, Text

LAYER = "camera_status_log"
_STATE = frozenset({"在线状态", "设备状态", "运行状态", "状态", "在线情况", "online", "state", "status"})
_PICTURE = frozenset(
    {"图像质量", "画面质量", "视频质量", "图像诊断", "诊断结果", "图像状态", "完好状态", "是否完好", "质量诊断", "picture", "imagequality"}
)  # fmt: skip
_CODE = frozenset({"设备编码", "国标编码", "设备编号", "设备id", "通道编码", "国标id", "code"})
_NAME = frozenset({"设备名称", "点位名称", "通道名称", "监控名称", "摄像机名称", "name", "camera"})
_GOOD = frozenset({"正常", "良好", "完好", "清晰", "合格", "是", "ok", "good", "normal", "在线", "working"})
_DAY = re.compile(r"(?<!\d)(20\d\d)(?:\s*[年./_\-]\s*(\d\d?)\s*[月./_\-]\s*(\d\d?)|(\d\d)(\d\d))(?!\d)")
_SEARCHED = 12  # rows among which the header stands
_TIME_TITLE = "检测时间"


def fit_status_sheets(file: RawFile, name: str) -> None:
    """Bring the sheets of a file into the form of the status log, in place; what was done stands in the notes of the file.

    Args:
        file: what was read.
        name: name of the file.
    """
    for table in file.tables:
        if table.fields is None and table.rows:
            _fit(file, table, name)


def _fit(file: RawFile, table: RawTable, name: str) -> None:
    found = _header(table)
    if found is None:
        return
    at, titles = found
    state, picture = _index(titles, _STATE), _index(titles, _PICTURE)
    if state is not None and picture is not None:
        _merge_picture(table, at, state, picture)
        file.notes.append(
            Text.of(
                "a camera that is online with a faulty picture (column “{title}”) counts as faulty",
                title=str(table.rows[at][picture]),
            )
        )
    code, called = _index(titles, _CODE), _index(titles, _NAME)
    if code is not None and called is not None:
        _tell_apart(table, at, code, called)
    times = {plain_title(one) for one in LAYERS[LAYER].column("at").aliases} | {"时间", "time", "at"}
    if not times & set(titles):
        day = _day_of(table, at, name)
        if day:
            for i, row in enumerate(table.rows):
                row.extend([None] * (len(titles) - len(row)))
                row.append(_TIME_TITLE if i == at else day if i > at else None)
            file.notes.append(
                Text.of("the day {day} was taken from the title, the sheet or the name of the file", day=day)
            )


def _header(table: RawTable) -> tuple[int, list[str]] | None:
    """Return the row of titles, and its titles in plain form."""
    for at, row in enumerate(table.rows[:_SEARCHED]):
        titles = ["" if one is None else plain_title(str(one)) for one in row]
        there = set(titles)
        if there & (_STATE | _PICTURE) and there & (_CODE | _NAME):
            return at, titles
    return None


def _index(titles: list[str], known: frozenset[str]) -> int | None:
    return next((i for i, one in enumerate(titles) if one in known), None)


def _cell(row: list[Any], index: int) -> str:
    value = row[index] if index < len(row) else None
    return "" if value is None or is_empty(fold(str(value))) else fold(str(value))


def _merge_picture(table: RawTable, at: int, state: int, picture: int) -> None:
    """Let the worse of both columns stand as the state."""
    for row in table.rows[at + 1 :]:
        seen, shown = _cell(row, state), _cell(row, picture)
        if shown and shown.lower() not in _GOOD and (not seen or seen.lower() in _GOOD) and state < len(row):
            row[state] = "故障"
        elif shown and not seen and state < len(row):
            row[state] = shown


def _tell_apart(table: RawTable, at: int, code: int, called: int) -> None:
    """Put the number of a device in place of a name that is missing or that several rows carry."""
    counts = Counter(_cell(row, called) for row in table.rows[at + 1 :])
    for row in table.rows[at + 1 :]:
        name, number = _cell(row, called), _cell(row, code)
        if number and called < len(row) and (not name or counts[name] > 1):
            row[called] = number


def _day_of(table: RawTable, at: int, name: str) -> str:
    texts = [str(one) for row in table.rows[:at] for one in row if one is not None]
    for words in (*texts, table.name, name):
        for found in _DAY.finditer(fold(words)):
            try:
                return dt.date(
                    int(found[1]), int(found[2] or found[4]), int(found[3] or found[5])
                ).isoformat()
            except ValueError:
                continue
    return ""
