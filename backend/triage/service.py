"""办理: the verbs of the desk, in the order an official meets them.

Each checks the version it was read at, writes, and is recorded; each lives with its noun.
Rooms above import them from here.
"""

from backend.triage.assigning import (
    assign,
    check_assignee,
    claim,
    release,
    return_to_queue,
)
from backend.triage.deciding import Ruling, decide_all
from backend.triage.disposing import dispose
from backend.triage.handing_over import hand_over
from backend.triage.looking import mark_read, read_contact, read_original
from backend.triage.merging import merge, separate
from backend.triage.notes import note
from backend.triage.reviewing import confirm_reading, review
from backend.triage.saving import Incomplete, Stale
from backend.triage.screening import screen
from backend.triage.splitting import rejoin, split
from backend.triage.views import remove_view, save_view

__all__ = [
    "Incomplete",
    "Ruling",
    "Stale",
    "assign",
    "check_assignee",
    "claim",
    "confirm_reading",
    "decide_all",
    "dispose",
    "hand_over",
    "mark_read",
    "merge",
    "note",
    "read_contact",
    "read_original",
    "rejoin",
    "release",
    "remove_view",
    "return_to_queue",
    "review",
    "save_view",
    "screen",
    "separate",
    "split",
]
