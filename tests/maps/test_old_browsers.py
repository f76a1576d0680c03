"""Claims that every script and style sheet of the pages keeps to what Chromium 86 knows.

360 and Qianxin browsers run their pages on Chromium 86 and up. What came later stands in
`newer_than_chromium_86.json`, made by `old_browser_table.py` from MDN's browser-compat-data (CC0).
"""

import json
import re
from pathlib import Path

import pytest
import tree_sitter_javascript
from tree_sitter import Language, Parser

from town_maps import asset, asset_names

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "geo_service" / "web" / "static"
NEWER = json.loads(Path(__file__).with_name("newer_than_chromium_86.json").read_text(encoding="utf-8"))
#: Syntax after Chromium 86 (javascript.classes, .operators in the same data), as the parser names it.
NEWER_SYNTAX = {"class_static_block": 94, "import_attribute": 123}
#: Names that our own objects have, and beside them only rare newer ones (iterators, touches, cookies, CSS pages).
OWN = {"layer", "take", "bytes", "changed", "deleted", "when"}
#: Newer only where it is called: our own objects keep a place under this name.
CALLED = {"at"}
#: Leaflet's own methods that share their names with newer ones, and declarations that older browsers pass over without harm.
PASSED_OVER = {
    "map/leaflet/leaflet.js": {".isValid", ".watch", ".move"},
    "map/leaflet/leaflet.css": {"mix-blend-mode: plus-lighter", "print-color-adjust"},
}
PARSER = Parser(Language(tree_sitter_javascript.language()))


def files(suffix):
    """Every script or style sheet that a page may load, by name."""
    found = {f"map/{name}": asset(name).content.decode() for name in asset_names() if name.endswith(suffix)}
    found |= {
        f"web/{path.relative_to(STATIC).as_posix()}": path.read_text(encoding="utf-8")
        for path in sorted(STATIC.rglob(f"*{suffix}"))
    }
    return found


SCRIPTS, SHEETS = files(".js"), files(".css")


# Scripts


def _nodes(node):
    yield node
    for child in node.children:
        yield from _nodes(child)


def _text(node):
    return node.text.decode()


def _defined(tree):
    """Names that a script declares: variables, parameters, functions, classes."""
    found = set()
    for node in _nodes(tree):
        parent = node.parent
        if node.type in ("identifier", "shorthand_property_identifier_pattern") and parent is not None:
            declares = parent.type in (
                "variable_declarator",
                "formal_parameters",
                "function_declaration",
                "class_declaration",
                "arrow_function",
                "object_pattern",
                "array_pattern",
                "catch_clause",
                "for_in_statement",
                "assignment_pattern",
                "rest_pattern",
            )
            value = parent.child_by_field_name("value") or parent.child_by_field_name("body")
            if declares and (value is None or value.id != node.id):
                found.add(_text(node))
    return found


def script_faults(source):
    """What a script uses that Chromium 86 does not know, as (line, what, version)."""
    tree = PARSER.parse(source.encode()).root_node
    faults = []
    defined = _defined(tree)

    def fault(node, what, version):
        faults.append((node.start_point[0] + 1, what, version))

    for node in _nodes(tree):
        if node.type == "ERROR" or node.is_missing:
            fault(node, "syntax that the parser does not know", None)
        elif node.type in NEWER_SYNTAX:
            fault(node, node.type, NEWER_SYNTAX[node.type])
        elif node.type == "private_property_identifier" and node.parent.type == "binary_expression":
            fault(node, "#private in", 91)
        elif node.type == "await_expression" and not _inside_function(node):
            fault(node, "await at top level", 89)
        elif node.type == "regex_flags" and "v" in _text(node):
            fault(node, "regular expression flag v", 112)
        elif node.type == "regex_flags" and "d" in _text(node):
            fault(node, "regular expression flag d", 90)
        elif node.type == "property_identifier" and node.parent.type == "member_expression":
            name = _text(node)
            outer = node.parent.parent
            called = (
                outer.type == "call_expression" and outer.child_by_field_name("function").id == node.parent.id
            )
            if name in NEWER["js_members"] and name not in OWN and (called or name not in CALLED):
                fault(node, f".{name}", NEWER["js_members"][name])
        elif node.type == "shorthand_property_identifier_pattern":
            if _text(node) in NEWER["js_members"] and _text(node) not in OWN | CALLED:
                fault(node, f".{_text(node)}", NEWER["js_members"][_text(node)])
        elif node.type == "identifier" and _text(node) in NEWER["js_globals"] and _text(node) not in defined:
            fault(node, _text(node), NEWER["js_globals"][_text(node)])
    return faults


