"""A town in which every name is a marker of its own, so that a leak of any of them can be found in any answer.

What a cadre of the first village may know is made first; the rest, `hidden`, comes after it or not at all.
"""

import datetime as dt
from io import BytesIO

import geopandas as gpd
import pandas as pd
import segno
import shapely

from geo_service import jobs
from geo_service.accounts.tokens import Tokens
from geo_service.edits.pictures import add_picture
from geo_service.imports.uploaded import receive
from geo_service.imports.uploads import Uploads
from geo_service.publications import publish
from geo_service.store import Proposal
from geo_service.workspace import Workspace
from town_model import LAYERS

LON, LAT = 118.78, 32.04
PASSWORD = "Shi-men-2026"
#: Layers that everybody who is logged in may see.
GROUND = (
    "villages",
    "grids",
    "admin_areas",
    "place_names",
    "roads",
    "buildings",
    "obstacles",
    "water",
    "land_cover",
)
#: Sorts of markers; each stands at the beginning of its words.
OPEN, VILLAGE_1, VILLAGE_2, SCHOOL, HIDDEN, ACTOR, STAFF, SECRET = (
    "zqground", "zqvone", "zqvtwo", "zqschool", "zqhidden", "zqactor", "zqstaff", "zqsecret",
)  # fmt: skip
#: What each role may read. Nobody reads `SECRET`.
READS = {
    None: set(),
    "cadre-1": {OPEN, VILLAGE_1},
    "cadre-2": {OPEN, VILLAGE_2},
    "cadre-unit": {OPEN, SCHOOL},
    # who edited and computed what is for all who read it; which other accounts there are, for administrators alone
    "inspector": {OPEN, VILLAGE_1, VILLAGE_2, SCHOOL, HIDDEN, ACTOR},
    "planner": {OPEN, VILLAGE_1, VILLAGE_2, SCHOOL, HIDDEN, ACTOR},
    "admin": {OPEN, VILLAGE_1, VILLAGE_2, SCHOOL, HIDDEN, ACTOR, STAFF},
}
ALL = {OPEN, VILLAGE_1, VILLAGE_2, SCHOOL, HIDDEN, ACTOR, STAFF, SECRET}
SECRETS_TOML = 'background_key = "zqsecretkey"\n'


def _point(east, north):
    return shapely.Point(LON + east * 1e-4, LAT + north * 1e-4)


def _box(east, north, size=4):
    return shapely.box(
        LON + east * 1e-4, LAT + north * 1e-4, LON + (east + size) * 1e-4, LAT + (north + size) * 1e-4
    )


def _shape(kind, place):
    if kind == "point":
        return _point(place, place)
    if kind in ("line", "line_or_polygon"):
        return shapely.LineString([_point(place, 0), _point(place + 5, 3)])
    return _box(place, place)


def _value(column, marker, place):
    if column.kind == "text":
        # a month is written as one; the rest takes any words
        return "2026-05" if column.name == "month" else f"{marker}{column.name[:4]}{place}"
    if column.kind == "choice":
        return column.choices[0].value
    if column.kind in ("integer", "real"):
        least = column.minimum if column.minimum is not None else 1
        return max(least, 12) if column.maximum is None else min(max(least, 12), column.maximum)
    return {
        "boolean": False,
        "hours": "08:00-17:00",
        "date": "2027-01-31",
        "datetime": "2026-05-04 08:00",
    }.get(column.kind)


def _row(name, marker, place, **more):
    layer = LAYERS[name]
    row = {one.name: _value(one, marker, place) for one in layer.columns}
    if layer.geometry is not None:
        row["geometry"] = _shape(layer.geometry, place)
    if layer.geometry == "raster":
        row["geometry"] = _box(place, place, 20)
    if "category" in row:
        row["category"] = "school"
    if "clear_height_m" in row:
        row["clear_height_m"] = 3  # below the height
    if name == "day_rules":
        row["days"] = None  # a rule by dates
    if name == "patrol_rules":
        row["interval_percent"] = row["demand"] = None
    if "phone" in row:
        row["phone"] = "025-8400 0110"  # an office's
    if "outcome" in row:
        row["outcome"] = "answered"  # the site has no notice out
    row |= more
    return {key: value for key, value in row.items() if value is not None}


