"""The pages on which an official reviews what the machine read in a plan, before it is public."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Form, Query, Request
from sqlmodel import Session
from starlette.responses import Response

from analysis.contracts import Indicator, ParsedPlan, Task, to_json
from backend import jobs
from backend.accounts import audit
from backend.accounts.access import SignedIn
from backend.consultations import review_forms
from backend.consultations.access import Here, Manager, Planner, Publisher
from backend.consultations.review_forms import Correction, Typed
from backend.kit.pagination import Page
from backend.kit.text import clean_text
from backend.models import Consultation, Officer, PlanVersion
from backend.plans import editing, item_tables, queries
from backend.plans import rules as plan_rules
from backend.plans import service as plans
from backend.plans.editing import CannotEdit
from backend.web.deps import Now, ReadSession, WriteSession
from backend.web.errors import NotFound, Refused
from backend.web.pages import redirect, render

router = APIRouter(prefix="/desk/consultations/{slug}/plan", include_in_schema=False)
LINES_PER_PAGE = 60
PageNumber = Annotated[int, Query(alias="page", ge=1, le=10_000)]


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The newest version of a consultation's plan, as the pages here show it."""

    here: Consultation
    version: PlanVersion
    plan: ParsedPlan
    released_by: str | None = None

    @property
    def address(self) -> str:
        return f"/desk/consultations/{self.here.slug}/plan"

    def context(self, **more: object) -> dict[str, object]:
        return {
            "here": self.here,
            "version": self.version,
            "plan": self.plan,
            "address": self.address,
            "editable": self.version.confirmed_at is None,
            "error": None,
        } | more


def _reviewed(session: Session, here: Consultation) -> Reviewed:
    assert here.id is not None
    version = queries.latest_version(session, here.id)
    if version is None:
        raise NotFound("这个征询还没有导入规划文本。")
    released_by = version.released_by_id and session.get_one(Officer, version.released_by_id)
    return Reviewed(
        here,
        version,
        plans.parsed_plan(version),
        released_by.display_name if isinstance(released_by, Officer) else None,
    )


# --- The outline ---------------------------------------------------------------------------------


@router.get("")
def review_plan(request: Request, _officer: Manager, here: Here, session: ReadSession) -> Response:
    return _outline_page(request, _reviewed(session, here))


@router.post("")
def correct_plan(
    request: Request,
    officer: Planner,
    here: Here,
    session: WriteSession,
    now: Now,
    correction: Annotated[Correction, Depends()],
) -> Response:
    """One correction of the outline; back to the place it was made at."""
    reviewed = _reviewed(session, here)
    try:
        corrected = review_forms.corrected(reviewed.plan, correction)
        plans.rewrite_version(session, reviewed.version, corrected)
    except (CannotEdit, ValueError) as error:
        session.rollback()
        reviewed = _reviewed(session, here)
        if correction.action in review_forms.ON_PASSAGE_PAGE:
            return _passage_page(request, reviewed, correction.key, str(error), correction)
        return _outline_page(request, reviewed, error=str(error))
    details = {"action": correction.action, "key": correction.key, "title": correction.title}
    _record(session, officer, reviewed, "plan.correct", details, now=now)
    if correction.action == "settle-warning":
        return redirect(f"{reviewed.address}#warnings")
    place = editing.standing(reviewed.plan, corrected, correction.key)
    return redirect(f"{reviewed.address}#{place}" if place else reviewed.address)


@router.get("/passages/{key}")
def show_passage(
    request: Request, key: str, _officer: Planner, here: Here, session: ReadSession
) -> Response:
    """One paragraph: to be cut, joined, or made a heading."""
    return _passage_page(request, _reviewed(session, here), key)


def _outline_page(request: Request, reviewed: Reviewed, *, error: str | None = None) -> Response:
    groups = plan_rules.warnings_by_kind(reviewed.plan)
    at_place: dict[str, list[plan_rules.PlacedWarning]] = {}
    for row in (row for rows in groups.values() for row in rows if row.place):
        at_place.setdefault(row.place or "", []).append(row)
    context = reviewed.context(
        markings=plan_rules.secrecy_markings(reviewed.version),
        warnings=groups,
        at_place=at_place,
        released_by=reviewed.released_by,
        error=error,
    )
    return render(request, "consultations/review.html", context, status=422 if error else 200)


def _passage_page(
    request: Request,
    reviewed: Reviewed,
    key: str,
    error: str | None = None,
    typed: Correction | None = None,
) -> Response:
    for section in reviewed.plan.sections:
        for number, passage in enumerate(section.passages):
            if passage.id == key:
                context = reviewed.context(
                    section=section,
                    passage=passage,
                    is_first=number == 0,
                    typed=typed or Correction(action="", text=passage.text),
                    error=error,
                )
                status = 422 if error else 200
                return render(request, "consultations/passage.html", context, status=status)
    raise NotFound("没有找到这个段落，可能刚刚被合并。请回到核对页。")


# --- The tables of indicators and tasks ----------------------------------------------------------


@router.get("/indicators")
def review_indicators(
    request: Request, _officer: Manager, here: Here, session: ReadSession, number: PageNumber = 1
) -> Response:
    return _indicators_page(request, _reviewed(session, here), number)


@router.post("/indicators")
def correct_indicators(
    request: Request,
    officer: Planner,
    here: Here,
    session: WriteSession,
    now: Now,
    typed: Typed,
    number: PageNumber = 1,
) -> Response:
    """The table as typed: edited, added, deleted."""
    return _save_table(
        request, officer, here, session, now, typed, number, "indicators",
        lambda plan: item_tables.with_indicators(plan, review_forms.indicator_lines(typed)),
        _indicators_page,
    )  # fmt: skip


