"""The server by itself with TLS, behind a proxy, at its limits, and at its end: in a process of its own and on a real port."""

import datetime as dt
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from geo_service.claim import claim, claimed_by
from geo_service.settings import Settings
from geo_service.tls_files import tls_context
from geo_service.workspace import Workspace
from town_model import InputError

SERVE = """
import signal, sys
from geo_service.log_files import write_logs
from geo_service.web.server import make_server
from geo_service.workspace import Workspace
workspace = Workspace.open(sys.argv[1])
server = make_server(workspace, port=0)
write_logs(workspace.folder, workspace.settings)
signal.signal(signal.SIGTERM, lambda *_: server.stop())
if len(sys.argv) > 2:
    from flask import Response
    from geo_service.web.access import Permission, allow
    @allow(Permission.ANYONE)
    def slow():
        print("begun", flush=True)
        sys.stdin.readline()
        return Response(b"x" * 3_000_000)
    server.app.add_url_rule("/slow", view_func=slow)
(workspace.folder / "inner-port").write_text(str(server._inner.effective_port))
print(server.effective_port, flush=True)
server.run()
server.close()
print("ended", flush=True)
"""


def certificate(folder, *, days=90):
    """Write a certificate for localhost, and its key; `days` may be past."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    until = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(until - dt.timedelta(days=400))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )


@contextmanager
def served(folder, *more):
    """The address of a server in a process of its own, and the process."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(folder), *more],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    timer = threading.Timer(120, process.kill)
    timer.start()
    try:
        yield int(process.stdout.readline()), process
    finally:
        timer.cancel()
        process.kill()
        process.wait(10)
        process.stdin.close()
        process.stdout.close()


def trusting(folder):
    return ssl.create_default_context(cafile=str(folder / "cert.pem"))


def ask(port, path, *, tls=None, method="GET", body=None, **headers):
    connection = (
        http.client.HTTPConnection("127.0.0.1", port, timeout=45)
        if tls is None
        else http.client.HTTPSConnection("localhost", port, timeout=45, context=tls)
    )
    connection.request(method, path, body=body, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer, content


@pytest.fixture(scope="module")
def station(tmp_path_factory):
    """A workspace with TLS files, and the port of its server."""
    folder = tmp_path_factory.mktemp("tls") / "station"
    Workspace.create(folder).close()
    certificate(folder)
    (folder / "config.toml").write_text(
        'tls_cert = "cert.pem"\ntls_key = "key.pem"\nhost_names = "geo.station.example"\nlog_format = "json"\n'
    )
    with served(folder) as (port, _):
        yield folder, port


class TestTls:
    def test_pages_come_by_tls_with_secure_cookies_and_browsers_are_told_to_keep_to_it(self, station):
        folder, port = station
        answer, body = ask(port, "/login", tls=trusting(folder))
        assert answer.status == 200 and b"<form" in body
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "Secure" in answer.headers["Set-Cookie"]

    def test_the_limits_of_the_server_hold_behind_tls(self, station):
        folder, port = station
        tls = trusting(folder)
        assert ask(port, "/login", tls=tls, **{"X-Long": "x" * 40_000})[0].status == 431
        answer, _ = ask(port, "/login", tls=tls, method="POST", **{"Content-Length": str(10**9)})
        assert answer.status == 413

    def test_files_of_the_page_arrive_whole(self, station):
        folder, port = station
        tls = trusting(folder)
        _, page = ask(port, "/login", tls=tls)
        sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.decode())
        assert sheets
        for one in sheets:
            answer, body = ask(port, one, tls=tls)
            assert (answer.status, len(body)) == (200, int(answer.headers["Content-Length"]))

    def test_visitors_who_say_nothing_keep_no_thread_busy(self, station):
        """50 connections without a handshake, and 50 with one and no request: more than there are threads.

        Were a thread waiting for each, the answer would come when they run out of time, in 60 s: `ask` waits for 45.
        """
        folder, port = station
        silent = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(50)]
        tls = trusting(folder)
        shaken = [
            tls.wrap_socket(
                socket.create_connection(("127.0.0.1", port), timeout=30), server_hostname="localhost"
            )
            for _ in range(50)
        ]
        assert ask(port, "/healthz", tls=tls)[0].status == 200
        for one in [*silent, *shaken]:
            one.close()

    def test_names_of_the_settings_pass_and_foreign_ones_do_not(self, station):
        folder, port = station
        tls = trusting(folder)
        assert ask(port, "/healthz", tls=tls, Host="geo.station.example")[0].status == 200
        assert ask(port, "/healthz", tls=tls, Host="evil.example")[0].status == 400

    def test_the_log_names_who_stood_before_the_front_and_no_query(self, station):
        folder, port = station
        with (
            socket.create_connection(("127.0.0.1", port), source_address=("127.0.0.9", 0)) as plain,
            trusting(folder).wrap_socket(plain, server_hostname="localhost") as talk,
        ):
            talk.sendall(
                b"GET /login?next=/secret-place HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            while talk.recv(65536):
                """Until it closes."""
        log = (folder / "logs" / "service.log").read_text(encoding="utf-8")
        lines = [json.loads(one) for one in log.splitlines()]
        mine = [one for one in lines if one.get("address") == "127.0.0.9"]
        assert [(one["method"], one["path"], one["status"]) for one in mine] == [("GET", "/login", 200)]
        assert set(mine[0]) >= {
            "time",
            "level",
            "method",
            "path",
            "status",
            "ms",
            "user",
            "address",
            "request",
        }
        assert "secret-place" not in log

    def test_nobody_comes_round_the_front(self, station):
        """The inner port is open to programs of this computer: without TLS they get no page."""
        folder, port = station
        inner = int((folder / "inner-port").read_text())
        assert inner != port
        answer, body = ask(inner, "/login")
        assert (answer.status, body) == (421, b"use https\n")


def test_tls_files_that_cannot_be_used_are_named(tmp_path):
    settings = Settings(tls_cert="cert.pem", tls_key="key.pem")
    with pytest.raises(InputError, match=r"setting tls_cert: .*cert.pem cannot be read"):
        tls_context(settings, tmp_path)
    certificate(tmp_path)
    context = tls_context(settings, tmp_path)
    assert context is not None and context.minimum_version is ssl.TLSVersion.TLSv1_2
    (tmp_path / "key.pem").write_text("no key")
    with pytest.raises(InputError, match="must be PEM files that belong together"):
        tls_context(settings, tmp_path)
    other = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key.pem").write_bytes(
        other.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"a passphrase"),
        )
    )
    with pytest.raises(InputError, match="without a passphrase"):
        tls_context(settings, tmp_path)


