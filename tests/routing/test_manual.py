"""The page on patrols says what the library does: its example, speeds and reasons are recomputed."""

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from patrol_routing import (
    DEFAULT_MODES,
    UNREACHABLE_REASONS,
    Start,
    account,
    entropy,
    places_in_time,
    response_roads,
    response_times,
    road_graph,
    starts_at,
)
from patrol_routing.records import Place, Window

DOCS = Path(__file__).resolve().parents[2] / "docs"
LANGUAGES = ["en", "zh"]
FIGURES = {"window_s", "window_chance", "after_visit_s", "time_entropy", "return_entropy"}


def page(language):
    return (DOCS / language / "patrol-method.md").read_text(encoding="utf-8")


def rows(text):
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def minutes(clock):
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_the_manual_comes_out(language):
    text = page(language)
    start, end = 8 * 3600.0, 14 * 3600.0
    place = Place("p", (0,), 720.0, 1.0, (Window(start, end, 7200.0, 1),), None, None)
    visits = [(minutes(a) * 60.0, minutes(b) * 60.0) for a, b in (("08:40", "08:52"), ("11:00", "11:12"))]
    told = [row for row in rows(text) if re.fullmatch(r"\d\d:\d\d", row[0])]
    counted = account(place, visits, (start, end), "departure").stretches
    assert len(told) == len(counted) == 3
    for row, one in zip(told, counted, strict=True):
        assert (minutes(row[0]) * 60, minutes(row[1]) * 60) == (one.start_s, one.end_s)
        assert int(row[2].split()[0]) * 60 == one.gap_s
        assert bool(row[3]) == one.is_breach
    assert f"= {max(one.ratio for one in counted):.2f}" in text
    arrivals = [one.gap_s / 60 for one in account(place, visits, (start, end), "arrival").stretches]
    assert arrivals == [40, 140, 180]
    assert "140" in text
    assert "180" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_speeds_of_the_manual_are_the_default_ones(language):
    told = {row[0]: row[1:] for row in rows(page(language)) if len(row) == 4}
    modes = {one.name: one for one in DEFAULT_MODES}
    kinds = [kind for kind in told if re.fullmatch(r"[a-z_]+", kind) and kind != "from"]
    assert len(kinds) >= 13
    for kind in kinds:
        for name, cell in zip(("foot", "car", "motorcycle"), told[kind], strict=True):
            assert float(cell) == modes[name].class_speed_kmh.get(kind, modes[name].speed_kmh), (kind, name)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_manual_explains_every_reason(language):
    told = {row[0].split("`")[1] for row in rows(page(language)) if row[0].startswith("`")}
    assert told - FIGURES == set(UNREACHABLE_REASONS)
    assert told >= FIGURES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_code_of_the_manual_runs_and_its_plan_holds(language, capsys):
    blocks = re.findall(r"```python\n(.*?)```", page(language), re.DOTALL)
    names = {}
    for code in blocks:
        exec(code, names)
    assert names["verdict"].holds
    assert "'breaches': 0" in capsys.readouterr().out
    assert len(names["days"]) == 5
    assert all(day.breaches.empty for day in names["days"])
    assert set(names["days"][0].unpredictability.places.columns) >= FIGURES


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_entropy_of_the_manual_comes_out(language):
    assert f"= {entropy([5, 15], 10):.3f}" in page(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_response_times_of_the_manual_come_out(language):
    """A street of 1,000 m with a car at its western end; a walker that leaves there at 9:00 and stays at the eastern end."""
    car = next(one for one in DEFAULT_MODES if one.name == "car")
    foot = next(one for one in DEFAULT_MODES if one.name == "foot").at_speed(3.6, "foot_3_6")
    lines = [[(0, 0), (250, 0)], [(250, 0), (1000, 0)]]
    frame = gpd.GeoDataFrame(
        {"highway": ["residential", "residential"]},
        geometry=[shapely.LineString(one) for one in lines],
        crs="EPSG:4549",
    )
    graph = road_graph(frame, modes=[car, foot])
    at = {round(data["x"]): node for node, data in graph.nodes(data=True)}
    legs = pd.DataFrame(
        {"u": [at[0], at[250]], "v": [at[250], at[1000]], "enter_s": [32_400.0, 32_650.0], "leave_s": [32_650.0, 33_400.0]}
    )  # fmt: skip
    metres = {"school": 250, "小学": 250, "wharf": 1000, "码头": 1000}
    access = pd.Series({name: [at[x]] for name, x in metres.items()})
    told = [row for row in rows(page(language)) if len(row) == 5 and re.fullmatch(r"\d+:\d\d", row[0])]
    assert len(told) == 6
    by_car = response_times(graph, [Start(at[0])], mode="car")
    for time, place, car_s, foot_s, best in told:
        moment = minutes(time) * 60.0
        on_duty = 8 <= moment / 3600 < 12
        starts = starts_at(graph, legs, at[0], moment, mode=foot.name) if on_duty else []
        on_foot = response_times(graph, starts, mode=foot.name)
        found = [places_in_time(one, graph, access)[place] for one in (by_car, on_foot)]
        assert car_s == f"{found[0]:.0f} s"
        assert foot_s == f"{found[1]:.0f} s" if on_duty else "s" not in foot_s
        assert best == f"{min(found):.0f} s"
    roads = response_roads(graph, {"car": by_car}, limits_s=(60, 180, 300))
    assert roads["length_m"].cumsum().tolist()[:2] == pytest.approx([300, 900])
    assert "300 m" in page(language)
    assert "900 m" in page(language)
