"""Passwords: hashed with argon2id, made at random, held to the rules of the settings."""

from __future__ import annotations

import secrets
import threading
from base64 import b64encode
from functools import cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION
from argon2.profiles import RFC_9106_LOW_MEMORY

from geo_service.settings import Settings
from town_model import Text

LONGEST = 256
# no characters that look alike on a printed slip
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_SIGNS = "-+=%"
_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
# Each hash takes 64 MB and a processor: a flood of log-ins must not take all threads and the memory of the server.
_AT_ONCE = threading.BoundedSemaphore(2)


def new_password(length: int = 14, *, kinds: int = 0) -> str:
    """Return a random password of letters and digits that do not look alike (5.8 bits each).

    Args:
        length: number of characters.
        kinds: how many kinds of characters it holds at least, see `kinds_of`.
    """
    signs = _LETTERS + _SIGNS if kinds > 3 else _LETTERS
    while True:
        word = "".join(secrets.choice(signs) for _ in range(max(length, 8)))
        if kinds_of(word) >= kinds and len(set(word)) >= 5:
            return word


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password, with its parameters and salt."""
    return _hasher.hash(password)


def void_hash() -> str:
    """Return a hash that no known password has: random bytes, which take as long to check as any other."""
    salt, digest = (
        b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
        for size in (_hasher.salt_len, _hasher.hash_len)
    )
    return (
        f"$argon2id$v={ARGON2_VERSION}$m={_hasher.memory_cost},t={_hasher.time_cost},p={_hasher.parallelism}"
        f"${salt}${digest}"
    )


# What an unknown user's password is checked against, so that the answer takes as long as for a known one.
_NOBODY = void_hash()


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


def kinds_of(password: str) -> int:
    """Return how many of the four kinds a password holds: small letters, capitals, digits, other signs.

    >>> kinds_of("shimen"), kinds_of("Shimen-2026")
    (1, 4)
    """
    found = {
        "small" if one.islower() else "capital" if one.isupper() else "digit" if one.isdigit() else "other"
        for one in password
    }
    return len(found)


def is_common(password: str) -> bool:
    """Whether a password is one of the most used ones, perhaps with digits or signs behind it."""
    plain = password.casefold()
    return plain in _common() or plain.rstrip("0123456789!?.,@#$%&*+-_=~") in _common()


@cache
def _common() -> frozenset[str]:
    lines = files("geo_service.accounts").joinpath("common_passwords.txt").read_text("utf-8").splitlines()
    return frozenset(one for one in lines if one and not one.startswith("# "))


def password_faults(password: str, name: str, settings: Settings) -> list[Text]:
    """Return what is wrong with a new password; nothing when it is good.

    Args:
        password: the password.
        name: log-in name of its user.
        settings: the rules.
    """
    faults = []
    if not settings.password_min_length <= len(password) <= LONGEST:
        faults.append(
            Text.of(
                "the password must have {shortest} to {longest} characters",
                shortest=settings.password_min_length,
                longest=LONGEST,
            )
        )
    if len(set(password)) < 5:
        faults.append(Text.of("the password must have at least five different characters"))
    if name and name.casefold() in password.casefold():
        faults.append(Text.of("the password must not contain the user name"))
    if kinds_of(password) < settings.password_character_kinds:
        faults.append(
            Text.of(
                "the password must hold {kinds} of these: small letters, capitals, digits, other signs",
                kinds=settings.password_character_kinds,
            )
        )
    if is_common(password):
        faults.append(Text.of("this password is one of the most used ones and is guessed first"))
    return faults
