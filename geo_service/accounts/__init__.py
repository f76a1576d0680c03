"""Who may use the service: users, their roles and scopes, passwords, locks, sessions, invitations, second factors."""

from geo_service.accounts.accounts import Accounts
from geo_service.accounts.invitations import Invitation, InvitationError, TooManyGuessesError
from geo_service.accounts.passwords import new_password
from geo_service.accounts.sessions import Entrant, OpenSession, SessionBook
from geo_service.accounts.user import ROLES, LogInError, Role, User

__all__ = [
    "ROLES",
    "Accounts",
    "Entrant",
    "Invitation",
    "InvitationError",
    "LogInError",
    "OpenSession",
    "Role",
    "SessionBook",
    "TooManyGuessesError",
    "User",
    "new_password",
]
