"""The one way out for every map page: what would fetch from another host does not pass.

`render` reads the finished markup, so that it does not matter which template, library or careless line brought an
address in. A plain link that a person may follow (the licence of the map's data) is not a fetch.
"""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from typing import Literal

from town_model import InputError, Text

Mode = Literal["page", "file"]

#: Attributes by which a browser fetches on its own, or sends something away.
_FETCHING = frozenset(
    [
        "src",
        "srcset",
        "href",
        "xlink:href",
        "data",
        "poster",
        "background",
        "action",
        "formaction",
        "manifest",
        "ping",
        "code",
        "codebase",
        "archive",
        "classid",
        "longdesc",
        "profile",
        "cite",
        "usemap",
        "imagesrcset",
        "lowsrc",
        "dynsrc",
    ]
)
#: Only a followed link: not fetched until a person clicks.
_LINKS = frozenset({"a", "area"})
_BANNED = frozenset(
    {"base", "iframe", "frame", "object", "embed", "applet", "portal", "frameset", "template"}
)
_CSS_URL = re.compile(r"url\(\s*(['\"]?)(.*?)\1\s*\)", re.IGNORECASE | re.DOTALL)
_CSS_IMPORT = re.compile(r"@import\b[^;]*", re.IGNORECASE)
_CSS_SET = re.compile(r"image-set\(|image\(|\bsrc\(", re.IGNORECASE)
_CSS_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)
_CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BLANKS = re.compile(r"[\x00-\x20]+")
_ADDRESS_KEYS = frozenset(("url", "src", "tiles", "tile_url", "data_url"))
#: Script elements that a browser does not run.
_INERT = frozenset({"application/json", "application/geo+json"})


class RemoteReferenceError(InputError):
    """A map page would fetch something from another host, or run what is not this library's own."""


def render(markup: str, *, mode: Mode) -> str:
    """Return the markup unchanged, when a browser that shows it talks to the page's own host alone.

    Args:
        markup: a page, or a part of one.
        mode: ``page`` allows references to the page's own host; ``file`` allows none but data written into the
            document.

    Raises:
        RemoteReferenceError: it holds a script, style, image, frame, data or tile address on another host, an
            inline event handler, or an inline script or style that is not one of this library's files.
    """
    reader = _Reader(mode)
    reader.feed(markup)
    reader.end()
    if reader.faults:
        raise RemoteReferenceError(reader.faults)
    return markup


def own(address: str, mode: Mode) -> bool:
    """Whether a browser finds this address on the page's own host (``page``) or in the document (``file``)."""
    plain = _BLANKS.sub("", address).replace("\\", "/")
    if not plain or plain.startswith("#"):
        return True
    if plain.lower().startswith("data:"):
        kind = plain[5:].lower()
        return kind.startswith((",", "image/png", "image/jpeg", "image/gif", "image/webp"))
    if mode == "file" or plain.startswith("//"):
        return False
    return not _SCHEME.match(plain)


def style_faults(css: str, mode: Mode) -> list[str]:
    """Return what a style sheet would fetch from elsewhere."""
    plain = _CSS_ESCAPE.sub(
        lambda one: chr(min(int(one.group(1), 16), 0x10FFFF)) if one.group(1) else one.group(2),
        _CSS_COMMENT.sub("", css),
    )
    found = [one.strip() for one in _CSS_IMPORT.findall(plain)]
    found += _CSS_SET.findall(plain)
    found += [address for _, address in _CSS_URL.findall(plain) if not own(address, mode)]
    # An address without its closing bracket: a browser still fetches it at the end of the sheet.
    if plain.lower().count("url(") > len(_CSS_URL.findall(plain)):
        found.append("url(")
    return found


@cache
def _own_code() -> tuple[frozenset[str], frozenset[str]]:
    from town_maps.assets import SCRIPTS, STYLES, inlined_script, inlined_style  # noqa: PLC0415 (they import this room)

    scripts = frozenset(inlined_script(one) for one in SCRIPTS)
    return scripts, frozenset(inlined_style(one) for one in STYLES)


