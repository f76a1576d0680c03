"""The audit record: tampering of every kind shows, pruning does not disturb, two writers do not break the chain."""

import datetime as dt
import hashlib
import hmac
import sqlite3
import threading

import pytest
import shapely
from alembic import command

from geo_service.doctor import examine
from geo_service.secret import FILE
from geo_service.store import AuditQuery, Store, schema
from geo_service.store.audit_chain import GENESIS
from geo_service.store.database import open_engine
from town_model import InputError

from .conftest import LAT, LON

POINT = shapely.Point(LON, LAT)


@pytest.fixture
def kept(store):
    """A record of ten entries; the first is the placing of the town."""
    for number in range(9):
        store.audit(f"user-{number}", "view_gaps", f"/gaps?page={number}", "10.0.0.8")
    assert len(store.audit_entries()) == 10
    assert store.verify_audit() == []
    return store


def tamper(store, *statements):
    """Write into the file as somebody would who has it, triggers taken away, but not the key."""
    raw = sqlite3.connect(store.path)
    for name in ("audit_entries_no_update", "audit_entries_no_delete"):
        raw.execute(f"DROP TRIGGER {name}")
    for one in statements:
        raw.execute(one)
    raw.commit()
    raw.close()


def said(store):
    return " | ".join(str(one.template).format(**one.params) for one in store.verify_audit())


def test_the_hash_is_that_of_content_and_hash_before(store):
    """Computed here anew from the rule: kind, length and bytes of each field behind the hash before."""
    store.audit("规划员", "export_gaps", "xlsx", "10.0.0.8")
    raw = sqlite3.connect(store.path)
    rows = raw.execute(
        "SELECT id, at, actor, action, target, address, hash FROM audit_entries ORDER BY id"
    ).fetchall()
    sealed = raw.execute("SELECT entry, hash, seal FROM audit_head").fetchall()
    raw.close()
    before = GENESIS
    for *content, mark in rows:
        octets = [str(one).encode() for one in content]
        kinds = [b"integer"] + [b"text"] * 5
        body = b"".join(b"|%s:%d:%s" % (kind, len(one), one) for kind, one in zip(kinds, octets, strict=True))
        before = hashlib.sha256(before.encode() + body).hexdigest()
        assert before == mark
    secret = (store.path.parent / FILE).read_text().strip().encode()
    key = hmac.new(secret, b"geo-service audit record", "sha256").digest()
    assert sealed == [(2, before, hmac.new(key, f"head|2|{before}".encode(), "sha256").hexdigest())]


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'somebody'",
        "action = 'log_in'",
        "target = ''",
        "address = '10.0.0.9'",
        "at = '2026-01-01 00:00:00.000000'",
        "target = 5",
        "target = X'FF'",
        "hash = ''",
        "id = 50",
    ],
)
def test_a_change_of_any_field_shows(kept, change):
    tamper(kept, f"UPDATE audit_entries SET {change} WHERE id = 5")
    assert "entry 5 " in said(kept) or "entries 5 to 5" in said(kept)


def test_text_moved_from_one_field_into_the_next_shows(kept):
    tamper(kept, "UPDATE audit_entries SET actor = actor || action, action = '' WHERE id = 5")
    assert "entry 5 " in said(kept)


@pytest.mark.parametrize(
    ("rows", "words"),
    [("id = 1", "entries 1 to 1"), ("id IN (4, 5)", "entries 4 to 5"), ("id = 10", "ends with entry 9")],
)
def test_removed_entries_show(kept, rows, words):
    tamper(kept, f"DELETE FROM audit_entries WHERE {rows}")
    assert words in said(kept)


def test_an_emptied_record_shows(kept):
    tamper(kept, "DELETE FROM audit_entries", "DELETE FROM audit_head")
    assert "end of the audit record was removed" in said(kept)


def test_swapped_entries_show(kept):
    tamper(
        kept,
        "UPDATE audit_entries SET id = 99 WHERE id = 4",
        "UPDATE audit_entries SET id = 4 WHERE id = 5",
        "UPDATE audit_entries SET id = 5 WHERE id = 99",
    )
    assert "entry 4 " in said(kept) and "entry 5 " in said(kept)


def test_an_entry_put_in_shows_and_does_not_stop_the_record(kept):
    tamper(
        kept,
        "INSERT INTO audit_entries (at, actor, action, target, address, hash) VALUES ('2026-01-01', 'x', 'y', '', '', 'z')",
    )
    kept.audit("a", "view_gaps")
    assert "entry 11 " in said(kept)


