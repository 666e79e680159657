"""The code printed on a paper form: typed back in, it opens what the form was about.

`12-s31-K`: the consultation, the section (or indicator, or task; `0` for the plan as a whole), and
a check character from the alphabet of the receipts, so that one misread character is noticed.
"""

import re

from backend.kit.ids import ALPHABET

_CODE = re.compile(rf"(\d{{1,9}})-?(0|[a-z]\d{{1,9}}[a-z]?)-?([{ALPHABET}])", re.IGNORECASE)
WHOLE_PLAN = "0"


def form_code(consultation_id: int, key: str = "") -> str:
    """The code for a form about `key`; without one, about the whole plan."""
    body = f"{consultation_id}-{key or WHOLE_PLAN}"
    return f"{body}-{_check_character(body)}"


def read_form_code(typed: str) -> tuple[int, str] | None:
    """(consultation, key) of a printed code, or None when it cannot be one."""
    found = _CODE.fullmatch("".join(typed.split()).replace("－", "-").replace("—", "-"))
    if found is None:
        return None
    number, key, check = int(found[1]), found[2].lower(), found[3].upper()
    if _check_character(f"{number}-{key}") != check:
        return None
    return number, "" if key == WHOLE_PLAN else key


def _check_character(body: str) -> str:
    total = sum((place + 1) * ord(char) for place, char in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]
