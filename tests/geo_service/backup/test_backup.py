"""A backup is of one moment, in one file, whole or not there; a restore changes nothing before all is verified."""

import datetime as dt
import hashlib
import io
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from contextlib import closing, contextmanager
from pathlib import Path

import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from geo_service.backup import backup_workspace, restore_workspace, restoring, sealing, writing
from geo_service.cli import main
from geo_service.secret import secret_key
from geo_service.settings import Settings
from geo_service.store import schema
from geo_service.store.sample import load_sample
from geo_service.store.tables import LAYER_TABLES
from geo_service.workspace import Workspace
from town_data import sample_town
from town_model import LAYERS, InputError

PHRASE = "六个词组成的口令 correct horse"


@pytest.fixture
def cheap(monkeypatch):
    """Scrypt at a low cost: for tests of everything but the cost."""
    monkeypatch.setattr(sealing, "_COST", {"n": 16, "r": 8, "p": 1})


@pytest.fixture
def village(tmp_path):
    """A workspace with two places, an account and a signing key; returns its folder."""
    with Workspace.create(tmp_path / "town", name="石门镇") as made:
        made.store.place_town(118.78, 32.04, actor="test")
        with made.store.change(actor="test") as change:
            change.insert(
                "place_names",
                [{"name": one, "geometry": shapely.Point(118.78, 32.04)} for one in ("渡口", "桥头")],
            )
        made.accounts.create_user("planner-1", role="planner", password="a long password", actor="test")
        secret_key(made.folder)
    return tmp_path / "town"


@contextmanager
def ended_in(child, seconds=120):
    """Kill a child that does not end by itself: what waits for its output goes on, and fails."""
    timer = threading.Timer(seconds, child.kill)
    timer.start()
    try:
        yield child
    finally:
        timer.cancel()
        child.kill()
        child.wait(10)
        child.stdin.close()
        child.stdout.close()


def tree(folder):
    """Every file below a folder with its hash."""
    return {
        str(one.relative_to(folder)): hashlib.sha256(one.read_bytes()).hexdigest()
        if one.is_file()
        else "folder"
        for one in sorted(folder.rglob("*"))
    }


