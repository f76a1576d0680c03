"""Obstacles whose free height does not lie below their top: refused at each door, and left out where an old store has one."""

import datetime as dt

import pytest
import shapely
from sqlalchemy import create_engine, text

from geo_service.analysis.check import check_town
from geo_service.analysis.coverage import compute_coverage
from geo_service.imports import import_file
from town_model import InputError

WALL = shapely.LineString([(5, -20), (5, 20)])


@pytest.mark.parametrize(("clear", "height"), [(5.0, 5.0), (6.0, 5.0)])
def test_it_is_refused_when_it_is_entered_and_when_it_is_changed(town, clear, height):
    with pytest.raises(InputError, match=r"clear_height_m: . m must lie below height_m \(5 m\)"):
        town.add("obstacles", WALL, kind="bridge", height_m=height, clear_height_m=clear)
    row = town.add("obstacles", WALL, kind="bridge", height_m=height, clear_height_m=4.5)
    for change in ({"clear_height_m": clear}, {"height_m": 4.0}):
        with (
            pytest.raises(InputError, match="must lie below"),
            town.store.change(actor="test") as open_change,
        ):
            open_change.update("obstacles", row, change)
    assert town.store.frame("obstacles")["clear_height_m"].to_list() == [4.5]


@pytest.mark.parametrize("values", [{"clear_height_m": 4.5}, {"clear_height_m": 0.0, "height_m": 0.0}])
def test_an_unknown_height_and_no_free_height_pass(town, values):
    town.add("obstacles", WALL, kind="bridge", **values)


def test_an_import_refuses_the_row_at_the_cell_of_the_free_height(town, tmp_path):
    path = tmp_path / "walls.csv"
    lines = ["种类,高度,净空高度,WKT", *(f'桥梁,6,{clear},"{place}"' for clear, place in (
        ("5", "LINESTRING (118.78 32.04, 118.781 32.04)"), ("7", "LINESTRING (118.79 32.04, 118.791 32.04)"),
    ))]  # fmt: skip
    path.write_text("\n".join(lines), encoding="utf-8")
    report = import_file(town.store, path, "obstacles", datum="wgs84", actor="test")
    assert (report.inserted, report.refused) == (1, 1)
    (fault,) = [one for one in report.table.faults if one.severity == "refused_row"]
    assert (fault.cell, fault.column) == ("C3", "clear_height_m")
    assert "低于高度" in fault.say("zh")


def test_an_old_row_is_left_out_and_reported_and_the_town_is_computed(town):
    """Without the wall the round camera sees its whole disk; the row is named in the figures and by the check."""
    town.area(shapely.box(-50, -50, 50, 50))
    town.camera(0, 0)
    compute_coverage(town.store, actor="test")
    free = town.store.latest_result("coverage").summary
    row = town.add("obstacles", WALL, kind="bridge", height_m=9.0)
    # as versions before the rule could store it
    engine = create_engine(f"sqlite:///{town.store.path}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE obstacles SET clear_height_m = 9.5"))
    engine.dispose()
    compute_coverage(town.store, actor="test")
    found = town.store.latest_result("coverage").summary
    assert free["obstacles_left_out"] == []
    assert found["obstacles_left_out"] == [f"#{row}"]
    assert found["seen_day_m2"] == pytest.approx(free["seen_day_m2"])
    (finding,) = [one for one in check_town(town.store, today=dt.date(2026, 1, 1)) if one.layer == "obstacles"]  # fmt: skip
    assert (finding.severity, finding.row) == ("error", row)
