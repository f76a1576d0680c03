"""Serve a workspace, log in and ask for every page and map layer: look.py GEO_SERVICE WORKSPACE."""

import json
import re
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar

PAGES = ("/", "/gaps", "/patrol", "/my-routes", "/gaps/export.xlsx", "/gaps/export.geojson", "/api/v1/plan")
PASSWORD = "Looking-at-every-page-1"
geo_service, workspace = sys.argv[1:]

subprocess.run(
    [
        geo_service,
        "--workspace",
        workspace,
        "user",
        "add",
        "looker",
        "--role",
        "planner",
        "--password",
        PASSWORD,
    ],
    check=True,
)
server = subprocess.Popen(
    [geo_service, "--workspace", workspace, "--json", "serve", "--port", "8433"],
    stdout=subprocess.PIPE,
    text=True,
)
try:
    told = ""
    while not told.rstrip().endswith("}"):
        line = server.stdout.readline()
        assert line, "the server ended"
        told += line
    host = json.loads(told)["address"].rstrip("/")
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(path, data=None):
        begun = time.monotonic()
        with browser.open(
            host + path, data=data and urllib.parse.urlencode(data).encode(), timeout=60
        ) as answer:
            body = answer.read()
        print(
            f"{path:<44} {answer.status} {len(body) / 1000:9.1f} kB {1000 * (time.monotonic() - begun):7.0f} ms",
            flush=True,
        )
        return body.decode("utf-8", errors="replace")

    token = re.search(r'name="csrf_token" value="([^"]+)"', get("/login"))[1]
    front = get("/login", {"csrf_token": token, "name": "looker", "password": PASSWORD, "next": "/"})
    assert "/gaps" in front, "the log-in failed"
    texts = {path: get(path) for path in PAGES}
    west, south, east, north = (
        float(one) for one in re.search(r'"bounds":\s*\[([^\]]+)\]', texts["/"])[1].split(",")
    )
    x, y = (west + east) / 2, (south + north) / 2
    layers = sorted(set(re.findall(r"/api/v1/map/([a-z_0-9]+)\.json", texts["/"] + texts["/patrol"])))
    assert len(layers) > 8, layers
    for key in layers:
        get(f"/api/v1/map/{key}.json?bbox={x - 0.004},{y - 0.003},{x + 0.004},{y + 0.003}&zoom=16")
finally:
    server.terminate()
    server.wait(timeout=30)