class _Reader(HTMLParser):
    """Reads markup and collects what must not pass."""

    def __init__(self, mode: Mode) -> None:
        super().__init__(convert_charrefs=True)
        self.mode = mode
        self.faults: list[Text] = []
        self._inside = ""
        self._inert = False
        self._collected: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BANNED:
            self.faults.append(Text.of("a map page must not hold <{tag}>", tag=tag))
        given = {name.lower(): value or "" for name, value in attrs}
        for name, value in given.items():
            self._attribute(tag, name, value)
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh":
            self.faults.append(Text.of("a map page must not send the reader on: <meta refresh>"))
        if tag in ("script", "style"):
            self._inside = "" if "src" in given else tag
            self._inert = tag == "script" and given.get("type", "").strip().lower() in _INERT
            self._collected = []

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Browsers take no notice of the slash in HTML.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self.finish()

    def handle_data(self, data: str) -> None:
        if self._inside:
            self._collected.append(data)

    def end(self) -> None:
        """Judge the end of the markup: a script or style that is still open would swallow what follows."""
        opened = self._inside
        self.close()
        if opened:
            self.faults.append(Text.of("a map page must not leave <{tag}> open", tag=opened))

    def finish(self) -> None:
        """Judge the script or style that just ended."""
        inside, self._inside = self._inside, ""
        content = "".join(self._collected)
        self._collected = []
        if inside == "style":
            self._inline_style(content)
        elif inside == "script" and self._inert:
            self._data(content)
        elif inside == "script" and content.strip() and content not in _own_code()[0]:
            self.faults.append(
                Text.of(
                    "a map page carries a script that is not its own: {start!r}", start=content.strip()[:60]
                )
            )

    def _attribute(self, tag: str, name: str, value: str) -> None:
        where = f"<{tag} {name}>"
        if name.startswith("on") or name == "srcdoc":
            self.faults.append(Text.of("a map page must not hold the inline script {where}", where=where))
        elif name == "style":
            for one in style_faults(value, self.mode):
                self._refuse(where, one)
        elif name in _FETCHING:
            if tag in _LINKS and name == "href":
                scheme = _SCHEME.match(_BLANKS.sub("", value))
                if scheme and scheme.group().lower() not in ("http:", "https:", "mailto:"):
                    self._refuse(where, value)
                return
            several = name in ("srcset", "imagesrcset", "ping", "archive") and not value.startswith("data:")
            for one in re.split(r"[\s,]+", value) if several else [value]:
                if not own(one, self.mode):
                    self._refuse(where, one)
        elif (
            tag not in ("meta", *_LINKS)
            and name not in ("id", "title", "alt", "lang", "xmlns", "class")
            and (value.strip().startswith("//") or re.match(r"\s*(?:https?|wss?|ftp):", value, re.IGNORECASE))
        ):
            # An attribute this list does not know yet (data-src and what browsers will think of).
            self._refuse(where, value)

    def _inline_style(self, content: str) -> None:
        if content in _own_code()[1] and not style_faults(content, self.mode):
            return
        found = style_faults(content, self.mode)
        for one in found:
            self._refuse("<style>", one)
        if not found:
            self.faults.append(
                Text.of(
                    "a map page carries a style that is not its own: {start!r}", start=content.strip()[:60]
                )
            )

    def _data(self, content: str) -> None:
        try:
            value = json.loads(content)
        except ValueError:
            self.faults.append(Text.of("the data of a map page is not JSON"))
            return
        if "<" in content:
            self.faults.append(Text.of("the data of a map page is not escaped"))
        if isinstance(value, dict) and isinstance(value.get("layers"), list):
            for layer in value["layers"]:
                for key in _ADDRESS_KEYS & set(layer if isinstance(layer, dict) else ()):
                    if not own(str(layer[key] or ""), self.mode):
                        self._refuse(f"layers.{key}", str(layer[key]))

    def _refuse(self, where: str, address: str) -> None:
        self.faults.append(
            Text.of(
                "a map page must not fetch from elsewhere: {where} asks for {address!r}. Use a file of this server",
                where=where,
                address=address[:120],
            )
        )
