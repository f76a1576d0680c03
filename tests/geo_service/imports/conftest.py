"""Sheets written for tests: XLSX by openpyxl, XLS by a small writer of our own (BIFF8 in an OLE file)."""

import struct

import openpyxl
import pytest


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


_SECTOR = 512
_DATE_XF = 1


def _record(kind, data=b""):
    return struct.pack("<HH", kind, len(data)) + data


def _text(words, width):
    return struct.pack("<H" if width == 2 else "<B", len(words)) + b"\x01" + words.encode("utf-16-le")


def _xf(number_format):
    return _record(0x00E0, struct.pack("<HHHBBBBIIH", 0, number_format, 0, 0, 0, 0, 0, 0, 0, 0))


def _sheet(rows):
    cells = b""
    for row, values in enumerate(rows):
        for column, value in enumerate(values):
            at = struct.pack("<HH", row, column)
            if isinstance(value, str):
                cells += _record(0x0204, at + struct.pack("<H", 0) + _text(value, 2))
            elif isinstance(value, tuple):  # a date as its serial number
                cells += _record(0x0203, at + struct.pack("<Hd", _DATE_XF, value[0]))
            elif value is not None:
                cells += _record(0x0203, at + struct.pack("<Hd", 0, value))
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0)) + cells + _record(0x000A)


def _workbook(rows, name):
    bof = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0))
    formats = _record(0x0042, struct.pack("<H", 1200)) + _xf(0) + _xf(14)
    head = len(bof) + len(formats) + len(_record(0x0085, b"\0" * 6 + _text(name, 1))) + 4
    return (
        bof
        + formats
        + _record(0x0085, struct.pack("<IBB", head, 0, 0) + _text(name, 1))
        + _record(0x000A)
        + _sheet(rows)
    )


def _entry(name, kind, start, size, child=0xFFFFFFFF):
    coded = (name + "\0").encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII16sIQQIQ",
        coded,
        len(coded),
        kind,
        1,
        0xFFFFFFFF,
        0xFFFFFFFF,
        child,
        b"\0" * 16,
        0,
        0,
        0,
        start,
        size,
    )


def _write_xls(path, rows, name="Sheet1", stream="Workbook"):
    """Write rows of texts, numbers and (serial,) dates."""
    data = _workbook(rows, name)
    data = data.ljust(max(4096, -(-len(data) // _SECTOR) * _SECTOR), b"\0")
    sectors = len(data) // _SECTOR
    chain = [*range(3, sectors + 2), 0xFFFFFFFE]
    fat = [0xFFFFFFFD, 0xFFFFFFFE, *chain]
    assert len(fat) <= 128, "one sector of the allocation table must do"
    fat += [0xFFFFFFFF] * (128 - len(fat))
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\0" * 16, 0x3E, 3, 0xFFFE, 9, 6, b"\0" * 6, 0, 1, 1, 0,
        4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    header += struct.pack("<I", 0) + struct.pack("<I", 0xFFFFFFFF) * 108
    folder = _entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1) + _entry(stream, 2, 2, len(data))
    folder = folder.ljust(_SECTOR, b"\0")
    path.write_bytes(header + struct.pack("<128I", *fat) + folder + data)
    return path


@pytest.fixture(scope="session")
def write_xls():
    """The writer of old workbooks: ``write_xls(path, rows)``."""
    return _write_xls
