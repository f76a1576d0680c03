"""The second factor: six digits that a phone shows for thirty seconds (TOTP, RFC 6238), and recovery codes on paper.

The secret lies in the store sealed under the key of the workspace, recovery codes as keyed hashes: the file alone, as
a stolen backup without its key, confirms no log-in.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, urlencode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import Connection, delete, func, insert, select, update

from geo_service.accounts.user import User
from geo_service.secret import secret_key
from geo_service.store import Store, audit
from geo_service.store.database import now_utc
from geo_service.store.tables import recovery_codes, second_factors
from town_model import InputError

DIGITS = 6
STEP_S = 30
#: Steps before and after the present one that are taken, for clocks that differ (RFC 6238, section 5.2).
NEIGHBOURS = 1
CODES = 10
PHONE = "phone"
RECOVERY = "recovery code"
# small letters and digits that do not look alike: ten of them hold 49 bits, and guesses are counted
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_SECRET_BYTES = 20
clock: Callable[[], float] = time.time


class SecondFactors:
    """The second factors of accounts.

    Args:
        store: the store of the workspace.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def begin(self, user: User) -> str:
        """Return the secret to be set up, in base 32; the same one until `confirm` ends the set-up.

        Raises:
            InputError: the account has a second factor already.
        """
        with self._store.writing() as connection:
            row = connection.execute(select(second_factors).where(second_factors.c.user == user.id)).first()
            if row is not None and row.confirmed_at is not None:
                raise InputError("this account has a second factor already: switch it off first")
            secret = None if row is None else _opened(connection, row.secret, user.id)
            if secret is None:
                secret = secrets.token_bytes(_SECRET_BYTES)
                connection.execute(delete(second_factors).where(second_factors.c.user == user.id))
                connection.execute(
                    insert(second_factors).values(
                        user=user.id,
                        secret=_sealed(connection, secret, user.id),
                        last_step=0,
                        made_at=now_utc(),
                    )
                )
        return base64.b32encode(secret).decode().rstrip("=")

    def confirm(self, user: User, code: str) -> list[str]:
        """End the set-up with a first code of the phone.

        Returns:
            Ten recovery codes, to be shown once.

        Raises:
            InputError: the code is wrong, or no set-up was begun.
        """
        with self._store.writing() as connection:
            row = connection.execute(select(second_factors).where(second_factors.c.user == user.id)).first()
            if row is None or row.confirmed_at is not None:
                raise InputError("begin the set-up of the second factor anew")
            step = _step_of(_opened(connection, row.secret, user.id), code)
            if step is None:
                raise InputError(
                    "this code is wrong: check that the clock of the phone is right, and take the code it shows now"
                )
            connection.execute(
                update(second_factors)
                .where(second_factors.c.id == row.id)
                .values(confirmed_at=now_utc(), last_step=step)
            )
            audit.add(connection, actor=user.name, action="second_factor_on", target=user.name)
            return _new_codes(connection, user.id)

    def new_codes(self, user: User) -> list[str]:
        """Return ten new recovery codes, to be shown once; the old ones hold no longer."""
        with self._store.writing() as connection:
            audit.add(connection, actor=user.name, action="recovery_codes_made", target=user.name)
            return _new_codes(connection, user.id)

    def codes_left(self, user: User) -> int:
        """Return how many recovery codes of a user are unused."""
        query = select(func.count()).where(
            recovery_codes.c.user == user.id, recovery_codes.c.used_at.is_(None)
        )
        with self._store.reading() as connection:
            return int(connection.execute(query).scalar_one())

    def remove(self, user: User, *, actor: str) -> None:
        """Switch the second factor of a user off, and forget its secret and recovery codes."""
        with self._store.writing() as connection:
            for table in (second_factors, recovery_codes):
                connection.execute(delete(table).where(table.c.user == user.id))
            audit.add(connection, actor=actor, action="second_factor_off", target=user.name)


