"""Tiles of a server: only that server, the key stays here, its faults never hold the pages up."""

import logging
import os
import threading
import urllib.parse

import pytest

from geo_service.background.kept import KeptTiles
from geo_service.background.remote import RemoteTiles, address_faults, tianditu_addresses
from geo_service.background.tile import MAX_BYTES, TileFaultError
from town_model import InputError

KEY = "very/secret&key"


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def remote(upstream, tmp_path, clock):
    def make(template=None, *, timeout_s=2.0, at_once=4, fresh_s=100.0, kept_clock=clock):
        return RemoteTiles(
            {"base": template or upstream.base + "/{z}/{x}/{y}.png?tk={key}"},
            key=KEY,
            kept=KeptTiles(tmp_path / "kept", max_bytes=10_000_000, fresh_s=fresh_s, clock=kept_clock),
            timeout_s=timeout_s,
            at_once=at_once,
            zooms=(0, 18),
        )

    return make


def test_tianditu_is_asked_as_its_manual_says(upstream, tmp_path, png):
    # https://lbs.tianditu.gov.cn/server/MapService.html: {layer}_w/wmts with TILEMATRIX, TILEROW, TILECOL, tk
    tiles = RemoteTiles(
        tianditu_addresses(upstream.base, "img"),
        key="abc",
        kept=KeptTiles(tmp_path, max_bytes=10**6, fresh_s=9),
        timeout_s=2,
        at_once=2,
        zooms=(1, 18),
    )
    assert tiles.parts == ("base", "names")
    tiles.tile("base", 15, 27190, 13200)
    tiles.tile("names", 15, 27190, 13200)
    first, second = (urllib.parse.urlsplit(one) for one in upstream.asked)
    assert (first.path, second.path) == ("/img_w/wmts", "/cia_w/wmts")
    asked = dict(urllib.parse.parse_qsl(first.query))
    assert asked == {
        "SERVICE": "WMTS", "REQUEST": "GetTile", "VERSION": "1.0.0", "LAYER": "img", "STYLE": "default",
        "TILEMATRIXSET": "w", "FORMAT": "tiles", "TILEMATRIX": "15", "TILEROW": "13200", "TILECOL": "27190", "tk": "abc",
    }  # fmt: skip


def test_rows_from_the_south_are_counted_by_the_zoom(remote, upstream):
    remote(upstream.base + "/{z}/{x}/{-y}").tile("base", 3, 1, 2)
    assert upstream.asked == ["/3/1/5"]  # 2**3 - 1 - 2


def test_a_key_cannot_change_the_address(remote, upstream):
    remote().tile("base", 1, 0, 0)
    assert upstream.asked == ["/1/0/0.png?tk=very%2Fsecret%26key"]


def test_a_tile_is_asked_for_once_while_it_is_fresh(remote, upstream, clock, png):
    tiles = remote()
    assert tiles.tile("base", 1, 0, 0).content == tiles.tile("base", 1, 0, 0).content == png(9)
    assert len(upstream.asked) == 1
    clock.now += 101
    tiles.tile("base", 1, 0, 0)
    assert len(upstream.asked) == 2


def test_an_old_tile_serves_while_the_server_is_away(remote, upstream, clock, png):
    tiles = remote()
    tiles.tile("base", 1, 0, 0)
    clock.now += 1000
    upstream.reply = lambda _path: (500, {}, b"")
    assert tiles.tile("base", 1, 0, 0).content == png(9)


def test_being_sent_on_to_another_address_is_refused(remote, upstream):
    inner = upstream.base + "/inner"
    upstream.reply = lambda path: (
        (302, {"Location": inner}, b"") if path != "/inner" else (200, {}, b"secret")
    )
    with pytest.raises(TileFaultError, match="sends us on") as caught:
        remote().tile("base", 1, 0, 0)
    assert caught.value.code == "redirect" and "/inner" not in upstream.asked


def test_proxies_of_the_environment_are_not_asked(remote, upstream, monkeypatch, png):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    assert remote().tile("base", 1, 0, 0).content == png(9)


@pytest.mark.parametrize("status", [401, 403, 418])
def test_a_refusal_points_at_the_key_without_saying_it(remote, upstream, status, caplog):
    upstream.reply = lambda _path: (status, {}, b"no")
    with caplog.at_level(logging.DEBUG), pytest.raises(TileFaultError, match="check the key") as caught:
        remote().tile("base", 1, 0, 0)
    for words in (str(caught.value), caplog.text):
        assert "secret" not in words


def test_a_server_without_that_tile_is_no_fault(remote, upstream):
    upstream.reply = lambda _path: (404, {}, b"")
    assert remote().tile("base", 1, 0, 0) is None


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"<html>log in first</html>", "no-picture"), (b"\x89PNG\r\n\x1a\n" + bytes(MAX_BYTES), "too-large")],
)
def test_what_is_no_tile_is_neither_sent_nor_kept(remote, upstream, tmp_path, body, code):
    upstream.reply = lambda _path: (200, {"Content-Type": "image/png"}, body)
    with pytest.raises(TileFaultError) as caught:
        remote().tile("base", 1, 0, 0)
    assert caught.value.code == code
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


