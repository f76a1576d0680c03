"""The words for what would cure a blind spot; pages, exports, maps and the command line all say them from here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from geo_service.i18n import say
from town_model import Text

#: Short titles of the codes of `camera_coverage.CURES`, what is done soonest first.
CURES: dict[str, Text] = {
    "repair": Text("repair"),
    "verify": Text("verify on the spot"),
    "direction": Text("find out the direction"),
    "position": Text("check the position"),
    "turn": Text("turn"),
    "tilt": Text("tilt"),
    "preset": Text("one more preset"),
    "light": Text("more light"),
    "lens": Text("longer lens"),
    "pixels": Text("more pixels"),
    "reach": Text("longer range"),
    "raise": Text("mount higher"),
    "new_camera": Text("one more camera"),
}
_NEARLY_ALL = 0.95
_WAYS = (Text("north"), Text("east"), Text("south"), Text("west"))
_WHOLE: dict[str, Text] = {
    "repair": Text("repair {camera}"),
    "verify": Text("verify the data of {camera} on the spot"),
    "position": Text("check the position of {camera}: by the map it stands inside a building"),
    "new_camera": Text("one more camera is needed"),
}


def cure_text(code: object, params: object = None, camera: object = None, share: object = None) -> Text:
    """Return what would cure a blind spot, as one says it to a fitter.

    Args:
        code: key of `camera_coverage.CURES`; a code without words stands for itself.
        params: of the cure, ``azimuth_deg`` from true north.
        camera: name of the camera that is changed; may be missing.
        share: how much of the piece that cures, 0 to 1; said where it is not nearly all. May be missing.
    """
    said = _cure(str(code), params, camera)
    if isinstance(share, float) and share < _NEARLY_ALL:
        return Text.of("{cure}; shows about {percent} % of it", cure=said, percent=max(round(100 * share), 1))
    return said


def _cure(name: str, params: object, camera: object) -> Text:
    who: Text | str = str(camera) if isinstance(camera, str) and camera else Text("the camera")
    if name in _WHOLE:
        return Text(_WHOLE[name].template, {"camera": who} if "{camera}" in _WHOLE[name].template else {})
    given: Mapping[str, Any] = params if isinstance(params, Mapping) else {}
    steps = _steps(name, given)
    if not steps:
        return CURES.get(name) or Text("{code}", {"code": name})
    said = steps[0]
    for one in steps[1:]:
        said = Text.of("{first}, {second}", first=said, second=one)
    if "view" in given and name != "preset":
        who = Text.of("{camera}, lens no. {number}", camera=who, number=int(given["view"]) + 1)
    return Text.of("{camera}: {what}", camera=who, what=said)


def cure_words(pieces: pd.DataFrame, language: str) -> list[str]:
    """Return what would cure each piece, in words; empty text for results that were computed before there were cures.

    Args:
        pieces: the frame ``pieces`` of a result of kind ``gaps``.
        language: ``zh`` or ``en``.
    """
    if "cure" not in pieces.columns:
        return [""] * len(pieces)
    return [
        say(cure_text(code, params, name, share), language)
        for code, params, name, share in zip(
            pieces["cure"],
            pieces["cure_params"],
            pieces["cause_camera_name"],
            pieces["cure_share"],
            strict=True,
        )
    ]


def towards(azimuth_deg: float, turn_deg: float) -> Text:
    """Return the compass point towards which a camera is turned: the first of the four at or beyond its new azimuth.

    Args:
        azimuth_deg: after the turn, from true north.
        turn_deg: clockwise above zero.

    >>> str(towards(348, -12)), str(towards(300, 12)), str(towards(90, 20))
    ('west', 'north', 'east')
    """
    quarter = azimuth_deg % 360 / 90
    # an azimuth rounded to a whole degree may lie a hair beyond the compass point that it means
    point = -(-(quarter - 0.01) // 1) if turn_deg > 0 else (quarter + 0.01) // 1
    return _WAYS[int(point) % 4]


def _steps(code: str, params: Mapping[str, Any]) -> list[Text]:
    """Return the steps of a cure, the costliest first."""
    steps: list[Text] = []
    if "mount_height_m" in params:
        steps.append(Text.of("mount it {height} m high", height=f"{params['mount_height_m']:g}"))
    if "max_range_m" in params:
        steps.append(Text.of("a range of {range} m", range=f"{params['max_range_m']:g}"))
    if "hfov_deg" in params and code != "preset":
        steps.append(_lens(params))
    if "resolution_px_h" in params:
        steps.append(Text.of("a sensor of {pixels} pixels across", pixels=f"{params['resolution_px_h']:g}"))
    if "ir_range_m" in params:
        steps.append(
            Text.of("light to {reach} m, infrared or a street light", reach=f"{params['ir_range_m']:g}")
        )
    azimuth = f"{round(params['azimuth_deg']) % 360}" if "azimuth_deg" in params else ""
    if code == "preset":
        steps.append(
            Text.of("one more preset at azimuth {azimuth}°", azimuth=azimuth)
            if azimuth
            else Text("one more preset in the same direction")
        )
    elif "turn_deg" in params:
        way = towards(params["azimuth_deg"], params["turn_deg"])
        angle = f"{abs(params['turn_deg']):.0f}"
        steps.append(
            Text.of("turn {angle}° {way} (to azimuth {azimuth}°)", angle=angle, way=way, azimuth=azimuth)
        )
    elif azimuth:
        steps.append(
            Text.of("find out where it looks; at azimuth {azimuth}° it would see this", azimuth=azimuth)
        )
    if "tilt_change_deg" in params:
        change = params["tilt_change_deg"]
        words = (
            Text("tilt {angle}° further down (to {tilt}°)")
            if change > 0
            else Text("tilt {angle}° up (to {tilt}°)")
        )
        steps.append(Text.of(words.template, angle=f"{abs(change):.0f}", tilt=f"{params['tilt_deg']:.0f}"))
    if code == "preset" and "hfov_deg" in params:
        steps.append(Text.of("zoomed to a view of {hfov}°", hfov=f"{params['hfov_deg']:g}"))
    return steps


def _lens(params: Mapping[str, Any]) -> Text:
    if "focal_length_mm" in params:
        return Text.of(
            "a lens of {focal} mm (view of {hfov}°)",
            focal=f"{params['focal_length_mm']:g}",
            hfov=f"{params['hfov_deg']:g}",
        )
    return Text.of(
        "a longer lens (view of {hfov}°, focal length × {ratio})",
        hfov=f"{params['hfov_deg']:g}",
        ratio=f"{params['focal_ratio']:g}",
    )