@pytest.mark.parametrize(("proxy", "believed"), [("127.0.0.1", True), ("192.0.2.7", False)])
def test_only_the_proxy_of_the_settings_says_who_asks(tmp_path, proxy, believed):
    folder = tmp_path / "station"
    Workspace.create(folder).close()
    (folder / "config.toml").write_text(f'trusted_proxy = "{proxy}"\nbehind_https = true\n')
    told = {"X-Forwarded-For": "10.1.2.3", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    with served(folder) as (port, _):
        first, _ = ask(port, "/healthz", **told)
        second, _ = ask(port, "/healthz", **{**told, "X-Forwarded-Host": "geo"})
    # a name that is none of ours is refused, and is read only where the proxy is believed
    assert (first.status, second.status) == ((400, 200) if believed else (200, 200))
    assert ("Strict-Transport-Security" in second.headers) == believed
    log = (folder / "logs" / "service.log").read_text(encoding="utf-8")
    assert ("address=10.1.2.3" in log) == believed
    assert ("address=127.0.0.1" in log) != believed


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_is_told_to_stop_finishes_the_answers_that_it_began(tmp_path, tls):
    folder = tmp_path / "station"
    Workspace.create(folder).close()
    if tls:
        certificate(folder)
        (folder / "config.toml").write_text('tls_cert = "cert.pem"\ntls_key = "key.pem"\n')
    got = []
    with served(folder, "slow") as (port, process):
        asking = threading.Thread(
            target=lambda: got.append(ask(port, "/slow", tls=trusting(folder) if tls else None)), daemon=True
        )
        asking.start()
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGTERM)
        process.stdin.write("go on\n")
        process.stdin.flush()
        asking.join(90)
        assert got and got[0][1] == b"x" * 3_000_000
        assert process.stdout.readline() == "ended\n"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), timeout=5)


def test_the_claim_shows_who_serves_and_ends_with_its_holder(tmp_path):
    assert claimed_by(tmp_path) is None
    with claim(tmp_path) as mine:
        assert mine
        assert claimed_by(tmp_path) == str(os.getpid())
        with claim(tmp_path) as second:
            assert not second
        assert claimed_by(tmp_path) == str(os.getpid())
    assert claimed_by(tmp_path) is None


@pytest.mark.slow
def test_the_command_serves_stops_in_order_and_refuses_a_port_in_use(tmp_path):
    folder = tmp_path / "station"
    Workspace.create(folder).close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "geo_service", "--lang", "en", "--workspace", str(folder), "serve", "--port", str(port)]  # fmt: skip
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    timer = threading.Timer(120, process.kill)
    timer.start()
    try:
        assert process.stdout.readline().startswith("There is no account yet")
        assert process.stdout.readline().startswith(f"Serving at http://127.0.0.1:{port}/")
        second = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
        assert (second.returncode, second.stderr.count("\n")) == (2, 1)
        assert "choose another --port" in second.stderr
        assert ask(port, "/healthz")[0].status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        timer.cancel()
        process.kill()
        process.wait(10)
        process.stdout.close()
    assert claimed_by(folder) is None
    log = (folder / "logs" / "service.log").read_text(encoding="utf-8")
    assert "stopping" in log and "GET /healthz 200" in log