def _inside_function(node):
    inside = ("function_declaration", "function_expression", "arrow_function", "method_definition")
    while node is not None:
        if node.type in inside:
            return True
        node = node.parent
    return False


# Style sheets


def _rules(css):
    """Declarations as (line, property, value), and the words before each block as (line, prelude, depth of rules)."""
    plain = re.sub(r"/\*.*?\*/", lambda one: re.sub(r"[^\n]", " ", one[0]), css, flags=re.DOTALL)
    plain = re.sub(r"url\([^)]*\)|\"[^\"\n]*\"|'[^'\n]*'", lambda one: "_" * len(one[0]), plain)
    declarations, preludes, stack, start = [], [], [], 0
    for at, sign in enumerate(plain):
        if sign not in "{};":
            continue
        words = plain[start:at].strip()
        line = plain.count("\n", 0, at - len(plain[start:at].lstrip()) if words else at) + 1
        start = at + 1
        if sign == "{":
            preludes.append((line, words, sum(not one.startswith("@") for one in stack)))
            stack.append(words)
            continue
        if words and ":" in words and stack and not words.startswith("@"):
            name, value = words.split(":", 1)
            declarations.append((line, name.strip().lower(), value.strip().lower()))
        elif words.startswith("@"):
            preludes.append((line, words, 0))
        if sign == "}" and stack:
            stack.pop()
    return declarations, preludes


def style_faults(css):
    """What a style sheet uses that Chromium 86 does not know, as (line, what, version)."""
    faults = []
    declarations, preludes = _rules(css)
    for line, name, value in declarations:
        if name in NEWER["css_properties"]:
            faults.append((line, name, NEWER["css_properties"][name]))
        words = set(re.findall(r"(?<![\w#.(-])-?[a-z][a-z-]*(?![\w(-])", value))
        faults += [
            (line, f"{name}: {word}", version)
            for word, version in NEWER["css_values"].get(name, {}).items()
            if word in words
        ]
        if name.startswith("--"):
            continue
        functions = set(re.findall(r"(?<![\w-])([a-z][a-z0-9-]*)\(", value)) - (
            {"rect"} if name == "clip" else set()
        )
        faults += [
            (line, f"{one}()", NEWER["css_functions"][one]) for one in functions & set(NEWER["css_functions"])
        ]
        units = set(re.findall(r"(?<![\w#-])[\d.]+([a-z]+)", value))
        faults += [(line, one, NEWER["css_units"][one]) for one in units & set(NEWER["css_units"])]
    for line, prelude, depth in preludes:
        faults += _prelude_faults(line, prelude, depth)
    return faults


def _prelude_faults(line, prelude, depth):
    if prelude.startswith("@"):
        name = re.match(r"@([\w-]+)", prelude)[1]
        found = [(line, f"@{name}", NEWER["css_at_rules"][name])] if name in NEWER["css_at_rules"] else []
        if name == "media" and re.search(r"[<>]", prelude):
            found.append((line, "range in @media", 104))
        return found
    found = [(line, "rule within a rule", 120)] if depth or "&" in prelude else []
    for one in re.findall(r"::?([a-z-]+)", prelude):
        if one in NEWER["css_selectors"]:
            found.append((line, f":{one}", NEWER["css_selectors"][one]))
    if re.search(r":not\([^()]*,", prelude):
        found.append((line, ":not() with a list", 88))
    if re.search(r":nth-[a-z-]+\([^()]*\bof\b", prelude):
        found.append((line, ":nth-child(of)", 111))
    return found


# Claims


@pytest.mark.parametrize("name", sorted(SCRIPTS))
def test_a_script_keeps_to_what_chromium_86_knows(name):
    assert [one for one in script_faults(SCRIPTS[name]) if one[1] not in PASSED_OVER.get(name, set())] == []


@pytest.mark.parametrize("name", sorted(SHEETS))
def test_a_style_sheet_keeps_to_what_chromium_86_knows(name):
    assert [one for one in style_faults(SHEETS[name]) if one[1] not in PASSED_OVER.get(name, set())] == []


def test_every_page_loads_such_files_only():
    """There is something to look at: the maps' scripts, the frame's style, and vendored Leaflet."""
    assert {"map/town-map.js", "map/leaflet/leaflet.js", "web/search.js"} <= set(SCRIPTS)
    assert {"map/town-map.css", "web/frame.css"} <= set(SHEETS)


