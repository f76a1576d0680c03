"""From a template and data to PDF or a picture, by Typst.

Data goes to the template as JSON, never as markup: a name with ``#`` or ``$`` in it is only a name. The Chinese font
comes with a package, so that a sheet looks the same on every machine; fonts of the system are not asked.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst

TEMPLATES = Path(__file__).with_name("templates")
FONT = "Noto Sans SC"


@cache
def font_folder() -> Path:
    """Return the folder of the font that all sheets use."""
    return Path(pylopdf_fonts_zh_cn.sans_path()).parent


def compile_pdf(
    template: str,
    data: Mapping[str, Any],
    *,
    files: Mapping[str, bytes] | None = None,
    made_at: datetime | None = None,
) -> bytes:
    """Return a PDF.

    Args:
        template: name of a file among the templates, without ``.typ``. It reads its data with ``json("data.json")``.
        data: what JSON can hold.
        files: further files that the template reads, such as drawings, by name.
        made_at: the time that the file says it was made at; now by default.

    Raises:
        RuntimeError: the template and its data do not fit: a fault of the program.
    """
    stamp = (made_at or datetime.now(UTC)).astimezone().replace(microsecond=0)
    return _compiled(template, data, files or {}, format="pdf", timestamp=stamp)


def compile_png(
    template: str, data: Mapping[str, Any], *, dots_per_mm: float, files: Mapping[str, bytes] | None = None
) -> bytes:
    """Return the one page of a template as a PNG; equal data give equal pictures. Parameters as of `compile_pdf`.

    Args:
        template: its name.
        data: what it reads.
        dots_per_mm: pixels for each millimetre of the page.
        files: further files.
    """
    return _compiled(template, data, files or {}, format="png", ppi=25.4 * dots_per_mm)


def _compiled(template: str, data: Mapping[str, Any], files: Mapping[str, bytes], **options: Any) -> bytes:
    with tempfile.TemporaryDirectory(prefix="geo-service-paper-") as place:
        root = Path(place)
        for one in TEMPLATES.glob("*.typ"):
            (root / one.name).write_bytes(one.read_bytes())
        (root / "data.json").write_text(
            json.dumps(data, ensure_ascii=False, allow_nan=False), encoding="utf-8"
        )
        for name, content in files.items():
            (root / name).write_bytes(content)
        compiled = typst.compile(
            str(root / f"{template}.typ"),
            root=str(root),
            font_paths=[str(font_folder())],
            ignore_system_fonts=True,
            package_path=str(root),
            package_cache_path=str(root),
            **options,
        )
    if not isinstance(compiled, bytes):
        raise TypeError("Typst gave more than one file")
    return compiled
