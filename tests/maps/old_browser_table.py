"""Writes `newer_than_chromium_86.json` from MDN's browser-compat-data: what pages must not use yet.

    npm pack @mdn/browser-compat-data
    tar xzf mdn-browser-compat-data-*.tgz package/data.json
    python tests/maps/old_browser_table.py package/data.json

The data are in the public domain (CC0). The tests read the table only.
"""

import json
import re
import sys
from pathlib import Path

OLDEST = 86
NEVER = 999
TABLE = Path(__file__).with_name("newer_than_chromium_86.json")
_WORD = re.compile(r"[a-z][a-z-]*\Z")
# functions and units of values, by where the data keep them
_UNITS = {
    "length/cap": ["cap"],
    "length/ic": ["ic"],
    "length/lh": ["lh"],
    "length/rcap": ["rcap"],
    "length/rch": ["rch"],
    "length/rex": ["rex"],
    "length/ric": ["ric"],
    "length/rlh": ["rlh"],
    "length/vb": ["vb"],
    "length/vi": ["vi"],
    "length/container_query_length_units": ["cqw", "cqh", "cqi", "cqb", "cqmin", "cqmax"],
    "length/viewport_percentage_units_dynamic": ["dvw", "dvh", "dvi", "dvb", "dvmin", "dvmax"],
    "length/viewport_percentage_units_large": ["lvw", "lvh", "lvi", "lvb", "lvmin", "lvmax"],
    "length/viewport_percentage_units_small": ["svw", "svh", "svi", "svb", "svmin", "svmax"],
}
#: Interfaces whose objects pages get hold of; members of others would only be taken for our own.
_AT_HAND = re.compile(
    r"(?:HTML\w*Element|SVGElement|Element|Document|DocumentFragment|Window|Node|NodeList|HTMLCollection|\w*Event|EventTarget|Navigator"
    r"|Clipboard|Crypto|SubtleCrypto|URL|URLSearchParams|Blob|File|FileReader|FormData|Headers|Request|Response|AbortController"
    r"|AbortSignal|CanvasRenderingContext2D|Path2D|ImageData|ImageBitmap|DOMTokenList|DOMRect|Range|Selection|History|Location"
    r"|Storage|Performance|ResizeObserver|IntersectionObserver|MutationObserver|MediaQueryList|CSSStyleSheet|Geolocation|Worker"
    r"|DataTransfer|ElementInternals|StaticRange|TextEncoder|TextDecoder|XMLHttpRequest)\Z"
)
_FUNCTION_FOLDERS = ("", "color", "basic-shape", "image")


def since(entry):
    """The version of Chrome that brought a feature without flag or prefix; None for a folder that says nothing."""
    told = entry.get("__compat", {}).get("support", {}).get("chrome")
    if told is None:
        return None
    versions = []
    for one in told if isinstance(told, list) else [told]:
        hidden = one.get("flags") or one.get("prefix") or one.get("alternative_name")
        version, gone = one.get("version_added"), str(one.get("version_removed") or NEVER)
        if hidden or not version or version == "preview" or int(gone.lstrip("≤").split(".")[0]) <= OLDEST:
            continue
        versions.append(1 if version is True else int(str(version).lstrip("≤").split(".")[0]))
    return min(versions, default=NEVER)


def parts(entry):
    return [(name, one) for name, one in entry.items() if name != "__compat"]


def newer(entry):
    """Names under an entry that came after the oldest browser, with their versions."""
    found = {name: since(one) for name, one in parts(entry)}
    return {name: version for name, version in found.items() if version and OLDEST < version < NEVER}


def interfaces(data):
    """All interfaces with their names, whether their objects come into a page's hands, and what is under them."""
    builtins = dict(parts(data["javascript"]["builtins"]))
    intl = builtins["Intl"]
    every = [(name, True, one) for name, one in [*builtins.items(), *parts(intl)]]
    return every + [(name, bool(_AT_HAND.match(name)), one) for name, one in parts(data["api"])]


def members(data):
    """Members of interfaces that no interface had before, and interfaces that are new."""
    old, new, globals_old, globals_new = set(), {}, set(), {}
    for name, at_hand, entry in interfaces(data):
        version = since(entry) or 1
        (globals_old.add(name) if version <= OLDEST else globals_new.setdefault(name, version))
        for member, one in parts(entry):
            plain = member.removesuffix("_static")
            at = since(one)
            if member == name or member.endswith("_event") or not plain.isidentifier() or at is None:
                continue
            if at <= OLDEST:
                old.add(plain)
            elif at < NEVER and at_hand:
                new[plain] = min(at, new.get(plain, NEVER))
    return (
        {name: at for name, at in sorted(new.items()) if name not in old},
        {name: at for name, at in sorted(globals_new.items()) if name not in globals_old and at < NEVER},
    )


def table(data):
    """What the tests read."""
    css = data["css"]
    types = css["types"]
    functions = {}
    for folder in _FUNCTION_FOLDERS:
        functions |= {
            name: at for name, at in newer(types[folder] if folder else types).items() if _WORD.match(name)
        }
    units = {}
    for path, names in _UNITS.items():
        folder, name = path.split("/")
        units |= dict.fromkeys(names, since(types[folder][name]))
    values = {}
    for name, entry in parts(css["properties"]):
        if (since(entry) or 1) <= OLDEST:
            words = {word: at for word, at in newer(entry).items() if _WORD.match(word)}
            if words:
                values[name] = words
    new_members, new_globals = members(data)
    return {
        "source": f"@mdn/browser-compat-data {data['__meta']['version']}, CC0-1.0",
        "oldest": OLDEST,
        "css_properties": newer(css["properties"]),
        "css_values": values,
        "css_at_rules": newer(css["at-rules"]),
        "css_selectors": newer(css["selectors"]),
        "css_functions": functions,
        "css_units": units,
        "js_members": new_members,
        "js_globals": new_globals,
    }


if __name__ == "__main__":
    made = table(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    TABLE.write_text(json.dumps(made, ensure_ascii=False, indent=0, sort_keys=True) + "\n", encoding="utf-8")
