"""From a description to a page: parts to embed in a page of a service, or one stand-alone file."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

from town_maps.assets import SCRIPTS, STYLES, inlined_script, inlined_style
from town_maps.choke_point import render
from town_maps.folium_page import MAP_ID
from town_maps.spec import WORDS, MapSpec

#: The policy under which an embedded map works; nothing inline is needed.
CONTENT_SECURITY_POLICY = "default-src 'self'; img-src 'self' data:"


def _holder(spec: MapSpec) -> str:
    """Return the map's element; what it says is taken away by the script, and so stays in a browser too old for it."""
    words = escape({**WORDS, **spec.words}["needs_script"])
    return (
        f'<div class="town-map"><p class="tm-unready">{words}</p>'
        f'<div class="folium-map" id="{MAP_ID}" tabindex="0"></div></div>'
    )


@dataclass(frozen=True)
class PageParts:
    """The parts of a map page, for a template of the embedding page.

    Args:
        head: links to the style sheets, for the end of ``<head>``.
        body: the map's element and its inert description; it fills the element around it, which needs a height.
        script: the scripts, for the end of ``<body>``.
    """

    head: str
    body: str
    script: str


def inert_json(value: Any, *, element_id: str) -> str:
    """Return data as an inert script element: no markup can leave it, nothing in it runs.

    Args:
        value: what JSON can hold (no NaN).
        element_id: the id by which the page's script finds it.
    """
    words = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign in "<>&\u2028\u2029":
        words = words.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/json" id="{escape(element_id)}">{words}</script>'


def page_parts(
    spec: MapSpec,
    *,
    asset_url: str | Callable[[str], str] = "/static/town_maps/",
    scripts: Sequence[str] = (),
    styles: Sequence[str] = (),
) -> PageParts:
    """Return the parts of a map for a page that a service renders.

    Args:
        spec: what the map shows; its layers name the addresses of their data.
        asset_url: where the service serves the files of `town_maps.asset`: an address to which the name is
            added, or a function from name to address.
        scripts: addresses of further scripts on the page's own host; they run after the map's own, so that they find
            `window.townMap`.
        styles: addresses of further style sheets.

    Raises:
        RemoteReferenceError: a part would fetch from another host.
    """
    address = asset_url if callable(asset_url) else lambda name: f"{asset_url}{name}"
    sheets = [*(address(one) for one in STYLES), *styles]
    links = [f'<link rel="stylesheet" href="{escape(one)}">' for one in sheets]
    runs = [
        f'<script src="{escape(one)}"></script>' for one in (*(address(one) for one in SCRIPTS), *scripts)
    ]
    body = [
        _holder(spec),
        inert_json(spec.description(), element_id="town-map-spec"),
    ]
    return PageParts(
        head=render("\n".join(links), mode="page"),
        body=render("\n".join(body), mode="page"),
        script=render("\n".join(runs), mode="page"),
    )


def _hash(content: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode() + "'"


def stand_alone(spec: MapSpec, data: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a map as one HTML document that needs no other file and no network.

    Args:
        spec: what the map shows.
        data: the data of each layer by key, as `town_maps.layer_json` gives it.

    Raises:
        RemoteReferenceError: the document would fetch something.
    """
    # The document carries the data: no layer asks for any, whatever its description said.
    layers = tuple(replace(one, url="", tiles="", by_view=False, min_zoom=0) for one in spec.layers)
    spec = replace(spec, layers=layers)
    styles = [inlined_style(one) for one in STYLES]
    scripts = [inlined_script(one) for one in SCRIPTS]
    policy = "; ".join(
        (
            "default-src 'none'",
            "script-src " + " ".join(_hash(one) for one in scripts),
            "style-src " + " ".join(_hash(one) for one in styles),
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{"en" if spec.language.startswith("en") else "zh-CN"}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="renderer" content="webkit">',
        '<meta name="referrer" content="no-referrer">',
        '<link rel="icon" href="data:,">',
        f"<title>{escape(spec.title)}</title>",
        *(f"<style>{one}</style>" for one in styles),
        "</head>",
        '<body class="town-map-page">',
        _holder(spec),
        inert_json(spec.description(), element_id="town-map-spec"),
        inert_json(dict(data), element_id="town-map-data"),
        *(f"<script>{one}</script>" for one in scripts),
        "</body>",
        "</html>",
    ]
    return render("\n".join(lines) + "\n", mode="file")