def test_a_chain_laid_anew_without_the_key_shows(kept):
    """The last entry goes and the noted end is moved back to the one before: only the seal tells."""
    tamper(
        kept,
        "DELETE FROM audit_entries WHERE id = 10",
        "UPDATE audit_head SET entry = 9, hash = (SELECT hash FROM audit_entries WHERE id = 9)",
    )
    assert said(kept).startswith("the seal of the audit record at entry 9 does not hold")
    kept.audit("a", "view_gaps")
    assert "does not hold" in said(kept), "going on must not hide it"


def test_a_cut_end_stays_visible_when_more_is_added(kept):
    tamper(kept, "DELETE FROM audit_entries WHERE id > 7")
    kept.audit("a", "view_gaps")
    assert "entries 8 to 10 of the audit record are missing" in said(kept)


def test_a_long_list_of_faults_is_cut_with_its_count(kept):
    for _ in range(30):
        kept.audit("a", "view_gaps")
    tamper(kept, "UPDATE audit_entries SET hash = ''")
    assert len(kept.verify_audit()) == 21 and "more faults" in said(kept)


def test_a_replaced_key_shows_until_the_record_is_sealed_anew_by_name(kept):
    (kept.path.parent / FILE).unlink()
    assert "is gone" in said(kept)
    kept.audit("a", "view_gaps")  # makes another key, as the server does
    assert "does not hold" in said(kept)
    kept.reseal_audit(actor="admin-1")
    assert kept.verify_audit() == []
    assert kept.audit_entries(limit=1)[0].action == "audit_resealed"


def test_sealing_anew_does_not_mend_entries(kept):
    tamper(kept, "UPDATE audit_entries SET actor = 'x' WHERE id = 5")
    kept.reseal_audit(actor="admin-1")
    assert "entry 5 " in said(kept)


class TestPruning:
    @pytest.fixture
    def old(self, kept):
        """The first six of ten entries are 200 days old."""
        now = dt.datetime.now(dt.UTC)
        kept.prune_audit(1, now=now)
        assert len(kept.audit_entries()) == 10, "nothing is old yet"
        return kept, now + dt.timedelta(days=200)

    def test_old_entries_go_and_the_rest_holds(self, old):
        store, later = old
        assert store.prune_audit(190, now=later) == 10
        assert [one.action for one in store.audit_entries()] == ["audit_pruned"]
        store.audit("a", "view_gaps")
        assert store.verify_audit() == []
        assert [one.id for one in store.audit_entries()] == [12, 11]

    def test_entries_within_the_days_stay(self, old):
        store, later = old
        assert store.prune_audit(201, now=later) == 0
        assert len(store.audit_entries()) == 10 and store.verify_audit() == []

    def test_only_the_old_part_goes(self, workspace):
        store = workspace.store
        moment = dt.datetime.now(dt.UTC)
        first = store.audit_entries()[0].at
        store.audit("a", "view_gaps")
        assert store.prune_audit(1, now=first + dt.timedelta(days=1, microseconds=1)) == 1
        assert [one.action for one in store.audit_entries()] == ["audit_pruned", "view_gaps"]
        assert store.verify_audit() == [] and moment.tzinfo is not None

    def test_twice_pruned_holds_and_a_forged_checkpoint_shows(self, old):
        store, later = old
        store.prune_audit(190, now=later)
        store.audit("a", "view_gaps")
        store.prune_audit(190, now=later)
        assert store.verify_audit() == []
        tamper(store, "UPDATE audit_checkpoints SET entry = entry + 1")
        assert "does not hold" in said(store)

    def test_a_removed_checkpoint_shows(self, old):
        store, later = old
        store.prune_audit(190, now=later)
        tamper(store, "DELETE FROM audit_checkpoints")
        assert "entries 1 to 10 of the audit record are missing" in said(store)

    def test_entries_beyond_the_checkpoint_cannot_be_deleted(self, old):
        store, later = old
        store.prune_audit(190, now=later)
        raw = sqlite3.connect(store.path)
        try:
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                raw.execute("DELETE FROM audit_entries")
        finally:
            raw.close()

    def test_nothing_is_removed_from_a_record_that_does_not_hold(self, old):
        store, later = old
        tamper(store, "UPDATE audit_entries SET actor = 'x' WHERE id = 5")
        with pytest.raises(InputError, match="entry 5"):
            store.prune_audit(190, now=later)
        assert len(store.audit_entries()) == 10

    def test_a_store_prunes_by_itself_when_something_is_noted(self, tmp_path, monkeypatch):
        from geo_service.store import audit

        store = Store(tmp_path / "town.db", audit_days=190)
        past = dt.datetime.now(dt.UTC).replace(tzinfo=None) - dt.timedelta(days=191)
        with monkeypatch.context() as patch, store.writing() as connection:
            patch.setattr(audit, "now_utc", lambda: past)
            audit.add(connection, actor="a", action="log_in")
        store.audit("b", "log_in")
        assert [one.action for one in store.audit_entries()] == ["audit_pruned", "log_in"]
        assert [one.actor for one in store.audit_entries()] == ["system", "b"]
        assert store.verify_audit() == []
        store.close()


