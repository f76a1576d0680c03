"""The application behind waitress, in a process of its own and on a real port."""

import http.client
import socket
import subprocess
import sys

import pytest

from geo_service.workspace import Workspace

SERVE = """
import sys
from geo_service.web.server import make_server
from geo_service.workspace import Workspace
server = make_server(Workspace.open(sys.argv[1]), port=0)
print(server.effective_port, flush=True)
server.run()
"""


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served") / "station"
    Workspace.create(folder).close()
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(folder)], stdout=subprocess.PIPE, text=True
    ) as process:
        yield int(process.stdout.readline())
        process.terminate()


def ask(port, method, path, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_it_answers_and_does_not_say_what_it_is_made_of(port):
    answer, body = ask(port, "GET", "/healthz")
    assert (answer.status, body) == (200, b'{"status":"ok"}\n')
    assert "waitress" not in str(answer.headers).lower() and "werkzeug" not in str(answer.headers).lower()


def test_headers_that_are_too_large_are_refused(port):
    answer, _ = ask(port, "GET", "/login", **{"X-Long": "x" * 40_000})
    assert answer.status == 431


def test_a_body_that_is_too_large_is_refused_before_it_is_read(port):
    answer, _ = ask(port, "POST", "/login", **{"Content-Length": str(10**9)})
    assert answer.status == 413


def test_idle_browsers_do_not_keep_others_out(port):
    """Six connections a browser: 25 of them, or one rude visitor, used up the 100 that waitress takes by itself."""
    idle = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(150)]
    answer, _ = ask(port, "GET", "/healthz")
    assert answer.status == 200
    for one in idle:
        one.close()
