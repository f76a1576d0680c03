"""The audit record as the store offers it."""

from __future__ import annotations

import contextlib
import datetime as dt
from contextlib import AbstractContextManager

from sqlalchemy import Connection

from geo_service.store import audit, audit_chain
from geo_service.store.audit import AuditEntry, AuditQuery
from geo_service.store.audit_chain import Chain
from town_model import InputError, Text


class AuditRecord:
    """The part of a store that keeps who did what.

    Args:
        audit_days: days for which entries are kept; None keeps all of them.
    """

    def __init__(self, audit_days: int | None) -> None:
        self._audit_days = audit_days
        self._pruned_on: dt.date | None = None

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection in a read transaction."""
        raise NotImplementedError

    def writing(self) -> AbstractContextManager[Connection]:
        """A connection that holds the write lock and commits at the end of the block."""
        raise NotImplementedError

    def audit(self, actor: str, action: str, target: str = "", address: str = "") -> None:
        """Note an action of a user: a log-in, an export, a view of gaps or plans. Never a password or token.

        Args:
            actor: name of the user.
            action: what was done, a word such as ``export``.
            target: to what.
            address: network address of the user.
        """
        with self.writing() as connection:
            audit.add(connection, actor=actor, action=action, target=target, address=address)
        self._prune_daily()

    def audit_entries(
        self,
        *,
        actor: str | None = None,
        action: str | None = None,
        since: dt.datetime | None = None,
        until: dt.datetime | None = None,
        limit: int | None = 100,
        offset: int = 0,
    ) -> list[AuditEntry]:
        """Return audit entries, newest first, perhaps of one actor, action or span of time (with zone) only."""
        query = AuditQuery(actor=actor, action=action, since=since, until=until)
        with self.reading() as connection:
            return audit.read(connection, query, limit=limit, offset=offset)

    def audit_count(self, query: AuditQuery) -> int:
        """Return how many audit entries there are."""
        with self.reading() as connection:
            return audit.count(connection, query)

    def audit_known(self) -> tuple[list[str], list[str]]:
        """Return who and which actions occur in the audit record, each sorted."""
        with self.reading() as connection:
            return audit.known(connection)

    def verify_audit(self) -> list[Text]:
        """Return what was done to the audit record besides adding to it; nothing when it is whole."""
        with self.reading() as connection:
            return audit_chain.verify(connection)

    def audit_end(self) -> Chain | None:
        """Return number and hash of the last audit entry, to be kept elsewhere; None where they were removed."""
        with self.reading() as connection:
            noted = audit_chain.head(connection)
        return None if noted is None else noted[0]

    def prune_audit(self, days: int, *, now: dt.datetime | None = None) -> int:
        """Remove audit entries older than some days, and return how many.

        Args:
            days: for how long entries are kept.
            now: the present moment with zone; None asks the clock.

        Raises:
            InputError: the record does not hold: nothing is removed from such a one.
        """
        before = (now or dt.datetime.now(dt.UTC)) - dt.timedelta(days=days)
        with self.writing() as connection:
            return audit.prune(connection, before=before)

    def reseal_audit(self, *, actor: str) -> None:
        """Seal the audit record anew after the secret key was replaced on purpose; that is an entry itself."""
        with self.writing() as connection:
            audit_chain.reseal(connection)
            audit.add(connection, actor=actor, action="audit_resealed")

    def _prune_daily(self) -> None:
        """Prune once a day; a record that does not hold stays whole as evidence, and `doctor` says so."""
        today = dt.datetime.now(dt.UTC).date()
        if self._audit_days is None or self._pruned_on == today:
            return
        self._pruned_on = today
        with contextlib.suppress(InputError):
            self.prune_audit(self._audit_days)