def test_an_older_store_is_chained_when_it_is_opened(tmp_path):
    """As a workspace of the first schema: entries without hashes, none of the new tables."""
    engine = open_engine(tmp_path / "town.db")
    with engine.execution_options(write=True).begin() as connection:
        command.upgrade(schema._config(connection), "0001")
        for name in ("a", "b", "c"):
            connection.exec_driver_sql(
                "INSERT INTO audit_entries (at, actor, action, target, address) VALUES ('2026-05-04 08:00:00.000000', ?, 'log_in', '', '')",
                (name,),
            )
    engine.dispose()
    store = Store(tmp_path / "town.db")
    assert [one.actor for one in store.audit_entries()] == ["c", "b", "a"]
    assert store.verify_audit() == []
    store.audit("d", "log_in")
    assert store.verify_audit() == []
    tamper(store, "UPDATE audit_entries SET actor = 'x' WHERE id = 2")
    assert "entry 2 " in said(store)
    store.close()


def test_two_writers_make_one_chain(store):
    other = Store(store.path)
    faults = []

    def write(which, name):
        try:
            for number in range(25):
                which.audit(name, "view_gaps", str(number))
        except Exception as error:  # noqa: BLE001 - reported by the main thread
            faults.append(error)

    threads = [
        threading.Thread(target=write, args=pair) for pair in ((store, "a"), (other, "b"), (store, "c"))
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert faults == []
    entries = store.audit_entries(action="view_gaps", limit=None)
    assert sorted((one.actor, int(one.target)) for one in entries) == [
        (name, number) for name in "abc" for number in range(25)
    ]
    assert [one.id for one in entries] == list(range(76, 1, -1))
    assert store.verify_audit() == []
    other.close()


def test_each_batch_of_changes_leaves_one_entry_and_a_failed_one_none(store):
    with store.change(actor="planner-1") as change:
        change.insert("place_names", [{"name": "渡口", "geometry": POINT}, {"name": "桥", "geometry": POINT}])
        change.insert("camera_models", [{"name": "筒机"}])
    store.undo(change.batch_id, actor="planner-2")
    with pytest.raises(InputError), store.change(actor="planner-3") as failed:
        [failed.insert("camera_models", [{"name": one}]) for one in ("球机", None)]
    with store.change(actor="planner-4"):
        pass
    entries = store.audit_entries(action="change")
    assert [(one.actor, one.target) for one in entries] == [
        ("planner-2", "#2 undo of #1: camera_models delete 1, place_names delete 2"),
        ("planner-1", "#1 edit: camera_models insert 1, place_names insert 2"),
    ]
    assert store.verify_audit() == []


def test_filters_and_pages_count_alike(kept):
    since = kept.audit_entries(actor="user-4")[0].at
    query = AuditQuery(action="view_gaps", since=since)
    assert kept.audit_count(query) == 5
    assert [one.actor for one in kept.audit_entries(action="view_gaps", since=since, limit=2, offset=2)] == [
        "user-6",
        "user-5",
    ]
    assert kept.audit_count(AuditQuery(until=since)) == 5
    actors, actions = kept.audit_known()
    assert actors == ["tester", *(f"user-{n}" for n in range(9))] and actions == ["place_town", "view_gaps"]


def test_a_text_of_any_length_and_kind_is_kept_and_holds(store):
    store.audit("a", "view_gaps", "x" * 10_000 + "\ud800", "\ud800\x00|=")
    entry = store.audit_entries(limit=1)[0]
    assert (len(entry.target), entry.address) == (500, "?\x00|=")
    assert store.verify_audit() == []


def test_doctor_says_whether_the_record_is_whole(workspace):
    def of_audit():
        return [(one.ok, one.words.template) for one in examine(workspace.folder) if one.name == "audit"]

    assert of_audit() == [(True, "the audit record is whole")]
    tamper(workspace.store, "UPDATE audit_entries SET actor = 'x'")
    assert [ok for ok, _ in of_audit()] == [False]
