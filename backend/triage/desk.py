"""What every route of the desk starts from: the consultation, the officer, the database, the time.

`Desk` opens the queue as this officer sees it and finds comments (404 for what is not theirs).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from sqlmodel import Session

from backend.accounts.access import SignedIn, consultation_here, requires
from backend.accounts.rules import Permission
from backend.kit.db import Database
from backend.models import BulkRun, Comment, Consultation, Submission
from backend.triage import plan, queries, reading, search
from backend.triage.filters import Scope
from backend.triage.forms import DeskState
from backend.web.deps import AppDatabase, Now
from backend.web.errors import NotFound

QUEUE = "/desk/consultations/{slug}"
COMMENT = QUEUE + "/comments/{comment_id}"


@dataclass(frozen=True, slots=True)
class Desk:
    """One officer at one consultation, for one request."""

    request: Request
    database: Database
    consultation: Consultation
    officer: SignedIn
    now: datetime

    @property
    def path(self) -> str:
        return f"/desk/consultations/{self.consultation.slug}"

    @property
    def consultation_id(self) -> int:
        assert self.consultation.id is not None
        return self.consultation.id

    def may(self, permission: Permission) -> bool:
        return self.officer.may(permission, self.consultation_id)

    def scope(self, session: Session) -> Scope:
        return queries.scope_for(
            session,
            self.consultation_id,
            officer=self.officer.officer,
            whole_queue=self.officer.sees_whole_queue(self.consultation_id),
            plan=plan.load(session, self.consultation_id),
            now=self.now,
        )

    def found(self, session: Session, comment_id: int, scope: Scope) -> tuple[Comment, Submission]:
        """A comment this officer may see."""
        found = reading.find(session, comment_id, scope)
        if found is None:
            raise NotFound("没有这条意见，或者它没有分办给您的部门。")
        return found

    def check_run(self, run_id: int) -> None:
        """A bulk run of another consultation does not exist here."""
        with self.database.reading() as session:
            run = session.get(BulkRun, run_id)
        if run is None or run.consultation_id != self.consultation_id:
            raise NotFound("没有这次批量办理。")

    def address(self, state: DeskState, comment_id: int | None = None, done: str = "") -> str:
        """The queue, or a comment in it, with the same search, order and page."""
        path = self.path if comment_id is None else f"{self.path}/comments/{comment_id}"
        address = search.address(path, q=state.q, sort=search.sort_key(state.sort), page=state.page)
        if not done:
            return address
        return f"{address}{'&' if '?' in address else '?'}done={done}"


def desk(permission: Permission) -> Any:
    """The desk, for officers with `permission` on the consultation of the path."""

    def enter(
        request: Request,
        officer: Annotated[SignedIn, requires(permission)],
        database: AppDatabase,
        now: Now,
    ) -> Desk:
        return Desk(request, database, consultation_here(request), officer, now)

    return Depends(enter)


# A route's signature says in one word what its officer must be trusted with.
Viewing = Annotated[Desk, desk(Permission.VIEW)]
Reviewing = Annotated[Desk, desk(Permission.REVIEW)]
Deciding = Annotated[Desk, desk(Permission.DECIDE)]
Claiming = Annotated[Desk, desk(Permission.CLAIM)]
Assigning = Annotated[Desk, desk(Permission.ASSIGN)]
Returning = Annotated[Desk, desk(Permission.RETURN)]
Checking = Annotated[Desk, desk(Permission.CHECK)]
Approving = Annotated[Desk, desk(Permission.APPROVE)]
Overseeing = Annotated[Desk, desk(Permission.OVERSEE)]
Configuring = Annotated[Desk, desk(Permission.MANAGE_CONSULTATION)]
Exporting = Annotated[Desk, desk(Permission.EXPORT)]
Screening = Annotated[Desk, desk(Permission.SCREEN)]
HandingOver = Annotated[Desk, desk(Permission.HAND_OVER)]
Merging = Annotated[Desk, desk(Permission.MERGE)]
Noting = Annotated[Desk, desk(Permission.NOTE)]
Bulk = Annotated[Desk, desk(Permission.BULK)]
ReadingContact = Annotated[Desk, desk(Permission.READ_CONTACT)]
Query_ = Annotated[str, Query(max_length=search.MAX_LENGTH)]
