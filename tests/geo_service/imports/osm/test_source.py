"""Files from outside: their format by content, packed and plain, damaged and hostile ones with one clear message."""

import bz2
import gzip
import os

import osmium
import pytest

from geo_service.imports.osm import ReadLimits, read_osm
from geo_service.imports.osm.source import sniff
from town_model import InputError


@pytest.fixture
def town_drawing(drawing):
    drawing.line(1, [(0, 0), (50, 0), (50, 50)], {"highway": "residential", "name": "中山路"})
    drawing.square(2, 10, 10, 20, {"building": "yes", "height": "9"})
    drawing.point(0, 0, {"place": "village", "name": "柳堤"})
    return drawing


def _write_pbf(xml, path):
    with osmium.SimpleWriter(str(path)) as writer:
        for one in osmium.FileProcessor(str(xml)):
            writer.add(one)
    return path


def _told(caught):
    """The one message of an error."""
    (message,) = caught.value.messages
    return str(message)


@pytest.mark.parametrize("name", ["town.osm", "town.bin", "town.pbf"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress], ids=["plain", "gzip", "bzip2"])
def test_plain_and_packed_xml_is_read_whatever_its_name(town_drawing, tmp_path, pack, name):
    path = tmp_path / "in" / name
    path.parent.mkdir()
    path.write_bytes(pack(town_drawing.text().encode()))
    town = read_osm(path)
    assert {layer: len(rows) for layer, rows in town.rows.items() if rows} == {
        "roads": 1,
        "buildings": 1,
        "place_names": 1,
    }
    assert town.rows["roads"][0]["name"] == "中山路"


def test_a_pbf_says_the_same_as_the_xml_from_which_it_was_written(town_drawing, tmp_path):
    xml = town_drawing.write()
    pbf = _write_pbf(xml, tmp_path / "town.osm.pbf")
    disguised = tmp_path / "town.osm.gz"
    disguised.write_bytes(pbf.read_bytes())
    assert sniff(disguised) == "pbf"
    one, two = read_osm(xml), read_osm(disguised)
    assert one.rows == two.rows and one.faults == two.faults and one.center == two.center


def test_the_reader_says_how_far_it_is(town_drawing):
    told = []
    read_osm(town_drawing.write(), lambda fraction, words: told.append((fraction, str(words))))
    assert told[0][0] == 0.0 and told[-1][0] == 1.0 and all(words for _, words in told)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.pbf", b"this is only a text"),
        ("empty.osm", b""),
        ("picture.osm.bz2", b"\x89PNG\r\n\x1a\n" + bytes(100)),
        ("page.osm", b"<?xml version='1.0'?><html><body/></html>"),
        ("change.osm", b"<?xml version='1.0'?><osmChange version='0.6'></osmChange>"),
        ("torn.osm.gz", b"\x1f\x8b\x08\x00garbage"),
        ("torn.osm.bz2", b"BZh9garbage"),
        ("packed-text.osm.gz", gzip.compress(b"this is only a text", mtime=0)),
        ("vrt.osm", b"<OGRVRTDataSource><OGRVRTLayer name='a'/></OGRVRTDataSource>"),
    ],
)
def test_what_is_no_openstreetmap_data_is_refused_with_a_remedy(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_osm(path)
    assert _told(caught) == (
        f"{name} holds no OpenStreetMap data: choose an .osm, .osm.gz, .osm.bz2 or .osm.pbf file"
    )


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere.osm cannot be opened: No such file"):
        read_osm(tmp_path / "nowhere.osm")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(InputError, match="cannot be opened"):
        read_osm(tmp_path)


def test_a_map_of_nothing_is_refused(drawing):
    with pytest.raises(InputError, match=r"town.osm holds no roads, buildings or places"):
        read_osm(drawing.write())


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_pbf_that_was_cut_off_is_refused(town_drawing, tmp_path, share):
    whole = _write_pbf(town_drawing.write(), tmp_path / "whole.osm.pbf").read_bytes()
    path = tmp_path / "cut.osm.pbf"
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(InputError) as caught:
        read_osm(path)
    assert _told(caught).startswith("cut.osm.pbf is damaged or incomplete")


def test_xml_that_was_cut_off_is_refused(town_drawing, tmp_path):
    path = tmp_path / "cut.osm"
    path.write_text(town_drawing.text()[:-200])
    with pytest.raises(InputError, match=r"cut.osm is damaged or incomplete"):
        read_osm(path)


def test_a_pbf_of_random_bytes_is_refused(tmp_path):
    path = tmp_path / "noise.osm.pbf"
    head = b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18\x10"
    path.write_bytes(head + bytes((index * 37) % 256 for index in range(500)))
    with pytest.raises(InputError, match=r"noise.osm.pbf is damaged or incomplete"):
        read_osm(path)


def test_an_entity_bomb_is_refused_before_it_grows(tmp_path):
    path = tmp_path / "bomb.osm"
    entities = '<!ENTITY a "aaaaaaaaaa">' + "".join(
        f'<!ENTITY {two} "{f"&{one};" * 10}">' for one, two in zip("abcdefghi", "bcdefghij", strict=True)
    )
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE osm [{entities}]><osm version="0.6"><tag k="&j;" v="1"/></osm>'
    )
    with pytest.raises(InputError, match=r"bomb.osm is damaged or incomplete"):
        read_osm(path)


