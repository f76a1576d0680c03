"""Plan, section and sheets of cameras: true to scale, told apart without colour vision, one page each, the same words everywhere."""

import datetime as dt
import io
import itertools
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pypdf
import pytest
import shapely
from pyproj import Geod

from geo_service.analysis.camera_views import CLASSES, CameraViews, ViewChoice
from geo_service.analysis.law import compute_law
from geo_service.papers import SheetOptions, camera_sheets, write_camera_sheets
from geo_service.papers.bands import RAMP, class_colours, text_colour
from geo_service.papers.camera_facts import camera_facts
from geo_service.papers.camera_plan import draw_plan, plan_frame
from geo_service.papers.section_drawing import draw_section
from town_model import InputError, ValueRangeError

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def street(town):
    town.road((-200, 0), (200, 0), name="石门路", highway="primary")
    town.add("buildings", shapely.box(10, -6, 18, 6), height_m=3.0, name="供销大楼")
    town.area(shapely.box(-40, -40, 80, 40), name="人民广场", required_class="detect")
    optics = {
        "kind": "fixed", "mount_height_m": 6.0, "tilt_deg": 30.0, "hfov_deg": 60.0, "vfov_deg": 30.0, "resolution_px_h": 1920, "max_range_m": 80.0,
        "ir_range_m": 30.0,
    }  # fmt: skip
    # the town lies 0.65° west of its meridian: a true azimuth of 89.35° runs along the grid's x axis
    town.camera(0, 0, name="广场1号", azimuth_deg=89.353, **optics)
    town.camera(0, 20, name="拟建2号", azimuth_deg=180.0, status="planned", **optics)
    return town


def ids(town):
    return [int(one) for one in town.store.frame("camera_sites").index]


def words(pdf):
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return ["".join(page.extract_text().split()) for page in pages]


def lab(rgb):
    """CIE L*a*b* of linear sRGB, D65."""
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ rgb
    f = [one ** (1 / 3) if one > 0.008856 else 7.787 * one + 16 / 116 for one in xyz / [0.9505, 1.0, 1.089]]
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


#: Viénot, Brettel and Mollon (1999) for protanopia and deuteranopia; Machado et al. (2009) for tritanopia; linear sRGB.
BLIND = {
    "none": np.eye(3),
    "protanopia": [[0.11238, 0.88762, 0], [0.11238, 0.88762, 0], [0.00401, -0.00401, 1]],
    "deuteranopia": [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}  # fmt: skip


@pytest.mark.parametrize("kind", BLIND)
def test_bands_can_be_told_apart_without_colour_vision_and_in_grey(kind):
    """Neighbouring classes differ by more than 12 in CIE76 and grow darker, so that their order shows in a copy, too."""
    found = []
    for colour in class_colours(CLASSES).values():
        parts = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        found.append(lab(np.clip(np.array(BLIND[kind]) @ linear, 0, 1)))
    for coarse, fine in itertools.pairwise(found):
        assert np.linalg.norm(coarse - fine) > 12
        assert coarse[0] > fine[0] + 5


def test_words_on_a_band_can_be_read():
    """WCAG 2.2 AA: 4.5 to 1."""
    for fill in RAMP:
        values = []
        for colour in (fill, text_colour(fill)):
            parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
            linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
            values.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])
        assert (max(values) + 0.05) / (min(values) + 0.05) >= 4.5, fill


