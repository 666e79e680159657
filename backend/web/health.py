"""Whether the process lives and can reach its database, for load balancers and operators."""

from fastapi import APIRouter, Depends
from sqlmodel import text
from starlette.responses import PlainTextResponse

from backend.web.access import public
from backend.web.deps import ReadSession

router = APIRouter(dependencies=[Depends(public)], include_in_schema=False)


@router.get("/healthz")
def alive() -> PlainTextResponse:
    return PlainTextResponse("ok")


@router.get("/readyz")
def ready(session: ReadSession) -> PlainTextResponse:
    session.connection().execute(text("SELECT 1"))
    return PlainTextResponse("ok")
