"""The key that signs checkpoints and evidence: Ed25519, in a file of its own, never in the database."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from copilot.errors import SettingsError


def make_key(path: Path) -> Ed25519PrivateKey:
    """A new key at `path`, which only its owner may read. SettingsError when something lies there."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise SettingsError(f"{path}: a key lies here already; move it away before making another") from error
    except OSError as error:
        raise SettingsError(f"{path}: the key cannot be written ({error.strerror}); see record.key") from error
    with os.fdopen(handle, "wb") as file:
        file.write(pem)
        file.flush()
        os.fsync(file.fileno())
    return key


def load_key(path: Path) -> Ed25519PrivateKey:
    """The key at `path`. SettingsError when there is none, others may read it, or it is no such key."""
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"{path}: others may read the key; `chmod 600 {path}`")
        key = load_pem_private_key(path.read_bytes(), None)
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: no signing key; make one with `advisor-copilot audit key`") from error
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"{path}: not an unencrypted private key in PEM; put the right file back") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{path}: not an Ed25519 key; make one with `advisor-copilot audit key`")
    return key


def public_hex(key: Ed25519PrivateKey) -> str:
    """The public half as 64 hexadecimal digits: what a bank hands to those who verify."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()
