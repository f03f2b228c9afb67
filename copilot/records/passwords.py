"""Passwords: what may be one, how one is made, and how one is kept and proven."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from pwdlib import PasswordHash

from copilot.errors import AccountRefused

SHORTEST, LONGEST = 10, 128
AT_ONCE = 4
"""Proofs running at one time: each takes 64 MB, and a flood of them must not take the machine."""
_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
# An argon2 hash of a random password nobody holds: verified against when there is none to verify.
_DECOY = "$argon2id$v=19$m=65536,t=3,p=4$MIIRqgvgQbgj220jfp0MPA$YfwJSVjtjSU0zzV/P3S9nnQ/USre2wvJMjfCIjrTQbg"
_places = threading.BoundedSemaphore(AT_ONCE)


def generated() -> str:
    """Sixteen characters that are not mistaken for one another."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))


def demand_good(password: str, name: str) -> None:
    """AccountRefused when a person may not choose this password."""
    if len(password) < SHORTEST:
        raise AccountRefused("short")
    if len(password) > LONGEST:
        raise AccountRefused("long")
    if password.casefold() == name.casefold() or len(set(password)) == 1:
        raise AccountRefused("alike")


@cache
def _hasher() -> PasswordHash:
    return PasswordHash.recommended()


def hashed(password: str) -> str:
    """What is kept of a password: argon2id, salted."""
    with _places:
        return _hasher().hash(password)


def proven(password: str, kept: str) -> bool:
    """Whether this is the password. Where none is kept the answer is no, and takes as long."""
    with _places:
        good = _hasher().verify(password, kept or _DECOY)
    return good and bool(kept)
