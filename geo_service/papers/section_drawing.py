"""The vertical section of a camera's view as a drawing: for the page and for paper alike."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from camera_coverage import Section
from camera_coverage.section import Crossing
from geo_service.i18n import say
from geo_service.papers import bands
from geo_service.papers.bands import LINE, Entry, units
from geo_service.papers.drawing import round_length
from geo_service.words import STRETCHES, class_words
from town_model import Text

#: How many times higher than wide heights may be drawn; the drawing says which.
_STRETCHED = (10, 8, 6, 5, 4, 3, 2, 1.5, 1, 0.75, 0.5, 0.25)
_LEFT, _RIGHT, _TOP = 11.0, 5.0, 7.0
_EYE_MM = 26.0  # as high as the eye is drawn where there is room
_STRIP, _TICKS, _LABEL = 5.0, 5.0, 3.4
_BELOW_GROUND = 2.5


class _Paper:
    """Where metres of the section lie on the drawing."""

    def __init__(self, one: Section, width_mm: float, highest_mm: float) -> None:
        per_metre = (width_mm - _LEFT - _RIGHT) / one.length_m
        ground = one.ground[:, 1]
        tops = [c.top_m for c in one.crossings if math.isfinite(c.top_m)]
        most = max(
            one.eye_m * 1.5,
            min(max([0.0, *tops]) * 1.08, one.eye_m * 3),
            float(ground.max()) + one.target_height_m * 2,
        )
        self.low, self.high = min(0.0, float(ground.min())), most
        room = highest_mm / per_metre / (self.high - self.low)
        wanted = _EYE_MM / per_metre / one.eye_m
        self.stretched = next((each for each in _STRETCHED if each <= min(room, wanted)), _STRETCHED[-1])
        self.per_metre, self.up = per_metre, per_metre * self.stretched
        self.height_mm = _TOP + (self.high - self.low) * self.up + _BELOW_GROUND

    def x(self, metres: float) -> float:
        return units(_LEFT) + metres * self.per_metre * 100

    def y(self, metres: float) -> float:
        return units(_TOP) + (self.high - metres) * self.up * 100


def draw_section(
    one: Section,
    *,
    language: str = "zh",
    names: Mapping[str, str] | None = None,
    width_mm: float = 190.0,
    highest_mm: float = 58.0,
) -> str:
    """Return a section as SVG: ground, obstacles with their shadows, the picture's edges, a strip of what is seen, and a legend.

    Args:
        one: the section.
        language: ``zh`` or ``en``.
        names: words for obstacles by id.
        width_mm: width of the drawing.
        highest_mm: room for heights.
    """
    paper = _Paper(one, width_mm, highest_mm)
    colours = bands.class_colours([limit.observation_class for limit in one.limits])
    width, bottom = units(width_mm), units(paper.height_mm)
    right = paper.x(one.length_m)
    clip = (
        f'<clipPath id="cut"><rect x="{units(_LEFT)}" y="{units(_TOP)}" width="{right - units(_LEFT):.0f}"'
        f' height="{bottom - units(_TOP)}"/></clipPath>'
    )
    drawn = [
        _picture(one, paper),
        *(_shadow(each, one, paper) for each in one.crossings),
        _ground(one, paper, bottom),
    ]
    drawn += [_obstacle(each, paper) for each in one.crossings]
    body = f'<g clip-path="url(#cut)">{"".join(drawn)}{_target_line(one, paper)}</g>'
    body += _heights(paper, language) + _camera(one, paper, language)
    body += _names(one, paper, names or {}, language)
    strip = bottom + units(0.8)
    body += _strip(one, paper, colours, strip, language)
    ticks = strip + units(_STRIP)
    body += _distances(one, paper, ticks)
    marks, rows = _limits(one, paper, ticks + units(_TICKS), language)
    body += marks
    entries = _entries(one, colours, language)
    said, high = bands.legend(entries, width, top=ticks + units(_TICKS) + rows * units(_LABEL) + units(1.5))
    total = ticks + units(_TICKS) + rows * units(_LABEL) + units(2.5) + high
    return bands.svg(width, total, body + said, title=section_words(one, language), defs=clip)


def section_words(one: Section, language: str) -> str:
    """Return in one sentence what a section shows, for those who do not see it."""
    near = "–" if math.isinf(one.near_m) else f"{one.near_m:.1f}"
    return say(
        Text.of(
            "Section towards grid azimuth {bearing}°: eye {eye} m above the ground, dead zone {near} m, target height {target} m",
            bearing=f"{one.bearing_deg:.0f}", eye=f"{one.eye_m:.1f}", near=near, target=f"{one.target_height_m:g}",
        ),
        language,
    )  # fmt: skip


def _ray(one: Section, paper: _Paper, depression_deg: float) -> tuple[float, float]:
    """Return where a line of sight from the eye leaves the drawing, in metres."""
    if abs(depression_deg) >= 89.99:
        return 0.0, one.eye_m - math.copysign(10 * (paper.high - paper.low), depression_deg)
    far = one.length_m * 1.2
    return far, one.eye_m - far * math.tan(math.radians(depression_deg))


def _picture(one: Section, paper: _Paper) -> str:
    """What the lens takes in, between the lower and the upper edge of its picture."""
    if abs(one.off_axis_deg) > 90 and one.lens == "rectilinear":
        return ""
    if (
        one.lens != "rectilinear" and one.lower_deg >= 90 and one.upper_deg <= -90
    ):  # every height within its range
        x, y = paper.x(0), paper.y(paper.high)
        wide, high_units = paper.x(min(one.range_m, one.length_m)) - x, paper.y(paper.low) - y
        return f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{high_units:.0f}" fill="#fdf3d3"/>'
    eye = (paper.x(0), paper.y(one.eye_m))
    low, high = (
        (paper.x(a), paper.y(b))
        for a, b in (_ray(one, paper, one.lower_deg), _ray(one, paper, one.upper_deg))
    )
    corner = (paper.x(one.length_m * 1.2), low[1]) if one.lower_deg >= 89.99 else low
    points = " ".join(f"{x:.0f},{y:.0f}" for x, y in (eye, low, corner, high))
    edges = "".join(
        f'<path d="M{eye[0]:.0f} {eye[1]:.0f}L{x:.0f} {y:.0f}" stroke="#a06a00" stroke-width="18" fill="none"/>'
        for x, y in (low, high)
    )
    axis = ""
    if one.lens == "rectilinear" and abs(one.off_axis_deg) < 0.05:
        x, y = _ray(one, paper, one.tilt_deg)
        axis = f'<path d="M{eye[0]:.0f} {eye[1]:.0f}L{paper.x(x):.0f} {paper.y(y):.0f}" stroke="#a06a00" stroke-width="14" stroke-dasharray="160 60 30 60" fill="none"/>'
    return f'<polygon points="{points}" fill="#fdf3d3"/>{edges}{axis}'


def _ground(one: Section, paper: _Paper, bottom: int) -> str:
    line = " ".join(f"{paper.x(s):.0f},{paper.y(g):.0f}" for s, g in one.ground.tolist())
    first, last = paper.x(0), paper.x(one.length_m)
    return (
        f'<polygon points="{first:.0f},{bottom} {line} {last:.0f},{bottom}" fill="#d9cdb9"/>'
        f'<polyline points="{line}" fill="none" stroke="#6b5c45" stroke-width="24"/>'
    )


def _level(one: Section, metres: float) -> float:
    return float(np.interp(metres, one.ground[:, 0], one.ground[:, 1]))


def _shadow(each: Crossing, one: Section, paper: _Paper) -> str:
    """The space behind an obstacle that the eye does not see, down from the line of sight over its top."""
    # below a deck one sees: what it hides stands in the strip alone
    if each.own or each.clear_m > 0 or each.shadow_end_m <= each.end_m + 1e-6:
        return ""
    end = min(each.shadow_end_m, one.length_m)
    top = min(each.top_m, paper.high * 3)
    if math.isinf(each.shadow_end_m):
        line = (top - one.eye_m) / max(each.end_m, 1e-6)
        over = one.eye_m + line * end if math.isfinite(each.top_m) else top
    else:
        over = _level(one, end) + one.target_height_m
    inner = [s for s in one.ground[:, 0].tolist() if each.end_m < s < end]
    below = [(s, _level(one, s)) for s in [end, *reversed(inner), each.end_m]]
    points = " ".join(
        f"{paper.x(s):.0f},{paper.y(h):.0f}" for s, h in [(each.end_m, top), (end, over), *below]
    )
    return f'<polygon points="{points}" fill="#8b857b" fill-opacity="0.3"/>'


def _obstacle(each: Crossing, paper: _Paper) -> str:
    top = min(each.top_m, paper.high * 3)
    x, y = paper.x(each.begin_m), paper.y(top)
    wide, high = paper.x(each.end_m) - x, paper.y(each.base_m) - y
    if high <= 0:
        return ""
    if wide < 30:
        return f'<path d="M{x:.0f} {y:.0f}v{high:.0f}" stroke="#5a5248" stroke-width="50"/>'
    dash = ' stroke-dasharray="100 60"' if math.isinf(each.top_m) else ""
    return f'<rect x="{x:.0f}" y="{y:.0f}" width="{wide:.0f}" height="{high:.0f}" fill="#b7ab9b" stroke="#5a5248" stroke-width="20"{dash}/>'


def _target_line(one: Section, paper: _Paper) -> str:
    line = " ".join(
        f"{paper.x(s):.0f},{paper.y(g + one.target_height_m):.0f}" for s, g in one.ground.tolist()
    )
    return (
        f'<polyline points="{line}" fill="none" stroke="#1d4ed8" stroke-width="16" stroke-dasharray="90 60"/>'
    )


def _camera(one: Section, paper: _Paper, language: str) -> str:
    x, foot, eye = paper.x(0), paper.y(0), paper.y(one.eye_m)
    words = say(Text.of("{height} m", height=f"{one.eye_m:.1f}"), language)
    return (
        f'<path d="M{x:.0f} {foot:.0f}V{eye:.0f}" stroke="{bands.INK}" stroke-width="40"/>'
        f'<circle cx="{x:.0f}" cy="{eye:.0f}" r="{units(1.1)}" fill="#ffffff" stroke="{bands.INK}" stroke-width="30"/>'
        f'<circle cx="{x:.0f}" cy="{eye:.0f}" r="{units(0.45)}" fill="{bands.INK}"/>'
        + bands.text(x + units(1.6), eye - units(1.4), words, halo=True)
    )


def _heights(paper: _Paper, language: str) -> str:
    step = round_length(max((paper.high - paper.low) / 2.5, 0.1))
    x, out = units(_LEFT), [bands.text(0, units(3), _stretch_words(paper, language), size_mm=2.3, fill=LINE)]
    height = math.ceil(paper.low / step) * step
    while height <= paper.high:
        y = paper.y(height)
        out.append(f'<path d="M{x - units(1)} {y:.0f}H{x}" stroke="{LINE}" stroke-width="14"/>')
        out.append(
            bands.text(x - units(1.4), y + units(0.9), f"{height:g}", size_mm=2.3, anchor="end", fill=LINE)
        )
        height += step
    return "".join(out)


def _stretch_words(paper: _Paper, language: str) -> str:
    if paper.stretched == 1:
        return say(Text("Height (m), true to scale"), language)
    return say(Text.of("Height (m), drawn {times} times", times=f"{paper.stretched:g}"), language)


def _names(one: Section, paper: _Paper, names: Mapping[str, str], language: str) -> str:
    """Names and heights of obstacles, above them, where there is room."""
    out, taken = [], [(paper.x(0), paper.x(0) + units(13))]
    for each in one.crossings:
        words = names.get(str(each.obstacle), "")
        words = "" if words.startswith("#") else words[:10]
        high = say(Text("height unknown"), language) if math.isinf(each.top_m) else say(Text.of("{height} m", height=f"{each.top_m - each.base_m:.1f}"), language)  # fmt: skip
        said = f"{words} {high}".strip()
        half = bands.text_width(said, units(2.3)) / 2
        middle = paper.x((each.begin_m + min(each.end_m, one.length_m)) / 2)
        middle = min(max(middle, paper.x(0) + half), paper.x(one.length_m) - half)
        if any(a < middle + half and middle - half < b for a, b in taken):
            continue
        taken.append((middle - half, middle + half))
        y = max(paper.y(min(each.top_m, paper.high)), units(_TOP)) - units(0.8)
        out.append(bands.text(middle, y, said, size_mm=2.3, anchor="middle", halo=True))
    return "".join(out)


def _strip(one: Section, paper: _Paper, colours: Mapping[str, str], top: int, language: str) -> str:
    """What is seen of the ground, stretch by stretch, with the name of the class where it fits."""
    out, high, size = [], units(_STRIP - 1), units(2.3)
    for each in one.stretches:
        x, end = paper.x(each.begin_m), paper.x(each.end_m)
        fill = bands.fill_of(each.state, each.observation_class, colours)
        out.append(
            f'<rect x="{x:.0f}" y="{top}" width="{max(end - x, 1):.0f}" height="{high}" fill="{fill}"/>'
        )
        words = class_words(each.observation_class, language) if each.observation_class else ""
        if words and end - x > bands.text_width(words, size) + units(1):
            colour = bands.text_colour(colours[str(each.observation_class)])
            out.append(
                bands.text((x + end) / 2, top + units(2.9), words, size_mm=2.3, anchor="middle", fill=colour)
            )
    x, end = paper.x(0), paper.x(one.length_m)
    out.append(
        f'<rect x="{x:.0f}" y="{top}" width="{end - x:.0f}" height="{high}" fill="none" stroke="{LINE}" stroke-width="16"/>'
    )
    return "".join(out)


def _distances(one: Section, paper: _Paper, top: int) -> str:
    step = round_length(max(one.length_m / 6, 0.5))
    out, metres = [], 0.0
    while metres <= one.length_m:
        x = paper.x(metres)
        unit = " m" if not metres else ""
        out.append(f'<path d="M{x:.0f} {top - units(0.9)}v{units(1.4)}" stroke="{LINE}" stroke-width="14"/>')
        out.append(
            bands.text(x, top + units(3), f"{metres:g}{unit}", size_mm=2.3, anchor="middle", fill=LINE)
        )
        metres += step
    return "".join(out)


def _limits(one: Section, paper: _Paper, top: int, language: str) -> tuple[str, int]:
    """Marks where classes, range and dead zone end, with their metres, in as many rows as they need."""
    found = [
        (limit.distance_m, class_words(limit.observation_class, language))
        for limit in one.limits
        if limit.distance_m > one.near_m
    ]
    found += [(one.near_m, say(Text("dead zone"), language)), (one.range_m, say(Text("its range"), language))]
    found = sorted((metres, words) for metres, words in found if 0 < metres <= one.length_m)
    out: list[str] = []
    ends: list[float] = []
    for metres, words in found:
        said = f"{words} {metres:.1f} m"
        x, wide = paper.x(metres), bands.text_width(said, units(2.3))
        begin = min(
            max(x - wide / 2, 0), units(_LEFT) + one.length_m * paper.per_metre * 100 + units(_RIGHT) - wide
        )
        row = next((i for i, end in enumerate(ends) if begin > end + units(1)), len(ends))
        ends[row : row + 1] = [begin + wide]
        y = top + row * units(_LABEL)
        out.append(
            f'<path d="M{x:.0f} {top - units(_TICKS + _STRIP)}V{y:.0f}" stroke="{LINE}" stroke-width="8" stroke-dasharray="40 40"/>'
        )
        out.append(bands.text(begin, y + units(2.4), said, size_mm=2.3, halo=True))
    return "".join(out), len(ends)


def _entries(one: Section, colours: Mapping[str, str], language: str) -> list[Entry]:
    """The legend: classes that are seen, from fine to coarse, then what is not seen."""
    seen = {each.observation_class for each in one.stretches if each.state == "seen"}
    found = [
        Entry(colours[name], class_words(name, language)) for name in reversed(list(colours)) if name in seen
    ]
    states = {each.state for each in one.stretches}
    plain = [state for state in ("dead_zone", "hidden", "dark", "building", "blind") if state in states]
    return found + [
        Entry(bands.fill_of(state, None, colours), say(STRETCHES[state], language)) for state in plain
    ]