def test_a_server_that_trickles_is_given_up_in_time(remote, upstream, png):
    upstream.reply = lambda _path: (
        200,
        {},
        [png(1)[:4], 0.2, b"x", 0.2, b"x", 0.2, b"x", 0.2, b"x", 0.2, b"x", 5.0],
    )
    with pytest.raises(TileFaultError) as caught:
        remote(timeout_s=0.5).tile("base", 1, 0, 0)
    assert caught.value.code == "timeout"


def test_after_three_failures_the_server_is_left_in_peace(tmp_path, clock):
    tiles = RemoteTiles(
        {"base": "http://127.0.0.1:9/{z}/{x}/{y}"},
        key="",
        kept=KeptTiles(tmp_path, max_bytes=10**6, fresh_s=9),
        timeout_s=1,
        at_once=1,
        zooms=(0, 9),
        clock=clock,
    )
    codes = []
    for step in range(5):
        with pytest.raises(TileFaultError) as caught:
            tiles.tile("base", 1, 0, 0)
        codes.append(caught.value.code)
        clock.now += 21 if step == 3 else 0
    assert codes == ["unreachable", "unreachable", "unreachable", "resting", "unreachable"]


def test_only_some_tiles_are_asked_for_at_once(remote, upstream, until, monkeypatch):
    monkeypatch.setattr("geo_service.background.remote._WAIT_S", 0.05)
    upstream.reply = lambda _path: (200, {}, [5.0])
    tiles = remote(at_once=1, timeout_s=5)
    first = threading.Thread(target=lambda: tiles.tile("base", 1, 0, 0), daemon=True)
    first.start()
    until(lambda: upstream.asked)
    with pytest.raises(TileFaultError) as caught:
        tiles.tile("base", 1, 0, 1)
    assert caught.value.code == "busy"
    upstream.gate.set()
    first.join(timeout=5)


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("ftp://host/{z}/{x}/{y}", "must begin with http"),
        ("file:///etc/{z}/{x}/{y}", "must begin with http"),
        ("//host/{z}/{x}/{y}", "must begin with http"),
        ("http://user@host/{z}/{x}/{y}", "must begin with http"),
        ("http://host/{z}/{x}/{y} HTTP/1.1\r\nX: y", "must begin with http"),
        ("http://{s}.host/{z}/{x}/{y}", "one host"),
        ("http://{key}/{z}/{x}/{y}", "one host"),
        ("http://host/{z}/{x}", "must hold z, x and y"),
        ("http://host/{z}/{x}/{y}/{r}", "unknown placeholders: r"),
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_asked(template, words):
    assert any(words in str(fault) for fault in address_faults(template))
    with pytest.raises(InputError):
        RemoteTiles({"base": template}, key="", kept=None, timeout_s=1, at_once=1, zooms=(0, 1))


class TestKept:
    def test_the_least_lately_used_go_first(self, tmp_path, clock):
        kept = KeptTiles(tmp_path / "kept", max_bytes=1000, fresh_s=10, clock=clock)
        for name in "abcde":
            clock.now += 1
            kept.put(f"base/1/0/{name}", bytes(190))
        clock.now += 1
        assert kept.get("base/1/0/a") is not None  # used just now
        clock.now += 1
        kept.put("base/1/0/f", bytes(190))
        left = {name for name in "abcdef" if kept.get(f"base/1/0/{name}")}
        # 1140 bytes are swept down to 800: the two used longest ago go
        assert left == {"a", "d", "e", "f"} and kept.size() == 760

    def test_what_another_process_left_counts(self, tmp_path, clock):
        KeptTiles(tmp_path, max_bytes=10_000, fresh_s=10, clock=clock).put("base/1/0/old", bytes(900))
        clock.now += 1
        kept = KeptTiles(tmp_path, max_bytes=1000, fresh_s=10, clock=clock)
        kept.put("base/1/0/new", bytes(500))
        assert kept.get("base/1/0/old") is None and kept.get("base/1/0/new") is not None

    def test_a_disk_that_cannot_be_written_is_no_fault(self, tmp_path):
        (tmp_path / "kept").write_bytes(b"a file where the folder should be")
        kept = KeptTiles(tmp_path / "kept", max_bytes=1000, fresh_s=10)
        kept.put("base/1/0/0", b"x")
        assert kept.get("base/1/0/0") is None

    def test_nobody_else_may_look(self, tmp_path):
        if os.name == "nt":
            pytest.skip("Windows keeps this elsewhere")
        KeptTiles(tmp_path / "kept", max_bytes=1000, fresh_s=10).put("base/1/0/0", b"x")
        assert (tmp_path / "kept" / "base" / "1" / "0" / "0").stat().st_mode & 0o077 == 0
