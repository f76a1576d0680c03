"""The store of a town: the tables of its layers, change log and undo, R-trees, proposals, results, audit entries."""

from geo_service.store.audit import AuditEntry, AuditQuery
from geo_service.store.changes import Change, ChangeEntry
from geo_service.store.database import SqliteSafety, sqlite_safety
from geo_service.store.errors import ConflictError, StoreBusyError
from geo_service.store.proposals import Proposal
from geo_service.store.results import StoredResult
from geo_service.store.search import RowPage, RowQuery
from geo_service.store.store import Store, Town

__all__ = [
    "AuditEntry",
    "AuditQuery",
    "Change",
    "ChangeEntry",
    "ConflictError",
    "Proposal",
    "RowPage",
    "RowQuery",
    "SqliteSafety",
    "Store",
    "StoreBusyError",
    "StoredResult",
    "Town",
    "sqlite_safety",
]
