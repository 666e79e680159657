"""Who runs this site: the name, mark and footer every page shows.

They are kept with the organisation and change at most by its administrator, so a process remembers
them for half a minute; before there is an organisation the settings speak.
"""

import time
from dataclasses import dataclass

from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from backend.kit.settings import Settings
from backend.models import Organisation

REMEMBERED_SECONDS = 30.0
MARK = "询"


@dataclass(frozen=True, slots=True)
class Site:
    """What stands in header and footer; empty values are left out there."""

    name: str
    mark: str
    address: str
    phone: str
    icp_number: str
    public_security_number: str
    site_code: str


def of(app: FastAPI) -> Site:
    """The site's facts, at most half a minute old."""
    known: tuple[float, Site] | None = getattr(app.state, "site", None)
    now = time.monotonic()
    if known is not None and now - known[0] < REMEMBERED_SECONDS:
        return known[1]
    site = _read(app)
    app.state.site = (now, site)
    return site


def forget(app: FastAPI) -> None:
    """Read them anew for the next page."""
    app.state.site = None


def _read(app: FastAPI) -> Site:
    settings: Settings = app.state.settings
    try:
        with app.state.database.reading() as session:
            return described(session, settings)
    except SQLAlchemyError:  # The page that says so needs a header, too.
        return _from(None, settings)


def described(session: Session, settings: Settings) -> Site:
    """The first organisation's own words, with the settings where it says nothing."""
    statement = select(Organisation).order_by(col(Organisation.id)).limit(1)
    return _from(session.exec(statement).first(), settings)


def _from(owner: Organisation | None, settings: Settings) -> Site:
    if owner is None:
        return Site(
            settings.organisation_name,
            MARK,
            "",
            settings.contact_phone,
            settings.icp_number,
            settings.public_security_number,
            settings.site_code,
        )
    return Site(
        name=owner.name,
        mark=owner.mark or MARK,
        address=owner.address,
        phone=owner.phone or settings.contact_phone,
        icp_number=owner.icp_number or settings.icp_number,
        public_security_number=owner.public_security_number or settings.public_security_number,
        site_code=owner.site_code or settings.site_code,
    )
