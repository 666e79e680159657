"""Saved views: a search with a name, for oneself or for everybody in the organisation."""

from datetime import datetime

from sqlmodel import Session

from backend.accounts import audit
from backend.models import Officer, SavedView
from backend.triage.forms import ViewForm
from backend.web.errors import Refused


def save_view(session: Session, officer: Officer, form: ViewForm, *, now: datetime) -> SavedView:
    """Keep a search under a name, for oneself or for everybody in the organisation."""
    if not form.name:
        raise Refused("请给视图起个名字。")
    view = SavedView(
        organisation_id=officer.organisation_id,
        officer_id=None if form.shared else officer.id,
        name=form.name[:64],
        query=form.q,
        created_at=now,
    )
    session.add(view)
    session.flush()
    audit.record(
        session, officer, "view.save", "saved_view", view.id,
        {"name": view.name, "query": view.query}, now=now,
    )  # fmt: skip
    return view


def remove_view(session: Session, view: SavedView, officer: Officer, *, now: datetime) -> None:
    """Forget a view; the comments it showed are untouched."""
    audit.record(
        session, officer, "view.remove", "saved_view", view.id,
        {"name": view.name, "query": view.query}, now=now,
    )  # fmt: skip
    session.delete(view)
