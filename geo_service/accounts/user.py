"""A user of the service. An account is a post with duties, never a resident."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Literal, get_args

from town_model import InputError

Role = Literal["admin", "planner", "inspector", "cadre"]
ROLES: tuple[str, ...] = get_args(Role)


class LogInError(InputError):
    """A log-in was refused; the message does not say whether the account exists."""


@dataclass(frozen=True)
class User:
    """An account.

    Args:
        name: log-in name, in small letters.
        role: ``admin`` (accounts, settings, backup), ``planner`` (edit and compute), ``inspector`` (read all) or
            ``cadre`` (the own routes of its villages and units, nothing of cameras or gaps).
        villages: row ids of the villages of a cadre.
        units: row ids of the patrol units of a cadre.
        active: whether the account may be used.
        must_change: whether the password must be changed at the next log-in, since somebody else set it or it is
            too old.
        session_epoch: grows when all sessions of the account end, as at a change of password or role.
        locked_until: until when wrong passwords keep it locked, with zone UTC; None when they do not.
        created_at: when it was made, with zone UTC.
        id: its number, which no later account of the same name has.
        title: what the post is called on pages; may be empty.
        password_set_at: when the password was chosen, with zone UTC.
        second_factor: whether a code of a phone is asked for at log-in.
        must_set_up_code: whether its role must have a second factor and it has none yet.
    """

    name: str
    role: str
    villages: tuple[int, ...] = ()
    units: tuple[int, ...] = ()
    active: bool = True
    must_change: bool = False
    session_epoch: int = 0
    locked_until: dt.datetime | None = field(default=None, compare=False)
    created_at: dt.datetime | None = field(default=None, compare=False)
    id: int = 0
    title: str = ""
    password_set_at: dt.datetime | None = field(default=None, compare=False)
    second_factor: bool = False
    must_set_up_code: bool = False

    @property
    def disabled(self) -> bool:
        """Whether the account may not be used."""
        return not self.active
