"""The small town with an account of each role, and programs that hold their tokens."""

import subprocess
import sys

import pytest

from geo_service.accounts.tokens import Tokens
from geo_service.web import create_app

PASSWORD = "Shi-men-2026"
ROLES = ("admin", "planner", "inspector", "cadre")

SERVE = """
import sys
from geo_service.web.server import make_server
from geo_service.workspace import Workspace
workspace = Workspace.open(sys.argv[1])
server = make_server(workspace, "127.0.0.1", 0)
print(server.effective_port, flush=True)
server.run()
"""


class Program:
    """A client that sends a token, and JSON."""

    def __init__(self, app, secret):
        self.client = app.test_client()
        self.head = {"Authorization": f"Bearer {secret}"} if secret else {}

    def open(self, path, method="GET", body=None, **headers):
        sent = {**self.head, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.open(path, method=method, json=body, headers=sent)

    def get(self, path, **headers):
        return self.open(path, **headers)


@pytest.fixture(scope="module")
def api_town(tmp_path_factory, small_town):
    """A small town of its own for each module, for its tests write."""
    with small_town["build"](tmp_path_factory.mktemp("api") / "station") as workspace:
        for role in ROLES:
            workspace.accounts.create_user(
                role + ".a", role=role, password=PASSWORD, villages=[1] if role == "cadre" else []
            )
        yield workspace


@pytest.fixture(scope="module")
def tokens(api_town):
    return Tokens(api_town.store, api_town.settings)


@pytest.fixture(scope="module")
def app(api_town):
    return create_app(api_town)


@pytest.fixture(scope="module")
def secrets(tokens):
    """A token of each role that may hold one: those who edit with the scope `edit`."""
    return {
        role: tokens.issue(
            role + ".a", name="test", scope="read" if role == "inspector" else "edit", days=30, actor="test"
        )[1]
        for role in ("admin", "planner", "inspector")
    }


@pytest.fixture(scope="module")
def programs(app, secrets):
    return {None: Program(app, None), **{role: Program(app, one) for role, one in secrets.items()}}


@pytest.fixture(scope="module")
def planner(programs):
    return programs["planner"]


@pytest.fixture(scope="module")
def server(api_town):
    """Address of a server in a process of its own (GDAL holds the interpreter while it waits), and a token for it."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(api_town.folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            port = int(process.stdout.readline())
            secret = Tokens(api_town.store, api_town.settings).issue(
                "planner.a", name="QGIS", scope="edit", days=7, actor="test"
            )[1]
            yield f"http://127.0.0.1:{port}/api/v1", secret
        finally:
            process.terminate()
            process.wait(20)