def test_an_entity_that_names_a_file_of_the_machine_is_refused(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    path = tmp_path / "thief.osm"
    path.write_text(
        f'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY s SYSTEM "file://{secret}">]>'
        '<osm version="0.6"><node id="1" lat="32" lon="118"><tag k="place" v="town"/><tag k="name" v="&s;"/></node></osm>'
    )
    with pytest.raises(InputError, match=r"thief.osm is damaged or incomplete"):
        read_osm(path)


@pytest.mark.slow
def test_a_bomb_of_packed_blanks_ends_at_the_time_limit(tmp_path):
    path = tmp_path / "blanks.osm.gz"
    with gzip.open(path, "wb", compresslevel=1) as packed:
        packed.write(b"<osm version='0.6'>")
        for _ in range(2_000):
            packed.write(b" " * 1_000_000)
    with pytest.raises(InputError, match=r"blanks.osm.gz took longer than 1 s to read"):
        read_osm(path, limits=ReadLimits(seconds=1))


@pytest.mark.skipif(os.name == "nt", reason="no memory limit for processes on Windows")
def test_a_reader_that_needs_too_much_memory_ends_with_one_message(town_drawing):
    with pytest.raises(InputError) as caught:
        read_osm(town_drawing.write(), limits=ReadLimits(memory_mb=60))
    assert "could not be read" in _told(caught)


def test_a_file_above_the_size_limit_is_refused_unread(tmp_path):
    path = tmp_path / "large.osm"
    with path.open("wb") as file:
        file.write(b"<osm version='0.6'>")
        file.truncate(3_000_000)
    with pytest.raises(InputError, match=r"large.osm has 3 MB, more than the 2 MB allowed"):
        read_osm(path, limits=ReadLimits(file_mb=2))


@pytest.mark.parametrize(
    "body",
    [
        '<node id="1" lat="nan" lon="inf"/>',
        '<node id="99999999999999999999" lat="1" lon="1"/>',
        '<node id="1" lat="1e400" lon="1"/>',
        '<way id="1"><nd ref="x"/></way>',
        '<way id="1"><nd/></way>',
        "<way><way><way/></way></way>",
        '<relation id="1"><member type="?" ref="1" role=""/></relation>',
    ],
)
def test_nonsense_in_xml_is_refused_or_reported_but_never_brings_the_reader_down(tmp_path, body):
    path = tmp_path / "odd.osm"
    road = '<node id="5" lat="32" lon="118"/><node id="6" lat="32.001" lon="118"/>'
    road += '<way id="7"><nd ref="5"/><nd ref="6"/><tag k="highway" v="service"/></way>'
    path.write_text(f'<osm version="0.6">{road}{body}</osm>')
    try:
        town = read_osm(path)
    except InputError as error:
        assert "is damaged or incomplete" in str(error)  # noqa: PT017 - either outcome is right
    else:
        assert [row["osm_id"] for row in town.rows["roads"]] == ["way/7"]


def test_points_off_the_globe_count_as_missing(tmp_path):
    path = tmp_path / "off.osm"
    path.write_text(
        '<osm version="0.6"><node id="5" lat="32" lon="118"/><node id="6" lat="95" lon="118"/>'
        '<way id="7"><nd ref="5"/><nd ref="6"/><tag k="highway" v="service"/></way>'
        '<way id="8"><nd ref="5"/><nd ref="5"/><tag k="highway" v="service"/></way></osm>'
    )
    reasons = {one.osm_id: str(one.reason) for one in read_osm(path).faults}
    assert reasons["way/7"] == "1 of its 2 points are not in the file"


def test_limits_must_be_above_zero():
    with pytest.raises(InputError, match="above zero"):
        ReadLimits(seconds=0)


def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path):
    import os

    path = tmp_path / "town.osm"
    os.mkfifo(path)
    with pytest.raises(InputError, match="cannot be opened"):
        read_osm(path)