def test_the_scale_bar_is_as_long_as_it_says_on_the_ellipsoid(street):
    one = CameraViews(street.store).one(ids(street)[0])
    frame = plan_frame(one.place, list(one.bands.values()), (190, 95), street.store.town.epsg)
    west, south, east, north = frame.box()
    metres = Geod(ellps="WGS84").inv(west, (south + north) / 2, east, (south + north) / 2)[2]
    assert metres == pytest.approx(0.190 * frame.scale, rel=0.01)
    drawn = draw_plan(street.store, place=one.place, bands_of=one.bands, dead_zone=one.dead_zone)
    bar = next(each for each in ET.fromstring(drawn).iter(f"{SVG}path") if each.get("class") == "scale-bar")
    x0, x1 = map(int, re.match(r"M(\d+) .*H(\d+)", bar.get("d")).groups())
    said = next(each.text for each in ET.fromstring(drawn).iter(f"{SVG}text") if each.text.endswith(" 米"))
    # hundredths of a millimetre on paper
    assert (x1 - x0) / 100_000 * frame.scale == pytest.approx(float(said.removesuffix(" 米")), rel=0.01)
    assert f"1:{frame.scale:g}" in drawn


def test_the_section_is_drawn_where_its_figures_say(street):
    """Dead zone 4.5 / tan 45° = 4.5 m; the house of 3 m from 10 to 18 m hides to 18 · 4.5 / 3 = 27 m."""
    one = CameraViews(street.store).one(ids(street)[0])
    assert one.section.near_m == pytest.approx(4.5, abs=1e-6)
    assert one.section.crossings[0].shadow_end_m == pytest.approx(27.0, abs=1e-3)
    root = ET.fromstring(draw_section(one.section, names=one.obstacle_names))
    strip = [each for each in root.iter(f"{SVG}rect") if (each.get("fill") or "").startswith("url(#p-")]
    dead = next(each for each in strip if "dead_zone" in each.get("fill") and each.get("x") != "8")
    per_metre = (190 - 16) * 100 / one.section.length_m
    assert float(dead.get("width")) == pytest.approx(4.5 * per_metre, abs=2)
    said = [each.text for each in root.iter(f"{SVG}text")]
    assert "供销大楼 3.0 米" in said and "6.0 米" in said
    assert any(each.startswith("脚下死角 4.5") for each in said)


def test_a_higher_target_shortens_shadow_and_dead_zone(street):
    """t 2.5: dead zone 3.5 m; the house hides to 18 · 3.5 / 3 = 21 m."""
    one = CameraViews(street.store, ViewChoice(target_height_m=2.5)).one(ids(street)[0])
    assert one.section.near_m == pytest.approx(3.5, abs=1e-6)
    assert one.section.crossings[0].shadow_end_m == pytest.approx(21.0, abs=1e-3)


def test_positions_in_the_chosen_datum_and_in_cgcs2000(street):
    one = CameraViews(street.store).one(ids(street)[0])
    rows = dict(camera_facts(street.store, one, datum="gcj02").position)
    lon, lat = (float(each.rstrip("°")) for each in rows["GCJ-02"].split(", "))
    # the offset of GCJ-02 is 59 to 659 m over the mainland
    assert 59 < Geod(ellps="WGS84").inv(one.lon, one.lat, lon, lat)[2] < 659
    assert rows["CGCS2000"] == rows["WGS-84"] == f"{one.lon:.7f}°, {one.lat:.7f}°"
    x, y = (
        float(each.replace(",", ""))
        for each in re.match(r"E ([\d,.]+)  N ([\d,.]+)", rows["CGCS2000 120°E"]).groups()
    )
    # the town computes in that very zone (EPSG 4549)
    assert (x, y) == pytest.approx((one.place.x, one.place.y), abs=0.02)
    with pytest.raises(InputError, match="datum"):
        camera_facts(street.store, one, datum="mars")


def test_what_it_watches_is_what_coverage_says_of_it_alone(street):
    one = CameraViews(street.store).one(ids(street)[0])
    square = next(each for each in one.watched if each.name == "人民广场")
    area = street.store.frame("key_areas").geometry.iloc[0].intersection(one.bands["detect"]).area
    assert square.seen == pytest.approx(area, rel=1e-6)