def link(secret: str, *, name: str, issuer: str) -> str:
    """Return what the QR code of the set-up says (Key URI Format of Google Authenticator).

    Args:
        secret: the secret in base 32.
        name: log-in name.
        issuer: name of the town.
    """
    plain = issuer.replace(":", " ").strip() or "geo-service"
    options = urlencode(
        {"secret": secret, "issuer": plain, "algorithm": "SHA1", "digits": DIGITS, "period": STEP_S},
        quote_via=quote,
    )
    return f"otpauth://totp/{quote(plain, safe='')}:{quote(name, safe='')}?{options}"


def check(connection: Connection, user_id: int, typed: str) -> str | None:
    """Return what a typed code is, `PHONE` or `RECOVERY`, and spend it; None where it is wrong or was spent before.

    Args:
        connection: connection that holds the write lock.
        user_id: number of the account.
        typed: what was typed; blanks and hyphens do not matter.
    """
    row = connection.execute(
        select(second_factors).where(
            second_factors.c.user == user_id, second_factors.c.confirmed_at.is_not(None)
        )
    ).first()
    if row is None:
        return None
    code = plain_code(typed)
    step = _step_of(_opened(connection, row.secret, user_id), code)
    if step is not None:
        if step <= row.last_step:
            return None
        connection.execute(update(second_factors).where(second_factors.c.id == row.id).values(last_step=step))
        return PHONE
    spent = connection.execute(
        update(recovery_codes)
        .where(
            recovery_codes.c.user == user_id,
            recovery_codes.c.code_hash == _keyed(connection, user_id, code),
            recovery_codes.c.used_at.is_(None),
        )
        .values(used_at=now_utc())
    ).rowcount
    return RECOVERY if spent else None


def plain_code(typed: str) -> str:
    """Return a code without the blanks and hyphens that make it readable, in small letters."""
    return "".join(char for char in typed[:100].casefold() if char.isalnum())


def grouped(code: str, size: int = 5) -> str:
    """Return a code in groups.

    >>> grouped("abcdefghij")
    'abcde-fghij'
    """
    return "-".join(code[at : at + size] for at in range(0, len(code), size))


def random_code(length: int) -> str:
    """Return a random code that can be read from paper and typed (4.95 bits a character)."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def _step_of(secret: bytes | None, code: str) -> int | None:
    """Return the step whose code was typed; None where it belongs to none of those that are taken."""
    typed = plain_code(code)
    if secret is None or len(typed) != DIGITS or not typed.isascii():
        return None
    totp = TOTP(secret, DIGITS, SHA1(), STEP_S, enforce_key_length=False)  # noqa: S303 - what RFC 6238 names, and phones know
    now = int(clock()) // STEP_S
    fitting = [
        step
        for step in range(now - NEIGHBOURS, now + NEIGHBOURS + 1)
        if hmac.compare_digest(totp.generate(step * STEP_S), typed.encode())
    ]
    return max(fitting, default=None)


def _new_codes(connection: Connection, user_id: int) -> list[str]:
    codes = [random_code(10) for _ in range(CODES)]
    connection.execute(delete(recovery_codes).where(recovery_codes.c.user == user_id))
    connection.execute(
        insert(recovery_codes),
        [{"user": user_id, "code_hash": _keyed(connection, user_id, one)} for one in codes],
    )
    return [grouped(one) for one in codes]


def _key(connection: Connection, use: bytes) -> bytes:
    folder = Path(str(connection.engine.url.database)).parent
    return hmac.digest(secret_key(folder).encode(), b"geo-service " + use, "sha256")


def _keyed(connection: Connection, user_id: int, code: str) -> str:
    key = _key(connection, b"recovery codes")
    return hmac.new(key, f"{user_id}|{code}".encode(), "sha256").hexdigest()


def _sealed(connection: Connection, secret: bytes, user_id: int) -> str:
    nonce = os.urandom(12)
    hidden = AESGCM(_key(connection, b"second factor")).encrypt(nonce, secret, str(user_id).encode())
    return base64.b64encode(nonce + hidden).decode()


def _opened(connection: Connection, sealed: str, user_id: int) -> bytes | None:
    """Return a secret; None where the key of the workspace was replaced since."""
    try:
        raw = base64.b64decode(sealed)
        return AESGCM(_key(connection, b"second factor")).decrypt(raw[:12], raw[12:], str(user_id).encode())
    except (ValueError, InvalidTag):
        return None
