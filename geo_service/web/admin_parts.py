"""What the administration page leads to: each room adds its card here."""

from __future__ import annotations

from dataclasses import dataclass

from geo_service.web.access import Permission
from town_model import Text


@dataclass(frozen=True)
class AdminCard:
    """One card of the administration page.

    Args:
        title: what it leads to.
        help: one sentence on what is done there.
        endpoint: the page, as Flask names it.
        permission: who sees the card: the permission of that page.
    """

    title: Text
    help: Text
    endpoint: str
    permission: Permission


CARDS: list[AdminCard] = [
    AdminCard(
        Text("Accounts"),
        Text("Who may log in: new accounts, roles, villages and units, one-time links, locks."),
        "accounts.index",
        Permission.ADMINISTER,
    ),
    AdminCard(
        Text("Sessions"),
        Text("Who is logged in now; end what should not be."),
        "accounts.all_sessions",
        Permission.ADMINISTER,
    ),
    AdminCard(
        Text("API tokens"),
        Text(
            "Tokens with which programs read and edit in the name of a user; revoke those that are not used."
        ),
        "tokens.index",
        Permission.HOLD_TOKENS,
    ),
    AdminCard(
        Text("Audit record"),
        Text("Who logged in, looked, changed and exported, when and from where."),
        "audit.index",
        Permission.SEE_AUDIT,
    ),
    AdminCard(
        Text("Jobs"),
        Text("What the service is computing, what it has done, and what failed."),
        "jobs.index",
        Permission.SEE_JOBS,
    ),
    AdminCard(
        Text("Backups"),
        Text("Make a backup, see those that are there, take one away."),
        "operation.backup_list",
        Permission.ADMINISTER,
    ),
    AdminCard(
        Text("Settings"),
        Text("Every setting with its value, where that comes from, and what it means."),
        "operation.settings",
        Permission.ADMINISTER,
    ),
]
