"""The Folium page behind every map, built from constants only.

Folium and branca render what they hold as Jinja templates, so that a ``{{ … }}`` in a name would be run on the
server, and they refer to some thirty files on other hosts. Therefore no datum ever comes here: the page is
the same for every town, its references are this library's own files, and what it shows arrives as JSON.
"""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser

import folium
from branca.element import Figure, MacroElement
from folium.template import Template

MAP_ID = "map_town"

_SPACE = re.compile(r"\n\s*\n+")


class _TownMap(folium.Map):
    """A Folium map that refers to no file: `town_maps.page` adds the vendored ones."""

    default_js: list[tuple[str, str]] = []  # noqa: RUF012 (as Folium declares it)
    default_css: list[tuple[str, str]] = []  # noqa: RUF012


class _Start(MacroElement):
    """Hands the Leaflet map that Folium makes to the library's own script."""

    _template = Template(
        "{% macro script(this, kwargs) %}TownMap.start({{ this._parent.get_name() }});{% endmacro %}"
    )


class _Parts(HTMLParser):
    """Sorts a rendered page into its scripts, its styles and the names of what it refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.references: list[str] = []
        self.ids: list[str] = []
        self._into: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.references += [given[key] or "" for key in ("src", "href") if key in given]
        if given.get("id"):
            self.ids.append(str(given["id"]))
        self._into = {"script": self.scripts, "style": self.styles}.get(tag)

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._into = None

    def handle_data(self, data: str) -> None:
        if self._into is not None and data.strip():
            self._into.append(data.strip())


@cache
def written_files() -> dict[str, str]:
    """Return the script and the style sheet that Folium writes: `page.js` and `page.css`.

    They go to files of the page's own host (or, hashed, into a stand-alone file), so that a strict
    Content-Security-Policy needs neither ``unsafe-inline`` nor a nonce.

    Raises:
        RuntimeError: this release of Folium writes something that the pages do not know how to keep safe.
    """
    page = _TownMap(
        location=[0, 0],
        tiles=None,
        zoom_start=2,
        zoom_control=False,
        prefer_canvas=True,
        font_size="14px",
        attribution_control=False,
        zoom_snap=0.25,
        zoom_delta=1,
        wheel_px_per_zoom_level=90,
        min_zoom=3,
        max_zoom=20,
        bounce_at_zoom_limits=False,
    )
    page._id = "town"  # noqa: SLF001 (a random name would make a new file every time)
    page.add_child(_Start())
    root = page.get_root()
    if not isinstance(root, Figure):
        raise TypeError("Folium no longer puts a map into a Figure")
    parts = _Parts()
    parts.feed(root.render())
    parts.close()
    if parts.references or MAP_ID not in parts.ids:
        raise RuntimeError(f"Folium writes references {parts.references} and ids {parts.ids}")
    return {
        "page.js": _SPACE.sub("\n", "\n".join(parts.scripts)) + "\n",
        # The rules for the whole document belong to the embedding page, not to the map.
        "page.css": "\n".join(one for one in parts.styles if MAP_ID in one) + "\n",
    }