def build(folder, *, hidden=True):
    """Make the workspace.

    Args:
        folder: where.
        hidden: whether there is anything that a cadre of the first village must not know of.
    """
    Workspace.create(folder, name="石门镇").close()
    if hidden:
        with (folder / "config.toml").open("a", encoding="utf-8") as config:
            config.write(SECRETS_TOML)
    workspace = Workspace.open(folder)
    store = workspace.store
    store.place_town(LON, LAT, actor="zqactor.import")
    with store.change(actor="zqactor.import", kind="import", note="zqhiddennote") as change:
        villages = change.insert("villages", [_row("villages", OPEN, 1), _row("villages", OPEN, 2)])
        for place, name in enumerate(GROUND[1:], start=3):
            more = {"village": villages[0]} if name == "grids" else {}
            change.insert(name, [_row(name, OPEN, place, **more)])
        own = {"mode": "foot", "kind": "village", "shifts": "18:00-22:00"}
        units = change.insert(
            "patrol_units", [_row("patrol_units", VILLAGE_1, 20, **own, village=villages[0])]
        )
        places = change.insert("key_areas", [_row("key_areas", VILLAGE_1, 21, village=villages[0])])
    if hidden:
        _hide(store, villages, units, places)
    plan = _plan(store, villages, units, places, hidden=hidden)
    today = dt.date.today()  # noqa: DTZ011 - the station's day
    publish(store, plan, today, today + dt.timedelta(days=6), actor="zqactor.planner", today=today)
    _accounts(workspace, villages, units, hidden=hidden)
    if hidden:
        _results(store, places)
        _plan(store, villages, units, places, hidden=True, more="later")
        jobs.submit(workspace, "coverage", actor="zqactor.planner", options={})
        _files(workspace)
    return workspace


def _hide(store, villages, units, places):
    """Add a row to every layer, far from the rest, with units of the police, of another village and of a school."""
    with store.change(actor="zqactor.editor", kind="edit", note="zqhiddennote") as change:
        units += change.insert(
            "patrol_units",
            [
                _row("patrol_units", VILLAGE_2, 30, mode="foot", kind="village", shifts="18:00-22:00", village=villages[1]),
                _row("patrol_units", SCHOOL, 31, mode="foot", kind="school", shifts="07:00-17:00"),
                _row("patrol_units", HIDDEN, 32, mode="car", kind="police", shifts="00:00-24:00", village=villages[0]),
            ],
        )  # fmt: skip
        places += change.insert(
            "key_areas",
            [
                _row("key_areas", VILLAGE_2, 33, village=villages[1]),
                _row("key_areas", SCHOOL, 34, village=villages[1]),
                _row("key_areas", HIDDEN, 35, village=villages[0]),
            ],
        )
        refs = {}
        for place, layer in enumerate(LAYERS.values(), start=40):
            if layer.name in (*GROUND, "patrol_units", "key_areas"):
                continue
            links = {one.name: refs.get(one.refers_to, 1) for one in layer.columns if one.kind == "ref"}
            if layer.name == "patrol_rules":
                links = {"key_area": places[-1]}
            if layer.name == "entrances":
                links = {"key_area": places[-1]}
            refs[layer.name] = change.insert(layer.name, [_row(layer.name, HIDDEN, place, **links)])[0]
    store.add_proposals(
        [Proposal(layer="key_areas", source="osm", source_id="zqhiddensource", reason="zqhiddenreason",
                  properties=_row("key_areas", HIDDEN, 36) | {"geometry": None}, geometry=_box(36, 36))]
    )  # fmt: skip


def _plan(store, villages, units, places, *, hidden, more=""):
    """Save a plan: each unit visits one place; of the first village alone where nothing is hidden."""
    sorts = [VILLAGE_1, VILLAGE_2, SCHOOL, HIDDEN] if hidden else [VILLAGE_1]
    kinds = ["village", "village", "school", "police"]
    homes = [villages[0], villages[1], None, villages[0]]
    rows = []
    for number, sort in enumerate(sorts):
        name = f"{sort}name{20 if number == 0 else 29 + number}{HIDDEN if more else ''}"
        rows.append(
            {"unit": f"patrol_units/{units[number]}", "unit_name": name, "mode": "foot", "kind": kinds[number],
             "village": homes[number], "place": f"key_areas/{places[number]}", "place_name": f"{sort}place{number}{more and HIDDEN}",
             "line": shapely.LineString([_point(20 + number, 0), _point(40 + number, 9)])}
        )  # fmt: skip
    metric = store.town.epsg

    def ground(made):
        return gpd.GeoDataFrame(pd.DataFrame(made), geometry="geometry", crs="EPSG:4326").to_crs(metric)

    of_unit = [{key: one[key] for key in ("unit", "unit_name", "mode", "kind", "village")} for one in rows]
    frames = {
        "visits": pd.DataFrame(
            [{**head, "seq": 1, "place": one["place"], "place_name": one["place_name"], "arrive_s": 64800, "depart_s": 65400}
             for head, one in zip(of_unit, rows, strict=True)]
        ).drop(columns=["kind", "village"]),
        "routes": ground([{**head, "length_m": 700.0, "geometry": one["line"]} for head, one in zip(of_unit, rows, strict=True)]),
        "breaches": pd.DataFrame(
            [{"place": one["place"], "place_name": one["place_name"], "start_s": 0, "end_s": 64800, "gap_s": 64800, "max_gap_s": 7200}
             for one in rows]
        ),
        "places": ground(
            [{"place": one["place"], "name": one["place_name"], "max_gap_s": 7200, "dwell_s": 600, "visits": 1, "worst_gap_s": 64800.0,
              "geometry": _point(22 + number, 3)} for number, one in reversed(list(enumerate(rows)))]
        ),
        "unreachable": pd.DataFrame(
            [("key_areas/9", f"{HIDDEN}island", "car", f"{HIDDEN}reason")] if hidden else [], columns=["place", "name", "mode", "reason"]
        ),
        "units": pd.DataFrame(
            [{**head, "base_name": f"{sort}base", "start_s": 64800, "end_s": 79200, "visits": 1, "drive_s": 300.0, "length_m": 700.0}
             for head, sort in zip(of_unit, sorts, strict=True)]
        ),
    }  # fmt: skip
    return store.save_result("patrol", actor="zqactor.planner", options={}, summary={}, frames=frames)