@router.get("/tasks")
def review_tasks(
    request: Request, _officer: Manager, here: Here, session: ReadSession, number: PageNumber = 1
) -> Response:
    return _tasks_page(request, _reviewed(session, here), number)


@router.post("/tasks")
def correct_tasks(
    request: Request,
    officer: Planner,
    here: Here,
    session: WriteSession,
    now: Now,
    typed: Typed,
    number: PageNumber = 1,
) -> Response:
    """The table as typed: edited, added, deleted."""
    return _save_table(
        request, officer, here, session, now, typed, number, "tasks",
        lambda plan: item_tables.with_tasks(plan, review_forms.task_lines(typed)),
        _tasks_page,
    )  # fmt: skip


def _save_table(
    request: Request,
    officer: SignedIn,
    here: Consultation,
    session: Session,
    now: Now,
    typed: Mapping[str, str],
    number: int,
    table: str,
    correct: Callable[[ParsedPlan], ParsedPlan],
    page: Callable[..., Response],
) -> Response:
    reviewed = _reviewed(session, here)
    try:
        if typed.get("state") != _state(reviewed.plan):
            raise CannotEdit(
                "这份规划刚刚被别人改过，下面是您填写的内容，还没有保存。核对后再保存一次即可。"
            )
        plans.rewrite_version(session, reviewed.version, correct(reviewed.plan))
    except (CannotEdit, ValueError) as error:
        session.rollback()
        return page(request, _reviewed(session, here), number, typed=typed, error=str(error))
    _record(session, officer, reviewed, "plan.correct", {"action": table}, now=now)
    return redirect(f"{reviewed.address}/{table}?page={number}&saved=1")


def _indicators_page(
    request: Request,
    reviewed: Reviewed,
    number: int,
    *,
    typed: Mapping[str, str] | None = None,
    error: str | None = None,
) -> Response:
    lines = [review_forms.indicator_line(item) for item in reviewed.plan.indicators]
    return _table_page(request, reviewed, "indicators", lines, number, typed, error)


def _tasks_page(
    request: Request,
    reviewed: Reviewed,
    number: int,
    *,
    typed: Mapping[str, str] | None = None,
    error: str | None = None,
) -> Response:
    lines = [review_forms.task_line(task) for task in reviewed.plan.tasks]
    return _table_page(request, reviewed, "tasks", lines, number, typed, error)


def _table_page(
    request: Request,
    reviewed: Reviewed,
    table: str,
    lines: list[dict[str, str]],
    number: int,
    typed: Mapping[str, str] | None,
    error: str | None,
) -> Response:
    """One page of a table; what was typed and could not be saved stands in its fields again."""
    begin = (number - 1) * LINES_PER_PAGE
    shown = [
        {name: (typed or {}).get(f"{name}-{line['key']}", value) for name, value in line.items()}
        for line in lines[begin : begin + LINES_PER_PAGE]
    ]
    context = reviewed.context(
        lines=Page(shown, number, LINES_PER_PAGE, len(lines)),
        typed=typed or {},
        state=_state(reviewed.plan),
        items=_items(reviewed.plan),
        places={p.id: p.text for s in reviewed.plan.sections for p in s.passages},
        headings={s.id: f"{s.number or ''} {s.title}".strip() for s in reviewed.plan.sections},
        is_saved=request.query_params.get("saved") == "1",
        error=error,
    )
    template = f"consultations/review_{table}.html"
    return render(request, template, context, status=422 if error else 200)


def _items(plan: ParsedPlan) -> dict[str, Indicator | Task]:
    indicators = {item.id: item for item in plan.indicators}
    return indicators | {task.id: task for task in plan.tasks}


def _state(plan: ParsedPlan) -> str:
    """A short name for the plan as it is, to notice that somebody else changed it meanwhile."""
    said = json.dumps(to_json(replace(plan, warnings=())), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


# --- Done ----------------------------------------------------------------------------------------


@router.post("/confirm")
def confirm_plan(
    officer: Planner, here: Here, session: WriteSession, now: Now, after: BackgroundTasks
) -> Response:
    reviewed = _reviewed(session, here)
    plans.confirm(session, reviewed.version, officer.officer, now=now)
    _record(session, officer, reviewed, "plan.confirm", {}, now=now)
    for job in ("re-anchor", "assess"):
        after.add_task(jobs.nudge, job)
    return redirect(f"/desk/consultations/{here.slug}/settings")


@router.post("/release")
def release_plan(
    officer: Publisher,
    here: Here,
    session: WriteSession,
    now: Now,
    reason: Annotated[str, Form()] = "",
) -> Response:
    """A named officer declares that a marked document may be published, and on what ground."""
    if not clean_text(reason):
        raise Refused("请写明可以公开的依据，例如解密文号或主管领导的批示。")
    reviewed = _reviewed(session, here)
    plans.release(session, reviewed.version, clean_text(reason), officer.officer, now=now)
    _record(session, officer, reviewed, "plan.release", {"reason": clean_text(reason)}, now=now)
    return redirect(reviewed.address)


def _record(
    session: Session,
    officer: SignedIn,
    reviewed: Reviewed,
    act: str,
    details: Mapping[str, object],
    *,
    now: Now,
) -> None:
    audit.record(
        session, officer.officer, act, "plan_version", reviewed.version.id, dict(details), now=now
    )
