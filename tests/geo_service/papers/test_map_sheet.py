"""Sheets as PDF, read back by an independent library: size, words, scale bar, fonts, and who may see what."""

import datetime as dt
import io
import re

import pypdf
import pytest
import shapely

from geo_service.mapdata import VIEW_CAMERAS, VIEW_GAPS, VIEW_MAP, VIEW_PLANS, MapAccessError
from geo_service.papers import MapSheet, compile_pdf, map_pdf, write_map_pdf
from geo_service.papers.map_sheet import frame_of
from town_model import InputError

NOW = dt.datetime(2026, 3, 5, 14, 7, tzinfo=dt.UTC)
ALL = {VIEW_MAP, VIEW_CAMERAS, VIEW_GAPS, VIEW_PLANS}


@pytest.fixture
def sheet_town(town):
    town.road((-300, 0), (300, 0), name="石门路", highway="primary")
    town.add("buildings", shapely.box(-60, 20, -20, 50), height_m=9.0)
    town.add("buildings", shapely.box(20, 20, 60, 50), height_m=9.0)
    town.area(shapely.box(-100, -100, 100, 100), name="人民广场")
    town.camera(0, 0, name="广场1号", status="working")
    return town


def read(pdf):
    return pypdf.PdfReader(io.BytesIO(pdf))


def words(pdf):
    return "".join(page.extract_text() for page in read(pdf).pages).replace(" ", "").replace("\n", "")


def printed(town, **options):
    given = {"layers": ("roads", "buildings", "key_areas")} | options
    permissions = given.pop("permissions", ALL)
    language = given.pop("language", "zh")
    return map_pdf(
        town.store, MapSheet(**given), permissions=permissions, user="王计划", now=NOW, language=language
    )


@pytest.mark.parametrize(
    ("paper", "landscape", "size"),
    [
        ("a4", True, (297, 210)),
        ("a4", False, (210, 297)),
        ("a3", True, (420, 297)),
        ("a3", False, (297, 420)),
    ],
)
def test_the_page_has_the_size_of_the_paper_and_is_one(sheet_town, paper, landscape, size):
    reader = read(printed(sheet_town, paper=paper, landscape=landscape).pdf)
    assert len(reader.pages) == 1
    box = reader.pages[0].mediabox
    # a point is 25.4 / 72 mm
    assert (float(box.width) * 25.4 / 72, float(box.height) * 25.4 / 72) == pytest.approx(size, abs=0.1)


def test_it_says_what_a_sheet_must_say(sheet_town):
    made = printed(
        sheet_town,
        title="石门镇防控图",
        scale=2000,
        layers=("roads", "buildings", "key_areas", "camera_sites"),
    )
    text = words(made.pdf)
    for one in (
        "石门镇防控图",
        "1:2000",
        "图例",
        "建筑2",
        "王计划打印于2026-03-0514:07",
        "EPSG4549",
        "内部资料",
    ):
        assert one in text, one
    assert "人民广场" in text and "石门路" in text


def test_true_north_is_named_where_the_top_is_not_north(sheet_town):
    # meridian convergence (λ - λ₀) sin φ: (118.78° - 120°) × sin 32.04° = -0.65°, so true north lies to the east
    assert "真北方向：图上方偏东0.6°" in words(printed(sheet_town).pdf)


def test_english_where_it_is_asked_for(sheet_town):
    text = words(printed(sheet_town, language="en").pdf)
    assert "Legend" in text and "Mapof石门镇" in text and "图例" not in text


def test_a_sheet_without_sensitive_layers_is_not_marked(sheet_town):
    made = printed(sheet_town)
    assert not made.sensitive and "内部资料" not in words(made.pdf)


def test_fonts_are_in_the_file(sheet_town):
    fonts = set()
    for page in read(printed(sheet_town).pdf).pages:
        for one in page["/Resources"]["/Font"].values():
            child = one.get_object()["/DescendantFonts"][0].get_object()
            fonts.add(child["/BaseFont"].partition("+")[2])
            described = child["/FontDescriptor"].get_object()
            assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(described)
    assert fonts
    assert all(name.startswith("NotoSansSC") for name in fonts)


def rectangles(pdf):
    """Width and height in mm of every rectangle that the page fills, as the reader's matrix places it."""
    found = []

    def visit(operator, arguments, matrix, _text):
        if operator == b"re":
            found.append((abs(float(arguments[2]) * matrix[0]), abs(float(arguments[3]) * matrix[3])))
        if operator == b"m":
            path.clear()
        if operator in (b"m", b"l"):
            path.append((float(arguments[0]) * matrix[0], float(arguments[1]) * matrix[3]))
        if operator == b"h" and len(path) >= 4:
            xs, ys = zip(*path, strict=True)
            found.append((max(xs) - min(xs), max(ys) - min(ys)))

    path = []
    read(pdf).pages[0].extract_text(visitor_operand_before=visit)
    return [(width * 25.4 / 72, height * 25.4 / 72) for width, height in found]


