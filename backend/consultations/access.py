"""Who may open the pages on which officials make a consultation."""

from typing import Annotated

from fastapi import Depends

from backend.accounts.access import SignedIn, consultation_here, requires
from backend.accounts.rules import Permission
from backend.models import Consultation

Planner = Annotated[SignedIn, requires(Permission.MANAGE_PLAN)]
Manager = Annotated[SignedIn, requires(Permission.MANAGE_CONSULTATION)]
Publisher = Annotated[SignedIn, requires(Permission.PUBLISH)]
Here = Annotated[Consultation, Depends(consultation_here)]
