"""Encryption of contact data and keyed hashes, both derived from the installation's secret.

Each purpose gets a key of its own (HKDF), so that a leaked hash says nothing about a sealed value.
"""

import base64
import hashlib
import hmac

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def derive_key(secret: bytes, purpose: str) -> bytes:
    """32 bytes for one purpose."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret)


def seal(secret: bytes, value: str) -> str:
    """Encrypt a short text; authenticated, different bytes each time."""
    return _fernet(secret).encrypt(value.encode()).decode()


def unseal(secret: bytes, sealed: str) -> str | None:
    """The text again, or None when it was sealed with another secret or altered."""
    try:
        return _fernet(secret).decrypt(sealed.encode()).decode()
    except InvalidToken:
        return None


def seal_bytes(secret: bytes, data: bytes) -> bytes:
    """Encrypt a file's bytes; authenticated, a third longer."""
    return _fernet(secret).encrypt(data)


def unseal_bytes(secret: bytes, sealed: bytes) -> bytes | None:
    """The bytes again, or None when they were sealed with another secret or altered."""
    try:
        return _fernet(secret).decrypt(sealed)
    except InvalidToken:
        return None


def keyed_hash(secret: bytes, purpose: str, value: str) -> str:
    """A hash that only this installation can compute, hex."""
    return hmac.new(derive_key(secret, purpose), value.encode(), hashlib.sha256).hexdigest()


def _fernet(secret: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derive_key(secret, "contact")))
