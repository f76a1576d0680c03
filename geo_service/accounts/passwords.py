"""Passwords: hashed with argon2id, made at random, held to a few rules."""

from __future__ import annotations

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from town_model import Text

LONGEST = 256
# no characters that look alike on a printed slip
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
# Each hash takes 64 MB and a processor: a flood of log-ins must not take all threads and the memory of the server.
_AT_ONCE = threading.BoundedSemaphore(2)
# What an unknown user's password is checked against, so that the answer takes as long as for a known one.
_NOBODY = _hasher.hash(secrets.token_hex(16))


def new_password(length: int = 14) -> str:
    """Return a random password of letters and digits that do not look alike (5.8 bits each)."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, with its parameters and salt."""
    return _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether a password fits a hash; for None it takes as long and does not."""
    try:
        with _AT_ONCE:
            _hasher.verify(stored or _NOBODY, password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


def password_faults(password: str, name: str, *, shortest: int) -> list[Text]:
    """Return what is wrong with a new password; nothing when it is good."""
    faults = []
    if not shortest <= len(password) <= LONGEST:
        faults.append(
            Text.of(
                "the password must have {shortest} to {longest} characters",
                shortest=shortest,
                longest=LONGEST,
            )
        )
    if len(set(password)) < 5:
        faults.append(Text.of("the password must have at least five different characters"))
    if name and name.casefold() in password.casefold():
        faults.append(Text.of("the password must not contain the user name"))
    return faults
