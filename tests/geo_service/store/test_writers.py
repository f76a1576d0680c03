"""Several processes and threads at once, and one that is killed in the middle."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
import shapely

from geo_service.store import Store, StoreBusyError

from .conftest import LAT, LON

POINT = shapely.Point(LON, LAT)
WRITER = """
import sys, shapely
from geo_service.store import Store
store = Store(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    with store.change(actor=sys.argv[2]) as change:
        change.insert("place_names", [{"name": f"{sys.argv[2]}{number}", "geometry": shapely.Point(118.78, 32.04)}])
store.close()
"""
HALF_DONE = """
import sys, shapely
from geo_service.store import Store
store = Store(sys.argv[1])
with store.change(actor="killed", kind="import") as change:
    change.insert("place_names", [{"name": f"半{n}", "geometry": shapely.Point(118.78, 32.04)} for n in range(20000)])
    change.delete("place_names", 1)
    print("inside", flush=True)
    sys.stdin.readline()
"""


def start(code, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_two_processes_write_at_once_and_nothing_is_lost_or_mixed(store):
    writers = [start(WRITER, store.path, name) for name in ("a", "b")]
    for one in writers:
        assert one.stdout.readline() == "ready\n"
    for one in writers:
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in writers:
        one.communicate()
        assert one.returncode == 0
    frame = store.frame("place_names")
    assert sorted(frame["name"]) == sorted(f"{name}{number}" for name in "ab" for number in range(20))
    assert frame["revision"].is_unique, "each change is a batch of its own"
    assert store.check() == []


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_process_killed_inside_a_change_leaves_the_store_as_it_was(store):
    with store.change(actor="a") as change:
        change.insert("place_names", [{"name": "渡口", "geometry": POINT}])
    before = store.frame("place_names")
    child = start(HALF_DONE, store.path)
    assert child.stdout.readline() == "inside\n"
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    again = Store(store.path)
    assert again.frame("place_names").equals(before)
    assert again.revision() == 1
    assert again.check() == []
    with again.change(actor="a") as change:
        assert change.insert("place_names", [{"name": "桥", "geometry": POINT}]) == [2]
    again.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")
def test_a_process_killed_while_it_commits_leaves_all_or_nothing(store):
    """A hot journal on the disk is rolled back by the next reader."""
    with store.change(actor="a") as change:
        change.insert("place_names", [{"name": "渡口", "geometry": POINT}])
    code = """
import os, signal, sys
import sqlite3
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA cache_size = 5")
connection.execute("PRAGMA cache_spill = 1")
connection.execute("BEGIN IMMEDIATE")
connection.executemany("INSERT INTO audit_entries (at, actor, action, target, address) VALUES ('2026-01-01', ?, '', '', '')", [("x" * 500,)] * 5000)
print("inside", flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    child = start(code, store.path)
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    assert store.path.with_name("town.db-journal").stat().st_size > 0, (
        "the pages were on their way to the file"
    )
    again = Store(store.path)
    assert again.audit_entries(action="") == []
    assert again.check() == []
    again.close()


def test_threads_write_and_read_at_once(store):
    faults = []

    def write(name):
        try:
            for number in range(10):
                with store.change(actor=name) as change:
                    change.insert("place_names", [{"name": f"{name}{number}", "geometry": POINT}])
                assert store.frame("place_names")["name"].str.startswith(name).sum() == number + 1
        except Exception as error:  # noqa: BLE001 - reported by the main thread
            faults.append(error)

    threads = [threading.Thread(target=write, args=(f"线{n}-",)) for n in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert faults == []
    assert store.count("place_names") == 60


def test_readers_go_on_while_a_large_change_is_open_and_see_the_town_before_it(store):
    with store.change(actor="a") as change:
        change.insert("place_names", [{"name": f"{n}", "geometry": POINT} for n in range(20_000)])
        start_s = time.monotonic()
        assert store.count("place_names") == 0
        assert time.monotonic() - start_s < 5, "a reader must not wait for the lock of 30 s"
    assert store.count("place_names") == 20_000


def test_a_writer_that_waits_too_long_is_told_so(tmp_path):
    store = Store(tmp_path / "town.db", busy_timeout_s=0.1)
    other = sqlite3.connect(store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusyError, match="busy"):
        store.audit("a", "view")
    other.execute("ROLLBACK")
    other.close()
    store.audit("a", "view")
    store.close()


def test_a_change_inside_a_change_of_the_same_thread_is_a_fault_of_the_program(store):
    with (
        store.change(actor="a"),
        pytest.raises(RuntimeError, match="open in this thread"),
        store.change(actor="b"),
    ):
        pass


@pytest.mark.slow
def test_two_processes_may_make_and_open_the_same_store_at_once(tmp_path):
    code = "import sys; from geo_service.store import Store; Store(sys.argv[1]).close()"
    children = [start(code, tmp_path / "town.db") for _ in range(3)]
    for one in children:
        one.communicate()
    assert [one.returncode for one in children] == [0, 0, 0]
    store = Store(tmp_path / "town.db")
    assert store.check() == []
    store.close()
