"""Numbers people copy by hand, and addresses nobody can guess.

A receipt code has eight characters and a check character from an alphabet without 0 1 I L O Q Z,
so that a code read over the telephone survives; one wrong or two swapped characters are noticed.
"""

import secrets

ALPHABET = "23456789ABCDEFGHJKMNPRSTUVWXY"  # 29 characters: a prime, so the check finds every slip


def _check_character(body: str) -> str:
    total = sum((place + 1) * ALPHABET.index(char) for place, char in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def new_receipt_code() -> str:
    """A fresh code such as `7KD3MWA5` plus its check character."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return body + _check_character(body)


def normalise_receipt_code(typed: str) -> str | None:
    """The code as stored, or None when what was typed cannot be one."""
    code = "".join(char for char in typed.upper() if char.isalnum())
    if len(code) != 9 or any(char not in ALPHABET for char in code):
        return None
    return code if _check_character(code[:8]) == code[8] else None


def new_look_up_code() -> str:
    """Six digits that go with a receipt code."""
    return f"{secrets.randbelow(1_000_000):06d}"


def new_token() -> str:
    """An unguessable, URL-safe token of 128 bits."""
    return secrets.token_urlsafe(16)
