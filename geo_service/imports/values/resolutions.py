"""Resolutions of cameras: ``2560×1440``, ``200万``, ``1080P``, ``4K``."""

from __future__ import annotations

import re

_MEGAPIXELS = {
    100: (1280, 720), 130: (1280, 960), 200: (1920, 1080), 300: (2048, 1536), 400: (2560, 1440), 500: (2592, 1944),
    600: (3072, 2048), 800: (3840, 2160), 1200: (4000, 3000), 1600: (4608, 3456), 3200: (7680, 4320),
}  # fmt: skip
_WORDS = {
    "720p": (1280, 720), "960p": (1280, 960), "1080p": (1920, 1080), "1080i": (1920, 1080), "1440p": (2560, 1440),
    "2k": (2560, 1440), "4k": (3840, 2160), "2160p": (3840, 2160), "8k": (7680, 4320), "hd": (1280, 720),
    "fullhd": (1920, 1080), "fhd": (1920, 1080), "uhd": (3840, 2160), "qhd": (2560, 1440), "3k": (2880, 1620),
    "全高清": (1920, 1080), "超高清": (3840, 2160),
    "d1": (704, 576), "4cif": (704, 576), "cif": (352, 288), "vga": (640, 480), "标清": (704, 576),
}  # fmt: skip
_PAIR = re.compile(r"(\d{3,5})(?:px|像素)?[x×*✕✖╳·by,/\-](\d{3,5})(?:px|像素)?", re.IGNORECASE)
_WAN = re.compile(r"(\d{2,5}(?:\.\d+)?)(?:w|万)(?:像素|象素|高清|px|p)?", re.IGNORECASE)
_MEGA = re.compile(r"(\d{1,2}(?:\.\d+)?)(?:mp|m|百万像素|百万|兆像素|兆)", re.IGNORECASE)


def _megapixels(wan: float) -> tuple[int, int] | None:
    nearest = min(_MEGAPIXELS, key=lambda one: abs(one - wan))
    return _MEGAPIXELS[nearest] if abs(nearest - wan) <= 0.08 * nearest else None


def parse_resolution(text: str) -> tuple[int, int, bool] | None:
    """Return pixels across and down, and whether they were only implied by a class; None where it is no resolution.

    Megapixels stand for the format that cameras of that class have: 200万 is 1920 × 1080.

    Args:
        text: folded text.

    >>> parse_resolution("2560×1440"), parse_resolution("200万")
    ((2560, 1440, False), (1920, 1080, True))
    """
    plain = re.sub(r"[\s()]", "", text).lower()
    if found := _PAIR.fullmatch(plain):
        return int(found[1]), int(found[2]), False
    size = _WORDS.get(plain)
    if size is None and (found := _WAN.fullmatch(plain)):
        size = _megapixels(float(found[1]))
    if size is None and (found := _MEGA.fullmatch(plain)):
        size = _megapixels(float(found[1]) * 100)
    if size is None and (found := re.search(r"(\d{3,4})[x×*](\d{3,4})", plain)):  # "200万(1920×1080)"
        return int(found[1]), int(found[2]), False
    return None if size is None else (*size, True)