def _results(store, places):
    square = store.frame("key_areas").geometry.iloc[-1]
    crs = store.frame("key_areas").crs
    seen = [
        {"camera": 1, "camera_name": f"{HIDDEN}cam", "status": "working", "observation_class": "observe", "light": light,
         "area_m2": square.area, "geometry": square.buffer(60)}
        for light in ("day", "night")
    ]  # fmt: skip
    targets = pd.DataFrame(
        [{"target": f"key_areas/{places[0]}", "layer": "key_areas", "row": places[0], "name": f"{HIDDEN}target", "kind": "key_area",
          "priority": "1", "required_class": "observe", "measure": "area_m2", "size": 1000.0, "share_day": 0.5137, "share_night": 0.25,
          "cameras": 1}]
    )  # fmt: skip
    frames = {"visible_areas": gpd.GeoDataFrame(seen, geometry="geometry", crs=crs), "targets": targets}
    store.save_result("coverage", actor="zqactor.planner", options={}, summary={}, frames=frames)
    pieces = [
        {"target": f"key_areas/{places[0]}", "target_name": f"{HIDDEN}gap", "target_kind": "key_area", "light": light, "priority": "1",
         "required_class": "observe", "cause": "hidden", "cause_ref": "buildings/1", "cause_name": f"{HIDDEN}cause",
         "nearest_camera": 1, "nearest_camera_name": f"{HIDDEN}cam", "distance_m": 12.0, "area_m2": square.area,
         "length_m": float("nan"), "geometry": square}
        for light in ("day", "night")
    ]  # fmt: skip
    frames = {"pieces": gpd.GeoDataFrame(pieces, geometry="geometry", crs=crs)}
    store.save_result("gaps", actor="zqactor.planner", options={}, summary={}, frames=frames)


def _accounts(workspace, villages, units, *, hidden):
    """Make the accounts; the own name of each role bears no marker, those of others do."""
    people = workspace.accounts
    people.create_user("cadre-1", role="cadre", password=PASSWORD, villages=villages[:1])
    if not hidden:
        return
    people.create_user("cadre-2", role="cadre", password=PASSWORD, villages=villages[1:2])
    people.create_user("cadre-unit", role="cadre", password=PASSWORD, units=[units[2]])
    for role in ("inspector", "planner", "admin"):
        people.create_user(role, role=role, password=PASSWORD)
    for number in range(3):
        people.create_user(
            f"zqstaff{number}", role="inspector", password=PASSWORD, title=f"{STAFF}title{number}"
        )
    workspace.store.audit("zqstaff1", "log_in", f"{STAFF}target", "10.0.0.9")
    tokens = Tokens(workspace.store, workspace.settings)
    tokens.issue("admin", name=f"{STAFF}token", scope="read", days=30, actor="admin")


def _files(workspace):
    """Keep an uploaded table and a picture."""
    path = Uploads(workspace).new_path("x.csv")
    path.write_text(f"name,lon,lat\n{HIDDEN}cell,118.78,32.04\n", encoding="utf-8")
    receive(workspace, path, name=f"{HIDDEN}file.csv", layer="camera_sites", actor="zqactor.planner")
    picture = BytesIO()
    segno.make("x").save(picture, kind="png", scale=4)
    add_picture(
        workspace.store, workspace.folder, f"{HIDDEN}picture", picture.getvalue(), actor="zqactor.planner"
    )