@pytest.mark.parametrize(
    ("source", "version"),
    [
        ("const last = [1, 2].at(-1);", 92),
        ("if (Object.hasOwn(a, 'b')) { c(); }", 93),
        ("const copy = structuredClone(a);", 98),
        ("list.findLast((one) => one);", 97),
        ("list.toSorted();", 110),
        ("const {randomUUID} = crypto;", 92),
        ("class A { static { f(); } }", 94),
        ("class A { #p = 1; has(o) { return #p in o; } }", 91),
        ("await f();", 89),
        ("const groups = Object.groupBy(a, f);", 117),
        ("new CloseWatcher();", 126),
        ("field.showPicker();", 99),
        ("ctx.roundRect(0, 0, 1, 1, 1);", 99),
        ("/a/v.test('a');", 112),
        ("const x = a ?;", None),
    ],
)
def test_the_lint_of_scripts_finds_what_is_newer(source, version):
    assert [one[2] for one in script_faults(source)][:1] == [version]


@pytest.mark.parametrize(
    "source",
    [
        "const a = b?.c ?? d; a ||= 1; x ??= 2;",
        "class A { #p = 1; #m() { return this.#p; } static s = 1; }",
        "'aaa'.replaceAll('a', 'b'); node.replaceChildren(); Promise.any([]);",
        "const {name, ...rest} = a; for (const one of b) { f(one); } async function g() { await h(); }",
        "function structuredClone(a) { return a; } structuredClone({});",
        "const own = { at: 1 }; f(own.at);",
        "document.addEventListener('visibilitychange', () => { navigator.clipboard.writeText('a'); });",
    ],
)
def test_the_lint_of_scripts_lets_pass_what_chromium_86_has(source):
    assert script_faults(source) == []


@pytest.mark.parametrize(
    ("css", "version"),
    [
        ("a { inset: 0; }", 87),
        ("a { aspect-ratio: 1 / 1; }", 88),
        ("a { accent-color: red; }", 93),
        ("a { height: 100dvh; }", 108),
        ("a { width: calc(1px + 2svw); }", 108),
        ("a { overflow: clip; }", 90),
        ("a { color: color-mix(in srgb, red, blue); }", 111),
        ("a { color: oklch(1 0 0); }", 111),
        ("a:has(b) { color: red; }", 105),
        ("a:is(b, c) { color: red; }", 88),
        ("a:not(b, c) { color: red; }", 88),
        ("a::file-selector-button { color: red; }", 89),
        ("a { b { color: red; } }", 120),
        ("a { &:hover { color: red; } }", 120),
        ("@layer x { a { color: red; } }", 99),
        ("@container (width > 1px) { a { color: red; } }", 105),
        ("@media (width >= 600px) { a { color: red; } }", 104),
        ("a { text-wrap: balance; }", 114),
        ("a { align-items: start; content-visibility: auto; field-sizing: content; }", 123),
        ("a { display: grid; grid-template-columns: subgrid; }", 117),
    ],
)
def test_the_lint_of_styles_finds_what_is_newer(css, version):
    assert version in [one[2] for one in style_faults(css)]


@pytest.mark.parametrize(
    "css",
    [
        ":root { --dvh: 1px; } a:focus-visible { gap: 4px; display: flex; color: var(--dvh); }",
        "@media (min-width: 600px) { a:not(.b) > c::before { content: 'inset: 0; dvh'; } }",
        "@page town-map { size: A4 landscape; } a { page: town-map; clip: rect(0 0 0 0); break-inside: avoid; }",
        "/* a:has(b) { inset: 0 } */ a { background: url(data:image/png;base64,1dvh); width: clamp(1px, 2vw, 3px); }",
        "a { width: max-content; animation: x 0s linear 2s forwards; } @keyframes x { to { opacity: 1; } }",
        "a { place-items: center; overscroll-behavior: contain; color: #1dcafe; }",
    ],
)
def test_the_lint_of_styles_lets_pass_what_chromium_86_has(css):
    assert style_faults(css) == []


def test_the_table_says_where_it_comes_from_and_agrees_with_what_is_known():
    """A few dates that Chrome's own release notes give."""
    assert re.match(r"@mdn/browser-compat-data \d+\.\d+\.\d+, CC0-1\.0$", NEWER["source"])
    assert NEWER["css_properties"]["inset"] == 87
    assert NEWER["css_selectors"]["has"] == 105
    assert NEWER["js_members"]["at"] == 92
    assert NEWER["js_globals"]["structuredClone"] == 98
    assert "replaceAll" not in NEWER["js_members"]
    assert "gap" not in NEWER["css_properties"]
