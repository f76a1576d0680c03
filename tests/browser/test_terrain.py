"""Terrain on its page: a raster is sent, counts in what cameras see, and is taken away; a wrong file is refused."""

import math
import runpy
from pathlib import Path

import pytest
import shapely
from pyproj import Transformer

from geo_service.analysis.coverage import load_sight
from geo_service.web import create_app

pytestmark = [pytest.mark.browser]

TOWN = runpy.run_path(str(Path(__file__).parents[1] / "geo_service" / "web" / "small_town.py"))
PASSWORD = "Shi-men-2026"
SIZES = {"desktop": {"width": 1440, "height": 900}, "phone": {"width": 390, "height": 844}}
LON, LAT, REACH = 118.79, 32.045, 40.0


@pytest.fixture
def town(tmp_path):
    """The small town with a round camera that nothing hides."""
    with TOWN["build"](tmp_path / "station", results=False) as workspace:
        workspace.accounts.create_user("planner.a", role="planner", password=PASSWORD)
        with workspace.store.change(actor="test") as change:
            change.insert(
                "camera_sites",
                [
                    {
                        "name": "坡上", "kind": "fisheye", "status": "working", "mount_height_m": 6.0, "hfov_deg": 360.0,
                        "resolution_px_h": 32000, "max_range_m": REACH, "geometry": shapely.Point(LON, LAT),
                    }
                ],
            )  # fmt: skip
        yield workspace


def ridge(store):
    """An ESRI grid of 1 m round the camera: flat, but for a ridge of 20 m east of x + 15 m."""
    x, y = Transformer.from_crs(4326, store.town.epsg, always_xy=True).transform(LON, LAT)
    west, south, size = math.floor(x) - 100, math.floor(y) - 100, 200
    line = " ".join("20" if 115 <= column <= 117 else "0" for column in range(size))
    head = (
        f"ncols {size}\nnrows {size}\nxllcorner {west}\nyllcorner {south}\ncellsize 1\nNODATA_value -9999\n"
    )
    return (head + "\n".join([line] * size) + "\n").encode()


def seen(store):
    sight = load_sight(store)
    names = sight.scene.cameras["name"]
    (row,) = names.index[names == "坡上"]
    return sight.coverage.visible("monitor", "day").loc[row]


@pytest.mark.parametrize("size", SIZES)
def test_a_raster_counts_once_it_is_sent_and_a_wrong_file_is_refused(town, serve, open_page, tmp_path, size):
    page = open_page(SIZES[size])
    page.goto(serve(create_app(town)) + "/terrain")
    page.fill("input[name=name]", "planner.a")
    page.fill("input[name=password]", PASSWORD)
    with page.expect_navigation():
        page.click("main button.main")
    page.wait_for_selector("#terrain-file")
    assert page.inner_text(".card.empty strong") == "还没有记录"
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    flat = seen(town.store)
    assert flat.area == pytest.approx(math.pi * REACH**2, rel=0.01)

    page.recorder.expect_status(400)
    wrong = {"name": "photo.tif", "mimeType": "image/tiff", "buffer": b"no raster at all"}
    page.set_input_files("#terrain-file", wrong)
    with page.expect_navigation():
        page.click(".upload-form button.main")
    page.wait_for_selector(".faults, [role=alert]")
    assert "photo.tif" in page.inner_text("main")
    assert town.store.count("terrain") == 0

    page.set_input_files(
        "#terrain-file", {"name": "dem.asc", "mimeType": "text/plain", "buffer": ridge(town.store)}
    )
    page.fill("#terrain-epsg", str(town.store.town.epsg))
    page.fill("#terrain-name", "一米高程")
    with page.expect_navigation():
        page.click(".upload-form button.main")
    page.wait_for_selector("p[role=status]")
    assert "一米高程" in page.inner_text("main table")
    assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size]["width"]
    # the whole button lies in the window
    box = page.locator("main table button").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= SIZES[size]["width"] - 8
    page.screenshot(path=tmp_path / f"{size}-terrain.png", full_page=True)
    # the ridge from 15 m on hides all that lies behind it: the part of the disk beyond that chord
    hidden = REACH**2 * math.acos(18 / REACH) - 18 * math.sqrt(REACH**2 - 18**2)
    assert flat.area - seen(town.store).area == pytest.approx(hidden, rel=0.15)

    with page.expect_navigation():
        page.click("main table button")
    page.wait_for_selector(".card.empty")
    assert seen(town.store).area == pytest.approx(flat.area)
