"""Time-based one-time codes (RFC 6238, SHA-1, 30 seconds, 6 digits) and recovery codes.

The shared secret is 160 bits (RFC 4226 §4) and stored sealed. A code is accepted one step early
or late, and never twice.
"""

import base64
import hashlib
import hmac
import secrets
import struct
from datetime import datetime
from urllib.parse import quote, urlencode

STEP_SECONDS = 30
DIGITS = 6
RECOVERY_CODE_COUNT = 10
_RECOVERY_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


def new_secret() -> str:
    """160 random bits in base32, as authenticator apps read them."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def step_at(now: datetime) -> int:
    """The number of the 30-second step `now` falls in."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """The six digits of one step."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    value = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{value % 10**DIGITS:0{DIGITS}d}"


def accepted_step(secret: str, typed: str, *, now: datetime, last_step: int) -> int | None:
    """The step a typed code belongs to, when it is fresh and was not used before."""
    code = "".join(char for char in typed if char.isdigit())
    for step in (step_at(now) + drift for drift in (0, -1, 1)):
        if step > last_step and hmac.compare_digest(code_at(secret, step), code):
            return step
    return None


def enrolment_uri(secret: str, *, account: str, issuer: str) -> str:
    """The `otpauth://` address of a QR code (Key Uri Format)."""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"


def new_recovery_codes() -> list[str]:
    """Ten spare codes of 50 bits, written `xxxxx-xxxxx`."""

    def part() -> str:
        return "".join(secrets.choice(_RECOVERY_ALPHABET) for _ in range(5))

    return [f"{part()}-{part()}" for _ in range(RECOVERY_CODE_COUNT)]


def normalise_recovery_code(typed: str) -> str:
    """As stored: lower case, without spaces and dashes."""
    return "".join(char for char in typed.casefold() if char.isalnum())
