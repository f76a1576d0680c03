"""The chain of the audit record: each entry's hash covers its content and the hash before it; a keyed seal covers the end.

The chain shows an entry that was changed, removed or put in between. The seal of its end, and those of the checkpoints
that stand for pruned entries, are HMAC-SHA256 (RFC 2104) under a key derived from the workspace's secret key, so that
who writes into the file without that key can neither lay a new chain nor cut its end. What no file can show about
itself: that the whole workspace, key included, was set back to an older copy. For that `Chain.words` is kept elsewhere.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from geo_service.secret import FILE, secret_key
from town_model import InputError, Text

GENESIS = "0" * 64
FIELDS = ("id", "at", "actor", "action", "target", "address")
_SHOWN = 20
# as bytes with their kind: a text that is no UTF-8, or a number in place of a text, is hashed as it lies in the file
_RAW = ", ".join(f"typeof({one}), CAST({one} AS BLOB)" for one in FIELDS)


@dataclass(frozen=True)
class Chain:
    """The end of the record: its number and its hash, to be kept elsewhere.

    Args:
        entry: number of the last entry; 0 for none.
        hash: hash of the last entry.
    """

    entry: int
    hash: str

    @property
    def words(self) -> str:
        """Both in one word."""
        return f"{self.entry}:{self.hash}"


def entry_hash(before: str, parts: Sequence[object]) -> str:
    """Return the hash of an entry.

    Args:
        before: the hash of the entry before.
        parts: kind and bytes of each of `FIELDS` in turn, as SQLite's ``typeof`` and ``CAST AS BLOB`` give them.
    """
    made = hashlib.sha256(before.encode("ascii", "replace"))
    for kind, content in zip(parts[::2], parts[1::2], strict=True):
        octets = content if isinstance(content, bytes) else b""
        made.update(f"|{kind}:{len(octets)}:".encode())
        made.update(octets)
    return made.hexdigest()


def hash_of(before: str, entry: int, at: str, actor: str, action: str, target: str, address: str) -> str:
    """Return the hash of an entry that is about to be written; `at` as the table keeps it."""
    texts = (at, actor, action, target, address)
    parts: list[object] = ["integer", str(entry).encode()]
    for one in texts:
        parts += ["text", one.encode()]
    return entry_hash(before, parts)


def seal(connection: Connection, kind: str, entry: int, mark: str) -> str:
    """Return the keyed seal of a place in the chain.

    Args:
        connection: connection to the store, beside which the key lies.
        kind: ``head`` or ``pruned``, so that one never passes for the other.
        entry: number of the entry.
        mark: its hash.
    """
    folder = Path(str(connection.engine.url.database)).parent
    key = hmac.digest(secret_key(folder).encode(), b"geo-service audit record", "sha256")
    return hmac.new(key, f"{kind}|{entry}|{mark}".encode(), "sha256").hexdigest()


def holds(connection: Connection, kind: str, entry: int, mark: str, sealed: str) -> bool:
    """Return whether a seal is that of a place in the chain."""
    return hmac.compare_digest(seal(connection, kind, entry, mark).encode(), str(sealed).encode())


def head(connection: Connection) -> tuple[Chain, str] | None:
    """Return the noted end of the chain and its seal; None where it was removed."""
    row = connection.exec_driver_sql("SELECT entry, hash, seal FROM audit_head WHERE id = 1").first()
    return None if row is None else (Chain(int(row[0]), str(row[1])), str(row[2]))


def append(connection: Connection, *, at: str, actor: str, action: str, target: str, address: str) -> None:
    """Write an entry behind the last one; the caller holds the write lock.

    A seal that did not hold before does not hold afterwards either: going on never hides what was done to the record.
    """
    noted = head(connection)
    last = connection.exec_driver_sql("SELECT max(id) FROM audit_entries").scalar_one() or 0
    end, sealed = noted or (Chain(0, GENESIS), "")
    number = max(end.entry, last) + 1
    mark = hash_of(end.hash, number, at, actor, action, target, address)
    connection.exec_driver_sql(
        "INSERT INTO audit_entries (id, at, actor, action, target, address, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
        (number, at, actor, action, target, address, mark),
    )
    sound = noted is not None and holds(connection, "head", end.entry, end.hash, sealed)
    _set_head(connection, number, mark, seal(connection, "head", number, mark) if sound else "")


def reseal(connection: Connection) -> None:
    """Seal the end and the checkpoints anew, after the key of the workspace was replaced on purpose."""
    noted = head(connection)
    if noted is None:
        row = connection.exec_driver_sql(
            "SELECT id, hash FROM audit_entries ORDER BY id DESC LIMIT 1"
        ).first()
        end = Chain(0, GENESIS) if row is None else Chain(int(row[0]), str(row[1]))
    else:
        end = noted[0]
    _set_head(connection, end.entry, end.hash, seal(connection, "head", end.entry, end.hash))
    for row in connection.exec_driver_sql("SELECT id, entry, hash FROM audit_checkpoints").all():
        connection.exec_driver_sql(
            "UPDATE audit_checkpoints SET seal = ? WHERE id = ?",
            (seal(connection, "pruned", int(row[1]), str(row[2])), row[0]),
        )


def checkpoint(connection: Connection, entry: int, *, at: str) -> int:
    """Remove all entries up to one; a sealed checkpoint keeps its hash, from which the rest goes on.

    Returns:
        How many were removed.
    """
    mark = connection.exec_driver_sql("SELECT hash FROM audit_entries WHERE id = ?", (entry,)).scalar_one()
    count = connection.exec_driver_sql(
        "SELECT count(*) FROM audit_entries WHERE id <= ?", (entry,)
    ).scalar_one()
    connection.exec_driver_sql(
        "INSERT INTO audit_checkpoints (at, entry, hash, pruned, seal) VALUES (?, ?, ?, ?, ?)",
        (at, entry, mark, count, seal(connection, "pruned", entry, mark)),
    )
    connection.exec_driver_sql("DELETE FROM audit_entries WHERE id <= ?", (entry,))
    return int(count)


def verify(connection: Connection) -> list[Text]:
    """Return what was done to the record besides adding to it; nothing when it is whole."""
    if not (Path(str(connection.engine.url.database)).parent / FILE).exists():
        return [Text.of("the audit record cannot be checked: {file} is gone", file=FILE)]
    found = list(_faults(connection))
    more = len(found) - _SHOWN
    return found[:_SHOWN] + (
        [Text.of("… and {count} more faults of the audit record", count=more)] if more > 0 else []
    )


def _faults(connection: Connection) -> Iterator[Text]:
    start = Chain(0, GENESIS)
    for row in connection.exec_driver_sql("SELECT entry, hash, seal FROM audit_checkpoints ORDER BY entry"):
        if not holds(connection, "pruned", row[0], row[1], row[2]):
            yield Text.of(
                "the seal of the audit record at entry {entry} does not hold: it was altered, or {file} was replaced",
                entry=row[0],
                file=FILE,
            )
        start = Chain(row[0], row[1])
    before, number = start.hash, start.entry
    for row in connection.exec_driver_sql(f"SELECT id, {_RAW}, hash FROM audit_entries ORDER BY id"):  # noqa: S608
        if row[0] <= start.entry:
            yield Text.of("entry {entry} of the audit record was put in later", entry=row[0])
            continue
        if row[0] > number + 1:
            yield Text.of(
                "entries {first} to {last} of the audit record are missing", first=number + 1, last=row[0] - 1
            )
        elif entry_hash(before, row[1:-1]) != row[-1]:
            yield Text.of("entry {entry} of the audit record was altered, or the one before it", entry=row[0])
        number, before = row[0], str(row[-1])
    noted = head(connection)
    if noted is None:
        yield Text("the end of the audit record was removed")
        return
    end, sealed = noted
    if end != Chain(number, before):
        yield Text.of(
            "the audit record should end with entry {noted}, and ends with entry {found}",
            noted=end.entry,
            found=number,
        )
    if not holds(connection, "head", end.entry, end.hash, sealed):
        yield Text.of(
            "the seal of the audit record at entry {entry} does not hold: it was altered, or {file} was replaced",
            entry=end.entry,
            file=FILE,
        )


def refuse_unsound(connection: Connection) -> None:
    """Refuse to go on with a record that does not hold.

    Raises:
        InputError: what is wrong with it.
    """
    faults = verify(connection)
    if faults:
        raise InputError(faults)


def _set_head(connection: Connection, entry: int, mark: str, sealed: str) -> None:
    connection.exec_driver_sql(
        "INSERT OR REPLACE INTO audit_head (id, entry, hash, seal) VALUES (1, ?, ?, ?)", (entry, mark, sealed)
    )