def dump(database):
    """Every row of every table."""
    with closing(sqlite3.connect(database)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {one: connection.execute(f'SELECT * FROM "{one}" ORDER BY 1').fetchall() for one in names}


def names_of(folder):
    with Workspace.open(folder) as opened:
        return sorted(opened.store.frame("place_names")["name"])


def forge(path, given, /, *, manifest=None, **changed):
    """A zip with a manifest that agrees with the members, but for what is changed."""
    with zipfile.ZipFile(path, "w") as made:
        for name, content in given:
            made.writestr(name, content)
        said = {
            "kind": "geo-service backup",
            "format": 1,
            "program": "0.1.0",
            "schema": "x",
            "created": "2026-01-01T00:00:00+00:00",
            "members": {
                str(getattr(name, "filename", name)): {
                    "size": len(content),
                    "sha256": hashlib.sha256(content).hexdigest(),
                }
                for name, content in given
            },
        } | changed
        made.writestr("manifest.json", json.dumps(said) if manifest is None else manifest)
    return path


def database_of(file):
    with zipfile.ZipFile(file) as opened:
        return opened.read("town.db")


# --- there and back


@pytest.mark.slow
@pytest.mark.parametrize("passphrase", [None, PHRASE])
def test_a_whole_town_comes_back_with_rows_results_accounts_log_and_settings(tmp_path, passphrase):
    folder = tmp_path / "town"
    with Workspace.create(folder) as made:
        store = made.store
        load_sample(store, sample_town(), actor="test")
        with store.change(actor="test", kind="edit") as change:
            change.update("camera_sites", int(store.frame("camera_sites").index[0]), {"mount_height_m": 7.5})
        frame = store.frame("key_areas")[["name", "geometry"]]
        store.save_result("gaps", actor="test", options={"a": 1}, summary={"b": 2}, frames={"pieces": frame})
        store.cache_put({"k": b"visible"})
        made.accounts.create_user("admin-1", role="admin", password="a long password", actor="test")
        key = secret_key(folder)
    (folder / "config.toml").write_text('language = "en"\nport = 8123\n', encoding="utf-8")
    (folder / "pictures").mkdir(exist_ok=True)
    (folder / "pictures" / "3.png").write_bytes(b"scan" * 100_000)
    before = dump(folder / "town.db")

    backup_workspace(folder, tmp_path / "b", passphrase=passphrase)
    assert dump(folder / "town.db") == before, "a backup without an actor leaves the store alone"
    assert before.pop("visible_area_cache"), "computed anew when it is missing"
    done = restore_workspace(tmp_path / "b", tmp_path / "again", passphrase=passphrase, actor="test")

    after = dump(tmp_path / "again" / "town.db")
    assert after.pop("visible_area_cache") == []
    restored = after["audit_entries"].pop()
    assert restored[2:5] == ("test", "restore", "b")
    assert after["audit_entries"] == before["audit_entries"], "with their hashes"
    after["sqlite_sequence"] = before["sqlite_sequence"]  # counts the audit entry
    assert after.pop("audit_head")[0][:3] == (1, restored[0], restored[-1])
    del before["audit_head"]
    assert after == before
    assert {one.name for one in LAYER_TABLES.values()} <= set(after)
    with Workspace.open(folder) as old, Workspace.open(tmp_path / "again") as new:
        for one, declared in LAYERS.items():
            assert new.store.frame(one).equals(old.store.frame(one)), declared
        assert new.store.changes(limit=10**6) == old.store.changes(limit=10**6)
        assert len(new.store.changes(limit=10**6)) > 4000
        pd.testing.assert_frame_equal(
            new.store.latest_result("gaps").frame("pieces"), old.store.latest_result("gaps").frame("pieces")
        )
        assert new.accounts.users() == old.accounts.users()
        assert new.settings == old.settings == Settings(language="en", port=8123)
        assert new.store.check() == []
        assert new.store.verify_audit() == [] and done.audit_faults == ()
        assert done.rows == sum(old.store.count(one) for one in LAYERS)
    assert secret_key(tmp_path / "again") == key
    assert (tmp_path / "again" / "pictures" / "3.png").read_bytes() == b"scan" * 100_000
    assert (done.accounts, done.set_aside) == (1, None)


def test_the_manifest_names_schema_time_and_the_hash_of_each_member(village, tmp_path):
    backup_workspace(village, tmp_path / "b.zip", actor="test")
    with zipfile.ZipFile(tmp_path / "b.zip") as opened:
        assert opened.namelist() == ["town.db", "config.toml", "secret.key", "manifest.json"]
        said = json.loads(opened.read("manifest.json"))
        for name, one in said["members"].items():
            content = opened.read(name)
            assert (one["size"], one["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert said["schema"] == schema.newest_version()
    assert abs(dt.datetime.fromisoformat(said["created"]) - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=5)
    with Workspace.open(village) as opened:
        assert [one.target for one in opened.store.audit_entries(action="backup")] == ["b.zip"]


def test_a_backup_and_what_comes_of_it_are_for_the_owner_alone(village, tmp_path):
    (village / "config.toml").chmod(0o644)
    old = os.umask(0)
    try:
        backup_workspace(village, tmp_path / "b.zip")
        restore_workspace(tmp_path / "b.zip", tmp_path / "again")
    finally:
        os.umask(old)
    places = [tmp_path / "b.zip", tmp_path / "again", *(tmp_path / "again").iterdir()]
    assert {stat.S_IMODE(one.stat().st_mode) & 0o077 for one in places} == {0}


def test_a_store_of_an_older_schema_is_copied_as_it_is(village, tmp_path):
    """So that a backup can be made before an update brings the store to the new schema."""
    with closing(sqlite3.connect(village / "town.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'before'")
    before = dump(village / "town.db")
    assert backup_workspace(village, tmp_path / "b.zip", actor="test").schema == "before"
    assert dump(village / "town.db") == before


def test_sessions_and_one_time_links_do_not_come_back(village, tmp_path):
    """Somebody may have logged out since, or used the link."""
    with closing(sqlite3.connect(village / "town.db")) as connection, connection:
        for name in ("sessions", "invitations"):
            columns = connection.execute(f"PRAGMA table_info({name})").fetchall()
            needed = {one[1]: 1 for one in columns if one[3] and one[4] is None}
            connection.execute(
                f"INSERT INTO {name} ({', '.join(needed)}) VALUES ({', '.join('?' * len(needed))})",
                list(needed.values()),
            )
    backup_workspace(village, tmp_path / "b.zip")
    restore_workspace(tmp_path / "b.zip", tmp_path / "again")
    after = dump(tmp_path / "again" / "town.db")
    assert (after["sessions"], after["invitations"]) == ([], [])


# --- while others write

WRITER = """
import itertools, select, sys, shapely
from geo_service.store import Store
store = Store(sys.argv[1])
for number in itertools.count():
    with store.change(actor="writer") as change:
        change.insert("place_names", [{"name": f"{number}", "geometry": shapely.Point(118.78, 32.04)}] * 2)
    print(number, flush=True)
    if select.select([sys.stdin], [], [], 0)[0]:
        break
store.close()
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="select on a pipe")
def test_a_backup_made_while_a_process_writes_holds_whole_changes_only(village, tmp_path, monkeypatch):
    """The writer stores pairs in one change each: every backup has whole pairs, without a hole, and the log of them."""
    with Workspace.open(village) as opened, opened.store.change(actor="test") as change:
        point = shapely.Point(118.78, 32.04)
        change.insert(
            "place_names", [{"name": "x", "geometry": point}] * 4_000
        )  # so that a copy takes its time
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(village / "town.db")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    pages = []
    monkeypatch.setattr(writing, "_PAGES", 64)
    with ended_in(child), Workspace.open(village) as opened:
        for number in range(4):
            done = (opened.store.count("place_names") - 2 - 4_000) // 2
            while int(child.stdout.readline()) < done + 3:
                """Wait until the writer has gone on since the last backup."""
            backup_workspace(
                village, tmp_path / f"{number}.zip", progress=lambda _done, words: pages.append(str(words))
            )
        out, _ = child.communicate("stop\n", timeout=60)
        assert child.returncode == 0
    written = int(out.split()[-1]) + 1
    assert pages.count("copying the store") > 20, "copied in steps"
    pairs = []
    for number in range(4):
        restore_workspace(tmp_path / f"{number}.zip", tmp_path / f"again-{number}")
        with Workspace.open(tmp_path / f"again-{number}") as opened:
            names = [int(one) for one in opened.store.frame("place_names")["name"] if one.isdigit()]
            assert sorted(names) == sorted([*range(len(names) // 2)] * 2)
            # of the log: two places and the many by the test, all others by the writer
            assert len(opened.store.changes(limit=10**6)) == 2 + 4_000 + len(names)
            assert opened.store.check() == []
            pairs.append(len(names) // 2)
    assert 3 <= pairs[0] < pairs[1] < pairs[2] < pairs[3] <= written, "the writer went on between the backups"


def test_a_copy_is_of_one_moment_even_if_a_writer_comes_in_the_middle(village, tmp_path, monkeypatch):
    """The copy holds the shared lock: a writer between two steps waits, so the copy neither mixes nor starts anew."""
    with Workspace.open(village) as opened, opened.store.change(actor="test") as change:
        change.insert("place_names", [{"name": "x" * 500, "geometry": shapely.Point(118.78, 32.04)}] * 3000)
    refused, tries = [], []

    def meddle(_done, words):
        if str(words) == "copying the store" and len(tries) < 3:
            tries.append(words)
            with closing(sqlite3.connect(village / "town.db", timeout=0)) as other:
                try:
                    other.execute("DELETE FROM users")
                    other.commit()
                except sqlite3.OperationalError as error:
                    refused.append(str(error))

    monkeypatch.setattr(writing, "_PAGES", 50)
    backup_workspace(village, tmp_path / "b.zip", progress=meddle)
    assert refused == ["database is locked"] * 3
    assert restore_workspace(tmp_path / "b.zip", tmp_path / "again").accounts == 1


# --- the seal


def test_the_seal_is_scrypt_and_aes_gcm_as_published(monkeypatch):
    """Opened by hashlib's scrypt and the plain GCM mode, piece by piece, as the layout says."""
    monkeypatch.setattr(sealing, "PIECE", 64)
    target = io.BytesIO()
    content = bytes(range(200))
    sealer = sealing.SealingWriter(target, PHRASE)
    sealer.write(content)
    sealer.finish()
    sealed = target.getvalue()
    head = len(sealing.MAGIC) + 16
    salt, rest = sealed[len(sealing.MAGIC) : head], sealed[head:]
    key = hashlib.scrypt(PHRASE.encode(), salt=salt, n=2**17, r=8, p=1, maxmem=2**28, dklen=32)
    plain = b""
    pieces = [rest[i : i + 80] for i in range(0, len(rest), 80)]
    assert len(pieces) == 4
    for number, piece in enumerate(pieces):
        nonce = number.to_bytes(11, "big") + (b"\x01" if number == 3 else b"\x00")
        opener = Cipher(algorithms.AES(key), modes.GCM(nonce, piece[-16:])).decryptor()
        opener.authenticate_additional_data(sealing.MAGIC)
        plain += opener.update(piece[:-16]) + opener.finalize()
    assert plain == content


@pytest.mark.parametrize("size", [0, 1, 63, 64, 65, 128, 200])
def test_a_sealed_file_opens_whole_and_in_no_other_form(monkeypatch, cheap, size):
    monkeypatch.setattr(sealing, "PIECE", 64)
    content = os.urandom(size)
    target = io.BytesIO()
    sealer = sealing.SealingWriter(target, PHRASE)
    for one in content:
        sealer.write(bytes([one]))
    sealer.finish()
    sealed = target.getvalue()

    def opened(data, phrase=PHRASE):
        out = io.BytesIO()
        sealing.unseal(io.BytesIO(data), out, phrase)
        return out.getvalue()

    assert opened(sealed) == content
    head = len(sealing.MAGIC) + 16
    pieces = [sealed[i : i + 80] for i in range(head, len(sealed), 80)]
    others = [sealed[:cut] for cut in range(len(sealed))]
    others += [sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))]
    others += [sealed + b"x", sealed + pieces[-1]]
    if len(pieces) > 1:
        others.append(sealed[:head] + b"".join([*pieces[1:], pieces[0]]))
        others.append(sealed[:head] + b"".join([pieces[0], *pieces]))
    for one in others:
        with pytest.raises(sealing.SealError):
            opened(one)
    with pytest.raises(sealing.SealError):
        opened(sealed, PHRASE + "x")


def test_two_backups_with_one_passphrase_have_nothing_in_common(village, tmp_path, cheap):
    for name in ("a", "b"):
        backup_workspace(village, tmp_path / name, passphrase=PHRASE)
    one, other = ((tmp_path / name).read_bytes()[len(sealing.MAGIC) :] for name in ("a", "b"))
    assert one[:16] != other[:16]
    assert one[16:80] != other[16:80]
    assert b"SQLite" not in one and b"manifest" not in one


# --- bad input changes nothing


def test_an_audit_record_that_was_altered_is_told_of_when_it_comes_back(village, tmp_path):
    """It is evidence: restored as it is, and said."""
    with closing(sqlite3.connect(village / "town.db")) as connection, connection:
        connection.execute("DROP TRIGGER audit_entries_no_update")
        connection.execute("UPDATE audit_entries SET actor = 'somebody' WHERE id = 1")
    backup_workspace(village, tmp_path / "b.zip")
    report = restore_workspace(tmp_path / "b.zip", tmp_path / "again")
    assert "entry 1 of the audit record was altered" in str(report.audit_faults[0])


def refused(file, folder, words, **options):
    """The restore is refused with these words, and nothing beside or in the workspace has changed."""
    before = tree(folder.parent)
    with pytest.raises(InputError, match=words) as caught:
        restore_workspace(file, folder, replace=True, **options)
    assert len(caught.value.messages) == 1
    assert tree(folder.parent) == before


@pytest.mark.parametrize("sealed", [False, True])
def test_a_cut_file_is_refused(village, tmp_path, cheap, sealed):
    phrase = PHRASE if sealed else None
    backup_workspace(village, tmp_path / "b", passphrase=phrase)
    whole = (tmp_path / "b").read_bytes()
    for length in (0, 3, 30, 100, len(whole) // 2, len(whole) - 30, len(whole) - 1):
        (tmp_path / "b").write_bytes(whole[:length])
        refused(tmp_path / "b", village, "is damaged|is no backup|passphrase of", passphrase=phrase)


@pytest.mark.parametrize("sealed", [False, True])
def test_a_flipped_bit_is_refused_or_changes_nothing_of_the_content(village, tmp_path, cheap, sealed):
    """A zip has bytes without meaning, as the time of a member; a sealed file has none."""
    phrase = PHRASE if sealed else None
    backup_workspace(village, tmp_path / "b", passphrase=phrase)
    whole = (tmp_path / "b").read_bytes()
    table = LAYER_TABLES["place_names"].name
    content = dump(village / "town.db")[table]
    refusals = 0
    for at in {*range(0, len(whole), len(whole) // 40), *range(40), *range(len(whole) - 60, len(whole))}:
        (tmp_path / "b").write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        target = tmp_path / f"again-{at}"
        try:
            restore_workspace(tmp_path / "b", target, passphrase=phrase)
        except InputError:
            refusals += 1
            assert not target.exists()
        else:
            assert not sealed
            assert dump(target / "town.db")[table] == content
    assert refusals > 50
    assert not list(tmp_path.glob(".*"))


def test_a_backup_of_another_make_is_refused(village, tmp_path):
    backup_workspace(village, tmp_path / "b.zip")
    database = database_of(tmp_path / "b.zip")
    member = ("town.db", database)
    link = zipfile.ZipInfo("config.toml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    no_db = tmp_path / "other.db"
    with closing(sqlite3.connect(no_db)) as connection:
        connection.execute("CREATE TABLE rows (id)")
    broken = bytearray(database)
    broken[3 * 4096 : 4 * 4096] = b"\xff" * 4096
    wrong = {"town.db": {"size": len(database), "sha256": "0" * 64}}
    lying = {"town.db": {"size": 10, "sha256": hashlib.sha256(database).hexdigest()}}
    cases = [
        (forge(tmp_path / "1.zip", [member], kind="another"), "no backup of this program"),
        (forge(tmp_path / "2.zip", [member], format=2), "has format 2"),
        (forge(tmp_path / "3.zip", [member, ("../evil", b"x")]), "damaged"),
        (forge(tmp_path / "4.zip", [member, ("/evil", b"x")]), "damaged"),
        (forge(tmp_path / "5.zip", [member, ("exports/evil.py", b"x")]), "damaged"),
        (forge(tmp_path / "6.zip", [("config.toml", b"")]), "damaged"),
        (forge(tmp_path / "7.zip", [member], members=wrong), "damaged"),
        (forge(tmp_path / "8.zip", [member], members=lying), "damaged"),
        (forge(tmp_path / "9.zip", [member], members={}), "damaged"),
        (forge(tmp_path / "10.zip", [member], members=[1]), "damaged"),
        (forge(tmp_path / "11.zip", [member], created="yesterday"), "damaged"),
        (forge(tmp_path / "12.zip", [member, ("config.toml", b"#" * (1 << 21))]), "damaged"),
        (forge(tmp_path / "22.zip", [member, ("pictures/../town.db", b"x")]), "damaged"),
        (forge(tmp_path / "23.zip", [member, ("pictures/.hidden", b"x")]), "damaged"),
        (forge(tmp_path / "24.zip", [member, ("pictures/a.png", b"x"), ("pictures/A.png", b"x")]), "damaged"),
        (forge(tmp_path / "25.zip", [member, ("pictures/", b"x")]), "damaged"),
        (forge(tmp_path / "13.zip", [member], manifest="{"), "damaged"),
        (forge(tmp_path / "14.zip", [member], manifest="[" * 60_000), "damaged"),
        (forge(tmp_path / "15.zip", [member], manifest=" " * 100_000), "damaged"),
        (forge(tmp_path / "16.zip", [("town.db", b"no database" * 1000)]), "damaged"),
        (forge(tmp_path / "17.zip", [("town.db", bytes(broken))]), "damaged"),
        (forge(tmp_path / "18.zip", [("town.db", no_db.read_bytes())]), "another program"),
    ]
    plain = tmp_path / "19.zip"
    with zipfile.ZipFile(plain, "w") as made:
        made.writestr("town.db", database)
    text = tmp_path / "20.zip"
    text.write_text("hello")
    for file, words in [*cases, (plain, "no backup"), (text, "no backup"), (tmp_path / "absent", "no file")]:
        refused(file, village, words)
    # a link is taken as a file with the link's words in it: nothing is followed
    forge(tmp_path / "21.zip", [member, (link, b"/etc/passwd")])
    restore_workspace(tmp_path / "21.zip", tmp_path / "linked")
    assert not (tmp_path / "linked" / "config.toml").is_symlink()


def test_two_members_of_one_name_are_refused(village, tmp_path):
    backup_workspace(village, tmp_path / "b.zip")
    database = database_of(tmp_path / "b.zip")
    with pytest.warns(UserWarning, match="Duplicate"):
        forge(tmp_path / "twice.zip", [("town.db", b"other"), ("town.db", database)])
    refused(tmp_path / "twice.zip", village, "damaged")


def test_a_store_of_a_newer_program_or_without_our_tables_is_refused(village, tmp_path):
    backup_workspace(village, tmp_path / "b.zip")
    for statement, words in (
        ("UPDATE alembic_version SET version_num = 'v9999'", "newer version"),
        ("DROP TABLE users", "damaged"),
    ):
        (tmp_path / "x.db").write_bytes(database_of(tmp_path / "b.zip"))
        with closing(sqlite3.connect(tmp_path / "x.db")) as connection, connection:
            connection.execute(statement)
        refused(forge(tmp_path / "x.zip", [("town.db", (tmp_path / "x.db").read_bytes())]), village, words)


def test_the_passphrase_must_be_right_long_and_asked_for(village, tmp_path, cheap):
    with pytest.raises(InputError, match="at least 12"):
        backup_workspace(village, tmp_path / "b", passphrase="short")
    assert not (tmp_path / "b").exists()
    backup_workspace(village, tmp_path / "b", passphrase=PHRASE)
    refused(tmp_path / "b", village, "passphrase of .* is wrong", passphrase="another passphrase")
    refused(tmp_path / "b", village, "sealed with a passphrase")
    backup_workspace(village, tmp_path / "plain.zip")
    refused(tmp_path / "plain.zip", village, "is not sealed", passphrase=PHRASE)


def test_too_small_a_disk_is_noticed_before_anything_is_written(village, tmp_path, monkeypatch):
    backup_workspace(village, tmp_path / "b.zip")
    usage = restoring.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(restoring.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    refused(tmp_path / "b.zip", village, "make room")


def test_a_damaged_store_is_not_backed_up_in_silence(village, tmp_path):
    data = bytearray((village / "town.db").read_bytes())
    data[3 * 4096 : 4 * 4096] = b"\xff" * 4096
    (village / "town.db").write_bytes(data)
    (tmp_path / "b.zip").write_bytes(b"the last good one")
    with pytest.raises(InputError, match="damaged"):
        backup_workspace(village, tmp_path / "b.zip", overwrite=True)
    assert (tmp_path / "b.zip").read_bytes() == b"the last good one"
    assert not list(tmp_path.glob(".geo*"))


def test_a_file_that_is_there_or_cannot_be_is_refused(village, tmp_path):
    (tmp_path / "b.zip").write_bytes(b"mine")
    for out, words in (
        (tmp_path / "b.zip", "--overwrite"),
        (tmp_path / "none" / "b.zip", "no folder"),
        (village / "town.db", "own files"),
    ):
        with pytest.raises(InputError, match=words):
            backup_workspace(village, out, overwrite=words == "own files")
    assert (tmp_path / "b.zip").read_bytes() == b"mine"
    with pytest.raises(InputError, match="is no workspace"):
        backup_workspace(tmp_path, tmp_path / "c.zip")


# --- replacing


def test_a_workspace_is_replaced_only_on_demand_and_kept_aside(village, tmp_path):
    backup_workspace(village, tmp_path / "b.zip")
    with Workspace.open(village) as opened, opened.store.change(actor="test") as change:
        change.insert("place_names", [{"name": "新", "geometry": shapely.Point(118.78, 32.04)}])
    before = tree(village)
    with pytest.raises(InputError, match="--replace"):
        restore_workspace(tmp_path / "b.zip", village)
    assert tree(village) == before
    for _ in range(2):  # also twice within a second
        report = restore_workspace(tmp_path / "b.zip", village, replace=True)
        assert names_of(village) == ["桥头", "渡口"]
    asides = sorted(tmp_path.glob("town.before-restore-*"))
    assert len(asides) == 2
    assert tree(asides[0]) == before
    assert report.set_aside in asides


def test_folders_that_are_no_workspace_are_never_moved(village, tmp_path):
    backup_workspace(village, tmp_path / "b.zip")
    other = tmp_path / "documents"
    other.mkdir()
    report = restore_workspace(tmp_path / "b.zip", other)  # an empty folder is free
    assert report.set_aside is None
    assert names_of(other) == ["桥头", "渡口"]
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "letter.txt").write_text("x")
    refused(tmp_path / "b.zip", precious, "holds other files")


def test_the_old_workspace_comes_back_if_the_last_step_fails(village, tmp_path, monkeypatch):
    backup_workspace(village, tmp_path / "b.zip")
    rename, calls = os.rename, []

    def failing(source, target):
        calls.append(target)
        if len(calls) == 2:
            raise PermissionError(13, "Permission denied")
        rename(source, target)

    monkeypatch.setattr(restoring.os, "rename", failing)
    refused(tmp_path / "b.zip", village, "Permission denied; everything is as it was")
    assert len(calls) == 3


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks at /proc")
def test_a_workspace_that_another_process_has_open_is_not_replaced(village, tmp_path):
    """That process would go on writing into the folder that was moved aside."""
    backup_workspace(village, tmp_path / "b.zip")
    code = "import sys\nfrom geo_service.store import Store\nstore = Store(sys.argv[1])\nprint(store.revision(), flush=True)\ninput()"
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(village / "town.db")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with ended_in(child):
        child.stdout.readline()
        refused(tmp_path / "b.zip", village, f"in use by process {child.pid}")
        child.communicate("\n", timeout=60)
    assert restore_workspace(tmp_path / "b.zip", village, replace=True).rows == 2


# --- killed

KILLED = """
import os, signal, sys
from pathlib import Path
from geo_service.backup import backup_workspace, restore_workspace, sealing
sealing._COST = {"n": 16, "r": 8, "p": 1}
what, point, first, second, phrase = sys.argv[1:6]
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
def told(done, words):
    if str(words) == point:
        die()
calls = []
def dying(real, at):
    def call(*given):
        calls.append(given)
        if len(calls) == at:
            die()
        return real(*given)
    return call
if point == "replace":
    os.replace = dying(os.replace, 1)
if point in ("rename 1", "rename 2"):
    os.rename = dying(os.rename, int(point[-1]))
if what == "backup":
    backup_workspace(first, second, passphrase=phrase, overwrite=True, actor="test", progress=told)
else:
    restore_workspace(first, second, passphrase=phrase, replace=True, progress=told)
"""


def kill(what, point, first, second):
    child = subprocess.run(
        [sys.executable, "-c", KILLED, what, point, str(first), str(second), PHRASE],
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert child.returncode == -signal.SIGKILL, child.stderr


needs_kill = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs SIGKILL")


@needs_kill
@pytest.mark.slow
@pytest.mark.parametrize("point", ["copying the store", "checking the copy", "packing", "replace"])
def test_a_killed_backup_leaves_no_file_of_that_name_and_an_older_one_as_it_was(
    village, tmp_path, cheap, point
):
    kill("backup", point, village, tmp_path / "b")
    assert not (tmp_path / "b").exists()
    (tmp_path / "b").write_bytes(b"older")
    kill("backup", point, village, tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"older"
    assert names_of(village) == ["桥头", "渡口"]
    # outside the workspace nothing in plain was left, and a day later the rest is cleared away
    assert all(b"SQLite" not in one.read_bytes() for one in tmp_path.iterdir() if one.is_file())
    left = [*tmp_path.glob(".geo-backup-*"), *(village / "backups").glob(".snapshot-*")]
    assert len(left) >= 2
    for one in left:
        os.utime(one, (0, 0))
    backup_workspace(village, tmp_path / "b", passphrase=PHRASE, overwrite=True)
    assert not [one for one in left if one.exists()]
    restore_workspace(tmp_path / "b", tmp_path / "again", passphrase=PHRASE)
    assert names_of(tmp_path / "again") == ["桥头", "渡口"]


@needs_kill
@pytest.mark.slow
@pytest.mark.parametrize(
    "point", ["opening the seal", "unpacking", "checking the store", "rename 1", "rename 2"]
)
def test_a_killed_restore_leaves_the_old_workspace_whole(village, tmp_path, cheap, point):
    backup_workspace(village, tmp_path / "b", passphrase=PHRASE)
    (village / "exports" / "list.csv").write_text("x")
    before = tree(village)
    kill("restore", point, tmp_path / "b", village)
    if (
        point == "rename 2"
    ):  # between the two names: the old one is aside, whole, and a further restore goes through
        (aside,) = tmp_path.glob("town.before-restore-*")
        assert not village.exists()
        assert tree(aside) == before
    else:
        assert tree(village) == before
    (staging,) = tmp_path.glob(".town.restore-*")
    assert stat.S_IMODE(staging.stat().st_mode) == 0o700
    os.utime(staging, (0, 0))
    restore_workspace(tmp_path / "b", village, passphrase=PHRASE, replace=True)
    assert names_of(village) == ["桥头", "渡口"]
    assert not staging.exists()


# --- the commands


@pytest.fixture
def run(village):
    def call(*words, stdin=None, folder=village):
        done = CliRunner().invoke(main, ["--workspace", str(folder), *map(str, words)], input=stdin)
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.stdout, done.stderr

    return call


def test_the_commands_back_up_and_restore_with_a_passphrase_from_the_input(run, village, tmp_path):
    code, out, _ = run("backup", "--passphrase-stdin", "--json", stdin=f"{PHRASE}\r\n")
    assert code == 0
    said = json.loads(out)
    assert said["sealed"]
    assert said["schema"] == schema.newest_version()
    file = tmp_path / "b"
    (village / "backups" / Path(said["file"]).name).rename(file)
    code, out, _ = run(
        "restore", file, "--passphrase-stdin", "--json", stdin=PHRASE, folder=tmp_path / "again"
    )
    assert (code, json.loads(out)["rows"], json.loads(out)["accounts"]) == (0, 2, 1)
    with Workspace.open(tmp_path / "again") as opened:
        assert opened.store.audit_entries(action="restore")[0].actor.startswith("cli:")
        assert len(opened.store.audit_entries(action="backup")) == 1


def test_bad_input_ends_with_exit_2_and_one_message_in_either_language(run, village, tmp_path):
    assert run("backup", tmp_path / "b.zip")[0] == 0
    before = tree(village)
    code, _, err = run("restore", tmp_path / "b.zip")
    assert (code, err.count("\n")) == (2, 1)
    assert "已是工作区" in err
    code, _, err = run("--lang", "en", "restore", tmp_path / "b.zip")
    assert (code, err.count("\n")) == (2, 1)
    assert "is a workspace already: add --replace" in err
    code, out, _ = run(
        "--json", "restore", tmp_path / "b.zip", "--replace", "--passphrase-stdin", stdin="any words\n"
    )
    assert code == 2
    assert "没有加密" in json.loads(out)["error"][0]
    assert run("restore", tmp_path / "b.zip", "--replace", "--passphrase-stdin", stdin="\n")[0] == 2
    assert tree(village) == before
    code, out, _ = run("restore", tmp_path / "b.zip", "--replace")
    assert code == 0
    assert "原工作区保存在" in out
