"""Claims about the public notice: what the public must know is on it, what helps a burglar is not."""

import datetime as dt
import xml.etree.ElementTree as ET

import pytest
import shapely

from geo_service import sites
from geo_service.papers import site_notice
from town_model import InputError

SVG = "{http://www.w3.org/2000/svg}"
NOTICE = {
    "purpose": "public_order", "place": "石门路与河街交叉口 #[x] $a$", "unit": "石门镇人民政府", "phone": "025-8400 0110",
    "object_at": "石门镇综治中心", "notice_from": dt.date(2026, 11, 2), "notice_until": dt.date(2026, 11, 10),
}  # fmt: skip


@pytest.fixture
def two_sites(town):
    found = []
    for name in ("球机甲-朝东-重点盯防", "枪机乙"):
        camera = town.camera(
            0, 0, name=name, status="planned", azimuth_deg=123.0, code="32010200001315000001"
        )
        town.add("villages", shapely.box(-9, -9, 9, 9), name=f"村{camera}")
        sites.prepare(town.store, {camera: NOTICE}, actor="a")
        found.append(camera)
    sites.notify(town.store, {found[0]: {}}, actor="a")
    return sites.list_sites(town.store)


def printed(monkeypatch, two_sites, **more):
    """All words that reach the sheet, by page."""
    seen = {}
    monkeypatch.setattr(site_notice, "compile_pdf", lambda _name, data, **_: seen.update(data) or b"")
    site_notice.notices_pdf(two_sites, **more)
    return seen


def test_it_says_purpose_place_unit_phone_days_and_where_to_object(monkeypatch, two_sites):
    (draft, posted) = printed(monkeypatch, two_sites)["notices"]
    assert [words for _, words in posted["facts"]] == [
        "维护公共安全，预防和制止违法犯罪",
        NOTICE["place"],
        "石门镇人民政府",
        "2026年11月2日至2026年11月10日（共 9 日）",
        "石门镇综治中心",
        "025-8400 0110",
    ]
    assert (posted["day"], posted["draft"]) == ("2026年11月2日", "")
    assert "样稿" in draft["draft"]


def test_nothing_on_it_tells_coverage_or_equipment(monkeypatch, two_sites):
    told = str(printed(monkeypatch, two_sites))
    for secret in (
        "球机",
        "枪机",
        "朝东",
        "盯防",
        "123",
        "3201020",
        "°",
        "像素",
        "高度",
        "监控距离",
        "覆盖",
        "盲区",
    ):
        assert secret not in told, secret


def test_it_comes_out_as_one_file_with_a_page_a_site(two_sites):
    made = site_notice.notices_pdf(two_sites)
    assert made.startswith(b"%PDF") and b"/Count 2" in made
    assert site_notice.notices_pdf(two_sites, language="en").startswith(b"%PDF")


def test_a_notice_that_lacks_something_is_not_printed(town):
    town.camera(0, 0, name="甲", status="planned")
    with pytest.raises(InputError, match="lacks"):
        site_notice.notices_pdf(sites.list_sites(town.store))
    with pytest.raises(InputError):
        site_notice.notices_pdf([])


def test_a_small_map_shows_the_ground_and_the_point_and_nothing_of_cameras(monkeypatch, town, two_sites):
    town.road((-100, 10), (100, 10))
    town.add("buildings", shapely.box(20, 20, 40, 30), height_m=6.0)
    town.camera(30, 0, name="另一台", azimuth_deg=90.0)
    files = {}
    monkeypatch.setattr(
        site_notice, "compile_pdf", lambda _name, _data, **more: files.update(more["files"]) or b""
    )
    site_notice.notices_pdf(two_sites, store=town.store, language="en")
    assert len(files) == len(two_sites)
    for drawn in files.values():
        root = ET.fromstring(drawn)
        said = [each.text for each in root.iter(f"{SVG}text")]
        assert set(said) == {"50 m", "1:2500", "N"}, "no name of a camera"
        (mark,) = [each for each in root.iter(f"{SVG}circle") if each.get("class") == "site"]
        # the site lies in the middle of 158 mm by 66 mm, in hundredths of a millimetre
        assert (float(mark.get("cx")), float(mark.get("cy"))) == pytest.approx((7900, 3300), abs=1)
        ground = next(each for each in root.iter(f"{SVG}g") if each.get("clip-path") == "url(#frame)")
        assert len(list(ground.iter(f"{SVG}circle"))) == 2, "one point only, not the other camera"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_site_takes_one_page_with_its_map(two_sites, town, language):
    town.road((-100, 10), (100, 10))
    made = site_notice.notices_pdf(two_sites, store=town.store, language=language)
    assert b"/Count 2" in made
