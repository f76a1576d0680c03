"""Sheets written for tests."""

import openpyxl
import pytest

HEADER = ["设备编码", "点位名称", "经度", "纬度", "摄像机类型", "安装高度(m)", "朝向"]


def camera(number, **changes):
    """A row under `HEADER`."""
    row = {
        "设备编码": f"3201020000131500{number:04d}",
        "点位名称": f"中山路{number}号点位",
        "经度": 118.78 + number / 1000 + 0.000123,
        "纬度": 32.04 + number / 1000 + 0.000123,
        "摄像机类型": "枪机",
        "安装高度(m)": 6,
        "朝向": 90,
    }
    return list((row | changes).values())


@pytest.fixture
def sheet(tmp_path):
    """Write rows of cells to an XLSX and return its path."""

    def write(rows, name="ledger.xlsx", title="Sheet1"):
        book = openpyxl.Workbook()
        book.active.title = title
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / name)
        return tmp_path / name

    return write