@pytest.mark.parametrize(("scale", "metres"), [(1000, 50), (2000, 100), (5000, 200), (12_345, 500)])
def test_the_bar_is_as_long_on_paper_as_its_metres_at_the_scale(sheet_town, scale, metres):
    made = printed(sheet_town, scale=scale)
    assert (f"{metres}米" if metres < 1000 else "1公里") in words(made.pdf)
    half = metres / 2 * 1000 / scale
    # two halves, the one black and the other white, 1.6 mm high
    assert any(
        width == pytest.approx(half, abs=0.06) and height == pytest.approx(1.6, abs=0.06)
        for width, height in rectangles(made.pdf)
    )


def test_without_a_scale_the_view_fits_at_a_round_one(sheet_town):
    west, south, east, north = sheet_town.store.bounds("roads")
    box = (west, south - 0.001, east, north + 0.001)
    made = printed(sheet_town, box=box)
    wide, high = made.frame.width_m, made.frame.height_m
    assert wide >= 600 and high >= 222  # the road is 600 m long; 0.002° of latitude are 222 m
    # 600 m on 219 mm ask for 1:2740, the next round one is 1:3000
    assert made.frame.scale == 3000


def test_the_drawing_is_never_stretched(sheet_town):
    sheet = MapSheet(paper="a4", landscape=True, scale=2000)
    frame = frame_of(sheet, (118.77, 32.03, 118.79, 32.05), sheet_town.store.town.epsg)
    # paper less margins of 10 mm, the legend's column of 54 + 4, head of 16 and foot of 15
    assert (frame.width_mm, frame.height_mm) == (297 - 20 - 58, 210 - 20 - 31)
    assert frame.width_m == pytest.approx(219 * 2)


class TestWhoMaySee:
    def test_a_layer_beyond_the_permissions_is_refused(self, sheet_town):
        with pytest.raises(MapAccessError):
            printed(sheet_town, layers=("roads", "camera_sites"), permissions={VIEW_MAP})

    def test_also_where_the_scale_would_hide_it(self, sheet_town):
        with pytest.raises(MapAccessError):
            printed(sheet_town, layers=("mounting_points",), permissions={VIEW_MAP}, scale=100_000)

    def test_the_usual_layers_are_those_of_the_reader(self, sheet_town):
        made = printed(sheet_town, layers=(), permissions={VIEW_MAP})
        assert "camera_sites" not in made.layers and "广场1号" not in words(made.pdf) and not made.sensitive

    def test_a_file_is_entered_in_the_record_and_never_replaced_unasked(self, sheet_town, tmp_path):
        out = tmp_path / "map.pdf"
        write_map_pdf(
            sheet_town.store, out, MapSheet(layers=("roads",), scale=2000), permissions=ALL, user="wang"
        )
        [entry] = sheet_town.store.audit_entries(limit=1)
        assert (entry.action, entry.actor, entry.target) == ("print_map", "wang", "1:2000 roads")
        with pytest.raises(InputError, match="is there already"):
            write_map_pdf(sheet_town.store, out, MapSheet(layers=("roads",)), permissions=ALL, user="wang")
        assert out.read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"paper": "a9"}, "paper must be one of"),
        ({"scale": 5}, "between 1:100"),
        ({"scale": 1e9}, "between 1:100"),
        ({"title": "长" * 61}, "not be longer"),
        ({"box": (1.0, 2.0, 0.0, 3.0)}, "a box must be"),
        ({"box": (float("nan"), 2.0, 3.0, 3.5)}, "a box must be"),
    ],
)
def test_what_is_no_sheet_is_refused_in_plain_words(options, message):
    with pytest.raises(InputError, match=message):
        MapSheet(**options)


def test_a_town_without_a_position_has_no_sheet(empty_workspace):
    with pytest.raises(InputError, match="has no map yet"):
        map_pdf(empty_workspace.store, MapSheet(), permissions=ALL)


def test_titles_are_never_markup(sheet_town):
    title = '#panic("x") $a$ *b* <c> `d` \\'
    assert re.sub(r"\s", "", title) in words(printed(sheet_town, title=title).pdf)


def test_a_legend_too_long_says_what_is_missing(sheet_town):
    from geo_service.papers.map_sheet import _fitting

    entries = [{"title": str(n), "count": n, "svg": "", "inner": False} for n in range(90)]
    kept = _fitting(entries, MapSheet(), "zh")
    # 159 mm of map less 8 for the heading, in rows of 4.7 mm
    assert len(kept) == 32 and kept[-1]["title"] == "另有 59 项"


def test_other_rooms_may_print_with_the_same_press(tmp_path, monkeypatch):
    monkeypatch.setattr("geo_service.papers.press.TEMPLATES", tmp_path)
    (tmp_path / "slip.typ").write_text(
        '#let d = json("data.json")\n#set text(font: "Noto Sans SC")\n#d.name', encoding="utf-8"
    )
    assert "值班表" in words(compile_pdf("slip", {"name": "值班表"}))


def test_hostile_names_are_printed_as_they_are(sheet_town):
    hostile = "{{7*7}}</text><script>#panic()\u2028$x$&lt;`\\"
    sheet_town.area(shapely.box(-200, 40, 200, 90), name=hostile)
    sheet_town.store.name_town(hostile)
    made = printed(sheet_town, layers=("key_areas", "roads"), title="")
    assert "{{7*7}}</text><script>#panic()" in words(made.pdf)