def test_sheets_have_one_page_a_camera_however_long_the_words(street):
    with street.store.change(actor="t") as change:
        change.update("camera_sites", ids(street)[0], {"name": "长" * 200, "owner": "很长的单位" * 60})
    for number in range(30):
        street.add(
            "buildings", shapely.box(30 + number, -20, 30.5 + number, 20), height_m=1.0, name="房" * 40
        )
        street.road((number, -30), (number + 5, 30), name="路" * 60)
    made, pages = camera_sheets(street.store, options=SheetOptions(user="王计划"))
    reader = pypdf.PdfReader(io.BytesIO(made))
    assert len(reader.pages) == pages == 2
    for page in reader.pages:
        size = (float(page.mediabox.width) * 25.4 / 72, float(page.mediabox.height) * 25.4 / 72)
        assert size == pytest.approx((210, 297), abs=0.1)


def test_a_sheet_says_settings_findings_with_article_and_who_printed(street):
    with street.store.change(actor="t") as change:
        change.update("camera_sites", ids(street)[0], {"sign_posted": False})
    compute_law(street.store, actor="t", today=dt.date(2026, 11, 23))
    made, _ = camera_sheets(street.store, [ids(street)[0]], options=SheetOptions(user="王计划"))
    (text,) = words(made)
    for each in (
        "广场1号",
        "第13条",
        "俯角30°",
        "脚下死角4.5米",
        "人民广场",
        "供销大楼",
        "王计划打印于",
        "内部资料",
        "CGCS2000",
    ):
        assert each in text, each
    english, _ = camera_sheets(street.store, [ids(street)[0]], options=SheetOptions(language="en", user="w"))
    assert "Article13" in words(english)[0] and "死角" not in words(english)[0]


def test_planned_cameras_are_drawn_as_if_they_stood_and_removed_ones_left_out(street):
    views = CameraViews(street.store)
    assert not views.one(ids(street)[1]).bands["detect"].is_empty
    with street.store.change(actor="t") as change:
        change.update("camera_sites", ids(street)[1], {"status": "removed"})
    assert CameraViews(street.store).ids() == ids(street)[:1]


def test_writing_sheets_is_noted_and_replaces_nothing_unasked(street, tmp_path):
    out = tmp_path / "卡片.pdf"
    write_camera_sheets(street.store, out, [ids(street)[0]], options=SheetOptions(user="planner"))
    entry = street.store.audit_entries(action="print_camera_sheets", limit=5)
    assert [(one.actor, one.target) for one in entry] == [("planner", f"#{ids(street)[0]} (1)")]
    with pytest.raises(InputError, match="there already"):
        write_camera_sheets(street.store, out, options=SheetOptions(user="planner"))
    with pytest.raises(InputError, match="no camera"):
        camera_sheets(street.store, [999])


def test_choices_without_meaning_are_refused(street):
    for wrong in ({"bearing_deg": math.nan}, {"target_height_m": 60.0}, {"light": "dusk"}):
        with pytest.raises(ValueRangeError):
            ViewChoice(**wrong)
    with pytest.raises(ValueRangeError, match="no view"):
        CameraViews(street.store, ViewChoice(view=5)).one(ids(street)[0])


def test_plan_and_section_go_by_the_table_that_the_town_chose(street):
    """IEC 62676-4:2025 asks for 20, 40, 80, 125 and 250 px/m where the table of 2015 asks for 12.5 … 250: bands shrink, too."""
    camera = ids(street)[0]
    before = CameraViews(street.store).one(camera)
    street.store.observation_table = "iec_62676_4_2025"
    after = CameraViews(street.store).one(camera)
    assert [one.px_per_m for one in before.section.limits] == [12.5, 25, 62.5, 125, 250]
    assert [one.px_per_m for one in after.section.limits] == [20, 40, 80, 125, 250]
    far = [
        {each.observation_class: each.distance_m for each in one.section.limits} for one in (before, after)
    ]
    assert far[1]["observe"] < far[0]["observe"]
    assert far[1]["identify"] == pytest.approx(far[0]["identify"])
    assert after.area_m2["day"]["identify"] == pytest.approx(before.area_m2["day"]["identify"])
