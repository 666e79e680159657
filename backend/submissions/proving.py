"""The last step for a sending that looks like a machine's: a little work, or a little sum.

The sending is registered and has its receipt already, held back from the desk until a person looks
or its sender takes this step on the receipt. A browser with SubtleCrypto does the work unasked
(proof of work as ALTCHA defines it: find the number whose salted SHA-256 is the challenge); without
JavaScript, or on a site without HTTPS, the sender answers a sum instead. Nothing is stored: the
challenge is signed and names its receipt, and a receipt can be released once only.
"""

import json
from datetime import datetime
from typing import Any

from altcha.altcha import Payload, create_challenge, verify_solution
from sqlmodel import Session

from backend.accounts.limits import take
from backend.kit.sealing import derive_key, keyed_hash
from backend.kit.text import clean_line
from backend.models import Submission

# About a second of work in a browser of a cheap telephone, a hundred thousand seconds for a flood.
HARDEST = 50_000
TRIES = (10, 60.0)
_DIGITS = "零一二三四五六七八九"


def challenge(secret: bytes, submission: Submission) -> str:
    """The work as JSON for the page; its answer counts for this receipt alone."""
    made = create_challenge(
        algorithm="SHA-256",
        max_number=HARDEST,
        salt_length=12,
        hmac_key=derive_key(secret, "altcha"),
        salt="",
        number=None,
        expires=None,
        params={"receipt": submission.receipt_code},
    )
    return json.dumps(made.to_dict())


def is_solved(secret: bytes, submission: Submission, payload: str) -> bool:
    """Whether the posted work is right, ours, and for this receipt."""
    try:
        found = Payload.from_base64(payload)
        *_, params = found.parse_salt()
        is_right, _ = verify_solution(found, derive_key(secret, "altcha"), check_expires=False)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    return is_right and params.get("receipt") == [submission.receipt_code]


def question(secret: bytes, submission: Submission) -> str:
    """A sum in Chinese numerals, the same each time for one receipt."""
    first, second = _sum(secret, submission)
    return f"{_DIGITS[first]}加{_DIGITS[second]}等于几？"


def is_answered(secret: bytes, submission: Submission, typed: str) -> bool:
    """Whether the sum is right, in figures or in Chinese numerals."""
    total = sum(_sum(secret, submission))
    said = clean_line(typed).replace(" ", "")
    numeral = _DIGITS[total] if total < 10 else f"十{_DIGITS[total - 10]}".removesuffix("零")
    return said in {str(total), numeral}


def release(
    session: Session,
    submission: Submission,
    *,
    payload: str,
    answer: str,
    secret: bytes,
    now: datetime,
) -> str | None:
    """Let the sending go to the desk; else a sentence that says why it still waits."""
    if not submission.is_quarantined or not submission.awaits_proof:
        return None
    capacity, refill = TRIES
    key = keyed_hash(secret, "proof", submission.receipt_code)
    if take(session, key, capacity=capacity, refill_seconds=refill, now=now):
        return "试的次数太多了，请过几分钟再试。不做这一步，工作人员也会查看。"
    if not (is_solved(secret, submission, payload) or is_answered(secret, submission, answer)):
        return "答案不对，请再算一次。可以写数字，例如 12。"
    submission.is_quarantined = submission.awaits_proof = False
    session.add(submission)
    return None


def offer(secret: bytes, submission: Submission) -> dict[str, Any] | None:
    """What the receipt shows of the last step; None when there is none to take."""
    if not submission.is_quarantined or not submission.awaits_proof:
        return None
    return {
        "challenge": challenge(secret, submission),
        "question": question(secret, submission),
    }


def _sum(secret: bytes, submission: Submission) -> tuple[int, int]:
    chance = keyed_hash(secret, "proof-question", submission.receipt_token)
    return int(chance[:4], 16) % 8 + 2, int(chance[4:8], 16) % 9 + 1
