"""Who may use the service: users, their roles and scopes, passwords, locks."""

from geo_service.accounts.accounts import Accounts
from geo_service.accounts.passwords import new_password
from geo_service.accounts.user import ROLES, LogInError, Role, User

__all__ = ["ROLES", "Accounts", "LogInError", "Role", "User", "new_password"]
