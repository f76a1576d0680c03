"""Sample arguments of the application's routes, for tests that ask every route: what exists in the towns of the tests."""

import re

from geo_service.web.access import permission_of, permitted

#: Values of an argument that exist, by its name or by endpoint and name. A test of leaks fails on an argument that is not here.
THERE = {
    "layer_name": ["villages", "key_areas", "camera_sites", "patrol_units", "camera_models", "no_camera_zones"],
    "row_id": [1, 2],
    "camera_id": [1, 2],
    "drawing": ["plan", "section"],
    "batch_id": [1, 2],
    "number": [1, 2, 5],
    "upload_id": [1],
    "token_id": [1],
    "code": ["x"],
    "action": ["close", "invite", "factor_off", "delete", "unlock", "open", "end_sessions", "withdraw"],
    "file_format": ["xlsx", "csv", "geojson", "gpkg", "pdf", "zip", "json", "html", "png", "svg"],
    "digest": ["0"],
    "part": ["base", "labels"],
    "z": [14],
    "x": [13597],
    "y": [6645],
    "name": ["frame.css"],
    ("assets.map_file", "name"): ["leaflet/leaflet.css"],
    ("api.my_map_layer", "key"): ["patrol_routes", "patrol_places"],
    "kind": ["coverage", "gaps", "patrol"],
    "frame_name": ["visible_areas", "targets", "pieces", "visits", "routes", "breaches", "places", "unreachable", "units"],
}  # fmt: skip
#: What a page is looked at with, where the first of `THERE` is not the one that shows most.
SHOWN = {"layer_name": "key_areas", "layer": "key_areas", "key": "camera_sites", "action": "delete"}
#: Endpoints that send no page: data, files, pictures, addresses that only lead on, or what needs an upload or a one-time link first.
NO_PAGE = re.compile(
    r"(api|layer_api|job_api|assets|health|tiles|api_v1\w*|collections|writing|results|openapi|edits|edit_api)\.|print\.sheet|certainty\.sheet|targets\.paper|cameras\.(picture|sheet|file)"
    r"|.*\b(export|template|download|\w*_json|static)\b"
)


def page_addresses(app, role, shown=SHOWN):
    """The address of every GET route that may send a page to a role, by endpoint."""
    found = {}
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if "GET" not in rule.methods or not permitted(role, permission_of(app, rule.endpoint)):
                continue
            if rule.rule.startswith(("/api/", "/static/", "/tiles/", "/healthz")) or NO_PAGE.match(
                rule.endpoint
            ):
                continue
            values = {}
            for name in rule.arguments - set(rule.defaults or ()):
                converter = rule._converters[name]
                plain = 1 if type(converter).__name__ in ("RowNumber", "IntegerConverter") else "1"
                if hasattr(converter, "items"):
                    plain = min(converter.items)
                values[name] = shown.get(
                    name, THERE.get(name, [plain])[0] if name in ("row_id", "number") else plain
                )
            found[rule.endpoint] = adapter.build(rule.endpoint, values)
    return found


def pages(client, found):
    """Those of the addresses that answer with a page; others lead on, send files, or have nothing there in this town."""
    kept = {}
    for endpoint, path in sorted(found.items()):
        answer = client.get(path)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            kept[endpoint] = path
    return kept
