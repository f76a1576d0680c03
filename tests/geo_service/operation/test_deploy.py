"""The samples for systemd, Windows, Docker and proxies say what the manual says of them."""

import configparser
import re
import shlex
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

DEPLOY = Path(__file__).resolve().parents[3] / "deploy"
UNIT = DEPLOY / "systemd" / "geo-service.service"


def unit():
    parsed = configparser.ConfigParser(strict=True, interpolation=None, delimiters=("=",))
    parsed.optionxform = str
    parsed.read_string(UNIT.read_text(encoding="utf-8"))
    return parsed


def test_the_unit_runs_unprivileged_stops_in_order_and_may_write_its_data_alone():
    service = unit()["Service"]
    assert service["User"] == "geo-service"
    assert (service["KillSignal"], service["KillMode"]) == ("SIGTERM", "mixed")
    # the server drains for 10 s, the worker has 15 s to end
    assert int(service["TimeoutStopSec"]) > 25
    assert service["ProtectSystem"] == "strict"
    data = service["ReadWritePaths"]
    assert service["Environment"] == f"GEO_SERVICE_WORKSPACE={data}/town"
    assert service["UMask"] == "0077"


def test_systemd_accepts_the_unit(tmp_path):
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        assert set(unit().sections()) == {"Unit", "Service", "Install"}
        return
    words = UNIT.read_text(encoding="utf-8").replace("/opt/geo-service/start.sh", "/bin/true")
    (tmp_path / "geo-service.service").write_text(
        words.replace("User=geo-service", "User=daemon"), encoding="utf-8"
    )
    done = subprocess.run(
        [analyze, "verify", str(tmp_path / "geo-service.service")],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_the_task_of_windows_starts_with_the_computer_again_and_without_a_time_limit():
    root = ET.parse(DEPLOY / "windows" / "geo-service-task.xml").getroot()
    space = {"t": "http://schemas.microsoft.com/windows/2004/02/mit/task"}

    def said(path):
        return root.find(path, space).text

    assert root.find("t:Triggers/t:BootTrigger", space) is not None
    assert said("t:Settings/t:ExecutionTimeLimit") == "PT0S"
    assert said("t:Settings/t:MultipleInstancesPolicy") == "IgnoreNew"
    assert said("t:Settings/t:RestartOnFailure/t:Interval") == "PT1M"
    # LOCAL SERVICE, the least of the accounts that Windows brings
    assert said("t:Principals/t:Principal/t:UserId") == "S-1-5-19"
    assert said("t:Actions/t:Exec/t:Command").endswith("start.bat")


def test_the_image_is_pinned_fetches_nothing_and_does_not_run_as_root():
    text = re.sub(r"\\\n", " ", (DEPLOY / "docker" / "Dockerfile").read_text(encoding="utf-8"))
    lines = [one.strip() for one in text.splitlines() if one.strip() and not one.startswith("#")]
    known = {
        "FROM",
        "RUN",
        "COPY",
        "USER",
        "WORKDIR",
        "ENV",
        "VOLUME",
        "EXPOSE",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
    }
    steps = [one.split(maxsplit=1) for one in lines]
    assert {one for one, _ in steps} <= known
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+(@sha256:[0-9a-f]{64})?", steps[0][1])
    names = [one for one, _ in steps]
    assert names.index("USER") < names.index("ENTRYPOINT")
    assert dict(steps)["USER"] not in {"root", "0"}
    for name, words in steps:
        if name == "RUN":
            assert not re.search(r"\b(curl|wget|apt|apt-get|git|pip)\b", words)
            shlex.split(words)
    assert dict(steps)["STOPSIGNAL"] == "SIGTERM"


@pytest.mark.parametrize("name", ["nginx.conf", "Caddyfile"])
def test_the_proxies_say_themselves_who_asks_and_pass_on_no_claim(name):
    words = (DEPLOY / "proxy" / name).read_text(encoding="utf-8")
    plain = re.sub(r"#.*", "", words)
    assert plain.count("{") == plain.count("}")
    for header in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host"):
        assert header in plain
    assert "proxy_add_x_forwarded_for" not in plain, "that would append to what the browser claims"
    assert "127.0.0.1:8000" in plain
