"""Files sealed with a passphrase: scrypt makes the key, AES-256-GCM seals the file piece by piece.

Layout: `MAGIC`, 16 bytes of salt, then pieces of `PIECE` bytes, each followed by its tag of 16 bytes. The nonce of a
piece is its number and whether it is the last one, so pieces cannot be swapped, left out or cut off (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015). The salt makes a new key for every file, so no nonce is
ever used twice with one key. The cost of scrypt is fixed by the format: a forged file cannot ask for more.
"""

from __future__ import annotations

import io
import os
import unicodedata
from typing import Any, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from town_model import InputError

MAGIC = b"GEO-SERVICE-BACKUP-1\n"
PIECE = 1 << 20
SHORTEST_PASSPHRASE = 12
_SALT = 16
_TAG = 16
# N = 2^17, r = 8, p = 1: what OWASP advises; 128 MB and under a second on an old machine.
_COST = {"n": 1 << 17, "r": 8, "p": 1}


class SealError(Exception):
    """A piece does not open: the passphrase is wrong, or the file is not what was written."""

    def __init__(self, piece: int) -> None:
        super().__init__(f"piece {piece} does not open")
        self.piece = piece


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is too short to protect a file that can be tried without end.

    Raises:
        InputError: it is too short.
    """
    if len(passphrase.strip()) < SHORTEST_PASSPHRASE:
        raise InputError("a passphrase needs at least {count} characters", count=SHORTEST_PASSPHRASE)


def is_sealed(start: bytes) -> bool:
    """Whether a file that starts so is a sealed one."""
    return start.startswith(MAGIC)


class SealingWriter(io.RawIOBase):
    """Seals what is written; `finish` writes the last piece, without which the file does not open.

    Args:
        target: where the sealed bytes go.
        passphrase: the passphrase.
    """

    def __init__(self, target: BinaryIO, passphrase: str) -> None:
        super().__init__()
        salt = os.urandom(_SALT)
        self._target, self._cipher = target, _cipher(passphrase, salt)
        self._waiting = bytearray()
        self._number = 0
        target.write(MAGIC + salt)

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, data: Any) -> int:
        """Take all bytes of a buffer."""
        piece = memoryview(data).cast("B")
        self._waiting += piece
        while len(self._waiting) > PIECE:  # the last piece stays: only `finish` knows that it is the last
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(piece)

    def finish(self) -> None:
        """Seal the rest."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._target.write(self._cipher.encrypt(_nonce(self._number, last=last), piece, MAGIC))
        self._number += 1


def unseal(source: BinaryIO, target: BinaryIO, passphrase: str) -> None:
    """Write the opened content of a sealed file; each piece is authentic before it is written.

    Args:
        source: the sealed file, at its start.
        target: where the content goes; useless if this raises.
        passphrase: the passphrase.

    Raises:
        SealError: a piece does not open, or pieces are missing.
    """
    head = source.read(len(MAGIC) + _SALT)
    if not is_sealed(head) or len(head) < len(MAGIC) + _SALT:
        raise SealError(0)
    cipher = _cipher(passphrase, head[len(MAGIC) :])
    number, piece = 0, source.read(PIECE + _TAG)
    while True:
        following = source.read(PIECE + _TAG)
        try:
            target.write(cipher.decrypt(_nonce(number, last=not following), piece, MAGIC))
        except (InvalidTag, ValueError) as error:
            raise SealError(number) from error
        if not following:
            return
        number, piece = number + 1, following


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    # one keyboard writes é as one character, another as two: both are the same word
    word = unicodedata.normalize("NFC", passphrase).encode("utf-8", "surrogateescape")
    return AESGCM(Scrypt(salt=salt, length=32, **_COST).derive(word))


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
