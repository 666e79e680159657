"""What every route of the registry starts from: who sits at the counter, of which consultation."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlmodel import Session

from backend.accounts.access import SignedIn, consultation_here, requires
from backend.accounts.rules import Permission
from backend.kit.clock import local
from backend.kit.db import Database
from backend.kit.settings import Settings
from backend.models import Consultation, Submission
from backend.web.deps import AppDatabase, AppSettings, Now
from backend.web.errors import NotFound

DESK = "/desk/consultations/{slug}"
REGISTRY = DESK + "/registry"
PROXY = DESK + "/proxy"


@dataclass(frozen=True, slots=True)
class Counter:
    """One officer at one consultation's counter, for one request."""

    request: Request
    database: Database
    settings: Settings
    consultation: Consultation
    officer: SignedIn
    now: datetime
    is_proxy: bool

    @property
    def consultation_id(self) -> int:
        assert self.consultation.id is not None
        return self.consultation.id

    @property
    def home(self) -> str:
        return f"/desk/consultations/{self.consultation.slug}"

    @property
    def path(self) -> str:
        return f"{self.home}/{'proxy' if self.is_proxy else 'registry'}"

    @property
    def today(self) -> date:
        return local(self.now).date()

    def submission(self, session: Session, submission_id: int) -> Submission:
        """A sending that was typed in here; staff of a 居委 see only their own."""
        found = session.get(Submission, submission_id)
        is_here = (
            found is not None
            and found.consultation_id == self.consultation_id
            and found.transcribed_by_id is not None
        )
        if found is None or not is_here:
            raise NotFound("没有这件登记。")
        if self.is_proxy and found.transcribed_by_id != self.officer.id:
            raise NotFound("没有这件登记，或者它不是您录入的。")
        return found


def counter(permission: Permission) -> Any:
    """The counter, for officers with `permission` on the consultation of the path."""

    def enter(
        request: Request,
        officer: Annotated[SignedIn, requires(permission)],
        database: AppDatabase,
        settings: AppSettings,
        now: Now,
    ) -> Counter:
        here = consultation_here(request)
        is_proxy = permission is Permission.PROXY
        return Counter(request, database, settings, here, officer, now, is_proxy)

    return Depends(enter)


Transcribing = Annotated[Counter, counter(Permission.TRANSCRIBE)]
EnteringFor = Annotated[Counter, counter(Permission.PROXY)]
